"""Cases of conversion.from_events: the CDP's events (api-notes 8) as conversions, by the rules of domain.md 10.1, 11.3 and 11.4
written once more here. Each expected event is whole: what is not in it must not be there."""

import json
from decimal import ROUND_HALF_UP, Decimal

from conversion_cases import NAMES
from identifier_cases import key
from operations import case, refused

TIME = "2026-03-01T11:58:00.000Z"
EXPONENTS = {"USD": 2, "KWD": 3, "JPY": 0}
STANDARD = {}
for line in NAMES.strip().splitlines():
    word, cdp, *_ = [part.strip() for part in line.split("|")]
    for called in [word, *cdp.split()]:
        STANDARD[called] = cdp.split()[0]

JANE = [{"type": "email", "value": "jane@shop.test1"}]
WEB = {"page": {"url": "https://shop.test1/thanks?gclid=G1", "title": "Thanks"}}


def purchase(**changes):
    return {"event_id": "o-1", "event_name": "Purchase", "event_time": TIME, "identifiers": JANE,
            "properties": {"order_id": "A-17", "total": 12.5, "currency": "KWD"}, "context": WEB, **changes}


def conversion(**changes):
    event = {"event_id": "o-1", "event_name": "Purchase", "event_time": TIME, "action_source": "website", "event_source_url": WEB["page"]["url"],
             "identifiers": JANE, "user": {}, "properties": {"value": 12.5, "currency": "KWD", "order_id": "A-17"}, "consent": {}, **changes}
    return {name: value for name, value in event.items() if value is not None}


def ask(*events, **changes):
    return {"events": list(events), **changes}


def one(name, event, expected, **changes):
    return case(name, ask(event, **changes), {"events": [expected], "skipped": []})


def none(name, event, reason, problems=(), **changes):
    told = {"index": 0, "reason": reason, "problems": [{"path": path, "code": code} for path, code in problems]}
    return case(name, ask(event, **changes), {"events": [], "skipped": [told]})


def major(amount, exponent):
    step = Decimal(1).scaleb(-exponent)
    rounded = Decimal(str(amount)).quantize(step, ROUND_HALF_UP)
    return int(rounded) if exponent == 0 else float(rounded)


def worth(properties, tenant=None):
    """What of these properties is worth something: `total_cents`, else total, value, cart_total; in the event's currency, else
    the tenant's."""
    written = properties.get("currency")
    currency = tenant if written is None else str(written).strip().upper()
    told = {}
    cents = properties.get("total_cents")
    amount = next((properties[name] for name in ("total", "value", "cart_total") if properties.get(name) is not None), None)
    if currency in EXPONENTS:
        exponent = EXPONENTS[currency]
        value = None
        if cents is not None:
            value = major(Decimal(str(cents)).quantize(Decimal(1), ROUND_HALF_UP).scaleb(-exponent), exponent)
        elif amount is not None:
            value = major(str(amount).strip(), exponent)
        if value is not None:
            told = {"value": value, "currency": currency}
    name = f"worth {json.dumps(properties)}" + (f" to a tenant in {tenant}" if tenant else "")
    changes = {"currency": tenant} if tenant else {}
    return one(name, purchase(properties=properties), conversion(properties=told), **changes)


def cases():
    rows = [one("a purchase on a website", purchase(), conversion())]
    # The names of the table, and what a tenant maps.
    for called, cdp in STANDARD.items():
        rows.append(one(f"{called} is a standard event", purchase(event_name=called), conversion(event_name=called)))
        if called != cdp:
            rows.append(one(f"an alias of {called}", purchase(event_name="Ours"), conversion(event_name=cdp), aliases={"Ours": called}))
    for called in ("Refund", "PurchaseReviewed", "purchased", "Login", "RemoveFromCart"):
        rows.append(none(f"{called} is none", purchase(event_name=called), "unmapped_event"))
    rows += [
        one("a name that a platform gives keeps its own", purchase(event_name="Quiz"), conversion(event_name="Quiz"), aliases={"Quiz": "CUSTOM_EVENT_2"}),
        one("so does one that is the platform's", purchase(event_name="Donate"), conversion(event_name="Donate"), aliases={"Donate": "Donate"}),
        one("a standard event may be another to the tenant", purchase(event_name="Contact"), conversion(event_name="Lead"), aliases={"Contact": "lead"}),
        # Where it happened.
        one("an app wins over a page", purchase(context={**WEB, "app": {"id": "com.shop.test1"}}), conversion(action_source="app", app={"id": "com.shop.test1"})),
        one("an app alone", purchase(context={"app": {"version": "2.1"}}), conversion(action_source="app", event_source_url=None, app={"version": "2.1"})),
        one("neither, and it is said where", purchase(context={"locale": "en"}),
            conversion(action_source="phone_call", event_source_url=None), action_source="phone_call"),
        one("what is said is for those that say nothing", purchase(), conversion(), action_source="physical_store"),
        none("neither, and nobody says where", purchase(context={}), "missing_action_source"),
        none("an app that says nothing", purchase(context={"app": {}}), "missing_action_source"),
        none("an app of another type is passed over", purchase(context={"app": "shop"}), "missing_action_source"),
        one("and so is a part of it", purchase(context={"app": {"id": 5, "build": "7"}}), conversion(action_source="app", event_source_url=None, app={"build": "7"})),
        one("what is known of the app and its device", purchase(context={
            "locale": "en-US", "timezone": "Asia/Kuwait", "screen": {"width": 320, "height": 568}, "device": {"type": "phone", "os": "iOS 17.4", "model": "iPhone5,1"},
            "app": {"id": "com.shop.test1", "store_id": "343200656", "name": "Shop", "version": "2.1", "build": "771", "os_version": "17.4",
                    "advertiser_tracking_enabled": False, "application_tracking_enabled": True}}),
            conversion(action_source="app", event_source_url=None, app={
                "os": "ios", "os_version": "17.4", "id": "com.shop.test1", "store_id": "343200656", "name": "Shop", "version": "2.1", "build": "771",
                "advertiser_tracking_enabled": False, "application_tracking_enabled": True, "device_model": "iPhone5,1", "locale": "en-US",
                "timezone": "Asia/Kuwait", "screen_width": 320, "screen_height": 568})),
        *[one(f"{system} is {os} {version}", purchase(context={"device": {"os": system}, "app": {"version": "2.1"}}),
              conversion(action_source="app", event_source_url=None,
                         app={"version": "2.1", **({"os": os} if os else {}), **({"os_version": version} if version else {})}))
          for system, os, version in (
              ("Android", "android", None), ("ANDROID 14", "android", "14"), ("iPadOS", "ios", None), ("ios", "ios", None), ("Windows", None, None),
              ("iOSX", None, None), ("not Android", None, None), ("iPhone OS 17.4", "ios", "17.4"), ("iPhone", "ios", None), ("iPhone 15", "ios", None))],
        one("the version of the app's own wins", purchase(context={"device": {"os": "iOS 17.4"}, "app": {"os_version": "17.5"}}),
            conversion(action_source="app", event_source_url=None, app={"os": "ios", "os_version": "17.5"})),
        *[one(f"{count!r} things", purchase(properties={"item_count": count}), conversion(properties={} if sent is None else {"num_items": sent}))
          for count, sent in ((0, 0), ("4", 4), (3.0, 3), (-1, None), (1.5, None), ("1.5", None))],
        # Kinds.
        none("who somebody is is no conversion", {"kind": "identify", "event_time": TIME, "identifiers": JANE, "context": WEB}, "not_track"),
        none("what somebody decided is none", {"kind": "consent", "event_time": TIME, "identifiers": JANE, "consent": {"ads": True}}, "not_track"),
        # What it is worth.
        *[worth(properties) for properties in (
            {"total": 12.345, "currency": "USD"}, {"total": "12.345", "currency": "kwd"}, {"total_cents": 1250, "total": 99, "currency": "USD"},
            {"total_cents": None, "total": 1000, "currency": "JPY"}, {"value": 5, "currency": "USD"}, {"cart_total": "7.5", "currency": "USD"},
            {"total": 0, "currency": "USD"}, {"total": -5, "currency": "USD"}, {"total": -0.5, "currency": "USD"}, {"total_cents": "999.5", "currency": "USD"},
            {"currency": "USD"}, {"total": 5}, {"total": 5, "currency": "Euro"}, {"total_cents": 500, "currency": 978})],
        *[worth(properties, "KWD") for properties in ({"total": 5}, {"total": 5, "currency": None}, {"total": 5, "currency": "JPY"}, {"total": 5, "currency": "Euro"})],
        one("a refund is told, though nobody knows in what", purchase(properties={"total": -5}), conversion(properties={"value": -5})),
        one("a text that is no plain decimal", purchase(properties={"total": "1e3", "currency": "USD"}), conversion(properties={})),
        # What belongs to it.
        one("things with an id by any of its names", purchase(properties={"items": [
            {"sku": "S-1", "quantity": 2, "price": "4.50"}, {"id": 17, "sku": "S-2", "price": 3}, {"product_id": " P-3 ", "quantity": "1"},
            {"name": "no id"}, {"id": " "}, "S-5", None], "item_count": 3, "content_type": "product"}),
            conversion(properties={"contents": [{"id": "S-1", "quantity": 2, "price": 4.5}, {"id": "17", "price": 3}, {"id": "P-3", "quantity": 1}],
                                   "num_items": 3, "content_type": "product"})),
        one("one thing that was looked at", purchase(event_name="ProductViewed", properties={"product_id": "P-1", "price": 9.5, "quantity": 1}),
            conversion(event_name="ProductViewed", properties={"contents": [{"id": "P-1", "quantity": 1, "price": 9.5}]})),
        one("its id is no other one of the event's", purchase(event_name="AddToCart", properties={"id": "row-7", "sku": "S", "product_id": "P-1"}),
            conversion(event_name="AddToCart", properties={"contents": [{"id": "P-1"}]})),
        one("an event's own ids are no thing", purchase(properties={"id": "row-7", "product_id": None}), conversion(properties={})),
        one("a list wins over one thing", purchase(properties={"product_id": "P-1", "items": []}), conversion(properties={})),
        one("a search", purchase(event_name="Search", properties={"search_string": " red shoes ", "items": "many"}),
            conversion(event_name="Search", properties={"search_string": "red shoes"})),
        one("an order that is a number", purchase(properties={"order_id": 4711}), conversion(properties={"order_id": "4711"})),
        # Who it was.
        one("identifiers in their normal forms, each once", purchase(identifiers=[
            {"type": "email", "value": " Jane@Shop.test1"}, {"type": "phone", "value": "2234 5678"}, {"type": "email", "value": "jane@shop.test1"},
            {"type": "email", "value": "n/a"}]),
            conversion(identifiers=[*JANE, {"type": "phone", "value": "+96522345678"}]), cleaning={"default_region": "KW"}),
        one("the attributes of a person", purchase(traits={"first_name": "Jane", "last_name": "Doe", "city": "Kuwait City", "state": "KU", "zip": 13001,
            "country": "KW", "date_of_birth": "1990-02-03", "gender": "f", "vip": True}),
            conversion(user={"first_name": "Jane", "last_name": "Doe", "city": "Kuwait City", "state": "KU", "zip": "13001", "country": "KW",
                             "date_of_birth": "1990-02-03", "gender": "f"})),
        one("the browser and the clicks", purchase(context={**WEB, "ip": "203.0.113.7", "user_agent": "UA/1", "click_ids": {
            "gclid": "G", "fbclid": "F", "ttclid": "T", "sclid": "S"}}),
            conversion(user={"ip": "203.0.113.7", "user_agent": "UA/1", "gclid": "G", "fbclid": "F", "ttclid": "T", "sccid": "S"})),
        *[one(f"ads {decision}", purchase(consent={"ads": decision == "granted", "email": True}),
              conversion(consent={"ad_user_data": decision, "ad_personalization": decision})) for decision in ("granted", "denied")],
        one("who decided about e-mail alone decided nothing about ads", purchase(consent={"email": False}), conversion()),
        # Under which id.
        one("an event without an id", purchase(event_id=None), conversion(event_id=key("Purchase", TIME, [("email", "jane@shop.test1")], purchase()["properties"]))),
        one("idempotency_key is the same", {**purchase(event_id=None), "idempotency_key": "k-1"}, conversion(event_id="k-1")),
        # One that cannot be read does not stop the others.
        case("each in its place", ask(purchase(), {"event_name": "Purchase", "event_time": "today", "identifiers": []}, purchase(event_id="o-3", event_name="Login"),
                                      purchase(event_id="o-4")), {
            "events": [conversion(), conversion(event_id="o-4")],
            "skipped": [{"index": 1, "reason": "invalid_event", "problems": [{"path": "/event_time", "code": "invalid_timestamp"}, {"path": "/identifiers", "code": "too_short"}]},
                        {"index": 2, "reason": "unmapped_event", "problems": []}]}),
        none("nobody that can be told", purchase(identifiers=[{"type": "email", "value": "n/a"}]), "invalid_event", [("/identifiers", "no_valid_identifier")]),
        none("no event", 5, "invalid_event", [("", "wrong_type")]),
        none("a number that no other language reads, and no id", purchase(event_id=None, properties={"n": 2 ** 53}), "invalid_event",
             [("/properties/n", "unsafe_integer")]),
        case("no events", ask(), {"events": [], "skipped": []}),
        refused("an alias that leads nowhere", ask(aliases={"Quiz": " "}), ("/aliases/Quiz", "too_short")),
        refused("a place that nobody knows", ask(action_source="moon"), ("/action_source", "unknown_value")),
        refused("a field that nobody knows", ask(now=TIME), ("/now", "unknown_field")),
        refused("without events", {}, ("/events", "missing_field")),
    ]
    return rows
