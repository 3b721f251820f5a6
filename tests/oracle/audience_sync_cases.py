"""Cases of audience.difference and audience.sync_check: sets and the rules of domain.md 11.2, on the gate of gate.py."""

import gate
from gate_cases import GOOD_API, HOUR, MINUTE, Snapshot, all_at
from operations import TENANT, at, case, refused

LIMITS = {"META": 10_000, "GOOGLE": 10_000, "TIKTOK": 10_000, "SNAPCHAT": 100_000}


def compare(request):
    eligible, leave = set(request["eligible"]), set(request.get("must_leave", []))
    eligible -= leave
    known = request.get("acknowledged")
    members = request.get("members", len(request["eligible"]))
    previous = request.get("previous_members", None if known is None else len(known))
    found = {"mode": "UPDATE", "held": None, "adds": [], "removes": [], "eligible": len(eligible), "unchanged": 0}
    if members == 0 and not request.get("confirm_empty") and (previous is None or previous >= 100):
        found |= {"held": "suspicious_empty", "removes": sorted(leave if known is None else leave & set(known))}
    elif eligible and request["platform"] == "META" and (known is None or request.get("replace")):
        found |= {"mode": "REPLACE", "adds": sorted(eligible), "removes": sorted(leave if known is None else leave & set(known))}
    elif known is None:
        found |= {"adds": sorted(eligible), "removes": sorted(leave)}
    else:
        known = set(known)
        found |= {"adds": sorted(eligible - known), "removes": sorted(known - eligible), "unchanged": len(eligible & known)}
    size = request.get("batch_size", LIMITS[request["platform"]])
    found["batches"] = []
    for operation, people in (("remove", found["removes"]), ("add", found["adds"])):
        for start in range(0, len(people), size):
            found["batches"].append({"number": len(found["batches"]), "operation": operation, "from": start,
                                     "to": min(start + size, len(people))})
    return found


def drawn(seed, count, among):
    state, found = seed, []
    for _ in range(count):
        state = state * 48_271 % 2_147_483_647
        found.append(f"p{(state >> 7) % among:03d}")
    return found


def difference_cases():
    found = []
    for seed in range(1, 41):
        request = {
            "platform": list(LIMITS)[seed % 4], "eligible": drawn(seed * 7919, seed % 23, 20),
            "acknowledged": drawn(seed * 104_729, seed % 19, 20), "batch_size": 1 + seed % 5,
        }
        if seed % 3 == 0:
            request["must_leave"] = drawn(seed * 1_299_709, 4, 20)
        if seed % 7 == 0:
            del request["acknowledged"]
        if seed % 8 == 0:
            request["replace"] = True
        found.append(case(f"drawn {seed}", request, compare(request)))
    hundred = [f"p{n:03d}" for n in range(100)]
    for name, request in (
        ("empty where there were a hundred", {"eligible": [], "acknowledged": hundred, "must_leave": ["p050", "x"]}),
        ("empty where there were ninety-nine", {"eligible": [], "acknowledged": hundred[1:]}),
        ("empty, and a person says so", {"eligible": [], "acknowledged": hundred, "confirm_empty": True}),
        ("members, none of whom may be sent", {"eligible": [], "acknowledged": hundred, "members": 120}),
        ("no members, which nobody knows the number of before", {"eligible": [], "must_leave": ["b", "a", "b"]}),
        ("no members, of few before", {"eligible": [], "previous_members": 99}),
        ("no members, of a hundred before, few of them sent", {"eligible": [], "acknowledged": ["a"], "previous_members": 100}),
        ("replaced, and one withdrew", {"eligible": ["b", "a"], "acknowledged": ["a", "c", "d"], "must_leave": ["d", "x"], "replace": True}),
        ("replaced by nobody", {"eligible": ["d"], "acknowledged": ["a", "d"], "must_leave": ["d"], "members": 9, "replace": True}),
        ("a replacement where there is none", {"platform": "SNAPCHAT", "eligible": ["b", "a"], "acknowledged": ["a", "c"], "replace": True}),
        ("nobody knows who is there, and one withdrew", {"eligible": ["b", "a"], "must_leave": ["b", "c"]}),
        ("nobody knows who is there, where nobody is replaced", {"platform": "GOOGLE", "eligible": ["b"], "must_leave": ["c"]}),
        ("nobody knows who is there, and all withdrew", {"eligible": ["c"], "must_leave": ["c"], "members": 3}),
        ("the first time", {"eligible": ["b", "a", "b"], "acknowledged": []}),
        ("ids of every script, by code point", {"eligible": ["z", "é", "ب", "A", "😀", "\uffff"], "acknowledged": ["é"]}),
    ):
        request = {"platform": "META", **request}
        found.append(case(name, request, compare(request)))
    found.append(refused("ids without text, a batch of nobody", {
        "platform": "META", "eligible": ["a", ""], "acknowledged": [""], "must_leave": ["b", "", ""], "batch_size": 0,
    }, ("/eligible/1", "empty"), ("/acknowledged/0", "empty"), ("/must_leave/1", "empty"), ("/must_leave/2", "empty"),
        ("/batch_size", "out_of_range")))
    found.append(refused("more than TikTok takes", {"platform": "TIKTOK", "eligible": [], "batch_size": 10_001},
                         ("/batch_size", "out_of_range")))
    return found


def ahead(ms):
    return at(-ms)


def ask(name, snapshot, trigger, adds=10, incidents=(), policy=None, **more):
    snapshots = [snapshot] if snapshot else []
    facts = {"tenant_id": TENANT, "action_type": "AUDIENCE_SYNC", "platforms": ["META"], "snapshots": [s.wire for s in snapshots],
             "frozen": more.pop("frozen", False), "incidents": list(incidents), "now": at(0)}
    slot = more.pop("slot_ms", 0)
    request = {"facts": facts, "trigger": trigger, "adds": adds, **more}
    if slot:
        request["slot_at"] = at(slot)
    if policy:
        request["policy"] = policy
    # The kill switch is about actions: row 2 is not asked.
    said = gate.evaluate(policy or {}, "AUDIENCE_SYNC", ["META"], [s.facts for s in snapshots], False, incidents)
    asked = adds > 0 and not more.get("running") and not more.get("held")
    step = "run"
    if more.get("running"):
        step = "refuse"
    elif more.get("held"):
        step = "confirm"
    elif asked and said["decision"] == "HOLD":
        step = "run_by_hand" if trigger == "MANUAL" else "wait"
    elif asked and said["decision"] == "BLOCK":
        step = "fail"
    hours = more.get("interval_hours", 24)
    following = -slot + hours * HOUR
    if step == "wait":
        following = min(15 * MINUTE, max(0, following))
    if step == "fail":
        following = -slot + min(hours, 2 ** more.get("failures", 0)) * HOUR
    held_by = []
    if step in ("wait", "fail", "run_by_hand"):
        held_by = list(dict.fromkeys(reason["code"] for reason in said["reasons"]))
    expect = {
        "step": step, "may_add": adds > 0 and step in ("run", "run_by_hand"), "may_remove": step != "refuse", "held_by": held_by,
        "next_run_at": ahead(following),
    }
    if asked:
        expect["gate"] = {"decision": said["decision"], "threshold": said["threshold"]}
    else:
        expect["gate"] = None
    return case(name, request, expect)


def check_cases():
    found = []
    critical = [{"platform": "META", "kind": "SIGNAL_HEALTH", "severity": "CRITICAL"}]
    for trigger in ("SCHEDULE", "MANUAL", "API"):
        for score in (39.9999, 40, 69.9999, 70, 100):
            found.append(ask(f"{trigger} at {score}", Snapshot(all_at(score)), trigger))
        found.append(ask(f"{trigger} with the kill switch engaged", Snapshot(all_at(90)), trigger, frozen=True))
        found.append(ask(f"{trigger} with a stale snapshot", Snapshot(all_at(90), age_ms=61 * MINUTE), trigger))
        found.append(ask(f"{trigger} with an expired snapshot", Snapshot(all_at(90), age_ms=25 * HOUR), trigger))
        found.append(ask(f"{trigger} without a snapshot", None, trigger))
        found.append(ask(f"{trigger} with stale data", Snapshot(all_at(90), data_age_ms=49 * HOUR), trigger))
        found.append(ask(f"{trigger} with a critical incident", Snapshot(all_at(90)), trigger, incidents=critical))
        found.append(ask(f"{trigger} of nobody, at 10", Snapshot(all_at(10)), trigger, adds=0))
        found.append(ask(f"{trigger} while it runs", Snapshot(all_at(90)), trigger, running=True))
        found.append(ask(f"{trigger} that looks suspicious", Snapshot(all_at(90)), trigger, held="suspicious_empty"))
    found.append(ask("credentials that are not valid", Snapshot(all_at(90), api={**GOOD_API, "credentials_valid": False}), "MANUAL"))
    found.append(ask("a stricter tenant", Snapshot(all_at(80)), "SCHEDULE", policy={"healthy_threshold": 85}))
    for slot in (0, 30 * MINUTE, 50 * MINUTE, HOUR, 5 * HOUR):
        found.append(ask(f"held {slot} ms into its hour", Snapshot(all_at(60)), "SCHEDULE", slot_ms=slot, interval_hours=1))
    for failures in (0, 1, 3, 4, 5, 40):
        found.append(ask(f"blocked after {failures} failures", Snapshot(all_at(10)), "SCHEDULE", failures=failures, interval_hours=24))
    wrong = {"facts": {"tenant_id": TENANT, "action_type": "BUDGET_INCREASE", "platforms": ["META", "GOOGLE"], "now": at(0)},
             "trigger": "MANUAL", "adds": 1, "interval_hours": 169, "policy": {"overrides": {"BID_INCREASE": 60}}}
    found.append(refused("about something else, on two platforms, too seldom, with a policy that is laxer", wrong,
                         ("/facts/action_type", "invalid_value"), ("/facts/platforms", "invalid_value"),
                         ("/interval_hours", "out_of_range"), ("/policy/overrides/BID_INCREASE", "threshold_too_low")))
    return found
