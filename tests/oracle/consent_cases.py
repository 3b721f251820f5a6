"""Cases of consent.evaluate and of the privacy plans: the rules of domain.md 10.9, tried on drawn histories."""

import calendar
import datetime
import hashlib

from operations import case, refused

START = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)
TYPES = ["analytics", "ads", "email", "sms", "all"]
EFFECTS = {
    "analytics": ["drop_events"], "ads": ["remove_from_audiences", "stop_conversions"],
    "email": ["stop_email"], "sms": ["stop_sms"],
}


def stamp(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def hour(number):
    return stamp(START + datetime.timedelta(hours=number))


def latest(decisions):
    """For each type (at, granted): the latest, at one instant the denial."""
    held = {}
    for decision in sorted(decisions, key=lambda d: (d["recorded_at"], not d["granted"])):
        held[decision["consent_type"]] = (decision["recorded_at"], decision["granted"])
    return held


def spread(held):
    """What counts for each purpose, with decisions about everything spread over the purposes."""
    found = {}
    for purpose in TYPES[:4]:
        candidates = [(held[kind][0], not held[kind][1]) for kind in (purpose, "all") if kind in held]
        if candidates:
            at, denied = max(candidates)
            found[purpose] = (at, not denied)
    return found


def merged(one, other):
    if not other:
        return one
    given = other
    held, other = spread(one), spread(other)
    for kind, (at, granted) in other.items():
        if kind not in held:
            held[kind] = (at, granted)
        elif held[kind][1] == granted:
            held[kind] = (max(held[kind][0], at), granted)
        elif not granted:
            held[kind] = (at, granted)
    denied = [at for at, granted in (side["all"] for side in (one, given) if "all" in side) if not granted]
    if denied:
        held["all"] = (max(denied), False)
    return held


def effective(held, basis):
    found = []
    for purpose in TYPES[:4]:
        candidates = [(held[kind][0], not held[kind][1], kind == purpose, kind) for kind in (purpose, "all") if kind in held]
        if candidates:
            at, denied, _, kind = max(candidates)
            found.append({"purpose": purpose, "granted": not denied, "decided_by": kind, "recorded_at": at})
        else:
            granted = purpose == "analytics" and basis == "legitimate_interest"
            found.append({"purpose": purpose, "granted": granted, "decided_by": None, "recorded_at": None})
    return found


def evaluate(request):
    basis = request.get("analytics_legal_basis", "legitimate_interest")
    known = request.get("known", [])
    before = effective(latest(known), basis)
    now = effective(merged(latest(known + request.get("decisions", [])), latest(request.get("merged", []))), basis)
    changes = [
        {"purpose": new["purpose"], "granted": new["granted"], "effects": [] if new["granted"] else EFFECTS[new["purpose"]]}
        for old, new in zip(before, now) if old["granted"] != new["granted"]
    ]
    return {"current": now, "changes": changes}


def drawn(seed, count):
    decisions, state = [], seed
    for _ in range(count):
        draws = []
        for _ in range(3):
            state = state * 48_271 % 2_147_483_647
            draws.append(state >> 7)
        decisions.append({"consent_type": TYPES[draws[0] % 5], "granted": bool(draws[1] % 2), "recorded_at": hour(draws[2] % 9)})
    return decisions


def cases():
    found = []
    for seed in range(1, 41):
        request = {
            "known": drawn(seed * 7919, seed % 4), "decisions": drawn(seed * 104_729, seed % 6),
            "merged": drawn(seed * 1_299_709, seed % 3), "analytics_legal_basis": ["legitimate_interest", "consent"][seed % 2],
        }
        found.append(case(f"history {seed}", request, evaluate(request)))
    found.append(case("nobody decided anything", {}, evaluate({})))
    long = {"consent_type": "ads", "granted": True, "recorded_at": hour(0), "source": "x" * 101, "proof": "x" * 501}
    found.append(refused("texts that are too long", {"decisions": [long], "merged": [{**long, "proof": None}]},
                         ("/decisions/0/source", "too_long"), ("/decisions/0/proof", "too_long"), ("/merged/0/source", "too_long")))
    return found


PROFILE = "0198c9a0-0000-7000-8000-0000000000aa"
MERGED = ["0198c9a0-0000-7000-8000-0000000000cc", "0198c9a0-0000-7000-8000-0000000000bb", PROFILE]
AUDIENCES = [
    {"platform": "TIKTOK", "audience_id": "b", "synced_at": hour(-5)}, {"platform": "META", "audience_id": "a", "synced_at": None},
]


def plan(subject):
    ids = sorted({subject["profile_id"], *subject.get("merged_ids", [])})
    order = {"META": 0, "GOOGLE": 1, "TIKTOK": 2, "SNAPCHAT": 3}
    audiences = sorted(subject.get("synced_audiences", []), key=lambda a: (order[a["platform"]], a["audience_id"]))
    return ids, audiences


def erasure_cases():
    found = []
    for name, more in (("one profile", {}), ("merged profiles and audiences", {"merged_ids": MERGED, "synced_audiences": AUDIENCES})):
        subject = {"profile_id": PROFILE, **more}
        ids, audiences = plan(subject)
        found.append(case(name, {"subject": subject, "requested_at": hour(0)}, {
            "idempotency_key": hashlib.sha256("".join(f"{i}\n" for i in ids).encode()).hexdigest(),
            "profile_ids": ids, "suppress_identifiers": True, "platform_removals": audiences,
            "target_at": hour(24), "due_at": hour(30 * 24),
        }))
    held = {"subject": {"profile_id": PROFILE, "legal_hold": "case 12/2026"}, "requested_at": hour(0)}
    found.append(refused("under a legal hold", held, ("/subject/legal_hold", "legal_hold")))
    return found


def export_cases():
    subject = {"profile_id": PROFILE, "merged_ids": MERGED, "synced_audiences": AUDIENCES, "legal_hold": "case 12/2026"}
    ids, audiences = plan(subject)
    return [case("a legal hold does not keep a person from knowing", {"subject": subject, "requested_at": hour(0)}, {
        "profile_ids": ids, "synced_audiences": audiences, "formats": ["json", "csv"], "due_at": hour(30 * 24), "link_valid_days": 7,
    })]


def months_before(instant, months):
    index = instant.year * 12 + instant.month - 1 - months
    year, month = divmod(index, 12)
    day = min(instant.day, calendar.monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)


def retention_cases():
    found = []
    months = [f"{year}-{month:02d}" for year in (2024, 2025, 2026) for month in range(1, 13)]
    for number, instant in enumerate([START, START.replace(day=31), START.replace(year=2025, day=31), START.replace(month=4, day=1, hour=0),
                                      datetime.datetime(2026, 3, 31, 23, 59, 59, 999_000, tzinfo=datetime.timezone.utc)]):
        for days in (None, 30, 730):
            oldest = months_before(instant, 13)
            reports = oldest if days is None else max(oldest, instant - datetime.timedelta(days=days))
            drop = [m for m in months if m < f"{oldest.year}-{oldest.month:02d}"]
            request = {"now": stamp(instant), "partitions": months[::-1] + months[:1]} | ({} if days is None else {"report_days": days})
            found.append(case(f"months before instant {number}, reports of {days} days", request,
                              {"events_from": stamp(oldest), "drop": drop, "reports_from": stamp(reports)}))
    found.append(refused("months that are none", {"now": hour(0), "partitions": ["2026-3", "2026-13", "2026-01"]},
                         ("/partitions/0", "invalid_format"), ("/partitions/1", "invalid_format")))
    return found
