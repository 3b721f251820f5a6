"""Credit by rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Union

from .._native import Columns
from ..cdp._door import Progress, run

__all__ = ["RuleModel", "rules"]

RuleModel = Union[
    Literal["last_touch"],
    Literal["first_touch"],
    Literal["linear"],
    Literal["position_based"],
    Literal["time_decay"],
    Literal["w_shaped"],
]


def rules(
    frame: Any,
    models: Sequence[RuleModel] | None = None,
    *,
    journey_id: str | None = None,
    channel: str | None = None,
    touched_at: str | None = None,
    converted_at: str | None = None,
    value_cents: str | None = None,
    campaign: str | None = None,
    kind: str | None = None,
    lead: str | None = None,
    half_life_days: float = 7,
    weights: bool = False,
    progress: Progress = False,
) -> Columns:
    """Credit the touches of journeys by rules, all six models if none are named.

    The frame holds touches, a row each, in any order: ``journey_id``, ``channel``, ``touched_at``, and what their journey led to,
    the same in each of its rows: ``converted_at`` (null if it led to nothing) and ``value_cents``, below 0 for a refund. A row
    without a channel is no touch; a journey without a touch is one such row. ``kind`` says ``"click"`` or ``"view"``;
    ``campaign`` tells campaigns apart; ``lead`` is true for the touch that made the person a lead, which ``w_shaped`` reads (the
    first of a journey; the middle touch where there is none). Touches after the conversion do not count; windows are for the
    caller to apply. The same frame goes to :func:`markov`, :func:`shapley` and :class:`PathCounts`.

    The answer has a row for each model and channel, and one without a channel for what no touch led to: ``conversions`` and
    ``value_cents``, which sum to all conversions and, to the cent, to all revenue. ``conversion_billionths`` says the former in
    whole numbers: summed over parts of the journeys both are, to the bit, those of the whole. With ``weights``
    the table ``tables["weights"]`` has a column for each model and a row for each row of the frame.
    """
    options: dict[str, Any] = {"settings": {"half_life_days": half_life_days}, "weights": weights}
    if models is not None:
        options["models"] = list(models)
    names = {
        "journey_id": journey_id,
        "channel": channel,
        "touched_at": touched_at,
        "converted_at": converted_at,
        "value_cents": value_cents,
        "campaign": campaign,
        "kind": kind,
        "lead": lead,
    }
    return run("attribution.rules", frame, options, names=names, progress=progress)
