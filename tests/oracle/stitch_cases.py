"""Cases of identity.stitch."""

from operations import case, refused
from stitch import PRIORITY, stitch

NO_LIMITS = {"limits": dict.fromkeys(PRIORITY), "max_cluster_ids": None, "min_confidence": 0, "hold_conflicts": False}


def links(*pairs):
    return [{"left": left, "right": right} for left, right in pairs]


def ask(name, links_, **policy):
    request = {"links": links_} | ({"policy": policy} if policy else {})
    return case(name, request, stitch(request))


def drawn(seed, nodes, count, kinds, confidences=(1,)):
    """Links between nodes near each other, from a linear congruential generator (Lehmer 1951, 48271)."""
    state, found = seed, []

    def draw(below):
        nonlocal state
        state = state * 48_271 % 2_147_483_647
        return state % below

    def name(node):
        return f"{kinds[node % len(kinds)]}:{node * 7919 % 1000}"

    for _ in range(count):
        left = draw(nodes)
        right = draw(nodes) if draw(20) == 0 else left - left % 5 + draw(5)
        found.append({"left": name(left), "right": name(right), "confidence": confidences[draw(len(confidences))]})
    return found


CHAIN = links(("anonymous_id:c1", "email:a@shop.example"), ("device_id:d1", "anonymous_id:c1"), ("external_id:7", "email:a@shop.example"))
FAMILY = links(("email:ann@shop.example", "phone:+96550012345"), ("phone:+96550012345", "email:bob@shop.example"))


def cases():
    list_ = [
        ask("no links", []),
        ask("a chain from cookie to customer", CHAIN),
        ask("the same links the other way round", CHAIN[::-1]),
        ask("a family's phone under the default", FAMILY),
        ask("a family's phone where conflicts are not held", FAMILY, hold_conflicts=False),
        ask("two addresses in one event", links(("email:a@shop.example", "email:b@shop.example"))),
        ask("an identifier linked with itself", links(("email:a@shop.example", "email:a@shop.example"))),
        ask("texts that name no type", links(("order-9", "email:a@shop.example"), ("order-9", "till:4"), ("Email:x", "till:5"))),
        ask("values in every script, by code points", links(("email:\u00e9@shop.example", "email:z@shop.example"), ("external_id:\U0001f9be", "external_id:\uff5e")), **NO_LIMITS),
        ask("ids of two systems count as two", links(("external_id@crm:1", "email:a@shop.example"), ("external_id:9", "email:a@shop.example"))),
        ask("ids of two systems where two may be", links(("external_id@crm:1", "email:a@shop.example"), ("external_id:9", "email:a@shop.example")), limits={"external_id": 2}, hold_conflicts=False),
        ask("two customers on one computer", links(("external_id:1", "device_id:d"), ("external_id:2", "device_id:d"))),
        ask("a type that may not be there at all", CHAIN, limits={"device_id": 0}),
        ask("links of too little confidence", [link | {"confidence": c} for link, c in zip(CHAIN, (0.9, 0.899999, 1))]),
        ask("every confidence is enough", [link | {"confidence": 0} for link in CHAIN], min_confidence=0),
    ]
    star = links(*((f"anonymous_id:{n}", "email:a@shop.example") for n in range(100)))
    list_.append(ask("as many identifiers as one may have", star[:99]))
    list_.append(ask("one identifier too many", star))
    list_.append(ask("one fewer is the limit", star[:13], max_cluster_ids=13))
    list_.append(ask("no limit for a cluster", star[:13], max_cluster_ids=None, limits={"anonymous_id": None}))
    for size in (10, 11):
        list_.append(ask(f"{size + 1} identifiers and storms of 10", star[:size], storm_merges=10))
    for limit in (1, 2, 3):
        list_.append(ask(f"three addresses and a limit of {limit}", links(*((f"email:{n}@shop.example", "external_id:1") for n in range(3))), limits={"email": limit}))
    for seed, nodes, count in ((3, 40, 30), (5, 120, 80), (7, 90, 110)):
        list_.append(ask(f"{count} links between {nodes} identifiers", drawn(seed, nodes, count, PRIORITY)))
        list_.append(ask(f"{count} links between {nodes} identifiers, without limits", drawn(seed, nodes, count, PRIORITY), **NO_LIMITS))
        weak = drawn(seed + 1, nodes, count, ["email", "anonymous_id", "anonymous_id"], (1, 0.95, 0.7, 0.9))
        list_.append(ask(f"{count} links of some confidence between {nodes} identifiers", weak, hold_conflicts=False))
    return list_ + refusals()


def refusals():
    good = {"left": "email:a@shop.example", "right": "device_id:d"}
    return [
        refused("an empty text and one that is too long", {"links": [good, good | {"left": ""}, good | {"right": "x" * 270}]},
                ("/links/1/left", "empty"), ("/links/2/right", "too_long")),
        refused("a confidence above 1", {"links": [good | {"confidence": 1.5}]}, ("/links/0/confidence", "out_of_range")),
        refused("a policy out of range, and a link besides", {"links": [good | {"right": ""}], "policy": {"min_confidence": -1}},
                ("/policy/min_confidence", "out_of_range"), ("/links/0/right", "empty")),
        refused("a link with one end", {"links": [{"left": "email:a@shop.example"}]}, ("/links/0/right", "missing_field")),
        refused("a limit of an unknown type", {"links": [], "policy": {"limits": {"fax": 1}}}, ("/policy/limits/fax", "unknown_field")),
        refused("a negative limit", {"links": [], "policy": {"max_cluster_ids": -1}}, ("/policy/max_cluster_ids", "out_of_range")),
        refused("no links at all", {}, ("/links", "missing_field")),
    ]
