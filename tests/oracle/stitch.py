"""Clusters of links between identifiers: union-find as in a textbook, on texts, without any of the tricks."""

PRIORITY = ["external_id", "email", "phone", "device_id", "anonymous_id"]
STRICT = {"external_id": 1, "email": 10, "phone": 10, "device_id": 50, "anonymous_id": 200}
DEFAULTS = {"limits": STRICT, "max_cluster_ids": 100, "min_confidence": 0.9, "hold_conflicts": True, "storm_merges": None}


def kind(identifier):
    name, colon, _ = identifier.partition(":")
    name = name.partition("@")[0]
    return name if colon and name in PRIORITY else None


def rank(identifier):
    """The better label is smaller."""
    known = kind(identifier)
    return PRIORITY.index(known) if known else len(PRIORITY), [ord(c) for c in identifier]


def reasons(members, policy):
    """Why the streaming resolver might have refused one of the links in this cluster."""
    def exceeds(count, limit):
        return limit is not None and count > limit

    counts = {k: sum(kind(m) == k for m in members) for k in PRIORITY}
    found = [f"limit:{k}" for k in PRIORITY if exceeds(counts[k], policy["limits"][k])]
    if exceeds(len(members), policy["max_cluster_ids"]):
        found.append("cluster_too_large")
    if policy["storm_merges"] is not None and len(members) - 1 > policy["storm_merges"]:
        found.append("storm")
    present = [counts[k] for k in PRIORITY if counts[k] > 0]
    if policy["hold_conflicts"] and any(count > 1 for count in present[:-1]):
        found.append("stronger_conflict")
    return found


def stitch(request):
    policy = DEFAULTS | request.get("policy", {})
    policy["limits"] = STRICT | policy["limits"]
    group, weak = {}, 0
    for link in request["links"]:
        for end in (link["left"], link["right"]):
            group.setdefault(end, {end})
        if link.get("confidence", 1) < policy["min_confidence"]:
            weak += 1
        elif group[link["left"]] is not group[link["right"]]:
            together = group[link["left"]] | group[link["right"]]
            for member in together:
                group[member] = together
    held, label = [], {}
    for members in {id(g): g for g in group.values()}.values():
        best = min(members, key=rank)
        why = reasons(members, policy)
        # A single identifier cannot be parted.
        if why and len(members) > 1:
            held.append({"cluster": best, "identifiers": len(members), "reasons": why})
            label |= {member: member for member in members}
        else:
            label |= dict.fromkeys(members, best)
    return {
        "identifiers": [{"identifier": name, "cluster": label[name]} for name in group],
        "clusters": len(set(label.values())),
        "held": sorted(held, key=lambda h: [ord(c) for c in h["cluster"]]),
        "weak_links": weak,
    }
