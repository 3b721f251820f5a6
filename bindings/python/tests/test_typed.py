"""The typed interface of the operations beside health and gate."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import NOW, TENANT, snapshot

import stratum
from stratum.models import (
    ChangeBudget,
    CheckSubject,
    EnforcementFacts,
    EntityBudget,
    Exposure,
    GateFacts,
    LimitFacts,
)

VECTORS = Path(__file__).parents[3] / "tests" / "vectors"


def raise_to(after_cents: int) -> CheckSubject:
    """A campaign's daily budget from 100.00 to something else."""
    return CheckSubject(
        action_type="BUDGET_INCREASE",
        platform="META",
        entity_type="CAMPAIGN",
        entity_id="238512",
        change=ChangeBudget(kind="DAILY", before_cents=10_000, after_cents=after_cents, currency="USD"),
    )


def known(**changes: Any) -> EnforcementFacts:
    """Facts under which exactly 20 % more is allowed."""
    facts: dict[str, Any] = {
        "now": NOW,
        "next_local_midnight": NOW + timedelta(hours=12),
        "currency": "USD",
        "budget": EntityBudget(kind="DAILY", budget_cents=10_000, active=True),
        "campaign": {"spend_cents": 70_000, "revenue_cents": 210_000},
        "exposure": Exposure(impressions=25_000, reach=10_000),
        "changes_today": 0,
    }
    return EnforcementFacts(**{**facts, **changes})


def gate_facts() -> GateFacts:
    """What the gate looks at for the same change."""
    return GateFacts(
        tenant_id=TENANT, action_type="BUDGET_INCREASE", platforms=["META"], snapshots=[snapshot()], now=NOW
    )


def test_exactly_the_cap_is_allowed_and_one_cent_more_says_what_would_be() -> None:
    assert stratum.enforcement.check(change=raise_to(12_000), known=known()).allowed
    refused = stratum.enforcement.check(change=raise_to(12_001), known=known())
    assert (refused.allowed, refused.requires_confirmation, refused.mode) == (False, True, "SOFT_BLOCK")
    [violation] = refused.violations
    assert (violation.type, violation.kind) == ("BUDGET_EXCEEDED", "DAILY_INCREASE")
    assert violation.allowed_max_cents == 12_000


def test_an_instant_from_which_it_is_allowed_is_a_datetime() -> None:
    facts = known(last_change_at=NOW - timedelta(hours=1))
    refused = stratum.enforcement.check(change=raise_to(11_000), known=facts)
    assert [violation.allowed_from for violation in refused.violations] == [NOW + timedelta(hours=3)]


def test_a_stricter_policy_is_obeyed_and_a_wrong_one_refused_with_every_problem() -> None:
    policy = stratum.EnforcementSettings(max_daily_budget_increase_pct=10, default_mode="HARD_BLOCK")
    assert stratum.enforcement.check(change=raise_to(11_001), known=known(), policy=policy).mode == "HARD_BLOCK"
    with pytest.raises(stratum.StratumError) as refused:
        wrong = stratum.EnforcementSettings(max_daily_budget_increase_pct=101, roas_lookback_days=0)
        stratum.enforcement.check(change=raise_to(1), known=known(), policy=wrong)
    assert [problem.path for problem in refused.value.problems] == [
        "/policy/max_daily_budget_increase_pct",
        "/policy/roas_lookback_days",
    ]


def test_a_decision_is_recorded_and_replayed_and_a_changed_record_is_found() -> None:
    limits = LimitFacts(change=raise_to(12_000), known=known())
    answer = stratum.decision.evaluate(gate=gate_facts(), limits=limits)
    assert (answer.decision, answer.executes) == ("PASS", True)
    assert answer.gate.evaluated_at == NOW
    assert answer.gate.reasons[0].code == "OK"

    assert stratum.decision.replay(answer.record).identical
    stored = json.loads(json.dumps(answer.record.to_dict()))
    assert stratum.decision.replay(stored).identical
    stored["facts"]["limits"]["change"]["change"]["after_cents"] = 11_000
    with pytest.raises(stratum.StratumError) as refused:
        stratum.decision.replay(stored)
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        ("/record/facts", "digest_mismatch")
    ]


def test_without_limits_no_action_executes() -> None:
    answer = stratum.decision.evaluate(gate=gate_facts())
    assert (answer.decision, answer.executes, answer.enforcement) == ("PASS", False, None)
    assert [refusal.code for refusal in answer.refusals.not_evaluated] == ["NOT_CHECKED"]


def test_a_chain_is_whole_until_a_byte_of_it_changes() -> None:
    records = json.loads((VECTORS / "audit" / "chain.json").read_text(encoding="utf-8"))["records"]
    start = stratum.audit.genesis(records[0]["entry"]["tenant_id"])
    whole = stratum.audit.verify(records, after=start)
    assert (whole.ok, whole.checked, whole.head_seq) == (True, len(records), len(records))
    records[1]["entry"]["request_id"] = "req-9"
    broken = stratum.audit.verify(records, after=start)
    assert (broken.ok, broken.first_bad_seq, broken.cause) == (False, 2, "HASH")


def test_an_event_is_scored_and_what_could_not_be_used_is_named() -> None:
    event = {
        "event_name": "Purchase",
        "event_time": NOW - timedelta(seconds=10),
        "identifiers": [{"type": "email", "value": "jane@shop.example"}, {"type": "anonymous_id", "value": "v-91"}],
        "properties": {"order_id": "A-17", "total": 42.5, "currency": "USD", "items": [{"sku": "S-1"}]},
        "context": {
            "user_agent": "Mozilla/5.0",
            "ip": "203.0.113.7",
            "page": {"url": "https://shop.example/thanks"},
            "campaign": {"source": "newsletter"},
        },
    }
    scored = stratum.emq.event(event, received_at=NOW)
    assert (scored.score, scored.band, scored.warnings) == (88.0, "EXCELLENT", [])
    assert scored.factors.identifier_quality == 70.0
    with pytest.raises(stratum.StratumError) as refused:
        stratum.emq.event({**event, "event_time": NOW + timedelta(hours=1)}, received_at=NOW)
    assert [problem.code for problem in refused.value.problems] == ["event_time_in_future"]


def test_events_are_scored_in_columns() -> None:
    frame = pl.DataFrame(
        {
            "completeness": [100.0, 100.0, 100.0],
            "latency_s": [10.0, 10.0, -301.0],
            "email": [True, False, True],
            "anonymous_id": [True, False, False],
            "user_agent": [True, False, False],
            "client_ip": [True, False, False],
            "campaign": [True, False, False],
            "page": [True, False, False],
        }
    )
    out = pl.DataFrame(stratum.emq.score_frame(frame))
    assert out["score"].to_list() == [88.0, None, None]
    assert out["band"].cast(pl.String).to_list() == ["EXCELLENT", None, None]
    assert out["refusal"].cast(pl.String).to_list() == [None, "NO_VALID_IDENTIFIER", "EVENT_TIME_IN_FUTURE"]


def test_a_platform_is_scored_with_what_would_help_most() -> None:
    measurements = {"events_browser": 900, "events_server": 1_000, "events_matched": 800, "data_age_hours": 1.0}
    scored = stratum.emq.platform(measurements, platform="META")
    assert scored.score == 34.0
    assert scored.confidence_band == "UNSAFE"
    assert scored.playbook[0].priority in ("CRITICAL", "HIGH")


def test_models_show_their_fields_and_know_their_defaults() -> None:
    policy = stratum.TrustPolicy(preset="FOUR", healthy_threshold=80)
    assert repr(policy).startswith("TrustPolicy(cdp_blend=False, degraded_threshold=40.0, healthy_threshold=80,")
    assert stratum.Gate(policy).threshold("PAUSE_CAMPAIGN") == 80.0
    assert stratum.TrustPolicy.from_dict(policy.to_dict()) == policy
    assert stratum.Gate(stratum.TrustPolicy()).policy == stratum.Gate().policy
    with pytest.raises(AttributeError):
        policy.preset = "FIVE"  # type: ignore[misc]


def test_facts_come_back_from_their_dicts_as_the_classes_they_were() -> None:
    limits = LimitFacts(change=raise_to(12_000), known=known(campaign=None))
    again = LimitFacts.from_dict(limits.to_dict())
    assert isinstance(again.change.change, ChangeBudget)
    assert again.to_dict() == limits.to_dict()
