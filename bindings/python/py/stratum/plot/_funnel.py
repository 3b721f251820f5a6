"""A funnel: how many people came as far as each step, and where they stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._canvas import GREY, axes, bare, colour, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes


def funnel(evaluation: Mapping[str, Any], *, ax: Axes | None = None) -> Axes:
    """Draw the answer of ``funnel.evaluate``: a bar for each step, with who came as far and who stopped before."""
    steps = evaluation["steps"]
    if not steps:
        raise ValueError("there is nothing to draw: the funnel has no steps")
    ax = axes(ax, 7, 0.8 + 0.7 * len(steps))
    counts = [step["count"] for step in steps]
    places = range(len(steps))
    names = [step["name"] or step["event_name"] or f"{step['step']} steps" for step in steps]
    ax.barh(places, [max(counts)] * len(steps), color=GREY, alpha=0.15)
    ax.barh(places, counts, color=colour(0))
    for place, step in zip(places, steps):
        text = shown(step["count"])
        if step["conversion_rate"] is not None:
            text += f"  ·  {100 * step['conversion_rate']:.1f} %"
        if step["drop_off_count"]:
            text += f"  ·  {shown(step['drop_off_count'])} stopped before"
        ax.annotate(text, (0, place), xytext=(6, 0), textcoords="offset points", va="center", color="black",
                    bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "alpha": 0.75, "edgecolor": "none"})
    ax.set_yticks(places, names)
    ax.invert_yaxis()
    ax.set_xlabel("people")
    ax.xaxis.set_major_formatter(lambda number, _: shown(number))
    bare(ax, "top", "right", "left")
    return ax
