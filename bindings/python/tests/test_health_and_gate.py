"""Health and gate through the typed interface."""

from __future__ import annotations

import doctest
import pickle
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from conftest import FULL, NOW, TENANT, snapshot

import stratum
from stratum.types import OpenIncident


def test_the_example_of_the_package_says_what_it_says() -> None:
    results = doctest.testmod(stratum)
    assert results.attempted >= 4
    assert results.failed == 0


def test_a_healthy_platform_passes(healthy: stratum.HealthSnapshot) -> None:
    answer = stratum.Gate().evaluate(action_type="BUDGET_INCREASE", snapshot=healthy, now=NOW)
    assert (answer.decision, answer.passed, answer.threshold) == ("PASS", True, 70.0)
    assert answer.score == healthy.score == 94.05
    assert [reason.code for reason in answer.reasons] == ["OK"]
    assert answer.remedies == []
    assert answer.valid_until == NOW + timedelta(minutes=5)


def test_a_missing_required_component_holds_and_the_remedy_says_what_to_do() -> None:
    health = snapshot(components={**FULL, "API_HEALTH": None, "EMQ": 100.0})
    answer = stratum.Gate().evaluate(action_type="BUDGET_INCREASE", snapshot=health, now=NOW)
    assert answer.decision == "HOLD"
    assert [(reason.code, reason.component) for reason in answer.reasons] == [("COMPONENT_MISSING", "API_HEALTH")]
    assert [remedy.code for remedy in answer.remedies] == ["MEASURE_COMPONENT"]


def test_without_a_snapshot_the_answer_is_block() -> None:
    answer = stratum.gate.evaluate(action_type="PAUSE_CAMPAIGN", platform="META", tenant_id=TENANT, now=NOW)
    assert (answer.decision, answer.score) == ("BLOCK", None)
    assert [reason.code for reason in answer.reasons] == ["NO_DATA"]


def test_a_frozen_tenant_is_blocked_however_healthy(healthy: stratum.HealthSnapshot) -> None:
    answer = stratum.Gate().evaluate(action_type="BID_DECREASE", snapshot=healthy, now=NOW, frozen=True)
    assert [(reason.code, reason.kind) for reason in answer.reasons] == [("FROZEN", "FORBIDDEN")]


def test_the_strictest_platform_decides(healthy: stratum.HealthSnapshot) -> None:
    low = snapshot(platform="GOOGLE", components={**FULL, "EMQ": 10.0})
    answer = stratum.Gate().evaluate(action_type="BUDGET_INCREASE", snapshots=[healthy, low], now=NOW)
    assert answer.decision == "HOLD"
    assert answer.score == low.score
    assert {reason.platform for reason in answer.reasons} == {"GOOGLE"}


def test_an_open_critical_incident_holds(healthy: stratum.HealthSnapshot) -> None:
    incident: OpenIncident = {"platform": "META", "kind": "PLATFORM", "severity": "CRITICAL"}
    answer = stratum.Gate().evaluate(action_type="BUDGET_INCREASE", snapshot=healthy, now=NOW, incidents=[incident])
    assert [reason.code for reason in answer.reasons] == ["INCIDENT_OPEN"]


def test_the_typed_answer_is_the_answer_of_the_table(healthy: stratum.HealthSnapshot) -> None:
    typed = stratum.Gate().evaluate(action_type="BUDGET_INCREASE", snapshot=healthy, now=NOW + timedelta(hours=2))
    facts: Any = {
        "tenant_id": TENANT,
        "action_type": "BUDGET_INCREASE",
        "platforms": ["META"],
        "snapshots": [healthy],
        "now": NOW + timedelta(hours=2),
    }
    assert stratum.call("gate.evaluate", {"facts": facts}) == typed.to_dict()
    assert typed.decision == "HOLD"


def test_an_instant_may_be_text_or_a_datetime_of_any_zone(healthy: stratum.HealthSnapshot) -> None:
    east = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    instants: list[datetime | str] = [NOW, east, "2026-03-01T12:00:00Z", "2026-03-01T14:00:00.000+02:00"]
    for now in instants:
        answer = stratum.Gate().evaluate(action_type="BUDGET_INCREASE", snapshot=healthy, now=now)
        assert answer.evaluated_at == NOW


def test_a_datetime_keeps_its_milliseconds() -> None:
    for microsecond in (1_000, 123_999, 999_999):
        at = datetime(2026, 3, 1, 12, 0, 0, microsecond, tzinfo=timezone.utc)
        health = snapshot(now=at)
        assert health.computed_at == at.replace(microsecond=microsecond // 1000 * 1000)


def test_a_datetime_without_a_zone_names_no_instant(healthy: stratum.HealthSnapshot) -> None:
    with pytest.raises(stratum.StratumError) as refused:
        stratum.Gate().evaluate(action_type="BUDGET_INCREASE", snapshot=healthy, now=NOW.replace(tzinfo=None))
    assert refused.value.problems[0].code == "invalid_timestamp"


def test_a_policy_that_is_too_lax_is_refused_with_every_problem() -> None:
    with pytest.raises(stratum.StratumError) as refused:
        stratum.Gate({"overrides": {"BUDGET_INCREASE": 60}, "healthy_threshold": 130})
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        ("/healthy_threshold", "out_of_range"),
        ("/overrides/BUDGET_INCREASE", "threshold_too_low"),
    ]


def test_a_snapshot_and_a_gate_can_be_stored_and_pickled(healthy: stratum.HealthSnapshot) -> None:
    assert stratum.HealthSnapshot.from_dict(healthy.to_dict()) == healthy
    assert pickle.loads(pickle.dumps(healthy)) == healthy
    gate = stratum.Gate({"profile": "CAUTIOUS"})
    assert pickle.loads(pickle.dumps(gate)).policy_digest == gate.policy_digest
    assert gate.threshold("BUDGET_INCREASE") == 80.0


def test_what_is_shown_says_what_it_is(healthy: stratum.HealthSnapshot) -> None:
    assert repr(healthy) == "HealthSnapshot(platform='META', score=94.05, status='HEALTHY', coverage_pct=100, issues=0)"
    answer = stratum.Gate().evaluate(action_type="BUDGET_INCREASE", snapshot=healthy, now=NOW, frozen=True)
    assert repr(answer) == "GateEvaluation(decision='BLOCK', score=94.05, threshold=70, reasons=['FROZEN'])"
    assert repr(answer.reasons[0]).startswith("Reason(code='FROZEN', decision='BLOCK', kind='FORBIDDEN'")
    assert repr(healthy.components[0]).startswith("ComponentReading(name='EMQ', score=90.0, weight=35.0")


def test_an_id_may_be_a_uuid() -> None:
    assert snapshot(tenant_id=UUID(TENANT)).tenant_id == TENANT
