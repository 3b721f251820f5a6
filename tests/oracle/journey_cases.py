"""Cases of journey.build: the definitions, touch by touch."""

import random
from fractions import Fraction

from attribution import DAY_MS, millis, stamp
from operations import case, refused

# Clicks, views and the longest window, in days.
WINDOWS = {"meta": (7, 1, 28), "google": (30, 0, 90), "tiktok": (7, 1, 28), "snapchat": (28, 1, 28)}
OTHERS = (7, 1, 30)
CLICKS = [("gclid", "google"), ("fbclid", "meta"), ("ttclid", "tiktok"), ("sclid", "snapchat")]
SESSION_MS = 30 * 60_000
EVIDENCE = {"click_id": Fraction(3, 10), "hash": Fraction(2, 10), "visitor": Fraction(1, 10)}


def text_key(text):
    return (text is not None, text or "")


def touch_key(touch):
    return (millis(touch["touched_at"]), touch.get("kind", "click") == "view", text_key(touch.get("touch_id")))


def channel_of(settings, event):
    """The channel of an event with a campaign source."""
    source, medium = event["source"].strip(), (event.get("medium") or "").strip()
    rules = [rule for rule in settings.get("sources", []) if rule["source"].strip().lower() == source.lower()]
    exact = [rule for rule in rules if rule.get("medium") and rule["medium"].strip().lower() == medium.lower()]
    wide = [rule for rule in rules if rule.get("medium") is None]
    rule = (exact + wide + [None])[0]
    return (rule["channel"] if rule else medium or source).strip().lower()


def touches_of(settings, events):
    """(visit, touch) of one person's events."""
    events = sorted(events, key=lambda event: (millis(event["event_time"]), text_key(event.get("event_id"))))
    seen, start, last = set(), None, None
    for event in events:
        at = millis(event["event_time"])
        if event.get("session_id") is not None:
            visit = ("named", event["session_id"])
        else:
            if last is None or at > last + SESSION_MS:
                start = at
            last, visit = at, ("from", start)
        first = visit not in seen
        seen.add(visit)
        click = [channel for kind, channel in CLICKS if kind in event.get("clicks", [])]
        sourced = (event.get("source") or "").strip() != ""
        if click:
            channel = click[0]
        elif sourced:
            channel = channel_of(settings, event)
        elif first:
            channel = "direct"
        else:
            continue
        touch = {"channel": channel, "touched_at": event["event_time"], "kind": "click"}
        if event.get("event_id") is not None:
            touch["touch_id"] = event["event_id"]
        if (click or sourced) and event.get("campaign") is not None:
            touch["campaign"] = event["campaign"]
        matched = "click_id" if click else event.get("matched_by")
        if matched:
            touch["matched_by"] = matched
        yield visit, touch


def person_touches(settings, events, imported):
    found = list(touches_of(settings, events))
    for entry in imported:
        session = entry.get("session_id")
        found.append((None if session is None else ("named", session), {"kind": "click", **entry["touch"]}))
    visits, ids, kept = set(), set(), []
    for visit, touch in sorted(found, key=lambda entry: touch_key(entry[1])):
        place = None if visit is None else (visit, touch["channel"], touch.get("campaign"), touch["kind"])
        fresh_visit = place is None or place not in visits
        visits.add(place)
        if not fresh_visit:
            continue
        if touch.get("touch_id") is not None:
            if touch["touch_id"] in ids:
                continue
            ids.add(touch["touch_id"])
        kept.append(touch)
    return kept


def within(settings, touch, converted):
    default = WINDOWS.get(touch["channel"], OTHERS)
    chosen = settings.get("windows", {}).get(touch["channel"])
    click, view = (chosen["click_days"], chosen["view_days"]) if chosen else default[:2]
    days = view if touch["kind"] == "view" else click
    return days > 0 and 0 <= converted - millis(touch["touched_at"]) <= days * DAY_MS


def confidence(touches):
    if not touches:
        return None
    best = max(EVIDENCE.get(touch.get("matched_by"), Fraction(0)) for touch in touches)
    return float(min(Fraction(1), Fraction(1, 2) + min(Fraction(1, 5), Fraction(len(touches), 20)) + best))


def finished(journey, profile):
    journey["profile_id"] = profile
    if journey["touches"]:
        journey["match_confidence"] = confidence(journey["touches"])
    return journey


def build(request):
    settings = request.get("settings", {})
    events, imported = request.get("events", []), request.get("touches", [])
    profiles = sorted({entry["profile_id"] for entry in events + imported})
    touches = {
        profile: person_touches(
            settings, [event for event in events if event["profile_id"] == profile],
            [entry for entry in imported if entry["profile_id"] == profile])
        for profile in profiles
    }
    leads = {
        profile: sorted(
            millis(event["event_time"]) for event in events
            if event["profile_id"] == profile and event["event_name"] in settings.get("lead_events", ["Lead"]))
        for profile in profiles
    }
    conversions = [
        (millis(event["event_time"]), event["profile_id"], ids_of(event, False), event.get("value_cents", 0), event["event_time"])
        for event in events if event["event_name"] in settings.get("conversion_events", ["Purchase"])
    ] + [
        (millis(entry["converted_at"]), entry["profile_id"], ids_of(entry, True), entry.get("value_cents", 0), entry["converted_at"])
        for entry in request.get("conversions", [])
    ]
    journeys, of_id, used, duplicates = [], {}, {profile: [] for profile in profiles}, 0
    conversions.sort(key=lambda entry: entry[:3])
    # Sets of ids that name the same, merged until no two share one.
    same = []
    for ids in (set(entry[2]) for entry in conversions):
        touching = [group for group in same if group & ids]
        same = [group for group in same if not group & ids] + ([ids.union(*touching)] if ids else [])
    for at, profile, ids, value, stamped in conversions:
        if any(one in of_id for one in ids):
            duplicates += 1
            continue
        path = [touch for touch in touches.get(profile, []) if within(settings, touch, at)]
        if profile in used:
            used[profile] += path
        conversion = {"converted_at": stamped, "value_cents": value}
        if ids:
            conversion["conversion_id"] = ids[0][1]
        journey = {"conversion": conversion, "touches": path}
        lead = [lead for lead in leads.get(profile, []) if path and millis(path[0]["touched_at"]) <= lead <= at]
        if lead:
            journey["lead_touch"] = sum(millis(touch["touched_at"]) <= lead[0] for touch in path) - 1
        journeys.append(finished(journey, profile))
        of_id.update({one: journey for group in same if group & set(ids) for one in group})
    refunds, unmatched, exceeding, seen = [], [], [], set()
    for position, refund in enumerate(request.get("refunds", [])):
        if refund["refund_id"] in seen:
            continue
        seen.add(refund["refund_id"])
        original = [of_id[one] for one in ids_of(refund, True) if one in of_id]
        if not original:
            unmatched.append(position)
            continue
        refunds.append((millis(refund["refunded_at"]), position, refund, original[0]))
    taken = []
    for _, position, refund, original in sorted(refunds, key=lambda entry: entry[:2]):
        before = sum(amount for of, amount in taken if of is original)
        amount = min(refund["value_cents"], original["conversion"]["value_cents"] - before)
        if amount < refund["value_cents"]:
            exceeding.append(position)
        if amount == 0:
            continue
        taken.append((original, amount))
        journeys.append({**original, "conversion": {
            "conversion_id": refund["refund_id"], "converted_at": original["conversion"]["converted_at"],
            "value_cents": -amount, "booked_at": refund["refunded_at"]}})
    rest = [
        finished({"conversion": None, "touches": [touch for touch in touches[profile] if touch not in used[profile]]}, profile)
        for profile in profiles
    ]
    return {
        "journeys": journeys + [journey for journey in rest if journey["touches"]],
        "duplicate_conversions": duplicates,
        "unmatched_refunds": unmatched,
        "exceeding_refunds": sorted(exceeding),
    }


def ids_of(entry, deals):
    kinds = ["event", "order", "deal"] if deals else ["event", "order"]
    return [(kind, entry[f"{kind}_id"]) for kind in kinds if entry.get(f"{kind}_id") is not None]


def event(profile, ms, name="PageView", **more):
    return {"profile_id": profile, "event_name": name, "event_time": stamp(ms), **more}


def hours(count):
    return int(count * 3_600_000)


def fixed():
    yield "nothing at all", {}
    yield "a click id decides before the campaign, in the order of the platforms", {"events": [
        event("a", 1, clicks=["sclid", "ttclid"], source="newsletter", campaign="c"),
        event("a", hours(2), clicks=["fbclid", "gclid"]), event("a", hours(3), "Purchase", value_cents=500)]}
    yield "the tenant's map, the medium, the source", {
        "settings": {"sources": [{"source": "FB", "medium": "paid", "channel": "meta"}, {"source": "fb", "channel": "organic_social"}]},
        "events": [
            event("a", hours(1), source="fb", medium="Paid"), event("a", hours(2), source="Fb", medium="story"),
            event("a", hours(3), source="mailer", medium="Email"), event("a", hours(4), source="blog"),
            event("a", hours(5), source=" ", medium="cpc"), event("a", hours(6), "Purchase", value_cents=1)]}
    yield "the first event of a visit is direct, named visits by their name, others by 30 minutes", {"events": [
        event("a", 0, session_id="s"), event("a", hours(1), session_id="s"), event("a", hours(2)),
        event("a", hours(2.5)), event("a", hours(3) + 1), event("a", hours(4), "Purchase", session_id="s")]}
    yield "one touch for each channel and campaign of a visit, the earliest", {"events": [
        event("a", 5, session_id="s", clicks=["gclid"], event_id="late"), event("a", 1, session_id="s", clicks=["gclid"], event_id="early"),
        event("a", 9, session_id="s", clicks=["gclid"], campaign="other"), event("a", 10, "Purchase", session_id="s", value_cents=7)]}
    imported = [
        {"profile_id": "a", "touch": {"touch_id": kind + str(days), "channel": channel, "touched_at": stamp(40 * DAY_MS - days * DAY_MS - extra), "kind": kind}}
        for channel in ("meta", "google", "snapchat", "podcast") for kind, days, extra in
        (("click", 7, 0), ("click", 7, 1), ("click", 28, 0), ("click", 30, 0), ("view", 1, 0), ("view", 1, 1))]
    for entry in imported:
        entry["touch"]["touch_id"] += entry["touch"]["channel"] + entry["touch"]["touched_at"]
    bought = [{"profile_id": "a", "deal_id": "d", "converted_at": stamp(40 * DAY_MS), "value_cents": 100}]
    yield "each channel has its window, to the millisecond", {"touches": imported, "conversions": bought}
    windows = {"meta": {"click_days": 28, "view_days": 0}, "google": {"click_days": 0, "view_days": 90}}
    yield "windows that a tenant chose", {"settings": {"windows": windows}, "touches": imported, "conversions": bought}
    yield "a conversion counts once, whichever id says so", {
        "events": [event("a", 1, "Purchase", event_id="e", order_id="o", value_cents=10)],
        "conversions": [
            {"profile_id": "a", "order_id": "o", "deal_id": "d", "converted_at": stamp(2), "value_cents": 11},
            {"profile_id": "a", "deal_id": "d", "converted_at": stamp(3), "value_cents": 12},
            {"profile_id": "a", "deal_id": "o", "converted_at": stamp(4), "value_cents": 13},
            {"profile_id": "stranger", "converted_at": stamp(5), "value_cents": 14}]}
    yield "refunds go back the way the conversion came", {
        "events": [event("a", 1, clicks=["gclid"]), event("a", 2, "Purchase", event_id="e", order_id="o", value_cents=10)],
        "refunds": [
            {"refund_id": "r2", "order_id": "o", "refunded_at": stamp(9 * DAY_MS), "value_cents": 4},
            {"refund_id": "r1", "event_id": "e", "refunded_at": stamp(8 * DAY_MS), "value_cents": 6},
            {"refund_id": "r1", "event_id": "e", "refunded_at": stamp(8 * DAY_MS), "value_cents": 6},
            {"refund_id": "r3", "deal_id": "o", "refunded_at": stamp(8 * DAY_MS), "value_cents": 6}]}
    yield "two that a later row shows to be one count once, and are refunded by any id", {
        "conversions": [
            {"profile_id": "a", "event_id": "e", "converted_at": stamp(1), "value_cents": 10},
            {"profile_id": "a", "order_id": "o", "converted_at": stamp(2), "value_cents": 11},
            {"profile_id": "a", "event_id": "e", "order_id": "o", "converted_at": stamp(3), "value_cents": 12},
            {"profile_id": "a", "deal_id": "d", "order_id": "p", "converted_at": stamp(4), "value_cents": 13}],
        "refunds": [{"refund_id": "r", "order_id": "o", "refunded_at": stamp(9 * DAY_MS), "value_cents": 4}]}
    yield "refunds take back no more than there was, the earliest first", {
        "events": [event("a", 1, clicks=["gclid"]), event("a", 2, "Purchase", order_id="o", value_cents=500), event("a", 3, "Purchase", order_id="unsaid")],
        "refunds": [
            {"refund_id": "late", "order_id": "o", "refunded_at": stamp(9 * DAY_MS), "value_cents": 500},
            {"refund_id": "early", "order_id": "o", "refunded_at": stamp(8 * DAY_MS), "value_cents": 300},
            {"refund_id": "last", "order_id": "o", "refunded_at": stamp(10 * DAY_MS), "value_cents": 1},
            {"refund_id": "other", "order_id": "unsaid", "refunded_at": stamp(10 * DAY_MS), "value_cents": 1}]}
    yield "a view does not take the click of its visit along", {
        "touches": [{"profile_id": "a", "session_id": "s", "touch": {"channel": "google", "kind": kind, "touched_at": stamp(hours(at))}}
                    for kind, at in (("view", 1), ("click", 2), ("click", 3), ("view", 4))],
        "conversions": [{"profile_id": "a", "converted_at": stamp(2 * DAY_MS), "value_cents": 9}]}
    yield "the touch before the lead", {"events": [
        event("a", hours(1), clicks=["gclid"]), event("a", hours(2), clicks=["fbclid"]), event("a", hours(3), "Lead"),
        event("a", hours(4), clicks=["ttclid"]), event("a", hours(5), "Lead"), event("a", hours(6), "Purchase", clicks=["sclid"])]}
    yield "what led nowhere is a journey too", {"events": [
        event("a", 0, clicks=["gclid"]), event("a", 60 * DAY_MS, "Purchase"), event("b", 5, clicks=["fbclid"])]}
    yield "how sure the touches are", {
        "settings": {"conversion_events": ["Signed"]},
        "events": [event(person, hours(1 + n), clicks=clicks, source="x", campaign=str(n), matched_by=matched)
                   for person, clicks, matched, count in (("a", ["gclid"], "visitor", 6), ("b", [], "hash", 3), ("c", [], "visitor", 1), ("d", [], None, 2))
                   for n in range(count)] + [event(person, hours(9), "Signed", source="x", campaign="0", session_id="z") for person in "abcd"]}


def drawn(rng):
    events, profiles = [], ["a", "b", "c"]
    for number in range(30):
        more = {}
        if rng.random() < 0.5:
            more["session_id"] = rng.choice(["s1", "s2", "s3"])
        if rng.random() < 0.3:
            more["clicks"] = rng.sample([kind for kind, _ in CLICKS], rng.randrange(1, 3))
        if rng.random() < 0.4:
            more["source"] = rng.choice(["mailer", "fb", "Google"])
            if rng.random() < 0.6:
                more["medium"] = rng.choice(["email", "cpc", "Social"])
        if rng.random() < 0.3:
            more["campaign"] = rng.choice(["spring", "brand"])
        name = rng.choice(["PageView", "PageView", "PageView", "Lead", "Purchase"])
        if name == "Purchase":
            more["value_cents"] = rng.randrange(10**5)
            if rng.random() < 0.5:
                more["order_id"] = f"o{rng.randrange(4)}"
        at = rng.choice([rng.randrange(100 * DAY_MS), rng.randrange(4 * 24) * 15 * 60_000])
        events.append(event(rng.choice(profiles), at, name, event_id=f"e{number:02}", **more))
    refunds = [
        {"refund_id": f"r{n}", "order_id": f"o{rng.randrange(5)}", "refunded_at": stamp(rng.randrange(100 * DAY_MS)), "value_cents": 50 + n}
        for n in range(3)]
    return {"events": events, "refunds": refunds, "settings": {"sources": [{"source": "fb", "channel": "meta"}, {"source": "google", "medium": "cpc", "channel": "google"}]}}


def cases():
    rng = random.Random(70)
    made = [case(name, request, build(request)) for name, request in fixed()]
    for number in range(8):
        request = drawn(rng)
        made.append(case(f"drawn {number}", request, build(request)))
    wrong = {
        "settings": {
            "windows": {"meta": {"click_days": 29, "view_days": 29}, "radio": {"click_days": 30, "view_days": 31}},
            "conversion_events": [""], "lead_events": [" "], "sources": [{"source": "", "channel": ""}]},
        "events": [{"profile_id": "", "event_name": "x", "event_time": stamp(0), "value_cents": -1}],
        "touches": [{"profile_id": "", "touch": {"channel": "", "touched_at": stamp(0)}}],
        "conversions": [{"profile_id": " ", "converted_at": stamp(0), "value_cents": 2**53}],
        "refunds": [{"refund_id": "", "refunded_at": stamp(0), "value_cents": 0}],
    }
    problems = [
        ("/settings/windows/meta/click_days", "out_of_range"), ("/settings/windows/meta/view_days", "out_of_range"),
        ("/settings/windows/radio/view_days", "out_of_range"), ("/settings/conversion_events/0", "too_short"),
        ("/settings/lead_events/0", "too_short"), ("/settings/sources/0/source", "too_short"), ("/settings/sources/0/channel", "too_short"),
        ("/events/0/profile_id", "too_short"), ("/events/0/value_cents", "out_of_range"), ("/touches/0/profile_id", "too_short"),
        ("/touches/0/touch/channel", "too_short"), ("/conversions/0/profile_id", "too_short"), ("/conversions/0/value_cents", "out_of_range"),
        ("/refunds/0/refund_id", "too_short"), ("/refunds/0/value_cents", "out_of_range"),
    ]
    return made + [refused("everything wrong at once", wrong, *problems)]
