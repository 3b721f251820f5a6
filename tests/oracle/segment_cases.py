"""Cases of segment.validate, .evaluate, .preview, .overlap and .sql: the evaluator of segments.py, by hand and at random."""

import math
import random

import segments
from operations import case, refused

NOW = "2026-03-31T12:00:00.000Z"
NOW_MS = segments.instant(NOW)
OTHER = "2026-03-24T12:00:00.000Z"

PROFILES = [
    {"id": "p1", "lifecycle_stage": "active", "total_events": 12, "total_purchases": 3, "total_revenue_cents": 12050,
     "first_seen_at": "2025-11-01T08:00:00.000Z", "last_seen_at": "2026-03-30T12:00:00.000Z", "external_id": "CRM-Ä1",
     "data": {"city": "Große Straße", "age": 41, "vip": True, "joined": "2026-02-28", "home": {"zip": "10115"}},
     "traits": {"ltv": 99.5, "favourite": "re\u0301sume\u0301"}, "identifiers": ["email", "phone"],
     "consents": ["ads", "email"], "segment_ids": ["s-vip"],
     "rfm": {"recency_days": 1, "frequency": 3, "monetary_cents": 12050, "rfm_cell": "532", "rfm_score": 3.33,
             "segment": "loyal_customers", "calculated_at": "2026-03-31T00:00:00.000Z"},
     "predictions": {"churn_probability": 0.1, "churn_band": "LOW", "ltv_365_cents": 20000, "ltv_class": "MEDIUM"},
     "events": [
         {"name": "Purchase", "time": "2026-03-31T12:00:00.001Z", "id": "e5", "properties": {"total": 1_000}},
         {"name": "Purchase", "time": "2026-03-30T12:00:00.000Z", "id": "e3", "properties": {"total": 0.1}},
         {"name": "Purchase", "time": "2026-03-24T12:00:00.001Z", "id": "e2", "properties": {"total": "0.2"}},
         {"name": "Purchase", "time": "2026-03-24T12:00:00.000Z", "id": "e1",
          "properties": {"total": 40, "item": {"brand": "Acme"}}},
         {"name": "Product View", "time": "2026-03-01T00:00:00.000Z", "id": "e0", "properties": {"sku": "S-1"}}]},
    {"id": "p2", "lifecycle_stage": "lead", "total_events": 2, "last_seen_at": "2026-02-28T12:00:00.000Z",
     "data": {"city": "BERLIN", "age": "41", "joined": "2026-03-01T01:00:00+01:00"}, "identifiers": ["email"],
     "traits": {"ltv": 9007199254740991}, "consents": ["email"]},
    {"id": "p3", "lifecycle_stage": "churned", "total_events": 90, "total_revenue_cents": -500,
     "last_seen_at": "2025-06-01T00:00:00.000Z", "data": {"city": None, "age": 17.5, "tags": ["a"]},
     "traits": {"ltv": 0.30000000000000004}, "predictions": {"churn_probability": 0.9, "churn_band": "CRITICAL"},
     "events": [{"name": "Refund", "time": "2026-03-31T12:00:00.000Z", "id": "r1", "properties": {"total": "many"}},
                {"name": "Refund", "time": "2026-03-31T12:00:00.000Z", "id": "r2", "properties": {"total": None}}]},
    {"id": "p4"},
]


def condition(field, operator, value=None, window_days=None):
    made = {"field": field, "operator": operator}
    if value is not None:
        made["value"] = value
    if window_days is not None:
        made["window_days"] = window_days
    return made


def group(logic, *children):
    made = {"logic": logic, "conditions": [c for c in children if "field" in c]}
    groups = [c for c in children if "logic" in c]
    return {**made, "groups": groups} if groups else made


def evaluated(title, rules, profiles=PROFILES, members=None, **more):
    answers = []
    for profile in profiles:
        member, reasons = segments.decide(rules, profile, NOW_MS)
        change = None
        if members is not None and member != (profile["id"] in members):
            change = "entered" if member else "exited"
        answers.append({"id": profile["id"], "member": member, "change": change, "reasons": reasons})
    request = {"rules": rules, "now": NOW, "profiles": profiles, **more}
    if members is not None:
        request["members"] = members
    return case(title, request, {"count": sum(a["member"] for a in answers), "profiles": answers})


ONE_BY_ONE = [
    ("profile.lifecycle_stage", [("equals", "active"), ("not_equals", "active"), ("in", ["lead", "churned"]),
                                 ("not_in", ["lead"]), ("is_null", None), ("starts_with", "CH")]),
    ("profile.total_events", [("equals", 0), ("greater_than", 12), ("less_or_equal", 12), ("between", [2, 12]),
                              ("equals", 12.0), ("greater_than", 11.5)]),
    ("profile.total_revenue_cents", [("less_than", 0), ("greater_or_equal", 12050)]),
    ("profile.last_seen_at", [("before", "2026-03-01T00:00:00Z"), ("after", "2026-02-28T12:00:00Z"), ("is_null", None),
                              ("within_last", {"n": 1, "unit": "months"}), ("within_last", {"n": 24, "unit": "hours"}),
                              ("within_last", {"n": 4, "unit": "weeks"}), ("within_last", {"n": 31, "unit": "days"}),
                              ("equals", "2026-03-30T14:00:00+02:00"),
                              ("between", ["2026-02-28T12:00:00Z", "2026-03-30T12:00:00Z"])]),
    ("profile.external_id", [("equals", "CRM-Ä1"), ("equals", "crm-ä1"), ("ends_with", "a\u03081"), ("is_not_null", None)]),
    ("data.city", [("contains", "STRASSE"), ("ends_with", "lin"), ("not_contains", "in"), ("equals", "Berlin"),
                   ("not_equals", "Berlin"), ("is_null", None)]),
    ("data.age", [("equals", 41), ("equals", "41"), ("not_equals", 41), ("greater_than", 17), ("between", [17.5, 40]),
                  ("in", [41, "41", True]), ("not_in", [41, "41"])]),
    ("data.vip", [("equals", True), ("not_equals", False), ("is_null", None)]),
    ("data.joined", [("equals", "2026-03-01"), ("before", "2026-03-01"), ("within_last", {"n": 1, "unit": "months"})]),
    ("data.home.zip", [("starts_with", "101"), ("is_null", None)]),
    ("data.tags", [("is_not_null", None), ("equals", "a"), ("not_equals", "a"), ("contains", "a")]),
    ("trait.ltv", [("equals", 9007199254740991), ("equals", 9007199254740990), ("equals", 0.3), ("greater_than", 0.3),
                   ("less_than", 99.5)]),
    ("trait.favourite", [("equals", "r\u00e9sum\u00e9"), ("contains", "SUM\u00c9")]),
    ("rfm.segment", [("in", ["champions", "loyal_customers"]), ("is_null", None)]),
    ("rfm.rfm_score", [("between", [3.33, 5]), ("less_than", 3.33)]),
    ("rfm.calculated_at", [("after", "2026-03-30T23:59:59.999Z")]),
    ("prediction.churn_probability", [("greater_or_equal", 0.9), ("is_null", None)]),
    ("prediction.churn_band", [("equals", "LOW"), ("not_equals", "LOW")]),
    ("identifier.phone", [("equals", True), ("equals", False)]),
    ("consent.ads", [("equals", True), ("not_equals", True)]),
    ("segment.s-vip", [("equals", True), ("is_null", None)]),
    ("event.Purchase.count", [("greater_or_equal", 3), ("equals", 0), ("is_null", None)]),
    ("event.Purchase.exists", [("equals", False)]),
    ("event.Purchase.first", [("before", "2026-03-25T00:00:00Z"), ("is_null", None)]),
    ("event.Refund.last", [("within_last", {"n": 1, "unit": "hours"})]),
    ("event.Purchase.sum.total", [("equals", 40.3), ("greater_than", 40.3), ("equals", 0)]),
    ("event.Refund.sum.total", [("equals", 0)]),
    ("event.Purchase.property.total", [("equals", 0.1), ("is_null", None)]),
    ("event.Purchase.property.item.brand", [("contains", "acm")]),
    ("event.Refund.property.total", [("equals", "many")]),
]


def random_group(rng, level):
    fields = [(f, tests) for f, tests in ONE_BY_ONE]
    children = []
    for _ in range(rng.randint(1, 3)):
        field, tests = rng.choice(fields)
        operator, value = rng.choice(tests)
        days = rng.choice([None, 1, 7, 30]) if field.startswith("event.") else None
        children.append(condition(field, operator, value, days))
    if level < 4:
        children += [random_group(rng, level + 1) for _ in range(rng.choice([0, 0, 1, 2]))]
    logic = rng.choice(["and", "or", "not"])
    if logic == "not":
        children = [rng.choice(children)]
    return group(logic, *children)


def evaluate_cases():
    rows = []
    for field, tests in ONE_BY_ONE:
        # One case for a field: its conditions side by side, each a group of its own.
        rules = group("or", *[group("and", condition(field, o, v)) for o, v in tests])
        rows.append(evaluated(f"{field}: {', '.join(o for o, _ in tests)}", rules, PROFILES))
        operator, value = tests[0]
        rows.append(evaluated(f"{field} {operator} alone", group("and", condition(field, operator, value)), PROFILES[1:3]))
    for days in (1, 7, 8, 30):
        rules = group("and", condition("event.Purchase.count", "greater_or_equal", 2, days),
                      condition("event.Purchase.sum.total", "less_than", 1, days))
        rows.append(evaluated(f"purchases of the last {days} days", rules, PROFILES[:2]))
    both = group("and", condition("consent.ads", "equals", True), condition("profile.total_events", "greater_than", 5))
    rows.append(evaluated("who entered and who left", both, members=["p2", "p3"]))
    rows.append(evaluated("nobody changed", both, members=["p1"]))
    rows.append(evaluated("a computed segment", group("or", condition("prediction.churn_band", "equals", "CRITICAL")),
                          segment_type="computed"))
    rows.append(evaluated("nobody to decide about", both, []))
    rows.append(case("a static segment is its list", {"segment_type": "static", "now": NOW, "profiles": PROFILES[1:3],
                                                      "members": ["p3", "p9"]},
                     {"count": 1, "profiles": [
                         {"id": "p2", "member": False, "change": None, "reasons": [{"code": "not_listed", "path": ""}]},
                         {"id": "p3", "member": True, "change": None, "reasons": [{"code": "listed", "path": ""}]}]}))
    rng = random.Random(20260331)
    rows += [evaluated(f"random rules {n}", random_group(rng, 1), PROFILES[n % 3 :][:2]) for n in range(12)]
    broken = group("and", condition("data.a", "greater_then", 1), condition("profile.total_event", "equals", 1))
    rows += [
        refused("unknown operator and field", {"rules": broken, "now": NOW, "profiles": []},
                ("/rules/conditions/0/operator", "unknown_value"), ("/rules/conditions/1/field", "unknown_value")),
        refused("no rules", {"now": NOW, "profiles": []}, ("/rules", "missing_field")),
        refused("a static segment without a list", {"segment_type": "static", "now": NOW, "profiles": []},
                ("/members", "missing_field")),
        refused("a computed segment without a prediction",
                {"rules": both, "segment_type": "computed", "now": NOW, "profiles": []}, ("/rules", "needs_prediction")),
        refused("no instant", {"rules": both, "profiles": []}, ("/now", "missing_field")),
    ]
    return rows


def described(title, rules, fields, events=(), asked=(), conditions=1, levels=1, **more):
    return case(title, {"rules": rules, **more}, {
        "conditions": conditions, "levels": levels, "fields": sorted(fields), "events": list(events),
        "segments": list(asked)})


def validate_cases():
    leaf = group("and", condition("data.a", "is_null"))
    deep = leaf
    for _ in range(4):
        deep = group("or", deep)
    rows = [
        described("one condition", leaf, ["data.a"]),
        described("five levels", deep, ["data.a"], levels=5),
        described("a hundred conditions", group("or", *[condition("data.a", "equals", n) for n in range(100)]),
                  ["data.a"], conditions=100),
        described("fields, events and segments are told once",
                  group("and", condition("event.Purchase.count", "equals", 1), condition("event.Purchase.last", "is_null"),
                        group("not", condition("segment.b", "equals", True))),
                  ["event.Purchase.count", "event.Purchase.last", "segment.b"], ["Purchase"], ["b"], 3, 2,
                  id="a", others={"b": leaf}),
        described("words are read in any case", {"logic": "AND", "conditions": [
            {"field": "profile.lifecycle_stage", "operator": "EQUALS", "value": "ACTIVE"}]}, ["profile.lifecycle_stage"]),
    ]
    wrong = [
        ("logic", {"logic": "xor", "conditions": [condition("data.a", "is_null")]}, ("/logic", "unknown_value")),
        ("no logic", {"conditions": [condition("data.a", "is_null")]}, ("/logic", "missing_field")),
        ("an empty group", {"logic": "and"}, ("", "empty_group")),
        ("not of two", group("not", condition("data.a", "is_null"), condition("data.b", "is_null")), ("", "one_child")),
        ("six levels", group("and", deep), ("/groups/0/groups/0/groups/0/groups/0/groups/0", "too_deep")),
        ("101 conditions", group("or", *[condition("data.a", "equals", n) for n in range(101)]), ("", "too_long")),
        ("an unknown key", {"logic": "and", "conditions": [{**condition("data.a", "is_null"), "values": 1}]},
         ("/conditions/0/values", "unknown_field")),
        ("rules that are a list", [], ("", "wrong_type")),
    ]
    ask = lambda *parts: group("and", condition(*parts))
    at = "/conditions/0"
    wrong += [
        ("a field nobody knows", ask("profile.age", "is_null"), (at + "/field", "unknown_value")),
        ("a group of fields nobody knows", ask("person.age", "is_null"), (at + "/field", "unknown_value")),
        ("text of a number", ask("profile.total_events", "contains", "1"), (at + "/operator", "type_mismatch")),
        ("before a text", ask("profile.external_id", "before", NOW), (at + "/operator", "type_mismatch")),
        ("a number for a text", ask("profile.external_id", "equals", 5), (at + "/value", "wrong_type")),
        ("a stage nobody knows", ask("profile.lifecycle_stage", "equals", "gone"), (at + "/value", "unknown_value")),
        ("low above high", ask("data.a", "between", [5, 1]), (at + "/value", "invalid_range")),
        ("low after high", ask("profile.last_seen_at", "between", [NOW, OTHER]), (at + "/value", "invalid_range")),
        ("between of three", ask("data.a", "between", [1, 2, 3]), (at + "/value", "wrong_length")),
        ("an empty list", ask("data.a", "in", []), (at + "/value", "too_short")),
        ("a null in a list", ask("data.a", "in", [1, None]), (at + "/value/1", "wrong_type")),
        ("no value", ask("data.a", "equals"), (at + "/value", "missing_field")),
        ("a value for is_null", ask("data.a", "is_null", 1), (at + "/value", "not_allowed_here")),
        ("a window of data", ask("data.a", "equals", 1, 30), (at + "/window_days", "not_allowed_here")),
        ("a window of nothing", ask("event.Purchase.count", "equals", 1, 0), (at + "/window_days", "out_of_range")),
        ("a window too long", ask("event.Purchase.count", "equals", 1, 3651), (at + "/window_days", "out_of_range")),
        ("the last 0 days", ask("data.a", "within_last", {"n": 0, "unit": "days"}), (at + "/value/n", "out_of_range")),
        ("the last years", ask("data.a", "within_last", {"n": 1, "unit": "years"}), (at + "/value/unit", "unknown_value")),
        ("no time", ask("data.a", "after", "soon"), (at + "/value", "invalid_timestamp")),
        ("an empty part", ask("data.a", "contains", ""), (at + "/value", "too_short")),
        ("a trait with a capital", ask("trait.Loyal", "is_null"), (at + "/field", "invalid_format")),
        ("a sum of nothing", ask("event.Purchase.sum", "is_null"), (at + "/field", "invalid_format")),
        ("a sum finer than sums are", ask("event.Purchase.sum.total", "equals", 1e-13), (at + "/value", "out_of_range")),
    ]
    rows += [refused(title, {"rules": rules}, (("/rules" + path), code)) for title, rules, (path, code) in wrong]
    asks = lambda id: ask(f"segment.{id}", "equals", True)
    rows += [
        refused("everything at once", {"rules": {"logic": "nor", "conditions": [
            condition("data.a", "equal", 1), condition("data.b", "between", [2, 1])], "groups": [{"logic": "or"}]}},
            ("/rules/logic", "unknown_value"), ("/rules/conditions/0/operator", "unknown_value"),
            ("/rules/conditions/1/value", "invalid_range"), ("/rules/groups/0", "empty_group")),
        refused("a segment that asks for itself", {"rules": asks("a"), "id": "a", "others": {}},
                ("/rules/conditions/0/field", "cycle")),
        refused("a cycle of three", {"rules": asks("b"), "id": "a", "others": {"b": asks("c"), "c": asks("a")}},
                ("/rules/conditions/0/field", "cycle")),
        refused("a segment that is not there", {"rules": asks("b"), "others": {}},
                ("/rules/conditions/0/field", "unknown_segment")),
        refused("a computed segment without a prediction", {"rules": leaf, "segment_type": "computed"},
                ("/rules", "needs_prediction")),
    ]
    return rows


MASK = 2**64 - 1


def hashed(id, seed):
    value = 0xCBF29CE484222325
    for byte in id.encode():
        value = (value ^ byte) * 0x100000001B3 & MASK
    value = value + (seed + 1) * 0x9E3779B97F4A7C15 & MASK
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & MASK
    return value ^ value >> 31


def wilson(met, n, total):
    z = 1.959963984540054
    p = met / n
    centre, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = ((centre + side * spread) / (1 + z * z / n) for side in (-1, 1))
    hold = lambda x: min(max(x, met), total - (n - met))
    return hold(math.floor(total * p + 0.5)), hold(math.floor(total * low)), hold(math.ceil(total * high))


def crowd(n):
    return [{"id": f"c{i:03}", "total_events": i * 7 % 20} for i in range(n)]


def preview_cases():
    rules = group("and", condition("profile.total_events", "greater_or_equal", 12))
    rows = []
    for n, size, seed, limit in ((100, None, 0, None), (100, 30, 0, None), (100, 30, 1, 3), (100, 100, 0, 1),
                                 (100, 500, 4, 100), (60, 5, 2, 10), (0, None, 0, None), (100, 1, 9, 10)):
        profiles = crowd(n)
        request = {"rules": rules, "now": NOW, "profiles": profiles}
        looked = profiles
        if size is not None:
            request["sample"] = {"size": size, "seed": seed}
            looked = sorted(profiles, key=lambda p: (hashed(p["id"], seed), p["id"]))[:size]
        if limit is not None:
            request["limit"] = limit
        members = sorted(p["id"] for p in looked if p["total_events"] >= 12)
        count = (len(members),) * 3 if len(looked) == n else wilson(len(members), len(looked), n)
        rows.append(case(f"{n} profiles, a sample of {size} with seed {seed}, {limit} ids", request, {
            "count": count[0], "low": count[1], "high": count[2], "exact": len(looked) == n, "evaluated": len(looked),
            "total": n, "sample_profiles": members[: limit or 10]}))
    rows += [
        refused("a sample of nobody and no ids", {"rules": rules, "now": NOW, "profiles": [], "limit": 0,
                                                  "sample": {"size": 0}},
                ("/limit", "out_of_range"), ("/sample/size", "out_of_range")),
        refused("wrong rules", {"rules": {"logic": "and"}, "now": NOW, "profiles": []}, ("/rules", "empty_group")),
    ]
    return rows


def overlap_cases():
    at_least = lambda n: group("and", condition("profile.total_events", "greater_or_equal", n))
    below = lambda n: group("and", condition("profile.total_events", "less_than", n))
    rows = []
    for title, made in (("three that overlap", [at_least(5), below(12), at_least(15)]), ("two apart", [at_least(12), below(3)]),
                        ("nobody in either", [at_least(50), at_least(60)]), ("the same twice", [below(9), below(9)])):
        profiles = crowd(70)
        sets = [{p["id"] for p in profiles if segments.decide(rules, p, NOW_MS)[0]} for rules in made]
        pairs = []
        for i in range(len(sets)):
            for j in range(i + 1, len(sets)):
                both, either = len(sets[i] & sets[j]), len(sets[i] | sets[j])
                pairs.append({"first": f"s{i}", "second": f"s{j}", "both": both, "either": either,
                              "jaccard": round(both / either, 9) if either else None})
        rows.append(case(title, {"segments": [{"id": f"s{i}", "rules": rules} for i, rules in enumerate(made)],
                                 "now": NOW, "profiles": profiles},
                         {"segments": [{"id": f"s{i}", "count": len(s)} for i, s in enumerate(sets)], "pairs": pairs}))
    rows += [
        refused("one alone", {"segments": [{"id": "a", "rules": below(9)}], "now": NOW, "profiles": []},
                ("/segments", "out_of_range")),
        refused("wrong rules", {"segments": [{"id": "a", "rules": below(9)}, {"id": "b", "rules": {"logic": "or"}}],
                                "now": NOW, "profiles": []}, ("/segments/1/rules", "empty_group")),
    ]
    return rows


def sql_cases():
    """The statements are run against a real PostgreSQL by the server's tests; here it is said what must be a parameter."""
    day = 86_400_000
    rows = [
        case("a number", {"rules": group("and", condition("profile.total_events", "greater_than", 5)), "now": NOW},
             {"parameters": ["5"]}),
        case("text is folded", {"rules": group("and", condition("profile.external_id", "contains", "STRAẞE")), "now": NOW},
             {"parameters": [segments.fold("STRAẞE")]}),
        case("a path and a value that were meant ill", {"rules": group("and", condition(
            "data.x'; drop table t; --", "equals", "'; drop table t; --")), "now": NOW},
            {"parameters": ["x'; drop table t; --", "[\"'; drop table t; --\"]"]}),
        case("calendar months back", {"rules": group("and", condition(
            "profile.last_seen_at", "within_last", {"n": 1, "unit": "months"})), "now": NOW},
            {"parameters": [segments.wire(segments.back(NOW_MS, 1, "months")), NOW]}),
        case("events in a window", {"rules": group("and", condition("event.Purchase.count", "equals", 2, 30)), "now": NOW},
             {"parameters": ["Purchase", segments.wire(NOW_MS - 30 * day), NOW, "[\"Purchase\"]", "[\"2\"]"]}),
        refused("wrong rules", {"rules": {"logic": "and"}, "now": NOW}, ("/rules", "empty_group")),
    ]
    return rows


def answers(rules, profile, now, path=""):
    """Every condition in the order of the rules: whether it is met, and the reason."""
    found = []
    for i, condition in enumerate(rules.get("conditions", [])):
        alone = {"logic": "and", "conditions": [condition]}
        met, (reason,) = segments.decide(alone, profile, now)
        found.append((met, {**reason, "path": f"{path}/conditions/{i}"}))
    for i, inner in enumerate(rules.get("groups", [])):
        found += answers(inner, profile, now, f"{path}/groups/{i}")
    return found


def changed(title, rules, before, after, then=OTHER):
    """Both looks by the evaluator; who is gone stands last."""
    then_ms, rows = segments.instant(then), []
    old = {profile["id"]: profile for profile in before}
    for profile in after:
        member, reasons = segments.decide(rules, profile, NOW_MS)
        was, flipped = None, reasons
        if profile["id"] in old:
            was = segments.decide(rules, old[profile["id"]], then_ms)[0]
            pairs = zip(answers(rules, old[profile["id"]], then_ms), answers(rules, profile, NOW_MS))
            flipped = [reason for (earlier, _), (later, reason) in pairs if earlier != later]
        rows.append({"id": profile["id"], "before": was, "after": member, "flipped": flipped,
                     "change": "entered" if member and not was else "exited" if was and not member else None})
    for profile in before:
        if profile["id"] not in {one["id"] for one in after}:
            was = segments.decide(rules, profile, then_ms)[0]
            rows.append({"id": profile["id"], "before": was, "after": None, "flipped": [], "change": "exited" if was else None})
    request = {"rules": rules, "before": {"now": then, "profiles": before}, "after": {"now": NOW, "profiles": after}}
    count = lambda kind: sum(one["change"] == kind for one in rows)
    return case(title, request, {"entered": count("entered"), "exited": count("exited"), "profiles": rows})


def changes_cases():
    lately = group("or", condition("event.Purchase.count", "greater_or_equal", 2, 7), group("and", condition("data.city", "is_not_null"),
                   group("not", condition("profile.total_events", "greater_than", 50))))
    moved = [{**PROFILES[0], "total_events": 60}, PROFILES[3], {**PROFILES[2], "data": {"city": "Kuwait"}, "total_events": 3}, {"id": "p9", "data": {"city": "Doha"}}]
    rng = random.Random(20260401)
    rows = [changed("time alone", lately, PROFILES, PROFILES), changed("profiles changed, one came and one is gone", lately, PROFILES, moved),
            changed("the same instant, nothing changed", lately, PROFILES, PROFILES, NOW), changed("nobody", lately, [], [])]
    rows += [changed(f"random rules {n}", random_group(rng, 1), PROFILES[n % 3 :], moved) for n in range(8)]
    both = [PROFILES[3], PROFILES[3]]
    return rows + [refused("a profile twice, and a wrong operator", {
        "rules": group("and", condition("data.a", "greater_then", 1)), "before": {"now": OTHER, "profiles": both}, "after": {"now": NOW, "profiles": []}},
        ("/rules/conditions/0/operator", "unknown_value"), ("/before/profiles/1/id", "duplicate_id"))]
