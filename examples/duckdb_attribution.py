"""Attribution of a table that is larger than memory, with DuckDB: bucket by bucket, the counts merge.

    pip install stratum-trust duckdb pyarrow
    python examples/duckdb_attribution.py --journeys 200000

DuckDB reads files of any size; a bucket of journeys is what has to fit. A relation goes into Stratum as it is, and the answer
goes back into SQL as it is: both speak Arrow.
"""

from __future__ import annotations

import argparse
import sys

import duckdb
import example_data

import stratum


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--journeys", type=int, default=200_000)
    options.add_argument("--buckets", type=int, default=8)
    asked = options.parse_args(arguments)

    database = duckdb.connect()
    touches = example_data.touches(asked.journeys)
    database.register("touches", touches)  # in earnest: read_parquet('touches/*.parquet')

    counts = stratum.attribution.PathCounts()
    for bucket in range(asked.buckets):
        # All touches of a journey are in one bucket.
        rows = "SELECT * FROM touches WHERE hash(journey_id) % $of = $bucket"
        counts.add(database.sql(rows, params={"of": asked.buckets, "bucket": bucket}))

    whole = stratum.attribution.markov(touches)
    weights = {channel["channel"]: channel["weight"] for channel in counts.markov()["channels"]}
    database.register("credit", database.from_arrow(whole))
    ranked = database.sql("SELECT channel, weight, value_cents / 100 AS value FROM credit ORDER BY weight DESC").fetchall()
    if any(weights[channel] != weight for channel, weight, _ in ranked):
        raise SystemExit("the buckets say something else than the whole")
    print(f"{asked.journeys} journeys in {asked.buckets} buckets: the same to the bit as at once")
    for channel, weight, value in ranked:
        print(f"  {channel:<9} {weight:7.2%}  {value:>12,.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
