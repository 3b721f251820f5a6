"""Cases of audience.payloads, audience.match_estimate and conversion.quality."""

from fractions import Fraction

from conversion_cases import NOW, PLATFORMS, STANDARD, event, sha, vectors
from operations import case, refused


def member(number=1, *pairs, **changes):
    identifiers = [{"type": kind, "value": value} for kind, value in pairs or [("email", f"jane{number}@shop.example")]]
    return {"member_id": f"m-{number}", "identifiers": identifiers, **changes}


def ask(platform, members, action="add", connection=None, **changes):
    return {"connection": {"platform": platform, **(connection or {})}, "action": action, "now": NOW, "consent_checked": True,
            "cleaning": STANDARD, "members": members, **changes}


def skipped(*pairs):
    return [{"member_id": f"m-{number}", "index": number - 1, "reason": reason} for number, reason in pairs]


def payload_cases():
    rows = []
    for platform in ("meta", "google", "tiktok", "snapchat"):
        for row in vectors(f"{platform}-audience"):
            rows.append(case(row["id"], ask(platform.upper(), row["input"], row["action"]), row["expect"]))
    five = [member(number) for number in range(1, 6)]
    small = {"max_items_per_request": 2, "ids": {"audience_id": "A1", "api_version": "v25.0"}}
    session = [{"session_id": 77, "batch_seq": n, "last_batch_flag": n == 3, "estimated_num_total": 5} for n in (1, 2, 3)]
    hashes = [sha(f"jane{number}@shop.example") for number in range(6)]
    idfa = "6D92078A-8246-4BA4-AE5B-76104861E7DC"
    phone = "+96522345678"
    two = [("email", "jane1@shop.example"), ("email", "jane2@shop.example"), ("phone", phone), ("phone", "+96522345679")]
    strict = {"preset": "strict"}
    many = [("email", f"jane{number}@shop.example") for number in range(25)]
    rows += [
        case("nobody", ask("META", []), {"requests": [], "skipped": [], "merged": []}),
        case("full requests first, in their order", ask("GOOGLE", five, connection={"max_items_per_request": 2}), {"requests": [
            {"items": items} for items in (["m-1", "m-2"], ["m-3", "m-4"], ["m-5"])]}),
        case("a replacement is one session", ask("META", five, "replace", small, session_id=77), {"requests": [
            {"method": "POST", "path": "/v25.0/A1/usersreplace", "body": {"session": part}} for part in session]}),
        *[case(f"a replacement by nobody: {name}", ask("META", people, "replace", small, session_id=77),
               {"requests": [], "held": "replaced_by_nobody", "skipped": left, "merged": []}) for name, people, left in (
            ("nobody was named", [], []),
            ("nobody consents, or can be told", [member(1, consent={"ad_user_data": "denied"}), member(2, ("email", "nope"))],
             skipped((1, "consent_denied"), (2, "no_identifiers"))))],
        case("a replacement by one of two", ask("META", [member(1, consent={"ad_user_data": "denied"}), member(2)], "replace", small, session_id=77),
             {"requests": [{"items": ["m-2"]}], "held": None, "skipped": skipped((1, "consent_denied"))}),
        *[case(f"nobody to {action} waits for nobody", ask("META", [member(2, ("email", "nope"))], action), {"requests": [], "held": None})
          for action in ("add", "remove")],
        case("who has not decided has not consented", ask("TIKTOK", [member()], consent_checked=False),
             {"requests": [], "skipped": skipped((1, "consent_denied"))}),
        case("who has is added", ask("TIKTOK", [member(consent={"ad_user_data": "granted"})], consent_checked=False), {"requests": [{"items": ["m-1"]}]}),
        case("ads made for the person alone are not enough", ask("TIKTOK", [member(consent={"ad_personalization": "granted"})], consent_checked=False),
             {"requests": [], "skipped": skipped((1, "consent_denied"))}),
        case("anybody is removed", ask("SNAPCHAT", [member(), member(2, consent={"ad_user_data": "denied"})], "remove", consent_checked=False),
             {"requests": [{"method": "DELETE", "items": ["m-1", "m-2"]}], "skipped": []}),
        case("who is the same to the platform", ask("META", [member(), member(2), member(3, ("email", "JANE1@shop.example"))]),
             {"requests": [{"items": ["m-1", "m-2"], "body": {"payload": {"data": [[hashes[1]], [hashes[2]]]}}}],
              "merged": [{"member_id": "m-3", "into": "m-1"}]}),
        case("the same identifier, and one more", ask("SNAPCHAT", [
            member(), member(2, ("email", "jane1@shop.example"), ("phone", phone)), member(3, ("phone", phone))]),
            {"requests": [{"items": ["m-1"], "body": {"users": [{"schema": ["EMAIL_SHA256"], "data": [[hashes[1]]]}]}},
                          {"items": ["m-2"], "body": {"users": [{"schema": ["PHONE_SHA256"], "data": [[sha(phone[1:])]]}]}}],
             "merged": [{"member_id": "m-3", "into": "m-2"}]}),
        case("an advertising id, to each in its form", ask("META", [member(1, ("device_id", idfa))]),
             {"requests": [{"body": {"payload": {"schema": ["MADID"], "data": [[idfa.lower()]]}}}]}),
        case("hashed for Snapchat", ask("SNAPCHAT", [member(1, ("device_id", idfa))]),
             {"requests": [{"body": {"users": [{"schema": ["MOBILE_AD_ID_SHA256"], "data": [[sha(idfa.lower())]]}]}}]}),
        case("not for TikTok", ask("TIKTOK", [member(1, ("device_id", idfa))]), {"requests": [], "skipped": skipped((1, "no_identifiers"))}),
        case("ids stand in bodies", ask("TIKTOK", [member()], connection={"ids": {"advertiser_id": "9", "audience_id": "8"}}),
             {"requests": [{"body": {"advertiser_ids": ["9"], "batch_data": [[{"id": hashes[1], "audience_ids": ["8"]}]]}}]}),
        case("who leaves Meta leaves by every address", ask("META", [member(1, *two)], "remove"), {"requests": [{
            "items": ["m-1"] * 3, "body": {"payload": {"schema": ["EMAIL", "PHONE"], "data": [
                [hashes[1], sha(phone[1:])], [hashes[2], ""], ["", sha("96522345679")]]}}}]}),
        case("and TikTok", ask("TIKTOK", [member(1, *two)], "remove"), {"requests": [{"items": ["m-1"] * 3, "body": {
            "id_schema": ["EMAIL_SHA256", "PHONE_SHA256"]}}]}),
        case("and Google, ten at a time", ask("GOOGLE", [member(1, *many)], "remove"), {"requests": [{
            "items": ["m-1"] * 3, "body": {"audienceMembers": [{"userData": {"userIdentifiers": [
                {"emailAddress": sha(address)} for _, address in many[start:start + 10]]}} for start in (0, 10, 20)]}}]}),
        case("what is blocked by now is removed", ask("TIKTOK", [member(1, ("email", "jane@test.com"))], "remove", cleaning=strict),
             {"requests": [{"items": ["m-1"]}], "skipped": []}),
        case("and not added", ask("TIKTOK", [member(1, ("email", "jane@test.com"))], cleaning=strict), {"requests": [], "skipped": skipped((1, "no_identifiers"))}),
        refused("a replacement that the platform has not", ask("TIKTOK", [], "replace", session_id=1), ("/action", "not_supported")),
        refused("a replacement without a session", ask("META", [], "replace"), ("/session_id", "missing_field")),
        refused("an unknown action", ask("META", [], "wipe"), ("/action", "unknown_value")),
        refused("everything that is wrong with the audience", ask("META", [], connection={"max_items_per_request": 10_001, "ids": {"audience_id": ""}}),
                ("/connection/max_items_per_request", "out_of_range"), ("/connection/ids/audience_id", "invalid_format")),
        refused("a member without an id", ask("META", [{"identifiers": []}]), ("/members/0/member_id", "missing_field")),
    ]
    return rows


def estimate(platform, members, rates=None, **changes):
    request = {"platform": platform, "now": NOW, "consent_checked": True, "cleaning": STANDARD, "members": members, **changes}
    return {**request, "observed_rates": rates} if rates is not None else request


def estimate_cases():
    home = {"first_name": "Jane", "last_name": "Doe", "country": "KW", "zip": "13001"}
    people = [
        member(1), member(2, ("email", "j@shop.example"), ("phone", "+96522345678")), member(3, ("phone", "+96522345679")),
        member(4, ("external_id", "U4")), member(5, ("email", "nope")), member(6, consent={"ad_user_data": "denied"}),
        member(7, ("anonymous_id", "v7"), user=home), member(8, ("device_id", "6D92078A-8246-4BA4-AE5B-76104861E7DC")),
    ]
    # Which keys each of them has that may be sent.
    keys = {1: {"email"}, 2: {"email", "phone"}, 3: {"phone"}, 4: {"external_id"}, 5: set(), 7: {"address"}, 8: {"advertising_id"}}
    taken = {"META": ["email", "phone", "external_id", "advertising_id"], "GOOGLE": ["email", "phone", "address"],
             "TIKTOK": ["email", "phone"], "SNAPCHAT": ["email", "phone", "advertising_id"]}

    def expected(platform, rates):
        low = high = Fraction(0)
        sendable = 0
        for own in keys.values():
            own = own & set(taken[platform])
            if own:
                sendable += 1
                low += max(Fraction(str(rates.get(key, 0))) for key in own)
                high += min(Fraction(1), sum(Fraction(str(rates.get(key, 1))) for key in own))
        count = {key: sum(key in own for own in keys.values()) for key in taken[platform]}
        return {"members": 8, "sendable": sendable, "consent_denied": 1, "no_identifiers": 7 - sendable,
                "identifiers": [{"key": key, "members": count[key], "share": count[key] / 8} for key in taken[platform]],
                "lowest_share": float(round(low / 8, 9)), "highest_share": float(round(high / 8, 9))}

    rows = []
    for platform in PLATFORMS:
        for rates in ({}, {"email": 0.5, "phone": 0.25}, {"email": 0.9, "phone": 0.4, "external_id": 0, "advertising_id": 1, "address": 0.125}):
            rows.append(case(f"{platform}, {len(rates)} rates", estimate(platform, people, rates), expected(platform, rates)))
    rows += [
        case("nobody", estimate("META", []), {"members": 0, "sendable": 0, "identifiers": [], "lowest_share": None, "highest_share": None}),
        case("nobody decided", estimate("META", people, consent_checked=False), {"sendable": 0, "consent_denied": 8, "highest_share": 0}),
        refused("rates that are none", estimate("META", [], {"email": 1.5, "phone": -0.1}),
                ("/observed_rates/email", "out_of_range"), ("/observed_rates/phone", "out_of_range")),
        refused("an unknown platform", estimate("X", []), ("/platform", "unknown_value")),
    ]
    return rows


# The points of the parts of an event's quality.
IDENTIFIERS = {"email": 60, "phone": 50, "external_id": 30, "advertising_id": 20, "click_id": 20, "browser_id": 10}
CONTEXT = {"user_agent": 30, "client_ip": 30, "page": 15}
REQUIRED = {"purchase": (["order_id", "total", "currency"], ["items"]), "search": (["search_string"], []), "lead": ([], ["value", "currency"])}
# What no request of the platform carries (see the vectors of cdp/payloads): of what happened in a store, in an app, and by
# Google's older upload.
NOT_TAKEN = {
    "store": {"META": {"advertising_id"}, "GOOGLE": {"external_id", "browser_id", "page"}, "TIKTOK": {"advertising_id"}, "SNAPCHAT": set()},
    "app": {"META": set(), "GOOGLE": {"external_id", "browser_id", "page"}, "TIKTOK": {"page"}, "SNAPCHAT": set()},
    "legacy": {"GOOGLE": {"external_id", "browser_id", "advertising_id", "page", "user_agent", "client_ip"}},
}
NOT_TOLD = {"GOOGLE": {"search_string"}, "legacy": {"search_string", "items"}}


def timeliness(seconds):
    points = [(300, 100), (3600, 50), (86400, 0)]
    if seconds <= 300:
        return Fraction(100)
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if seconds <= x1:
            return y0 + Fraction(y1 - y0) * (seconds - x0) / (x1 - x0)
    return Fraction(0)


def quality(ids, complete, seconds, context):
    """0 to 100, or None where no identifier names the person."""
    if not ids - {"click_id"}:
        return None
    points = min(100, sum(IDENTIFIERS[name] for name in ids))
    rich = sum(CONTEXT.get(name, 0) for name in context) + (25 if "click_id" in ids or "campaign" in context else 0)
    return Fraction(40 * points + 25 * complete + 20 * timeliness(seconds) + 15 * rich) / 100


def completeness(name, present, untold):
    required, recommended = [[p for p in asked if p not in untold] for asked in REQUIRED[name]]
    share = lambda asked, points: Fraction(points) if not asked else Fraction(points * sum(p in present for p in asked), len(asked))
    return share(required, 70) + share(recommended, 30)


def quality_case(name, platform, event_name, ids, present, seconds, context, where="store"):
    not_taken = NOT_TAKEN[where][platform]
    untold = NOT_TOLD.get(where, NOT_TOLD.get(platform, set()))
    values = {"email": "jane@shop.example", "phone": "+96522345678", "external_id": "U1", "advertising_id": "6D92078A-8246-4BA4-AE5B-76104861E7DC"}
    types = {"advertising_id": "device_id"}
    click = {"META": "fbc", "GOOGLE": "gclid", "TIKTOK": "ttclid", "SNAPCHAT": "sccid"}
    browser = {"META": "fbp", "TIKTOK": "ttp", "SNAPCHAT": "scid"}
    user = {"click_id": (click[platform], "c"), "browser_id": (browser.get(platform, "fbp"), "b"), "user_agent": ("user_agent", "UA"), "client_ip": ("ip", "203.0.113.7")}
    given = dict(user[part] for part in sorted(ids | context) if part in user)
    properties = {"order_id": ("order_id", "O-1"), "total": ("value", 5), "value": ("value", 5), "currency": ("currency", "KWD"),
                  "items": ("contents", [{"id": "S1"}]), "search_string": ("search_string", "x")}
    sent = event(event_name=event_name, identifiers=[{"type": types.get(part, part), "value": values[part]} for part in sorted(ids) if part in values],
                 user=given, properties=dict(properties[part] for part in sorted(present)),
                 event_time=f"2026-04-15T{11 - (seconds - 1) // 3600:02d}:{59 - (seconds - 1) % 3600 // 60:02d}:{59 - (seconds - 1) % 60:02d}Z" if seconds else NOW)
    if "page" in context:
        sent["event_source_url"] = "https://shop.example/"
    if where == "app":
        sent |= {"action_source": "app", "app": {"os": "android"}}
    taken, told = ids - not_taken, context - not_taken
    complete = completeness(event_name, present, untold)
    now = quality(taken, complete, seconds, told)
    steps = []
    for step in [*IDENTIFIERS, *CONTEXT, "properties", "sent_at_once"]:
        if step in not_taken or step in taken | told:
            continue
        after = (taken | ({step} & set(IDENTIFIERS)), 100 if step == "properties" else complete, 0 if step == "sent_at_once" else seconds,
                 told | ({step} & set(CONTEXT)))
        raised = quality(*after)
        if raised is not None and raised > (now or 0):
            missing = [p for part in REQUIRED[event_name] for p in part if p not in present | untold] if step == "properties" else []
            steps.append((raised - (now or 0), step, raised, sorted(missing)))
    order = ["email", "phone", "external_id", "advertising_id", "click_id", "browser_id", "user_agent", "client_ip", "page", "properties", "sent_at_once"]
    steps.sort(key=lambda s: (-s[0], order.index(s[1])))
    rounded = lambda value: float(round(value, 9))
    expect = {"score": rounded(now or Fraction(0)), "events": [{"event_id": "e-1", "score": None if now is None else rounded(now)}],
              "improvements": [{"add": step, "score": rounded(raised), "gain": rounded(gain), "events": 1, "properties": missing}
                               for gain, step, raised, missing in steps]}
    legacy = {"legacy_upload": True} if where == "legacy" else {}
    return case(name, {"platform": platform, **legacy, "now": NOW, "cleaning": STANDARD, "events": [sent]}, expect)


def quality_cases():
    full = {"order_id", "total", "currency", "items"}
    rows = []
    for platform in PLATFORMS:
        rows += [
            quality_case(f"{platform}: an address alone", platform, "purchase", {"email"}, full, 10, set()),
            quality_case(f"{platform}: everything", platform, "purchase", {"email", "phone", "external_id", "advertising_id", "click_id", "browser_id"},
                         full, 10, {"user_agent", "client_ip", "page"}),
            quality_case(f"{platform}: half of it, late", platform, "purchase", {"phone", "browser_id"}, {"total", "currency"}, 1950, {"user_agent"}),
            quality_case(f"{platform}: an id of the tenant's, a day late", platform, "lead", {"external_id"}, set(), 7200, {"page"}),
            quality_case(f"{platform}: only a click", platform, "search", {"click_id"}, {"search_string"}, 0, {"client_ip"}),
            quality_case(f"{platform}: an advertising id", platform, "search", {"advertising_id"}, set(), 3600, {"user_agent", "client_ip"}),
        ]
    everything = {"email", "phone", "external_id", "advertising_id", "click_id", "browser_id"}
    for where, platforms in (("app", PLATFORMS), ("legacy", ["GOOGLE"])):
        for platform in platforms:
            rows += [
                quality_case(f"{platform}, {where}: an address alone", platform, "purchase", {"email"}, {"total", "currency"}, 10, set(), where),
                quality_case(f"{platform}, {where}: everything", platform, "purchase", everything, full, 10, {"user_agent", "client_ip", "page"}, where),
                quality_case(f"{platform}, {where}: an advertising id", platform, "search", {"advertising_id"}, set(), 3600, {"page"}, where),
            ]
    two = [event(), event(2, identifiers=[{"type": "phone", "value": "+96522345678"}])]
    # 60 and 50 points of identifiers; value and currency are two of the three that a purchase needs; sent at once, without context.
    mean = Fraction(40, 100) * Fraction(60 + 50, 2) + Fraction(25, 100) * Fraction(140, 3) + 20
    rows += [
        case("no events", {"platform": "META", "now": NOW, "events": []}, {"score": None, "improvements": [], "events": []}),
        case("an event from the future has no score", {"platform": "META", "now": NOW, "cleaning": STANDARD,
             "events": [event(event_time="2026-04-15T12:05:01Z")]}, {"score": 0, "band": "POOR", "events": [{"score": None}]}),
        case("the mean of two, by the phone that one of them lacks", {"platform": "META", "now": "2026-04-15T11:00:00Z", "cleaning": STANDARD, "events": two},
             {"score": float(round(mean, 9)), "events": [{"event_id": "e-1"}, {"event_id": "e-2"}]}),
        case("an advertising id of an unknown system is none to TikTok", {"platform": "TIKTOK", "now": NOW, "cleaning": STANDARD, "events": [
             event(action_source="app", app={"att_status": "denied"}, identifiers=[{"type": "device_id", "value": "6D92078A-8246-4BA4-AE5B-76104861E7DC"}])]},
             {"score": 0, "events": [{"score": None}]}),
        refused("an older upload of another platform", {"platform": "META", "legacy_upload": True, "now": NOW, "events": []}, ("/legacy_upload", "not_allowed_here")),
        refused("without a clock", {"platform": "META", "events": []}, ("/now", "missing_field")),
        refused("an event without a name", {"platform": "META", "now": NOW, "events": [event(event_name="")]}, ("/events/0/event_name", "too_short")),
    ]
    return rows
