"""Signal health over time, on the bands that the trust gate decides by."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Union

from ._canvas import BLOCK, HOLD, PASS, axes, bare

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes

Instant = Union[datetime, str]


def health(
    history: Iterable[tuple[Instant, float | None]],
    *,
    passes_from: float = 70,
    blocked_below: float = 40,
    incidents: Iterable[tuple[Instant, Instant | None]] = (),
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a platform's health, 0 to 100, on the bands of the gate: pass, hold, block.

    ``history`` is instants and scores in any order; ``None`` is an instant at which nothing was measured, and the line has a
    gap there. ``incidents`` are shaded from their opening to their recovery, or to the end if they are still open.
    """
    points = sorted(((instant(at), score) for at, score in history), key=lambda point: point[0])
    if not points:
        raise ValueError("there is nothing to draw: the history is empty")
    ax = axes(ax, 8, 3.2)
    for low, high, shade, verdict in (
        (passes_from, 100, PASS, "pass"),
        (blocked_below, passes_from, HOLD, "hold"),
        (0, blocked_below, BLOCK, "block"),
    ):
        ax.axhspan(low, high, color=shade, alpha=0.12, linewidth=0)
        ax.annotate(verdict, (1, (low + high) / 2), xycoords=("axes fraction", "data"), xytext=(4, 0),
                    textcoords="offset points", va="center", color=shade)
    last = points[-1][0]
    for opened, recovered in incidents:
        ax.axvspan(instant(opened), instant(recovered) if recovered else last, color=BLOCK, alpha=0.18, linewidth=0)  # type: ignore[arg-type]
    times = [at for at, _ in points]
    ax.plot(times, [float("nan") if score is None else score for _, score in points], color="black", linewidth=1.6)  # type: ignore[arg-type]
    ax.set_ylim(0, 100)
    ax.set_ylabel("signal health")
    if title:
        ax.set_title(title, loc="left")
    ax.figure.autofmt_xdate()
    bare(ax)
    return ax


def instant(at: Instant) -> datetime:
    """An instant with a time zone, of a datetime or an RFC 3339 text."""
    # Python before 3.11 does not read the Z.
    read = at if isinstance(at, datetime) else datetime.fromisoformat(at.replace("Z", "+00:00"))
    return read if read.tzinfo else read.replace(tzinfo=timezone.utc)
