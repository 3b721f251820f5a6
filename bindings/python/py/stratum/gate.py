"""The trust gate: may this change run now? PASS, HOLD or BLOCK, with every reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._native import Columns, Gate, GateEvaluation, call_frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .models import TrustPolicy

__all__ = ["evaluate", "evaluate_frame"]


def evaluate(*, policy: TrustPolicy | Mapping[str, Any] | None = None, **facts: Any) -> GateEvaluation:
    """Ask the gate once. The keyword arguments are those of :meth:`stratum.Gate.evaluate`.

    To ask more than once under one policy, make a :class:`stratum.Gate` and keep it.
    """
    return Gate(policy).evaluate(**facts)


def evaluate_frame(frame: Any, policy: TrustPolicy | Mapping[str, Any] | None = None) -> Columns:
    """Ask the gate for every row of a data frame, one change on one platform each.

    Reads ``action_type``, ``score``, ``coverage_pct``, ``snapshot_age_minutes``, ``data_age_hours`` and, where they are
    there, the flags ``frozen``, ``api_down``, ``critical_incident``, ``component_missing``. Gives ``decision``,
    ``reason`` (the one that stands first) and ``reasons`` (all of them). The answers are for analysis.
    """
    return call_frame("gate.evaluate", frame, policy)
