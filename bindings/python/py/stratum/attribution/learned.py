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
    converted_at: str | None = None,
    conversions: str | None = None,
    value_cents: str | None = None,
    kind: str | None = None,
    intervals: Mapping[str, Any] | None = None,
    progress: Progress = False,
) -> Columns:
    """Find what each channel has earned by what would be lost without it: removal effects of a Markov chain, solved exactly.

    The frame is that of :func:`rules`: touches, a row each, in any order, with ``journey_id``, ``channel``, ``touched_at``,
    ``converted_at`` (null where the journey led to nothing), ``value_cents``, below 0 for a refund, and ``kind``. A row without a
    channel is no touch, and touches after the conversion do not count.

    Instead of ``converted_at`` it may have ``conversions``: how many the journey led to, 0 for one that led to none, in each of
    its rows or in one of them, as then ``value_cents``; without ``touched_at`` the touches are in the order of their rows. Which
    of the two is read is told by which of them is there; where both are, name the one that is to be read.

    The answer has a row for each channel: ``removal_effect``, ``weight``, ``conversions`` and ``value_cents``, and one without a
    channel for what no touch led to, if there is any; they add up to those of the journeys. ``tables["summary"]`` has the chance
    of a conversion and the size of the chain. ``intervals={"resamples": 200, "seed": 1}`` adds bootstrap intervals of the weights.
    """
    names, unread = _names(journey_id, channel, touched_at, converted_at, conversions, value_cents, kind)
    options = {"order": order, "intervals": intervals}
    return run("attribution.markov", frame, options, names=names, progress=progress, unread=unread)


def shapley(
    frame: Any,
    *,
    journey_id: str | None = None,
    channel: str | None = None,
    touched_at: str | None = None,
    converted_at: str | None = None,
    conversions: str | None = None,
    value_cents: str | None = None,
    kind: str | None = None,
    intervals: Mapping[str, Any] | None = None,
    progress: Progress = False,
) -> Columns:
    """Find what each channel adds, averaged over every order in which channels could have joined; exact for any number of them.

    The frame is that of :func:`markov`. The answer has a row for each channel: ``weight``, ``conversions`` and
    ``value_cents``, and one without a channel for what no touch led to, if there is any.
    """
    names, unread = _names(journey_id, channel, touched_at, converted_at, conversions, value_cents, kind)
    return run("attribution.shapley", frame, {"intervals": intervals}, names=names, progress=progress, unread=unread)


def _names(
    journey_id: str | None,
    channel: str | None,
    touched_at: str | None,
    converted_at: str | None,
    conversions: str | None,
    value_cents: str | None,
    kind: str | None,
) -> tuple[dict[str, str | None], list[str]]:
    """The names that were given, and the column that is not read because the other one was named."""
    names = {
        "journey_id": journey_id,
        "channel": channel,
        "touched_at": touched_at,
        "converted_at": converted_at,
        "conversions": conversions,
        "value_cents": value_cents,
        "kind": kind,
    }
    either = ["converted_at", "conversions"]
    named = [name for name in either if names[name] is not None]
    return names, [name for name in either if name not in named] if named else []
