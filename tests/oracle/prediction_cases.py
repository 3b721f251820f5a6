"""Cases of prediction.evaluate: the heuristic in fractions (powers in decimals), BG/NBD by lifetime_value.py."""

from decimal import Decimal
from fractions import Fraction

import lifetime_value as model_of
from exact import number, q, round_half_away
from lifetime_value import dec
from operations import case, refused

DAYS = {"r": 0.75, "alpha": 60.5, "a": 0.8, "b": 2.5}
CENTS = {"p": 4.5, "q": 3.25, "v": 2400.0}


def band(p):
    return "LOW" if p < 0.25 else "MEDIUM" if p < 0.5 else "HIGH" if p < 0.75 else "CRITICAL"


def class_of(cents, per_major):
    major = q(cents) / per_major
    return "VIP" if major >= 1000 else "HIGH" if major >= 500 else "MEDIUM" if major >= 200 else "LOW"


def shown(left, ltv, per_major, gap=None, source=None):
    p, cents = number(left), int(round_half_away(ltv, 0))
    return {"churn_probability": p, "churn_band": band(p), "ltv_365_cents": cents, "ltv_class": class_of(cents, per_major),
            "gap_days": gap, "gap_source": source}


def half_to(power):
    """0.5 to a rational power, in decimals of ninety digits."""
    return Fraction(((Decimal(power.numerator) / Decimal(power.denominator)) * Decimal("0.5").ln()).exp())


def heuristic(facts, base, per_major):
    n = facts["purchases"]
    if n == 0:
        return None
    if n >= 3 and facts.get("median_gap_days"):
        gap, source = facts["median_gap_days"], "OWN"
    elif base.get("repeat_customers", 0) >= 30 and base.get("median_gap_days"):
        gap, source = base["median_gap_days"], "TENANT"
    else:
        gap, source = 90, "DEFAULT"
    missed = q(facts["days_since_last_purchase"]) / q(gap)
    left = Fraction(0) if missed <= 1 else 1 - half_to(missed - 1)
    order = Fraction(facts["revenue_cents"], n)
    if base.get("average_order_cents") is not None:
        order = Fraction(facts["revenue_cents"] + 3 * base["average_order_cents"], n + 3)
    return shown(left, order * 365 / q(gap) * (1 - left), per_major, gap, source)


def bought(purchases, since, cents, **more):
    return {"purchases": purchases, "days_since_last_purchase": since, "revenue_cents": cents} | more


def ask(name, customers, base=None, currency=None, per_major=100):
    request = {"customers": customers}
    if base:
        request["base"] = base
    if currency:
        request["currency"] = currency
    return case(name, request, {"model": "HEURISTIC", "customers": [heuristic(facts, base or {}, per_major) for facts in customers]})


def by_bgnbd(name, customers):
    model = tuple(dec(DAYS[key]) for key in ("r", "alpha", "a", "b"))
    spend = tuple(dec(CENTS[key]) for key in ("p", "q", "v"))
    expected = []
    for facts in customers:
        if facts["purchases"] == 0:
            expected.append(None)
            continue
        x, age = facts["purchases"] - 1, dec(facts["days_since_first_purchase"])
        t_x = age - dec(facts["days_since_last_purchase"]) if x else Decimal(0)
        m = Decimal(facts["repeat_revenue_cents"]) / x if x else Decimal(0)
        left = 1 - model_of.p_alive(model, x, t_x, age)
        ltv = model_of.expected(model, x, t_x, age, Decimal(365)) * model_of.average(spend, x, m)
        expected.append(shown(Fraction(left), Fraction(ltv), 100))
    request = {"model": "BG_NBD", "base": {"buyers": 1000, "observed_days": 365}, "fitted": {"bgnbd": DAYS, "gamma_gamma": CENTS},
               "customers": customers}
    return case(name, request, {"model": "BG_NBD", "customers": expected})


def cases():
    tenant = {"median_gap_days": 45, "repeat_customers": 30, "average_order_cents": 8_000}
    rhythm = [bought(4, days, 40_000, median_gap_days=30) for days in (0, 29.5, 30, 30.5, 42.45, 45, 60, 89.999, 90, 365, 4000)]
    mixed = [bought(n, 100.25, cents, median_gap_days=gap) for n in (0, 1, 2, 3, 7) for cents in (0, 12_345, 900_000) for gap in (None, 0, 12.5)]
    values = [bought(1, 1, cents) for cents in (4_931, 4_932, 12_328, 12_329, 24_657, 24_658, 10**12, -5_000)]
    found = [
        ask("nobody", []),
        ask("silence beside the own rhythm", rhythm),
        ask("silence beside the own rhythm, an average of all", rhythm, tenant),
        ask("every rhythm that there may be", mixed, tenant),
        ask("too few came back for a common rhythm", mixed, tenant | {"repeat_customers": 29}),
        ask("nothing is known of all", mixed),
        ask("the classes", values),
        ask("the classes in yen", values, currency="JPY", per_major=1),
        ask("the classes in dinars", values, currency="KWD", per_major=1000),
        by_bgnbd("customers by BG/NBD and Gamma-Gamma", [
            bought(0, 0, 0), bought(1, 200, 5_000, days_since_first_purchase=200),
            bought(2, 30.5, 9_900, days_since_first_purchase=181.25, repeat_revenue_cents=4_900),
            bought(9, 10, 90_000, days_since_first_purchase=365, repeat_revenue_cents=77_777),
            bought(9, 300, 90_000, days_since_first_purchase=365, repeat_revenue_cents=77_777),
            bought(40, 0, 900_000, days_since_first_purchase=700, repeat_revenue_cents=880_000)]),
    ]
    return found + [
        refused("every wrong figure at once", {
            "base": {"median_gap_days": -1, "average_order_cents": 2**53},
            "customers": [bought(1, -1, 2**53, median_gap_days=-2), bought(2**32, 5, 1, days_since_first_purchase=4)]},
            ("/base/median_gap_days", "out_of_range"), ("/base/average_order_cents", "amount_too_large"),
            ("/customers/0/days_since_last_purchase", "out_of_range"), ("/customers/0/median_gap_days", "out_of_range"),
            ("/customers/0/revenue_cents", "amount_too_large"), ("/customers/1/purchases", "out_of_range"),
            ("/customers/1/days_since_first_purchase", "out_of_range")),
        refused("too little is known to choose BG/NBD", {
            "model": "BG_NBD", "base": {"buyers": 999, "observed_days": 364}, "customers": [bought(2, 1, 1)]},
            ("/model", "insufficient_data"), ("/fitted", "missing_field"),
            ("/customers/0/days_since_first_purchase", "missing_field"), ("/customers/0/repeat_revenue_cents", "missing_field")),
        refused("models that are none", {
            "model": "bg_nbd", "base": {"buyers": 5000, "observed_days": 800},
            "fitted": {"bgnbd": DAYS | {"b": 0}, "gamma_gamma": CENTS | {"p": -1}}, "customers": []},
            ("/fitted/bgnbd/b", "out_of_range"), ("/fitted/gamma_gamma/p", "out_of_range")),
    ]
