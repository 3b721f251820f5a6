"""Event match quality (EMQ): how well events can be matched to people, 0 to 100."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._native import Columns, call, call_frame
from .models import EventEmqResponse, PlatformEmq

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from .models import DailyScore, DriverMeasurements, DriverWeights, RoasFacts
    from .types import Event, Platform

__all__ = ["event", "platform", "score_frame"]


def event(event: Event | Mapping[str, Any], *, received_at: datetime | str) -> EventEmqResponse:
    """Score how well one event can be matched to a person."""
    return EventEmqResponse.from_dict(call("emq.event", {"event": event, "received_at": received_at}))


def platform(
    measurements: DriverMeasurements | Mapping[str, Any],
    *,
    platform: Platform | None = None,
    previous: Mapping[str, float] | None = None,
    weights: DriverWeights | Mapping[str, float] | None = None,
    history: Sequence[DailyScore | Mapping[str, Any]] | None = None,
    roas: RoasFacts | Mapping[str, Any] | None = None,
) -> PlatformEmq:
    """Score what an ad platform makes of the events, from five measured drivers, and list what would help most."""
    request = {
        "measurements": measurements,
        "platform": platform,
        "previous": previous,
        "weights": weights,
        "history": history,
        "roas": roas,
    }
    given = {name: part for name, part in request.items() if part is not None}
    return PlatformEmq.from_dict(call("emq.platform", given))


def score_frame(frame: Any) -> Columns:
    """Score every row of a data frame of events: ``completeness``, ``latency_s`` and a flag for each identifier and signal.

    The flags are ``email``, ``phone``, ``external_id``, ``device_id``, ``anonymous_id``, ``click_id``, ``user_agent``,
    ``client_ip``, ``campaign`` and ``page``; one without a column counts as false. Gives the columns ``score``, ``band``
    and ``refusal`` (why an event has no score).
    """
    return call_frame("emq.event", frame)
