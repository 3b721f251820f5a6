"""Signal health: how far the signals of a platform can be trusted, 0 to 100."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._native import Columns, HealthSnapshot, call_frame, evaluate_health

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from .models import Measurements, TrustPolicy
    from .types import Platform

__all__ = ["evaluate", "score_frame"]


def evaluate(
    *,
    tenant_id: str | UUID,
    platform: Platform,
    now: datetime | str,
    components: Mapping[str, float | None] | None = None,
    measurements: Measurements | Mapping[str, Any] | None = None,
    data_as_of: datetime | str | None = None,
    snapshot_id: str | UUID | None = None,
    policy: TrustPolicy | Mapping[str, Any] | None = None,
) -> HealthSnapshot:
    """Evaluate the signal health of one platform.

    ``components`` are scores of 0 to 100 that you have already (None: not measured); ``measurements`` are raw figures
    from which components are scored. What is missing counts 0: nothing is imputed.
    """
    facts = {
        "tenant_id": tenant_id,
        "platform": platform,
        "now": now,
        "components": components,
        "measurements": measurements,
        "data_as_of": data_as_of,
        "snapshot_id": snapshot_id,
    }
    request: dict[str, Any] = {"facts": {name: fact for name, fact in facts.items() if fact is not None}}
    if policy is not None:
        request["policy"] = policy
    return evaluate_health(request)


def score_frame(frame: Any, policy: TrustPolicy | Mapping[str, Any] | None = None) -> Columns:
    """Score every row of a data frame: one column for each component, named ``EMQ``, ``API_HEALTH``, … in any case.

    Missing values (null, NaN) count as missing components. Gives the columns ``score``, ``status``, ``coverage_pct``.
    """
    return call_frame("health.evaluate", frame, policy)
