"""Data frames of every maker, in and out, through the Arrow PyCapsule interface."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stratum

HEALTH = {
    "emq": [80.0, None, 100.0],
    "api_health": [90.0, 90.0, 100.0],
    "event_loss": [90.0, 90.0, 100.0],
    "platform_stability": [100, 100, 100],
    "data_quality": [100.0, 100.0, 100.0],
    "campaign": ["a", "b", "c"],
}
GATE = {
    "action_type": ["BUDGET_INCREASE", "pause_campaign", "AUDIENCE_SYNC", "MAKE_COFFEE"],
    "score": [70.0, 69.9999, 39.9999, 90.0],
    "coverage_pct": [100.0, 100.0, 100.0, 100.0],
    "snapshot_age_minutes": [5.0, 61.0, 5.0, 5.0],
    "data_age_hours": [1.0, None, 1.0, 1.0],
    "frozen": [False, False, True, False],
}


def makers(columns: dict[str, Any]) -> list[Any]:
    """The same columns as frames of every maker."""
    table = pa.table(columns)
    return [
        pl.DataFrame(columns),
        table,
        table.combine_chunks().to_batches()[0],
        pd.DataFrame(columns),
        pl.concat([pl.DataFrame(columns).head(1), pl.DataFrame(columns).tail(-1)], rechunk=False),
    ]


@pytest.mark.parametrize("frame", makers(HEALTH), ids=lambda frame: type(frame).__module__)
def test_health_is_scored_for_the_rows_of_any_frame(frame: Any) -> None:
    columns = stratum.health.score_frame(frame)
    assert columns.names == ["score", "status", "coverage_pct"]
    assert len(columns) == 3
    out = pl.DataFrame(columns)
    assert out["score"].to_list() == [88.5, 60.5, 100.0]
    assert out["status"].cast(pl.String).to_list() == ["HEALTHY", "DEGRADED", "HEALTHY"]
    assert out["coverage_pct"].to_list() == [100.0, 65.0, 100.0]


@pytest.mark.parametrize("frame", makers(GATE), ids=lambda frame: type(frame).__module__)
def test_the_gate_is_asked_for_the_rows_of_any_frame(frame: Any) -> None:
    out = pl.DataFrame(stratum.gate.evaluate_frame(frame))
    assert out["decision"].cast(pl.String).to_list() == ["PASS", "HOLD", "BLOCK", "BLOCK"]
    assert out["reason"].cast(pl.String).to_list() == ["OK", "HEALTH_STALE", "FROZEN", "INVALID_INPUT"]
    reasons = out["reasons"].cast(pl.List(pl.String)).to_list()
    assert reasons[:3] == [
        ["OK"],
        ["HEALTH_STALE", "DATA_STALE", "HEALTH_BELOW_THRESHOLD"],
        ["FROZEN", "HEALTH_UNHEALTHY", "HEALTH_BELOW_THRESHOLD"],
    ]


def test_the_answer_goes_into_any_frame() -> None:
    columns = stratum.gate.evaluate_frame(pl.DataFrame(GATE))
    assert pa.table(columns)["decision"].to_pylist() == ["PASS", "HOLD", "BLOCK", "BLOCK"]
    assert list(pd.DataFrame.from_arrow(columns)["decision"]) == ["PASS", "HOLD", "BLOCK", "BLOCK"]
    assert pl.DataFrame(columns).height == 4
    assert repr(columns) == "Columns(4 rows: decision, reason, reasons)"


def test_categories_of_polars_and_pandas_are_read() -> None:
    frame = pl.DataFrame(GATE).with_columns(pl.col("action_type").cast(pl.Categorical))
    other = pd.DataFrame(GATE).astype({"action_type": "category"})
    for categorical in (frame, other):
        out = pl.DataFrame(stratum.gate.evaluate_frame(categorical))
        assert out["decision"].cast(pl.String).to_list() == ["PASS", "HOLD", "BLOCK", "BLOCK"]


def test_each_row_comes_out_as_the_single_call_gives_it() -> None:
    rng = np.random.default_rng(7)
    names = ["EMQ", "API_HEALTH", "EVENT_LOSS", "PLATFORM_STABILITY", "DATA_QUALITY"]
    columns = {name: np.where(rng.random(200) < 0.2, np.nan, rng.random(200) * 100) for name in names}
    scored = pl.DataFrame(stratum.health.score_frame(pl.DataFrame(columns)))["score"].to_list()
    for row in range(200):
        components = {name: None if np.isnan(values[row]) else float(values[row]) for name, values in columns.items()}
        single = stratum.health.evaluate(
            tenant_id="0198c9a0-0000-7000-8000-000000000001",
            platform="META",
            now="2026-03-01T12:00:00Z",
            components=components,
        )
        assert single.score == scored[row]


def test_an_empty_frame_gives_an_empty_answer() -> None:
    frame = pl.DataFrame(HEALTH).clear()
    assert pl.DataFrame(stratum.health.score_frame(frame)).shape == (0, 3)
    assert pl.DataFrame(stratum.health.score_frame(pa.table(HEALTH).slice(0, 0))).shape == (0, 3)


@pytest.mark.parametrize("thing", [7, {"EMQ": [1.0]}, [1, 2], pl.LazyFrame(HEALTH)])
def test_what_is_no_data_frame_is_told_what_one_is(thing: Any) -> None:
    with pytest.raises(TypeError, match="polars DataFrame"):
        stratum.health.score_frame(thing)


def test_every_problem_of_the_columns_comes_at_once() -> None:
    with pytest.raises(stratum.StratumError) as refused:
        stratum.gate.evaluate_frame(pl.DataFrame({"score": ["high"], "action_type": [1], "frozen": [1]}))
    assert {(problem.path, problem.code) for problem in refused.value.problems} == {
        ("/score", "wrong_type"),
        ("/action_type", "wrong_type"),
        ("/frozen", "wrong_type"),
    }
    with pytest.raises(stratum.StratumError) as refused:
        stratum.gate.evaluate_frame(pl.DataFrame({"score": [1.0]}))
    assert {problem.code for problem in refused.value.problems} == {"missing_column"}
    assert len(refused.value.problems) == 4


def test_a_flag_that_is_missing_is_not_taken_for_false() -> None:
    frame = pl.DataFrame({**GATE, "frozen": [False, None, True, False]})
    with pytest.raises(stratum.StratumError) as refused:
        stratum.gate.evaluate_frame(frame)
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [("/frozen/1", "missing_value")]


def test_a_policy_that_is_wrong_is_refused_in_the_batch_too() -> None:
    with pytest.raises(stratum.StratumError) as refused:
        stratum.health.score_frame(pl.DataFrame(HEALTH), {"preset": "SIX"})
    assert refused.value.problems[0].path == "/policy/preset"


def test_other_threads_run_during_a_batch() -> None:
    rows = 2_000_000
    frame = pl.DataFrame({name: np.full(rows, 80.0) for name in ("EMQ", "API_HEALTH", "EVENT_LOSS")})
    ticks = 0
    done = threading.Event()

    def ticker() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.0005)

    thread = threading.Thread(target=ticker)
    thread.start()
    try:
        before = ticks
        assert len(stratum.health.score_frame(frame)) == rows
        during = ticks - before
    finally:
        done.set()
        thread.join()
    assert during >= 3
