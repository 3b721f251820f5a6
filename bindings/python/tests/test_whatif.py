"""What would happen if: another budget, better matching, another policy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conftest import FULL, NOW
from test_typed import gate_facts, known, raise_to

import stratum
from stratum.models import BacktestPolicy, DailyFigures, LimitFacts, PastHealth


def test_a_simulation_says_what_another_budget_would_bring_and_which_is_best() -> None:
    days = [
        DailyFigures(spend_cents=10_000, revenue_cents=40_000, conversions=8, clicks=150, impressions=20_000)
    ] * 28
    answer = stratum.whatif.simulate(days, budget_change_pct=100, horizon_days=10, contribution_margin=0.36)
    assert answer.predicted is not None
    assert (answer.predicted.revenue_cents, answer.predicted.roas) == (672_717, 3.363585661)
    assert answer.flags == ["assumed", "extrapolation"]
    assert answer.elasticity.revenue.beta == 0.75
    assert [scenario.budget_change_pct for scenario in answer.scenarios] == [-50, -25, 0, 25, 50, 100]
    assert answer.recommended_change_pct == 25
    with pytest.raises(stratum.StratumError) as refused:
        stratum.whatif.simulate(days[1:], budget_change_pct=300)
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        ("/days", "insufficient_data"),
        ("/budget_change_pct", "out_of_range"),
    ]


def test_better_matching_is_estimated() -> None:
    facts: dict[str, Any] = {
        "monthly_spend_cents": 5_000_000,
        "roas": 3,
        "contribution_margin": 0.4,
        "hours_saved": 20,
        "hour_cost_cents": 5_000,
        "monthly_fee_cents": 200_000,
        "setup_cost_cents": 500_000,
    }
    answer = stratum.whatif.roi(match_rate=0.6, **facts)
    assert (answer.recovered_revenue_cents, answer.roi_pct) == (6_250_000, 1200.0)
    assert answer.flags == ["estimate"]
    assert stratum.whatif.roi(match_rate=None, **facts).flags == ["estimate", "not_defined"]


def test_two_policies_are_compared_on_past_days() -> None:
    scores = [92.0, 74.0, 66.0]
    points = [
        PastHealth(timestamp=NOW + timedelta(days=day), components=dict.fromkeys(FULL, score))
        for day, score in enumerate(scores)
    ]
    proposed = BacktestPolicy(trust=stratum.TrustPolicy(healthy_threshold=80))
    answer = stratum.backtest.compare(proposed, {"META": points})
    assert (answer.current.executed, answer.proposed.executed) == (2, 1)
    assert (answer.executed_but_would_be_held, answer.held_but_would_be_executed) == (1, 0)
    [change] = answer.changes
    assert (change.from_, change.to, change.timestamp) == ("PASS", "HOLD", NOW + timedelta(days=1))
    assert change.reasons == ["HEALTH_BELOW_THRESHOLD"]

    paused = stratum.backtest.run({"META": points}, policy=proposed, action_types=["PAUSE_CAMPAIGN", "BID_INCREASE"])
    assert (paused.executed, paused.held, len(paused.verdicts), paused.records) == (2, 4, 6, None)


def test_recorded_decisions_are_tried_by_another_policy() -> None:
    record = stratum.decision.evaluate(
        gate=gate_facts(), limits=LimitFacts(change=raise_to(12_000), known=known())
    ).record
    stricter = {"trust": {"healthy_threshold": 99}}
    answer = stratum.backtest.run(policy=stricter, records=[record])
    assert answer.records is not None
    [changed] = answer.records.changed
    assert (changed.from_, changed.to, changed.budget_cents) == ("PASS", "HOLD", 2_000)
