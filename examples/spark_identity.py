"""Identity inside Spark: every partition links the identifiers of its events, and the links merge into clusters.

    pip install stratum-trust pyspark pyarrow
    python examples/spark_identity.py --events 100000 --partitions 8

Which identifiers are one person does not depend on where their events lie, so the events need no shuffle at all. Clusters that
may hold several persons come back in ``tables["held"]``: replay their events through ``stratum.call("identity.resolve", …)``. It
needs Java 17 or later.
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


def link(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What runs in the workers: the events of a partition become one row, the bytes of their links."""
    links = stratum.cdp.Links()
    for batch in batches:
        links.add(pa.Table.from_batches([batch]))
    yield pa.RecordBatch.from_pydict({"state": [links.to_bytes()]}, schema=pa.schema([("state", pa.binary())]))


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--events", type=int, default=100_000)
    options.add_argument("--partitions", type=int, nargs="+", default=[1, 2, 8])
    asked = options.parse_args(arguments)
    events = example_data.events(asked.events)

    start = time.perf_counter()
    alone = stratum.cdp.Links()
    alone.add(events)
    expected = clusters(alone)
    seconds_alone = time.perf_counter() - start
    people = len(set(expected.values()))
    print(f"{asked.events} events, {len(expected)} identifiers, {people} persons; on one machine {seconds_alone:.3f} s")

    with session("identity") as spark:
        frame = spark.createDataFrame(events).cache()
        frame.count()
        for partitions in asked.partitions:
            start = time.perf_counter()
            states = frame.repartition(partitions).mapInArrow(link, "state binary").collect()
            merged = stratum.cdp.Links()
            for state in states:
                merged.merge(stratum.cdp.Links.from_bytes(bytes(state.state)))
            found = clusters(merged)
            seconds = time.perf_counter() - start
            if found != expected:
                raise SystemExit(f"{partitions} partitions say something else than one machine")
            print(f"{partitions} partitions: {seconds:.3f} s, {seconds / seconds_alone:.1f} times one machine, the same clusters")


def clusters(links: stratum.cdp.Links) -> dict[str, str]:
    """The cluster of each identifier."""
    table = pa.table(links.clusters())
    return dict(zip(table["identifier"].to_pylist(), table["cluster"].to_pylist()))


if __name__ == "__main__":
    main(sys.argv[1:])
