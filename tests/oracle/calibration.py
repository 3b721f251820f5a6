#!/usr/bin/env python3
"""Works out the vectors of calibration: tests/vectors/calibration/*.json.

Wilson's interval in decimals of sixty digits, the Brier score in fractions. Run it from anywhere; `--check` compares
instead of writing.
"""

from __future__ import annotations

import json
import random
import sys
from decimal import ROUND_HALF_UP, Decimal, getcontext
from fractions import Fraction
from pathlib import Path

getcontext().prec = 60
FOLDER = Path(__file__).resolve().parent.parent / "vectors" / "calibration"

# The 97.5 % quantile of the standard normal distribution (tables give 1.95996398454005423552).
Z = Decimal("1.95996398454005423552")
NINE_DECIMALS = Decimal("0.000000001")


def rounded(x: Decimal) -> float:
    return float(x.quantize(NINE_DECIMALS, ROUND_HALF_UP))


def wilson(successes: int, trials: int) -> tuple[float, float]:
    n, p = Decimal(trials), Decimal(successes) / Decimal(trials)
    centre = p + Z**2 / (2 * n)
    half_width = Z * (p * (1 - p) / n + Z**2 / (4 * n**2)).sqrt()
    scale = 1 + Z**2 / n
    return rounded(abs((centre - half_width) / scale)), rounded((centre + half_width) / scale)


def report(outcomes: list[tuple[str, bool]]) -> dict:
    bins = []
    for low in range(0, 100, 10):
        inside = [good for health, good in outcomes if min(int(Fraction(health) // 10), 9) == low // 10]
        if inside:
            interval = wilson(sum(inside), len(inside))
            share = Decimal(sum(inside)) / Decimal(len(inside))
            bins.append(
                {
                    "health_from": float(low),
                    "health_to": float(low + 10),
                    "decisions": len(inside),
                    "good": sum(inside),
                    "share_good": rounded(share),
                    "low": interval[0],
                    "high": interval[1],
                }
            )
    brier = None
    if outcomes:
        mean = sum((Fraction(health) / 100 - good) ** 2 for health, good in outcomes) / len(outcomes)
        brier = rounded(Decimal(mean.numerator) / Decimal(mean.denominator))
    return {"bins": bins, "brier": brier, "decisions": len(outcomes)}


def cases() -> list[dict]:
    draw = random.Random(1927)

    def drawn(n: int) -> list[tuple[str, bool]]:
        outcomes = []
        for _ in range(n):
            health = Decimal(draw.randrange(0, 100_000_000_001)) / 10**9
            outcomes.append((str(health), draw.random() * 100 < health))
        return outcomes

    named = {
        "no decision": [],
        "one decision that turned out right": [("70", True)],
        "one decision that turned out wrong at full health": [("100", False)],
        "certain and right": [("100", True), ("0", False)],
        "always fifty": [("50", True), ("50", False), ("50", True), ("50", False)],
        "the edges of the ranges": [(health, True) for health in ("0", "9.999999999", "10", "39.9999", "40", "69.9999", "70", "99.999999999", "100")],
        "two of two, one of two": [("95", True), ("92", True), ("45", False), ("41.5", True)],
        "a hundred drawn": drawn(100),
        "a thousand drawn": drawn(1000),
    }
    return [
        {
            "name": name,
            "outcomes": [{"health": float(health), "good": good} for health, good in outcomes],
            "expected": report(outcomes),
        }
        for name, outcomes in named.items()
    ]


def wilson_cases() -> list[dict]:
    pairs = [(0, 1), (1, 1), (0, 10), (1, 10), (5, 10), (8, 10), (10, 10), (81, 263), (15, 148), (0, 20), (1, 29)]
    pairs += [(500, 1000), (999_999, 1_000_000), (1, 10_000_000), (123_456_789, 987_654_321)]
    return [{"successes": s, "trials": n, "low": wilson(s, n)[0], "high": wilson(s, n)[1]} for s, n in pairs]


def main() -> int:
    oracle = "tests/oracle/calibration.py (decimal, fractions)"
    files = {
        "calibration.json": {"title": "health at the time of decisions, and what came of them", "oracle": oracle, "cases": cases()},
        "wilson.json": {"title": "95 % intervals of a share", "oracle": oracle, "cases": wilson_cases()},
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    stale = []
    for name, content in files.items():
        lines = ",\n".join("  " + json.dumps(case) for case in content.pop("cases"))
        head = json.dumps(content, indent=1).removesuffix("\n}")
        text = f'{head},\n "cases": [\n{lines}\n ]\n}}\n'
        path = FOLDER / name
        if "--check" in sys.argv:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        print("stale:", *stale)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
