"""Cases of attribution.paths and attribution.variance."""

import random
import statistics
from decimal import Decimal
from fractions import Fraction

from attribution import DAY_MS, counted, millis, nine, stamp
from attribution_cases import drawn, journey, ladder, touch
from operations import case, refused


def paths(request):
    found = [(journey, counted(journey)) for journey in request["journeys"] if journey.get("conversion") and journey["conversion"].get("value_cents", 0) >= 0]
    touched = [(journey["conversion"], touches) for journey, touches in found if touches]
    by_path, by_length, channels = {}, {}, {}
    for conversion, touches in touched:
        names = tuple(entry["channel"] for entry in touches)
        for sums, key in ((by_path, names), (by_length, len(names))):
            count, value = sums.get(key, (0, 0))
            sums[key] = (count + 1, value + conversion.get("value_cents", 0))
        for name in set(names):
            part = channels.setdefault(name, {"channel": name, "touches": 0, "conversions": 0, "first_touch_count": 0, "last_touch_count": 0, "assisted_count": 0})
            part["touches"] += names.count(name)
            part["conversions"] += 1
            part["first_touch_count"] += names[0] == name
            part["last_touch_count"] += names[-1] == name
            part["assisted_count"] += names[-1] != name
    lags = sorted(millis(conversion["converted_at"]) - millis(touches[0]["touched_at"]) for conversion, touches in touched)
    days = [lag // DAY_MS for lag in lags]
    top = sorted(by_path.items(), key=lambda entry: (-entry[1][0], -entry[1][1], entry[0]))[: request.get("top", 10)]
    return {
        "conversions": len(touched),
        "unattributed": len(found) - len(touched),
        "top_paths": [{"channels": list(names), "conversions": count, "value_cents": value} for names, (count, value) in top],
        "path_lengths": [{"touches": n, "conversions": by_length[n][0], "value_cents": by_length[n][1]} for n in sorted(by_length)],
        "time_lag": {
            "mean_days": nine(Fraction(sum(lags), DAY_MS * len(lags))) if lags else None,
            "median_days": nine(statistics.median([Fraction(lag, DAY_MS) for lag in lags])) if lags else None,
            "days": [{"days": day, "conversions": days.count(day)} for day in sorted(set(days))],
        },
        "channels": [channels[name] for name in sorted(channels)],
    }


def path_cases():
    rng, at = random.Random(71), 60 * DAY_MS
    fixed = [
        ("nothing at all", {"journeys": []}),
        ("one channel twice is no assist of its own", {"journeys": [journey([touch("meta", at - 5), touch("meta", at - 1)], at, 100)]}),
        ("assists, first and last", {"journeys": [journey(ladder(4), at, 100), journey(ladder(2), at, 50), journey(ladder(2), at, 70)]}),
        ("refunds and what came to nothing do not count", {"journeys": [journey(ladder(2), at, -50), journey(ladder(2)), journey([], at, 9)]}),
        ("the most frequent path, then the more valuable, then by name", {
            "top": 2, "journeys": [journey([touch(name, at - 1)], at, value) for name, value in (("b", 5), ("a", 5), ("c", 4), ("c", 1))]}),
    ]
    made = [case(name, request, paths(request)) for name, request in fixed]
    for number in range(6):
        request = {"journeys": drawn(rng, 12, longest=3), "top": rng.choice([1, 3, 1000])}
        made.append(case(f"drawn {number}", request, paths(request)))
    wrong = {"top": 0, "journeys": [journey([touch("", at)], at, 1)]}
    return made + [refused("no path and no channel", wrong, ("/top", "out_of_range"), ("/journeys/0/touches/0/channel", "too_short"))]


def variance_pct(platform, reference):
    return Fraction(100) * (platform - reference) / reference if reference else None


def status(pct):
    if pct is None:
        return None
    far = abs(pct)
    return "healthy" if far < 5 else "minor_variance" if far < 15 else "moderate_variance" if far < 30 else "high_variance"


def step(figure, limits, values):
    return Fraction(str(values[sum(figure >= limit for limit in limits)]))


def sample_std(values):
    mean = sum(values) / len(values)
    square = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return Fraction((Decimal(square.numerator) / Decimal(square.denominator)).sqrt())


def variance(request):
    per_major = 10 ** {"JPY": 0, "KWD": 3}.get(request.get("currency"), 2)
    entities = []
    for entity in request["entities"]:
        days = sorted(entity["days"], key=lambda day: millis(day["day"]))
        sums = {
            side: {key: sum(Fraction(str(day[side][key])) for day in days) for key in ("revenue_cents", "conversions")}
            for side in ("platform", "reference")}
        said = {"entity_id": entity["entity_id"]}
        for field, key in (("revenue", "revenue_cents"), ("conversions", "conversions")):
            platform, reference = sums["platform"][key], sums["reference"][key]
            pct = variance_pct(platform, reference)
            said[field] = {"variance_pct": None if pct is None else nine(pct), "status": status(pct), "reference_zero": reference == 0 and platform > 0}
        daily = [variance_pct(day["platform"]["revenue_cents"], day["reference"]["revenue_cents"]) for day in days]
        said["banner"] = len(daily) >= 3 and all(pct is not None and abs(pct) >= 30 for pct in daily[-3:])
        trend = [pct for pct in daily[-7:] if pct is not None]
        even = max(Fraction(0), 1 - sample_std(trend) / 30) if len(trend) >= 3 else Fraction(3, 10)
        volume = step(sums["reference"]["revenue_cents"] / per_major, (100, 1000, 10000), (0.3, 0.6, 0.8, 0.95))
        counted = step(sums["reference"]["conversions"], (5, 20, 100), (0.4, 0.7, 0.85, 0.95))
        said["confidence"] = nine(volume * Fraction(4, 10) + (counted + even) * Fraction(3, 10))
        entities.append(said)
    high = sum("high_variance" in (entity["revenue"]["status"], entity["conversions"]["status"]) for entity in entities)
    share = Fraction(100 * high, len(entities)) if entities else Fraction(0)
    account = "healthy" if not high else "minor_variance" if share < 20 else "moderate_variance" if share < 50 else "high_variance"
    return {"account_status": account, "high_pct": nine(share), "entities": entities}


def day(number, platform, reference, platform_conversions=10, reference_conversions=10):
    return {
        "day": stamp(number * DAY_MS),
        "platform": {"revenue_cents": platform, "conversions": platform_conversions},
        "reference": {"revenue_cents": reference, "conversions": reference_conversions},
    }


def variance_cases():
    rng = random.Random(72)
    one = lambda *days, **more: {"entities": [{"entity_id": "meta", "days": list(days)}], **more}
    fixed = [("nothing at all", {"entities": []}), ("an entity without a day", one())]
    for pct in (0, 4.99, 5, 14.99, 15, 29.99, 30, -4.99, -5, -30, 120):
        fixed.append((f"{pct} per cent more", one(day(0, 10_000 + int(pct * 100), 10_000))))
    fixed += [
        ("a reference of nothing", one(day(0, 100, 0, 1, 0))),
        ("both nothing", one(day(0, 0, 0, 0, 0))),
        ("three high days, in any order", one(day(3, 140, 100), day(1, 100, 100), day(4, 60, 100), day(2, 130, 100))),
        ("the last of three days is not high", one(day(1, 140, 100), day(2, 140, 100), day(3, 129, 100))),
        ("a day without a reference ends the row", one(day(1, 140, 100), day(2, 140, 0), day(3, 140, 100))),
        ("two high days", one(day(1, 140, 100), day(2, 140, 100))),
        ("even days can be relied on", one(*[day(n, 11_000_000, 10_000_000, 60, 50.5) for n in range(10)])),
        ("the volume in Kuwaiti dinars", one(*[day(n, 11_000_000, 10_000_000) for n in range(3)], currency="KWD")),
        ("the volume in yen", one(*[day(n, 1_100, 1_000) for n in range(3)], currency="JPY")),
    ]
    for number in range(8):
        entities = [
            {"entity_id": f"e{n}", "days": [
                day(d, rng.randrange(5_000, 15_000) * 10, rng.randrange(5_000, 12_000) * 10, rng.randrange(40), rng.randrange(40)) for d in range(rng.randrange(1, 9))]}
            for n in range(rng.randrange(1, 7))]
        fixed.append((f"drawn {number}", {"entities": entities}))
    wrong = one(day(0, -1, 2**53, -1, 1e13), day(0, 1, 1))
    wrong["entities"][0]["entity_id"] = ""
    problems = [
        ("/entities/0/entity_id", "too_short"), ("/entities/0/days/0/platform/revenue_cents", "out_of_range"),
        ("/entities/0/days/0/platform/conversions", "out_of_range"), ("/entities/0/days/0/reference/revenue_cents", "out_of_range"),
        ("/entities/0/days/0/reference/conversions", "out_of_range"), ("/entities/0/days/1/day", "duplicate"),
    ]
    local = one(day(0, 140, 100), day(1, 140, 100))
    local["entities"][0]["days"][1]["day"] = stamp(DAY_MS - 1)
    return [case(name, request, variance(request)) for name, request in fixed] + [
        refused("two instants of one date in UTC", local, ("/entities/0/days/1/day", "duplicate"))] + [refused("everything wrong at once", wrong, *problems)]
