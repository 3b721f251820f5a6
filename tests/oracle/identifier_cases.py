"""Cases of identifier.normalize, person.normalize and event.validate.

What an address, number or name becomes stands in tests/vectors/cdp, written by implementations that are not Stratum's
(README there); here it is only asked in the form of the operations. Hashes and keys are made by hashlib.
"""

import hashlib
import json
import pathlib
import re

from operations import at, case, refused

CDP = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "cdp"
PLATFORMS = ("meta", "google", "tiktok", "snapchat")
STANDARD = {"preset": "standard"}
# The identity rules (section 3) block these before an address or number is looked at.
PLACEHOLDERS = {"", "null", "undefined", "none", "nil", "nan", "n/a", "na", "unknown", "anonymous", "guest", "true", "false", "0", "-1", "-",
                "[object object]", "not_authenticated", "distinct_id", "distinctid", "id", "user", "email", "test"}
MAILBOXES = {"test", "noreply", "no-reply", "donotreply", "do-not-reply", "null", "undefined", "na", "none"}


def cases(name):
    return json.loads((CDP / name).read_text())["cases"]


def sample(rows, count):
    """Evenly, the first and the last among them."""
    step = max(1, (len(rows) - 1) / (count - 1))
    return rows if len(rows) <= count else [rows[round(place * step)] for place in range(count)]


def sha(text):
    return {"value": hashlib.sha256(text.encode()).hexdigest(), "hashed": True}


def plain(text):
    return {"value": text, "hashed": False}


def everywhere(value, **changes):
    return {**{platform: value for platform in PLATFORMS}, **changes}


def trimmed(raw):
    return raw.strip("".join(map(chr, [*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200E), 0x2028, 0x2029, 0x202F,
                                       0x205F, 0x2060, 0x3000, 0xFEFF])))


def is_placeholder(raw):
    return trimmed(raw).lower() in PLACEHOLDERS or set(trimmed(raw)) <= {"0", "-"}


def ask(kind, value, **settings):
    return {"type": kind, "value": value, "settings": settings} if settings else {"type": kind, "value": value}


def none(code):
    return {"value": None, "refusal": {"code": code}, "platforms": everywhere(None)}


def email_cases():
    rows = []
    for row in sample(cases("email.json"), 120):
        request = ask("email", row["raw"], **STANDARD)
        local = (row["normalized"] or "@").rpartition("@")[0]
        if len(row["raw"]) > 512:
            continue
        if row["meta"] is None:
            expect = {"value": None} if not is_placeholder(row["raw"]) else none("blocked")
        elif local in MAILBOXES:
            expect = none("blocked")
        else:
            hashes = {p: row[p] and {"value": row[p], "hashed": True} for p in PLATFORMS}
            expect = {"value": row["normalized"] or row["meta"], "already_hashed": row["already_hashed"], "refusal": None,
                      "platforms": hashes}
        rows.append(case(f"e-mail {row['id']}", request, expect))
    return rows


def phone_cases():
    rows = []
    for row in sample(cases("phone.json"), 160) + sample(cases("phone-random.json"), 60):
        digits = re.sub(r"\D", "", row["raw"])
        region = {"default_region": row["region"]} if row["region"] else {}
        for form, settings in (("e164", {}), ("possible_e164", {"possible_phones": True})):
            if form == "possible_e164" and row["e164"] == row["possible_e164"]:
                continue
            number = row[form]
            if is_placeholder(row["raw"]) or (digits and len(set(map(int, digits))) == 1):
                expect = none("blocked")
            elif number is None:
                expect = {"value": None, "platforms": everywhere(None)}
            else:
                expect = {"value": number, "refusal": None, "already_hashed": False,
                          "platforms": everywhere(sha(number[1:]), google=sha(number), tiktok=sha(number))}
            rows.append(case(f"phone {row['id']} {form}", ask("phone", row["raw"], **STANDARD, **region, **settings), expect))
    for row in sample(cases("phone-hashes.json"), 30):
        region = {"default_region": row["region"]} if row["region"] else {}
        if row["e164"]:
            expect = {"value": row["e164"], "platforms": {p: {"value": row[p], "hashed": True} for p in PLATFORMS}}
            rows.append(case(f"phone hashes {row['id']}", ask("phone", row["raw"], **STANDARD, **region), expect))
    return rows


def identifier_cases():
    idfa = "6D92078A-8246-4BA4-AE5B-76104861E7DC"
    rows = email_cases() + phone_cases()
    rows += [
        case("the address of domain.md 11.1", ask("email", "Jane.Doe+x@gmail.com"), {
            "value": "jane.doe+x@gmail.com",
            "platforms": everywhere(
                {"value": "3eebe8d734dcf3f0bec40704e5ca2c3e48b513ad4af65ed70dcd168f425f4f4c", "hashed": True},
                google={"value": "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69", "hashed": True})}),
        case("the number of domain.md 11.1", ask("phone", "+971 50 123 4567"), {
            "value": "+971501234567",
            "platforms": everywhere(
                {"value": "b7a8f5085aa733eb29857a02945bc84a5227e693708d469ec9fb21d34e9e44f5", "hashed": True},
                google={"value": "5cd602a57e6a0414e38023888d6275b31208be50ab5cf4c1e7f197138da7fed1", "hashed": True},
                tiktok={"value": "5cd602a57e6a0414e38023888d6275b31208be50ab5cf4c1e7f197138da7fed1", "hashed": True})}),
        case("Meta's published number", ask("phone", "(650)555-1212", default_region="us"), {
            "platforms": {"meta": {"value": "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176", "hashed": True}}}),
        case("an external id keeps its case and goes out without it", ask("external_id", " Ab 12 "), {
            "value": "Ab 12", "platforms": everywhere(sha("ab12"), google=None)}),
        case("an advertising id", ask("device_id", idfa), {
            "value": idfa.lower(), "platforms": {"meta": plain(idfa.lower()), "google": plain(idfa.lower()),
                                                 "tiktok": sha(idfa.lower()), "snapchat": sha(idfa.lower())}}),
        case("another device id", ask("device_id", "TV-17"), {"value": "tv-17", "platforms": everywhere(None)}),
        case("an anonymous id", ask("anonymous_id", "V1StGXR8"), {"value": "V1StGXR8", "platforms": everywhere(None)}),
        case("the all-zero advertising id", ask("device_id", "00000000-0000-0000-0000-000000000000"), none("blocked")),
        case("strict is the default: an address of the documentation", ask("email", "jane@example.com"), none("blocked")),
        case("standard takes it", ask("email", "jane@example.com", **STANDARD), {"value": "jane@example.com"}),
        case("strict: a number that counts", ask("phone", "+1 234 567 8901", possible_phones=True), none("blocked")),
        case("standard: the same number", ask("phone", "+1 234 567 8901", possible_phones=True, **STANDARD), {"value": "+12345678901"}),
        case("the tenant's own blocked value", ask("external_id", "KIOSK-1", blocked=[{"type": "external_id", "value": "Kiosk-1"}]),
             none("blocked")),
        case("blocked for another type only", ask("anonymous_id", "kiosk-1", blocked=[{"type": "external_id", "value": "Kiosk-1"}]),
             {"value": "kiosk-1"}),
        case("a number without a country", ask("phone", "0501234567"), none("no_country_code")),
        case("a number that is not in use", ask("phone", "10012345", default_region="KW"), none("not_in_use")),
        case("an address without a dot", ask("email", "jane@localhost"), none("no_dot_in_domain")),
        case("more than 256 bytes", ask("external_id", "é" * 129), none("too_long")),
        refused("more than 512 characters", ask("external_id", "x" * 513), ("/value", "too_long")),
        refused("an unknown type", ask("fax", "+96550012345"), ("/type", "unknown_value")),
        refused("no value", {"type": "email"}, ("/value", "missing_field")),
    ]
    return rows


def person_cases():
    rows = []
    for row in cases("person-fields.json"):
        field = "date_of_birth" if row["field"] == "dob" else row["field"]
        request = {field: row["raw"]}
        if row.get("country"):
            request["country"] = row["country"]
        hashed = row["meta_hash"] and {"value": row["meta_hash"], "hashed": True}
        google = row.get("google_hash") and {"value": row["google_hash"], "hashed": True}
        if field in ("zip", "country"):
            google = row["google"] and plain(row["google"])
        tiktok = hashed
        if field in ("city", "state", "country"):
            tiktok = row["meta"] and plain(row["meta"])
        elif field in ("date_of_birth", "gender"):
            tiktok = None
        forms = {"meta": row["meta"], "google": row.get("google"), "already_hashed": row.get("already_hashed", False),
                 "platforms": {"meta": hashed, "google": google, "tiktok": tiktok, "snapchat": hashed}}
        rows.append(case(f"{field} {row['id']}", request, {field: forms}))
    rows += [
        case("nothing is asked for", {}, {"first_name": None, "country": None}),
        case("until when people can be born", {"date_of_birth": "2030-05-01", "latest_birth": "2030-05-01"},
             {"date_of_birth": {"meta": "20300501"}}),
        case("a later birth", {"date_of_birth": "2030-05-02", "latest_birth": "2030-05-01"}, {"date_of_birth": {"meta": None}}),
        refused("two fields that are too long", {"city": "x" * 513, "zip": "1" * 513}, ("/city", "too_long"), ("/zip", "too_long")),
        refused("a field that nobody knows", {"nickname": "Jo"}, ("/nickname", "unknown_field")),
    ]
    return rows


def key(name, time, identifiers, properties):
    """The digest of canonical JSON; the values here need no more than sorted keys and no spaces."""
    content = {"event_name": name, "event_time": time, "properties": properties,
               "identifiers": [{"type": kind, "value": value} for kind, value in sorted(identifiers)]}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def event_cases():
    ids = [{"type": "phone", "value": "٥٠٠١-٢٣٤٥"}, {"type": "email", "value": "Jane@Shop.example"}, {"type": "email", "value": "n/a"}]
    purchase = {"event_name": "Purchase", "event_time": at(60_000), "identifiers": ids,
                "properties": {"order_id": "A-17", "total": "42.505", "currency": "kwd", "tags": ["b", "a"]}}
    clean = [{"type": "phone", "value": "+96550012345"}, {"type": "email", "value": "jane@shop.example"}]
    kuwait = {"default_region": "KW"}
    pairs = [("phone", "+96550012345"), ("email", "jane@shop.example")]

    def ask_event(settings=kuwait, currency=None, received=0, drop=(), **changes):
        event = {name: value for name, value in {**purchase, **changes}.items() if name not in drop}
        request = {"event": event, "received_at": at(received), "settings": settings}
        return {**request, "currency": currency} if currency else request

    made = key("Purchase", at(60_000), pairs, purchase["properties"])
    blocked = {"code": "IDENTIFIER_BLOCKED", "path": "/identifiers/2"}

    def worth(properties, currency, cents, *warnings):
        name = f"worth {json.dumps(properties)} to a tenant in {currency}"
        return case(name, ask_event(currency=currency, properties=properties, identifiers=ids[:2]),
                    {"amount_cents": cents, "warnings": [{"code": code} for code in warnings]})

    rows = [
        case("an event with a key of its content", ask_event(currency="KWD"), {
            "event": {**purchase, "kind": "track", "identifiers": clean}, "key": made, "key_from_content": True,
            "amount_cents": 42505, "warnings": [blocked]}),
        case("the same event written another way has the same key", ask_event(
            identifiers=[{"type": "email", "value": " JANE@shop.example "}, {"type": "phone", "value": "+965-5001-2345"}],
            properties={"tags": ["b", "a"], "currency": "kwd", "total": "42.505", "order_id": "A-17"}), {"key": made, "warnings": []}),
        case("another property, another key", ask_event(properties={"order_id": "A-18"}),
             {"key": key("Purchase", at(60_000), pairs, {"order_id": "A-18"})}),
        case("a key of its own", ask_event(event_id=" e-1 "), {"key": "e-1", "key_from_content": False}),
        case("idempotency_key is the same", ask_event(idempotency_key="e-1"), {"key": "e-1", "key_from_content": False}),
        case("exactly five minutes ahead", ask_event(received=360_000), {"key_from_content": True}),
        case("without the tenant's currency no amount", ask_event(), {"amount_cents": None}),
        worth({"total": 42.5, "currency": "USD"}, "USD", 4250),
        worth({"total": 42.5}, "USD", 4250),
        worth({"total": "0.125", "currency": "usd"}, "USD", 13),
        worth({"total": 1000, "currency": "JPY"}, "JPY", 1000),
        worth({"total": 99, "total_cents": 1250, "currency": "USD"}, "USD", 1250),
        worth({"total": 99, "total_cents": None}, "USD", 9900),
        worth({"total": 1e3}, "USD", 100000),
        worth({"total": 42.5, "currency": "EUR"}, "USD", None, "CURRENCY_MISMATCH"),
        *[worth({"total": 42.5, "currency": unreadable}, "USD", None, "CURRENCY_MISMATCH")
          for unreadable in ("Euro", "€", 978, "", ["USD"])],
        worth({"currency": "Euro"}, "USD", None),
        worth({"total": 42.5, "currency": None}, "USD", 4250),
        worth({"total": " 12.50\n"}, "USD", 1250),
        worth({"total": "12.5" + "0" * 40}, "USD", 1250),
        worth({"total": "0.004" + "9" * 40}, "USD", 0),
        worth({"total": "1e3"}, "USD", None),
        worth({"total": ".5"}, "USD", None),
        worth({"total_cents": "999.5"}, "USD", 1000),
        worth({"total": -5}, "USD", None),
        worth({"total": "much"}, "USD", None),
        worth({"total": 0}, "USD", 0),
        case("the app that it happened in, without what is not known or of another type", ask_event(context={"locale": "en", "app": {
            "id": " com.shop.test1 ", "version": "2.1", "build": 7, "os_version": "", "advertiser_tracking_enabled": False,
            "application_tracking_enabled": "yes", "theme": "dark"}}),
            {"event": {"context": {"locale": "en", "app": {"id": "com.shop.test1", "version": "2.1", "advertiser_tracking_enabled": False}}}}),
        case("an app of another type refuses no event", ask_event(context={"app": ["shop"], "locale": "en"}), {"event": {"context": {"locale": "en"}}}),
        refused("more than five minutes ahead", ask_event(received=360_001), ("/event/event_time", "event_time_in_future")),
        refused("more than 13 months old", ask_event(event_time="2025-02-01T11:59:59.999Z"), ("/event/event_time", "event_too_old")),
        case("exactly 13 months old", ask_event(event_time="2025-02-01T12:00:00Z"), {"key_from_content": True}),
        refused("no identifier that can be used", ask_event(identifiers=[{"type": "email", "value": "jane@example.com"}]),
                ("/event/identifiers", "no_valid_identifier")),
        case("which the preset standard takes", ask_event(
            settings=STANDARD, identifiers=[{"type": "email", "value": "jane@example.com"}]), {"warnings": []}),
        refused("the time, the name and a field at once", ask_event(event_time=at(-600_000), event_name="No.dot", colour="red"),
                ("/event/event_time", "event_time_in_future"), ("/event/event_name", "invalid_format"), ("/event/colour", "unknown_field")),
        refused("unknown fields, of which one names a person", ask_event(**{"jane@shop.test": 1, "zeal": 2}),
                ("/event/0", "unknown_field"), ("/event/zeal", "unknown_field")),
    ]
    return rows
