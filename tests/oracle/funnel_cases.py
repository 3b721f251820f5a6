"""Cases of funnel.evaluate and cohort.retention: the definitions, tried attempt by attempt."""

import datetime
import statistics
from fractions import Fraction

from operations import case, refused

START = datetime.datetime(2026, 1, 5, tzinfo=datetime.timezone.utc)
EVENTS = ["PageView", "ProductViewed", "AddToCart", "Purchase"]


def stamp(ms):
    instant = START + datetime.timedelta(milliseconds=ms)
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def share(part, whole):
    return float(Fraction(part, whole)) if whole else None


def median_seconds(durations):
    return float(Fraction(statistics.median([Fraction(d) for d in durations])) / 1000) if durations else None


def is_step(step, event):
    """Name and conditions; null meets no condition."""
    if step["event_name"] != event["event_name"]:
        return False
    for condition in step.get("conditions", []):
        value = event.get("properties", {}).get(condition["field"])
        if value is None or (value == condition["value"]) != (condition["operator"] == "equals"):
            return False
    return True


def attempt_from(funnel, events, start):
    """The steps that an attempt takes which begins at one event, as indexes; events are (ms, id, row, event)."""
    steps = range(len(funnel["steps"]))
    window = funnel.get("conversion_window_days", 30) * 86_400_000
    timeout = funnel.get("step_timeout_hours")
    meets = [[is_step(funnel["steps"][step], event[3]) for step in steps] for event in events]
    if funnel.get("order", "ordered") == "ordered":
        if not meets[start][0]:
            return []
        wanted = [start]
        for step in steps[1:]:
            later = [i for i in range(wanted[-1] + 1, len(events)) if meets[i][step]]
            if not later:
                break
            wanted.append(later[0])
    else:
        if not any(meets[start]):
            return []
        # Every set of steps that the events so far can take between them, each event one of them, tried one by one; an event
        # is wanted where more steps than before can be taken with it.
        wanted, sets = [], {frozenset()}
        for i in range(start, len(events)):
            sets |= {taken | {step} for taken in sets for step in steps if meets[i][step]}
            if max(map(len, sets)) > len(wanted):
                wanted.append(i)
    taken = []
    for index in wanted:
        since = events[index][0] - events[taken[-1] if taken else start][0]
        if events[index][0] - events[start][0] > window or (timeout and since > timeout * 3_600_000):
            break
        taken.append(index)
    return taken


def evaluate(request):
    funnel, people = request["funnel"], {}
    for row, event in enumerate(request["events"]):
        instant = datetime.datetime.fromisoformat(event["event_time"].replace("Z", "+00:00"))
        ms = (instant - START) // datetime.timedelta(milliseconds=1)
        people.setdefault(event["profile_id"], []).append((ms, event.get("event_id") or "", row, event))
    size, attempts, drop_offs = len(funnel["steps"]), [], []
    for person in sorted(people):
        events = sorted(people[person], key=lambda event: event[:3])
        tried = [attempt_from(funnel, events, start) for start in range(len(events))]
        best = max(tried, key=len, default=[])
        if best:
            attempts.append([events[index] for index in best])
            if len(best) < size:
                last = events[best[-1]]
                drop_offs.append({"profile_id": person, "last_step": len(best), "last_step_at": stamp(last[0])})
    reached = [sum(len(attempt) > step for attempt in attempts) for step in range(size)]
    whole = [attempt[-1][0] - attempt[0][0] for attempt in attempts if len(attempt) == size]
    ordered = funnel.get("order", "ordered") == "ordered"
    steps = []
    for position, step in enumerate(funnel["steps"]):
        before = reached[position - 1] if position else reached[0]
        gaps = [a[position][0] - a[position - 1][0] for a in attempts if len(a) > position] if position else []
        steps.append({
            "step": position + 1,
            "name": step.get("step_name", step["event_name"]) if ordered else None,
            "event_name": step["event_name"] if ordered else None,
            "count": reached[position],
            "conversion_rate": share(reached[position], reached[0]),
            "drop_off_rate": share(before - reached[position], before),
            "drop_off_count": before - reached[position],
            "median_seconds_from_previous": median_seconds(gaps),
        })
    return {
        "entered": reached[0], "converted": reached[-1], "conversion_rate": share(reached[-1], reached[0]),
        "median_seconds_to_convert": median_seconds(whole), "steps": steps,
        "groups": groups(funnel, attempts, size), "drop_offs": drop_offs,
    }


def groups(funnel, attempts, size):
    if "break_down" not in funnel:
        return []
    values = {}
    for attempt in attempts:
        value = attempt[0][3].get("properties", {}).get(funnel["break_down"])
        values.setdefault(value, []).append(attempt)
    found = []
    for value, members in values.items():
        counts = [sum(len(attempt) > step for attempt in members) for step in range(size)]
        found.append({"value": value, "entered": counts[0], "converted": counts[-1],
                      "conversion_rate": share(counts[-1], counts[0]), "counts": counts})
    return sorted(found, key=lambda g: (-g["entered"], g["value"] is not None, g["value"] or ""))


def drawn(seed, count, people, hours):
    """Events from a linear congruential generator (Lehmer 1951, 48271)."""
    events, state = [], seed
    for number in range(count):
        draws = []
        for _ in range(4):
            state = state * 48_271 % 2_147_483_647
            draws.append(state)
        event = {
            "profile_id": f"p{draws[0] % people}", "event_id": f"e{draws[3] % 1000}-{number}",
            "event_name": EVENTS[draws[1] % len(EVENTS)], "event_time": stamp(draws[2] % (hours * 3600) * 1000 + draws[0] % 1000),
        }
        if draws[3] % 4:
            event["properties"] = {"country": ["KW", "AE", "SA"][draws[3] % 3]}
        events.append(event)
    return events


def steps(*names):
    return [{"event_name": name} for name in names]


def purchase_in(country):
    return {"event_name": "Purchase", "conditions": [{"field": "country", "operator": "equals", "value": country}]}


KUWAIT, EMIRATES = purchase_in("KW"), purchase_in("AE")


def cases():
    three = steps("ProductViewed", "AddToCart", "Purchase")
    found = []
    for seed, funnel in enumerate([
        {"steps": three}, {"steps": three, "conversion_window_days": 1}, {"steps": three, "step_timeout_hours": 6},
        {"steps": three, "break_down": "country"}, {"steps": steps("PageView", "PageView", "Purchase")},
        {"steps": three, "order": "unordered", "conversion_window_days": 2},
        {"steps": three, "order": "unordered", "step_timeout_hours": 3, "break_down": "country"},
        {"steps": [{"step_name": "saw it", "event_name": "ProductViewed"}, *steps("Purchase")], "conversion_window_days": 3},
        {"steps": [{"event_name": "ProductViewed", "conditions": [{"field": "country", "operator": "equals", "value": "KW"}]},
                   {"event_name": "Purchase", "conditions": [{"field": "country", "operator": "not_equals", "value": "SA"}]}]},
    ], 1):
        for size, people, hours in ((40, 6, 72), (150, 25, 240)):
            request = {"funnel": funnel, "events": drawn(seed * 7919 + size, size, people, hours)}
            found.append(case(f"funnel {seed}, {size} events of {people} people", request, evaluate(request)))
    for seed, funnel in enumerate([
        {"steps": [*steps("Purchase", "Purchase"), KUWAIT], "order": "unordered", "conversion_window_days": 2},
        {"steps": [{"event_name": "Purchase"}, KUWAIT, EMIRATES, *steps("AddToCart")], "order": "unordered", "step_timeout_hours": 24},
    ], 10):
        request = {"funnel": funnel, "events": drawn(seed * 7919, 50, 5, 96)}
        found.append(case(f"funnel {seed}, in any order, with events that meet several steps", request, evaluate(request)))
    empty = {"funnel": {"steps": three}, "events": []}
    found.append(case("nobody came", empty, evaluate(empty)))
    ties = {"funnel": {"steps": steps("AddToCart", "Purchase")}, "events": [
        {"profile_id": "p", "event_id": "b", "event_name": "Purchase", "event_time": stamp(0)},
        {"profile_id": "p", "event_id": "a", "event_name": "AddToCart", "event_time": stamp(0)},
        {"profile_id": "q", "event_id": "a", "event_name": "Purchase", "event_time": stamp(0)},
        {"profile_id": "q", "event_id": "b", "event_name": "AddToCart", "event_time": stamp(0)},
    ]}
    found.append(case("events of one instant are in the order of their ids", ties, evaluate(ties)))
    shared = {"funnel": {"steps": [*steps("Purchase"), KUWAIT], "order": "unordered"}, "events": [
        {"profile_id": "p", "event_name": "Purchase", "event_time": stamp(0), "properties": {"country": "KW"}},
        {"profile_id": "p", "event_name": "Purchase", "event_time": stamp(1000), "properties": {"country": "SA"}},
    ]}
    found.append(case("an event that meets two steps takes the one that no other can", shared, evaluate(shared)))
    wrong = [{"event_name": "A", "conditions": [{"field": "a..b", "operator": "equals", "value": 1}]},
             {"event_name": "B", "conditions": [{"field": "a", "operator": "within_last", "value": {"n": 1, "unit": "days"}}]}]
    found.append(refused("conditions that are none", {"funnel": {"steps": wrong}, "events": []},
                         ("/funnel/steps/0/conditions/0/field", "invalid_format"), ("/funnel/steps/1/conditions/0/operator", "not_allowed_here")))
    found.append(refused("a funnel of one step", {"funnel": {"steps": steps("Purchase"), "conversion_window_days": 0}, "events": []},
                         ("/funnel/steps", "out_of_range"), ("/funnel/conversion_window_days", "out_of_range")))
    return found


def cohorts(request):
    """By dates of the standard library: a period is named by its first day."""
    def first_day(text):
        day = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).date()
        if request["period"] == "week":
            return day - datetime.timedelta(days=day.weekday())
        return day.replace(day=1) if request["period"] == "month" else day

    def after(day):
        if request["period"] == "month":
            return (day + datetime.timedelta(days=31)).replace(day=1)
        return day + datetime.timedelta(days=7 if request["period"] == "week" else 1)

    people = {}
    for event in request["events"]:
        if event["event_time"] <= request["now"]:
            people.setdefault(event["profile_id"], []).append(event)
    came = {}
    for person, events in people.items():
        begins = [e["event_time"] for e in events if request.get("cohort_event") in (None, e["event_name"])]
        if begins:
            again = {first_day(e["event_time"]) for e in events
                     if request.get("return_event") in (None, e["event_name"]) and e["event_time"] >= min(begins)}
            came.setdefault(first_day(min(begins)), []).append(again)
    found, now = [], first_day(request["now"])
    for start in sorted(came):
        if start >= now:
            continue
        retained, day = [], start
        for period in range(request.get("periods", 12)):
            if day >= now:
                break
            count = sum(day in again for again in came[start])
            retained.append({"period": period, "count": count, "rate": share(count, len(came[start]))})
            day = after(day)
        found.append({"start": start.isoformat(), "people": len(came[start]), "retained": retained})
    return {"cohorts": found}


def cohort_cases():
    found = []
    for seed, (period, hours, more) in enumerate([
        ("day", 240, {}), ("week", 1200, {"return_event": "Purchase"}), ("month", 4000, {"cohort_event": "ProductViewed"}),
        ("day", 400, {"cohort_event": "AddToCart", "return_event": "Purchase", "periods": 4}), ("month", 9000, {"periods": 3}),
    ], 1):
        events = [{k: e[k] for k in ("profile_id", "event_name", "event_time")} for e in drawn(seed * 104_729, 160, 30, hours)]
        request = {"period": period, "now": stamp(hours * 3_000_000), "events": events, **more}
        found.append(case(f"cohorts by {period}, number {seed}", request, cohorts(request)))
    found.append(refused("no periods", {"period": "day", "periods": 0, "now": stamp(0), "events": []}, ("/periods", "out_of_range")))
    return found
