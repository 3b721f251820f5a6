"""What the Python package does per second on one core: single calls of the gate, and columns of health and gate.

    make bench            builds the release wheel first
    python benches/python_batch.py [--rows 1000000]

The best of some runs of each, in processor time of the one thread that runs: on an idle machine that is the time on the
clock, on a busy one what else runs does not count. Goals: 1M single gate calls a second, 10M rows of health a second.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import stratum

TENANT = "0198c9a0-0000-7000-8000-000000000001"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
COMPONENTS = ["EMQ", "API_HEALTH", "EVENT_LOSS", "PLATFORM_STABILITY", "DATA_QUALITY"]
RUNS = 20


def best(run: Callable[[], Any], count: int) -> tuple[float, float]:
    """Nanoseconds for one of ``count``, and how many a second, in the best of some runs."""
    seconds = []
    for _ in range(RUNS):
        start = time.thread_time()
        run()
        seconds.append(time.thread_time() - start)
    return min(seconds) / count * 1e9, count / min(seconds)


def show(what: str, figures: tuple[float, float], goal: float | None = None) -> None:
    """Print one line; a goal that is missed says so."""
    nanoseconds, rate = figures
    verdict = "" if goal is None else f"  goal {goal / 1e6:g} M/s: {'met' if rate >= goal else 'MISSED'}"
    print(f"{what:<58} {nanoseconds:>10,.1f} ns {rate / 1e6:>9.2f} M/s{verdict}")


def snapshot(emq: float) -> stratum.HealthSnapshot:
    """A health snapshot of Meta with this EMQ."""
    return stratum.health.evaluate(
        tenant_id=TENANT,
        platform="META",
        now=NOW,
        components={**dict.fromkeys(COMPONENTS, 95.0), "EMQ": emq},
        data_as_of=NOW - timedelta(hours=1),
    )


def single_calls(calls: int) -> None:
    """One decision at a time."""
    gate = stratum.Gate()
    healthy, low = snapshot(90.0), snapshot(10.0)
    rounds = range(calls)

    def evaluate(of: stratum.HealthSnapshot, now: datetime | str) -> Callable[[], None]:
        def run() -> None:
            ask = gate.evaluate
            for _ in rounds:
                ask(action_type="BUDGET_INCREASE", snapshot=of, now=now)

        return run

    def read() -> None:
        for _ in rounds:
            answer = gate.evaluate(action_type="BUDGET_INCREASE", snapshot=low, now=NOW)
            _ = (answer.decision, answer.score, [(reason.code, reason.actual) for reason in answer.reasons])

    show("Gate.evaluate, passes", best(evaluate(healthy, NOW), calls), goal=1e6)
    show("Gate.evaluate, held with its reasons", best(evaluate(low, NOW), calls), goal=1e6)
    show("Gate.evaluate, the instant as text", best(evaluate(healthy, "2026-03-01T12:00:00Z"), calls))
    show("Gate.evaluate, held, decision and reasons read", best(read, calls))

    facts = {"tenant_id": TENANT, "platform": "META", "now": "2026-03-01T12:00:00Z"}
    request: Any = {"facts": {**facts, "components": dict.fromkeys(COMPONENTS, 95.0)}}
    few = max(calls // 10, 1)

    def by_name() -> None:
        for _ in range(few):
            stratum.call("health.evaluate", request)

    show('call("health.evaluate", dict)', best(by_name, few))


def batches(rows: int) -> None:
    """Columns of the data frames that are installed."""
    health = {name: [float((row * 7 + place) % 101) for row in range(rows)] for place, name in enumerate(COMPONENTS)}
    gate = {
        "action_type": [("BUDGET_INCREASE", "PAUSE_CAMPAIGN", "BID_DECREASE")[row % 3] for row in range(rows)],
        "score": health["EMQ"],
        "coverage_pct": [100.0] * rows,
        "snapshot_age_minutes": [float(row % 90) for row in range(rows)],
        "data_age_hours": [float(row % 60) for row in range(rows)],
    }
    makers = {"polars": "DataFrame", "pyarrow": "table", "pandas": "DataFrame"}
    for module, maker in makers.items():
        if importlib.util.find_spec(module) is None:
            print(f"{module} is not installed: left out")
            continue
        make = getattr(importlib.import_module(module), maker)
        frame, changes = make(health), make(gate)
        scored = best(lambda frame=frame: stratum.health.score_frame(frame), rows)  # type: ignore[misc]
        show(f"health.score_frame, {module}, {rows:,} rows x 5", scored, goal=1e7)
        decided = best(lambda frame=changes: stratum.gate.evaluate_frame(frame), rows)  # type: ignore[misc]
        show(f"gate.evaluate_frame, {module}, {rows:,} rows", decided)


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--calls", type=int, default=20_000)
    arguments = parser.parse_args()
    single_calls(arguments.calls)
    batches(arguments.rows)


if __name__ == "__main__":
    main()
