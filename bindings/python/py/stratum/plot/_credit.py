"""Credit by model: what each model says that each channel has earned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ._canvas import axes, bare, colour, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes


def credit(
    comparison: Mapping[str, Any],
    *,
    measure: Literal["value", "conversions"] = "value",
    minor_per_major: int = 100,
    ax: Axes | None = None,
) -> Axes:
    """Draw the answer of ``attribution.compare``: a group of bars for each channel, a bar for each model.

    The channels stand in order of what the first model gives them; what no touch led to stands last. ``minor_per_major`` is
    how many minor units of the currency make a major one: 100 for USD, 1 for JPY, 1000 for KWD.
    """
    rows = list(comparison["channels"])
    if not rows:
        raise ValueError("there is nothing to draw: the comparison has no channels")
    models = [entry["model"] for entry in rows[0]["credits"]]

    def height(row: Mapping[str, Any], model: int) -> float:
        entry = row["credits"][model]
        return float(entry["conversions"]) if measure == "conversions" else entry["value_cents"] / minor_per_major

    rows.sort(key=lambda row: (row["channel"] is None, -height(row, 0)))
    ax = axes(ax, 2.2 + 0.28 * len(rows) * (len(models) + 1), 4.2)
    wide = 1 / (len(models) + 1)
    for place, model in enumerate(models):
        left = [row + wide * (place - (len(models) - 1) / 2) for row in range(len(rows))]
        heights = [height(row, place) for row in rows]
        ax.bar(left, heights, wide * 0.92, color=colour(place), label=model.lower().replace("_", " "))
    ax.set_xticks(range(len(rows)), [label(row) for row in rows])
    ax.set_ylabel("revenue" if measure == "value" else "conversions")
    ax.yaxis.set_major_formatter(lambda number, _: shown(number))
    ax.axhline(0, color="black", linewidth=0.8)
    ax.legend(frameon=False, ncols=min(len(models), 3), loc="lower left", bbox_to_anchor=(0, 1))
    bare(ax)
    return ax


def label(row: Mapping[str, Any]) -> str:
    """A channel and its campaign; ``unattributed`` where no touch led to the conversion."""
    if row["channel"] is None:
        return "unattributed"
    return f"{row['channel']}\n{row['campaign']}" if row.get("campaign") else str(row["channel"])
