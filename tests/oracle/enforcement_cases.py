"""Cases of enforcement.check."""

import copy

import enforcement
from operations import at, case, refused

HOUR, DAY = 3_600_000, 86_400_000
ACTIONS = {
    "BUDGET_INCREASE": "CAMPAIGN", "BUDGET_DECREASE": "CAMPAIGN", "BID_INCREASE": "ADSET", "BID_DECREASE": "ADSET",
    "PAUSE_CAMPAIGN": "CAMPAIGN", "PAUSE_ADSET": "ADSET", "PAUSE_CREATIVE": "CREATIVE", "ENABLE_CAMPAIGN": "CAMPAIGN",
    "ENABLE_ADSET": "ADSET", "ENABLE_CREATIVE": "CREATIVE",
}


def change(action="BUDGET_INCREASE", after=12_000, before=10_000, platform="META", currency="USD"):
    if action.startswith("BUDGET"):
        value = {"field": "BUDGET", "kind": "DAILY", "before_cents": before, "after_cents": after, "currency": currency}
    elif action.startswith("BID"):
        value = {"field": "BID", "before_cents": before, "after_cents": after, "currency": currency}
    else:
        pauses = action.startswith("PAUSE")
        value = {"field": "STATUS", "before": "ACTIVE" if pauses else "PAUSED", "after": "PAUSED" if pauses else "ACTIVE"}
    answer = {"action_type": action, "entity_type": ACTIONS[action], "entity_id": "238512", "change": value}
    return answer | ({} if platform is None else {"platform": platform})


def known(**more):
    """A budget of 100.00, a return of 3, 2.5 impressions per person, nothing changed today."""
    return {
        "currency": "USD", "changes_today": 0, "midnight_in_ms": 12 * HOUR,
        "budget": {"kind": "DAILY", "budget_cents": 10_000, "active": True},
        "campaign": {"spend_cents": 70_000, "revenue_cents": 210_000},
        "exposure": {"impressions": 25_000, "reach": 10_000},
    } | more


def known_on_the_wire(facts):
    wire = copy.deepcopy(facts)
    wire["now"], wire["next_local_midnight"] = at(0), at(-wire.pop("midnight_in_ms"))
    age = wire.pop("last_change_age_ms", None)
    return wire | ({} if age is None else {"last_change_at": at(age)})


def answer_on_the_wire(answer):
    """Absent where there is nothing to say, as the answer leaves it out."""
    wire = {key: value for key, value in answer.items() if value is not None}
    wire["violations"] = []
    for violation in answer["violations"]:
        wait = violation["allowed_in_ms"]
        shown = violation | {"allowed_from": None if wait is None else at(-wait)}
        del shown["allowed_in_ms"]
        wire["violations"].append({key: value for key, value in shown.items() if value is not None})
    return wire


def ask(name, subject, facts, settings=None):
    request = {"facts": {"change": subject, "known": known_on_the_wire(facts)}}
    if settings is not None:
        request["policy"] = settings
    return case(name, request, answer_on_the_wire(enforcement.check(settings or {}, subject, facts)))


def rule(kind, threshold, **more):
    return {"rule_id": "own", "rule_type": kind, "threshold_value": threshold} | more


def cases():
    list_ = []
    for after in (10_001, 11_999, 12_000, 12_001, 13_000, 20_000):
        for mode in enforcement.MODES:
            list_.append(ask(f"100.00 to {after}, {mode}", change(after=after), known(), {"default_mode": mode}))
    for first, after in ((10_000, 12_000), (10_000, 13_000), (9_999, 12_000), (9_999, 11_998), (8_000, 12_000), (333, 399), (333, 400)):
        list_.append(ask(f"opened at {first}, now to {after}", change(after=after, before=after - 1), known(first_budget_today_cents=first)))
    for pct in (0.1, 5, 12.5, 33.333333333, 100):
        for after in (10_010, 10_011, 10_500, 10_501, 11_250, 11_251, 13_333, 13_334, 20_000, 20_001):
            list_.append(ask(f"{pct} %, 100.00 to {after}", change(after=after), known(), {"max_daily_budget_increase_pct": pct}))
    for after in (1_000_000, 1_000_001):
        facts = known(budget={"kind": "DAILY", "budget_cents": 900_000, "active": True})
        list_.append(ask(f"a cap of 10000.00, to {after}", change(after=after, before=900_000), facts))
    list_.append(ask("a decrease is above the cap", change("BUDGET_DECREASE", 1_500_000, 2_000_000), known()))
    for name, facts in (
        ("no stored budget", known(budget=None)),
        ("a stored budget of 0", known(budget={"kind": "DAILY", "budget_cents": 0, "active": True})),
        ("a stored budget of another kind", known(budget={"kind": "LIFETIME", "budget_cents": 10_000, "active": True})),
        ("limits in another currency", known(currency="EUR")),
    ):
        list_.append(ask(f"the opening budget is unknown: {name}", change(), facts))
    for action in ACTIONS:
        before, after = (10_000, 9_000) if action.endswith("DECREASE") else (10_000, 11_000)
        subject = change(action, after, before)
        list_.append(ask(f"{action} within every limit", subject, known()))
        list_.append(ask(f"{action} of a campaign that returns nothing", subject, known(campaign={"spend_cents": 70_000, "revenue_cents": 0})))
        list_.append(ask(f"{action} of which nothing is known", subject, known(budget=None, campaign={}, exposure={})))
        list_.append(ask(f"{action} as the eleventh change, an hour after the last", subject, known(changes_today=10, last_change_age_ms=HOUR)))
    for revenue in (139_999, 140_000, 140_001, 70_000, 69_999, 0):
        list_.append(ask(f"a return of {revenue} on 70000", change(), known(campaign={"spend_cents": 70_000, "revenue_cents": revenue})))
    for roas in (2, 1.999999999, 1, 0.999999999):
        list_.append(ask(f"a stated return of {roas}", change(), known(campaign={"roas": roas, "spend_cents": 5_000})))
    for spend in (0, 1, 4_999, 5_000):
        list_.append(ask(f"a return of a half on {spend}", change(), known(campaign={"spend_cents": spend, "revenue_cents": spend // 2})))
    list_.append(ask("a pause is open already", change(), known(campaign={"spend_cents": 70_000, "revenue_cents": 0}, pause_proposal_open=True)))
    for action in ("ENABLE_ADSET", "ENABLE_CREATIVE"):
        list_.append(ask(f"{action}: the campaign ought to be paused", change(action), known(campaign={"spend_cents": 70_000, "revenue_cents": 0}, campaign_id="c-7")))
    list_.append(ask("spend known, revenue not", change(), known(campaign={"spend_cents": 70_000})))
    for changes in (9, 10, 11):
        list_.append(ask(f"{changes} changes today", change(), known(changes_today=changes)))
    list_.append(ask("the only change of the day is made", change(), known(changes_today=1), {"max_changes_per_day": 1}))
    for age in (0, HOUR, 4 * HOUR - 1, 4 * HOUR, 4 * HOUR + 1, DAY):
        list_.append(ask(f"the last change was {age} ms ago", change(), known(last_change_age_ms=age)))
    list_.append(ask("no hours between changes", change(), known(last_change_age_ms=0), {"min_hours_between_changes": 0}))
    for impressions, reach in ((30_000, 10_000), (30_001, 10_000), (29_999, 10_000), (1, 0), (None, 10_000), (30_000, None)):
        seen = {key: value for key, value in (("impressions", impressions), ("reach", reach)) if value is not None}
        for platform in ("META", "GOOGLE", "TIKTOK", "SNAPCHAT", None):
            list_.append(ask(f"{impressions} impressions, {reach} people on {platform}", change(platform=platform), known(exposure=seen)))
    for others, spent in ((38_000, 30_000), (38_001, 30_000), (30_000, 48_000), (30_000, 48_001), (50_001, 0), (None, 0), (0, None)):
        facts = {key: value for key, value in (("other_daily_budgets_cents", others), ("spend_today_cents", spent)) if value is not None}
        list_.append(ask(f"a limit of 500.00 a day, others {others}, spent {spent}", change(), known(**facts), {"daily_spend_limit_cents": 50_000}))
    for kind, threshold in (("BUDGET_EXCEEDED", 11_000), ("ROAS_BELOW_THRESHOLD", 3.5), ("CAMPAIGN_PAUSE_REQUIRED", 3.5),
                            ("FREQUENCY_CAP_EXCEEDED", 2.25), ("DAILY_SPEND_LIMIT", 40_000)):
        facts = known(other_daily_budgets_cents=30_000, spend_today_cents=20_000)
        for name, more in (("as strict as the others", {}), ("hard", {"enforcement_mode": "HARD_BLOCK"}), ("advisory", {"enforcement_mode": "ADVISORY"}),
                           ("switched off", {"enabled": False}), ("of this platform", {"platform": "META"}), ("of another platform", {"platform": "GOOGLE"})):
            list_.append(ask(f"an own rule {kind}, {name}", change(), facts, {"rules": [rule(kind, threshold, **more)]}))
    return list_ + refusals()


def refusals():
    body = {"facts": {"change": change(), "known": known_on_the_wire(known())}}

    def wrong(name, policy, *problems):
        return refused(name, body | {"policy": policy}, *problems)

    return [
        wrong("an increase of 0 percent", {"max_daily_budget_increase_pct": 0}, ("/policy/max_daily_budget_increase_pct", "out_of_range")),
        wrong("an increase of more than 100 percent", {"max_daily_budget_increase_pct": 100.1}, ("/policy/max_daily_budget_increase_pct", "out_of_range")),
        wrong("a cap of 0", {"max_campaign_budget_cents": 0}, ("/policy/max_campaign_budget_cents", "out_of_range")),
        wrong("a negative return", {"roas_threshold": -1}, ("/policy/roas_threshold", "out_of_range")),
        wrong("no day of lookback, no change a day, too many hours",
              {"roas_lookback_days": 0, "max_changes_per_day": 0, "min_hours_between_changes": 169},
              ("/policy/roas_lookback_days", "out_of_range"), ("/policy/max_changes_per_day", "out_of_range"),
              ("/policy/min_hours_between_changes", "out_of_range")),
        wrong("two rules of one name", {"rules": [rule("ROAS_BELOW_THRESHOLD", 3), rule("ROAS_BELOW_THRESHOLD", 4)]},
              ("/policy/rules/1/rule_id", "duplicate_rule")),
        wrong("a rule of half a cent", {"rules": [rule("BUDGET_EXCEEDED", 10.5)]}, ("/policy/rules/0/threshold_value", "not_whole")),
    ]
