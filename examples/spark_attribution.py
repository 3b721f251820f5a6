"""Attribution inside Spark: every partition counts the paths of its journeys and credits them by rules, and the states merge.

    pip install stratum-trust pyspark pyarrow
    python examples/spark_attribution.py --journeys 100000 --partitions 8

The states hold whole numbers, so however Spark cuts the journeys up, the merged ones say what one machine says of all of them: to
the last bit. The example checks it and prints what the way through Spark costs. It needs Java 17 or later.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator

import example_data
import pyarrow as pa
from example_spark import session

import stratum


RULES = ["last_touch", "linear", "position_based", "time_decay"]


def empty() -> tuple[stratum.attribution.PathCounts, stratum.attribution.CreditTotals]:
    """What Markov and Shapley learn from, and what rules credit."""
    return stratum.attribution.PathCounts(), stratum.attribution.CreditTotals(RULES)


def learned(paths: stratum.attribution.PathCounts, credits: stratum.attribution.CreditTotals) -> list[object]:
    """What the merged states say, rule by rule and day by day too."""
    return [paths.markov(order=2), paths.shapley(), pa.table(credits.finish()).to_pylist()]


def count(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What runs in the workers: the journeys of a partition become one row, the bytes of their states."""
    states = empty()
    # A journey may lie in several batches of a partition, so they are counted together.
    rows = list(batches)
    if rows:
        touches = pa.Table.from_batches(rows)
        for state in states:
            state.add(touches)
    made = {name: [state.to_bytes()] for name, state in zip(("paths", "credits"), states)}
    yield pa.RecordBatch.from_pydict(made, schema=pa.schema([(name, pa.binary()) for name in made]))


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--journeys", type=int, default=100_000)
    options.add_argument("--partitions", type=int, nargs="+", default=[1, 2, 8])
    asked = options.parse_args(arguments)
    touches = example_data.touches(asked.journeys)

    start = time.perf_counter()
    paths, credits = empty()
    paths.add(touches)
    credits.add(touches)
    expected = learned(paths, credits)
    seconds_alone = time.perf_counter() - start
    print(f"{asked.journeys} journeys, {touches.num_rows} touches; on one machine {seconds_alone:.3f} s")

    with session("attribution") as spark:
        frame = spark.createDataFrame(touches).cache()
        frame.count()
        for partitions in asked.partitions:
            start = time.perf_counter()
            # All touches of a journey meet in one partition.
            states = frame.repartition(partitions, "journey_id").mapInArrow(count, "paths binary, credits binary").collect()
            merged, merged_credits = empty()
            for state in states:
                merged.merge(stratum.attribution.PathCounts.from_bytes(bytes(state.paths)))
                merged_credits.merge(stratum.attribution.CreditTotals.from_bytes(bytes(state.credits)))
            found = learned(merged, merged_credits)
            seconds = time.perf_counter() - start
            same = (merged.to_bytes(), merged_credits.to_bytes()) == (paths.to_bytes(), credits.to_bytes())
            if not same or found != expected:
                raise SystemExit(f"{partitions} partitions say something else than one machine")
            print(f"{partitions} partitions: {seconds:.3f} s, {seconds / seconds_alone:.1f} times one machine, the same to the bit")
    for channel in paths.markov(order=2)["channels"]:
        print(f"  {channel['channel']:<9} {channel['conversions']:>10.2f} conversions  {channel['value_cents'] / 100:>12,.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
