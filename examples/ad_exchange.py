"""Health and gate over real advertising costs, from Python with polars: would a budget increase have run on each day?

    python examples/ad_exchange.py [FOLDER]

FOLDER holds ``realAdExchange/*.csv`` and ``windows.json`` of the Numenta Anomaly Benchmark. The Rust program
``ad_exchange`` beside this file does the same and says why it is set up so: a day's spend is the price of its dearest
hour, the components that the series say nothing about stand at 75, and each morning the last complete day is judged
against the 14 days before. Both print the same numbers.
"""

import datetime as dt
import json
import pathlib
import sys

import polars as pl
import stratum

TENANT = "0198c9a0-0000-7000-8000-000000000001"
OTHERS = {"EMQ": 75, "FRESHNESS": 75, "VARIANCE": 75}
WINDOW = dt.timedelta(days=14)
WARM_UP_DAYS = 7


def judge(gate: stratum.Gate, policy: stratum.TrustPolicy, days: dict[dt.date, float], day: dt.date):
    """What the gate says in the morning after ``day`` of a budget increase, and the score of the anomaly component."""
    morning = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(6), dt.timezone.utc)
    rows = [
        {"date": date.isoformat(), "spend_cents": price * 100, "conversions": 1}
        for date, price in days.items()
        if day - WINDOW <= date <= day
    ]
    health = stratum.health.evaluate(
        tenant_id=TENANT,
        platform="META",
        now=morning,
        components=OTHERS,
        measurements={"daily": {"last_complete_day": day.isoformat(), "days": rows}},
        data_as_of=morning - dt.timedelta(hours=6),
        policy=policy,
    )
    anomaly = next(component.score for component in health.components if component.name == "ANOMALY")
    return anomaly, gate.evaluate(action_type="BUDGET_INCREASE", snapshot=health, now=morning)


def main() -> None:
    default = pathlib.Path(__file__).resolve().parent.parent / ".." / "shared" / "data" / "nab"
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    if not (folder / "realAdExchange").is_dir():
        sys.exit("the series are not here: give the folder of the benchmark's data as the first argument")
    windows = json.loads((folder / "windows.json").read_text())
    policy = stratum.TrustPolicy(preset="FOUR")
    gate = stratum.Gate(policy)
    incidents = incidents_held = healthy_days = healthy_days_held = 0

    for path in sorted((folder / "realAdExchange").glob("*.csv")):
        dearest = (
            pl.read_csv(path, try_parse_dates=True)
            .group_by(pl.col("timestamp").dt.date().alias("date"))
            .agg(pl.col("value").max())
            .sort("date")
        )
        days = dict(dearest.iter_rows())
        labelled = [
            tuple(dt.datetime.fromisoformat(edge).date() for edge in window)
            for window in windows[f"realAdExchange/{path.name}"]
        ]
        print(f"{path.stem} ({len(days)} days)")
        held = []
        for position, day in enumerate(days):
            anomaly, answer = judge(gate, policy, days, day)
            if position < WARM_UP_DAYS:
                continue
            incident = any(first <= day <= last for first, last in labelled)
            healthy_days += not incident
            if answer.decision != "PASS":
                held.append(day)
                healthy_days_held += not incident
                label = "incident" if incident else "healthy "
                reasons = "; ".join(reason.message for reason in answer.reasons)
                print(f"  {day}  {answer.decision}  {label}  anomaly {anomaly}: {reasons}")
        incidents += len(labelled)
        incidents_held += sum(any(first <= day <= last for day in held) for first, last in labelled)

    print(
        f"held within their window: {incidents_held} of {incidents} labelled incidents; "
        f"held needlessly: {healthy_days_held} of {healthy_days} healthy days"
    )


if __name__ == "__main__":
    main()
