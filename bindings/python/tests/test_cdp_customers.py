"""Customers over data frames: what they bought, whether they come back, what they will be worth, and how they are called."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stratum

# Requests are made of rows here, whose types mypy does not follow.
call: Any = stratum.call
NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)


def in_chunks(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """The rows in two pieces."""
    frame = pl.from_dicts(rows)
    return pl.concat([frame.slice(0, 9), frame.slice(9)], rechunk=False)


MAKERS: list[Callable[[list[dict[str, Any]]], Any]] = [
    pl.from_dicts,
    pd.DataFrame,
    pa.Table.from_pylist,
    lambda rows: duckdb.from_arrow(pa.Table.from_pylist(rows)),
    in_chunks,
]
IDS = ["polars", "pandas", "pyarrow", "duckdb", "chunks"]
makers = pytest.mark.parametrize("make", MAKERS, ids=IDS)


def shop(rows: int) -> list[dict[str, Any]]:
    """Purchases of a few customers, in any order."""
    draw = random.Random(rows)
    return [
        {
            "customer_id": f"c{draw.randrange(rows // 5 + 1)}é",
            "at": NOW - timedelta(hours=draw.randrange(1, 24 * 500)),
            "amount_cents": draw.randrange(100, 90_000),
            "refunded_cents": draw.choice([0, 0, 50, 90_000]),
        }
        for _ in range(rows)
    ]


@makers
def test_purchases_become_figures_and_figures_scores_as_the_calls_make_them(make: Any) -> None:
    rows = shop(300)
    purchases = [{**row, "at": row["at"].isoformat().replace("+00:00", "Z")} for row in rows]
    expected = call("rfm.aggregate", {"now": "2026-03-01T00:00:00Z", "purchases": purchases})
    figures = stratum.cdp.rfm_aggregate(make(rows), now=NOW)
    found = pl.DataFrame(figures).sort("customer_id")
    assert found["customer_id"].to_list() == expected["customer_ids"]
    assert found.drop("customer_id").to_dicts() == expected["customers"]
    assert len(figures) > 40
    scored = pl.DataFrame(stratum.cdp.rfm(figures)).with_columns(pl.col("rfm_cell", "segment").cast(pl.String))
    customers = pl.DataFrame(figures).drop("customer_id").to_dicts()
    assert scored.to_dicts() == call("rfm.score", {"customers": customers})["customers"]


def test_ids_of_customers_may_be_numbers_and_columns_may_have_other_names() -> None:
    frame = pl.DataFrame({"who": [7, 7, 9], "when": [NOW, NOW, NOW - timedelta(days=400)], "cents": [5, 6, 7]})
    figures = stratum.cdp.rfm_aggregate(frame, now=NOW, customer_id="who", at="when", amount_cents="cents")
    expected = [{"customer_id": 7, "recency_days": 0.0, "frequency": 2, "monetary_cents": 11}]
    assert pl.DataFrame(figures).to_dicts() == expected


def silent(rows: int) -> list[dict[str, Any]]:
    """Customers with and without a rhythm, some of them without a purchase."""
    draw = random.Random(rows)
    return [
        {
            "purchases": purchases,
            "days_since_last_purchase": None if purchases == 0 else draw.randrange(400) / 2,
            "revenue_cents": None if purchases == 0 else draw.randrange(500_000),
            "median_gap_days": draw.choice([None, 12.5, 40.0]) if purchases > 2 else None,
            "days_since_first_purchase": 700.0,
            "repeat_revenue_cents": 900 * purchases,
        }
        for purchases in (draw.randrange(6) for _ in range(rows))
    ]


BG_NBD = {
    "model": "BG_NBD",
    "base": {"buyers": 1000, "observed_days": 365},
    "fitted": {
        "bgnbd": {"r": 0.75, "alpha": 60.5, "a": 0.8, "b": 2.5},
        "gamma_gamma": {"p": 4.5, "q": 3.25, "v": 2400.0},
    },
}


@makers
def test_predictions_are_those_of_the_call(make: Any) -> None:
    rows = silent(200)
    asked: list[dict[str, Any]] = [{}, {"base": {"average_order_cents": 4000}, "currency": "KWD"}, BG_NBD]
    for policy in asked:
        given = [{**row, "days_since_last_purchase": 1, "revenue_cents": 1} if row["purchases"] == 0 else row for row in rows]
        expected = call("prediction.evaluate", {**policy, "customers": given})["customers"]
        found = pl.DataFrame(stratum.cdp.predict(make(rows), **policy))
        words = pl.col("churn_band", "ltv_class", "gap_source").cast(pl.String)
        nobody = dict.fromkeys(found.columns)
        assert found.with_columns(words).to_dicts() == [row or nobody for row in expected]
    assert None in expected


def weekly(rows: int) -> list[dict[str, Any]]:
    """Customers in weeks, as BG/NBD would make some of them."""
    draw = random.Random(rows)
    found = []
    for _ in range(rows):
        age = draw.randrange(10, 300) / 7
        rate, leaving = draw.gammavariate(0.6, 1 / 8), draw.betavariate(1.2, 3)
        at, bought = 0.0, 0
        while (later := at + draw.expovariate(rate)) < age:
            at, bought = later, bought + 1
            if draw.random() < leaving:
                break
        found.append(
            {"frequency": bought, "recency": at, "T": age, "monetary_value": draw.gammavariate(6, 4) if bought else None}
        )
    return found


@makers
def test_lifetime_values_are_those_of_fitting_and_predicting_by_call(make: Any) -> None:
    rows = weekly(400)
    frame = make(rows)
    found = stratum.cdp.lifetime_value(frame, periods_per_month=4.345, monthly_discount=0.01)
    x, t_x, age, m = ([row[name] for row in rows] for name in ("frequency", "recency", "T", "monetary_value"))
    bgnbd = call("bgnbd.fit", {"x": x, "t_x": t_x, "T": age})
    spend = call("gamma_gamma.fit", {"x": x, "m": [amount or 0 for amount in m]})
    parameters = pl.DataFrame(found.tables["parameters"]).drop("model").rows_by_key("parameter", unique=True)
    for fit in (bgnbd, spend):
        for name, value in fit["params"].items():
            interval = fit["intervals"][name]
            assert parameters[name] == (value, interval["low"], interval["high"])
    assert pl.DataFrame(found.tables["fits"])["converged"].to_list() == [True, True]
    models = {"bgnbd": bgnbd["params"], "gamma_gamma": spend["params"]}
    sure = {"bgnbd_covariance": bgnbd["covariance"], "gamma_gamma_covariance": spend["covariance"]}
    customers = [{"x": a, "t_x": b, "T": c, "m": d or 0} for a, b, c, d in zip(x, t_x, age, m, strict=True)]
    ahead: dict[str, Any] = {"months": 12, "monthly_discount": 0.01, "periods_per_month": 4.345}
    values = call("clv.predict", {**models, **sure, **ahead, "customers": customers})["customers"]
    for row, expected in zip(pl.DataFrame(found).to_dicts(), values, strict=True):
        for name in ("clv", "expected_average"):
            interval = expected[f"{name}_interval"]
            assert (row[name], row[f"{name}_low"], row[f"{name}_high"]) == (
                expected[name],
                interval["low"],
                interval["high"],
            )
        assert row["p_alive_low"] <= row["p_alive"] <= row["p_alive_high"]
        assert row["expected_purchases_low"] <= row["expected_purchases"] <= row["expected_purchases_high"]
    covariance: dict[str, Any] = {
        name: pl.DataFrame(found.tables[name]).rows() for name in ("bgnbd_covariance", "gamma_gamma_covariance")
    }
    again = stratum.cdp.lifetime_value(frame, **models, **covariance, **ahead)
    assert pl.DataFrame(again).equals(pl.DataFrame(found))


def test_without_amounts_and_without_intervals_there_are_fewer_columns() -> None:
    frame = pl.from_dicts(weekly(100)).drop("monetary_value")
    found = stratum.cdp.lifetime_value(frame, periods_per_month=4.345, confidence=None)
    assert found.names == ["p_alive", "expected_purchases"]
    with pytest.raises(stratum.StratumError) as refused:
        stratum.cdp.lifetime_value(frame.with_columns(frequency=0, recency=0.0), periods_per_month=4.345)
    assert refused.value.problems[0].code == "insufficient_data"


PERSONS = {
    "first_name": [" José-María ", None, "...", "x" * 600],
    "city": ["São Paulo", "New York", None, ""],
    "state": ["New York", "New York", "Texas", None],
    "zip": ["94035-1234", "SW1A 1AA", "940", None],
    "country": ["US", "GB", None, "nowhere"],
    "date_of_birth": ["16.02.1991", "1991-02-16", "2026-06-02", None],
    "gender": ["f", "X", None, "male"],
}
PLATFORMS = ["META", "GOOGLE", "TIKTOK", "SNAPCHAT"]


@pytest.mark.parametrize("make", [pl.DataFrame, pd.DataFrame, pa.table])
def test_fields_of_persons_are_normalised_as_the_call_normalises_them(make: Any) -> None:
    frame = make({**PERSONS, "email": ["a@shop.example", None, None, None]})
    found = pl.DataFrame(stratum.cdp.normalize(frame, platforms=PLATFORMS, latest_birth=date(2026, 6, 1))).to_dicts()
    assert found[0]["email"] == "a@shop.example"
    for place, row in enumerate(found):
        given = {name: values[place] for name, values in PERSONS.items() if values[place] is not None}
        long = [name for name, value in given.items() if len(str(value)) > 512]
        single = call("person.normalize", {**{k: v for k, v in given.items() if k not in long}, "latest_birth": "2026-06-01"})
        for name in PERSONS:
            forms = single[name] or {}
            assert row[name] == forms.get("meta")
            for platform in PLATFORMS:
                sent = forms.get("platforms", {}).get(platform.lower()) or {}
                assert row[f"{name}_{platform.lower()}"] == sent.get("value")
            nothing = name in given and forms.get("meta") is None and forms.get("google") is None
            expected = "too_long" if name in long else "nothing_usable" if nothing else None
            assert row[f"{name}_refusal"] == expected


def test_days_of_birth_may_be_days() -> None:
    frame = pl.DataFrame({"date_of_birth": [date(1991, 2, 16), None]})
    assert pl.DataFrame(stratum.cdp.normalize(frame))["date_of_birth"].to_list() == ["19910216", None]


def test_rows_that_are_wrong_are_counted_over_all_pieces() -> None:
    rows = silent(30)
    rows[20] = {**rows[20], "purchases": 2, "days_since_last_purchase": -1.0, "revenue_cents": None}
    for make in MAKERS:
        with pytest.raises(stratum.StratumError) as refused:
            stratum.cdp.predict(make(rows))
        assert {problem.path for problem in refused.value.problems} == {"/revenue_cents/20"}
    pieces = pl.concat([pl.DataFrame({"amount_cents": [1.0, 2.0]}), pl.DataFrame({"amount_cents": [3.0, 0.5]})], rechunk=False)
    with pytest.raises(stratum.StratumError) as refused:
        stratum.cdp.rfm_aggregate(pieces, now=NOW)
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        ("/amount_cents/3", "not_whole"),
        ("/customer_id", "missing_column"),
        ("/at", "missing_column"),
    ]


def test_work_about_customers_tells_how_far_it_is_and_is_called_off() -> None:
    works: list[Callable[..., stratum.Columns]] = [
        lambda **told: stratum.cdp.lifetime_value(pl.from_dicts(weekly(3000)), periods_per_month=4.345, **told),
        lambda **told: stratum.cdp.predict(pl.from_dicts(silent(300)), **told),
        lambda **told: stratum.cdp.rfm_aggregate(pl.from_dicts(shop(300)), now=NOW, **told),
        lambda **told: stratum.cdp.normalize(pl.DataFrame(PERSONS), **told),
    ]

    def enough(done: int, total: int | None) -> None:
        raise TimeoutError(f"{done} of {total}")

    for work in works:
        told: list[tuple[int, int | None]] = []
        work(progress=lambda done, total, told=told: told.append((done, total)))
        assert told[-1][0] == told[-1][1]
        with pytest.raises(TimeoutError, match="of"):
            work(progress=enough)
