"""Cases of lifecycle.evaluate: the rules in the order of the specification, in exact fractions of days."""

from exact import number, q
from operations import NOW, at, case, refused

DAY = 86_400_000
LIMITS = {"active": 30, "at_risk": 90, "churned": 180}


def stage(facts, unseen_ms, limits):
    days = q(max(unseen_ms, 0)) / DAY

    def not_seen(name, field):
        return {"stage": name, "reason": "NOT_SEEN", "value": float(days), "limit": limits[field], "policy_field": field}

    if not facts["identified"]:
        return {"stage": "anonymous", "reason": "NOT_IDENTIFIED"}
    if days > limits["churned"]:
        return not_seen("churned", "churned")
    if facts["purchases"]:
        before, recent = facts["events_before"], facts["recent_events"]
        if days > limits["at_risk"]:
            return not_seen("at_risk", "at_risk")
        if before >= 5 and recent < q(before) / 2:
            return {"stage": "at_risk", "reason": "LESS_ACTIVITY", "value": recent, "limit": number(q(before) / 2)}
        if days <= limits["active"] and facts["recent_days_after_purchase"] >= 2:
            return {"stage": "active", "reason": "RETURNING", "value": float(days), "limit": limits["active"], "policy_field": "active"}
        return {"stage": "customer", "reason": "PURCHASED"}
    if facts["lead_signal"]:
        return {"stage": "lead", "reason": "LEAD_SIGNAL"}
    return {"stage": "known", "reason": "IDENTIFIED"}


def ask(name, unseen_ms, previous=None, policy=None, **more):
    facts = {"identified": True, "last_seen_at": at(unseen_ms), "purchases": 0, "lead_signal": False, "recent_events": 0,
             "events_before": 0, "recent_days_after_purchase": 0} | more
    request = {"facts": facts, "now": at(0)}
    if previous:
        request["previous"] = previous
    if policy:
        request["policy"] = policy
    expect = stage(facts, unseen_ms, LIMITS | (policy or {}))
    changed = {"from": previous, "to": expect["stage"], "at": at(0), "cause": expect["reason"]}
    return case(name, request, expect | {"transition": None if previous == expect["stage"] else changed})


def cases():
    assert NOW.tzinfo is not None
    found = []
    for purchases in (0, 1):
        for days in (0, 30, 90, 180):
            for ms in (-1, 0, 1):
                found.append(ask(f"{purchases} purchases, {days} days and {ms} ms", days * DAY + ms, purchases=purchases,
                                 recent_days_after_purchase=2 * purchases))
    for recent, before in ((0, 0), (0, 4), (2, 4), (2, 5), (3, 5), (0, 5), (5, 10), (4, 10), (50, 100), (49, 100)):
        found.append(ask(f"{recent} events after {before}", DAY, purchases=2, recent_events=recent, events_before=before,
                         recent_days_after_purchase=5, previous="active"))
    for days in (0, 1, 2, 31):
        found.append(ask(f"seen on {days} days since the purchase", 0, purchases=1, recent_days_after_purchase=days, previous="customer"))
    found += [
        ask("nobody knows who it is", 400 * DAY, identified=False, purchases=3, lead_signal=True),
        ask("a lead", 5 * DAY, lead_signal=True, previous="known"),
        ask("a lead that is gone", 181 * DAY, lead_signal=True, previous="lead"),
        ask("a churned customer who acts again", 0, purchases=4, recent_days_after_purchase=1, previous="churned"),
        ask("a clock ahead of ours", -5000, purchases=1, recent_days_after_purchase=2),
        ask("limits of one's own", 11 * DAY, purchases=1, policy={"active": 5, "at_risk": 10, "churned": 20}),
        ask("limits of one's own, still active", 5 * DAY, purchases=1, recent_days_after_purchase=3, policy={"active": 5, "at_risk": 10, "churned": 20}),
    ]
    facts = {"last_seen_at": at(0)}
    return found + [
        refused("limits that do not rise, and more days than there are", {
            "policy": {"active": 40, "at_risk": 40, "churned": 3651}, "facts": facts | {"recent_days_after_purchase": 42}, "now": at(0)},
            ("/policy/at_risk", "not_increasing"), ("/policy/churned", "out_of_range"),
            ("/facts/recent_days_after_purchase", "out_of_range")),
        refused("never seen", {"facts": {"identified": True}, "now": at(0)}, ("/facts/last_seen_at", "missing_field")),
        refused("an unknown stage", {"facts": facts, "now": at(0), "previous": "vip"}, ("/previous", "unknown_value")),
    ]


def activity_cases():
    """Counted one by one: days are compared as dates of UTC."""
    found, state = [], 17
    for policy, first in ((None, None), (None, 20 * DAY), ({"active": 10}, 400 * DAY), ({"active": 10}, 3 * DAY)):
        ages = []
        for _ in range(40):
            state = state * 48_271 % 2_147_483_647
            ages.append(state % (70 * DAY) - DAY)
        ages += [0, 1, -1, 10 * DAY - 1, 10 * DAY, 20 * DAY - 1, 20 * DAY, 30 * DAY - 1, 30 * DAY, 60 * DAY - 1, 60 * DAY]
        window = LIMITS["active"] * DAY if policy is None else policy["active"] * DAY
        recent = [age for age in ages if 0 <= age < window]
        days = {at(age)[:10] for age in recent if first is not None and at(age)[:10] > at(first)[:10]}
        facts = {"identified": True, "last_seen_at": at(0), "purchases": 1, "lead_signal": False, "recent_events": 999, "events_before": 0,
                 "recent_days_after_purchase": 0}
        request = {"facts": facts, "events": [at(age) for age in ages], "now": at(0), **({"policy": policy} if policy else {}),
                   **({"first_purchase_at": at(first)} if first is not None else {})}
        found.append(case(f"events around now, policy {policy}, first purchase {first}", request, facts | {
            "recent_events": len(recent), "events_before": sum(window <= age < 2 * window for age in ages), "recent_days_after_purchase": len(days)}))
    return found + [refused("limits that do not rise", {"policy": {"active": 90}, "facts": {"last_seen_at": at(0)}, "events": [], "now": at(0)},
                            ("/policy/at_risk", "not_increasing"))]
