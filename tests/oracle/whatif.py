"""The what-if simulator and the ROI estimate, worked out from the specification (section 15).

Exact fractions where the result is rational, decimals of sixty digits where a power or a logarithm comes in.
"""

from decimal import Decimal, getcontext
from fractions import Fraction

from exact import number, q, round_half_away

getcontext().prec = 60

METRICS = ("revenue", "conversions", "clicks", "impressions")
DEFAULTS = {"revenue": "0.75", "conversions": "0.75", "clicks": "0.85", "impressions": "0.9"}
DAYS = 28


def dec(value):
    """A fraction as a decimal of sixty digits."""
    value = q(value)
    return Decimal(value.numerator) / Decimal(value.denominator)


def frac(value):
    """A decimal as the fraction that it is."""
    return Fraction(value)


def cents(value):
    return int(round_half_away(frac(value) if isinstance(value, Decimal) else value, 0))


def thousandths(value):
    return float(round_half_away(frac(value) if isinstance(value, Decimal) else value, 3))


def of(day, metric):
    return q(day["revenue_cents" if metric == "revenue" else metric])


def total(days, metric):
    return sum((of(day, metric) for day in days), Fraction(0))


def fit(days, metric):
    """(β, standard error) by ordinary least squares of ln metric on ln spend, or None; and the number of days used."""
    used = [(q(day["spend_cents"]), of(day, metric)) for day in days]
    used = [(s, m) for s, m in used if s > 0 and m > 0]
    n = len(used)
    if n < 21:
        return None, n
    mean = sum(s for s, _ in used) / n
    variance = sum((s - mean) ** 2 for s, _ in used) / (n - 1)
    variation = (dec(variance)).sqrt() / dec(mean)
    if round_half_away(frac(variation)) < q("0.15"):
        return None, n
    x, y = [dec(s).ln() for s, _ in used], [dec(m).ln() for _, m in used]
    mx, my = sum(x) / n, sum(y) / n
    sxx = sum((a - mx) ** 2 for a in x)
    sxy = sum((a - mx) * (b - my) for a, b in zip(x, y))
    beta = sxy / sxx
    rss = sum((b - my - beta * (a - mx)) ** 2 for a, b in zip(x, y))
    error = (rss / (n - 2) / sxx).sqrt()
    if round_half_away(frac(error)) > q("0.15"):
        return None, n
    return (beta, error), n


def elasticity(days, metric):
    found, n = fit(days, metric)
    if found is None:
        beta, half, error = Decimal(DEFAULTS[metric]), Decimal("0.2"), None
    else:
        beta, error = found
        half = Decimal("1.96") * error
    beta = max(Decimal("0.3"), min(Decimal(1), beta))
    return {
        "beta": number(frac(beta)), "lower": number(frac(beta - half)), "upper": number(frac(beta + half)),
        "assumed": found is None, "standard_error": None if error is None else number(frac(error)), "days": n,
    }


def power(r, beta):
    """r^β; `beta` is the rounded figure that is shown."""
    r, beta = q(r), q(beta)
    if r == 0:
        return Decimal(0)
    return (dec(beta) * dec(r).ln()).exp() if r != 1 else Decimal(1)


def figures(days, horizon, r, betas, margin):
    spend_total = sum(q(day["spend_cents"]) for day in days)
    spend = cents(spend_total * r * horizon / DAYS)
    grown = {m: dec(total(days, m) * horizon / DAYS) * power(r, betas[m]) for m in METRICS}
    revenue = cents(grown["revenue"])
    roas = None
    if spend_total > 0 and r > 0:
        roas = number(frac(dec(total(days, "revenue") / spend_total) * power(r, q(betas["revenue"]) - 1)))
    return {
        "spend_cents": spend, "revenue_cents": revenue, "roas": roas,
        "conversions": thousandths(grown["conversions"]), "clicks": thousandths(grown["clicks"]),
        "impressions": thousandths(grown["impressions"]),
        "net_profit_cents": None if margin is None else cents(q(margin) * revenue - spend),
    }


def changes(days, r, betas):
    answer = {"spend": number((r - 1) * 100)}
    for metric in METRICS:
        answer[metric] = number((frac(power(r, betas[metric])) - 1) * 100) if total(days, metric) > 0 else None
    known = r > 0 and total(days, "revenue") > 0
    answer["roas"] = number((frac(power(r, q(betas["revenue"]) - 1)) - 1) * 100) if known else None
    return answer


def beyond(days, r):
    mean = sum(q(day["spend_cents"]) for day in days) / DAYS
    return mean * r > q("1.5") * max(q(day["spend_cents"]) for day in days)


def simulate(request):
    days, pct = request["days"], q(request["budget_change_pct"])
    horizon, margin = request.get("horizon_days", 28), request.get("contribution_margin")
    threshold = q(request.get("roas_threshold", 2))
    elastic = {metric: elasticity(days, metric) for metric in METRICS}
    at = lambda end: {metric: elastic[metric][end] for metric in METRICS}
    r = 1 + pct / 100
    defined = any(day["spend_cents"] > 0 for day in days)
    flags = ["assumed"] if any(e["assumed"] for e in elastic.values()) else []
    if beyond(days, r):
        flags.append("extrapolation")
    answer = {
        "budget_change_pct": float(pct), "horizon_days": horizon,
        "current": figures(days, horizon, q(1), at("beta"), margin), "predicted": None, "change_pct": None,
        "marginal_roas": None, "interval": None, "elasticity": elastic, "scenarios": [], "recommended_change_pct": 0.0,
    }
    if not defined:
        return answer | {"flags": flags + ["not_defined"]}
    weak, strong = figures(days, horizon, r, at("lower"), margin), figures(days, horizon, r, at("upper"), margin)
    if r > 0:
        beta = q(elastic["revenue"]["beta"])
        spend_total = sum(q(day["spend_cents"]) for day in days)
        marginal = dec(beta * total(days, "revenue") / spend_total) * power(r, beta - 1)
        answer["marginal_roas"] = number(frac(marginal))
    for change in request.get("scenarios", [-50, -25, 0, 25, 50, 100]):
        ratio = 1 + q(change) / 100
        answer["scenarios"].append({
            "budget_change_pct": float(change), "predicted": figures(days, horizon, ratio, at("beta"), margin),
            "extrapolation": beyond(days, ratio),
        })
    return answer | {
        "flags": flags,
        "predicted": figures(days, horizon, r, at("beta"), margin),
        "change_pct": changes(days, r, at("beta")),
        "interval": {"lower": weak, "upper": strong} if r >= 1 else {"lower": strong, "upper": weak},
        "recommended_change_pct": recommended(answer["scenarios"], threshold, margin),
    }


def recommended(scenarios, threshold, margin):
    gain = "revenue_cents" if margin is None else "net_profit_cents"
    eligible = [s for s in scenarios if s["predicted"]["roas"] is not None and q(s["predicted"]["roas"]) >= threshold]
    if not eligible:
        return 0.0
    most = max(s["predicted"][gain] for s in eligible)
    equal = [s["budget_change_pct"] for s in eligible if s["predicted"][gain] == most]
    return min(equal, key=lambda change: (abs(change), change))


def roi(request):
    m, aim = request.get("match_rate"), q(request.get("target_match_rate", "0.85"))
    answer = {"recovered_revenue_cents": None, "benefit_cents": None, "roi_pct": None, "payback_months": None,
              "recovery_cap_frac": 0.5, "flags": ["estimate"]}
    if m is None or q(m) < q("0.2"):
        return answer | {"flags": ["estimate", "not_defined"]}
    missing = max(q(0), aim / q(m) - 1)
    recovered = cents(q(request["monthly_spend_cents"]) * q(request["roas"]) * min(q("0.5"), missing))
    hours = q(request.get("hours_saved", 0)) * request.get("hour_cost_cents", 0)
    benefit = cents(q(request["contribution_margin"]) * recovered + hours)
    fee, setup = request["monthly_fee_cents"], request.get("setup_cost_cents", 0)
    return answer | {
        "recovered_revenue_cents": recovered, "benefit_cents": benefit,
        "roi_pct": number(Fraction(100 * (benefit - fee), fee)) if fee else None,
        "payback_months": number(Fraction(setup, benefit - fee)) if benefit > fee else None,
        "flags": ["estimate"] + (["capped"] if missing > q("0.5") else []),
    }
