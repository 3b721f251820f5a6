"""The models that learn from all journeys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._native import Columns
from ..cdp._door import Progress, run

__all__ = ["markov", "shapley"]


def markov(
    frame: Any,
    *,
    order: int = 1,
    journey_id: str | None = None,
    channel: str | None = None,
    touched_at: str | None = None,
    conversions: str | None = None,
    value_cents: str | None = None,
    intervals: Mapping[str, Any] | None = None,
    progress: Progress = False,
) -> Columns:
    """Find what each channel has earned by what would be lost without it: removal effects of a Markov chain, solved exactly.

    The frame holds touches, in any order: ``journey_id``, ``channel``, ``touched_at`` (without it the touches of a journey are
    in the order of their rows), and of the journey ``conversions`` (0 for one that led to none) and ``value_cents``, in each
    of its rows or in one of them. The answer has a row for each channel: ``removal_effect``, ``weight``, ``conversions`` and
    ``value_cents``, which add up to those of the journeys; ``tables["summary"]`` has the chance of a conversion and the size of
    the chain. ``intervals={"resamples": 200, "seed": 1}`` adds bootstrap intervals of the weights.
    """
    names = _names(journey_id, channel, touched_at, conversions, value_cents)
    options = {"order": order, "intervals": intervals}
    return run("attribution.markov", frame, options, names=names, progress=progress)


def shapley(
    frame: Any,
    *,
    journey_id: str | None = None,
    channel: str | None = None,
    touched_at: str | None = None,
    conversions: str | None = None,
    value_cents: str | None = None,
    intervals: Mapping[str, Any] | None = None,
    progress: Progress = False,
) -> Columns:
    """Find what each channel adds, averaged over every order in which channels could have joined; exact for any number of them.

    The frame is that of :func:`markov`. The answer has a row for each channel: ``weight``, ``conversions`` and
    ``value_cents``.
    """
    names = _names(journey_id, channel, touched_at, conversions, value_cents)
    return run("attribution.shapley", frame, {"intervals": intervals}, names=names, progress=progress)


def _names(
    journey_id: str | None,
    channel: str | None,
    touched_at: str | None,
    conversions: str | None,
    value_cents: str | None,
) -> dict[str, str | None]:
    return {
        "journey_id": journey_id,
        "channel": channel,
        "touched_at": touched_at,
        "conversions": conversions,
        "value_cents": value_cents,
    }
