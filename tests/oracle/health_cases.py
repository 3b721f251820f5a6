"""Cases of health.evaluate."""

import itertools

import health
from exact import number, q
from operations import TENANT, at, case, refused

HOUR = 3_600_000
FIVE = ["EMQ", "API_HEALTH", "EVENT_LOSS", "PLATFORM_STABILITY", "DATA_QUALITY"]
FOUR = ["EMQ", "FRESHNESS", "VARIANCE", "ANOMALY"]


def facts(components=None, **measurements):
    answer = {"tenant_id": TENANT, "platform": "META", "now": at(0)}
    if components is not None:
        answer["components"] = components
    if measurements:
        answer["measurements"] = measurements
    return answer


def given(name, scores, **policy):
    """Component scores given as they are."""
    request = {"facts": facts(scores)}
    if policy:
        request["policy"] = policy
    return case(name, request, health.evaluate(policy, scores))


def measured(name, component, value, preset="FIVE", **measurements):
    """One component measured, the others missing: the snapshot shows its score."""
    policy = {"preset": preset}
    answer = health.evaluate(policy, {component: value})
    return case(name, {"policy": policy, "facts": facts(**measurements)}, answer)


def cases():
    list_ = [
        # The worked examples of section 1.
        given("the five of the specification", dict(zip(FIVE, [80, 90, 90, 100, 100]))),
        given("the five without EMQ", dict(zip(FIVE[1:], [90, 90, 100, 100]))),
        given("the four of the specification", dict(zip(FOUR, [95, 100, 52, 94])), preset="FOUR"),
        given("the four without GA4", {"EMQ": 90, "FRESHNESS": 50, "ANOMALY": 100}, preset="FOUR"),
        given("nothing measured", {}),
        given("nothing measured, four", {}, preset="FOUR"),
    ]
    for preset, names in (("FIVE", FIVE), ("FOUR", FOUR)):
        for score in (0, 39.9999, 40, 69.9999, 69.9999999999, 70, 70.0001, 99.5, 100):
            list_.append(given(f"{preset}: all at {score}", {n: score for n in names}, preset=preset))
        for missing in range(1, len(names)):
            for group in itertools.combinations(names, missing):
                scores = {n: 100 for n in names if n not in group}
                list_.append(given(f"{preset}: all at 100 but {', '.join(group)}", scores, preset=preset))
    every = {n: 70 for n in FIVE}
    list_ += [
        given("a null component is missing", {**every, "EVENT_LOSS": None}),
        given("thresholds of the tenant name the status", every, healthy_threshold=90, degraded_threshold=75),
        given("69 is healthy for a tenant who says so", {n: 69 for n in FIVE}, healthy_threshold=60),
        given("own weights", {"EMQ": 90, "FRESHNESS": 30}, preset="CUSTOM", weights={"EMQ": 60, "FRESHNESS": 40}),
        given("own weights with a third", {"EMQ": 33.3, "VARIANCE": 66.6, "ANOMALY": 12.5}, preset="CUSTOM",
              weights={"EMQ": 33.5, "VARIANCE": 33.25, "ANOMALY": 33.25}),
        given("a weight of 25 is required", {"EMQ": 100, "API_HEALTH": 100}, preset="CUSTOM",
              weights={"EMQ": 50, "API_HEALTH": 25, "DATA_QUALITY": 25}),
        given("a weight of 24.5 is not", {"EMQ": 100}, preset="CUSTOM",
              weights={"EMQ": 75.5, "API_HEALTH": 24.5}),
        given("the blend with events", {**every, "CDP_EMQ": 90}, cdp_blend=True),
        given("the blend without events", every, cdp_blend=True),
        given("the blend of hundreds", {**{n: 100 for n in FIVE}, "CDP_EMQ": 100}, cdp_blend=True),
        given("a component that only the tenant requires weighs nothing", {**every, "FRESHNESS": 10},
              required_components=["FRESHNESS"]),
        given("and is required", every, required_components=["FRESHNESS", "EVENT_LOSS"]),
        given("names in lower case", every, preset="FIVE", profile="cautious"),
    ]
    list_ += formulas() + refusals()
    return list_


def formulas():
    rows = []
    for requests, failures in ((100, 0), (100, 1), (100, 2), (1000, 35), (100, 5), (100, 7), (100, 10), (100, 16),
                               (100, 25), (100, 40), (1, 1), (0, 0)):
        api = {"requests": requests, "failures": failures, "credentials_valid": True}
        rows.append(measured(f"api health: {failures} of {requests}", "API_HEALTH",
                             health.api_health(requests, failures, True), api=api))
    rows.append(measured("api health: invalid credentials are known bad, not missing", "API_HEALTH",
                         health.api_health(0, 0, False),
                         api={"requests": 0, "failures": 0, "credentials_valid": False}))
    for expected, received in ((1000, 1000), (1000, 1200), (1000, 950), (1000, 930), (1000, 900), (1000, 850),
                               (1000, 800), (1000, 600), (1000, 500), (1000, 0), (0, 5), (None, 5)):
        loss = {"received": received} | ({} if expected is None else {"expected": expected})
        rows.append(measured(f"event loss: {received} of {expected}", "EVENT_LOSS",
                             health.event_loss(expected, received), event_loss=loss))
    for total, valid, complete, duplicate in ((100, 100, 100, 0), (100, 90, 80, 10), (8, 7, 5, 1), (100, 0, 0, 100),
                                              (0, 0, 0, 0)):
        records = {"total": total, "valid": valid, "complete": complete, "duplicate": duplicate}
        rows.append(measured(f"data quality: {valid}, {complete}, {duplicate} of {total}", "DATA_QUALITY",
                             health.data_quality(total, valid, complete, duplicate), data_quality=records))
    for hours in (0, 23.5, 24, 24.001, 30, 36, 47.5, 48, 60):
        ms = int(q(hours) * HOUR)
        rows.append(measured(f"freshness: {hours} hours", "FRESHNESS", health.freshness(hours), preset="FOUR",
                             platform_data_at=at(ms)))
    rows.append(measured("freshness: five minutes ahead is now", "FRESHNESS", 100, preset="FOUR",
                         platform_data_at=at(-300_000)))
    rows.append(measured("freshness: more than five minutes ahead is no measurement", "FRESHNESS", None,
                         preset="FOUR", platform_data_at=at(-300_001)))
    for platform, reference in ((100, 100), (110, 100), (111, 100), (115, 100), (118, 100), (120, 100), (125, 100),
                                (130, 100), (300, 100), (82, 100), (70, 100), (5, 0), (0, 0), (0, 9)):
        day = {"date": "2026-02-28", "revenue_cents": platform, "ga4_revenue_cents": reference, "currency": "USD"}
        rows.append(measured(f"variance: {platform} against {reference}", "VARIANCE",
                             health.variance(platform, reference), preset="FOUR",
                             daily={"last_complete_day": "2026-02-28", "days": [day]}))
    for ok, failed, critical, high in ((10, 0, 0, 0), (9, 1, 0, 0), (10, 0, 1, 0), (10, 0, 1, 2), (0, 4, 1, 0),
                                       (0, 0, 0, 0)):
        incidents = [{"kind": "PLATFORM", "severity": "CRITICAL"}] * critical
        incidents += [{"kind": "EMQ", "severity": "HIGH"}] * high
        incidents += [{"kind": "SIGNAL_HEALTH", "severity": "CRITICAL"}]  # opened by health itself: not counted
        runs = {"sync_ok": ok, "sync_failed": failed, "daily_emq": [80, 80, 80], "open_incidents": incidents}
        rows.append(measured(f"stability: {ok} ok, {failed} failed, {critical} critical, {high} high",
                             "PLATFORM_STABILITY", health.stability_steady(ok, failed, critical, high),
                             platform_stability=runs))
    rows.append(measured("stability: two daily scores say nothing of swings", "PLATFORM_STABILITY",
                         health.stability_unknown_swings(3, 1),
                         platform_stability={"sync_ok": 3, "sync_failed": 1, "daily_emq": [80, 80]}))
    reading = lambda score, volume, event, ms=HOUR: {
        "score": score, "volume": volume, "event_name": event, "observed_at": at(ms)}
    rows.append(measured("EMQ: weighted by volume", "EMQ", health.mean_emq([(90, 300), (50, 100)]),
                         emq=[reading(90, 300, "Purchase"), reading(50, 100, "Lead")]))
    rows.append(measured("EMQ: a plain mean where a volume is unknown", "EMQ", health.mean_emq([(90, None), (50, 1)]),
                         emq=[{k: v for k, v in reading(90, None, "Purchase").items() if v is not None},
                              reading(50, 1, "Lead")]))
    rows.append(measured("EMQ: a rating counts tenfold", "EMQ", q("8.5") * 10,
                         emq=[{"rating": 8.5, "observed_at": at(0)}]))
    rows.append(measured("EMQ: 48 hours old still counts", "EMQ", 77, emq=[reading(77, 1, "Lead", 48 * HOUR)]))
    rows.append(measured("EMQ: older than 48 hours does not", "EMQ", None,
                         emq=[reading(77, 1, "Lead", 48 * HOUR + 1)]))
    return rows


def refusals():
    request = lambda policy=None, **rest: {"policy": policy or {}, "facts": facts({"EMQ": 50}) | rest}
    return [
        refused("weights that do not add up are not renormalised",
                request({"preset": "CUSTOM", "weights": {"EMQ": 50, "FRESHNESS": 49}}),
                ("/policy/weights", "weights_sum")),
        refused("EMQ weighs at least 20", request({"preset": "CUSTOM", "weights": {"EMQ": 19.5, "FRESHNESS": 80.5}}),
                ("/policy/weights/EMQ", "below_minimum")),
        refused("thresholds in the wrong order", request({"healthy_threshold": 40, "degraded_threshold": 40}),
                ("/policy/degraded_threshold", "threshold_order")),
        refused("an override below the floor", request({"overrides": {"BUDGET_INCREASE": 69.9999}}),
                ("/policy/overrides/BUDGET_INCREASE", "threshold_too_low")),
        refused("all problems at once",
                request({"preset": "CUSTOM", "weights": {"EMQ": 10, "FRESHNESS": 80}, "degraded_threshold": 0,
                         "overrides": {"PAUSE_ADSET": 101}}),
                ("/policy/weights/EMQ", "below_minimum"), ("/policy/weights", "weights_sum"),
                ("/policy/degraded_threshold", "out_of_range"), ("/policy/overrides/PAUSE_ADSET", "out_of_range")),
        refused("a score above 100", request() | {"facts": facts({"EMQ": 100.5})},
                ("/facts/components/EMQ", "out_of_range")),
        refused("more failures than requests",
                {"facts": facts(api={"requests": 3, "failures": 4, "credentials_valid": True})},
                ("/facts/measurements/api/failures", "exceeds_total")),
        refused("given and measured",
                {"facts": facts({"API_HEALTH": 90}, api={"requests": 3, "failures": 0, "credentials_valid": True})},
                ("/facts/components/API_HEALTH", "component_given_twice")),
        refused("an unknown platform", request(platform="LINKEDIN"), ("/facts/platform", "unknown_value")),
        refused("an unknown field", request(colour="red"), ("/facts/colour", "unknown_field")),
    ]
