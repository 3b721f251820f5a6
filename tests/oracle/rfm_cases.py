"""Cases of rfm.score: limits and quintiles by sorting, names by a table written from the specification's list."""

import datetime
import json
import pathlib
from fractions import Fraction

from exact import number, q
from operations import at, case, refused

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "analytics" / "rfm_quintiles.json"
POLICY = {"recency_days": [7, 30, 90, 180], "frequency": [2, 5, 10, 20], "monetary": [50, 200, 500, 1000], "window_days": 365}
# The list of cells that the last rule names, and the rules before it, as predicates.
RULES = [
    ("champions", lambda r, f, m: r >= 4 and f >= 4 and m >= 4),
    ("cannot_lose", lambda r, f, m: r == 1 and f >= 4 and m >= 4),
    ("at_risk", lambda r, f, m: r <= 2 and (f >= 4 or m >= 4 or (f >= 3 and m >= 3))),
    ("loyal_customers", lambda r, f, m: r >= 3 and (f >= 4 or (f == 3 and m >= 4))),
    ("potential_loyalists", lambda r, f, m: r >= 4 and f in (2, 3)),
    ("new_customers", lambda r, f, m: r == 5 and f == 1),
    ("promising", lambda r, f, m: r == 4 and f == 1),
    ("need_attention", lambda r, f, m: r == 3 and f in (2, 3)),
    ("about_to_sleep", lambda r, f, m: (r == 3 and f == 1) or (r == 2 and (f >= 2 or m >= 2))),
    ("lost", lambda r, f, m: r == 1 and f == 1 and m <= 2),
    ("hibernating", lambda r, f, m: f"{r}{f}{m}" in ("113", "121", "122", "123", "131", "132", "211")),
]


def named(scores):
    if scores is None:
        return None
    r, f, m = scores
    return {
        "recency_score": r, "frequency_score": f, "monetary_score": m, "rfm_cell": f"RFM{r}{f}{m}",
        "rfm_score": number(q(round((q(r + f + m) / 3) * 100 + q("1e-9"))) / 100),
        "segment": next(name for name, rule in RULES if rule(r, f, m)),
    }


def answer(mode, scores):
    cells, segments = {}, {}
    for one in scores:
        if one is not None:
            cell = "%d%d%d" % one
            cells[cell] = cells.get(cell, 0) + 1
            name = named(one)["segment"]
            segments[name] = segments.get(name, 0) + 1
    return {"mode": mode, "customers": [named(one) for one in scores], "cells": cells, "segments": segments}


def fixed(customer, policy, per_major):
    if customer["frequency"] == 0 or customer["recency_days"] >= policy["window_days"]:
        return None
    r = 1 + sum(q(customer["recency_days"]) <= limit for limit in policy["recency_days"])
    f = 1 + sum(customer["frequency"] >= limit for limit in policy["frequency"])
    m = 1 + sum(customer["monetary_cents"] >= q(limit) * per_major for limit in policy["monetary"])
    return r, f, m


def customers(rows):
    return [{"recency_days": r, "frequency": f, "monetary_cents": m} for r, f, m in rows]


def ask(name, rows, policy=None, currency=None, per_major=100):
    request = {"customers": customers(rows)}
    if policy:
        request["policy"] = policy
    if currency:
        request["currency"] = currency
    scores = [fixed(customer, POLICY | (policy or {}), per_major) for customer in request["customers"]]
    return case(name, request, answer("FIXED", scores))


def by_rank(name, rows, ties):
    """Ranks by counting who is strictly worse; tied rows share, or follow each other as they stand."""
    bought = [place for place, row in enumerate(rows) if row[1] > 0 and row[0] < POLICY["window_days"]]

    def scores(worth):
        found = {}
        for place in bought:
            rank = sum(worth(rows[other]) < worth(rows[place]) for other in bought)
            if ties == "first":
                rank += sum(worth(rows[other]) == worth(rows[place]) and other < place for other in bought)
            found[place] = 1 + 5 * rank // len(bought)
        return found

    r, f, m = scores(lambda row: -row[0]), scores(lambda row: row[1]), scores(lambda row: row[2])
    expected = [(r[place], f[place], m[place]) if place in r else None for place in range(len(rows))]
    request = {"policy": {"mode": "QUINTILE"}, "ties": ties, "customers": customers(rows)}
    return case(name, request, answer("QUINTILE", expected))


def drawn(seed, count):
    """Customers from a linear congruential generator (Lehmer 1951, 48271)."""
    rows, state = [], seed
    for _ in range(count):
        draws = []
        for _ in range(3):
            state = state * 48_271 % 2_147_483_647
            draws.append(state)
        rows.append((draws[0] % 4000 / 8, draws[1] % 9 * (draws[1] % 5), draws[2] % 150_000))
    return rows


def cases():
    found = [
        ask("nobody", []),
        ask("each limit of recency", [(days, 1, 0) for days in (0, 7, 7.001, 30, 30.5, 90, 90.25, 180, 180.125, 364)]),
        ask("each limit of frequency", [(1, count, 0) for count in (0, 1, 2, 4, 5, 9, 10, 19, 20, 900)]),
        ask("each limit of money", [(1, 1, cents) for cents in (-700, 0, 4_999, 5_000, 19_999, 20_000, 49_999, 50_000, 99_999, 100_000)]),
        ask("yen have no cents", [(1, 1, yen) for yen in (49, 50, 1_000)], currency="JPY", per_major=1),
        ask("dinars have a thousand fils", [(1, 1, fils) for fils in (49_999, 50_000, 1_000_000)], currency="KWD", per_major=1000),
        ask("who bought before the window has no purchase in it", [(days, 3, 70_000) for days in (364.99, 365, 365.01, 800)]),
        ask("nor in a shorter or longer one", [(days, 3, 70_000) for days in (29.9, 30, 90)], policy={"window_days": 30}),
        ask("the longest window", [(days, 3, 70_000) for days in (1094, 1095)], policy={"window_days": 1095}),
        ask("limits of one's own", [(3, 2, 150), (4, 3, 151), (200, 1, 10**9)],
            policy={"recency_days": [3, 6, 12, 24], "frequency": [1, 2, 3, 4], "monetary": [1.5, 1.51, 2, 3.25], "window_days": 30}),
    ]
    values = {5: (1, 20, 100_000), 4: (20, 10, 50_000), 3: (60, 5, 20_000), 2: (120, 2, 5_000), 1: (300, 1, 0)}
    for r in range(1, 6):
        found.append(ask(f"all cells of recency {r}", [
            (values[r][0], values[f][1], values[m][2]) for f in range(1, 6) for m in range(1, 6)]))
    for seed, ties in ((3, "min"), (5, "first"), (7, "min"), (11, "first")):
        found.append(by_rank(f"quintiles of customers drawn by {seed}, ties {ties}", drawn(seed, 140), ties))
    for vector in json.loads(VECTORS.read_text())["cases"]:
        given = vector["input"]
        if given["bins"] == 5 and 50 <= len(given["frequency"]) <= 200:
            rows = list(zip(given["recency_days"], given["frequency"], [round(money * 100) for money in given["monetary"]]))
            expect = vector["expect"]
            scores = list(zip(expect["r"], expect["f"], expect["m"]))
            request = {"policy": {"mode": "QUINTILE"}, "ties": given["ties"], "customers": customers(rows)}
            found.append(case(f"quintiles of the vector {vector['name']}", request, answer("QUINTILE", scores)))
    return found + refusals()


def refusals():
    one = customers([(1, 1, 1)])
    return [
        refused("too few for quintiles", {"policy": {"mode": "quintile"}, "customers": one * 49}, ("/customers", "insufficient_data")),
        refused("who never bought does not count for quintiles", {
            "policy": {"mode": "QUINTILE"}, "customers": one * 49 + customers([(0, 0, 0)])}, ("/customers", "insufficient_data")),
        refused("every wrong limit at once", {
            "policy": {"window_days": 29, "recency_days": [7, 7, 90, 2000], "frequency": [0, 5, 4, 20], "monetary": [0, 200, 500, 1e12]},
            "customers": customers([(-1, 1, 1)]),
        }, ("/policy/window_days", "out_of_range"), ("/policy/recency_days/1", "not_increasing"),
            ("/policy/recency_days/3", "out_of_range"), ("/policy/frequency/0", "out_of_range"),
            ("/policy/frequency/2", "not_increasing"), ("/policy/monetary/0", "out_of_range"),
            ("/policy/monetary/3", "out_of_range"), ("/customers/0/recency_days", "out_of_range")),
        refused("figures that no customer has", {"customers": customers([(1, 1, 1), (-0.5, 2**53, 2**53)])},
                ("/customers/1/recency_days", "out_of_range"), ("/customers/1/frequency", "out_of_range"),
                ("/customers/1/monetary_cents", "amount_too_large")),
        refused("an unknown mode", {"policy": {"mode": "DECILE"}, "customers": one}, ("/policy/mode", "unknown_value")),
        refused("an unknown field", {"customers": one, "bins": 4}, ("/bins", "unknown_field")),
    ]


def purchases(seed, count):
    """Purchases from the same generator: some later than now, some before the window, some paid back."""
    rows, state = [], seed
    for _ in range(count):
        draws = []
        for _ in range(4):
            state = state * 48_271 % 2_147_483_647
            draws.append(state)
        rows.append({"customer_id": f"c{draws[0] % 7}", "at": at((draws[1] % 420 - 10) * 86_400_000 + draws[2] % 3 - 1),
                     "amount_cents": draws[2] % 9_000, "refunded_cents": [0, 0, 500, 9_000][draws[3] % 4]})
    return rows


def summed(rows, window):
    """By customer: the last purchase, how many, and what they brought."""
    start = instant(at(0)) - datetime.timedelta(days=window)
    found = {}
    for row in rows:
        if not start < instant(row["at"]) <= instant(at(0)) or 0 < row["amount_cents"] <= row["refunded_cents"]:
            continue
        held = found.setdefault(row["customer_id"], {"last_at": row["at"], "purchases": 0, "monetary_cents": 0})
        held["last_at"] = max(held["last_at"], row["at"])
        held["purchases"] += 1
        held["monetary_cents"] += row["amount_cents"] - row["refunded_cents"]
    return dict(sorted(found.items()))


def shown(fraction):
    """The nearest double."""
    return int(fraction) if fraction.denominator == 1 else float(fraction)


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def aggregated(rows, window):
    held = summed(rows, window)
    ms = {name: (instant(at(0)) - instant(one["last_at"])) // datetime.timedelta(milliseconds=1) for name, one in held.items()}
    return {
        "customer_ids": list(held),
        "customers": [{"recency_days": shown(Fraction(ms[name], 86_400_000)), "frequency": one["purchases"], "monetary_cents": one["monetary_cents"]}
                      for name, one in held.items()],
        "state": {"now": at(0), "window_days": window, "customers": held},
    }


def aggregate_cases():
    found = []
    for seed, count, window in ((3, 0, 365), (5, 12, 365), (7, 60, 30), (11, 60, 1095)):
        rows = purchases(seed, count)
        request = {"now": at(0), "window_days": window, "purchases": rows}
        found.append(case(f"{count} purchases, {window} days", request, aggregated(rows, window)))
        parts = [{"now": at(0), "window_days": window, "customers": summed(rows[start::3], window)} for start in (0, 1)]
        found.append(case(f"{count} purchases in three parts, {window} days", {**request, "purchases": rows[2::3], "states": parts}, aggregated(rows, window)))
    return found + [
        refused("a state of other days", {"now": at(0), "states": [{"now": at(1), "window_days": 365, "customers": {}}]}, ("/states/0", "different_window")),
        refused("amounts beyond every shop", {"now": at(0), "purchases": [{"customer_id": "c", "at": at(0), "amount_cents": 2**53, "refunded_cents": -1}]},
                ("/purchases/0/amount_cents", "amount_too_large"), ("/purchases/0/refunded_cents", "out_of_range")),
        refused("a window of a week", {"now": at(0), "window_days": 7}, ("/window_days", "out_of_range")),
    ]
