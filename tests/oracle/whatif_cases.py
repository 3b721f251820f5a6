"""Cases of whatif.simulate and whatif.roi."""

import whatif
from operations import case, refused

STILL = {"spend_cents": 10_000, "revenue_cents": 40_000, "conversions": 8, "clicks": 150, "impressions": 20_000}
NOTHING = {"spend_cents": 0, "revenue_cents": 0, "conversions": 0, "clicks": 0, "impressions": 0}


def day(spend, metric, scale=1):
    """A day on which every metric is the same multiple of its usual figure."""
    return {"spend_cents": spend, "revenue_cents": metric * 4, "conversions": metric * scale, "clicks": metric * 2, "impressions": metric * 90}


def still(count=28):
    return [dict(STILL) for _ in range(count)]


def drawn(seed, noise):
    """Days on which metrics follow spend loosely, from a linear congruential generator (Lehmer 1951, 48271)."""
    days, state = [], seed
    for number in range(28):
        draws = []
        for _ in range(4):
            state = state * 48_271 % 2_147_483_647
            draws.append(state % 1000)
        spend = 8_000 + 500 * (number % 13) + draws[0]
        base = 900 + spend // 20
        days.append({
            "spend_cents": spend, "revenue_cents": 30 * base + noise * draws[1], "conversions": (base + noise * draws[2] // 10) // 100,
            "clicks": base + noise * draws[3] // 5, "impressions": 110 * base + noise * draws[1],
        })
    return days


def levels(groups):
    """Days in groups of (how many, spend, metric)."""
    return [day(spend, metric) for count, spend, metric in groups for _ in range(count)]


def ask(name, days, change, **more):
    request = {"days": days, "budget_change_pct": change} | more
    return case(name, request, whatif.simulate(request))


def cases():
    list_ = []
    for change in (-100, -99.999999999, -75, -50, -25, 0, 10, 33.333333333, 50, 50.000000001, 100, 150.5, 200):
        list_.append(ask(f"the worked example at {change} %", still(), change, horizon_days=10))
    for change in (-100, -60, -10, 0, 20, 75, 200):
        list_.append(ask(f"days that tell, {change} %", drawn(7, 1), change, contribution_margin=0.35))
        list_.append(ask(f"days that tell little, {change} %", drawn(11, 40), change))
    for horizon in (1, 7, 27, 28, 29, 90):
        list_.append(ask(f"{horizon} days ahead", drawn(13, 2), 30, horizon_days=horizon, contribution_margin=0.5))
    for margin in (0, 0.005, 0.25, 0.333333333, 1):
        list_.append(ask(f"a margin of {margin}", drawn(17, 3), 50, contribution_margin=margin, roas_threshold=0))
    return list_ + fits() + bounds() + empty() + recommendations() + refusals()


def fits():
    """What makes a fit, and what its exponent may be."""
    rows = []
    for used in (20, 21, 22, 28):
        days = levels([(used // 2, 5_000, 100), (used - used // 2, 20_000, 300), (28 - used, 0, 0)])
        rows.append(ask(f"{used} days with spend", days, 25))
    without = levels([(14, 5_000, 100), (14, 20_000, 300)])
    for index in range(8):
        without[index] = without[index] | {"conversions": 0}
    rows.append(ask("conversions on 20 days, all else on 28", without, 25))
    for low, high in ((8_500, 11_500), (8_501, 11_499), (8_499, 11_501)):
        days = levels([(12, low, 90), (12, high, 110), (1, 10_000, 100), (3, 0, 0)])
        rows.append(ask(f"spend from {low} to {high}: variation around 0.15", days, 25))
    # 15 days at one spend, 12 at four times that; of these, two returned more. ln 2 cancels: the error is 0.15 exactly.
    for factor in (7, 8, 9):
        days = levels([(15, 5_000, 100), (10, 20_000, 200), (2, 20_000, 200 * factor), (1, 0, 0)])
        rows.append(ask(f"two days that returned {factor} times as much: an error around 0.15", days, 25))
    for name, low, high in (("less with more spend", 200, 100), ("nothing more", 100, 100), ("0.3 exactly", 100, 800),
                            ("1 exactly", 100, 102_400), ("more than in proportion", 1, 409_600)):
        rows.append(ask(f"an exponent: {name}", levels([(14, 100, low), (14, 102_400, high)]), 25))
        rows.append(ask(f"an exponent: {name}, at half", levels([(14, 100, low), (14, 102_400, high)]), -50))
    return rows


def bounds():
    """The largest day, and figures as large and as small as they may be."""
    rows = []
    one_large = still()
    one_large[5] = one_large[5] | {"spend_cents": 20_000}
    for change in (189.655172413, 189.655172414, 200):
        rows.append(ask(f"one large day, {change} %: around one and a half times it", one_large, change))
    most = {"spend_cents": 10**13, "revenue_cents": 10**13, "conversions": 10**12, "clicks": 10**12, "impressions": 10**12}
    # A double has no third decimal of 10^14 / 28 · 0.59 to compare, so only what is exact is asked.
    rows.append(ask("the largest figures", [dict(most) for _ in range(28)], 0, horizon_days=90, contribution_margin=1, scenarios=[0, -100]))
    one_cent = [dict(NOTHING) for _ in range(27)] + [NOTHING | {"spend_cents": 1, "revenue_cents": 1, "conversions": 1}]
    for change in (-50, 0, 50, 200):
        rows.append(ask(f"one cent on one day, {change} %", one_cent, change))
    shared = [day | {"conversions": 0.333 + number / 8} for number, day in enumerate(still())]
    rows.append(ask("shared conversions", shared, 40))
    rows.append(ask("aliased amounts: a budget change of nine decimals", drawn(19, 2), 12.345678912, contribution_margin=0.123456789))
    return rows


def empty():
    rows = []
    for name in ("revenue_cents", "conversions", "clicks", "impressions"):
        rows.append(ask(f"no {name} at all", [day | {name: 0} for day in still()], 50, contribution_margin=0.4))
    for change in (-100, 0, 100):
        rows.append(ask(f"nothing spent, {change} %", [day | {"spend_cents": 0} for day in still()], change, contribution_margin=0.4))
    rows.append(ask("nothing at all", [dict(NOTHING) for _ in range(28)], 10))
    return rows


def recommendations():
    doubled = levels([(14, 5_000, 5_000), (14, 20_000, 20_000)])  # a return of 4, in proportion
    rows = []
    for threshold in (3.999999999, 4, 4.000000001):
        rows.append(ask(f"a return of 4 against {threshold}", doubled, 10, roas_threshold=threshold))
    rows += [
        ask("equal profit: the smaller change", doubled, 10, contribution_margin=0.25, scenarios=[-50, 100, 25, 50]),
        ask("equal profit, opposite changes: the lower spend", doubled, 10, contribution_margin=0.25, scenarios=[25, -25]),
        ask("no scenario", doubled, 10, scenarios=[]),
        ask("only that of no budget", doubled, 10, scenarios=[-100], roas_threshold=0),
        ask("31 scenarios", drawn(23, 2), 10, scenarios=[number * 10 - 100 for number in range(31)], contribution_margin=0.4),
        ask("profit wants less", still(), 10, contribution_margin=0.2),
        ask("profit wants nothing", still(), 10, contribution_margin=0, roas_threshold=0),
        ask("revenue wants all", still(), 10, roas_threshold=3),
        ask("no scenario returns enough", still(), 10, roas_threshold=10),
    ]
    return rows


def refusals():
    good = {"days": still(), "budget_change_pct": 10}
    wrong = lambda name, *problems, **more: refused(name, good | more, *problems)
    broken = still()
    broken[3] = broken[3] | {"spend_cents": -1, "revenue_cents": 10**13 + 1}
    broken[27] = broken[27] | {"clicks": -0.5, "impressions": 1e13}
    return [
        wrong("27 days", ("/days", "insufficient_data"), days=still(27)),
        wrong("29 days", ("/days", "out_of_range"), days=still(29)),
        wrong("no day", ("/days", "insufficient_data"), days=[]),
        wrong("below nothing", ("/budget_change_pct", "out_of_range"), budget_change_pct=-100.1),
        wrong("beyond threefold", ("/budget_change_pct", "out_of_range"), budget_change_pct=200.1),
        wrong("no day ahead", ("/horizon_days", "out_of_range"), horizon_days=0),
        wrong("91 days ahead", ("/horizon_days", "out_of_range"), horizon_days=91),
        wrong("a margin above 1", ("/contribution_margin", "out_of_range"), contribution_margin=1.01),
        wrong("a negative margin and a negative return", ("/contribution_margin", "out_of_range"), ("/roas_threshold", "out_of_range"),
              contribution_margin=-0.01, roas_threshold=-1),
        wrong("a scenario out of range", ("/scenarios/1", "out_of_range"), scenarios=[0, 300]),
        wrong("32 scenarios", ("/scenarios", "too_many"), scenarios=[0] * 32),
        wrong("figures out of range", ("/days/3/spend_cents", "out_of_range"), ("/days/3/revenue_cents", "out_of_range"),
              ("/days/27/clicks", "out_of_range"), ("/days/27/impressions", "out_of_range"), days=broken),
        refused("half a cent, a text and a field too many", good | {"days": [STILL | {"spend_cents": 0.5}], "budget_change_pct": "ten", "budget": 1},
                ("/days/0/spend_cents", "wrong_type"), ("/budget_change_pct", "wrong_type"), ("/budget", "unknown_field")),
        refused("nothing asked", {}, ("/days", "missing_field"), ("/budget_change_pct", "missing_field")),
    ]


def estimate(name, **more):
    request = {"monthly_spend_cents": 5_000_000, "roas": 3, "match_rate": 0.6, "contribution_margin": 0.4,
               "monthly_fee_cents": 200_000} | more
    return case(name, request, whatif.roi(request))


def roi_cases():
    work = {"hours_saved": 20, "hour_cost_cents": 5_000, "setup_cost_cents": 500_000}
    rows = [estimate("the worked example", **work), estimate("without hours and set-up")]
    for rate in (0, 0.199999999, 0.2, 0.4, 0.566666666, 0.566666667, 0.567, 0.7, 0.849999999, 0.85, 0.9, 1):
        rows.append(estimate(f"a match rate of {rate}", match_rate=rate, **work))
    rows.append(estimate("a match rate that nobody knows", match_rate=None, **work))
    for aim in (0, 0.6, 0.600000001, 0.75, 0.9, 1):
        rows.append(estimate(f"aiming at {aim}", target_match_rate=aim, **work))
    for fee in (0, 1, 2_599_999, 2_600_000, 2_600_001, 10**13):
        rows.append(estimate(f"a fee of {fee}", monthly_fee_cents=fee, **work))
    for margin in (0, 0.333333333, 0.5, 1):
        rows.append(estimate(f"a margin of {margin}", contribution_margin=margin, **work))
    rows += [
        estimate("no spend", monthly_spend_cents=0, **work),
        estimate("no return", roas=0, **work),
        estimate("half a cent of revenue is rounded up", monthly_spend_cents=1, roas=1, match_rate=0.5, target_match_rate=1),
        estimate("a third of an hour", hours_saved=0.333333333, hour_cost_cents=10_001),
        estimate("the largest figures", monthly_spend_cents=10**13, roas=1000, match_rate=0.2, contribution_margin=1,
                 hours_saved=100_000, hour_cost_cents=10**10, monthly_fee_cents=1, setup_cost_cents=10**13),
        refused("everything out of range",
                {"monthly_spend_cents": -1, "roas": 1000.1, "match_rate": 1.1, "target_match_rate": -0.1, "contribution_margin": 1.1,
                 "hours_saved": -1, "hour_cost_cents": 10**10 + 1, "monthly_fee_cents": -1, "setup_cost_cents": 10**13 + 1},
                *((f"/{name}", "out_of_range") for name in (
                    "monthly_spend_cents", "roas", "match_rate", "target_match_rate", "contribution_margin", "hours_saved",
                    "hour_cost_cents", "monthly_fee_cents", "setup_cost_cents"))),
        refused("nothing asked", {}, *((f"/{name}", "missing_field") for name in (
            "monthly_spend_cents", "roas", "contribution_margin", "monthly_fee_cents"))),
    ]
    return rows
