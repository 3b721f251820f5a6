"""What ``stratum.cdp`` does with data frames: rows a second and peak memory, beside doing nothing with the same columns.

    make bench            builds the release wheel first
    python benches/cdp_frames.py [--rows 1000000]

Each function runs in a process of its own, so that the peak is its own: the resident memory at the end of the work above that
before it. "nothing" hands the columns over and back without reading a value.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa

import stratum

NAMES = ["ProductViewed", "AddToCart", "Purchase", "PageView"]
START_MS = 1_767_225_600_000


def people(rows: int) -> pa.Table:
    """Identifiers as they are typed."""
    return pa.table(
        {
            "email": [f" Person.{row % (rows // 2 + 1)}@Shop{row % 97}.Example" for row in range(rows)],
            "phone": [f"+965 5{row % 10_000_000:07}" for row in range(rows)],
            "device_id": [f"device-{row}" for row in range(rows)],
        }
    )


def events(rows: int) -> pa.Table:
    """Events of a quarter as many people, in the order of time."""
    return pa.table(
        {
            "profile_id": pa.array([(row * 7919) % (rows // 4 + 1) for row in range(rows)], pa.int64()),
            "event_name": pa.array([NAMES[(row * 104_729) % 4] for row in range(rows)]),
            "event_time": pa.array([START_MS + row * 1000 for row in range(rows)], pa.int64()),
            "total": pa.array([float(row % 90) for row in range(rows)]),
        }
    )


def customers(rows: int) -> pa.Table:
    """What the purchases of customers come to."""
    return pa.table(
        {
            "recency_days": [float(row * 7 % 365) for row in range(rows)],
            "frequency": [float(row % 25 + 1) for row in range(rows)],
            "monetary_cents": [float(row * 7919 % 200_000) for row in range(rows)],
        }
    )


def persons(rows: int) -> pa.Table:
    """Names and addresses as they are typed."""
    return pa.table(
        {
            "first_name": [f" José-María {row % 5000} " for row in range(rows)],
            "city": [f"São Paulo {row % 900}" for row in range(rows)],
            "zip": [f"940{row % 100:02}-1234" for row in range(rows)],
            "country": ["US" if row % 3 else "Brazil" for row in range(rows)],
        }
    )


def purchases(rows: int) -> pa.Table:
    """Purchases of a quarter as many customers."""
    return pa.table(
        {
            "customer_id": pa.array([(row * 7919) % (rows // 4 + 1) for row in range(rows)], pa.int64()),
            "at": pa.array([START_MS + row * 1000 for row in range(rows)], pa.int64()),
            "amount_cents": pa.array([row * 7919 % 20_000 for row in range(rows)], pa.int64()),
        }
    )


def histories(rows: int) -> pa.Table:
    """The histories of customers in weeks, drawn from BG/NBD and Gamma-Gamma, so that there is something to fit."""
    draw = random.Random(7)
    table: dict[str, list[float]] = {"frequency": [], "recency": [], "T": [], "monetary_value": []}
    for _ in range(rows):
        age, at, bought = draw.uniform(27, 39), 0.0, 0
        rate, leaving = draw.gammavariate(0.6, 1 / 8), draw.betavariate(1.2, 3)
        while (later := at + draw.expovariate(rate)) < age:
            at, bought = later, bought + 1
            if draw.random() < leaving:
                break
        scale = draw.gammavariate(3.7, 1 / 15)
        spent = draw.gammavariate(6 * bought, 1 / scale / bought) if bought else 0.0
        for column, value in zip(table.values(), (bought, at, age, spent), strict=True):
            column.append(value)
    return pa.table(table)


def silent(rows: int) -> pa.Table:
    """What is known of customers' purchases."""
    return pa.table(
        {
            "purchases": [row % 7 for row in range(rows)],
            "days_since_last_purchase": [float(row * 7 % 365) for row in range(rows)],
            "revenue_cents": [row * 7919 % 200_000 for row in range(rows)],
            "median_gap_days": [float(row % 50 + 1) for row in range(rows)],
        }
    )


def nothing(frame: pa.Table) -> Any:
    """Hand the columns over and back."""
    return pa.RecordBatchReader.from_stream(frame).read_all()


RULES = {
    "logic": "and",
    "conditions": [{"field": "event.Purchase.count", "operator": "greater_or_equal", "value": 1, "window_days": 90}],
}
TRAITS = [{"name": "spent", "trait_type": "sum", "source_config": {"event_name": "Purchase", "property": "total"}}]
NOW = "2026-02-01T00:00:00Z"

WORK: dict[str, tuple[Callable[[int], pa.Table], Callable[[Any], Any]]] = {
    "nothing, with events": (events, nothing),
    "nothing, with texts": (people, nothing),
    "normalize email": (lambda rows: people(rows).select(["email"]), stratum.cdp.normalize),
    "normalize email, hash for Meta": (
        lambda rows: people(rows).select(["email"]),
        lambda frame: stratum.cdp.normalize(frame, platforms=["META"]),
    ),
    "normalize phone": (lambda rows: people(rows).select(["phone"]), stratum.cdp.normalize),
    "resolve, e-mail and device": (lambda rows: people(rows).select(["email", "device_id"]), stratum.cdp.resolve),
    "normalize four person fields": (persons, lambda frame: stratum.cdp.normalize(frame, platforms=["META"])),
    "rfm_aggregate": (purchases, lambda frame: stratum.cdp.rfm_aggregate(frame, now=NOW)),
    "predict": (silent, stratum.cdp.predict),
    "lifetime_value, fitted": (histories, lambda frame: stratum.cdp.lifetime_value(frame, periods_per_month=4.345)),
    "lifetime_value, no intervals": (
        histories,
        lambda frame: stratum.cdp.lifetime_value(frame, periods_per_month=4.345, confidence=None),
    ),
    "rfm, fixed": (customers, stratum.cdp.rfm),
    "rfm, quintiles": (customers, lambda frame: stratum.cdp.rfm(frame, policy={"mode": "QUINTILE"})),
    "funnel, three steps": (events, lambda frame: stratum.cdp.funnel(frame, NAMES[:3])),
    "segment, by events": (events, lambda frame: stratum.cdp.segment(frame, RULES, now=NOW)),
    "traits, one sum": (events, lambda frame: stratum.cdp.traits(frame, TRAITS, now=NOW)),
}


def resident() -> float:
    """The most resident memory so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str, rows: int) -> tuple[float, float]:
    """Seconds of the best of three runs, and MiB that the work added to the peak."""
    make, run = WORK[name]
    frame = make(rows)
    before = resident()
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        run(frame)
        seconds.append(time.perf_counter() - start)
    return min(seconds), resident() - before


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    for name in WORK:
        with context.Pool(1) as pool:
            seconds, memory = pool.apply(measure, (name, arguments.rows))
        print(f"{name:<34} {arguments.rows / seconds / 1e6:>8.2f} M rows/s {memory:>8.0f} MiB above the frame")


if __name__ == "__main__":
    main()
