"""Cases of decision.evaluate and decision.replay."""

import copy
import hashlib

import canonical_json
import enforcement
import gate
from enforcement_cases import HOUR, answer_on_the_wire, change, known, known_on_the_wire
from gate_cases import Snapshot, all_at
from operations import TENANT, at, case, refused

STRICTNESS = ["PASS", "HOLD", "BLOCK"]
OF_MODE = {"ADVISORY": "PASS", "SOFT_BLOCK": "HOLD", "HARD_BLOCK": "BLOCK"}
FORBIDDEN = {"FROZEN", "API_DOWN", "INCIDENT_OPEN", "HEALTH_UNHEALTHY"}
NOT_PERMITTED = {"HEALTH_BELOW_THRESHOLD"}
MINUTE = 60_000


def gate_facts(snapshots, action, frozen=False):
    return {
        "tenant_id": TENANT, "action_type": action, "platforms": ["META"], "snapshots": [s.wire for s in snapshots],
        "frozen": frozen, "incidents": [], "now": at(0),
    }


def refusals(verdict, check, unchecked):
    """The reasons against it by kind; the gate's first."""
    lists = {"forbidden": [], "not_permitted": [], "not_evaluated": []}
    for reason in verdict["reasons"]:
        code = reason["code"]
        kind = "forbidden" if code in FORBIDDEN else "not_permitted" if code in NOT_PERMITTED else "not_evaluated"
        if code != "OK":
            lists[kind].append({"source": "GATE", "code": code, "platform": reason["platform"], "component": reason["component"]})
    for violation in check["violations"] if check else []:
        if violation["mode"] != "ADVISORY":
            kind = "not_evaluated" if violation["actual"] is None else "forbidden" if violation["mode"] == "HARD_BLOCK" else "not_permitted"
            lists[kind].append({"source": "ENFORCEMENT", "code": violation["type"], "violation_kind": violation["kind"], "rule_id": violation["rule_id"]})
    if unchecked:
        lists["not_evaluated"].append({"source": "ENFORCEMENT", "code": "NOT_CHECKED"})
    return lists


def way_out(check, before):
    """The amount and the instant at which no limit refuses any more."""
    refusing = [v for v in (check["violations"] if check else []) if v["mode"] != "ADVISORY"]
    if any(v["allowed_max_cents"] is None and v["allowed_in_ms"] is None for v in refusing):
        return None, None
    most = min((v["allowed_max_cents"] for v in refusing if v["allowed_max_cents"] is not None), default=None)
    wait = max((v["allowed_in_ms"] for v in refusing if v["allowed_in_ms"] is not None), default=None)
    if most is not None and before is not None and most <= before:
        return None, None
    return most, None if wait is None else at(-wait)


def may_override(verdict, action):
    if verdict["decision"] == "BLOCK":
        by_rule = [r for r in verdict["reasons"] if r["decision"] == "BLOCK" and r["code"] != "HEALTH_UNHEALTHY"]
        return not by_rule and action in {"BUDGET_DECREASE", "BID_DECREASE", "PAUSE_CAMPAIGN", "PAUSE_ADSET", "PAUSE_CREATIVE"}
    return verdict["decision"] == "HOLD"


def ask(name, snapshots, subject=None, facts=None, trust=None, limits=None, action=None, frozen=False):
    """One decision; without a subject the gate is asked alone."""
    action = action or subject["action_type"]
    verdict = gate.evaluate(trust or {}, action, ["META"], [s.facts for s in snapshots], frozen)
    check = enforcement.check(limits or {}, subject, facts) if subject else None
    valid_for = verdict.pop("valid_for_ms", None)
    verdict["valid_until"] = None if valid_for is None else at(-valid_for)
    decision = verdict["decision"]
    if check:
        decision = max(decision, OF_MODE[check["mode"]], key=STRICTNESS.index)
    unchecked = check is None and action != "AUDIENCE_SYNC"
    most, since = way_out(check, subject["change"].get("before_cents") if subject else None)
    request = {"facts": {"gate": gate_facts(snapshots, action, frozen)}}
    if subject:
        request["facts"]["limits"] = {"change": subject, "known": known_on_the_wire(facts)}
    if trust or limits:
        request["policy"] = {"trust": trust or {}, "enforcement": limits or {}}
    return case(name, request, {
        "decision": decision,
        "executes": decision == "PASS" and not unchecked,
        "gate": verdict,
        "enforcement": answer_on_the_wire(check) if check else None,
        "refusals": refusals(verdict, check, unchecked),
        "would_change": {
            "allowed_max_cents": most, "allowed_from": since, "gate_override": may_override(verdict, action),
            "confirmation": bool(check) and check["mode"] == "SOFT_BLOCK",
        },
    })


def cases():
    list_ = []
    for health in (0, 39.9999, 40, 69.9999, 70, 100):
        for after in (12_000, 12_001):
            for mode in enforcement.MODES:
                list_.append(ask(f"health {health}, 100.00 to {after}, {mode}", [Snapshot(all_at(health))], change(after=after),
                                 known(), limits={"default_mode": mode}))
    for health in (30, 60, 90):
        snapshots = [Snapshot(all_at(health))]
        for action in ("PAUSE_CAMPAIGN", "ENABLE_CAMPAIGN", "BID_DECREASE"):
            list_.append(ask(f"{action} at {health}", snapshots, change(action, after=9_000), known(changes_today=10)))
        list_.append(ask(f"the gate alone for a pause at {health}", snapshots, action="PAUSE_CAMPAIGN"))
        list_.append(ask(f"an audience sync at {health}", snapshots, action="AUDIENCE_SYNC"))
        list_.append(ask(f"frozen at {health}", snapshots, change(), known(), frozen=True))
    good = [Snapshot(all_at(90))]
    list_ += [
        ask("nothing measured, nothing known", [], change(), known(budget=None, campaign={}, exposure={})),
        ask("a stale snapshot", [Snapshot(all_at(90), age_ms=60 * MINUTE + 1)], change(), known()),
        ask("an expired snapshot", [Snapshot(all_at(90), age_ms=24 * HOUR + 1)], change(), known()),
        ask("data of unknown age", [Snapshot(all_at(90), data_age_ms=None)], change(), known()),
        ask("EMQ missing", [Snapshot({n: 100 for n in all_at(1) if n != "EMQ"})], change(), known()),
        ask("too much and too early", good, change(after=13_000), known(last_change_age_ms=HOUR)),
        ask("too much, too early and too little in return", good, change(after=13_000),
            known(last_change_age_ms=HOUR, campaign={"spend_cents": 70_000, "revenue_cents": 0})),
        ask("raised today already to the most", good, change(after=12_500, before=12_000), known(first_budget_today_cents=10_000)),
        ask("too early and the changes of the day used up", good, change(after=11_000), known(changes_today=10, last_change_age_ms=HOUR)),
        ask("a cautious tenant at 79.9999", [Snapshot(all_at(79.9999), {"profile": "CAUTIOUS"})], change(), known(), trust={"profile": "CAUTIOUS"}),
        ask("a cautious tenant at 80", [Snapshot(all_at(80), {"profile": "CAUTIOUS"})], change(), known(), trust={"profile": "CAUTIOUS"}),
        ask("an own rule that is hard beside soft limits", good, change(after=12_001), known(),
            limits={"rules": [{"rule_id": "cap", "rule_type": "BUDGET_EXCEEDED", "threshold_value": 11_000, "enforcement_mode": "HARD_BLOCK"}]}),
    ]
    body = {"facts": {"gate": gate_facts(good, "PAUSE_CAMPAIGN"), "limits": {"change": change(), "known": known_on_the_wire(known())}}}
    agreeing = {"facts": body["facts"] | {"gate": gate_facts(good, "BUDGET_INCREASE")}}
    both = {"trust": {"overrides": {"BUDGET_INCREASE": 60}}, "enforcement": {"max_changes_per_day": 0}}
    return list_ + [
        refused("gate and limits about two changes", body, ("/facts/limits/change/action_type", "facts_disagree")),
        refused("both policies wrong", agreeing | {"policy": both}, ("/policy/trust/overrides/BUDGET_INCREASE", "threshold_too_low"),
                ("/policy/enforcement/max_changes_per_day", "out_of_range")),
    ]


TRUST = {"preset": "FIVE", "healthy_threshold": 70, "degraded_threshold": 40, "profile": "STANDARD", "overrides": {}, "cdp_blend": False,
         "required_components": []}


def digest(value):
    return hashlib.sha256(canonical_json.write(value).encode()).hexdigest()


def rehashed(record):
    return record | {f"{part}_digest": digest(record[part]) for part in ("facts", "policy", "outcome")}


def recorded(health=90, frozen=False, action="AUDIENCE_SYNC", limits=None):
    """A whole record, each byte of it worked out here: a pass, or a frozen tenant."""
    snapshots = [Snapshot(all_at(health))]
    reason = {"code": "OK", "decision": "PASS", "kind": "PERMITTED", "platform": None, "component": None, "actual": float(health), "limit": 70.0, "bound": None}
    verdict = {"decision": "PASS", "score": float(health), "threshold": 70.0, "reasons": [reason], "valid_until": at(-5 * MINUTE),
               "evaluated_at": at(0), "policy_digest": digest(TRUST)}
    against = {"forbidden": [], "not_permitted": [], "not_evaluated": []}
    remedies = []
    if frozen:
        reason |= {"code": "FROZEN", "decision": "BLOCK", "kind": "FORBIDDEN", "actual": None, "limit": None}
        verdict |= {"decision": "BLOCK", "valid_until": None}
        against["forbidden"] = [{"source": "GATE", "code": "FROZEN", "violation_kind": None, "rule_id": None, "platform": None, "component": None}]
        remedies = [{"code": "ASK_ADMIN", "platform": None, "component": None, "from": None, "to": None}]
    facts = {"gate": gate_facts(snapshots, action, frozen)}
    check = None
    if limits:
        facts["limits"] = limits
        check = {"allowed": True, "mode": "ADVISORY", "requires_confirmation": False, "violations": []}
    outcome = {
        "decision": verdict["decision"], "executes": not frozen, "gate": verdict, "enforcement": check, "refusals": against,
        "would_change": {"remedies": remedies, "allowed_max_cents": None, "allowed_from": None, "confirmation": False, "gate_override": False},
    }
    return rehashed({"decision_id": "0198c9a0-0000-7000-8000-0000000000d1", "facts": facts, "policy": {"trust": TRUST}, "outcome": outcome})


def replay_cases():
    limits = {"change": change(), "known": known_on_the_wire(known())}
    records = {
        "an audience sync that passed": recorded(),
        "an audience sync that just passed": recorded(health=70),
        "an audience sync of a frozen tenant": recorded(frozen=True),
        "a budget raised within every limit": recorded(action="BUDGET_INCREASE", limits=limits),
    }
    list_ = []
    for name, record in records.items():
        decision = record["outcome"]["decision"]
        same = {"identical": True, "recorded": decision, "now": decision, "first_difference": None}
        list_.append(case(f"{name}: the same bytes", {"record": record}, same))
        newer = copy.deepcopy(record)
        newer["facts"]["weather"], newer["facts"]["gate"]["snapshots"][0]["trend"] = "fair", -0.5
        newer["policy"]["patience"] = 3
        list_.append(case(f"{name}: fields of a newer version are left out", {"record": rehashed(newer)}, same))
        for part in ("facts", "policy", "outcome"):
            changed = copy.deepcopy(record)
            changed[part]["changed"] = True
            list_.append(refused(f"{name}: {part} changed since", {"record": changed}, (f"/record/{part}", "digest_mismatch")))
        for path, value in ((["executes"], record["outcome"]["executes"] is False), (["gate", "score"], 71.5), (["gate", "reasons", 0, "code"], "NO_DATA"),
                            (["would_change", "confirmation"], True), (["refusals", "not_permitted"], [{"code": "X"}])):
            other = copy.deepcopy(record)
            place = other["outcome"]
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = value
            pointer = "".join(f"/{step}" for step in path) + ("/0" if isinstance(value, list) else "")
            list_.append(case(f"{name}: another {pointer}", {"record": rehashed(other)}, same | {"identical": False, "first_difference": pointer}))
    unread = copy.deepcopy(records["an audience sync that passed"])
    unread["facts"]["gate"]["platforms"], unread["outcome"]["decision"] = ["LINKEDIN"], None
    list_.append(refused("a record that cannot be read", {"record": rehashed(unread)}, ("/record/facts", "invalid_record"),
                         ("/record/outcome/decision", "invalid_record")))
    return list_
