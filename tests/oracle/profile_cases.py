"""Cases of profile.aggregate: counters of domain.md 10.1, from lists that are sorted first and read once."""

import datetime
import math
from decimal import Decimal
from fractions import Fraction

from operations import case, refused

START = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
IDENTIFIERS = [{"type": "external_id", "value": "U-1"}]


def stamp(minutes):
    return (START + datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def minor(properties, exponent):
    if properties.get("total_cents") is not None:
        return int(properties["total_cents"])
    if "total" not in properties:
        return None
    value = properties["total"]
    scaled = Fraction(Decimal(value if isinstance(value, str) else repr(value))) * 10**exponent
    return math.floor(scaled + Fraction(1, 2))


def aggregate(currency, events):
    """`events`: each with its minutes beside it, none twice."""
    exponent = {"USD": 2, "KWD": 3, "JPY": 0}[currency]
    events = sorted(events, key=lambda pair: (pair[0], pair[1]["event_id"]))
    track = [(m, e) for m, e in events if e.get("kind", "track") == "track"]
    purchases = [(m, e) for m, e in track if e["event_name"] == "Purchase"]
    revenue, other = 0, 0
    for _, e in track:
        if e["event_name"] in ("Purchase", "Refund"):
            amount = minor(e.get("properties", {}), exponent)
            if amount is not None and e.get("properties", {}).get("currency", currency) != currency:
                other += 1
            elif amount is not None:
                revenue += amount if e["event_name"] == "Purchase" else -amount
    named = {e["context"]["session_id"] for _, e in track if "context" in e}
    unnamed = [m for m, e in track if "context" not in e]
    runs = sum(1 for i, m in enumerate(unnamed) if i == 0 or m - unnamed[i - 1] > 30)
    attributes = {}
    for _, e in events:
        attributes |= {k: v for k, v in e.get("traits", {}).items() if v is not None}
    return {
        "total_events": len(track), "total_sessions": len(named) + runs, "total_purchases": len(purchases),
        "total_revenue_cents": revenue, "other_currency_amounts": other,
        "first_seen_at": stamp(events[0][0]) if events else None, "last_seen_at": stamp(events[-1][0]) if events else None,
        "first_purchase_at": stamp(purchases[0][0]) if purchases else None,
        "last_purchase_at": stamp(purchases[-1][0]) if purchases else None, "attributes": attributes,
    }


def drawn(seed, count):
    events, state = [], seed
    for number in range(count):
        draws = []
        for _ in range(4):
            state = state * 48_271 % 2_147_483_647
            draws.append(state >> 6)
        minutes = draws[0] % 900
        event = {"event_id": f"e{draws[1] % 89}-{number}", "event_time": stamp(minutes), "identifiers": IDENTIFIERS}
        kind = draws[2] % 6
        if kind == 0:
            event["kind"] = "identify"
        else:
            event["event_name"] = ["Purchase", "Refund", "PageView", "PageView", "Purchase"][kind - 1]
        if kind in (1, 2, 5):
            event["properties"] = [{"total": 12.345}, {"total": "7.5", "currency": "USD"}, {"total_cents": 999, "total": 1},
                                   {"total": 3, "currency": "KWD"}, {}, {"total": "0.005"}][draws[3] % 6]
        if draws[1] % 3 == 0:
            event["context"] = {"session_id": f"s{draws[1] % 4}"}
        if draws[3] % 2:
            event["traits"] = {["city", "plan", "score"][draws[0] % 3]: [None, "Kuwait", 7, True][draws[1] % 4]}
        events.append((minutes, event))
    return events


def cases():
    found = []
    for seed in range(1, 31):
        currency = ["USD", "KWD", "JPY"][seed % 3]
        pairs = drawn(seed * 7919, (seed * 5) % 41)
        events = [event for _, event in pairs]
        found.append(case(f"history {seed} in {currency}", {"currency": currency, "events": events + events[:2]}, aggregate(currency, pairs)))
    nothing = {"total_events": 1, "total_sessions": 1, "total_purchases": 0, "total_revenue_cents": 0}

    def one(kind, value, **settings):
        event = {"event_name": "PageView", "event_time": stamp(0), "identifiers": [{"type": kind, "value": value}]}
        return {"currency": "USD", "events": [event], **({"settings": settings} if settings else {})}

    found.append(case("a phone without a country code, by the region of its source", one("phone", "5001 2345", default_region="KW"), nothing))
    found.append(refused("a phone without a country code and no region", one("phone", "5001 2345"), ("/events/0/identifiers", "no_valid_identifier")))
    found.append(refused("a documentation address under the preset strict", one("email", "jane@example.com"), ("/events/0/identifiers", "no_valid_identifier")))
    found.append(case("a documentation address under the preset standard", one("email", "jane@example.com", preset="standard"), nothing))
    unreadable = {"event_name": "Purchase", "event_time": stamp(0), "identifiers": IDENTIFIERS, "properties": {"total": 5, "currency": "Euro"}}
    found.append(case("an amount whose currency cannot be read", {"currency": "EUR", "events": [unreadable]},
                      {"total_purchases": 1, "total_revenue_cents": 0, "other_currency_amounts": 1}))
    found.append(refused("an event without a time", {"currency": "USD", "events": [{"event_name": "PageView", "identifiers": IDENTIFIERS}]},
                         ("/events/0/event_time", "missing_field")))
    return found
