"""What ChannelAttribution computes on the file that the peer's script wrote: run once, not timed.

    python benches/peers/channel_attribution.py rules --out bench-input

The peer's script times the package and keeps nothing of what it computed; this writes it, for `run.py` to compare with ours. The
package is GPL-3: it is installed and called, and nothing else.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import pathlib
from typing import Any

import polars as pl


def package() -> Any:
    """It greets on the standard output."""
    with contextlib.redirect_stdout(io.StringIO()):
        return importlib.import_module("ChannelAttribution")


def paths(out: pathlib.Path, name: str) -> Any:
    """A path string a journey, in the order of the touches, as the package reads them."""
    touches = pl.read_parquet(out / f"{name}_touches.parquet")
    path = touches.group_by("journey", maintain_order=True).agg(pl.col("channel").str.join(" > ").alias("path"))
    joined = path.join(pl.read_parquet(out / f"{name}_journeys.parquet"), on="journey", how="left", maintain_order="left")
    return joined.select("path", "converted", (1 - pl.col("converted")).alias("null"), "value").to_pandas()


def rules(out: pathlib.Path) -> Any:
    """The value that each of its three rules gives to each channel."""
    found = package().heuristic_models(paths(out, "rules"), "path", "converted", var_value="value", flg_pro=False)
    names = found["channel_name"]
    return {rule: dict(zip(names, found[f"{rule}_touch_value"].tolist())) for rule in ("first", "last", "linear")}


def markov(out: pathlib.Path) -> Any:
    """Conversions and removal effects of a simulated chain of order 1. Its default cuts paths at the longest one seen, and stops a
    few percent away from what it would come to; so many simulations come close enough to be compared."""
    with contextlib.redirect_stdout(io.StringIO()):
        found = package().markov_model(
            paths(out, "markov"), "path", "converted", var_null="null", order=1, max_step=1000, nsim_start=5_000_000, out_more=True,
            verbose=False, flg_pro=False,
        )
    earned, effects = found["result"], found["removal_effects"]
    return {
        "conversions": dict(zip(earned["channel_name"], earned["total_conversions"].tolist())),
        "removal_effect": dict(zip(effects["channel_name"], effects["removal_effect"].tolist())),
    }


WORKS = {"rules": rules, "markov": markov}


def main() -> None:
    """Compute one work."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=WORKS)
    parser.add_argument("--out", default="bench-input", type=pathlib.Path)
    given = parser.parse_args()
    found = WORKS[given.work](given.out)
    (given.out / f"{given.work}.channelattribution.json").write_text(json.dumps(found, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
