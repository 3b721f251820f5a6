"""Cases of identity.resolve, identity.explain, identity.graph, identity.compare and identity.check."""

import copy

from identity import PRIORITY, STANDARD, STRICT, check, instant, label_of, order, resolve, shared_histories, written
from operations import case, refused

DAY = 24 * 60


def at(minutes):
    """Minutes after the start of March 2026."""
    return f"2026-03-{1 + minutes // DAY:02d}T{minutes // 60 % 24:02d}:{minutes % 60:02d}:00.000Z"


def event(number, minutes, *labels, **more):
    sent = [dict(zip(("type", "value"), label.split(":", 1))) for label in labels]
    return {"event_id": f"e{number}", "event_time": at(minutes), "identifiers": sent} | more


def sent_of(event_):
    """An event of a shared history as it stands on the wire."""
    ids = [event_["to"], event_["from"]] if event_["kind"] == "alias" else event_.get("ids", [])
    wire = {"event_id": event_["id"], "event_time": event_["t"], "kind": event_["kind"], "identifiers": ids}
    if event_["kind"] in ("merge", "unmerge"):
        wire |= words_of(event_)
    return wire | {key: event_[key] for key in ("traits", "consent", "merge") if key in event_}


def words_of(act):
    """Who did an act of a shared history, and why: they do not say."""
    return {"actor": f"operator of {act['id']}", "note": f"because of {act['id']}"}


def log_of(scenario):
    """What a shared history says was done, with when, by whom and why."""
    by_id = {e["id"]: e for e in scenario["events"]}
    undone = {entry["merge"] for entry in scenario["expect"]["log"] if entry["kind"] == "unmerge"}
    log = []
    for entry in scenario["expect"]["log"]:
        event_ = by_id[entry["event"]]
        act = words_of(event_) if event_["kind"] in ("merge", "unmerge") else {"actor": None, "note": None}
        more = {"undone": entry["seq"] in undone} if entry["kind"] == "merge" else {}
        log.append(entry | act | more | {"at": written(instant(event_["t"]))})
    return log


def shared_case(scenario):
    """A shared history with what it says must come of it."""
    place = {e["id"]: n for n, e in enumerate(scenario["events"])}
    expect = scenario["expect"]
    profiles = [
        {
            "canonical": c["canonical"], "identifiers": c["ids"], "known": c["known"], "traits": c["traits"], "consent": c["consent"],
            "first_seen": c["first_seen"] and written(instant(c["first_seen"])), "last_seen": c["last_seen"] and written(instant(c["last_seen"])),
            "events": sorted(c["events"], key=place.get),
        }
        for c in expect["clusters"]
    ]
    request = {"policy": {"preset": "standard"} | scenario["config"], "events": [sent_of(e) for e in scenario["events"]]}
    return case(f"{scenario['id']}: {scenario['title']}", request, {
        "profiles": profiles, "changes": log_of(scenario), "refused": expect["refused"], "dropped": expect["dropped"],
        "unattributed": expect["unattributed"],
    })


def drawn(seed, count, systems=(None,), names=("PageView",), spread=3 * DAY):
    """A random history from a linear congruential generator (Lehmer 1951, 48271)."""
    state = seed

    def draw(below):
        nonlocal state
        state = state * 48_271 % 2_147_483_647
        return state % below

    pool = {"external_id": "U{}", "email": "m{}@shop.example", "phone": "+965500123{:02d}", "device_id": "d{}", "anonymous_id": "a{}"}
    events = []
    for number in range(count):
        labels = []
        for _ in range(1 + draw(3)):
            type_ = PRIORITY[draw(5)]
            labels.append(f"{type_}:{pool[type_].format(10 + draw(4))}")
        more = {"event_name": names[draw(len(names))]}
        source = systems[draw(len(systems))]
        if source:
            more["source_system"] = source
        events.append(event(number, draw(spread), *labels, **more))
    return events


FAMILY = [
    event(1, 0, "email:ann@shop.example", "phone:+96550012345"),
    event(2, 9, "email:bob@shop.example", "phone:+96550012345"),
    event(3, 12, "phone:+96550012345"),
]
VISITOR = [
    event(1, 0, "anonymous_id:a1", event_name="PageView"),
    event(2, 5, "email:jane@shop.example", "anonymous_id:a1", event_name="NewsletterSubscribed"),
    event(3, 30, "external_id:U7", "email:jane@shop.example", event_name="Purchase"),
]
LOGINS = [
    event(1, 0, "external_id:U1", "anonymous_id:b1", event_name="Login"),
    event(2, 60, "external_id:U2", "anonymous_id:b1", event_name="Login"),
    event(3, 90, "anonymous_id:b1", event_name="PageView"),
]
SYSTEMS = [
    event(1, 0, "external_id:17", "email:jane@shop.example"),
    event(2, 1, "external_id:17", "email:jane@shop.example", source_system="crm"),
    event(3, 2, "external_id:18", "email:jane@shop.example", source_system="crm"),
]
JOINED = [
    event(1, 0, "email:jane@shop.example"),
    event(2, 1, "anonymous_id:a1", "device_id:d1"),
    event(3, 2, "email:jane@shop.example", "device_id:d1", event_name="Login"),
    event(4, 3, "email:jane@shop.example", "device_id:d1"),
    event(5, 4, "device_id:d1", "anonymous_id:a1", "anonymous_id:a2"),
]
KIOSK = [event(n, n * 60, f"email:p{n}@shop.example", "device_id:kiosk") for n in range(8)] + [event(9, 9 * 60, "device_id:kiosk", "anonymous_id:a1")]


# A visit that goes on after a sign-in elsewhere, and one in which two people sign in.
VISIT = [
    event(1, 0, "anonymous_id:a1", session_id="s1"),
    event(2, 5, "email:jane@shop.example", session_id="s1"),
    event(3, 6, "email:jane@shop.example", "device_id:d1", session_id="s1"),
    event(4, 90, "anonymous_id:a1", session_id="s2"),
    event(5, 95, "anonymous_id:a1", "device_id:d1", session_id="s2"),
]
TWO_IN_A_VISIT = [
    event(1, 0, "external_id:U1", event_name="Login", session_id="s1"),
    event(2, 5, "anonymous_id:b1", session_id="s1"),
    event(3, 9, "external_id:U2", event_name="Login", session_id="s1"),
]


def resolved(name, events, policy=None):
    world = resolve(policy or {}, events)
    request = {"events": events} | ({"policy": policy} if policy else {})
    return case(name, request, {"profiles": world.views(), "changes": world.changes, "refused": world.refused, "unattributed": []})


NAMES = ("PageView", "Login", "Purchase", "Lead", "PageView")


def resolve_cases():
    check()
    scenarios = shared_histories("scenarios")
    list_ = [shared_case(s) for s in scenarios[::3] + shared_histories("random")[::7]]
    list_ += [shared_case(s) for s in scenarios if any(e["kind"] in ("unmerge", "merge") for e in s["events"]) and s not in scenarios[::3]]
    list_ += [
        resolved("nothing happened", []),
        resolved("visitor, address, purchase: one person", VISITOR),
        resolved("two logins on one browser stay two", LOGINS),
        resolved("a family's phone does not join two addresses", FAMILY),
        resolved("the same family under standard", FAMILY, {"preset": "standard"}),
        resolved("one customer number in each of two systems", SYSTEMS),
        resolved("a kiosk that eight people used", KIOSK),
        resolved("the kiosk where ten may share", KIOSK, {"shared": {"max_profiles": 10, "window_days": 30}}),
        resolved("evidence of a form is too weak for a cautious tenant", VISITOR, {"evidence_threshold": 0.95}),
        resolved("no check at all", LOGINS, {"checks": [], "limits": {"external_id": None}}),
        resolved("a visit is weak evidence", VISIT),
        resolved("a visit under standard", VISIT, {"preset": "standard"}),
        resolved("a visit where the tenant takes it for evidence enough", VISIT, {"evidence_threshold": 0.7}),
        resolved("two people in one visit", TWO_IN_A_VISIT, {"evidence_threshold": 0.5}),
        resolved("an event twice changes nothing", VISITOR),
    ]
    list_[-1]["request"]["events"] = VISITOR + VISITOR[1:2]
    for seed, count in ((11, 12), (13, 20), (17, 30), (19, 30)):
        list_.append(resolved(f"{count} drawn events, seed {seed}, strict", drawn(seed, count, (None, None, "crm"), NAMES)))
        list_.append(resolved(f"{count} drawn events, seed {seed}, standard", drawn(seed, count, names=NAMES), {"preset": "standard"}))
    visits = [e | {"session_id": f"s{n % 5}"} for n, e in enumerate(drawn(19, 20, names=NAMES))]
    list_.append(resolved("20 drawn events of five visits, seed 19", visits, {"evidence_threshold": 0.7}))
    return list_ + refusals()


def refusals():
    good = event(1, 0, "email:jane@shop.example")
    many = event(2, 0, *(f"anonymous_id:a{n}" for n in range(21)))
    return [
        refused("an alias of one, an unmerge of nothing, too many identifiers",
                {"events": [good | {"kind": "alias"}, {"event_id": "", "event_time": at(0), "kind": "unmerge"}, many, good | {"merge": "m1"}]},
                ("/events/0/identifiers", "too_short"), ("/events/1/event_id", "too_short"), ("/events/1/merge", "missing_field"),
                ("/events/2/identifiers", "too_many"), ("/events/3/merge", "not_allowed_here")),
        refused("words and visits where they do not belong",
                {"events": [good | {"actor": "olga"}, good | {"note": ""}, good | {"session_id": "s" * 129},
                            good | {"kind": "merge", "session_id": "s1", "identifiers": good["identifiers"] * 2, "note": "n" * 501}]},
                ("/events/0/actor", "not_allowed_here"), ("/events/1/note", "not_allowed_here"), ("/events/2/session_id", "too_long"),
                ("/events/3/session_id", "not_allowed_here"), ("/events/3/note", "too_long")),
        refused("a policy and an event that are wrong", {"policy": {"evidence_threshold": 2}, "events": [good | {"source_system": "a b"}]},
                ("/policy/evidence_threshold", "out_of_range"), ("/events/0/source_system", "invalid_format")),
    ]


def named(label):
    return dict(zip(("type", "value"), label.split(":", 1)))


def explained(name, events, a, b, **policy):
    world = resolve(policy, events)
    one, other = world.owner(a), world.owner(b)
    chain = world.chain(a, b) if one and one is other else []
    conflicts = []
    for refusal in world.refused if one is not other else []:
        if one and other and {world.owner(refusal["id"]), world.owner(anchor(world, refusal["event"]))} == {one, other}:
            pair = sorted((refusal["id"], anchor(world, refusal["event"])), key=order)
            if not any((c["a"], c["b"], c["reason"]) == (*pair, refusal["reason"]) for c in conflicts):
                conflicts.append({"a": pair[0], "b": pair[1], "reason": refusal["reason"]})
    expect = {
        "same_profile": bool(one) and one is other, "profile_a": one and world.label(one), "profile_b": other and world.label(other),
        "chain": chain, "confidence": min((s["confidence"] for s in chain), default=None), "conflicts": conflicts,
    }
    request = {"events": events, "a": named(a), "b": named(b)} | ({"policy": policy} if policy else {})
    return case(name, request, expect)


def anchor(world, event_id):
    """The strongest identifier of an event."""
    return next(min(e["ids"], key=lambda i: PRIORITY.index(i.split(":")[0].split("@")[0])) for e in world.events if e["id"] == event_id)


def explain_cases():
    list_ = [
        explained("two steps from browser to customer", VISITOR, "anonymous_id:a1", "external_id:U7"),
        explained("the other way round", VISITOR, "external_id:U7", "anonymous_id:a1"),
        explained("an identifier and itself", VISITOR, "external_id:U7", "external_id:U7"),
        explained("two logins on one browser", LOGINS, "external_id:U2", "anonymous_id:b1"),
        explained("a family", FAMILY, "email:ann@shop.example", "email:bob@shop.example"),
        explained("somebody whom nobody knows", VISITOR, "external_id:U7", "email:joe@shop.example"),
        explained("a visit", VISIT, "anonymous_id:a1", "email:jane@shop.example", evidence_threshold=0.7),
        explained("a visit that joined nobody", VISIT[:2], "anonymous_id:a1", "email:jane@shop.example"),
        explained("the better of two ways of equal length", JOINED, "anonymous_id:a2", "email:jane@shop.example"),
    ]
    for seed in (23, 29, 31):
        events = drawn(seed, 40, names=NAMES)
        ids = sorted({label_of(e, s) for e in events for s in e["identifiers"]}, key=order)
        for a, b in ((ids[0], ids[-1]), (ids[2], ids[-2]), (ids[5], ids[-3])):
            list_.append(explained(f"{a} and {b} in 40 drawn events, seed {seed}", events, a, b, preset="standard"))
    bad = {"events": VISITOR, "a": {"type": "email", "value": "nobody"}, "b": {"type": "cookie", "value": "1"}}
    return list_ + [refused("two that are no identifiers", bad, ("/a", "invalid_identifier"), ("/b", "invalid_identifier"))]


def graphed(name, events, around, depth=None, **policy):
    request = {"events": events, "around": named(around)} | ({"policy": policy} if policy else {}) | ({"depth": depth} if depth else {})
    return case(name, request, resolve(policy, events).graph(around, depth or 3))


def graph_cases():
    free = {"limits": dict.fromkeys(PRIORITY), "max_cluster_ids": None, "checks": []}
    line = [event(n, n, f"anonymous_id:a{n}", f"anonymous_id:a{n + 1}") for n in range(8)]
    list_ = [
        graphed("around a customer", VISITOR, "external_id:U7"),
        graphed("one step", VISITOR, "external_id:U7", 1),
        graphed("a browser that two used", LOGINS, "anonymous_id:b1"),
        graphed("several ways", JOINED, "email:jane@shop.example"),
        graphed("a long line, three steps", line, "anonymous_id:a0"),
        graphed("a long line, five steps", line, "anonymous_id:a4", 5),
    ]
    for seed in (37, 41):
        list_.append(graphed(f"40 drawn events, seed {seed}", drawn(seed, 40, names=NAMES), "email:m11@shop.example", **free))
    unknown = {"events": VISITOR, "around": named("external_id:U8")}
    return list_ + [
        refused("nobody holds it", unknown, ("/around", "unknown_identifier")),
        refused("too deep", {"events": VISITOR, "around": named("external_id:U7"), "depth": 6}, ("/depth", "out_of_range")),
    ]


def figures(world):
    counts = {}
    for refusal in world.refused:
        counts[refusal["reason"]] = counts.get(refusal["reason"], 0) + 1
    return {"profiles": len(world.profiles), "merges": len(world.changes), "undone": 0, "refused": counts, "dropped": 0, "unattributed": 0}


def differences(whole, other):
    found = []
    for profile in sorted(whole.profiles, key=lambda p: order(whole.label(p))):
        parts = sorted({other.label(other.owner(i)) for i in profile.ids}, key=order)
        if len(parts) > 1:
            found.append({"profile": whole.label(profile), "parts": parts})
    return found


def moved(before, after):
    home = lambda world: {e["id"]: n for n, p in enumerate(world.profiles) for e in p.events}
    one, other, overlaps = home(before), home(after), {}
    for e in before.events:
        overlaps.setdefault((one[e["id"]], other[e["id"]]), []).append(e)
    taken, stays = set(), 0
    for (a, b), events in sorted(overlaps.items(), key=lambda item: -len(item[1])):
        if ("a", a) not in taken and ("b", b) not in taken:
            taken |= {("a", a), ("b", b)}
            stays += len(events)
    return len(before.events) - stays


def compared(name, events, proposed, **current):
    a, b = resolve(current, events), resolve(proposed, events)
    request = {"events": events, "proposed": proposed} | ({"current": current} if current else {})
    return case(name, request, {
        "current": figures(a), "proposed": figures(b), "would_join": differences(b, a), "would_part": differences(a, b),
        "events": len(events), "events_moved": moved(a, b),
    })


def compare_cases():
    standard = {"preset": "standard"}
    list_ = [
        compared("a family under standard", FAMILY, standard),
        compared("a family, from standard to strict", FAMILY, {}, **standard),
        compared("the same policy twice", VISITOR, {}),
        compared("logins without any check", LOGINS, {"checks": [], "limits": {"external_id": None}}),
    ]
    for seed in (43, 47, 53, 59):
        list_.append(compared(f"40 drawn events, seed {seed}", drawn(seed, 40, names=NAMES), {}, **standard))
    bad = {"events": [event(1, 0)], "current": {"max_cluster_ids": 0}, "proposed": {"evidence_threshold": -1}}
    return list_ + [refused("both policies and an event are wrong", bad, ("/current/max_cluster_ids", "below_minimum"),
                            ("/proposed/evidence_threshold", "out_of_range"), ("/events/0/identifiers", "too_short"))]


def filled(own):
    preset = own.get("preset", "strict")
    settings = copy.deepcopy(STANDARD if preset == "standard" else STRICT) | {
        "preset": preset, "blocked": {}, "block_examples": preset == "strict", "undo_days": 30 if preset == "strict" else None,
        "default_region": "KW" if preset == "standard" else None,
    }
    return settings | own | {"limits": settings["limits"] | own.get("limits", {}), "checks": own.get("checks", settings["checks"])}


def check_cases():
    ask = lambda name, own: case(name, {"policy": own}, {"policy": filled(own)})
    return [
        ask("the default", {}),
        ask("standard", {"preset": "standard"}),
        ask("single settings", {"limits": {"email": None, "device_id": 0}, "storm": None, "default_region": "SA", "undo_days": None}),
        ask("blocked values", {"preset": "standard", "blocked": {"device_id": ["kiosk-1"]}, "max_cluster_ids": None}),
        refused("everything is forbidden", {"policy": {"limits": dict.fromkeys(PRIORITY, 0)}}, ("/policy/limits", "nothing_allowed")),
        refused("all that can be out of range", {"policy": {
            "max_cluster_ids": 0, "storm": {"max_merges": 0, "window_hours": 0}, "shared": {"max_profiles": 0, "window_days": 0},
            "evidence_threshold": 1.01, "blocked": {"email": [" "]},
        }}, ("/policy/max_cluster_ids", "below_minimum"), ("/policy/storm/max_merges", "below_minimum"),
            ("/policy/storm/window_hours", "below_minimum"), ("/policy/shared/max_profiles", "below_minimum"),
            ("/policy/shared/window_days", "below_minimum"), ("/policy/evidence_threshold", "out_of_range"),
            ("/policy/blocked/email/0", "too_short")),
    ]
