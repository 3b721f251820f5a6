"""Five pictures of made-up data: credit by model, paths, a funnel, an identity graph, and health over time.

    pip install 'stratum-trust[plot]' pyarrow
    python examples/pictures.py pictures/

Each picture is an operation's answer, drawn as it is.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone
from itertools import groupby
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import example_data

import stratum
import stratum.plot

START = datetime(2026, 3, 1, tzinfo=timezone.utc)


def journeys(count: int) -> list[dict[str, Any]]:
    """Journeys as ``journey.build`` gives them, of the made-up touches."""
    made = []
    for _, rows in groupby(example_data.touches(count).to_pylist(), key=lambda row: row["journey_id"]):
        touches = list(rows)
        last = touches[-1]
        conversion = {"converted_at": last["converted_at"], "value_cents": last["value_cents"]}
        made.append({
            "touches": [{"channel": touch["channel"], "touched_at": touch["touched_at"]} for touch in touches],
            "conversion": conversion if last["converted_at"] else None,
        })
    return made


def funnel_events(people: int) -> list[dict[str, Any]]:
    """Fewer and fewer people come from a view to a purchase."""
    steps = ["ProductViewed", "AddToCart", "CheckoutStarted", "Purchase"]
    return [
        {"profile_id": f"p{person}", "event_name": step, "event_time": START + timedelta(minutes=10 * place)}
        for person in range(people)
        for place, step in enumerate(steps)
        if person % (1 + place * place) == 0
    ]


def visits() -> list[dict[str, Any]]:
    """A person who signs in on two devices."""
    seen = [
        {"email": "jane@shop.test1", "device_id": "phone-1"},
        {"device_id": "phone-1", "anonymous_id": "visit-1"},
        {"device_id": "laptop-1", "anonymous_id": "visit-2"},
        {"external_id": "U7", "email": "jane@shop.test1"},
        {"external_id": "U7", "device_id": "laptop-1"},
    ]
    return [
        {
            "event_id": f"e{place}",
            "event_time": START + timedelta(hours=place),
            "kind": "track",
            "identifiers": [{"type": kind, "value": value} for kind, value in row.items()],
        }
        for place, row in enumerate(seen)
    ]


def health() -> list[tuple[datetime, float | None]]:
    """Two weeks with an outage, and a day without a measurement."""
    hours = ((START + timedelta(hours=hour), hour) for hour in range(0, 14 * 24, 6))
    return [(at, None if hour // 24 == 10 else 52.0 + hour % 5 if 72 <= hour < 120 else 88.0 + hour % 7) for at, hour in hours]


def main(arguments: list[str]) -> None:
    folder = Path(arguments[0] if arguments else "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    call: Any = stratum.call
    made = journeys(2_000)
    steps = [{"event_name": name} for name in ("ProductViewed", "AddToCart", "CheckoutStarted", "Purchase")]
    pictures = {
        "credit": stratum.plot.credit(call("attribution.compare", {"journeys": made})),
        "paths": stratum.plot.paths(call("attribution.paths", {"journeys": made, "top": 25})["top_paths"]),
        "funnel": stratum.plot.funnel(call("funnel.evaluate", {"funnel": {"steps": steps}, "events": funnel_events(600)})),
        "identity": stratum.plot.identity_graph(
            call("identity.graph", {"events": visits(), "around": {"type": "external_id", "value": "U7"}}), show_values=True
        ),
        "health": stratum.plot.health(
            health(), incidents=[(START + timedelta(hours=72), START + timedelta(hours=120))], title="Meta"
        ),
    }
    for name, picture in pictures.items():
        picture.figure.savefig(folder / f"{name}.svg")
        print(folder / f"{name}.svg")


if __name__ == "__main__":
    main(sys.argv[1:])
