"""The customer library over data frames of every maker: the same as the calls by row, whatever the layout of the columns."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stratum

# Requests are made of rows here, whose types mypy does not follow.
call: Any = stratum.call
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
NAMES = ["ProductViewed", "AddToCart", "Purchase", "PageView"]
STEPS = NAMES[:3]


def events(rows: int, people: int = 40) -> list[dict[str, Any]]:
    """Events in any order, the ids of people in more than one script."""
    draw = random.Random(rows)
    return [
        {
            "profile_id": f"p{draw.randrange(people)}é" if row % 3 else f"p{draw.randrange(people)}",
            "event_name": draw.choice(NAMES),
            "event_time": START + timedelta(minutes=draw.randrange(60 * 24 * 50)),
            "total": draw.choice([None, 5.0, 20.5]),
        }
        for row in range(rows)
    ]


def text(at: datetime) -> str:
    """An instant as requests have it."""
    return at.isoformat().replace("+00:00", "Z")


def makers(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The same rows as frames of every maker, and in every layout that Arrow has for them."""
    table = pa.Table.from_pylist(rows)
    times = table["event_time"]
    at = table.schema.get_field_index("event_time")
    milliseconds = pa.array([int(row["event_time"].timestamp()) * 1000 for row in rows], pa.int64())
    wide = pa.schema([pa.field("profile_id", pa.large_string()), pa.field("event_name", pa.string_view())])
    names = table["event_name"].dictionary_encode()
    return {
        "polars": pl.from_dicts(rows),
        "pandas": pd.DataFrame(rows),
        "pyarrow": table,
        "duckdb": duckdb.from_arrow(table),
        "slices": pa.concat_tables([table.slice(0, 7), table.slice(7, 1), table.slice(8, 0), table.slice(8)]),
        "a slice": pa.concat_tables([table.slice(3, 5), table]).combine_chunks().slice(5),
        "polars in chunks": pl.concat([pl.from_dicts(rows[:9]), pl.from_dicts(rows[9:])], rechunk=False),
        "categories": pl.from_dicts(rows).with_columns(pl.col("event_name").cast(pl.Categorical)),
        "a dictionary": table.set_column(table.schema.get_field_index("event_name"), "event_name", names),
        "views": table.select(["profile_id", "event_name"]).cast(wide).append_column("event_time", times),
        "seconds": table.set_column(at, "event_time", times.cast(pa.timestamp("s", "UTC"))),
        "nanoseconds": table.set_column(at, "event_time", times.cast(pa.timestamp("ns"))),
        "milliseconds": table.set_column(at, "event_time", milliseconds),
        "texts of instants": table.set_column(at, "event_time", pa.array([text(row["event_time"]) for row in rows])),
    }


ROWS = events(600)
FRAMES = makers(ROWS)


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
def test_a_funnel_over_columns_is_the_funnel_of_the_events(frame: Any) -> None:
    expected = call(
        "funnel.evaluate",
        {
            "funnel": {"steps": [{"event_name": name} for name in STEPS]},
            "events": [
                {"profile_id": row["profile_id"], "event_name": row["event_name"], "event_time": text(row["event_time"])}
                for row in ROWS
            ],
        },
    )
    steps = stratum.cdp.funnel(frame, STEPS)
    assert pl.DataFrame(steps).to_dicts() == expected["steps"]
    (summary,) = pl.DataFrame(steps.tables["summary"]).to_dicts()
    assert summary == {name: expected[name] for name in summary}
    assert expected["converted"] > 0


def test_ids_may_be_whole_numbers() -> None:
    rows = [{**row, "profile_id": int(row["profile_id"].strip("pé")) - 3} for row in ROWS]
    as_numbers = stratum.cdp.funnel(pl.from_dicts(rows), STEPS)
    as_texts = stratum.cdp.funnel(pl.from_dicts([{**row, "profile_id": str(row["profile_id"])} for row in rows]), STEPS)
    assert pl.DataFrame(as_numbers).equals(pl.DataFrame(as_texts))


def test_columns_may_have_other_names() -> None:
    frame = pl.from_dicts(ROWS).rename({"profile_id": "Customer ID", "event_time": "at"})
    named = stratum.cdp.funnel(frame, STEPS, profile_id="Customer ID", event_time="at")
    assert pl.DataFrame(named).equals(pl.DataFrame(stratum.cdp.funnel(pl.from_dicts(ROWS), STEPS)))
    with pytest.raises(stratum.StratumError) as refused:
        stratum.cdp.funnel(frame, STEPS, profile_id="customer", event_time="when")
    assert {(problem.path, problem.code) for problem in refused.value.problems} == {
        ("/profile_id", "missing_column"),
        ("/event_time", "missing_column"),
    }
    with pytest.raises(stratum.StratumError) as refused:
        stratum.call_frame("funnel.evaluate", frame, {"steps": []}, columns={"customer": "at"})
    assert refused.value.problems[0].code == "unknown_column"


def test_what_is_wrong_with_columns_is_said_with_its_place() -> None:
    frame = pl.from_dicts(ROWS)
    cases: list[tuple[Any, list[tuple[str, str]]]] = [
        (frame.drop("event_time"), [("/event_time", "missing_column")]),
        (frame.with_columns(pl.lit(1.5).alias("event_name")), [("/event_name", "wrong_type")]),
        (frame.with_columns(pl.lit(True).alias("event_time")), [("/event_time", "wrong_type")]),
        (frame.with_columns(pl.lit("soon").alias("event_time")).head(1), [("/event_time/0", "invalid_timestamp")]),
        (frame.with_columns(pl.lit(0.5).alias("event_time")).head(1), [("/event_time/0", "not_whole")]),
        (
            frame.with_columns(pl.lit(None, pl.String).alias("profile_id")),
            [(f"/profile_id/{row}", "missing_value") for row in range(10)],
        ),
    ]
    for wrong, expected in cases:
        with pytest.raises(stratum.StratumError) as refused:
            stratum.cdp.funnel(wrong, STEPS)
        assert [(problem.path, problem.code) for problem in refused.value.problems] == expected
    with pytest.raises(stratum.StratumError) as refused:
        stratum.cdp.funnel(frame, ["Purchase"])
    assert refused.value.problems[0].path == "/policy/steps"


def test_without_rows_there_is_an_answer_without_people() -> None:
    empty = pl.from_dicts(ROWS).clear()
    assert pl.DataFrame(stratum.cdp.funnel(empty, STEPS))["count"].to_list() == [0, 0, 0]
    assert pl.DataFrame(stratum.cdp.funnel(pa.table(empty).slice(0, 0), STEPS))["count"].to_list() == [0, 0, 0]


def test_customers_are_scored_as_the_call_scores_them() -> None:
    draw = random.Random(5)
    rows = [
        {"recency_days": draw.random() * 300, "frequency": draw.randrange(30), "monetary_cents": draw.randrange(300_000)}
        for _ in range(500)
    ]
    for policy in ({"mode": "FIXED"}, {"mode": "QUINTILE"}):
        expected = call("rfm.score", {"policy": policy, "customers": rows})["customers"]
        whole = pl.from_dicts(rows)
        parts = pl.concat([whole.head(123), whole.tail(-123)], rechunk=False)
        for frame in (whole, parts, pd.DataFrame(rows), pa.Table.from_pylist(rows)):
            scored = pl.DataFrame(stratum.cdp.rfm(frame, policy=policy)).with_columns(pl.col("segment").cast(pl.String))
            found = [row if row["rfm_cell"] is not None else None for row in scored.to_dicts()]
            assert found == expected
            assert all(set(row.values()) == {None} for row in scored.filter(pl.col("rfm_cell").is_null()).to_dicts())


def test_a_score_needs_figures_and_quintiles_need_customers() -> None:
    few = pl.DataFrame({"recency_days": [1.0], "frequency": [1], "monetary_cents": [1]})
    with pytest.raises(stratum.StratumError) as refused:
        stratum.cdp.rfm(few, policy={"mode": "QUINTILE"})
    assert refused.value.problems[0].code == "insufficient_data"
    assert pl.DataFrame(stratum.cdp.rfm(few.clear())).height == 0
    nothing = pa.table({"recency_days": [None], "frequency": [None], "monetary_cents": [None]})
    assert pl.DataFrame(stratum.cdp.rfm(nothing))["rfm_score"].to_list() == [None]


NOW = "2026-03-01T00:00:00Z"


def by_profile() -> dict[str, list[dict[str, Any]]]:
    """The events as requests have them, ids in the order of the rows."""
    found: dict[str, list[dict[str, Any]]] = {}
    for place, row in enumerate(ROWS):
        event = {"name": row["event_name"], "time": text(row["event_time"]), "id": f"{place:04}"}
        event["properties"] = {} if row["total"] is None else {"total": row["total"]}
        found.setdefault(row["profile_id"], []).append(event)
    return found


WITH_AMOUNTS = {name: frame for name, frame in FRAMES.items() if name != "views"}


@pytest.mark.parametrize("frame", WITH_AMOUNTS.values(), ids=WITH_AMOUNTS.keys())
def test_a_segment_over_events_has_the_members_of_the_call(frame: Any) -> None:
    rules = {
        "logic": "or",
        "conditions": [
            {"field": "event.Purchase.sum.total", "operator": "greater_than", "value": 40, "window_days": 30},
            {"field": "event.PageView.count", "operator": "less_than", "value": 2},
        ],
    }
    profiles = [{"id": person, "events": events} for person, events in by_profile().items()]
    expected = call("segment.evaluate", {"rules": rules, "now": NOW, "profiles": profiles})["profiles"]
    found = pl.DataFrame(stratum.cdp.segment(frame, rules, now=NOW)).to_dicts()
    members = {row["profile_id"]: row["member"] for row in found}
    assert members == {row["id"]: row["member"] for row in expected}
    assert {True, False} == set(members.values())


@pytest.mark.parametrize("make", [pl.from_dicts, pd.DataFrame, pa.Table.from_pylist])
def test_a_segment_over_profiles_has_the_members_of_the_call(make: Any) -> None:
    rules = {
        "logic": "and",
        "conditions": [
            {"field": "data.city", "operator": "starts_with", "value": "ber"},
            {"field": "trait.ltv", "operator": "greater_than", "value": 100},
            {"field": "profile.last_seen_at", "operator": "within_last", "value": {"n": 30, "unit": "days"}},
        ],
    }
    cities, ltv = ["Berlin", "BERN", "Kuwait", None], [50.0, 150.5, None]
    rows: list[dict[str, Any]] = [
        {
            "data.city": cities[row % 4],
            "trait.ltv": ltv[row % 3],
            "profile.last_seen_at": START + timedelta(days=row % 60),
        }
        for row in range(240)
    ]
    profiles = [
        {
            "id": str(place),
            "data": {"city": row["data.city"]},
            "traits": {"ltv": row["trait.ltv"]},
            "last_seen_at": text(row["profile.last_seen_at"]),
        }
        for place, row in enumerate(rows)
    ]
    expected = call("segment.evaluate", {"rules": rules, "now": NOW, "profiles": profiles})["profiles"]
    found = pl.DataFrame(stratum.cdp.segment(make(rows), rules, now=NOW))["member"].to_list()
    assert found == [row["member"] for row in expected]
    assert True in found
    with pytest.raises(stratum.StratumError) as refused:
        stratum.cdp.segment(pl.DataFrame({"data.city": ["Bern"]}), rules, now=NOW)
    assert {problem.path for problem in refused.value.problems} == {"/trait.ltv", "/profile.last_seen_at"}


def test_traits_over_events_are_those_of_the_call() -> None:
    definitions = [
        {"name": "spent", "trait_type": "sum", "source_config": {"event_name": "Purchase", "property": "total"}},
        {"name": "lately", "trait_type": "count", "source_config": {"time_window_days": 20}},
        {
            "name": "first_view",
            "trait_type": "first",
            "output_type": "number",
            "source_config": {"event_name": "ProductViewed", "property": "total"},
        },
        {"name": "each", "trait_type": "formula", "source_config": {"formula": "round(spent / 30, 2)"}},
    ]
    profiles = [
        {
            "profile_id": person,
            "events": [
                {
                    "event_id": event["id"],
                    "event_name": event["name"],
                    "event_time": event["time"],
                    "properties": event["properties"],
                }
                for event in events
            ],
        }
        for person, events in by_profile().items()
    ]
    expected = call("traits.compute", {"traits": definitions, "now": NOW, "profiles": profiles})["profiles"]
    wanted = [{"profile_id": row["profile_id"], **row["traits"]} for row in expected]
    for name in ("polars", "pandas", "pyarrow", "duckdb", "slices", "a slice", "categories", "texts of instants"):
        assert pl.DataFrame(stratum.cdp.traits(FRAMES[name], definitions, now=NOW)).to_dicts() == wanted, name


def test_steps_of_a_funnel_may_have_conditions_on_properties() -> None:
    condition = {"field": "total", "operator": "greater_than", "value": 10}
    steps: list[dict[str, Any]] = [
        {"event_name": "ProductViewed"},
        {"event_name": "Purchase", "conditions": [condition]},
    ]
    events = [
        {
            "profile_id": row["profile_id"],
            "event_name": row["event_name"],
            "event_time": text(row["event_time"]),
            "properties": {} if row["total"] is None else {"total": row["total"]},
        }
        for row in ROWS
    ]
    expected = call("funnel.evaluate", {"funnel": {"steps": steps}, "events": events})["steps"]
    found = stratum.cdp.funnel(pl.from_dicts(ROWS).rename({"total": "amount"}), steps, columns={"total": "amount"})
    assert pl.DataFrame(found).to_dicts() == expected
    plain = stratum.cdp.funnel(pl.from_dicts(ROWS), ["ProductViewed", "Purchase"])
    assert pl.DataFrame(plain)["count"][1] > expected[1]["count"]


def test_a_million_rows_in_pieces_are_one_answer() -> None:
    rows = 1_000_000
    numbers = pl.int_range(rows, eager=True)
    frame = pl.DataFrame(
        {
            "profile_id": numbers % 250_000,
            "event_name": pl.Series(STEPS).gather(numbers // 250_000 % 3),
            "event_time": pl.datetime_range(START, START + timedelta(milliseconds=rows - 1), "1ms", eager=True),
        }
    )
    pieces = pl.concat([frame.slice(at, 100_000) for at in range(0, rows, 100_000)], rechunk=False)
    assert pieces.n_chunks() == 10
    # Each person views, adds and buys once, in this order, and then views again.
    for whole in (frame, pieces):
        assert pl.DataFrame(stratum.cdp.funnel(whole, STEPS))["count"].to_list() == [250_000] * 3


def test_progress_is_told_and_an_exception_calls_the_work_off() -> None:
    frame = pl.from_dicts(ROWS)
    told: list[tuple[int, int | None]] = []
    stratum.cdp.funnel(frame, STEPS, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (len(ROWS), len(ROWS))

    def enough(done: int, total: int | None) -> None:
        raise TimeoutError(f"{done} of {total}")

    runs: list[Callable[[], stratum.Columns]] = [
        lambda: stratum.cdp.funnel(frame, STEPS, progress=enough),
        lambda: stratum.cdp.resolve(pl.DataFrame({"email": ["jane@shop.test1"]}), progress=enough),
        lambda: stratum.call_frame("health.evaluate", pl.DataFrame({"EMQ": [80.0]}), progress=enough),
    ]
    for run in runs:
        with pytest.raises(TimeoutError, match="of"):
            run()


def test_a_bar_is_shown_where_tqdm_is_installed_and_nothing_where_it_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = pl.from_dicts(ROWS)
    stratum.cdp.funnel(frame, STEPS, progress=True)
    assert "funnel.evaluate" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    stratum.cdp.funnel(frame, STEPS, progress=True)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "work",
    [
        "stratum.call_frame('health.evaluate', rows)",
        "stratum.cdp.funnel(rows, ['a', 'b'])",
        "stratum.cdp.lifetime_value(rows, periods_per_month=4.345)",
        "stratum.cdp.Links().add(rows)",
    ],
)
def test_ctrl_c_ends_work_that_runs_no_python(work: str) -> None:
    """In a process of its own. The rows come from duckdb and never end, so only a look at the signals ends the work."""
    script = f"""
import _thread, threading, duckdb, stratum
rows = duckdb.sql('''SELECT 80.0::DOUBLE AS EMQ, 1 AS profile_id, 'a' AS event_name, 0::BIGINT AS event_time, 'd' AS device_id,
    1 AS frequency, 2.0 AS recency, 3.0 AS T FROM range(1000000000000)''')
threading.Timer(0.2, _thread.interrupt_main).start()
try:
    {work}
except KeyboardInterrupt:
    print("ended")
except RuntimeError as error:  # duckdb looked first
    print("ended" if "nterrupted" in str(error) else error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "ended", done.stderr
