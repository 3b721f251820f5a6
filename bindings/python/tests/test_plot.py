"""Pictures: what stands in an answer stands in its picture, and nobody's value does unless it is asked for."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import pytest

mpl.use("Agg")

import stratum
import stratum.plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Requests are made of rows here, whose types mypy does not follow.
call: Any = stratum.call
plot: Any = stratum.plot


@pytest.fixture(autouse=True)
def closed() -> Any:
    """No figure stays open behind a test."""
    yield
    from matplotlib import pyplot

    pyplot.close("all")


def svg(ax: Axes) -> str:
    text = io.StringIO()
    figure: Any = ax.figure
    with mpl.rc_context({"svg.fonttype": "none"}):
        figure.savefig(text, format="svg")
    return text.getvalue()


def comparison() -> dict[str, Any]:
    def channel(name: str | None, *cents: int) -> dict[str, Any]:
        credits = [
            {"model": model, "value_cents": value, "conversions": value / 10_000, "difference_pct": None}
            for model, value in zip(("LAST_TOUCH", "LINEAR"), cents)
        ]
        return {"channel": name, "campaign": None, "credits": credits}

    return {"conversions": 3, "value_cents": 60_000, "channels": [channel("meta", 10_000, 25_000), channel("google", 40_000, 25_000), channel(None, 10_000, 10_000)]}


def test_every_model_has_a_bar_for_every_channel() -> None:
    ax = plot.credit(comparison())
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["google", "meta", "unattributed"]
    assert sorted(bar.get_height() for bar in ax.patches) == [100, 100, 100, 250, 250, 400]
    assert "last touch" in svg(ax) and "linear" in svg(ax)
    conversions = plot.credit(comparison(), measure="conversions")
    assert max(bar.get_height() for bar in conversions.patches) == 4


def test_a_funnel_shows_who_came_how_far() -> None:
    answer = call("funnel.evaluate", {
        "funnel": {"steps": [{"event_name": "ProductViewed"}, {"event_name": "Purchase"}]},
        "events": [
            {"profile_id": profile, "event_name": name, "event_time": f"2026-03-01T10:0{minute}:00Z"}
            for minute, (profile, name) in enumerate([("jane", "ProductViewed"), ("omar", "ProductViewed"), ("jane", "Purchase")])
        ],
    })
    ax = plot.funnel(answer)
    assert [bar.get_width() for bar in ax.patches] == [2, 2, 2, 1]
    shown = svg(ax)
    assert "ProductViewed" in shown and "50.0 %" in shown and "1 stopped before" in shown


def test_paths_end_in_a_conversion_or_in_none() -> None:
    ax = plot.paths([{"channels": ["meta", "google"], "conversions": 3, "journeys": 5}, {"channels": list("abcdefg"), "conversions": 2}])
    shown = svg(ax)
    for text in ("meta", "google", "no conversion", "conversion", "…"):
        assert text in shown


def test_the_bands_of_health_are_the_gates_and_gaps_stay_gaps() -> None:
    ax = plot.health([("2026-03-01T10:00:00Z", 82), ("2026-03-01T12:00:00Z", 64), ("2026-03-01T11:00:00Z", None)],
                     incidents=[("2026-03-01T11:00:00Z", None)])
    line = ax.get_lines()[0].get_ydata()
    assert list(line[[0, 2]]) == [82, 64] and line[1] != line[1]
    assert ax.get_ylim() == (0, 100)


def test_the_identity_graph_names_nobody_unless_asked() -> None:
    graph = {
        "nodes": [{"identifier": "external_id:U7", "depth": 0}, {"identifier": "email:jane@shop.test1", "depth": 1}],
        "edges": [{"from": "external_id:U7", "to": "email:jane@shop.test1"}],
        "truncated": False,
    }
    assert "jane" not in svg(plot.identity_graph(graph))
    assert "jane@shop.test1" in svg(plot.identity_graph(graph, show_values=True))


def test_one_graph_gives_one_picture() -> None:
    nodes = [{"identifier": f"anonymous_id:a{n}", "depth": n} for n in range(30)]
    edges = [{"from": f"anonymous_id:a{n}", "to": f"anonymous_id:a{n // 2}"} for n in range(1, 30)]
    first, second = (plot.identity_graph({"nodes": nodes, "edges": edges}).collections[0].get_offsets() for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize(("draw", "answer"), [
    (plot.credit, {"channels": []}),
    (plot.funnel, {"steps": []}),
    (plot.paths, []),
    (plot.health, []),
    (plot.identity_graph, {"nodes": [], "edges": []}),
])
def test_nothing_to_draw_is_said(draw: Any, answer: Any) -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        draw(answer)


def test_a_picture_goes_where_it_is_told() -> None:
    from matplotlib import pyplot

    _, (left, right) = pyplot.subplots(1, 2)
    assert plot.health([("2026-03-01T10:00:00Z", 82)], ax=left) is left
    assert plot.credit(comparison(), ax=right) is right
