"""The identity graph: which identifiers are one person, and by which events."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ._canvas import GREY, axes, colour

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

TYPES = ("external_id", "email", "phone", "device_id", "anonymous_id")
Point = tuple[float, float]


def identity_graph(graph: Mapping[str, Any], *, show_values: bool = False, ax: Axes | None = None) -> Axes:
    """Draw the answer of ``identity.graph``: a dot for each identifier, a line for what links two.

    A value may name a person, so the dots carry their types alone; ``show_values`` writes the values beside them. The
    layout is that of Fruchterman and Reingold (1991) from a circle, so one graph gives one picture.
    """
    names = [node["identifier"] for node in graph["nodes"]]
    if not names:
        raise ValueError("there is nothing to draw: the graph has no identifiers")
    known = {name: place for place, name in enumerate(names)}
    links = [(known[edge["from"]], known[edge["to"]]) for edge in graph["edges"] if edge["from"] in known and edge["to"] in known]
    points = layout(len(names), links)
    ax = axes(ax, 6, 5)
    for start, end in links:
        ax.plot(*zip(points[start], points[end]), color=GREY, linewidth=1, zorder=1)
    for place, kind in enumerate(TYPES):
        of_kind = [point for name, point in zip(names, points) if type_of(name) == kind]
        if of_kind:
            across, up = zip(*of_kind)
            ax.scatter(across, up, s=120, color=colour(place), label=kind.replace("_", " "), zorder=2)
    ax.scatter([points[0][0]], [points[0][1]], s=260, facecolors="none", edgecolors="black", zorder=3)
    if show_values:
        for name, point in zip(names, points):
            ax.annotate(name.split(":", 1)[-1], point, xytext=(8, 4), textcoords="offset points", fontsize=8)
    ax.legend(frameon=False, fontsize=8)
    ax.set_aspect("equal")
    ax.set_axis_off()
    return ax


def type_of(identifier: str) -> str:
    """``email`` of ``email:jane@shop.test``, ``external_id`` of ``external_id@crm:5``."""
    return identifier.split(":", 1)[0].split("@", 1)[0]


def layout(count: int, links: Sequence[tuple[int, int]], rounds: int = 120) -> list[Point]:
    """Where the dots stand: linked ones draw each other near, all push each other off, and the steps grow smaller."""
    turn = 2 * math.pi / count
    points = [(math.cos(turn * place), math.sin(turn * place)) for place in range(count)]
    if count > 150:
        return points
    wanted = 1.6 / math.sqrt(count)
    for left in range(rounds, 0, -1):
        push = [[0.0, 0.0] for _ in points]
        for a in range(count):
            for b in range(a):
                x, y = points[a][0] - points[b][0], points[a][1] - points[b][1]
                far = math.hypot(x, y) or 1e-9
                force = wanted * wanted / far / far
                for end, sign in ((a, 1), (b, -1)):
                    push[end][0] += sign * force * x
                    push[end][1] += sign * force * y
        for a, b in links:
            x, y = points[a][0] - points[b][0], points[a][1] - points[b][1]
            force = math.hypot(x, y) / wanted
            for end, sign in ((a, -1), (b, 1)):
                push[end][0] += sign * force * x
                push[end][1] += sign * force * y
        most = 0.1 * left / rounds
        moved = []
        for (x, y), (dx, dy) in zip(points, push):
            far = math.hypot(dx, dy) or 1e-9
            step = min(far, most) / far
            moved.append((x + dx * step, y + dy * step))
        points = moved
    return points
