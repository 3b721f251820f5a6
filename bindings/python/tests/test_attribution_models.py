"""Attribution that learns, over frames: the same as the calls by row, and the same for every partition, to the last bit."""

from __future__ import annotations

import pickle
import random
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

import stratum

call: Any = stratum.call
CHANNELS = ["meta", "google", "email", "مرحبا", "direct"]


def journeys(number: int) -> list[dict[str, Any]]:
    """Journeys of one to six touches, a part of which convert."""
    draw = random.Random(number)
    return [
        {
            "path": [draw.choice(CHANNELS) for _ in range(draw.randint(1, 6))],
            "conversions": int(draw.random() < 0.4),
            "value_cents": draw.randrange(9_000),
        }
        for _ in range(number)
    ]


def touches(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """A touch a row; the value stands in the first row of a journey alone."""
    return pl.DataFrame(
        [
            {
                "journey_id": f"j{number}",
                "channel": channel,
                "touched_at": place * 1_000 + number,
                "conversions": row["conversions"],
                "value_cents": row["value_cents"] * row["conversions"] if place == 0 else None,
            }
            for number, row in enumerate(rows)
            for place, channel in enumerate(row["path"])
        ],
        infer_schema_length=None,
    )


def paths(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same as a request has them."""
    return [
        {
            "path": row["path"],
            "conversions": row["conversions"],
            "nulls": 1 - row["conversions"],
            "value_cents": row["value_cents"] * row["conversions"],
        }
        for row in rows
    ]


@pytest.mark.parametrize("order", [1, 2, 3])
def test_columns_say_what_the_call_by_row_says(order: int) -> None:
    rows = journeys(300)
    frame = touches(rows)
    expected = call("attribution.markov", {"order": order, "paths": paths(rows)})["channels"]
    shuffled = frame.sample(fraction=1, shuffle=True, seed=4)
    for given in (frame, shuffled, frame.with_columns(pl.col("channel").cast(pl.Categorical)), frame.to_arrow()):
        found = pl.DataFrame(stratum.attribution.markov(given, order=order))
        assert found.to_dicts() == expected
    found = pl.DataFrame(stratum.attribution.shapley(shuffled))
    expected = call("attribution.shapley", {"paths": paths(rows)})["channels"]
    assert found["weight"].to_list() == [channel["weight"] for channel in expected]
    assert found["value_cents"].to_list() == [channel["value_cents"] for channel in expected]


def test_any_partition_merges_to_the_same_bytes_and_answers() -> None:
    rows = journeys(200)
    whole = stratum.attribution.PathCounts()
    whole.add(touches(rows))
    for parts in (2, 7):
        states = []
        for part in range(parts):
            state = stratum.attribution.PathCounts()
            state.add(touches(rows[part::parts]))
            states.append(state.to_bytes())
        merged = stratum.attribution.PathCounts()
        for written in reversed(states):
            merged.merge(stratum.attribution.PathCounts.from_bytes(written))
        assert merged == whole
        assert merged.to_bytes() == whole.to_bytes()
        assert merged.markov(order=2) == whole.markov(order=2)
        assert merged.shapley(intervals={"resamples": 30, "seed": 1}) == whole.shapley(intervals={"resamples": 30, "seed": 1})
    assert pickle.loads(pickle.dumps(whole)) == whole
    merged.subtract(whole)
    assert len(merged) == 0


def test_what_a_journey_cannot_be_is_refused() -> None:
    frame = pl.DataFrame({"journey_id": [1, 1, 2], "channel": ["a", "b", ""], "conversions": [1, 0, 0]})
    with pytest.raises(stratum.StratumError) as refused:
        stratum.attribution.markov(frame)
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [("/channel/2", "empty_channel")]
    with pytest.raises(stratum.StratumError) as refused:
        stratum.attribution.markov(frame.head(2))
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [("/conversions/1", "contradictory")]
    with pytest.raises(stratum.StratumError) as refused:
        stratum.attribution.PathCounts.from_bytes(b"SPC1\xff")
    assert [problem.code for problem in refused.value.problems] == ["damaged_state"]
    counts = stratum.attribution.PathCounts()
    with pytest.raises(stratum.StratumError):
        counts.add_path(["a", ""], conversions=1)
    counts.add_path(["a"], conversions=1, value_cents=5)
    assert repr(counts) == "PathCounts(1 paths, 1 journeys)"


def test_a_game_is_a_column() -> None:
    gloves = pa.table({"worth": [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]})
    assert stratum.attribution.shapley_of_table(gloves) == [1 / 6, 1 / 6, 4 / 6]
