"""Credit of journeys by rules, as the definitions read: exact fractions, powers in decimals of sixty digits."""

import datetime
import decimal
from fractions import Fraction

decimal.getcontext().prec = 60
MODELS = ["last_touch", "first_touch", "linear", "position_based", "time_decay", "w_shaped"]
DAY_MS = 86_400_000
START = datetime.datetime(2026, 1, 5, tzinfo=datetime.timezone.utc)


def stamp(ms):
    instant = START + datetime.timedelta(milliseconds=ms)
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def millis(text):
    return (datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) - START) // datetime.timedelta(milliseconds=1)


def weights(model, times, converted, half_life, lead):
    """The weight of each touch; `times` are milliseconds in order."""
    n = len(times)
    if n <= 1:
        return [Fraction(1)] * n
    if model == "last_touch":
        return [Fraction(0)] * (n - 1) + [Fraction(1)]
    if model == "first_touch":
        return [Fraction(1)] + [Fraction(0)] * (n - 1)
    if model == "linear" or n == 2 and model != "time_decay":
        return [Fraction(1, n)] * n
    if model == "position_based":
        return [Fraction(2, 5)] + [Fraction(1, 5 * (n - 2))] * (n - 2) + [Fraction(2, 5)]
    if model == "w_shaped":
        if n == 3:
            return [Fraction(1, 3)] * 3
        lead = min(max(n // 2 if lead is None else lead, 1), n - 2)
        return [Fraction(3, 10) if i in (0, lead, n - 1) else Fraction(1, 10 * (n - 3)) for i in range(n)]
    half_life_ms = decimal.Decimal(str(half_life)) * DAY_MS
    decayed = [Fraction(decimal.Decimal(2) ** (-(converted - at) / half_life_ms)) for at in times]
    return [part / sum(decayed) for part in decayed]


def largest_remainder(value, shares):
    """Cents of a value: rounded down, what is left to the largest remainders, the later of two that are equal."""
    if value < 0:
        return [-cents for cents in largest_remainder(-value, shares)]
    exact = [value * share for share in shares]
    cents = [int(amount) for amount in exact]
    # Sixty digits make equal decimals equal; beyond forty they are noise.
    loss = [round((amount - whole) * 10**40) for amount, whole in zip(exact, cents)]
    for touch in sorted(range(len(cents)), key=lambda touch: (-loss[touch], -touch))[: value - sum(cents)]:
        cents[touch] += 1
    return cents


def billionths(shares):
    """One conversion: each share to the nearest billionth, what is missing with the last touch."""
    rounded = [int(share * 10**9 + Fraction(1, 2)) for share in shares[:-1]]
    return rounded + [10**9 - sum(rounded)] if shares else []


def counted(journey):
    """The touches up to the conversion, in order of time, then click before view, then id."""
    conversion = journey.get("conversion")
    until = millis(conversion["converted_at"]) if conversion else None
    touches = [touch for touch in journey["touches"] if until is None or millis(touch["touched_at"]) <= until]
    kind = {"click": 0, "view": 1}
    order = lambda touch: (millis(touch["touched_at"]), kind[touch.get("kind", "click")], "touch_id" in touch, touch.get("touch_id", ""))
    return sorted(touches, key=order)


def journey_credits(journey, model, settings):
    """(touch, weight, cents, billionths) of each touch that counts; what no touch led to is one entry without a touch."""
    conversion = journey["conversion"]
    value, touches = conversion.get("value_cents", 0), counted(journey)
    if not touches:
        return [(None, None, value, 10**9 if value >= 0 else 0)]
    times = [millis(touch["touched_at"]) for touch in touches]
    shares = weights(model, times, millis(conversion["converted_at"]), settings.get("half_life_days", 7), journey.get("lead_touch"))
    cents = largest_remainder(value, shares)
    parts = billionths(shares) if value >= 0 else [0] * len(shares)
    return list(zip(touches, shares, cents, parts))


def totals(journeys, model, settings, by):
    """Cents and billionths by (without a touch, channel, campaign)."""
    found = {}
    for journey in journeys:
        if not journey.get("conversion"):
            continue
        for touch, _, cents, parts in journey_credits(journey, model, settings):
            if touch is None:
                place = (True, "", "")
            elif (cents, parts) == (0, 0):
                continue
            else:
                place = (False, touch["channel"], touch.get("campaign") or "" if by == "campaign" else "")
            before = found.get(place, (0, 0))
            found[place] = (before[0] + cents, before[1] + parts)
    return found


def converted(journeys):
    values = [journey["conversion"].get("value_cents", 0) for journey in journeys if journey.get("conversion")]
    return {"conversions": sum(value >= 0 for value in values), "value_cents": sum(values)}


def nine(fraction):
    """To nine decimals, half away from zero."""
    scaled = abs(fraction) * 10**9 + Fraction(1, 2)
    whole = scaled.numerator // scaled.denominator
    return float(Fraction(whole if fraction >= 0 else -whole, 10**9))


def rules(request):
    settings, by = request.get("settings", {}), request.get("by", "channel")
    spend = {(False, s["channel"], s.get("campaign") or ""): s["spend_cents"] for s in request.get("spend", [])}
    answer = {**converted(request["journeys"]), "models": []}
    for model in request.get("models", MODELS):
        found = {**{place: (0, 0) for place in spend}, **totals(request["journeys"], model, settings, by)}
        credits = []
        for place in sorted(found):
            cents, parts = found[place]
            spent = spend.get(place)
            credits.append({
                "channel": None if place[0] else place[1],
                "campaign": place[2] or None,
                "conversions": nine(Fraction(parts, 10**9)),
                "value_cents": cents,
                "spend_cents": spent,
                "roas": nine(Fraction(cents, spent)) if spent else None,
            })
        answer["models"].append({"model": model, "credits": credits})
    if request.get("details"):
        answer["details"] = [
            [details(journey, model, settings) for model in request.get("models", MODELS) if journey.get("conversion")]
            for journey in request["journeys"]
        ]
    return answer


def details(journey, model, settings):
    credits = [entry for entry in journey_credits(journey, model, settings) if entry[0] is not None]
    said = {"model": model, "value_cents": [cents for _, _, cents, _ in credits]}
    # The last digits of a power are nobody's to promise; the weights of the other models are fractions.
    if model != "time_decay":
        said["weights"] = [float(weight) for _, weight, _, _ in credits]
    return said


def compare(request):
    models, by = request.get("models", MODELS), request.get("by", "channel")
    found = {model: totals(request["journeys"], model, request.get("settings", {}), by) for model in models}
    channels = []
    for place in sorted({place for credits in found.values() for place in credits}):
        base = found[request.get("baseline", "last_touch")].get(place, (0, 0))[0]
        credits = []
        for model in models:
            cents, parts = found[model].get(place, (0, 0))
            difference = nine(Fraction(100 * (cents - base), base)) if base else None
            credits.append({
                "model": model, "conversions": nine(Fraction(parts, 10**9)), "value_cents": cents,
                "difference_pct": difference,
            })
        channels.append({
            "channel": None if place[0] else place[1], "campaign": place[2] or None, "credits": credits,
        })
    return {**converted(request["journeys"]), "channels": channels}
