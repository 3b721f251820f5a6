"""Cases of conversion.* and audience.*: the vectors of tests/vectors/cdp/payloads in the form of the operations, and what no
vector says, with hashes made by hashlib."""

import hashlib
import json
import pathlib

from operations import case, refused

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "cdp" / "payloads"
NOW = "2026-04-15T12:00:00Z"
STANDARD = {"preset": "standard", "default_region": "KW"}

# What each platform calls the events: CDP names, then Meta, Google, TikTok, Snapchat.
NAMES = """
purchase | Purchase | Purchase | purchase | Purchase | PURCHASE
lead | Lead FormSubmitted | Lead | generate_lead | Lead | -
add_to_cart | AddToCart | AddToCart | add_to_cart | AddToCart | ADD_CART
view_content | ProductViewed | ViewContent | view_item | ViewContent | VIEW_CONTENT
initiate_checkout | CheckoutStarted | InitiateCheckout | begin_checkout | InitiateCheckout | START_CHECKOUT
subscribe | NewsletterSubscribed | Subscribe | subscribe | Subscribe | SUBSCRIBE
add_payment_info | PaymentInfoAdded | AddPaymentInfo | add_payment_info | AddPaymentInfo | ADD_BILLING
complete_registration | SignUp | CompleteRegistration | sign_up | CompleteRegistration | SIGN_UP
search | Search | Search | search | Search | SEARCH
add_to_wishlist | WishlistAdded | AddToWishlist | add_to_wishlist | AddToWishlist | ADD_TO_WISHLIST
contact | Contact | Contact | contact | Contact | -
start_trial | TrialStarted | StartTrial | start_trial | Subscribe | START_TRIAL
app_install | AppInstalled | - | app_install | Download | APP_INSTALL
page_view | PageView | PageView | page_view | Pageview | PAGE_VIEW
"""
PLATFORMS = ["META", "GOOGLE", "TIKTOK", "SNAPCHAT"]


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def vectors(name):
    return json.loads((FOLDER / f"{name}.json").read_text())["cases"]


def sample(rows, count):
    """Evenly, the first and the last among them."""
    return rows if len(rows) <= count else [rows[round(place * (len(rows) - 1) / (count - 1))] for place in range(count)]


def event(number=1, **changes):
    return {"event_id": f"e-{number}", "event_name": "purchase", "event_time": "2026-04-15T11:00:00Z", "action_source": "physical_store",
            "identifiers": [{"type": "email", "value": f"jane{number}@shop.example"}],
            "properties": {"value": 5, "currency": "KWD"}, **changes}


def ask(platform, events, connection=None, **changes):
    return {"connection": {"platform": platform, **(connection or {})}, "now": NOW, "consent_checked": True, "cleaning": STANDARD,
            "events": events, **changes}


def skipped(*pairs):
    return [{"event_id": f"e-{number}", "index": number - 1, "reason": reason} for number, reason in pairs]


# The example of Snapchat's page "Using the API" (developers.snap.com, Conversions API v3), which is in Meta's order. The page writes
# the density as 2.0, which JSON does not tell from 2.
PHONE = {"os": "android", "os_version": "10.1.1", "id": "com.some.app", "build": "771", "version": "Version 7.7.1", "device_model": "OnePlus6",
         "locale": "en-US", "timezone_abbreviation": "GMT-1", "carrier": "TMobile", "screen_width": 1920, "screen_height": 1080, "screen_density": 2.0,
         "cpu_cores": 2, "storage_gb": 128, "free_storage_gb": 8, "timezone": "USA/New York"}
PHONE_INFO = ["a2", "com.some.app", "771", "Version 7.7.1", "10.1.1", "OnePlus6", "en_US", "GMT-1", "TMobile", "1920", "1080", "2", "2", "128", "8",
              "USA/New York"]
TRACKED = {"advertiser_tracking_enabled": True, "application_tracking_enabled": True}
IPHONE = {"os": "ios", "os_version": "17.4", **TRACKED}
IPHONE_INFO = ["i2", "", "", "", "17.4", *[""] * 11]
AD_ID = "6D92078A-8246-4BA4-AE5B-76104861E7DC"


def app_cases():
    """What each platform requires of an event of an app: Meta's page on app events (2025-08), Snapchat's on using the API, TikTok's
    Events API 2.0 as the destination that TikTok maintains at Segment sends it."""
    def in_app(number=1, app=None, **changes):
        return event(number, action_source="app", **({} if app is None else {"app": app}), **changes)

    def sent(platform, name, app, body, **changes):
        return case(f"{platform}: {name}", ask(platform, [in_app(app=app, **changes)]), {"requests": [{"body": body}], "skipped": []})

    def missing(platform, *apps):
        events = [in_app(number, app) for number, app in enumerate(apps, start=1)]
        return case(f"{platform}: what an app has to say", ask(platform, events), {
            "requests": [], "skipped": skipped(*[(number, "missing_app_data") for number in range(1, len(apps) + 1)])})

    def without(app, name):
        return {key: value for key, value in app.items() if key != name}

    meta = lambda info, advertiser, application, **more: {"data": [{"action_source": "app", "app_data": {
        "advertiser_tracking_enabled": advertiser, "application_tracking_enabled": application, "extinfo": info, **more}}]}
    snap = lambda info, *tracked: {"data": [{"action_source": "MOBILE_APP", "app_data": {
        "extinfo": info, **({"advertiser_tracking_enabled": tracked[0]} if tracked else {})}}]}
    tiktok = lambda status, **more: {"event_source": "app", "data": [{"user": {"att_status": status, **more.pop("user", {})}, **more}]}
    device = [{"type": "device_id", "value": AD_ID}]
    rows = [
        sent("META", "all of its phone", {**PHONE, **TRACKED}, meta(PHONE_INFO, 1, 1)),
        sent("META", "no more than is required", IPHONE, meta(IPHONE_INFO, 1, 1)),
        sent("META", "blank is empty", {**IPHONE, "carrier": " ", "vendor_id": " "}, meta(IPHONE_INFO, 1, 1)),
        sent("META", "neither may track", {**IPHONE, "advertiser_tracking_enabled": False, "application_tracking_enabled": False}, meta(IPHONE_INFO, 0, 0)),
        sent("META", "the maker's id of the device", {**IPHONE, "vendor_id": "V-1"}, meta(IPHONE_INFO, 1, 1, vendor_id="V-1")),
        sent("META", "its advertising id as it is", IPHONE, {"data": [{"user_data": {"madid": AD_ID.lower()}}]}, identifiers=device),
        *[sent("META", f"who answered {status}", {**without(IPHONE, "advertiser_tracking_enabled"), "att_status": status}, meta(IPHONE_INFO, told, 1))
          for status, told in (("authorized", 1), ("denied", 0), ("not_determined", 0), ("restricted", 0))],
        missing("META", None, {}, *[without(IPHONE, name) for name in IPHONE], {**IPHONE, "os_version": " "},
                {**without(IPHONE, "advertiser_tracking_enabled"), "att_status": "not_applicable"}),
        sent("SNAPCHAT", "the example of its page", {**PHONE, "advertiser_tracking_enabled": True}, snap(PHONE_INFO, 1)),
        sent("SNAPCHAT", "nothing known of tracking", {"os": "ios", "os_version": "17.4"}, snap(IPHONE_INFO)),
        sent("SNAPCHAT", "who denied", {"os": "ios", "os_version": "17.4", "att_status": "denied"}, snap(IPHONE_INFO, 0)),
        missing("SNAPCHAT", None, {}, {"os": "ios"}, {"os_version": "17.4"}),
        sent("TIKTOK", "an app on iOS", {**IPHONE, "store_id": "343200656", "name": "Shop", "version": "2.1", "id": "test.shop", "locale": "en-US", "vendor_id": "V-1"},
             tiktok("AUTHORIZED", user={"idfa": sha(AD_ID.lower()), "idfv": "V-1", "locale": "en-US"},
                    app={"app_id": "343200656", "app_name": "Shop", "app_version": "2.1"}), identifiers=device),
        sent("TIKTOK", "an app on Android, known by its package", {**PHONE, **TRACKED},
             tiktok("NOT_APPLICABLE", user={"gaid": sha(AD_ID.lower())}, app={"app_id": "com.some.app", "app_version": "Version 7.7.1"}), identifiers=device),
        sent("TIKTOK", "who may not be tracked", {**IPHONE, "advertiser_tracking_enabled": False}, tiktok("DENIED")),
        sent("TIKTOK", "iOS before anybody was asked", {"os": "ios", "os_version": "13.7"}, tiktok("NOT_APPLICABLE")),
        *[sent("TIKTOK", f"who answered {status}", {"att_status": status}, tiktok(status.upper()))
          for status in ("authorized", "denied", "not_determined", "restricted", "not_applicable")],
        missing("TIKTOK", None, {}, {"os": "ios"}, {"os": "ios", "os_version": "14.0"}, {"os_version": "17.4"}),
        case("TIKTOK: an advertising id of nobody knows which system", ask("TIKTOK", [in_app(app={"att_status": "denied"}, identifiers=device)]),
             {"requests": [], "skipped": skipped((1, "no_identifiers"))}),
        case("GOOGLE: an app alone is enough", ask("GOOGLE", [in_app()]), {"requests": [{"body": {"events": [{"eventSource": "APP"}]}}], "skipped": []}),
        refused("an app that nobody knows", ask("META", [in_app(app={"os": "windows", "colour": "red"})]),
                ("/events/0/app/os", "unknown_value"), ("/events/0/app/colour", "unknown_field")),
    ]
    return rows


def vector_cases():
    rows = []
    for platform, legacy in (("meta", ""), ("google", ""), ("google", "-legacy"), ("tiktok", ""), ("snapchat", "")):
        for row in sample(vectors(f"{platform}{legacy}-events"), 9 if legacy else 13):
            connection = {"legacy_upload": True} if legacy else {}
            rows.append(case(row["id"], ask(platform.upper(), row["input"], connection), row["expect"]))
    return rows


def payload_cases():
    emails = [sha(f"jane{number}@shop.example") for number in range(8)]
    split = [{"items": items, "body": {"data": [{"event_id": item} for item in items]}} for items in (["e-1", "e-2"], ["e-3", "e-4"], ["e-5"])]
    url = "https://shop.example/?x=1&fbclid=a%2Fb&ttclid=T#fbclid=late"
    no_cookie = {"ip": "203.0.113.7", "user_agent": "Mozilla/5.0"}
    rows = [*vector_cases(), *app_cases()]
    rows += [
        case("nothing to be sent", ask("TIKTOK", []), {"requests": [], "skipped": []}),
        case("full requests first, in their order", ask("META", [event(n) for n in range(1, 6)], {"max_items_per_request": 2}),
             {"requests": split, "skipped": []}),
        case("ids stand in paths and bodies", ask("GOOGLE", [event()], {
            "legacy_upload": True, "ids": {"api_version": "v21", "customer_id": "123", "conversion_action_id": "9"}}),
            {"requests": [{"path": "/v21/customers/123:uploadClickConversions",
                           "body": {"conversions": [{"conversionAction": "customers/123/conversionActions/9"}]}}]}),
        case("what an id is not given for stays", ask("META", [event()], {"ids": {"dataset_id": "77"}}),
             {"requests": [{"path": "/{api_version}/77/events"}]}),
        case("who has not decided has not consented", ask("META", [event()], consent_checked=False),
             {"requests": [], "skipped": skipped((1, "consent_denied"))}),
        case("a yes of the event's own is enough", ask("META", [event(consent={"ad_user_data": "granted"})], consent_checked=False),
             {"requests": [{"items": ["e-1"]}], "skipped": []}),
        case("a no takes back what was checked", ask("SNAPCHAT", [event(), event(2, consent={"ad_user_data": "denied"}), event(3)]),
             {"requests": [{"items": ["e-1", "e-3"], "body": {"data": [{"user_data": {"em": [emails[1]]}}, {"user_data": {"em": [emails[3]]}}]}}],
              "skipped": skipped((2, "consent_denied"))}),
        case("a name of the tenant's leads to a standard event", ask("SNAPCHAT", [event(event_name="Order Completed")],
             {"aliases": {"Order Completed": "purchase"}}), {"requests": [{"body": {"data": [{"event_name": "PURCHASE"}]}}]}),
        case("a custom event of Snapchat's for a lead", ask("SNAPCHAT", [event(event_name="FormSubmitted")], {"aliases": {"lead": "CUSTOM_EVENT_3"}}),
             {"requests": [{"body": {"data": [{"event_name": "CUSTOM_EVENT_3"}]}}]}),
        case("conversion actions of the tenant's", ask("GOOGLE", [event(), event(2, event_name="quiz"), event(3, event_name="lead"), event(4)],
             {"conversion_actions": {"purchase": "11", "quiz": "22"}}),
             {"requests": [{"items": ["e-1", "e-4"], "body": {"destinations": [{"productDestinationId": "11"}]}},
                           {"items": ["e-2"], "body": {"destinations": [{"productDestinationId": "22"}]}}],
              "skipped": skipped((3, "no_conversion_action"))}),
        case("one request for each source", ask("TIKTOK", [event(), event(2, action_source="app", app=PHONE), event(3)], {"ids": {"app_id": "A7"}}),
             {"requests": [{"items": ["e-1", "e-3"], "body": {"event_source": "offline"}},
                           {"items": ["e-2"], "body": {"event_source": "app", "event_source_id": "A7"}}]}),
        case("a test apart from the rest", ask("META", [event(), event(2, test_event_code="T1"), event(3)]),
             {"requests": [{"items": ["e-1", "e-3"]}, {"items": ["e-2"], "body": {"test_event_code": "T1"}}]}),
        case("a connection that is tested", ask("SNAPCHAT", [event()], {"test_event_code": "x", "ids": {"pixel_id": "p"}}),
             {"requests": [{"path": "/v3/p/events/validate"}]}),
        case("events of an app have Snapchat's own path", ask("SNAPCHAT", [event(action_source="app", app=PHONE)]),
             {"requests": [{"path": "/v3/{snap_app_id}/events", "body": {"data": [{"action_source": "MOBILE_APP"}]}}]}),
        case("Snapchat's other word for limited use", ask("SNAPCHAT", [event(consent={"ad_personalization": "denied"})], {"snapchat_limited_use": "LMU"}),
             {"requests": [{"body": {"data": [{"data_processing_options": ["LMU"]}]}}]}),
        case("as old as may be, and older", ask("META", [event(event_time="2026-04-08T12:00:00Z"), event(2, event_time="2026-04-08T11:59:59.999Z")],
             now="2026-06-09T12:00:00Z"), {"requests": [{"items": ["e-1"]}], "skipped": skipped((2, "too_old"))}),
        case("ages that the tenant chose", ask("TIKTOK", [event(), event(2, event_time="2026-04-01T00:00:00Z")], {"max_age_days": 2}),
             {"requests": [{"items": ["e-1"]}], "skipped": skipped((2, "too_old"))}),
        case("what Google does not take after 90 days", ask("GOOGLE", [event(event_time="2026-01-15T11:59:59Z"), event(2, event_time="2026-01-15T12:00:00Z")]),
             {"requests": [{"items": ["e-2"]}], "skipped": skipped((1, "too_old"))}),
        case("a click id is read from the page and decoded", ask("META", [event(event_source_url=url)]),
             {"requests": [{"body": {"data": [{"user_data": {"fbc": "fb.1.1776250800000.a/b"}}]}}]}),
        case("the user's click id wins", ask("TIKTOK", [event(event_source_url=url, user={"ttclid": "own"})]),
             {"requests": [{"body": {"data": [{"user": {"ttclid": "own"}}]}}]}),
        case("a website without a page", ask("META", [event(action_source="website", user=no_cookie)]),
             {"requests": [], "skipped": skipped((1, "missing_event_source_url"))}),
        case("a refund is no purchase anywhere", ask("GOOGLE", [event(properties={"value": -5, "currency": "KWD"})]),
             {"requests": [], "skipped": skipped((1, "missing_value_or_currency"))}),
        case("a currency that is none", ask("META", [event(properties={"value": 5, "currency": "dinar"})]),
             {"requests": [], "skipped": skipped((1, "missing_value_or_currency"))}),
        case("a state and a gender fit too many", ask("META", [event(identifiers=[], user={"state": "Texas", "gender": "f", "country": "US"})]),
             {"requests": [], "skipped": skipped((1, "no_identifiers"))}),
        case("a name is too little for TikTok", ask("TIKTOK", [event(identifiers=[], user={"first_name": "Jane", "last_name": "Doe"})]),
             {"requests": [], "skipped": skipped((1, "no_identifiers"))}),
        case("an id of the tenant's is too little for Snapchat", ask("SNAPCHAT", [event(identifiers=[{"type": "external_id", "value": "U1"}])]),
             {"requests": [], "skipped": skipped((1, "no_identifiers"))}),
        case("at most ten identifiers for Google", ask("GOOGLE", [event(identifiers=[
            {"type": "email", "value": f"jane{n}@shop.example"} for n in range(12)])]),
            {"requests": [{"body": {"events": [{"userData": {"userIdentifiers": [
                {"emailAddress": sha(f"jane{n}@shop.example")} for n in range(10)]}}]}}]}),
        case("an advertising id, to each in its form", ask("SNAPCHAT", [event(identifiers=[
            {"type": "device_id", "value": "6D92078A-8246-4BA4-AE5B-76104861E7DC"}])]),
            {"requests": [{"body": {"data": [{"user_data": {"madid": sha("6d92078a-8246-4ba4-ae5b-76104861e7dc")}}]}}]}),
        case("addresses of the documentation are nobody's by default", ask("META", [event(identifiers=[
            {"type": "email", "value": "jane@example.com"}])], cleaning={}), {"requests": [], "skipped": skipped((1, "no_identifiers"))}),
        case("white space around a name is no part of it", ask("META", [event(event_name=" Purchase ")]),
             {"requests": [{"body": {"data": [{"event_name": "Purchase"}]}}], "skipped": []}),
        case("five minutes ahead, and more", ask("TIKTOK", [event(event_time="2026-04-15T12:05:00Z"), event(2, event_time="2026-04-15T12:05:00.001Z")]),
             {"requests": [{"items": ["e-1"]}], "skipped": skipped((2, "in_future"))}),
        case("things without an id or below nothing", ask("META", [event(properties={"value": 5, "currency": "KWD", "contents": [
            {"id": " "}, {"id": "a", "price": -1}, {"id": "b", "quantity": -2}, {"id": "c", "quantity": 0, "price": 0}]})]),
            {"requests": [{"body": {"data": [{"custom_data": {"content_ids": ["c"]}}]}}]}),
        *[case(f"whole numbers alone are counts, {count} for {platform}", ask(platform, [event(properties={"value": 5, "currency": "KWD", "num_items": count, "contents": [
            {"id": "a", "quantity": 1.5}, {"id": "b", "quantity": 2.0}]})]), {"requests": [{"body": {"data": [{place: {
                "value": 5, "currency": "KWD", **extra, **sent, "contents": [{key: "a"}, {key: "b", "quantity": 2}]}}]}}]})
          for platform, place, key, extra in (("META", "custom_data", "id", {}), ("TIKTOK", "properties", "content_id", {}))
          for count, sent in ((-1, {}), (1.5, {}), (3.0, {"num_items": 3}))],
        case("an address of a network that is none", ask("TIKTOK", [event(identifiers=[], user={"ip": "unknown", "user_agent": "UA"})]),
             {"requests": [], "skipped": skipped((1, "no_identifiers"))}),
        refused("an alias that leads nowhere, ids of dots", ask("META", [], {"aliases": {"quiz": " "}, "ids": {"api_version": "..", "dataset_id": "."}}),
                ("/connection/ids/api_version", "invalid_format"), ("/connection/ids/dataset_id", "invalid_format"), ("/connection/aliases/quiz", "too_short")),
        refused("a platform that nobody knows", ask("LINKEDIN", []), ("/connection/platform", "unknown_value")),
        refused("without a clock", {name: value for name, value in ask("META", []).items() if name != "now"}, ("/now", "missing_field")),
        refused("an event without an id, and one without a name", ask("META", [event(event_id=" "), event(2, event_name="")]),
                ("/events/0/event_id", "too_short"), ("/events/1/event_name", "too_short")),
        refused("everything that is wrong with a connection", ask("META", [], {
            "legacy_upload": True, "max_items_per_request": 1001, "ids": {"dataset_id": "1/2"}}),
            ("/connection/legacy_upload", "not_allowed_here"), ("/connection/max_items_per_request", "out_of_range"),
            ("/connection/ids/dataset_id", "invalid_format")),
        refused("no items at all", ask("GOOGLE", [], {"max_items_per_request": 0}), ("/connection/max_items_per_request", "out_of_range")),
        refused("fields that nobody knows", ask("META", [event(user={"nickname": "Jo"}, properties={"total": 5})]),
                ("/events/0/user/nickname", "unknown_field"), ("/events/0/properties/total", "unknown_field")),
        refused("a decision that is none", ask("META", [event(consent={"ad_user_data": "maybe"})]),
                ("/events/0/consent/ad_user_data", "unknown_value")),
    ]
    return rows


def name_cases():
    rows = []
    for line in NAMES.strip().splitlines():
        standard, cdp, *names = [part.strip() for part in line.split("|")]
        for platform, name in zip(PLATFORMS, names):
            expect = {"standard": standard, "name": name, "reason": None}
            if name == "-":
                expect = {"standard": standard, "name": None, "reason": "unsupported_event"}
            for called in [standard, *cdp.split()]:
                rows.append(case(f"{called} on {platform}", {"event_name": called, "platform": platform}, expect))
    for platform in PLATFORMS:
        snap = platform == "SNAPCHAT"
        for called in ("review", "wholesale", "PURCHASED ", "Custom Thing"):
            expect = {"standard": None, "name": None if snap else called.strip(), "reason": "unsupported_event" if snap else None}
            rows.append(case(f"{called!r} on {platform}: no part of a name counts", {"event_name": called, "platform": platform}, expect))
    rows += [
        case("by an alias", {"event_name": "Bought", "platform": "tiktok", "aliases": {"Bought": "purchase"}}, {"standard": "purchase", "name": "Purchase"}),
        case("a platform's own name", {"event_name": "Bought", "platform": "META", "aliases": {"Bought": "Donate"}}, {"standard": None, "name": "Donate"}),
        case("another name for a standard event", {"event_name": "Lead", "platform": "SNAPCHAT", "aliases": {"lead": "CUSTOM_EVENT_1"}},
             {"standard": "lead", "name": "CUSTOM_EVENT_1", "reason": None}),
        case("Snapchat has five", {"event_name": "quiz", "platform": "SNAPCHAT", "aliases": {"quiz": "CUSTOM_EVENT_6"}},
             {"name": None, "reason": "unsupported_event"}),
        refused("without a platform", {"event_name": "Lead"}, ("/platform", "missing_field")),
        refused("an alias that is no text", {"event_name": "Lead", "platform": "META", "aliases": {"Lead": 5}}, ("/aliases/Lead", "wrong_type")),
    ]
    return rows
