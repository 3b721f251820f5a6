"""A platform written in Python, driven by the autopilot."""

from __future__ import annotations

import asyncio
import doctest
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from conftest import FULL, NOW, TENANT, snapshot
from test_typed import known

import stratum
from stratum import autopilot
from stratum.models import Applied, ChangeBudget, ChangeRequest, EntityRef, GateFacts

PERSON = "0198c9a0-0000-7000-8000-0000000000aa"


class Ledger:
    """A platform that remembers what it was asked."""

    def __init__(self) -> None:
        self.calls: list[ChangeRequest] = []

    def apply(self, change: ChangeRequest) -> str:
        """Take note of the change."""
        self.calls.append(change)
        return f"receipt-{len(self.calls)}"


def queued(pilot: stratum.Autopilot, now: datetime = NOW) -> stratum.Action:
    """An approved raise from 100.00 to 120.00."""
    action = pilot.queue(
        now=now,
        tenant_id=TENANT,
        action_type="BUDGET_INCREASE",
        platform="META",
        entity_type="CAMPAIGN",
        entity_id="238512",
        change=ChangeBudget(kind="DAILY", before_cents=10_000, after_cents=12_000, currency="USD"),
    )
    return pilot.approve(action.id, by=PERSON, now=now)


def facts(now: datetime = NOW, **health: Any) -> Any:
    """Facts of a healthy platform under which the raise is allowed."""

    def of(action: stratum.Action) -> stratum.ExecutionFacts:
        gate = GateFacts(
            tenant_id=action.tenant_id,
            action_type=action.action_type,
            platforms=[action.platform],
            entity_type=action.entity_type,
            entity_id=action.entity_id,
            snapshots=[snapshot(now=now, data_as_of=now, **health)],
            now=now,
        )
        return stratum.ExecutionFacts(gate=gate, limits=known(now=now, next_local_midnight=now + timedelta(hours=12)))

    return of


def test_the_example_says_what_happens() -> None:
    results = doctest.testmod(autopilot)
    assert (results.attempted, results.failed) == (6, 0)


def test_an_approved_action_that_passes_is_applied_once() -> None:
    platform = Ledger()
    pilot = stratum.Autopilot(platform)
    action = queued(pilot)
    [result] = pilot.run(facts(), now=NOW)
    assert isinstance(result, autopilot.CallResult)
    assert result.receipt is not None and result.receipt.get("reference") == "receipt-1"
    assert pilot[action.id].state == "APPLIED"
    assert pilot.run(facts(), now=NOW) == []

    [call] = platform.calls
    assert isinstance(call, ChangeRequest)
    assert call.idempotency_key == action.id
    assert call.entity == EntityRef(tenant_id=TENANT, platform="META", entity_type="CAMPAIGN", entity_id="238512")
    assert isinstance(call.change, ChangeBudget) and call.change.after_cents == 12_000
    assert call.not_after > NOW


def test_without_health_the_action_waits_and_the_platform_is_not_called() -> None:
    platform = Ledger()
    pilot = stratum.Autopilot(platform)
    action = queued(pilot)
    [claim] = pilot.run(facts(components={**FULL, "EMQ": None}), now=NOW)
    assert isinstance(claim, autopilot.Claim)
    assert (claim.step, claim.waiting_for, claim.gate.decision) == ("WAIT", "GATE", "HOLD")
    assert (platform.calls, pilot[action.id].state) == ([], "APPROVED")
    assert len(pilot.run(facts(), now=NOW)) == 1  # health came back
    assert pilot[action.id].state == "APPLIED"


def test_a_hard_limit_fails_the_action() -> None:
    policy = {"enforcement": {"max_daily_budget_increase_pct": 10, "default_mode": "HARD_BLOCK"}}
    platform = Ledger()
    pilot = stratum.Autopilot(platform, policy)
    action = queued(pilot)
    [claim] = pilot.run(facts(), now=NOW)
    assert isinstance(claim, autopilot.Claim)
    assert (claim.step, claim.enforcement["mode"], platform.calls) == ("FAIL", "HARD_BLOCK", [])
    assert (pilot[action.id].state, pilot[action.id].status_reason) == ("FAILED", "ENFORCEMENT_BLOCKED")


@pytest.mark.parametrize(
    ("code", "state"), [("REFUSED", "FAILED"), ("RATE_LIMITED", "APPROVED"), ("UNKNOWN", "APPLYING")]
)
def test_what_the_platform_raises_decides_what_becomes_of_the_action(code: Any, state: str) -> None:
    class Refuses:
        def apply(self, change: ChangeRequest) -> None:
            raise stratum.PlatformError(code, "no", retry_after_ms=1500)

    pilot = stratum.Autopilot(Refuses())
    action = queued(pilot)
    [result] = pilot.run(facts(), now=NOW)
    assert isinstance(result, autopilot.CallResult) and result.error is not None
    assert (result.error["code"], result.error.get("retry_after_ms")) == (code, 1500)
    assert pilot[action.id].state == state


def test_after_an_unexpected_exception_nobody_knows_and_the_change_is_never_sent_again() -> None:
    class Breaks:
        calls = 0

        def apply(self, change: ChangeRequest) -> None:
            self.calls += 1
            raise ConnectionResetError("peer went away")

    platform = Breaks()
    pilot = stratum.Autopilot(platform)
    action = queued(pilot)
    [result] = pilot.run(facts(), now=NOW)
    assert isinstance(result, autopilot.CallResult) and result.error is not None
    assert result.error["message"] == "ConnectionResetError: peer went away"
    for minutes in (1, 3, 10):
        later = NOW + timedelta(minutes=minutes)
        pilot.run(facts(later), now=later)
    assert (pilot[action.id].state, pilot[action.id].status_reason) == ("FAILED", "OUTCOME_UNKNOWN")
    assert platform.calls == 1


def test_a_lost_answer_is_looked_up_where_the_platform_can() -> None:
    class Forgetful(Ledger):
        def apply(self, change: ChangeRequest) -> str:
            super().apply(change)
            raise TimeoutError("no answer")

        def outcome_of(self, entity: EntityRef, key: str, now: datetime) -> dict[str, Any]:
            assert entity.entity_id == "238512"
            receipt = Applied(idempotency_key=key, applied_at=now)
            return {"outcome": "APPLIED", "receipt": receipt}

    platform = Forgetful()
    pilot = stratum.Autopilot(platform)
    action = queued(pilot)
    pilot.run(facts(), now=NOW)
    assert pilot[action.id].state == "APPLYING"
    later = NOW + timedelta(minutes=3)
    pilot.run(facts(later), now=later)
    assert (pilot[action.id].state, len(platform.calls)) == ("APPLIED", 1)


def test_a_platform_may_be_async_and_be_driven_from_a_running_loop() -> None:
    class Slow(Ledger):
        async def apply(self, change: ChangeRequest) -> str:  # type: ignore[override]
            await asyncio.sleep(0)
            return super().apply(change)

    platform = Slow()
    pilot = stratum.Autopilot(platform)
    queued(pilot)

    async def main() -> None:
        await asyncio.to_thread(pilot.run, facts(), now=NOW)

    asyncio.run(main())
    assert len(platform.calls) == 1


def test_many_threads_execute_each_action_once() -> None:
    platform = Ledger()
    pilot = stratum.Autopilot(platform)
    actions = [queued(pilot) for _ in range(40)]
    threads = [threading.Thread(target=pilot.run, args=(facts(),), kwargs={"now": NOW}) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(call.idempotency_key for call in platform.calls) == sorted(action.id for action in actions)
    assert {action.state for action in pilot.actions} == {"APPLIED"}


def test_a_permit_is_used_once() -> None:
    platform = Ledger()
    executor = stratum._native.Executor(platform)
    action = queued(stratum.Autopilot(platform))
    known_facts = facts()(action)
    claim = executor.claim(action, known_facts.gate, known_facts.limits)
    executor.apply(claim, now=NOW)
    with pytest.raises(stratum.StratumError, match="no_permit"):
        executor.apply(claim, now=NOW)
    assert len(platform.calls) == 1


def test_what_is_not_approved_or_has_expired_is_not_executed() -> None:
    platform = Ledger()
    pilot = stratum.Autopilot(platform)
    action = queued(pilot)
    late = NOW + timedelta(hours=4)
    assert pilot.run(facts(late), now=late) == []
    assert (pilot[action.id].state, pilot[action.id].status_reason) == ("FAILED", "EXPIRED")
    with pytest.raises(stratum.StratumError, match="invalid_transition"):
        pilot.approve(action.id, by=PERSON, now=late)
    assert platform.calls == []


def test_an_action_can_be_stored_and_everything_wrong_with_one_is_named() -> None:
    pilot = stratum.Autopilot(Ledger())
    action = queued(pilot)
    assert stratum.Action.from_dict(action.to_dict()) == action
    assert repr(action).endswith("entity_id=\"238512\", state='APPROVED')")
    with pytest.raises(stratum.StratumError) as refused:
        pilot.queue(
            now=NOW,
            tenant_id=TENANT,
            action_type="BUDGET_INCREASE",
            platform="META",
            entity_type="CAMPAIGN",
            entity_id="",
            change=ChangeBudget(kind="DAILY", before_cents=10_000, after_cents=9_000, currency="USD"),
            ttl_hours=100,
        )
    assert {problem.code for problem in refused.value.problems} == {"length", "out_of_range", "wrong_direction"}


def noted(pilot: stratum.Autopilot) -> list[Any]:
    """What the tenant's audit chain says happened, and that it is whole."""
    records: list[Any] = list(pilot.audit.records(TENANT))
    verified = stratum.audit.verify(
        records, after=stratum.audit.genesis(TENANT), known_head=dict(pilot.audit.head(TENANT))
    )
    assert verified.ok
    return [record["entry"]["action"] for record in records]


def test_every_step_stands_in_the_audit_chain_and_the_intent_before_the_call() -> None:
    seen: list[list[str]] = []

    class Looks(Ledger):
        def apply(self, change: ChangeRequest) -> str:
            seen.append(noted(pilot))
            return super().apply(change)

    pilot = stratum.Autopilot(Looks())
    queued(pilot)
    pilot.run(facts(components={**FULL, "EMQ": None}), now=NOW)
    pilot.run(facts(), now=NOW)
    assert seen == [["QUEUED", "APPROVED", "GATE_EVALUATED", "INTENT"]]
    assert noted(pilot) == [*seen[0], "APPLIED"]
    intent: Any = pilot.audit.records(TENANT)[3]["entry"]
    assert (intent["actor_type"], intent["intervention"]["gate_decision"]) == ("SYSTEM", "PASS")


def test_what_is_dismissed_or_refused_is_noted_with_who_did_it() -> None:
    pilot = stratum.Autopilot(Ledger(), {"enforcement": {"default_mode": "HARD_BLOCK", "roas_threshold": 9}})
    queued(pilot)
    pilot.run(facts(), now=NOW)
    action = pilot.queue(
        now=NOW,
        tenant_id=TENANT,
        action_type="PAUSE_CAMPAIGN",
        platform="META",
        entity_type="CAMPAIGN",
        entity_id="238512",
        change={"field": "STATUS", "before": "ACTIVE", "after": "PAUSED"},
    )
    pilot.dismiss(action.id, by=PERSON, now=NOW)
    assert noted(pilot) == ["QUEUED", "APPROVED", "BLOCKED", "QUEUED", "DISMISSED"]
    last: Any = pilot.audit.records(TENANT)[-1]["entry"]
    assert (last["actor_type"], last["actor_id"]) == ("USER", PERSON)
