"""Signal health, worked out from the specification (section 1) in exact arithmetic."""

from exact import clamp, lerp, number, q, round_half_away

ORDER = [
    "EMQ", "API_HEALTH", "EVENT_LOSS", "PLATFORM_STABILITY", "DATA_QUALITY",
    "FRESHNESS", "VARIANCE", "ANOMALY", "CDP_EMQ",
]
PRESETS = {
    "FIVE": {"EMQ": 35, "API_HEALTH": 25, "EVENT_LOSS": 20, "PLATFORM_STABILITY": 10, "DATA_QUALITY": 10},
    "FOUR": {"EMQ": 40, "FRESHNESS": 25, "VARIANCE": 20, "ANOMALY": 15},
}


def weights(policy):
    """Weight and whether required, of every component in force."""
    preset = policy.get("preset", "FIVE").upper()
    own = {k.upper(): q(v) for k, v in (policy["weights"] if preset == "CUSTOM" else PRESETS[preset]).items()}
    required = {"EMQ"} | {k for k, v in own.items() if v >= 25}
    required |= {k.upper() for k in policy.get("required_components", [])}
    in_force = dict(own)
    if policy.get("cdp_blend"):
        in_force = {k: v * 90 / 100 for k, v in own.items()}
        in_force["CDP_EMQ"] = q(10)
    for name in required:
        in_force.setdefault(name, q(0))
    return {k: (in_force[k], k in required) for k in ORDER if k in in_force}


def evaluate(policy, scores):
    """The answer for component scores (a missing one absent or None), as far as the vectors compare it."""
    rows, total, coverage = [], q(0), q(0)
    for name, (weight, required) in weights(policy).items():
        value = scores.get(name)
        value = None if value is None else round_half_away(clamp(value))
        if value is not None:
            total += weight * value
            coverage += weight
        rows.append({
            "name": name,
            "score": number(value),
            "weight": float(weight),
            "contribution": number((value or 0) * weight / 100),
            "required": required,
        })
    score = round_half_away(total / 100)
    return {
        "score": number(score),
        "status": status(policy, score),
        "coverage_pct": number(coverage),
        "components": rows,
    }


def status(policy, score):
    if score >= q(policy.get("healthy_threshold", 70)):
        return "HEALTHY"
    return "DEGRADED" if score >= q(policy.get("degraded_threshold", 40)) else "UNHEALTHY"


# The component formulas of the table in section 1.

def api_health(requests, failures, valid):
    if valid is False:
        return q(0)
    if requests == 0:
        return None
    return lerp([(0, 100), (2, 90), (5, 70), (10, 40), (25, 0)], q(failures) * 100 / requests)


def event_loss(expected, received):
    if not expected:
        return None
    loss = max(q(0), q(expected) - received) * 100 / expected
    return lerp([(0, 100), (5, 90), (10, 70), (20, 40), (50, 0)], loss)


def data_quality(total, valid, complete, duplicate):
    if total == 0:
        return None
    share = lambda n: q(n) * 100 / total
    return clamp(q("0.5") * share(valid) + q("0.3") * share(complete) + q("0.2") * (100 - share(duplicate)))


def freshness(hours):
    return lerp([(24, 100), (48, 0)], hours)


def variance(platform, reference):
    if platform == 0 and reference == 0:
        return None
    pct = q(100) if reference == 0 else abs(q(platform) - reference) * 100 / reference
    return lerp([(10, 100), (15, 70), (20, 40), (30, 0)], pct)


def stability_steady(ok, failed, critical=0, high=0):
    """Platform stability where every daily EMQ is the same, so that its standard deviation is 0."""
    if ok + failed == 0:
        return None
    return clamp(q("0.6") * q(ok) * 100 / (ok + failed) + 40 - 20 * critical - 10 * high)


def stability_unknown_swings(ok, failed):
    """Platform stability with fewer than three daily EMQ scores: that part is 0."""
    return None if ok + failed == 0 else q("0.6") * q(ok) * 100 / (ok + failed)


def mean_emq(readings):
    """Readings (score, volume): weighted by volume where every volume is known, else the plain mean."""
    if not readings:
        return None
    if all(volume is not None for _, volume in readings) and sum(q(v) for _, v in readings) > 0:
        return sum(q(s) * q(v) for s, v in readings) / sum(q(v) for _, v in readings)
    return sum(q(s) for s, _ in readings) / len(readings)
