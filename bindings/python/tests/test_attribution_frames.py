"""Credit over data frames: the same as the call, whatever the layout and the order of the rows."""

from __future__ import annotations

import pickle
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
    for attribute in (stratum.attribution.rules, stratum.attribution.markov, stratum.attribution.shapley):
        with pytest.raises(stratum.StratumError, match="different conversions"):
            attribute(frame)


def with_untouched(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with journeys without a touch, of which some converted and one was paid back."""
    for number, value in enumerate([70_01, None, -5_00, 30_00]):
        converted = None if value is None else START + timedelta(days=61)
        rows.append({"journey_id": f"u{number}", "channel": None, "touched_at": None, "converted_at": converted, "value_cents": value})
    return rows


def totals(columns: Any) -> tuple[int, float]:
    found = pl.DataFrame(columns)
    return int(found["value_cents"].to_numpy().sum()), round(float(found["conversions"].to_numpy().sum()), 6)


def test_one_frame_feeds_every_model_and_each_adds_up_to_the_same() -> None:
    frame = pl.from_dicts(with_untouched(touches(150)), infer_schema_length=None)
    journeys = frame.group_by("journey_id").first().filter(pl.col("converted_at").is_not_null())
    conversions = journeys.filter(pl.col("value_cents") >= 0)
    expected = (int(journeys["value_cents"].sum()), float(len(conversions)))
    assert totals(stratum.attribution.rules(frame, ["linear"])) == expected
    assert totals(stratum.attribution.markov(frame)) == expected
    assert totals(stratum.attribution.markov(frame, order=2, intervals={"resamples": 20, "seed": 1})) == expected
    assert totals(stratum.attribution.shapley(frame)) == expected
    # What no touch led to stands in a row without a channel: the same in all.
    nobody = {name: totals(pl.DataFrame(columns).filter(pl.col("channel").is_null())) for name, columns in {
        "rules": stratum.attribution.rules(frame, ["last_touch"]), "markov": stratum.attribution.markov(frame), "shapley": stratum.attribution.shapley(frame),
    }.items()}
    assert nobody["rules"] == nobody["markov"] == nobody["shapley"]
    assert nobody["rules"][0] >= 70_01 - 5_00 + 30_00
    # Parts that are counted apart say the same.
    counts = stratum.attribution.PathCounts()
    for part in range(3):
        counts_of_part = stratum.attribution.PathCounts()
        counts_of_part.add(frame.filter(pl.col("journey_id").hash(seed=1) % 3 == part))
        counts.merge(counts_of_part)
    learned = counts.markov()
    found = pl.DataFrame(stratum.attribution.markov(frame)).filter(pl.col("channel").is_not_null())
    assert found.to_dicts() == learned["channels"]
    assert (learned["unattributed_value_cents"], learned["unattributed_conversions"]) == nobody["markov"]


def test_the_column_that_is_named_says_what_journeys_led_to() -> None:
    frame = pl.DataFrame({
        "journey_id": [1, 1, 2], "channel": ["a", "b", "b"], "touched_at": [10, 20, 30], "converted_at": [15, 15, None],
        "conversions": [0, 0, 3], "value_cents": [1_00, 1_00, None],
    })
    with pytest.raises(stratum.StratumError) as refused:
        stratum.attribution.markov(frame)
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [("/conversions", "not_allowed_here")]
    # The touch of b comes after the conversion.
    found = pl.DataFrame(stratum.attribution.markov(frame, converted_at="converted_at"))
    assert dict(found.select("channel", "conversions").iter_rows()) == {"a": 1.0, "b": 0.0}
    found = pl.DataFrame(stratum.attribution.shapley(frame, conversions="conversions"))
    assert dict(found.select("channel", "conversions").iter_rows()) == {"a": 0.0, "b": 3.0}
    counts = stratum.attribution.PathCounts()
    counts.add(frame, columns={"converted_at": "converted_at"})
    assert counts.markov()["channels"][0]["conversions"] == 1.0
    with pytest.raises(stratum.StratumError, match="what the journeys led to"):
        stratum.attribution.shapley(frame.drop("converted_at", "conversions"))


def test_the_touch_that_made_a_lead_anchors_the_w() -> None:
    frame = pl.DataFrame({
        "journey_id": ["j"] * 5, "channel": list("abcde"), "touched_at": range(5), "converted_at": [9] * 5, "value_cents": [100_00] * 5,
        "lead": [False, False, False, True, False],
    })
    # 0.3 each for the first, the lead and the last, 0.1 shared by the others; without a lead the middle one.
    assert over(frame, "w_shaped") == {"a": (30_00, 0.3), "b": (5_00, 0.05), "c": (5_00, 0.05), "d": (30_00, 0.3), "e": (30_00, 0.3)}
    assert over(frame.drop("lead"), "w_shaped")["c"] == (30_00, 0.3)
    assert over(frame.rename({"lead": "signed_up"}), "w_shaped", lead="signed_up")["d"] == (30_00, 0.3)


def summed(columns: Any) -> list[dict[str, Any]]:
    """Over all days: what rules says of the whole."""
    found = pl.DataFrame(columns).with_columns(pl.col("model").cast(pl.String)).group_by("model", "channel").agg(
        pl.col("value_cents").sum(), pl.col("conversions").sum().round(6)
    )
    return found.sort("model", "channel").to_dicts()


def test_credits_day_by_day_come_to_what_the_rules_say_of_the_whole() -> None:
    frame = pl.from_dicts(with_untouched(touches(200)), infer_schema_length=None)
    # Half of the conversions fall on other days.
    late = pl.col("journey_id").hash(seed=2) % 2 == 0
    frame = frame.with_columns(pl.when(late).then(pl.col("converted_at") + timedelta(days=3)).otherwise(pl.col("converted_at")).alias("converted_at"))
    whole = stratum.attribution.CreditTotals()
    whole.add(frame)
    assert summed(whole.finish()) == summed(stratum.attribution.rules(frame))
    days = pl.DataFrame(whole.finish())
    by_day = frame.filter(pl.col("converted_at").is_not_null()).with_columns(pl.col("converted_at").dt.strftime("%Y-%m-%d").alias("date"))
    assert days["date"].unique().sort().to_list() == by_day["date"].unique().sort().to_list()
    merged = stratum.attribution.CreditTotals()
    for (date,), part in by_day.group_by("date"):
        of_day = stratum.attribution.CreditTotals()
        of_day.add(part.drop("date").sample(fraction=1, shuffle=True, seed=3))
        assert summed(days.filter(pl.col("date") == date)) == summed(stratum.attribution.rules(part))
        merged.merge(stratum.attribution.CreditTotals.from_bytes(of_day.to_bytes()))
    assert merged == whole
    assert merged.to_bytes() == whole.to_bytes()
    assert pickle.loads(pickle.dumps(whole)) == whole
    assert repr(whole) == f"CreditTotals({len(days)} credits)" and len(whole) == len(days)


def test_a_refund_takes_back_on_its_own_day_what_was_credited() -> None:
    rows = pl.DataFrame({
        "journey_id": ["a"] * 3, "channel": ["meta", "google", "meta"], "campaign": ["x", None, "y"], "touched_at": [1, 2, 3],
        "converted_at": [9] * 3, "value_cents": [100_01] * 3,
    })
    back = rows.with_columns(pl.lit("-a").alias("journey_id"), -pl.col("value_cents"), pl.lit(5 * 86_400_000).alias("booked_at"))
    credits = stratum.attribution.CreditTotals(["position_based", "linear"])
    credits.add(rows)
    credits.add(back)
    found = pl.DataFrame(credits.finish())
    assert found["date"].unique().sort().to_list() == ["1970-01-01", "1970-01-06"]
    assert found.group_by("model", "channel", "campaign").agg(pl.col("value_cents").sum())["value_cents"].to_list() == [0] * 6
    assert found.filter(pl.col("date") == "1970-01-06")["conversions"].to_list() == [0.0] * 6
    with pytest.raises(stratum.StratumError) as refused:
        credits.add(back.with_columns(pl.Series("booked_at", [1, 2, 3])))
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [("/booked_at", "inconsistent")]


def test_credits_of_other_rules_do_not_merge() -> None:
    credits = stratum.attribution.CreditTotals(["linear"])
    for other in (stratum.attribution.CreditTotals(), stratum.attribution.CreditTotals(["linear"], half_life_days=3)):
        with pytest.raises(stratum.StratumError, match="different models or settings"):
            credits.merge(other)
    wrongs: list[dict[str, Any]] = [{"models": []}, {"models": ["linear", "linear"]}, {"models": ["last"]}, {"half_life_days": 99}]
    for wrong in wrongs:
        with pytest.raises(stratum.StratumError):
            stratum.attribution.CreditTotals(**wrong)
    state = credits.to_bytes()
    for given, code in [(b"SCT1", "foreign_state"), (state[:-1], "damaged_state"), (b"", "foreign_state")]:
        with pytest.raises(stratum.StratumError) as refused:
            stratum.attribution.CreditTotals.from_bytes(given)
        assert [problem.code for problem in refused.value.problems] == [code]
