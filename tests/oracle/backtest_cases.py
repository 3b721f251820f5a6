"""Cases of backtest.run and backtest.compare: the gate and health modules beside this one, point by point."""

import copy
import math

import gate
import health
from decision_cases import TRUST, recorded, rehashed
from exact import number, q
from gate_cases import ACTIONS, FIVE, Snapshot, all_at
from operations import at, case, refused

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
FOUR = ["EMQ", "FRESHNESS", "VARIANCE", "ANOMALY"]
STRICTNESS = ["PASS", "HOLD", "BLOCK"]


def point(days_ago, scores, **more):
    return {"timestamp": at(days_ago * DAY), "components": scores} | more


def history(**platforms):
    return [{"platform": platform, "points": points} for platform, points in platforms.items()]


def verdict(trust, platform, past, action):
    """What the gate says at one point."""
    answer = health.evaluate(trust, past["components"])
    age = past.get("data_age_hours")
    snapshot = {
        "platform": platform, "own": True, "scores": past["components"], "score": q(answer["score"]),
        "coverage": q(answer["coverage_pct"]), "age_ms": 0, "data_age_ms": math.ceil(q(age or 0) * HOUR),
        "api": {"credentials_valid": False} if past.get("api_down") else {},
    }
    incidents = [{"platform": platform, "severity": "CRITICAL"}] if past.get("critical_incident") else []
    said = gate.evaluate(trust, action, [platform], [snapshot], past.get("frozen", False), incidents)
    return {
        "timestamp": past["timestamp"], "platform": platform, "action_type": action, "decision": said["decision"],
        "score": answer["score"], "threshold": said["threshold"],
        "reasons": list(dict.fromkeys(reason["code"] for reason in said["reasons"])),
    }


def run_of(trust, past, actions, report=None):
    verdicts = [verdict(trust, of["platform"], p, a) for of in past for p in of["points"] for a in actions]
    count = lambda decision: sum(v["decision"] == decision for v in verdicts)
    return {"executed": count("PASS"), "held": count("HOLD"), "blocked": count("BLOCK"), "verdicts": verdicts, "records": report}


def run(name, past, trust=None, actions=None):
    request = {"history": past}
    if trust is not None:
        request["policy"] = {"trust": trust}
    if actions is not None:
        request["action_types"] = actions
    return case(name, request, run_of(trust or {}, past, actions or ["BUDGET_INCREASE"]))


def compare(name, past, proposed, current=None, actions=None):
    request = {"history": past, "proposed": {"trust": proposed}}
    if current is not None:
        request["current"] = {"trust": current}
    if actions is not None:
        request["action_types"] = actions
    actions = actions or ["BUDGET_INCREASE"]
    first, second = run_of(current or {}, past, actions), run_of(proposed, past, actions)
    changes = []
    for one, other in zip(first["verdicts"], second["verdicts"]):
        if one["decision"] != other["decision"]:
            stricter = max(one, other, key=lambda v: STRICTNESS.index(v["decision"]))
            changes.append({key: one[key] for key in ("timestamp", "platform", "action_type")}
                           | {"from": one["decision"], "to": other["decision"], "reasons": stricter["reasons"]})
    return case(name, request, {
        "current": first, "proposed": second, "changes": changes,
        "executed_but_would_be_held": sum(c["from"] == "PASS" for c in changes),
        "held_but_would_be_executed": sum(c["to"] == "PASS" for c in changes),
    })


SCORES = (0, 10, 39.9999, 40, 55.5, 69.9999, 69.9999999999, 70, 75, 79.9999, 80, 100)
WAVE = [point(12 - index, all_at(score)) for index, score in enumerate(SCORES)]
OUTAGE = [point(8 - index, all_at(90) | {"EVENT_LOSS": loss, "EMQ": emq})
          for index, (loss, emq) in enumerate(((95, 88), (60, 80), (20, 52), (0, 41.5), (0, None), (40, 70), (80, 85), (95, 88)))]


def run_cases():
    rows = [run("health from 0 to 100", history(META=WAVE)), run("no point", history(META=[])), run("nothing given", [])]
    for trust in ({"profile": "CAUTIOUS"}, {"healthy_threshold": 90}, {"degraded_threshold": 60}, {"healthy_threshold": 50, "degraded_threshold": 10},
                  {"overrides": {"BUDGET_INCREASE": 100}}, {"overrides": {"PAUSE_CAMPAIGN": 85}}):
        rows.append(run(f"every kind of change by {trust}", history(META=WAVE[5:]), trust, ACTIONS))
    for platform in ("META", "GOOGLE", "TIKTOK", "SNAPCHAT"):
        rows.append(run(f"an outage on {platform}", history(**{platform: OUTAGE}), actions=["BUDGET_INCREASE", "PAUSE_CAMPAIGN"]))
    rows.append(run("four platforms", history(META=WAVE, GOOGLE=OUTAGE, TIKTOK=WAVE[:3], SNAPCHAT=OUTAGE[2:4])))
    for missing in FIVE:
        rows.append(run(f"all at 100 but {missing}", history(META=[point(1, all_at(100) | {missing: None}),
                                                                  point(0, {n: 100 for n in FIVE if n != missing})])))
    for name, more in (("frozen", {"frozen": True}), ("the API down", {"api_down": True}), ("a critical incident", {"critical_incident": True}),
                       ("everything wrong", {"frozen": True, "api_down": True, "critical_incident": True, "data_age_hours": 49})):
        rows.append(run(f"{name}", history(META=[point(1, all_at(95), **more), point(0, all_at(30), **more)]), actions=["BID_DECREASE", "AUDIENCE_SYNC"]))
    for hours in (0, 1, 47.999999, 48, 48.0000001, 48.000001, 87_600):
        rows.append(run(f"data {hours} hours behind", history(META=[point(0, all_at(95), data_age_hours=hours)])))
    rows.append(run("data of an age that nobody tells", history(META=[point(0, all_at(95), data_age_hours=None)])))
    rows.append(run("a point of the server's own series", history(META=[point(0, all_at(95), score=12.3, status="HEALTHY", min_score=3)])))
    custom = {"preset": "CUSTOM", "weights": {"EMQ": 20, "ANOMALY": 55, "VARIANCE": 25}}
    rows.append(run("own weights", history(META=[point(0, all_at(95) | {"ANOMALY": 60, "VARIANCE": v}) for v in (None, 0, 100)]), custom))
    in_capitals = run("names in any case", history(SNAPCHAT=[point(0, {"EMQ": 100})]), actions=["AUDIENCE_SYNC"])
    in_capitals["request"] = {"history": [{"platform": "snap", "points": [point(0, {"emq": 100})]}], "action_types": ["audience_sync"]}
    rows.append(in_capitals)
    return rows + records() + run_refusals()


def records():
    """Recorded audience syncs, decided again."""
    rows = []
    for threshold in (70, 80, 90.0001):
        old = [recorded(health=h) | {"decision_id": f"0198c9a0-0000-7000-8000-0000000000d{i}"} for i, h in enumerate((70, 80, 90, 100))]
        old.append(recorded(frozen=True))
        outcomes = []
        for h, record in zip((70, 80, 90, 100), old):
            now = gate.evaluate({"healthy_threshold": threshold}, "AUDIENCE_SYNC", ["META"], [Snapshot(all_at(h)).facts])
            outcomes.append((record["outcome"]["decision"], now["decision"], record["decision_id"]))
        outcomes.append(("BLOCK", "BLOCK", None))
        changed = [o for o in outcomes if o[0] != o[1]]
        groups = sorted({o[:2] for o in changed}, key=lambda pair: [STRICTNESS.index(d) for d in pair])
        report = {
            "decisions": len(outcomes),
            "changed": [{"from": f, "to": t, "count": sum(o[:2] == (f, t) for o in changed), "budget_cents": 0} for f, t in groups],
            "would_execute": sum(o[1] == "PASS" for o in outcomes), "would_hold": sum(o[1] != "PASS" for o in outcomes),
            "examples": [o[2] for o in changed],
        }
        trust = {"healthy_threshold": threshold}
        rows.append(case(f"records by a threshold of {threshold}", {"policy": {"trust": trust}, "history": [], "records": old}, run_of(trust, [], [], report)))
    return rows


def run_refusals():
    good = history(META=WAVE[:2])
    wild = history(META=[point(1, all_at(95) | {"EMQ": 100.1}), point(0, all_at(95), data_age_hours=-1)], GOOGLE=[point(0, {"ANOMALY": -1})])
    changed = copy.deepcopy(recorded())
    changed["facts"]["gate"]["frozen"] = True
    unread = copy.deepcopy(recorded())
    unread["facts"]["gate"]["platforms"] = ["LINKEDIN"]
    return [
        refused("nothing asked", {}, ("/history", "missing_field")),
        refused("a platform twice", {"history": good + history(META=[])}, ("/history/1/platform", "duplicate_value")),
        refused("a kind of change twice", {"history": good, "action_types": ["PAUSE_ADSET", "BID_INCREASE", "PAUSE_ADSET"]},
                ("/action_types/2", "duplicate_value")),
        refused("scores and ages out of range, and a policy too lax", {"history": wild, "policy": {"trust": {"overrides": {"BID_INCREASE": 60}}}},
                ("/policy/trust/overrides/BID_INCREASE", "threshold_too_low"), ("/history/0/points/0/components/EMQ", "out_of_range"),
                ("/history/0/points/1/data_age_hours", "out_of_range"), ("/history/1/points/0/components/ANOMALY", "out_of_range")),
        refused("limits out of range", {"history": [], "policy": {"enforcement": {"max_changes_per_day": 0}}}, ("/policy/enforcement/max_changes_per_day", "out_of_range")),
        refused("a point without a time, a component that does not exist, and a field too many",
                {"history": [{"platform": "META", "points": [{"components": {"WEATHER": 10}}], "colour": "red"}]},
                ("/history/0/points/0/timestamp", "missing_field"), ("/history/0/points/0/components/WEATHER", "unknown_field"),
                ("/history/0/colour", "unknown_field")),
        refused("a record that was changed since", {"history": [], "records": [recorded(), changed]}, ("/records/1/facts", "digest_mismatch")),
        refused("a record that cannot be read", {"history": [], "records": [rehashed(unread)]}, ("/records/0/facts", "invalid_record")),
    ]


def compare_cases():
    four = {"preset": "FOUR"}
    both = [point(index, all_at(five) | {"FRESHNESS": 100, "VARIANCE": v, "ANOMALY": a})
            for index, (five, v, a) in enumerate(((72, 90, 90), (72, 20, 10), (65, 100, 100), (95, 0, 0), (30, 100, 100)))]
    rows = [compare("one policy twice", history(META=WAVE), {}), compare("no point", history(META=[]), {"healthy_threshold": 80})]
    for proposed in ({"healthy_threshold": 80}, {"healthy_threshold": 75.5}, {"profile": "CAUTIOUS"}, {"degraded_threshold": 69}, {"required_components": ["DATA_QUALITY"]},
                     {"cdp_blend": True}, four):
        rows.append(compare(f"the defaults, or {proposed}", history(META=WAVE, TIKTOK=OUTAGE), proposed))
        rows.append(compare(f"{proposed}, or the defaults", history(TIKTOK=OUTAGE, GOOGLE=both), {}, proposed, ["BUDGET_INCREASE", "PAUSE_ADSET"]))
    rows.append(compare("five components or four", history(META=both), four, {}, ["ENABLE_CAMPAIGN"]))
    rows.append(compare("four components or five", history(META=both), {}, four, ["ENABLE_CAMPAIGN"]))
    rows.append(compare("frozen by both", history(META=[point(0, all_at(75), frozen=True)]), {"healthy_threshold": 80}))
    old = [recorded(health=75), recorded(frozen=True)]
    report = lambda executed, changed: {"decisions": 2, "would_execute": executed, "would_hold": 2 - executed, "changed": changed,
                                        "examples": [old[0]["decision_id"]] if changed else []}
    held = [{"from": "PASS", "to": "HOLD", "count": 1, "budget_cents": 0}]
    assert gate.evaluate({"healthy_threshold": 80}, "AUDIENCE_SYNC", ["META"], [Snapshot(all_at(75)).facts])["decision"] == "HOLD"
    rows.append(case("records by two thresholds", {"history": [], "records": old, "proposed": {"trust": TRUST | {"healthy_threshold": 80}}}, {
        "current": run_of({}, [], [], report(1, [])), "proposed": run_of({}, [], [], report(0, held)), "changes": [],
        "executed_but_would_be_held": 0, "held_but_would_be_executed": 0,
    }))
    rows.append(refused("nothing asked", {}, ("/proposed", "missing_field"), ("/history", "missing_field")))
    rows.append(refused("both policies and the past wrong",
                        {"current": {"trust": {"healthy_threshold": 101}}, "proposed": {"trust": {"degraded_threshold": 0}}, "history": history(META=[point(0, {"EMQ": 101})])},
                        ("/current/trust/healthy_threshold", "out_of_range"), ("/proposed/trust/degraded_threshold", "out_of_range"),
                        ("/history/0/points/0/components/EMQ", "out_of_range")))
    return rows
