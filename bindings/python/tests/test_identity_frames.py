"""Identifiers and people over data frames: what is normalised, and who is one person."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stratum

# Requests are made of rows here, whose types mypy does not follow.
call: Any = stratum.call

IDENTIFIERS = {
    "email": [" Jane.Doe+x@GMAIL.com", None, "no at", "josé@shop.example", "", "e" * 300 + "@shop.example", "null"],
    "phone": ["٠٠٩٦٥ ٥٠٠١-٢٣٤٥", "50012345", None, "12", "tel:+44 (0)20 7946 0958", "0000000000", "x"],
    "device_id": ["6D92078A-8246-4BA4-AE5B-76104861E7DC", None, "00000000-0000-0000-0000-000000000000", "d", "", "D", "é"],
}
PLATFORMS = ["META", "GOOGLE", "TIKTOK", "SNAPCHAT"]


@pytest.mark.parametrize("make", [pl.DataFrame, pd.DataFrame, pa.table])
def test_identifiers_are_normalised_as_the_call_normalises_them(make: Any) -> None:
    found = pl.DataFrame(stratum.cdp.normalize(make(IDENTIFIERS), platforms=PLATFORMS, default_region="KW")).to_dicts()
    for kind, values in IDENTIFIERS.items():
        for row, value in zip(found, values, strict=True):
            if value is None:
                assert {text for name, text in row.items() if name.startswith(kind)} == {None}
                continue
            single = call("identifier.normalize", {"type": kind, "value": value, "settings": {"default_region": "KW"}})
            assert row[kind] == single["value"]
            assert row[f"{kind}_refusal"] == (single["refusal"] or {}).get("code")
            for platform in PLATFORMS:
                sent = single["platforms"].get(platform.lower()) or {}
                assert row[f"{kind}_{platform.lower()}"] == sent.get("value")


def test_only_what_is_asked_for_is_answered() -> None:
    found = stratum.cdp.normalize(pl.DataFrame({"Contact": ["a@shop.example"], "phone": ["1"]}), email="Contact")
    assert found.names == ["email", "email_refusal", "phone", "phone_refusal"]
    with pytest.raises(stratum.StratumError) as refused:
        stratum.cdp.normalize(pl.DataFrame({"name": ["Jane"]}))
    assert refused.value.problems[0].code == "missing_column"


PERSONS = [
    {"email": " Jane@Shop.Example ", "phone": None, "device_id": "d1"},
    {"email": None, "phone": "+96550012345", "device_id": "D1"},
    {"email": "omar@shop.example", "phone": None, "device_id": "d2"},
    {"email": "null", "phone": "n/a", "device_id": None},
    {"email": "noreply@shop.example", "phone": None, "device_id": "d3"},
    {"email": "noreply@shop.example", "phone": None, "device_id": "d4"},
]
CLUSTERS = [
    "email:jane@shop.example",
    "email:jane@shop.example",
    "email:omar@shop.example",
    None,
    "device_id:d3",
    "device_id:d4",
]


@pytest.mark.parametrize("make", [pl.from_dicts, pd.DataFrame, pa.Table.from_pylist])
def test_events_of_one_person_come_together_and_what_names_nobody_links_nothing(make: Any) -> None:
    found = stratum.cdp.resolve(make(PERSONS))
    assert pl.DataFrame(found)["cluster"].to_list() == CLUSTERS
    identifiers = pl.DataFrame(found.tables["identifiers"])
    assert dict(identifiers.iter_rows())["phone:+96550012345"] == "email:jane@shop.example"
    assert identifiers.height == 7
    assert pl.DataFrame(found.tables["held"]).height == 0


def test_events_give_the_clusters_of_their_links() -> None:
    draw = random.Random(11)
    rows = [{"external_id": f"u{draw.randrange(60)}", "device_id": f"d{draw.randrange(90)}"} for _ in range(80)]
    links = [{"left": f"external_id:{row['external_id']}", "right": f"device_id:{row['device_id']}"} for row in rows]
    expected = call("identity.stitch", {"links": links})
    found = stratum.cdp.resolve(pl.from_dicts(rows), policy={"min_confidence": 0.9})
    assert pl.DataFrame(found.tables["identifiers"]).to_dicts() == expected["identifiers"]
    held = pl.DataFrame(found.tables["held"]).with_columns(pl.col("reasons").cast(pl.List(pl.String)))
    assert held.to_dicts() == expected["held"]
    assert expected["held"]
    assert pl.DataFrame(found.tables["summary"])["clusters"].to_list() == [expected["clusters"]]


@pytest.mark.parametrize("preset", ["strict", "standard"])
def test_events_give_the_profiles_of_resolving_them_one_after_the_other(preset: str) -> None:
    draw = random.Random(23)
    start = datetime(2026, 3, 1, tzinfo=timezone.utc)
    rows: list[dict[str, Any]] = [
        {
            "event_time": start + timedelta(minutes=7 * place),
            "email": f"m{draw.randrange(25)}@shop.test1",
            "phone": f"+9655001{draw.randrange(2345, 2375)}",
            "device_id": f"d{draw.randrange(30)}" if draw.random() < 0.5 else None,
        }
        for place in range(60)
    ]
    events = [
        {
            "event_id": f"e{place}",
            "event_time": row["event_time"].isoformat().replace("+00:00", "Z"),
            "identifiers": [
                {"type": kind, "value": row[kind]} for kind in ("email", "phone", "device_id") if row[kind] is not None
            ],
        }
        for place, row in enumerate(rows)
    ]
    report = call("identity.resolve", {"policy": {"preset": preset}, "events": events})
    expected = {frozenset(profile["identifiers"]) for profile in report["profiles"]}
    found = stratum.cdp.resolve(pl.from_dicts(rows), identity={"preset": preset})
    clusters: dict[str, set[str]] = {}
    for identifier, cluster in pl.DataFrame(found.tables["identifiers"]).iter_rows():
        clusters.setdefault(cluster, set()).add(identifier)
    # What was refused and nobody holds is a cluster of its own.
    nobodys = {frozenset([name]) for name in set().union(*clusters.values()) - set().union(*expected)}
    assert {frozenset(names) for names in clusters.values()} == expected | nobodys
    assert pl.DataFrame(found.tables["held"]).height > 0
