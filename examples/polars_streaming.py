"""Attribution of files that are larger than memory, with polars' streaming engine: batch by batch, the counts merge.

    pip install stratum-trust polars
    python examples/polars_streaming.py --journeys 200000

The touches are sorted by journey while they stream, so a journey can only be cut at the end of a batch: its rows are kept for
the next one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import example_data
import polars as pl

import stratum


class Counter:
    """Counts the journeys of sorted batches, and keeps the last one, whose touches may go on."""

    def __init__(self) -> None:
        self.counts = stratum.attribution.PathCounts()
        self.kept: pl.DataFrame | None = None

    def take(self, batch: pl.DataFrame) -> None:
        rows = batch if self.kept is None else pl.concat([self.kept, batch])
        is_last = pl.col("journey_id") == rows["journey_id"].last()
        self.counts.add(rows.filter(~is_last))
        self.kept = rows.filter(is_last)

    def finish(self) -> stratum.attribution.PathCounts:
        if self.kept is not None:
            self.counts.add(self.kept)
        return self.counts


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--journeys", type=int, default=200_000)
    asked = options.parse_args(arguments)
    touches = pl.DataFrame(example_data.touches(asked.journeys))
    with tempfile.TemporaryDirectory() as folder:
        for part in range(4):
            touches.gather_every(4, part).write_parquet(Path(folder) / f"{part}.parquet")
        counter = Counter()
        lazy = pl.scan_parquet(Path(folder) / "*.parquet").sort("journey_id", "touched_at")
        for batch in lazy.collect_batches(engine="streaming"):
            counter.take(batch)
    found = counter.finish()

    whole = stratum.attribution.PathCounts()
    whole.add(touches)
    if found != whole:
        raise SystemExit("the batches say something else than the whole")
    print(f"{asked.journeys} journeys of four files: the same to the bit as at once")
    print(pl.DataFrame(found.markov()["channels"]).sort("weight", descending=True))


if __name__ == "__main__":
    main(sys.argv[1:])
