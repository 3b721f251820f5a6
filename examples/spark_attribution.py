"""Attribution inside Spark: every partition counts the paths of its journeys, and the counts merge.

    pip install stratum-trust pyspark pyarrow
    python examples/spark_attribution.py --journeys 100000 --partitions 8

Counts are whole numbers, so however Spark cuts the journeys up, the merged counts say what one machine says of all of them: to
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


def count_paths(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What runs in the workers: the journeys of a partition become one row, the bytes of their counts."""
    counts = stratum.attribution.PathCounts()
    # A journey may lie in several batches of a partition, so they are counted together.
    rows = list(batches)
    if rows:
        counts.add(pa.Table.from_batches(rows))
    yield pa.RecordBatch.from_pydict({"state": [counts.to_bytes()]}, schema=pa.schema([("state", pa.binary())]))


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--journeys", type=int, default=100_000)
    options.add_argument("--partitions", type=int, nargs="+", default=[1, 2, 8])
    asked = options.parse_args(arguments)
    touches = example_data.touches(asked.journeys)

    start = time.perf_counter()
    alone = stratum.attribution.PathCounts()
    alone.add(touches)
    expected = (alone.markov(order=2), alone.shapley())
    seconds_alone = time.perf_counter() - start
    print(f"{asked.journeys} journeys, {touches.num_rows} touches; on one machine {seconds_alone:.3f} s")

    with session("attribution") as spark:
        frame = spark.createDataFrame(touches).cache()
        frame.count()
        for partitions in asked.partitions:
            start = time.perf_counter()
            # All touches of a journey meet in one partition.
            states = frame.repartition(partitions, "journey_id").mapInArrow(count_paths, "state binary").collect()
            merged = stratum.attribution.PathCounts()
            for state in states:
                merged.merge(stratum.attribution.PathCounts.from_bytes(bytes(state.state)))
            found = (merged.markov(order=2), merged.shapley())
            seconds = time.perf_counter() - start
            if merged.to_bytes() != alone.to_bytes() or found != expected:
                raise SystemExit(f"{partitions} partitions say something else than one machine")
            print(f"{partitions} partitions: {seconds:.3f} s, {seconds / seconds_alone:.1f} times one machine, the same to the bit")
    for channel in expected[0]["channels"]:
        print(f"  {channel['channel']:<9} {channel['conversions']:>10.2f} conversions  {channel['value_cents'] / 100:>12,.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
