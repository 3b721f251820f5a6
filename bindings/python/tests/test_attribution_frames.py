"""Credit over data frames: the same as the call, whatever the layout and the order of the rows."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stratum

# Requests are made of rows here, whose types mypy does not follow.
call: Any = stratum.call
START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def touches(journeys: int) -> list[dict[str, Any]]:
    """The touches of journeys of any length, some of which came to nothing."""
    draw = random.Random(journeys)
    rows = []
    for journey in range(journeys):
        converted = START + timedelta(days=60, minutes=journey) if draw.random() < 0.8 else None
        value = None if converted is None else draw.randrange(-2_000, 100_000)
        for _ in range(draw.randrange(1, 6)):
            rows.append({
                "journey_id": f"j{journey}",
                "channel": draw.choice(["meta", "google", "a channel of a long name", "e-mail é"]),
                "touched_at": START + timedelta(minutes=draw.randrange(60 * 24 * 61)),
                "converted_at": converted,
                "value_cents": value,
            })
    return rows


def called(rows: list[dict[str, Any]], model: str) -> dict[str | None, tuple[int, float]]:
    """What the call says of these rows."""
    journeys: dict[str, Any] = {}
    for position, row in enumerate(rows):
        at = row["converted_at"]
        conversion = None if at is None else {"converted_at": at.isoformat(), "value_cents": row["value_cents"]}
        journey = journeys.setdefault(row["journey_id"], {"conversion": conversion, "touches": []})
        journey["touches"].append({"touch_id": f"{position:05}", "channel": row["channel"], "touched_at": row["touched_at"].isoformat()})
    answer = call("attribution.rules", {"models": [model], "journeys": list(journeys.values())})
    return {credit["channel"]: (credit["value_cents"], credit["conversions"]) for credit in answer["models"][0]["credits"]}


def over(frame: Any, model: Any, **more: Any) -> dict[str | None, tuple[int, float]]:
    table = pa.table(stratum.attribution.rules(frame, [model], **more))
    return dict(zip(table["channel"].to_pylist(), zip(table["value_cents"].to_pylist(), table["conversions"].to_pylist())))


@pytest.mark.parametrize("model", ["last_touch", "linear", "position_based", "time_decay", "w_shaped"])
def test_every_maker_and_order_gives_what_the_call_gives(model: Any) -> None:
    rows = touches(120)
    expected = called(rows, model)
    mixed = sorted(rows, key=lambda row: row["touched_at"].minute)
    for frame in (pl.from_dicts(rows), pd.DataFrame(rows), pa.Table.from_pylist(mixed), pl.from_dicts(mixed)):
        assert over(frame, model) == expected
    renamed = pl.from_dicts(rows).rename({"journey_id": "path", "value_cents": "revenue"})
    assert over(renamed, model, journey_id="path", value_cents="revenue") == expected


def test_parts_of_the_journeys_sum_to_the_whole_to_the_bit() -> None:
    frame = pl.from_dicts(touches(90))
    whole = ["model", "channel", "conversion_billionths", "value_cents"]
    parts = [frame.filter(pl.col("journey_id").hash(seed=1) % 3 == part) for part in range(3)]
    credits = pl.concat([pl.DataFrame(stratum.attribution.rules(part)).select(whole).cast({"model": pl.String}) for part in parts])
    summed = credits.group_by("model", "channel").sum().sort("model", "channel")
    expected = pl.DataFrame(stratum.attribution.rules(frame)).select(whole).cast({"model": pl.String})
    assert summed.equals(expected.sort("model", "channel"))


def test_a_journey_of_two_conversions_is_refused() -> None:
    frame = pa.table({
        "journey_id": [1, 1], "channel": ["a", "b"], "touched_at": [1, 2], "converted_at": [3, 4], "value_cents": [1, 1],
    })
    with pytest.raises(stratum.StratumError, match="different conversions"):
        stratum.attribution.rules(frame)
