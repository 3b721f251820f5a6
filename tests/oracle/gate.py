"""The trust gate, worked out from the table of the specification (section 2)."""

from exact import number, q

from health import weights

CODES = [
    "INVALID_INPUT", "FROZEN", "NO_DATA", "API_DOWN", "HEALTH_EXPIRED", "HEALTH_STALE", "DATA_STALE",
    "INCIDENT_OPEN", "COMPONENT_MISSING", "HEALTH_UNHEALTHY", "HEALTH_BELOW_THRESHOLD",
]
BLOCKING = {"INVALID_INPUT", "FROZEN", "NO_DATA", "API_DOWN", "HEALTH_EXPIRED", "HEALTH_UNHEALTHY"}
RAISING = {"BUDGET_INCREASE", "BID_INCREASE", "ENABLE_CAMPAIGN", "ENABLE_ADSET", "ENABLE_CREATIVE"}
PLATFORMS = ["META", "GOOGLE", "TIKTOK", "SNAPCHAT"]
MINUTE, HOUR = 60_000, 3_600_000


def threshold(policy, action):
    least = max(q(70), q(policy.get("healthy_threshold", 70)))
    if policy.get("profile", "STANDARD").upper() == "CAUTIOUS" and action in RAISING:
        least = max(least, q(80))
    return max(least, q(policy.get("overrides", {}).get(action, 70)))


def reason(code, platform=None, component=None, actual=None, limit=None):
    return {
        "code": code,
        "decision": "BLOCK" if code in BLOCKING else "PASS" if code == "OK" else "HOLD",
        "platform": platform,
        "component": component,
        "actual": number(actual),
        "limit": number(limit),
    }


def evaluate(policy, action, platforms, snapshots, frozen=False, incidents=()):
    """`snapshots`: dicts with platform, own (of this tenant), scores, score, coverage, api, age_ms, data_age_ms."""
    found = []
    if not platforms:
        found.append(reason("INVALID_INPUT"))
    if frozen:
        found.append(reason("FROZEN"))
    for snapshot in snapshots:
        if not snapshot["own"] or snapshot["platform"] not in platforms:
            found.append(reason("INVALID_INPUT", snapshot["platform"]))
    lowest = []
    for platform in platforms:
        own = [s for s in snapshots if s["own"] and s["platform"] == platform]
        if len(own) != 1:
            found.append(reason("INVALID_INPUT" if own else "NO_DATA", platform))
            lowest.append(None)
            continue
        snapshot = own[0]
        lowest.append(snapshot["score"])
        found += of_platform(policy, action, snapshot, incidents)
    decision = "PASS"
    if any(r["decision"] == "HOLD" for r in found):
        decision = "HOLD"
    if any(r["decision"] == "BLOCK" for r in found):
        decision = "BLOCK"
    score = min(lowest) if lowest and None not in lowest else None
    if not found:
        found = [reason("OK", actual=score, limit=threshold(policy, action))]
    found.sort(key=lambda r: (
        r["decision"] != "BLOCK", CODES.index(r["code"]) if r["code"] != "OK" else 0,
        -1 if r["platform"] is None else PLATFORMS.index(r["platform"]),
        -1 if r["component"] is None else list(weights(policy)).index(r["component"]),
    ))
    answer = {
        "decision": decision,
        "score": number(score),
        "threshold": number(threshold(policy, action)),
        "reasons": found,
    }
    if decision == "PASS":
        answer["valid_for_ms"] = min(5 * MINUTE, min(60 * MINUTE - s["age_ms"] for s in snapshots))
    return answer


def of_platform(policy, action, s, incidents):
    platform, found = s["platform"], []
    score = s["score"]
    if s.get("contradicts"):
        found.append(reason("INVALID_INPUT", platform))
    if s["coverage"] <= 0:
        found.append(reason("NO_DATA", platform))
    api = s["api"]
    if api.get("credentials_valid") is False or (api.get("requests", 0) >= 1 and api["failures"] >= api["requests"]):
        found.append(reason("API_DOWN", platform))
    age, data_age = s["age_ms"], s["data_age_ms"]
    minutes = q(age) / MINUTE
    if age > 24 * HOUR or age < -5 * MINUTE:
        found.append(reason("HEALTH_EXPIRED", platform, actual=minutes, limit=24 * 60))
    if age > 60 * MINUTE:
        found.append(reason("HEALTH_STALE", platform, actual=minutes, limit=60))
    if data_age is None or data_age > 48 * HOUR or data_age < -5 * MINUTE:
        actual = None if data_age is None else q(data_age) / HOUR
        found.append(reason("DATA_STALE", platform, actual=actual, limit=48))
    if any(i["platform"] == platform and i["severity"] == "CRITICAL" for i in incidents):
        found.append(reason("INCIDENT_OPEN", platform))
    for name, (_, required) in weights(policy).items():
        if required and s["scores"].get(name) is None:
            found.append(reason("COMPONENT_MISSING", platform, component=name))
    block_below = max(q(40), q(policy.get("degraded_threshold", 40)))
    if score < block_below:
        found.append(reason("HEALTH_UNHEALTHY", platform, actual=score, limit=block_below))
    if score < threshold(policy, action):
        found.append(reason("HEALTH_BELOW_THRESHOLD", platform, actual=score, limit=threshold(policy, action)))
    return found
