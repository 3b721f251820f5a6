"""Who is one person: the rules of identity resolution read again, without undoing and without aliases.

Profiles are plain sets, looked up by search, and every figure is counted anew from the events: nothing here is fast.
`check()` runs it on the shared histories and compares.
"""

import datetime
import itertools
import json
import pathlib

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "cdp"
PRIORITY = ["external_id", "email", "phone", "device_id", "anonymous_id"]
STRENGTH = {"external_id": 100, "email": 80, "phone": 70, "device_id": 40, "anonymous_id": 10}
CONFIDENCE = {"manual": 1.0, "login": 0.95, "purchase": 0.95, "form_submit": 0.9, "same_event": 0.9, "same_session": 0.7}
BY_NAME = {"Login": "login", "Purchase": "purchase"} | dict.fromkeys(["FormSubmitted", "SignUp", "NewsletterSubscribed", "Lead"], "form_submit")

STANDARD = {
    "limits": {"external_id": 1, "email": 5, "phone": 5, "device_id": 20, "anonymous_id": 20}, "max_cluster_ids": 100,
    "storm": {"max_merges": 10, "window_hours": 24}, "allow_known_merge": False, "checks": ["both_known"],
    "shared": {"max_profiles": 5, "window_days": 30}, "evidence_threshold": 0.9,
}
STRICT = STANDARD | {
    "limits": {"external_id": 5, "email": 10, "phone": 10, "device_id": 50, "anonymous_id": 200},
    "checks": ["source_conflict", "stronger_conflict", "shared", "weak_evidence"],
}


def policy_of(own):
    """A policy with every setting: the preset, and what differs."""
    preset = STANDARD if own.get("preset") == "standard" else STRICT
    settings = preset | {key: value for key, value in own.items() if key in preset}
    return settings | {"limits": preset["limits"] | own.get("limits", {})}


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def written(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def kind(identifier):
    return identifier.split(":")[0].split("@")[0]


def system(identifier):
    """The source system of an external id."""
    return identifier.split(":")[0].partition("@")[2]


def order(identifier):
    return -STRENGTH[kind(identifier)], identifier.split(":", 1)[1], system(identifier)


class Profile:
    def __init__(self):
        self.ids, self.events, self.merges = set(), [], []

    def of(self, type_):
        return {i for i in self.ids if kind(i) == type_}

    def first_seen(self):
        return min(e["t"] for e in self.events)


class World:
    def __init__(self, policy):
        self.policy, self.profiles, self.seen, self.shared = policy, [], {}, set()
        self.changes, self.refused, self.links, self.sightings, self.events, self.visits = [], [], {}, {}, [], {}

    def owner(self, identifier):
        return next((p for p in self.profiles if identifier in p.ids), None)

    def label(self, profile):
        return min(profile.ids, key=lambda i: (-STRENGTH[kind(i)], self.seen[i], order(i)))

    def is_shared(self, identifier, event, ours):
        if "shared" not in self.policy["checks"] or STRENGTH[kind(identifier)] > 40:
            return False
        if identifier in self.shared:
            return True
        window = datetime.timedelta(days=self.policy["shared"]["window_days"])
        person = lambda ids: any(STRENGTH[kind(i)] >= 70 for i in ids)
        near = [a for a, t in self.sightings.get(identifier, []) if abs(t - event["t"]) <= window]
        # What the event gathered so far is one person.
        persons = {id(p) for p in map(self.owner, near) if person(p.ids) and not p.ids & ours}
        return len(persons) + person(ours) > self.policy["shared"]["max_profiles"]

    def refusal(self, a, b, base, other, identifier, first, event, shared):
        checks, limits = self.policy["checks"], self.policy["limits"]
        of = lambda ids, type_: {i for i in ids if kind(i) == type_}
        both = of(a, "external_id") and of(b, "external_id")
        same_system = {system(i) for i in of(a, "external_id")} & {system(i) for i in of(b, "external_id")}
        free = self.policy["allow_known_merge"]
        if both and "both_known" in checks and not free:
            return "both_known"
        if same_system and "source_conflict" in checks and not free:
            return "source_conflict"
        if "stronger_conflict" in checks:
            weaker = min(STRENGTH[kind(identifier)], STRENGTH[kind(first)])
            for type_ in PRIORITY:
                if STRENGTH[type_] > weaker and of(a, type_) and of(b, type_) and (type_ != "external_id" or same_system):
                    return "stronger_conflict"
        if shared:
            return "shared"
        looks = "weak_evidence" in checks or event["evidence"] == "same_session"
        if looks and CONFIDENCE[event["evidence"]] < self.policy["evidence_threshold"]:
            return "weak_evidence"
        for type_ in PRIORITY:
            n, limit = len(of(a | b, type_)), limits[type_]
            if limit is not None and n > limit and n > max(len(of(a, type_)), len(of(b, type_))):
                return f"limit:{type_}"
        most = self.policy["max_cluster_ids"]
        if most is not None and len(a | b) > most:
            return "cluster_too_large"
        storm = self.policy["storm"]
        if storm and base and other:
            window = datetime.timedelta(hours=storm["window_hours"])
            if sum(abs(t - event["t"]) < window for t in base.merges + other.merges) >= storm["max_merges"]:
                return "storm"
        return None

    def take(self, event):
        """One event: `id`, `t`, `ids` as type:value, and what the evidence is."""
        ids = sorted(dict.fromkeys(event["ids"]), key=lambda i: -STRENGTH[kind(i)])
        self.events.append(event)
        base, fresh, accepted, refused = None, [], [], []
        standing = {id(p): (p.first_seen(), self.label(p)) for p in self.profiles}
        for identifier in ids:
            ours = (base.ids if base else set()) | set(fresh)
            if self.is_shared(identifier, event, ours):
                self.shared.add(identifier)
            shared = identifier in self.shared or (accepted and accepted[0] in self.shared)
            other = self.owner(identifier)
            if base and other is base:
                accepted.append(identifier)
                continue
            theirs = other.ids if other else {identifier}
            if ours:
                reason = self.refusal(ours, theirs, base, other, identifier, ids[0], event, shared)
                if reason:
                    against = standing[id(other)][1] if other else None
                    refused.append((identifier, reason))
                    self.refused.append({"event": event["id"], "id": identifier, "reason": reason, "against": against})
                    continue
            accepted.append(identifier)
            if not other:
                fresh.append(identifier)
            elif not base:
                base = other
            else:
                base = self.merge(base, other, identifier, event, standing)
        visit = self.visits.setdefault(event["visit"], []) if event.get("visit") else []
        together, apart = [], []
        for identifier in [i for i in visit if i not in ids]:
            other, of_visit = self.owner(identifier), event | {"evidence": "same_session"}
            if other is not base:
                ours = (base.ids if base else set()) | set(fresh)
                shared = bool({identifier, ids[0]} & self.shared)
                reason = self.refusal(ours, other.ids, base, other, identifier, ids[0], of_visit, shared)
                if reason:
                    apart.append(identifier)
                    against = standing[id(other)][1]
                    self.refused.append({"event": event["id"], "id": identifier, "reason": reason, "against": against})
                    continue
                base = self.merge(base, other, identifier, of_visit, standing) if base else other
            together.append(identifier)
        for identifier in accepted:
            self.seen[identifier] = min(self.seen.get(identifier, event["t"]), event["t"])
        if not base:
            base = Profile()
            self.profiles.append(base)
        base.ids |= set(fresh)
        base.events.append(event)
        for pair in itertools.combinations(accepted, 2):
            self.link(pair, event, True)
        for identifier, _ in refused:
            self.link((accepted[0], identifier), event, False)
        for identifier in together + apart:
            self.link((accepted[0], identifier), event | {"evidence": "same_session"}, identifier in together)
        if event.get("visit") and accepted[0] not in visit and len(visit) < 8:
            visit.append(accepted[0])
        for identifier in accepted + [i for i, _ in refused]:
            self.sightings.setdefault(identifier, []).append((accepted[0], event["t"]))

    def merge(self, one, other, via, event, standing):
        known = lambda p: bool(p.of("external_id"))
        rank = lambda p: (not known(p), standing[id(p)][0], order(standing[id(p)][1]))
        into, gone = sorted([one, other], key=rank)
        self.changes.append({
            "kind": "merge", "seq": f"m{len(self.changes) + 1}", "event": event["id"], "into": standing[id(into)][1],
            "from": standing[id(gone)][1], "via": via, "evidence": event["evidence"], "events_moved": len(gone.events),
            "forced": False, "at": written(event["t"]), "identifiers_moved": len(gone.ids), "actor": None, "note": None, "undone": False, "reason": "login_event" if event["evidence"] == "login" else
            "cross_device" if kind(via) == "device_id" else "identity_match",
        })
        best = min((standing[id(p)][1] for p in (into, gone)), key=lambda i: (-STRENGTH[kind(i)], self.seen[i], order(i)))
        standing[id(into)] = (min(standing[id(into)][0], standing[id(gone)][0]), best)
        into.ids |= gone.ids
        into.events = sorted(into.events + gone.events, key=self.events.index)
        into.merges += gone.merges + [event["t"]]
        self.profiles.remove(gone)
        return into

    def link(self, pair, event, joined):
        link = self.links.setdefault(frozenset(pair), {"evidence": event["evidence"], "events": [], "joined": False})
        if CONFIDENCE[event["evidence"]] > CONFIDENCE[link["evidence"]]:
            link["evidence"] = event["evidence"]
        link["events"].append(event)
        link["joined"] |= joined

    def views(self):
        views = []
        for profile in sorted(self.profiles, key=lambda p: order(self.label(p))):
            times = [e["t"] for e in profile.events]
            views.append({
                "canonical": self.label(profile), "identifiers": sorted(profile.ids, key=order),
                "known": bool(profile.of("external_id")), "first_seen": written(min(times)), "last_seen": written(max(times)),
                "events": [e["id"] for e in profile.events],
            })
        return views

    def neighbours(self, identifier):
        found = []
        for pair, link in self.links.items():
            if identifier in pair and link["joined"]:
                (other,) = pair - {identifier}
                if self.owner(other) is self.owner(identifier):
                    found.append(other)
        return sorted(found, key=lambda i: (-CONFIDENCE[self.links[frozenset((identifier, i))]["evidence"]], order(i)))

    def evidence(self, one, other):
        link = self.links[frozenset((one, other))]
        times = [e["t"] for e in link["events"]]
        return {
            "from": one, "to": other, "evidence": link["evidence"], "confidence": CONFIDENCE[link["evidence"]],
            "first_at": written(min(times)), "last_at": written(max(times)), "times": len(times),
            "events": [e["id"] for e in link["events"][:5]],
        }

    def chain(self, start, end):
        before, queue = {start: None}, [start]
        for identifier in queue:
            for other in self.neighbours(identifier):
                if other not in before:
                    before[other] = identifier
                    queue.append(other)
        steps = []
        while before.get(end) is not None:
            steps.append(self.evidence(before[end], end))
            end = before[end]
        return steps[::-1]

    def graph(self, start, depth, most=1000):
        reached, truncated = {start: 0}, False
        for identifier in (queue := [start]):
            for other in self.neighbours(identifier):
                if other in reached:
                    continue
                if reached[identifier] >= depth or len(reached) >= most:
                    truncated = True
                    break
                reached[other] = reached[identifier] + 1
                queue.append(other)
        place = {identifier: n for n, identifier in enumerate(queue)}
        edges = [self.evidence(i, o) for i in queue for o in self.neighbours(i) if place.get(o, -1) > place[i]]
        return {"nodes": [{"identifier": i, "depth": reached[i]} for i in queue], "edges": edges, "truncated": truncated}


def label_of(event, sent):
    source = event.get("source_system")
    scope = f"@{source}" if source and sent["type"] == "external_id" else ""
    return f"{sent['type']}{scope}:{sent['value']}"


def resolve(own, events):
    """A world after events whose identifiers are in their normal form."""
    world = World(policy_of(own))
    for event in events:
        world.take({
            "id": event["event_id"], "t": instant(event["event_time"]),
            "ids": [label_of(event, sent) for sent in event["identifiers"]],
            "evidence": BY_NAME.get(event.get("event_name"), "same_event"), "visit": event.get("session_id"),
        })
    return world


def shared_histories(name):
    return json.loads((VECTORS / f"identity-{name}.json").read_text())["scenarios"]


def check():
    """The shared histories that this module can read come out as they say."""
    checked = 0
    for scenario in shared_histories("scenarios") + shared_histories("random"):
        kinds = {event["kind"] for event in scenario["events"]}
        raw = any(i["value"] and (i["type"], i["value"]) == ("phone", "22345678") for e in scenario["events"] for i in e.get("ids", []))
        if kinds - {"track", "identify", "consent"} or scenario["expect"]["dropped"] or raw or scenario["config"].get("blocked"):
            continue
        events = [{"event_id": e["id"], "event_time": e["t"], "identifiers": e["ids"]} for e in scenario["events"]]
        clean = all(i["value"] == i["value"].strip() and (i["type"] in ("external_id", "anonymous_id") or i["value"] == i["value"].lower()) and
                    (i["type"] != "phone" or i["value"].startswith("+") and " " not in i["value"]) and i["value"].isascii() for e in events for i in e["identifiers"])
        if not clean:
            continue
        world = resolve({"preset": "standard"} | scenario["config"], events)
        expect = scenario["expect"]
        assert [v["identifiers"] for v in world.views()] == [c["ids"] for c in expect["clusters"]], scenario["id"]
        assert [v["canonical"] for v in world.views()] == [c["canonical"] for c in expect["clusters"]], scenario["id"]
        assert world.refused == expect["refused"], scenario["id"]
        assert [{k: c[k] for k in l} for c, l in zip(world.changes, expect["log"])] == expect["log"], scenario["id"]
        assert len(world.changes) == len(expect["log"])
        checked += 1
    assert checked >= 40, checked
    return checked
