"""Cases of conversion.offline: files read by Python's own csv, datetime and decimal, and the row rules of domain.md 11.4."""

import csv
import datetime
import decimal
import hashlib
import io
import re

from conversion_cases import NAMES as EVENT_NAMES
from operations import NOW, at, case, refused

COLUMNS = {
    "external_ref": "external_ref order_id order order_number transaction_id reference",
    "event_name": "event_name event conversion_name conversion_event",
    "occurred_at": "occurred_at event_time conversion_time conversion_date_time timestamp time date_time",
    "value_cents": "value_cents amount_cents total_cents",
    "value": "value conversion_value amount revenue total",
    "currency": "currency conversion_currency currency_code",
    "email": "email e_mail email_address", "phone": "phone phone_number telephone mobile",
    "external_id": "external_id customer_id user_id", "gclid": "gclid google_click_id", "gbraid": "gbraid", "wbraid": "wbraid",
    "fbclid": "fbclid facebook_click_id", "ttclid": "ttclid tiktok_click_id",
    "sclid": "sclid sccid sc_click_id snapchat_click_id", "ad_user_data": "ad_user_data", "ad_personalization": "ad_personalization",
}
NAMES = {alias: name for name, aliases in COLUMNS.items() for alias in aliases.split()}
CLICKS = ["gclid", "gbraid", "wbraid", "fbclid", "ttclid", "sclid"]
EXPONENTS = {"JPY": 0, "KWD": 3}
SOURCES = {"CRM": "system_generated", "API": "system_generated", "POS": "physical_store", "CALL_CENTER": "phone_call",
           "MANUAL": "other", "CSV_UPLOAD": "other"}
# What the identifier rules make of the addresses and numbers used here; None is no address, no number.
EMAILS = {"ada@example.com": "ada@example.com", "Ada@Example.COM": "ada@example.com", "not an address": None}
SHARED = {"noreply@shop.test1": "noreply@shop.test1"}
# Placeholders and shared mailboxes among the values used here (the identity rules' blocked values).
NOBODY = {"unknown", "guest", "0", "-1", "noreply@shop.test1"}
PHONES = {"+971 50 123 4567": "+971501234567", "00971501234567": "+971501234567", "050 123 4567": None, "12": None}


def plain(header):
    return "_".join(word.lower() for word in re.split(r"[\W_]+", header) if word)


def instant(text):
    """An aware instant, "local" for one without a zone, None for none."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(\.\d+)?\s?(Z|[+-]\d\d:?\d\d)?", text)
    if not match:
        return None
    day, minute, second, _, zone = match.groups()
    try:
        local = datetime.datetime.fromisoformat(f"{day}T{minute}{second or ':00'}")
    except ValueError:
        return None
    if zone is None:
        return "local"
    sign = 0 if zone == "Z" else 1 if zone[0] == "+" else -1
    digits = zone[1:].replace(":", "") or "0000"
    offset = sign * datetime.timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
    return (local - offset).replace(tzinfo=datetime.timezone.utc)


# The standard names before the CDP's, event by event.
KNOWN_NAMES = [name for line in EVENT_NAMES.strip().splitlines() for part in line.split("|")[:2] for name in part.split()]


def read_row(get, request):
    """(problems, warnings, cents, event) of a row."""
    problems, warnings = [], []
    wrong = lambda column, code: problems.append({"code": code, "column": column})
    ref, name = get("external_ref"), get("event_name") or "Purchase"
    if name not in KNOWN_NAMES:
        name = next((known for known in KNOWN_NAMES if known.lower() == name.lower()), name)
    if ref is None:
        wrong("external_ref", "missing_external_ref")
    elif len(ref) > 128:
        wrong("external_ref", "invalid_text")
    when = get("occurred_at")
    moment = instant(when) if when else None
    if when is None:
        wrong("occurred_at", "missing_time")
    elif moment is None:
        wrong("occurred_at", "invalid_time")
    elif moment == "local":
        wrong("occurred_at", "time_without_zone")
    elif moment > NOW + datetime.timedelta(minutes=5):
        wrong("occurred_at", "in_future")
    currency = get("currency") or request.get("currency")
    known = currency is None or bool(re.fullmatch(r"[A-Za-z]{3}", currency))
    column = "value_cents" if get("value_cents") else "value"
    amount, cents = get(column), None
    if known and amount is None:
        if name.lower() == "purchase":
            wrong("value", "missing_value_or_currency")
    elif known and currency is None:
        wrong("currency", "missing_value_or_currency")
    elif known:
        currency = currency.upper()
        scale = 1 if column == "value_cents" else 10 ** EXPONENTS.get(currency, 2)
        form = r"[+]?\d{1,18}" if column == "value_cents" else r"[+]?\d{1,18}(\.\d+)?"
        if re.fullmatch(form, amount):
            exact = decimal.Decimal(amount) * scale
            cents = int(exact.quantize(decimal.Decimal(1), rounding=decimal.ROUND_HALF_UP))
        if cents is None or cents > 2**53 - 1:
            wrong(column, "invalid_value")
    if not known:
        wrong("currency", "invalid_currency")
    consent = {}
    for column in ("ad_user_data", "ad_personalization"):
        if get(column):
            if get(column).lower() in ("granted", "denied"):
                consent[column] = get(column).lower()
            else:
                wrong(column, "invalid_consent")
                break
    identifiers, user = [], {}
    for column, table in (("email", EMAILS | SHARED), ("phone", PHONES), ("external_id", None)):
        text = get(column)
        value = text if table is None or text is None else table[text]
        if value is not None and value.lower() in NOBODY:
            value = None
        if value is not None:
            identifiers.append({"type": column, "value": value})
        elif text is not None:
            warnings.append({"code": "identifier_invalid", "column": column})
    for column in CLICKS:
        text = get(column)
        if text is None:
            continue
        if re.fullmatch(r"[!-~]{1,512}", text):
            user["sccid" if column == "sclid" else column] = text
        else:
            warnings.append({"code": "identifier_invalid", "column": column})
    if not identifiers and not user:
        problems.append({"code": "no_identifiers", "column": None})
    if problems:
        return problems, [], None, None
    if NOW - moment > datetime.timedelta(days=7):
        warnings.append({"code": "older_than_7_days", "column": "occurred_at"})
    properties = {"order_id": ref}
    if cents is not None:
        digits = EXPONENTS.get(currency, 2)
        major = decimal.Decimal(cents).scaleb(-digits)
        properties |= {"value": float(major) if digits else cents, "currency": currency}
    return problems, warnings, cents, {
        "event_name": name, "event_time": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "action_source": SOURCES[request["source"]],
        "identifiers": identifiers, "user": user, "properties": properties, "consent": consent,
    }


def read(request):
    reader = csv.reader(io.StringIO(request["csv"].removeprefix("\ufeff"), newline=""), delimiter=request.get("delimiter", ","))
    header, rows, seen, line = None, [], set(), 1
    for order in request.get("known", []):
        seen.add((order["external_ref"], order["event_name"].lower()))
    digest = hashlib.sha256(request["csv"].encode()).hexdigest()
    for cells in reader:
        start, line = line, reader.line_num + 1
        if not cells:
            continue
        if header is None:
            header = [NAMES.get(plain(text)) for text in cells]
            continue
        row = {"line": start, "status": "refused", "problems": [], "warnings": [], "value_cents": None, "event": None}
        rows.append(row)
        if len(cells) != len(header):
            row["problems"] = [{"code": "wrong_column_count", "column": None}]
            continue
        texts = {name: cell.strip() for name, cell in zip(header, cells) if name}
        texts = {name: text[1:] if re.match(r"'[=+\-\u2212@]", text) else text for name, text in texts.items()}
        problems, warnings, cents, event = read_row(lambda name: texts.get(name) or None, request)
        if problems:
            row["problems"] = problems
        elif (key := (event["properties"]["order_id"], event["event_name"].lower())) in seen:
            row["status"] = "duplicate"
        else:
            seen.add(key)
            row |= {"status": "accepted", "warnings": warnings, "value_cents": cents,
                    "event": event | {"event_id": f"{digest}:{start}"}}
    count = lambda status: sum(row["status"] == status for row in rows)
    return {
        "file_hash": digest, "total": len(rows), "accepted": count("accepted"), "refused": count("refused"),
        "duplicates": count("duplicate"), "ignored_columns": [n for n, name in enumerate(header) if name is None], "rows": rows,
    }


def file(name, text, source="CRM", **more):
    request = {"csv": text, "source": source, "now": at(0), **more}
    return case(name, request, read(request))


HEAD = "external_ref,occurred_at,value,currency,email\n"
GOOD = "A-1,2026-03-01T10:00:00Z,12.50,EUR,ada@example.com\n"


def draws(seed):
    state = seed
    while True:
        state = state * 48_271 % 2_147_483_647
        yield state >> 7


def drawn(seed):
    draw = draws(seed * 104_729)
    pick = lambda options: options[next(draw) % len(options)]
    times = ["2026-03-01T10:00:00Z", "2026-02-28 23:30:00+04:00", "2026-02-01T00:00:00-0500", "2026-02-27 10:00:00 +0000",
             "2026-03-01T12:05:00Z", "2026-03-01T12:05:01Z", "2026-03-01 10:00:00", "yesterday", "", "2026-02-30T10:00:00Z"]
    values = ["12.5", "0", "0.005", "1.005", "99999999999999999", "-1", "1,5", "1e3", "", "+7", "12.345678"]
    header = ["Order ID", "Conversion Time", pick(["value", "value_cents", "Revenue"]), "Currency", "E-mail", "Phone", "GCLID", "notes"]
    lines = [header]
    for _ in range(4):
        lines.append([
            pick(["A-1", "A-2", "", "x" * 129]), pick(times), pick(values), pick(["EUR", "jpy", "KWD", "", "EURO"]),
            pick(["", *EMAILS]), pick(["", *PHONES]), pick(["", "Cj0KCQ", "with space"]), "a note",
        ])
    text = io.StringIO()
    csv.writer(text, delimiter=pick([",", ";", "\t"]), lineterminator=pick(["\n", "\r\n"])).writerows(lines)
    found = text.getvalue()
    delimiter = next(sign for sign in (";", "\t", ",") if f"Order ID{sign}" in found)
    return file(f"drawn {seed}", found, list(SOURCES)[seed % 6], delimiter=delimiter, **pick([{}, {"currency": "USD"}]))


def cases():
    found = [drawn(seed) for seed in range(1, 41)]
    found += [
        file("one row", HEAD + GOOD),
        file("no rows", HEAD),
        file("a byte order mark, blank lines, no end of line at the end", "\ufeff" + HEAD + "\n\r\n" + GOOD + "\n" + GOOD.strip().replace("A-1", "A-2")),
        file("a break inside a cell", 'external_ref,"a\nnote",occurred_at,value,currency,email\n"A-1","no\r\nte",2026-03-01T10:00:00Z,1,USD,ada@example.com\nA-2,,2026-03-01T10:00:00Z,1,USD,ada@example.com\n'),
        file("twice in one file, and with another event", "event," + HEAD + "Lead," + GOOD + "lead," + GOOD + "," + GOOD),
        file("before, in another file", HEAD + GOOD + GOOD.replace("A-1", "A-2"), known=[{"external_ref": "A-1", "event_name": "purchase"}]),
        file("one that was refused is nobody's duplicate", HEAD + GOOD.replace("12.50", "x") + GOOD),
        file("rows of another width", HEAD + "A-1\n" + GOOD.strip() + ",more\n" + GOOD),
        file("minor units win over major ones", "value_cents," + HEAD + "1999," + GOOD + "19.99," + GOOD.replace("A-1", "A-2") + "," + GOOD.replace("A-1", "A-3")),
        file("every click id", "order,time,amount,currency,gclid,gbraid,wbraid,fbclid,ttclid,sclid\nA,2026-03-01T10:00:00Z,5,USD,a,b,c,d,e,f\n"),
        file("decisions about ads", "ad_user_data,ad_personalization," + HEAD + "GRANTED,denied," + GOOD + "yes,," + GOOD + ",," + GOOD.replace("A-1", "A-2")),
        file("a phone number of the tenant's country", "order,time,amount,currency,phone\nA,2026-03-01T10:00:00Z,5,AED,00971501234567\n", default_region="AE"),
        file("cells that a spreadsheet would run", "order,time,amount,currency,user_id\n'=1+1,2026-03-01T10:00:00Z,'+5,USD,'@ada\n'A,2026-03-01T10:00:00Z,5,USD,'-1\n"),
        file("what stands for nobody", "order,time,amount,currency,user_id,email\n" + "".join(
            f"A{n},2026-03-01T10:00:00Z,5,USD,{own},{email}\n" for n, (own, email) in enumerate((
                ("unknown", ""), ("0", "ada@example.com"), ("Guest", "noreply@shop.test1"), ("U-1", "noreply@shop.test1"), ("U-1", ""))))),
        file("exactly seven days old, and a second older", HEAD + GOOD.replace("2026-03-01T10:00:00Z", "2026-02-22T12:00:00Z") + GOOD.replace("2026-03-01T10:00:00Z", "2026-02-22T11:59:59Z").replace("A-1", "A-2")),
    ]
    plain_request = {"csv": HEAD + GOOD, "source": "CRM", "now": at(0)}
    found.append(refused("an empty file", plain_request | {"csv": ""}, ("/csv", "missing_column")))
    found.append(refused("a header without anything needed", plain_request | {"csv": "a,b,c\n"},
                         ("/csv", "missing_column"), ("/csv", "missing_column"), ("/csv", "missing_column")))
    found.append(refused("a column twice", plain_request | {"csv": "email,E-Mail,order,time\n"}, ("/csv", "duplicate_column")))
    found.append(refused("a delimiter that is none", plain_request | {"delimiter": "|"}, ("/delimiter", "invalid_value")))
    return found
