"""Paths as a Sankey diagram: which channel led to which, and on to a conversion or to none."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ._canvas import GREY, PASS, axes, colour, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

CONVERSION, NOTHING, MORE = "conversion", "no conversion", "…"
Node = tuple[int, str]


def paths(
    rows: Sequence[Mapping[str, Any]],
    *,
    steps: int = 5,
    ax: Axes | None = None,
) -> Axes:
    """Draw paths such as the ``top_paths`` of ``attribution.paths``: each row has ``channels`` (in order) and ``conversions``.

    A row may have ``journeys``, of which those beyond ``conversions`` came to nothing. Of longer paths the first
    ``steps - 1`` channels and the last one are drawn. A band is as wide as many journeys took it.
    """
    flows = count(rows, steps)
    if not flows:
        raise ValueError("there is nothing to draw: no journey has a channel")
    ax = axes(ax, 2 + 1.7 * (1 + max(node[0] for pair in flows for node in pair)), 4.5)
    heights: Counter[Node] = Counter()
    for node in {node for pair in flows for node in pair}:
        flows_in = sum(amount for (_, into), amount in flows.items() if into == node)
        flows_out = sum(amount for (out, _), amount in flows.items() if out == node)
        heights[node] = max(flows_in, flows_out)
    channels = sorted({name for _, name in heights} - {CONVERSION, NOTHING, MORE})
    shades = {name: colour(place) for place, name in enumerate(channels)} | {CONVERSION: PASS, NOTHING: GREY, MORE: GREY}
    tops = stack(heights)
    draw_bands(ax, flows, tops, shades)
    draw_nodes(ax, heights, tops, shades)
    ax.set_axis_off()
    return ax


def count(rows: Sequence[Mapping[str, Any]], steps: int) -> Counter[tuple[Node, Node]]:
    """How many journeys went from which channel at which step to which."""
    flows: Counter[tuple[Node, Node]] = Counter()
    for row in rows:
        names = [str(name) for name in row["channels"]]
        if len(names) > steps:
            names = [*names[: steps - 1], MORE, names[-1]]
        converted = row["conversions"]
        ends = ((CONVERSION, converted), (NOTHING, row.get("journeys", converted) - converted))
        for end, journeys in ends:
            if names and journeys > 0:
                # The ends stand in one column, whatever the length of the path.
                nodes = [*enumerate(names), (steps + 1, end)]
                for pair in zip(nodes, nodes[1:]):
                    flows[pair] += journeys
    return flows


def stack(heights: Mapping[Node, float]) -> dict[Node, tuple[float, float]]:
    """Where each node stands: its column, and its upper edge."""
    places = {column: place for place, column in enumerate(sorted({column for column, _ in heights}))}
    total = max(sum(height for (column, _), height in heights.items() if column == at) for at in places)
    tops: dict[Node, tuple[float, float]] = {}
    for at, place in places.items():
        top = 0.0
        for node in sorted((node for node in heights if node[0] == at), key=lambda node: (-heights[node], node[1])):
            tops[node] = (place, top)
            top += heights[node] + 0.04 * total
    return tops


def draw_bands(
    ax: Axes, flows: Mapping[tuple[Node, Node], float], tops: Mapping[Node, tuple[float, float]], shades: Mapping[str, str]
) -> None:
    """A band for each flow, those that leave a node below each other in the order of where they go."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    used_out: Counter[Node] = Counter()
    used_in: Counter[Node] = Counter()
    for (out, into), wide in sorted(flows.items(), key=lambda flow: (tops[flow[0][0]], tops[flow[0][1]])):
        x0, y0 = tops[out][0] + 0.06, tops[out][1] + used_out[out]
        x1, y1 = tops[into][0] - 0.06, tops[into][1] + used_in[into]
        used_out[out] += wide  # type: ignore[assignment]
        used_in[into] += wide  # type: ignore[assignment]
        half = (x0 + x1) / 2
        corners = [(x0, y0), (half, y0), (half, y1), (x1, y1), (x1, y1 + wide), (half, y1 + wide), (half, y0 + wide), (x0, y0 + wide)]
        codes = [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
        ax.add_patch(PathPatch(Path([*corners, (x0, y0)], [*codes, Path.CLOSEPOLY]), facecolor=shades[out[1]], alpha=0.35, linewidth=0))


def draw_nodes(
    ax: Axes, heights: Mapping[Node, float], tops: Mapping[Node, tuple[float, float]], shades: Mapping[str, str]
) -> None:
    """A bar for each channel at each step, with its name and how many journeys came by."""
    from matplotlib.patches import Rectangle

    for node, (place, top) in tops.items():
        ax.add_patch(Rectangle((place - 0.06, top), 0.12, heights[node], color=shades[node[1]]))
        ax.annotate(f"{node[1]}\n{shown(heights[node])}", (place + 0.08, top + heights[node] / 2), va="center", fontsize=8)
    ax.set_xlim(-0.1, max(place for place, _ in tops.values()) + 0.8)
    ax.set_ylim(max(top + heights[node] for node, (_, top) in tops.items()) * 1.02, -0.02)
