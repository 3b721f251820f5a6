"""A policy tried on the past before it is switched on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._native import call
from .models import BacktestComparison, BacktestRun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .models import BacktestPolicy, DecisionRecord, PastHealth
    from .types import GateSubject, Platform

__all__ = ["compare", "run"]


def run(
    history: Mapping[Platform, Sequence[PastHealth | Mapping[str, Any]]] | None = None,
    *,
    policy: BacktestPolicy | Mapping[str, Any] | None = None,
    action_types: Sequence[GateSubject] = ("BUDGET_INCREASE",),
    records: Sequence[DecisionRecord | Mapping[str, Any]] = (),
) -> BacktestRun:
    """Try a policy on the health of past days and on recorded decisions.

    ``history`` holds for each platform a point for each day or hour, with ``timestamp`` and ``components`` at least. It
    is tried on the gate alone; ``records`` are decided again with their limits.
    """
    request = _past(history, action_types, records)
    if policy is not None:
        request["policy"] = policy
    return BacktestRun.from_dict(call("backtest.run", request))


def compare(
    proposed: BacktestPolicy | Mapping[str, Any],
    history: Mapping[Platform, Sequence[PastHealth | Mapping[str, Any]]] | None = None,
    *,
    current: BacktestPolicy | Mapping[str, Any] | None = None,
    action_types: Sequence[GateSubject] = ("BUDGET_INCREASE",),
    records: Sequence[DecisionRecord | Mapping[str, Any]] = (),
) -> BacktestComparison:
    """Try two policies on the same past: what each would have said, and every verdict that differs."""
    request = _past(history, action_types, records)
    request["proposed"] = proposed
    if current is not None:
        request["current"] = current
    return BacktestComparison.from_dict(call("backtest.compare", request))


def _past(history: Mapping[Platform, Any] | None, action_types: object, records: object) -> dict[str, Any]:
    platforms = [{"platform": platform, "points": points} for platform, points in (history or {}).items()]
    return {"history": platforms, "action_types": action_types, "records": records}
