"""Facts that the tests share."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

import stratum

TENANT = "0198c9a0-0000-7000-8000-000000000001"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
FULL: dict[str, float | None] = {
    "EMQ": 90.0,
    "API_HEALTH": 95.0,
    "EVENT_LOSS": 95.0,
    "PLATFORM_STABILITY": 100.0,
    "DATA_QUALITY": 98.0,
}


def snapshot(**changes: Any) -> stratum.HealthSnapshot:
    """A healthy snapshot of Meta, unless something else is asked for."""
    facts: dict[str, Any] = {
        "tenant_id": TENANT,
        "platform": "META",
        "now": NOW,
        "components": FULL,
        "data_as_of": NOW - timedelta(hours=1),
    }
    return stratum.health.evaluate(**{**facts, **changes})


@pytest.fixture
def healthy() -> stratum.HealthSnapshot:
    """A snapshot that passes."""
    return snapshot()
