"""One work of the peers, done by the Python package ``stratum`` on the file that the peer wrote.

    python benches/peers/ours.py stitching --out bench-input

Columns in, result out, as the peers do: reading the file and making columns of it is not timed. Prints the line of the
peers, with processor seconds and the peak memory of the process in MB added, and writes what was computed.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import polars as pl
import stratum

T0 = 1_760_000_000  # the fixed "now" of the peers, in seconds
BEHAVIOUR = {"logic": "and", "conditions": [
    {"field": "event.purchase.count", "operator": "greater_or_equal", "value": 2, "window_days": 30},
    {"field": "event.purchase.sum.amount", "operator": "greater_than", "value": 80, "window_days": 30},
    {"field": "event.product_view.count", "operator": "greater_or_equal", "value": 5, "window_days": 14},
    {"field": "event.refund.count", "operator": "equals", "value": 0, "window_days": 90},
]}
NO_LIMITS = {
    "limits": dict.fromkeys(("external_id", "email", "phone", "device_id", "anonymous_id")),
    "max_cluster_ids": None, "min_confidence": 0, "hold_conflicts": False,
}

Work = tuple[str, int, Callable[[], Any], Callable[[Any], Any]]


def stitching(out: pathlib.Path) -> Work:
    """Numbers of nodes to the label of each; every node that has a link."""
    edges = pl.read_parquet(out / "stitching_edges.parquet")
    frame = edges.rename({"a": "left_node", "b": "right_node"})
    expected = json.loads((out / "stitching.result.json").read_text())["identifiers"]

    def result(columns: Any) -> Any:
        labels = pl.DataFrame(columns)["cluster"]
        largest = labels.value_counts()["count"].max()
        # The last nodes may have no link, and then no row.
        alone = expected - len(labels)
        return {"identifiers": expected, "components": labels.n_unique() + alone, "largest": largest}

    return "stitching", len(frame), lambda: stratum.cdp.resolve(frame, policy=NO_LIMITS), result


def rfm(out: pathlib.Path) -> Work:
    """Customers to scores, and customers for each cell. The peers have no window: the longest holds all of theirs."""
    customers = pl.read_parquet(out / "rfm_customers.parquet")
    frame = customers.select(
        pl.col("recency_days").cast(pl.Float64), pl.col("frequency").cast(pl.Float64),
        (pl.col("monetary") * 100).round().alias("monetary_cents"),
    )

    def run() -> pl.DataFrame:
        scores = pl.DataFrame(stratum.cdp.rfm(frame, policy={"mode": "QUINTILE", "window_days": 1095}))
        return scores.group_by("rfm_cell").len()

    def result(cells: pl.DataFrame) -> Any:
        names = cells["rfm_cell"].cast(pl.String).str.strip_prefix("RFM")
        return dict(zip(names.to_list(), cells["len"].to_list()))

    return "rfm", len(frame), run, result


def events(out: pathlib.Path, name: str) -> pl.DataFrame:
    """Events as ours are called."""
    frame = pl.read_parquet(out / f"{name}.parquet")
    return frame.select(
        pl.col("user").alias("profile_id"), pl.col("event").alias("event_name"),
        (pl.col("ts") * 1000).alias("event_time"), pl.col("amount"),
    )


def funnel(out: pathlib.Path) -> Work:
    """Events to people for each step."""
    frame = events(out, "funnel_events")
    steps = ["product_view", "add_to_cart", "purchase"]

    def result(columns: Any) -> Any:
        counts = pl.DataFrame(columns)["count"].to_list()
        return {f"step{step}": count for step, count in enumerate(counts, 1)}

    return "funnel", len(frame), lambda: stratum.cdp.funnel(frame, steps, conversion_window_days=7), result


def segment(out: pathlib.Path) -> Work:
    """Events to members. The peer's windows hold their first instant, ours do not: a millisecond earlier they are one."""
    frame = events(out, "segment_events")
    now = time.strftime("%Y-%m-%dT%H:%M:%S.999Z", time.gmtime(T0 - 1))

    def result(columns: Any) -> Any:
        members = pl.DataFrame(columns).filter("member")["profile_id"].cast(pl.Int64)
        return {"members": len(members), "sum_of_ids": int(members.sum()), "now": T0}

    return "segment", len(frame), lambda: stratum.cdp.segment(frame, BEHAVIOUR, now=now), result


def markov(out: pathlib.Path) -> Work:
    """Touches to what each channel has earned; what became of a journey stands in each of its rows."""
    touches = pl.read_parquet(out / "markov_touches.parquet")
    journeys = pl.read_parquet(out / "markov_journeys.parquet")
    frame = touches.join(journeys, on="journey", how="left", maintain_order="left").select(
        pl.col("journey").alias("journey_id"), "channel", (pl.col("ts") * 1000).alias("touched_at"),
        pl.col("converted").alias("conversions"),
    ).rechunk()

    def result(columns: Any) -> Any:
        found = pl.DataFrame(columns)
        names = found["channel"].to_list()
        return {
            "p_conversion": pl.DataFrame(columns.tables["summary"])["conversion_probability"][0],
            "removal_effect": dict(zip(names, found["removal_effect"].to_list())),
            "conversions": dict(zip(names, found["conversions"].to_list())),
        }

    return "markov", len(journeys), lambda: stratum.attribution.markov(frame), result


def shapley_16(out: pathlib.Path) -> Work:
    """A game of 16 players, from the conversions of each set of channels alone, which make the worth of a set."""
    worth = pl.read_parquet(out / "shapley_16.parquet")["conversions"].to_numpy().copy()
    for player in range(16):
        halves = worth.reshape(-1, 2, 1 << player)
        halves[:, 1, :] += halves[:, 0, :]
    frame = pl.DataFrame({"worth": worth})
    return "shapley_16", len(frame), lambda: stratum.attribution.shapley_of_table(frame), list


def rules(out: pathlib.Path) -> Work:
    """Touches to credit by model and channel, to the cent."""
    journeys = pl.read_parquet(out / "rules_journeys.parquet")
    frame = pl.read_parquet(out / "rules_touches.parquet").join(journeys, on="journey", maintain_order="left").select(
        pl.col("journey").alias("journey_id"), "channel", (pl.col("ts") * 1000).alias("touched_at"), (pl.col("converted_at") * 1000).alias("converted_at"),
        (pl.col("value") * 100).round().cast(pl.Int64).alias("value_cents"),
    )
    peers = {"first_touch": "first", "last_touch": "last", "linear": "linear", "position_based": "position", "time_decay": "time_decay"}

    def result(columns: Any) -> Any:
        credit: dict[str, dict[str, float]] = {name: {} for name in peers.values()}
        for row in pl.DataFrame(columns).with_columns(pl.col("model").cast(pl.String)).iter_rows(named=True):
            credit[peers[row["model"]]][row["channel"]] = row["value_cents"] / 100
        return credit

    return "rules", len(journeys), lambda: stratum.attribution.rules(frame, list(peers)), result


WORKS = {"rules": rules, "markov": markov, "shapley_16": shapley_16, "stitching": stitching, "rfm": rfm, "funnel": funnel, "segment": segment}


def main() -> None:
    """Measure one work."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=WORKS)
    parser.add_argument("--out", default="bench-input", type=pathlib.Path)
    parser.add_argument("--repeat", default=3, type=int)
    given = parser.parse_args()
    name, items, run, result = WORKS[given.work](given.out)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, processor, answer = [], [], None
    for _ in range(given.repeat):
        start, start_cpu = time.perf_counter(), time.process_time()
        answer = run()
        wall.append(time.perf_counter() - start)
        processor.append(time.process_time() - start_cpu)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    (given.out / f"{name}.ours.json").write_text(json.dumps(result(answer), indent=1, sort_keys=True))
    seconds = statistics.median(wall)
    line = f"{name}_stratum\t{items}\t{seconds:.6f}\t{items / seconds:.1f}"
    print(f"{line}\t{statistics.median(processor):.6f}\t{peak:.0f}\t{before:.0f}", flush=True)


if __name__ == "__main__":
    main()
