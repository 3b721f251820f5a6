"""What would happen if: a budget changed, or more events were matched to people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._native import call
from .models import Roi, Simulation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .models import DailyFigures

__all__ = ["roi", "simulate"]


def simulate(
    days: Sequence[DailyFigures | Mapping[str, Any]],
    *,
    budget_change_pct: float,
    horizon_days: int = 28,
    contribution_margin: float | None = None,
    roas_threshold: float = 2.0,
    scenarios: Sequence[float] = (-50, -25, 0, 25, 50, 100),
) -> Simulation:
    """Simulate a change of spend of -100 to 200 % from the last 28 complete days.

    A metric becomes ``r ** beta`` times as large when spend becomes ``r`` times as large; ``beta`` is fitted to the days
    where they allow it, else assumed (the flag ``assumed``). Nothing is changed by asking.
    """
    request: dict[str, Any] = {
        "days": days,
        "budget_change_pct": budget_change_pct,
        "horizon_days": horizon_days,
        "contribution_margin": contribution_margin,
        "roas_threshold": roas_threshold,
        "scenarios": scenarios,
    }
    return Simulation.from_dict(call("whatif.simulate", request))


def roi(
    *,
    monthly_spend_cents: int,
    roas: float,
    match_rate: float | None,
    contribution_margin: float,
    monthly_fee_cents: int,
    target_match_rate: float = 0.85,
    hours_saved: float = 0.0,
    hour_cost_cents: int = 0,
    setup_cost_cents: int = 0,
) -> Roi:
    """Estimate what matching more events to people is worth in a month, against what it costs.

    At most half of the attributed revenue counts as recoverable; below a match rate of 0.2 nothing can be said.
    """
    request = {
        "monthly_spend_cents": monthly_spend_cents,
        "roas": roas,
        "match_rate": match_rate,
        "target_match_rate": target_match_rate,
        "contribution_margin": contribution_margin,
        "hours_saved": hours_saved,
        "hour_cost_cents": hour_cost_cents,
        "monthly_fee_cents": monthly_fee_cents,
        "setup_cost_cents": setup_cost_cents,
    }
    return Roi.from_dict(call("whatif.roi", request))
