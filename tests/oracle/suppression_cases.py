"""Cases of suppression.check, .add and .lift: keyed hashes by the standard library's hmac, lists as dicts."""

import hashlib
import hmac

from operations import case, refused

KEY = "000102030405060708090a0b0c0d0e0f"
WEIGHT = ["opt_out", "erasure", "complaint", "manual"]
# What is typed, and the normal form that the key is of.
JANE = {"type": "email", "value": " Jane.Doe@Shop.Example2.org "}
JANE_VALUE = "jane.doe@shop.example2.org"
PHONE = {"type": "phone", "value": "+965 5012 3456"}
DEVICE = {"type": "device_id", "value": "D-1"}
NOBODY = {"type": "email", "value": "jane"}


def key(kind, value):
    return hmac.new(bytes.fromhex(KEY), kind.encode() + b"\0" + value.encode(), hashlib.sha256).hexdigest()


KEYS = {"jane": key("email", JANE_VALUE), "phone": key("phone", "+96550123456"), "device": key("device_id", "d-1")}


def at(day):
    return f"2026-03-{day:02d}T12:00:00.000Z"


def entry(day, reason):
    return {"since": at(day), "reason": reason}


def joined(a, b):
    return {"since": max(a["since"], b["since"]), "reason": max(a["reason"], b["reason"], key=WEIGHT.index)}


def merged(*lists):
    found = {}
    for one in lists:
        for name, held in one.items():
            found[name] = joined(found[name], held) if name in found else held
    return dict(sorted(found.items()))


def verdict(listed, keys, consented_at):
    held = [listed[name] for name in keys if name in listed]
    if not held:
        return {"verdict": "clear", "since": None, "reason": None}

    def holds(one):
        return one["reason"] in ("complaint", "manual") or consented_at is None or consented_at <= one["since"]

    worst = max(held, key=lambda one: (holds(one), one["since"], WEIGHT.index(one["reason"])))
    return {"verdict": "suppressed" if holds(worst) else "lifted", **worst}


def check_cases():
    found = []
    people = [([JANE], [KEYS["jane"]], []), ([PHONE, JANE], [KEYS["phone"], KEYS["jane"]], []), ([DEVICE], [KEYS["device"]], []),
              ([NOBODY, DEVICE], [KEYS["device"]], [{"position": 0, "code": "no_at"}])]
    for reason in WEIGHT:
        for day in (None, 1, 10, 11):
            listed = merged({KEYS["jane"]: entry(10, reason)}, {KEYS["phone"]: entry(5, "opt_out")})
            asked, answers = [], []
            for identifiers, keys, unread in people:
                person = {"identifiers": identifiers, **({"consented_at": at(day)} if day else {})}
                asked.append(person)
                answers.append({**verdict(listed, keys, at(day) if day else None), "refused": unread})
            request = {"suppression_list": listed, "tenant_key": KEY, "people": asked}
            found.append(case(f"{reason}, consent {day}", request,
                              {"suppressed": sum(a["verdict"] == "suppressed" for a in answers), "people": answers}))
    return found + [
        refused("a key that is none, and a person without identifiers",
                {"suppression_list": {}, "tenant_key": "00", "people": [{"identifiers": []}]},
                ("/tenant_key", "invalid_key"), ("/people/0/identifiers", "missing_value")),
        refused("an unknown type", {"suppression_list": {}, "tenant_key": KEY, "people": [{"identifiers": [{"type": "fax", "value": "1"}]}]},
                ("/people/0/identifiers/0/type", "unknown_value")),
    ]


def add_cases():
    found = []
    held = {KEYS["jane"]: entry(10, "complaint"), KEYS["phone"]: entry(20, "opt_out")}
    for name, listed, imported, reason, day in [
        ("a new list", {}, {}, "manual", 3), ("a weightier reason", held, {}, "manual", 3), ("a later day", held, {}, "opt_out", 28),
        ("nothing new", held, {}, "opt_out", 1), ("an import", held, {KEYS["device"]: entry(2, "erasure"), KEYS["jane"]: entry(1, "opt_out")}, "erasure", 20),
        ("an import alone", {}, held, "erasure", 20),
    ]:
        identifiers = [] if name == "an import alone" else [PHONE, NOBODY, JANE]
        new = {} if not identifiers else {KEYS["phone"]: entry(day, reason), KEYS["jane"]: entry(day, reason)}
        after = merged(listed, imported)
        changed = sum(after[name_] != listed.get(name_) for name_ in imported)
        last = merged(after, new)
        changed += sum(last[name_] != after.get(name_) for name_ in new)
        request = {"suppression_list": listed, "tenant_key": KEY, "identifiers": identifiers, "since": at(day), "reason": reason, "import": imported}
        unread = [{"position": 1, "code": "no_at"}] if identifiers else []
        found.append(case(name, request, {"suppression_list": last, "changed": changed, "refused": unread}))
    return found + [refused("a key that is too short", {"tenant_key": "00" * 15, "since": at(1), "reason": "manual"}, ("/tenant_key", "invalid_key")),
                    refused("an unknown reason", {"tenant_key": KEY, "since": at(1), "reason": "whim"}, ("/reason", "unknown_value"))]


def lift_cases():
    held = {KEYS["jane"]: entry(10, "complaint"), KEYS["phone"]: entry(20, "opt_out")}
    return [
        case("one of two", {"suppression_list": held, "tenant_key": KEY, "identifiers": [JANE, DEVICE, NOBODY]},
             {"suppression_list": {KEYS["phone"]: held[KEYS["phone"]]}, "changed": 1, "refused": [{"position": 2, "code": "no_at"}]}),
        refused("a key that is none", {"suppression_list": {}, "tenant_key": "key", "identifiers": []}, ("/tenant_key", "invalid_key")),
    ]
