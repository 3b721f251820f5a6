"""Cases of traits.validate and traits.compute.

Aggregates are exact fractions, rounded once. A formula is read by Python's own parser: its names become values that carry
nulls through every operation, so nothing of the reader under test is repeated here.
"""

import calendar
import datetime
import decimal
import json
import math
import re
from fractions import Fraction

from operations import case, refused

NOW = datetime.datetime(2026, 3, 31, tzinfo=datetime.timezone.utc)


def stamp(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def hours_ago(hours):
    return stamp(NOW - datetime.timedelta(hours=hours))


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def amount(value):
    """A number or plain decimal text as a fraction; numbers by their shortest decimal."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        found = Fraction(decimal.Decimal(repr(value)))
    elif isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,18}(\.[0-9]{1,255})?", value.strip(" \t\n\f\r")):
        found = Fraction(decimal.Decimal(value.strip()))
    else:
        return None
    return found if abs(found) < 10**18 else None


def shown(fraction):
    """Whole numbers as such, others as the nearest double."""
    return int(fraction) if fraction.denominator == 1 else float(fraction)


def at_path(properties, path):
    for key in path.split("."):
        properties = properties.get(key) if isinstance(properties, dict) else None
    return properties


def months_before(instant, months):
    """The same day and time so many months before, or the last day of that month."""
    first = instant.year * 12 + instant.month - 1 - months
    year, month = first // 12, first % 12 + 1
    return instant.replace(year=year, month=month, day=min(instant.day, calendar.monthrange(year, month)[1]))


def aggregate(definition, events, now):
    source, kind = definition.get("source_config", {}), definition["trait_type"]
    days = source.get("time_window_days")
    chosen = []
    for event in events:
        if source.get("event_name") not in (None, event["event_name"]):
            continue
        if any(at_path(event["properties"], f["field"]) != f["value"] for f in source.get("filters", [])):
            continue
        at = instant(event["event_time"])
        if at > now or at < months_before(now, 13) or (days and at <= now - datetime.timedelta(days=days)):
            continue
        value = at_path(event["properties"], source["property"]) if "property" in source else "event"
        if value is not None:
            chosen.append(((at, event["event_id"]), value))
    chosen.sort(key=lambda pair: pair[0])
    values = [value for _, value in chosen]
    if kind == "count":
        return len(values), 0
    if kind == "exists":
        return bool(values), 0
    if kind == "unique_count":
        return len({json.dumps(v, sort_keys=True) for v in values}), 0
    if kind in ("first", "last"):
        if not chosen:
            return None, 0
        key, value = chosen[0 if kind == "first" else -1]
        return (value if "property" in source else stamp(key[0])), 0
    amounts = [amount(value) for value in values]
    skipped = amounts.count(None)
    amounts = [a for a in amounts if a is not None]
    if kind == "sum":
        return shown(sum(amounts, Fraction(0))), skipped
    if not amounts:
        return None, skipped
    if kind == "average":
        mean = sum(amounts) / len(amounts) * 10**12
        rounded = math.floor(abs(mean) + Fraction(1, 2))
        return shown(Fraction(rounded if mean >= 0 else -rounded, 10**12)), skipped
    return shown(min(amounts) if kind == "min" else max(amounts)), skipped


class Value:
    """A value of a formula: an operation on nothing gives nothing."""

    def __init__(self, held):
        self.held = held

    def number(self):
        return self.held if isinstance(self.held, (int, float)) and not isinstance(self.held, bool) else None

    def _with(self, other, run):
        a, b = self.number(), lift(other).number()
        if a is None or b is None:
            return Value(None)
        found = run(float(a), float(b))
        return Value(found if found is not None and math.isfinite(found) else None)

    def __add__(self, other): return self._with(other, lambda a, b: a + b)
    def __radd__(self, other): return lift(other) + self
    def __sub__(self, other): return self._with(other, lambda a, b: a - b)
    def __rsub__(self, other): return lift(other) - self
    def __mul__(self, other): return self._with(other, lambda a, b: a * b)
    def __rmul__(self, other): return lift(other) * self
    def __truediv__(self, other): return self._with(other, lambda a, b: a / b if b else None)
    def __rtruediv__(self, other): return lift(other) / self
    def __neg__(self): return Value(None if self.number() is None else -self.number())

    def _compare(self, other, run):
        a, b = self.held, lift(other).held
        same = (self.number() is not None and lift(other).number() is not None) or (a is not None and type(a) is type(b))
        return Value(run(a, b) if same else None)

    def __lt__(self, other): return self._compare(other, lambda a, b: a < b)
    def __le__(self, other): return self._compare(other, lambda a, b: a <= b)
    def __gt__(self, other): return self._compare(other, lambda a, b: a > b)
    def __ge__(self, other): return self._compare(other, lambda a, b: a >= b)
    def __eq__(self, other): return self._compare(other, lambda a, b: a == b)
    def __ne__(self, other): return self._compare(other, lambda a, b: a != b)


def lift(value):
    return value if isinstance(value, Value) else Value(value)


def rounded(value, digits=0):
    held, places = lift(value).number(), lift(digits).number()
    if held is None or places is None:
        return Value(None)
    # The shortest decimal that reads back as the number, as Python prints it.
    with decimal.localcontext(prec=400):
        return Value(float(decimal.Decimal(repr(held)).quantize(decimal.Decimal(1).scaleb(-int(places)), decimal.ROUND_HALF_UP)))


def extreme(run):
    def of(*values):
        held = [lift(v).held for v in values]
        return Value(None if None in held else run(held))
    return of


def formula(text, values, now):
    python = text.replace("×", "*").replace("÷", "/").replace("−", "-")
    names = set(re.findall(r"[A-Za-z_][A-Za-z0-9_.]*", re.sub(r"'[^']*'", "", python)))
    scope = {
        "if_": lambda c, a, b: lift(a) if lift(c).held is True else lift(b) if lift(c).held is False else Value(None),
        "coalesce": lambda *v: next((lift(x) for x in v if lift(x).held is not None), Value(None)),
        "round": rounded, "min": extreme(min), "max": extreme(max),
        "days_since": lambda t: Value(math.floor((now - t.held) / datetime.timedelta(days=1)) if isinstance(t.held, datetime.datetime) else None),
    }
    for name in names - {"if", "coalesce", "round", "min", "max", "days_since"}:
        plain = name.removeprefix("trait.")
        held = values.get(plain, values.get(name))
        if isinstance(held, str) and re.match(r"\d{4}-\d\d-\d\dT", held):
            held = instant(held)
        scope[name.replace(".", "_")] = Value(held)
    python = re.sub(r"\bif\(", "if_(", python)
    python = re.sub(r"([A-Za-z_]\w*)\.([A-Za-z_]\w*)", r"\1_\2", python)
    python = re.sub(r"(?<![\w.])(\d+(?:\.\d+)?)", r"lift(\1)", python)
    scope["lift"] = lift
    found = lift(eval(python, {"__builtins__": {}}, scope)).held  # the texts are below, not a user's
    if isinstance(found, datetime.datetime):
        return stamp(found)
    if isinstance(found, float) and found == int(found) and abs(found) < 9e15:
        return int(found)
    return found


def fields(profile):
    found = {name: profile[key] for name, key in {
        "profile.total_events": "total_events", "profile.total_sessions": "total_sessions",
        "profile.total_revenue_cents": "total_revenue_cents", "profile.first_seen_at": "first_seen_at",
        "profile.last_seen_at": "last_seen_at", "total_purchases": "total_purchases", "ltv": "ltv_365_cents",
        "first_purchase_at": "first_purchase_at", "last_purchase_at": "last_purchase_at", "rfm.frequency": "frequency",
    }.items() if key in profile}
    if "last_seen_at" in profile:
        found["days_since_last_activity"] = (NOW - instant(profile["last_seen_at"])) // datetime.timedelta(days=1)
    if profile.get("total_purchases") and "total_revenue_cents" in profile:
        mean = Fraction(profile["total_revenue_cents"], profile["total_purchases"])
        found["average_order_value"] = int(math.copysign(math.floor(abs(mean) + Fraction(1, 2)), mean))
    return found


def has_type(value, output):
    if output == "boolean":
        return isinstance(value, bool)
    if output == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, str) and (output == "string" or bool(re.match(r"\d{4}-\d\d-\d\dT", value)))


def compute(request, order):
    """`order`: the formulas, each after what it reads."""
    profiles = []
    for one in request["profiles"]:
        values, skipped = {}, {}
        def keep(definition, value):
            good = has_type(value, definition.get("output_type", "number"))
            values[definition["name"]] = value if good else definition.get("default_value")
        for definition in request["traits"]:
            if definition["trait_type"] != "formula":
                value, unread = aggregate(definition, one.get("events", []), NOW)
                keep(definition, value)
                if unread:
                    skipped[definition["name"]] = unread
        for name in order:
            definition = next(d for d in request["traits"] if d["name"] == name)
            known = {**fields(one.get("profile", {})), **values}
            keep(definition, formula(definition["source_config"]["formula"], known, NOW))
        profiles.append({"profile_id": one["profile_id"], "traits": values, "skipped": skipped})
    return {"profiles": profiles}


def drawn(seed, count):
    """Events from a linear congruential generator (Lehmer 1951, 48271)."""
    events, state = [], seed
    totals = [12.5, "0.10", 7, "-3.333", 0.1, 19.99, None, "much", 1e-7, "250", True, 123456789.25]
    for number in range(count):
        draws = []
        for _ in range(4):
            state = state * 48_271 % 2_147_483_647
            draws.append(state >> 5)
        properties = {"total": totals[draws[0] % len(totals)], "shipping": {"method": ["express", "standard"][draws[1] % 2]}}
        if draws[2] % 3:
            properties["plan"] = ["basic", "plus"][draws[3] % 2]
        events.append({"event_id": f"e{draws[3] % 97}-{number}", "event_name": ["Purchase", "Purchase", "Refund", "PageView"][draws[2] % 4],
                       "event_time": hours_ago(draws[1] % (24 * 60)), "properties": properties})
    return events


def trait(name, kind, output=None, default=None, **source):
    found = {"name": name, "trait_type": kind, "source_config": source}
    if output:
        found["output_type"] = output
    if default is not None:
        found["default_value"] = default
    return found


AGGREGATES = [
    trait("events", "count"), trait("purchases", "count", event_name="Purchase"),
    trait("spent", "sum", event_name="Purchase", property="total"), trait("spent_30d", "sum", event_name="Purchase", property="total", time_window_days=30),
    trait("mean", "average", property="total"), trait("mean_7d", "average", property="total", time_window_days=7, default=-1),
    trait("least", "min", property="total"), trait("most_14d", "max", property="total", time_window_days=14),
    trait("first_plan", "first", "string", property="plan"), trait("last_plan_10d", "last", "string", "none", property="plan", time_window_days=10),
    trait("first_event_at", "first", "date"), trait("last_refund_at", "last", "date", event_name="Refund"),
    trait("plans", "unique_count", property="plan"), trait("amounts_20d", "unique_count", property="total", time_window_days=20),
    trait("refunded", "exists", "boolean", event_name="Refund"), trait("last_total", "last", property="total"),
    trait("express", "count", event_name="Purchase", filters=[{"field": "shipping.method", "operator": "equals", "value": "express"}]),
]
FORMULAS = [
    ("per_purchase", "round(spent ÷ purchases, 2)"), ("net", "spent − 10 × (events + 1) / 4"), ("negative", "-net + - -1"),
    ("known", "coalesce(mean_7d * ltv, trait.mean, 0)"), ("loyal", "if(purchases >= 3, 100, if(purchases = 0, 0, 50))".replace("=", "==").replace(">==", ">=")),
    ("capped", "min(max(spent_30d, 0), 100, events)"), ("quiet", "days_since(profile.last_seen_at)"), ("since_first", "days_since(first_event_at)"),
    ("value", "average_order_value * total_purchases / rfm.frequency"), ("nothing", "1 / 0"), ("rounded", "round(-2.5) + round(0.125, 2) + round(1234.5678, 3)"),
    ("chain", "per_purchase + net"), ("gone", "days_since_last_activity > 5"), ("plan_is_plus", "first_plan == 'plus'"), ("when", "max(first_event_at, profile.last_seen_at)"),
]


def at_the_edges():
    """Events around now, and around thirteen months before it: the 28th of February of a year without a 29th."""
    kept_from = months_before(NOW, 13)
    tick = datetime.timedelta(milliseconds=1)
    instants = [NOW, NOW + tick, NOW + datetime.timedelta(days=3), kept_from, kept_from - tick, kept_from - datetime.timedelta(days=90),
                NOW - datetime.timedelta(days=30), NOW - datetime.timedelta(days=30) + tick]
    events = [{"event_id": f"e{number}", "event_name": "Purchase", "event_time": stamp(when), "properties": {"total": 10**number}}
              for number, when in enumerate(instants)]
    total = {"event_name": "Purchase", "property": "total"}
    traits = [trait("ever", "sum", **total), trait("lately", "sum", time_window_days=30, **total), trait("longer", "sum", time_window_days=3650, **total),
              trait("count", "count"), trait("first_at", "first", "date"), trait("last_at", "last", "date"), trait("largest", "max", **total),
              trait("different", "unique_count", **total)]
    request = {"traits": traits, "now": stamp(NOW), "profiles": [{"profile_id": "p", "events": events}]}
    return case("what happens later does not count yet, and what is older than thirteen months no more", request, compute(request, []))


def written_digits():
    texts = ["round(1.005, 2)", "round(2.675, 2)", "round(0 - 1.005, 2)", "round(4.35, 1)", "round(9.995, 2)", "round(1.0049999, 2)",
             "round(0.1 + 0.2, 12)", "round(0.0000005, 6)", "round(123456789.9876543, 3)", "round(0.5)", "round(-99.5)", "round(1.15 * 100)"]
    traits = [trait(f"t{number}", "formula", formula=text) for number, text in enumerate(texts)]
    request = {"traits": traits, "now": stamp(NOW), "profiles": [{"profile_id": "p"}]}
    return case("rounding goes by the digits that a number is written with", request, compute(request, [one["name"] for one in traits]))


def cases():
    outputs = {"gone": "boolean", "plan_is_plus": "boolean", "when": "date"}
    formulas = [trait(name, "formula", outputs.get(name), formula=text) for name, text in FORMULAS]
    traits = AGGREGATES + formulas[::-1]
    order = [name for name, _ in FORMULAS]
    profile = {"total_events": 12, "total_purchases": 3, "total_revenue_cents": 10_001, "last_seen_at": hours_ago(300), "ltv_365_cents": 5_000, "frequency": 4}
    found = []
    for seed in range(1, 13):
        profiles = [{"profile_id": f"p{n}", "events": drawn(seed * 7919 + n, (0, 1, 6, 25)[n]), **({"profile": profile} if n % 2 else {})} for n in range(4)]
        request = {"traits": traits, "now": stamp(NOW), "profiles": profiles}
        found.append(case(f"all kinds of traits, history {seed}", request, compute(request, order)))
    found += [at_the_edges(), written_digits()]
    found.append(refused("a formula that reads itself", {"traits": [trait("a", "formula", formula="a + 1")], "now": stamp(NOW), "profiles": []},
                         ("/traits/0/source_config/formula", "cycle")))
    return found


def validation_cases():
    chain = [trait("c", "formula", formula="b + 1"), trait("b", "formula", formula="a * 2"), trait("a", "count")]
    return [
        case("formulas after what they read", {"traits": chain}, {"formula_order": ["b", "c"]}),
        refused("names", {"traits": [trait("Total", "count"), trait("a", "count"), trait("a", "count")]},
                ("/traits/0/name", "invalid_format"), ("/traits/2/name", "duplicate_name")),
        refused("what a type needs", {"traits": [trait("a", "sum"), trait("b", "formula"), trait("c", "count", formula="1"), trait("d", "formula", formula="1", property="x")]},
                ("/traits/0/source_config/property", "missing_field"), ("/traits/1/source_config/formula", "missing_field"),
                ("/traits/2/source_config/formula", "not_allowed_here"), ("/traits/3/source_config/property", "not_allowed_here")),
        refused("types", {"traits": [trait("a", "count", "string"), trait("b", "first", "number"), trait("c", "sum", default="x", property="x")]},
                ("/traits/0/output_type", "type_mismatch"), ("/traits/1/output_type", "type_mismatch"), ("/traits/2/default_value", "type_mismatch")),
        refused("formulas", {"traits": [trait("a", "formula", formula="1 +"), trait("b", "formula", formula="sqrt(4)"), trait("c", "formula", formula="spend")]},
                ("/traits/0/source_config/formula", "invalid_formula"), ("/traits/1/source_config/formula", "invalid_formula"),
                ("/traits/2/source_config/formula", "unknown_name")),
        refused("a circle", {"traits": [trait("a", "formula", formula="b"), trait("b", "formula", formula="trait.a")]},
                ("/traits/0/source_config/formula", "cycle"), ("/traits/1/source_config/formula", "cycle")),
    ]
