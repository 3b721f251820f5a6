"""What crosses the border, and what does not."""

from __future__ import annotations

import math
import os
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import stratum
from stratum import HealthComponent, HealthFacts, Platform

TENANT = "0198c9a0-0000-7000-8000-000000000001"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
FULL = {
    HealthComponent.EMQ: 90.0,
    HealthComponent.API_HEALTH: 95.0,
    HealthComponent.EVENT_LOSS: 95.0,
    HealthComponent.PLATFORM_STABILITY: 100.0,
    HealthComponent.DATA_QUALITY: 98.0,
}


def facts(**changes: Any) -> HealthFacts:
    """Facts of a healthy Meta, unless something else is asked for."""
    known: dict[str, Any] = {"tenant_id": TENANT, "platform": Platform.META, "now": NOW, "components": FULL}
    return HealthFacts(**{**known, "data_as_of": NOW - timedelta(hours=1), **changes})


def places(refused: pytest.ExceptionInfo[Any]) -> set[tuple[str, str]]:
    return {(problem.path, problem.code) for problem in refused.value.problems}


def test_no_panic_crosses_the_border_and_the_next_call_works(capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        with pytest.raises(stratum.StratumError.Refused) as refused:
            stratum.panic_for_tests()
        assert places(refused) == {("", "internal")}
        assert "asked for by a test" in refused.value.problems[0].message
        assert stratum.evaluate_health(facts()).score == 94.05
    assert capfd.readouterr().err == ""


def test_records_carry_every_value_of_health_and_gate() -> None:
    health = stratum.evaluate_health(facts(components={**FULL, HealthComponent.API_HEALTH: None}))
    assert (health.platform, health.computed_at, health.data_as_of) == (Platform.META, NOW, NOW - timedelta(hours=1))
    missing = [reading.name for reading in health.components if reading.score is None]
    assert missing == [HealthComponent.API_HEALTH]
    answer = stratum.evaluate_gate(
        stratum.GateFacts(
            tenant_id=TENANT,
            action_type=stratum.GateSubject.PAUSE_ADSET,
            platforms=[Platform.META],
            now=NOW + timedelta(minutes=1),
            snapshots=[health],
        ),
        stratum.TrustPolicy(profile=stratum.GateProfile.CAUTIOUS),
    )
    assert answer.decision == stratum.GateDecision.HOLD
    assert [(reason.code, reason.component) for reason in answer.reasons] == [
        (stratum.GateReason.COMPONENT_MISSING, HealthComponent.API_HEALTH)
    ]
    assert answer.remedies[0].code == stratum.RemedyCode.MEASURE_COMPONENT


def test_an_event_keeps_properties_that_no_record_names() -> None:
    event = stratum.Event(
        event_time=NOW,
        identifiers=[stratum.Identifier(type=stratum.IdentifierType.EMAIL, value="ada@example.org")],
        event_name="Purchase",
        properties='{"value": 12.5, "currency": "USD", "nested": {"a": [1, null]}}',
    )
    assert stratum.score_event(event, NOW).band in set(stratum.EmqBand)
    event.properties = "no JSON"
    with pytest.raises(stratum.StratumError.Refused) as refused:
        stratum.score_event(event, NOW)
    assert places(refused) == {("/event/properties", "wrong_type")}


def test_every_problem_comes_at_once_with_its_place() -> None:
    with pytest.raises(stratum.StratumError.Refused) as refused:
        stratum.call("health.evaluate", '{"facts": {"platform": "LINKEDIN", "colour": "red"}}')
    assert places(refused) == {
        ("/facts/tenant_id", "missing_field"),
        ("/facts/now", "missing_field"),
        ("/facts/platform", "unknown_value"),
        ("/facts/colour", "unknown_field"),
    }
    helps = {problem.path: problem.help for problem in refused.value.problems}
    assert helps["/facts/platform"] == "write one of: META, GOOGLE, TIKTOK, SNAPCHAT"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_refused_with_their_place(number: float) -> None:
    policy = stratum.TrustPolicy(healthy_threshold=number)
    with pytest.raises(stratum.StratumError.Refused) as refused:
        stratum.evaluate_health(facts(components={HealthComponent.EMQ: number}), policy)
    assert places(refused) == {
        ("/facts/components/EMQ", "not_a_number"),
        ("/policy/healthy_threshold", "not_a_number"),
    }


def test_an_instant_outside_of_what_can_be_written_is_refused() -> None:
    far = datetime.max.replace(tzinfo=timezone.utc)
    assert stratum.evaluate_health(facts(now=far, data_as_of=far)).computed_at.year == 9999


def test_every_operation_is_listed_and_an_unknown_one_is_answered_with_them() -> None:
    listed = [operation.name for operation in stratum.operations()]
    assert listed[0] == "health.evaluate" and len(listed) >= 8
    assert all(operation.doc and operation.request_schema for operation in stratum.operations())
    with pytest.raises(stratum.StratumError.Refused) as refused:
        stratum.call("gate.guess", "{}")
    assert places(refused) == {("", "unknown_operation")}
    assert all(name in refused.value.problems[0].help for name in listed)


def resident_kb() -> int:
    """What the process holds in memory."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.findall(r"VmRSS:\s*(\d+)", status)[0])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not say what a process holds")
def test_calls_without_end_leave_nothing_behind() -> None:
    request = '{"facts": {"tenant_id": "%s", "platform": "META", "now": "2026-03-01T12:00:00Z"}}' % TENANT

    def batch(times: int) -> None:
        for _ in range(times):
            stratum.evaluate_health(facts())
            stratum.call("health.evaluate", request)
            with pytest.raises(stratum.StratumError.Refused):
                stratum.call("health.evaluate", "{}")

    batch(1_000)  # the first calls fill the caches
    before = resident_kb()
    batch(int(os.environ.get("LEAK_CALLS", "5000")))  # three calls each
    assert resident_kb() - before < 4_096
