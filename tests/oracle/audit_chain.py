#!/usr/bin/env python3
"""Works out the vectors of the audit chain with hashlib alone: tests/vectors/audit/*.json.

Run it from anywhere; `--check` compares instead of writing.

hash = SHA-256("stratum.audit.v1" || 0x00 || prev_hash (32 bytes) || canonical JSON of the entry)
"""

from __future__ import annotations

import copy
import hashlib
import json
import sys
from pathlib import Path

from canonical_json import write as canonical

FOLDER = Path(__file__).resolve().parent.parent / "vectors" / "audit"
TENANT = "0198c9a0-0000-7000-8000-000000000001"
OTHER_TENANT = "0198c9a0-0000-7000-8000-000000000002"
USER = "0198c9a0-0000-7000-8000-0000000000aa"
ACTION = "0198c9a0-0000-7000-8000-00000000000a"
GENESIS = "0" * 64


def entry(seq: int, created_at: str, action: str, resource_type: str, **fields) -> dict:
    """An entry with every absent value written as null."""
    blank = {
        "tenant_id": TENANT,
        "seq": seq,
        "created_at": created_at,
        "actor_type": "SYSTEM",
        "actor_id": None,
        "action": action,
        "resource_type": resource_type,
        "resource_id": None,
        "changes": None,
        "reason": None,
        "request_id": None,
        "address_hash": None,
        "intervention": None,
    }
    assert set(fields) <= set(blank), fields
    return blank | fields


def intervention(**fields) -> dict:
    blank = {
        "action_id": None,
        "action_type": None,
        "platform": None,
        "entity_type": None,
        "entity_id": None,
        "enforcement_mode": None,
        "violations": [],
        "gate_decision": None,
        "health_score": None,
        "details": None,
    }
    assert set(fields) <= set(blank), fields
    return blank | fields


def record_hash(prev_hash: str, content: dict) -> str:
    text = canonical(content).encode()
    return hashlib.sha256(b"stratum.audit.v1" + b"\0" + bytes.fromhex(prev_hash) + text).hexdigest()


def chain(entries: list[dict]) -> list[dict]:
    records, prev_hash = [], GENESIS
    for content in entries:
        digest = record_hash(prev_hash, content)
        records.append({"entry": content, "prev_hash": prev_hash, "hash": digest})
        prev_hash = digest
    return records


BUDGET = {
    "action_id": ACTION,
    "action_type": "BUDGET_INCREASE",
    "platform": "META",
    "entity_type": "CAMPAIGN",
    "entity_id": "238512",
}

ENTRIES = [
    entry(
        1,
        "2026-03-01T11:59:58.000Z",
        "LOGIN",
        "session",
        actor_type="USER",
        actor_id=USER,
        request_id="req-1",
        address_hash="9f86d081884c7d65",
    ),
    entry(
        2,
        "2026-03-01T12:00:00.007Z",
        "QUEUED",
        "action",
        actor_type="USER",
        actor_id=USER,
        resource_id=ACTION,
        changes={"before": None, "after": {"status": "QUEUED", "after_cents": 12000}},
        reason="Überfällig: \"Frühjahr\" \U0001f600\tגבולות",
        request_id="req-2",
        intervention=intervention(**BUDGET, gate_decision="HOLD", health_score="69.9999"),
    ),
    entry(
        3,
        "2026-03-01T12:00:01.250Z",
        "BLOCKED",
        "action",
        resource_id=ACTION,
        intervention=intervention(
            **BUDGET,
            enforcement_mode="HARD_BLOCK",
            violations=[
                {"type": "BUDGET_EXCEEDED", "kind": "DAILY_INCREASE", "limit": 20, "actual": "20.00000001"},
                {"type": "ROAS_BELOW_THRESHOLD", "kind": None, "limit": 2, "actual": "1.97"},
            ],
            gate_decision="PASS",
            health_score="88.5",
            details={"attempt": 1, "budget_total": "9007199254740993", "\U0001f600": 1, "\ufb33": "1e-7"},
        ),
    ),
    entry(
        4,
        "2026-03-01T12:00:02.000Z",
        "SETTINGS_CHANGED",
        "enforcement_settings",
        actor_type="OPERATOR",
        changes={"before": {"roas_threshold": 2}, "after": {"roas_threshold": "2.5"}},
        reason="asked for by the tenant",
    ),
]


def cases() -> list[dict]:
    """What a verifier must say. The last good record is named by hand in each case, never looked for."""
    good = chain(ENTRIES)
    genesis = {"tenant_id": TENANT, "seq": 0, "hash": GENESIS}

    def head(seq: int, records: list[dict] = good) -> dict:
        return {"tenant_id": TENANT, "seq": seq, "hash": records[seq - 1]["hash"] if seq else GENESIS}

    def whole(name: str, records: list[dict], reaches: dict, start: dict = genesis, known: dict | None = None) -> dict:
        return case(name, records, reaches, start, known, None, None)

    def broken(name: str, records: list[dict], cause: str, after: dict, known: dict | None = None) -> dict:
        return case(name, records, after, genesis, known, after["seq"] + 1, cause)

    def case(name, records, reaches, start, known, first_bad_seq, cause) -> dict:
        return {
            "name": name,
            "request": {"from": start, "known_head": known, "records": records},
            "response": {
                "ok": cause is None,
                "checked": reaches["seq"] - start["seq"],
                "head_seq": reaches["seq"],
                "head_hash": reaches["hash"],
                "first_bad_seq": first_bad_seq,
                "cause": cause,
            },
        }

    def edited(position: int, path: list, value) -> list[dict]:
        records = copy.deepcopy(good)
        target = records[position]
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = value
        return records

    def rewritten(position: int, path: list, value) -> list[dict]:
        """Edited, and hashed again by somebody who knows how."""
        records = edited(position, path, value)
        records[position]["hash"] = record_hash(records[position]["prev_hash"], records[position]["entry"])
        return records

    without_a_field = copy.deepcopy(good)
    del without_a_field[0]["entry"]["address_hash"]
    unlinked = copy.deepcopy(good)
    unlinked[2] |= {"prev_hash": GENESIS, "hash": record_hash(GENESIS, good[2]["entry"])}
    replaced = rewritten(1, ["entry", "reason"], "later")
    inserted = [good[0], replaced[1], *good[1:]]
    foreign = chain([ENTRIES[0] | {"tenant_id": OTHER_TENANT}])
    newer = chain([ENTRIES[0] | {"session_country": "AE"}])
    actual = ["entry", "intervention", "violations", 1, "actual"]
    cents = ["entry", "changes", "after", "after_cents"]
    return [
        whole("an empty chain is whole", [], genesis),
        whole("a chain as it was written is whole", good, head(4)),
        whole("a chain leads to the head that was kept", good, head(4), known=head(4)),
        whole("a chain may be longer than the head that was kept", good, head(4), known=head(2)),
        whole("the part after an archived head is whole", good[2:], head(4), start=head(2)),
        whole("a field of a newer version is hashed like the others", newer, head(1, newer)),
        broken("a changed reason is found", edited(1, ["entry", "reason"], "later"), "HASH", head(1)),
        broken("a changed digit of a decimal text is found", edited(2, actual, "1.98"), "HASH", head(2)),
        broken("a changed instant is found", edited(3, ["entry", "created_at"], "2026-03-01T12:00:02.001Z"), "HASH", head(3)),
        broken("a changed position is found", edited(3, ["entry", "seq"], 5), "HASH", head(3)),
        broken("a field that was added is found", edited(0, ["entry", "note"], "x"), "HASH", genesis),
        broken("a field that was removed is found", without_a_field, "HASH", genesis),
        broken("an integer beyond a double is found", edited(1, cents, 2**53 + 1), "HASH", head(1)),
        broken("a changed hash is found", edited(1, ["hash"], good[2]["hash"]), "HASH", head(1)),
        broken("a changed previous hash is found", edited(1, ["prev_hash"], good[2]["hash"]), "HASH", head(1)),
        broken("a rewritten record is found by the one after it", replaced, "LINK", head(2, replaced)),
        broken("a rewritten last record is found by the head that was kept", rewritten(3, ["entry", "reason"], "later"), "LINK", head(3), known=head(4)),
        broken("a record hashed after other bytes is found", unlinked, "LINK", head(2)),
        broken("the first record of another tenant is found", foreign, "LINK", genesis),
        broken("two records in the other order are found", [good[0], good[2], good[1], good[3]], "GAP", head(1)),
        broken("a dropped record is found", [good[0], good[2], good[3]], "GAP", head(1)),
        broken("a dropped first record is found", good[1:], "GAP", genesis),
        broken("a doubled record is found", [good[0], good[0], *good[1:]], "GAP", head(1)),
        broken("an inserted record is found", inserted, "GAP", head(2, replaced)),
        broken("a truncated chain is found by the head that was kept", good[:3], "GAP", head(3), known=head(4)),
    ]


def main() -> int:
    files = {
        "chain.json": {
            "title": "entries and the hashes of their chain",
            "oracle": "tests/oracle/audit_chain.py (hashlib)",
            "records": chain(ENTRIES),
        },
        "verify.json": {
            "title": "what audit.verify finds",
            "operation": "audit.verify",
            "oracle": "tests/oracle/audit_chain.py (hashlib)",
            "cases": cases(),
        },
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    stale = []
    for name, content in files.items():
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        path = FOLDER / name
        if "--check" in sys.argv:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        print("stale:", *stale)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
