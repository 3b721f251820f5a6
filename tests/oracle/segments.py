"""Membership in segments by the specification's section 10.6, in Python: exact fractions, str.casefold, datetime.

Written from the text of the specification, not from the Rust. Numbers are the decimals that JSON writes.
"""

import calendar
import datetime
import re
import unicodedata
from fractions import Fraction

ABSENT = object()
UTC = datetime.timezone.utc
BLANKS = " \t\n\f\r"
DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,255})?", re.ASCII)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def exact(value):
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def fold(text):
    nfc = lambda t: unicodedata.normalize("NFC", t)
    return nfc(nfc(text).casefold())


def instant(text):
    """Milliseconds of an RFC 3339 text, or of a date (its midnight in UTC); None for any other text."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        text += "T00:00:00Z"
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text, re.ASCII):
        return None
    try:
        at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return (at - datetime.datetime(1970, 1, 1, tzinfo=UTC)) // datetime.timedelta(milliseconds=1)


def wire(ms):
    at = datetime.datetime(1970, 1, 1, tzinfo=UTC) + datetime.timedelta(milliseconds=ms)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def at_path(value, path):
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return None
        value = value[key]
    return value


def amount(value):
    """What a property adds to a sum: numbers and decimal text below 10^18, to twelve decimals, half away from zero."""
    if is_number(value):
        number = exact(value)
    elif isinstance(value, str) and DECIMAL.fullmatch(value.strip(BLANKS)):
        number = Fraction(value.strip(BLANKS))
    else:
        return None
    if abs(number) >= 10**18:
        return None
    scaled = abs(number) * 10**12
    whole = (scaled * 2 + 1) // 2
    return Fraction(whole if number >= 0 else -whole, 10**12)


class Time(int):
    """Milliseconds, so that a time is not taken for a number."""


RFM = ("segment", "rfm_cell")
TIMES = {"profile.first_seen_at", "profile.last_seen_at", "rfm.calculated_at"}


def value_of(profile, condition, now):
    field = condition["field"]
    group, rest = field.split(".", 1)
    if field in TIMES:
        text = (profile if group == "profile" else profile.get("rfm") or {}).get(rest)
        return None if text is None else Time(instant(text))
    if group == "profile":
        return profile.get(rest, 0 if rest.startswith("total_") else None)
    if group == "rfm":
        return (profile.get("rfm") or {}).get(rest)
    if group == "prediction":
        return (profile.get("predictions") or {}).get(rest)
    if group == "data":
        return at_path(profile.get("data", {}), rest.split("."))
    if group == "trait":
        return profile.get("traits", {}).get(rest)
    if group in ("identifier", "consent", "segment"):
        return rest in profile.get({"segment": "segment_ids"}.get(group, group + "s"), [])
    name, fact = rest.split(".", 1)
    events = [e for e in profile.get("events", []) if e["name"] == name and instant(e["time"]) <= now]
    if "window_days" in condition:
        events = [e for e in events if instant(e["time"]) > now - condition["window_days"] * 86_400_000]
    events.sort(key=lambda e: (instant(e["time"]), e.get("id", "")))
    if fact == "count":
        return len(events)
    if fact == "exists":
        return bool(events)
    if fact in ("first", "last"):
        return Time(instant(events[0 if fact == "first" else -1]["time"])) if events else None
    kind, path = fact.split(".", 1)
    values = [at_path(e.get("properties", {}), path.split(".")) for e in events]
    if kind == "sum":
        return sum((a for a in map(amount, values) if a is not None), Fraction(0))
    values = [v for v in values if v is not None]
    return values[-1] if values else None


def moment(value):
    """The instant of a value, if it is one."""
    if isinstance(value, Time):
        return int(value)
    return instant(value) if isinstance(value, str) else None


def same(actual, wanted):
    if isinstance(actual, Time) or (isinstance(wanted, str) and instant(wanted) is not None and moment(actual) is not None):
        return moment(actual) == instant(wanted)
    if isinstance(actual, bool) or isinstance(wanted, bool):
        return isinstance(actual, bool) and isinstance(wanted, bool) and actual == wanted
    if is_number(wanted):
        return isinstance(actual, (int, float, Fraction)) and as_fraction(actual) == exact(wanted)
    return isinstance(actual, str) and actual == wanted


def as_fraction(value):
    return value if isinstance(value, Fraction) else exact(value)


def back(now, n, unit):
    if unit == "months":
        at = datetime.datetime(1970, 1, 1, tzinfo=UTC) + datetime.timedelta(milliseconds=now)
        months = at.year * 12 + at.month - 1 - n
        year, month = divmod(months, 12)
        day = min(at.day, calendar.monthrange(year, month + 1)[1])
        earlier = at.replace(year=year, month=month + 1, day=day)
        return now - (at - earlier) // datetime.timedelta(milliseconds=1)
    return now - n * {"hours": 3_600_000, "days": 86_400_000, "weeks": 604_800_000}[unit]


def holds(actual, condition, now):
    operator, wanted = condition["operator"], condition.get("value")
    if actual is None:
        return operator == "is_null"
    if operator in ("is_null", "is_not_null"):
        return operator == "is_not_null"
    if operator in ("equals", "not_equals"):
        return same(actual, wanted) == (operator == "equals")
    if operator in ("in", "not_in"):
        return any(same(actual, one) for one in wanted) == (operator == "in")
    if operator in ("contains", "not_contains", "starts_with", "ends_with"):
        if not isinstance(actual, str):
            return False
        text, part = fold(actual), fold(wanted)
        return {"contains": part in text, "not_contains": part not in text, "starts_with": text.startswith(part),
                "ends_with": text.endswith(part)}[operator]
    if operator in ("before", "after", "within_last") or (operator == "between" and isinstance(wanted[0], str)):
        at = moment(actual)
        if at is None:
            return False
        if operator == "before":
            return at < instant(wanted)
        if operator == "after":
            return at > instant(wanted)
        low, high = (back(now, wanted["n"], wanted["unit"]), now) if operator == "within_last" else map(instant, wanted)
        return low <= at <= high
    if isinstance(actual, (bool, str, list, dict, Time)):
        return False
    number = as_fraction(actual)
    if operator == "between":
        return exact(wanted[0]) <= number <= exact(wanted[1])
    limit = exact(wanted)
    return {"greater_than": number > limit, "less_than": number < limit, "greater_or_equal": number >= limit,
            "less_or_equal": number <= limit}[operator]


def shown(value, field):
    """What a reason may show: nothing that could name a person."""
    personal = field.startswith(("data.", "trait.")) or field == "profile.external_id" or ".property." in field
    if value is None or personal:
        return None
    if isinstance(value, Time):
        return wire(value)
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return value


def decide(group, profile, now, path=""):
    """Whether the group holds, and the reasons: of the children, those whose answer is the group's own."""
    children = []
    for i, condition in enumerate(group.get("conditions", [])):
        value = value_of(profile, condition, now)
        met = holds(value, condition, now)
        reason = {"code": "met" if met else "no_value" if value is None else "not_met",
                  "path": f"{path}/conditions/{i}", "field": condition["field"], "operator": condition["operator"]}
        if shown(value, condition["field"]) is not None:
            reason["found"] = shown(value, condition["field"])
        children.append((met, [reason]))
    for i, inner in enumerate(group.get("groups", [])):
        children.append(decide(inner, profile, now, f"{path}/groups/{i}"))
    answers = [answer for answer, _ in children]
    if group["logic"] == "not":
        return not answers[0], children[0][1]
    answer = all(answers) if group["logic"] == "and" else any(answers)
    return answer, [r for a, reasons in children if a == answer for r in reasons]
