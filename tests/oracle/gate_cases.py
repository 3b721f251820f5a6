"""Cases of gate.evaluate."""

import gate
import health
from exact import q
from operations import OTHER_TENANT, TENANT, at, case, refused

MINUTE, HOUR = 60_000, 3_600_000
FIVE = ["EMQ", "API_HEALTH", "EVENT_LOSS", "PLATFORM_STABILITY", "DATA_QUALITY"]
GOOD_API = {"requests": 100, "failures": 0, "credentials_valid": True}
ACTIONS = ["BUDGET_INCREASE", "BUDGET_DECREASE", "PAUSE_CAMPAIGN", "PAUSE_ADSET", "PAUSE_CREATIVE", "ENABLE_CAMPAIGN",
           "ENABLE_ADSET", "ENABLE_CREATIVE", "BID_INCREASE", "BID_DECREASE", "AUDIENCE_SYNC"]


def all_at(score):
    return {name: score for name in FIVE}


class Snapshot:
    """A snapshot both as it stands on the wire and as the oracle sees it."""

    def __init__(self, scores, policy=None, platform="META", age_ms=MINUTE, data_age_ms=HOUR, api=None, own=True):
        answer = health.evaluate(policy or {}, scores)
        api = GOOD_API if api is None else api
        self.wire = {
            "tenant_id": TENANT if own else OTHER_TENANT,
            "platform": platform,
            "preset": (policy or {}).get("preset", "FIVE"),
            "score": answer["score"],
            "status": answer["status"],
            "coverage_pct": answer["coverage_pct"],
            "components": answer["components"],
            "api": api,
            "computed_at": at(age_ms),
            "data_as_of": None if data_age_ms is None else at(data_age_ms),
        }
        self.facts = {
            "platform": platform, "own": own, "api": api, "age_ms": age_ms, "data_age_ms": data_age_ms,
            "scores": scores, "score": q(answer["score"]), "coverage": q(answer["coverage_pct"]),
        }


def ask(name, *snapshots, policy=None, action="BUDGET_INCREASE", platforms=("META",), frozen=False, incidents=()):
    request = {"facts": {
        "tenant_id": TENANT, "action_type": action, "platforms": list(platforms),
        "snapshots": [s.wire for s in snapshots], "frozen": frozen, "incidents": list(incidents), "now": at(0),
    }}
    if policy is not None:
        request["policy"] = policy
    answer = gate.evaluate(policy or {}, action, list(platforms), [s.facts for s in snapshots], frozen, incidents)
    valid_for = answer.pop("valid_for_ms", None)
    answer["valid_until"] = None if valid_for is None else at(-valid_for)
    return case(name, request, answer)


def cases():
    list_ = []
    for score in (0, 10, 39.9999, 40, 55.5, 69.9999, 69.9999999999, 70, 70.0001, 79.9999, 80, 100):
        list_.append(ask(f"health {score}", Snapshot(all_at(score))))
    for action in ACTIONS:
        list_.append(ask(f"{action} at 75", Snapshot(all_at(75)), action=action))
        cautious = {"profile": "CAUTIOUS"}
        for score in (79.9999, 80):
            list_.append(ask(f"cautious: {action} at {score}", Snapshot(all_at(score), cautious), policy=cautious,
                             action=action))
    for ms in (0, 59 * MINUTE, 60 * MINUTE, 60 * MINUTE + 1, 61 * MINUTE, 24 * HOUR, 24 * HOUR + 1, -5 * MINUTE,
               -5 * MINUTE - 1):
        list_.append(ask(f"snapshot {ms} ms old", Snapshot(all_at(90), age_ms=ms)))
    for ms in (0, 47 * HOUR, 48 * HOUR, 48 * HOUR + 1, 72 * HOUR, None, -5 * MINUTE, -5 * MINUTE - 1):
        list_.append(ask(f"data {ms} ms old", Snapshot(all_at(90), data_age_ms=ms)))
    for missing in FIVE:
        scores = {n: 100 for n in FIVE if n != missing}
        list_.append(ask(f"all at 100 but {missing}", Snapshot(scores)))
        required = {"required_components": [missing]}
        list_.append(ask(f"all at 100 but {missing}, which the tenant requires", Snapshot(scores, required),
                         policy=required))
    for missing in ("EMQ", "FRESHNESS", "VARIANCE", "ANOMALY"):
        four = {"preset": "FOUR"}
        scores = {n: 100 for n in ("EMQ", "FRESHNESS", "VARIANCE", "ANOMALY") if n != missing}
        list_.append(ask(f"four: all at 100 but {missing}", Snapshot(scores, four), policy=four))
    list_ += switches() + policies() + several_platforms() + refusals()
    return list_


def switches():
    down = {"requests": 5, "failures": 5, "credentials_valid": True}
    expired = {"requests": 0, "failures": 0, "credentials_valid": False}
    incident = lambda platform, severity, kind="ANOMALY": {"platform": platform, "kind": kind, "severity": severity}
    return [
        ask("frozen", Snapshot(all_at(100)), frozen=True),
        ask("frozen and pausing", Snapshot(all_at(100)), frozen=True, action="PAUSE_CAMPAIGN"),
        ask("no snapshot"),
        ask("no snapshot and frozen", frozen=True),
        ask("nothing measured", Snapshot({})),
        ask("every request failed", Snapshot(all_at(100), api=down)),
        ask("one request in five passed", Snapshot(all_at(100), api=down | {"failures": 4})),
        ask("credentials invalid", Snapshot(all_at(100), api=expired)),
        ask("nobody looked at the API", Snapshot(all_at(100), api={"requests": 0, "failures": 0})),
        ask("a critical incident", Snapshot(all_at(100)), incidents=[incident("META", "CRITICAL")]),
        ask("a high incident", Snapshot(all_at(100)), incidents=[incident("META", "HIGH")]),
        ask("a critical incident elsewhere", Snapshot(all_at(100)), incidents=[incident("GOOGLE", "CRITICAL")]),
        ask("a critical incident of health itself", Snapshot(all_at(100)),
            incidents=[incident("META", "CRITICAL", "SIGNAL_HEALTH")]),
        ask("everything wrong at once", Snapshot({}, age_ms=25 * HOUR, data_age_ms=None, api=down), frozen=True,
            incidents=[incident("META", "CRITICAL")]),
        ask("another tenant's snapshot", Snapshot(all_at(100), own=False)),
        ask("another tenant's snapshot beside one's own", Snapshot(all_at(100)), Snapshot(all_at(100), own=False)),
        ask("another platform's snapshot", Snapshot(all_at(100), platform="GOOGLE")),
        ask("two snapshots of one platform", Snapshot(all_at(100)), Snapshot(all_at(90))),
        ask("no platform at all", platforms=()),
    ]


def policies():
    rows = []
    for healthy, score in ((60, 65), (60, 70), (85, 80), (85, 85), (100, 99.9999), (100, 100)):
        policy = {"healthy_threshold": healthy}
        rows.append(ask(f"healthy from {healthy}, score {score}", Snapshot(all_at(score), policy), policy=policy))
    for degraded, score in ((10, 20), (10, 39.9999), (10, 40), (55, 50), (55, 55)):
        policy = {"degraded_threshold": degraded}
        rows.append(ask(f"degraded from {degraded}, score {score}", Snapshot(all_at(score), policy), policy=policy))
    own = {"overrides": {"BUDGET_INCREASE": 90, "PAUSE_ADSET": 70}}
    for action, score in (("BUDGET_INCREASE", 89.9999), ("BUDGET_INCREASE", 90), ("PAUSE_ADSET", 70),
                          ("BID_INCREASE", 70)):
        rows.append(ask(f"overrides: {action} at {score}", Snapshot(all_at(score), own), policy=own, action=action))
    both = {"profile": "CAUTIOUS", "overrides": {"BUDGET_INCREASE": 75}}
    rows.append(ask("an override never lowers the profile", Snapshot(all_at(78), both), policy=both))
    blend = {"cdp_blend": True}
    rows.append(ask("the blend without events takes a tenth", Snapshot(all_at(75), blend), policy=blend))
    rows.append(ask("the blend with events", Snapshot(all_at(75) | {"CDP_EMQ": 60}, blend), policy=blend))
    third = {"preset": "CUSTOM", "weights": {"EMQ": 40, "ANOMALY": 60}}
    rows.append(ask("own weights", Snapshot({"EMQ": 100, "ANOMALY": 50}, third), policy=third))
    return rows


def several_platforms():
    both = ("META", "GOOGLE")
    google = lambda score, **rest: Snapshot(all_at(score), platform="GOOGLE", **rest)
    return [
        ask("both pass", Snapshot(all_at(90)), google(80), platforms=both),
        ask("one holds", Snapshot(all_at(100)), google(60), platforms=both),
        ask("one blocks, one holds", Snapshot(all_at(60)), google(20), platforms=both),
        ask("one has no snapshot", Snapshot(all_at(100)), platforms=both),
        ask("the older snapshot ends the pass", Snapshot(all_at(90)), google(90, age_ms=58 * MINUTE), platforms=both),
        ask("each gives its reasons in turn", google(50, data_age_ms=None), Snapshot(all_at(50), data_age_ms=None),
            platforms=both),
        ask("four platforms", *[Snapshot(all_at(70 + i), platform=p) for i, p in enumerate(gate.PLATFORMS)],
            platforms=tuple(gate.PLATFORMS)),
    ]


def refusals():
    good = ask("", Snapshot(all_at(90)))["request"]
    change = lambda **facts: {"facts": good["facts"] | facts}
    return [
        refused("an unknown action type", change(action_type="INCREASE_BUDGET"),
                ("/facts/action_type", "unknown_value")),
        refused("an unknown platform", change(platforms=["LINKEDIN"]), ("/facts/platforms/0", "unknown_value")),
        refused("a tenant that is no id", change(tenant_id="acme"), ("/facts/tenant_id", "invalid_id")),
        refused("an instant that is none", change(now="yesterday"), ("/facts/now", "invalid_timestamp")),
        refused("a policy below the floor", good | {"policy": {"overrides": {"BID_INCREASE": 40}}},
                ("/policy/overrides/BID_INCREASE", "threshold_too_low")),
        refused("a score of 120", change(snapshots=[good["facts"]["snapshots"][0] | {"score": 120}]),
                ("/facts/snapshots/0/score", "out_of_range")),
    ]
