"""Made-up touches and events, the same for every run: what the examples of data pipelines work on."""

from __future__ import annotations

import random

import pyarrow as pa

CHANNELS = ["meta", "google", "tiktok", "snapchat", "email", "direct"]


def touches(journeys: int, seed: int = 7) -> pa.Table:
    """A row for each touch of so many journeys, of which about every fifth converts."""
    draw = random.Random(seed)
    rows: dict[str, list[object]] = {name: [] for name in ("journey_id", "channel", "touched_at", "converted_at", "value_cents")}
    for journey in range(journeys):
        converted = draw.random() < 0.2
        cents = draw.randrange(500, 50_000) if converted else 0
        start = 1_767_225_600_000 + draw.randrange(60 * 86_400_000)
        touches = draw.choices((1, 2, 3, 4, 8), (40, 25, 20, 10, 5))[0]
        for touch in range(touches):
            rows["journey_id"].append(journey)
            rows["channel"].append(draw.choices(CHANNELS, (30, 28, 12, 6, 9, 15))[0])
            rows["touched_at"].append(start + touch * 3_600_000)
            rows["converted_at"].append(start + touches * 3_600_000 if converted else None)
            rows["value_cents"].append(cents)
    instant = pa.timestamp("ms", "UTC")
    return pa.table(
        rows,
        schema=pa.schema(
            {
                "journey_id": pa.int64(),
                "channel": pa.string(),
                "touched_at": instant,
                "converted_at": instant,
                "value_cents": pa.int64(),
            }
        ),
    )


def events(rows: int, seed: int = 7) -> pa.Table:
    """Events of people with an address, one or two devices and some visits without a name."""
    draw = random.Random(seed)
    people = max(rows // 6, 1)
    made: dict[str, list[str | None]] = {name: [] for name in ("email", "device_id", "anonymous_id")}
    for _ in range(rows):
        person = draw.randrange(people)
        made["email"].append(f"person{person}@shop.test1" if draw.random() < 0.3 else None)
        made["device_id"].append(f"device-{person}-{draw.randrange(2)}" if draw.random() < 0.6 else None)
        made["anonymous_id"].append(f"visit-{person}-{draw.randrange(3)}")
    return pa.table(made, schema=pa.schema([(name, pa.string()) for name in made]))
