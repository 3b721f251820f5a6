"""Conversions from data frames: the same requests as the call by row, for frames of every maker."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stratum

call: Any = stratum.call
NOW = "2026-04-15T12:00:00Z"
CONTENTS = '[{"id": "S-1", "quantity": 2, "price": 4.5}]'
CONVERSIONS: dict[str, list[Any]] = {
    "event_id": [f"e{row}" for row in range(8)],
    "event_name": ["Purchase", "purchase", "Lead", "Quiz", "Purchase", "AddToCart", "Subscribe", "Purchase"],
    "event_time": ["2026-04-15T11:00:00Z"] * 6 + ["2025-01-01T00:00:00Z", "2026-04-15T11:00:00Z"],
    "action_source": ["website", "physical_store", None, None, "website", "phone_call", None, "Website"],
    "event_source_url": ["https://shop.test/?fbclid=F", None, None, None, None, None, None, "https://shop.test/"],
    "email": ["jane@shop.test", "JANE@shop.test ", "n/a", "li@shop.test", "omar@shop.test", None, "ana@shop.test", "ben@shop.test"],
    "phone": [None, None, None, None, None, "22345678", None, None],
    "first_name": ["Jane", None, None, "李", None, None, None, None],
    "country": ["KW", None, None, "CN", None, None, None, None],
    "user_agent": ["UA", None, None, None, None, None, None, "UA"],
    "ip": ["203.0.113.7", None, None, None, None, None, None, None],
    "gclid": [None, None, "G-1", None, None, None, None, None],
    "value": [12.5, 3.0, None, None, 5.0, 0.25, None, 7.0],
    "currency": ["KWD", "kwd", None, None, "KWD", "KWD", None, "KWD"],
    "order_id": ["A-1", "A-2", None, None, "A-5", None, None, None],
    "contents": [CONTENTS, None, None, None, None, CONTENTS, None, None],
    "num_items": [2, None, None, None, None, 1, None, None],
    "ad_user_data": ["granted", "granted", "granted", None, "granted", "granted", "granted", "denied"],
    "ad_personalization": ["granted", "denied", None, None, None, None, None, None],
}
OF_USER = ("first_name", "country", "user_agent", "ip", "gclid")
OF_PROPERTIES = ("value", "currency", "order_id", "num_items")


def by_row(platform: str, checked: bool) -> Any:
    """The same conversions, asked for as objects."""
    events: list[dict[str, Any]] = []
    for row in range(8):
        at = {name: values[row] for name, values in CONVERSIONS.items() if values[row] is not None}
        properties: dict[str, Any] = {name: at[name] for name in OF_PROPERTIES if name in at}
        if "contents" in at:
            properties["contents"] = json.loads(at["contents"])
        said: dict[str, Any] = {name: at[name] for name in ("event_id", "event_name", "event_time", "event_source_url") if name in at}
        events.append({
            **said,
            "action_source": at.get("action_source", "other"),
            "identifiers": [{"type": kind, "value": at[kind]} for kind in ("email", "phone") if kind in at],
            "user": {name: at[name] for name in OF_USER if name in at},
            "properties": properties,
            "consent": {name: at[name] for name in ("ad_user_data", "ad_personalization") if name in at},
        })
    connection = {"platform": platform, "ids": {"dataset_id": "17"}, "max_items_per_request": 2, "aliases": {"Quiz": "Lead"}}
    return call("conversion.payloads", {"connection": connection, "now": NOW, "events": events, "consent_checked": checked,
                                        "cleaning": {"default_region": "KW"}})


def payloads(frame: Any, platform: str = "META", **changes: Any) -> Any:
    settings: dict[str, Any] = {"ids": {"dataset_id": "17"}, "aliases": {"Quiz": "Lead"}, "default_action_source": "other",
                                "default_region": "KW", "max_items_per_request": 2, "now": NOW}
    return stratum.conversion.payloads(frame, platform=platform, **{**settings, **changes})


@pytest.mark.parametrize("platform", ["META", "GOOGLE", "TIKTOK", "SNAPCHAT"])
@pytest.mark.parametrize("checked", [True, False])
def test_a_frame_of_any_maker_gives_the_requests_of_the_call_by_row(platform: str, checked: bool) -> None:
    expected = by_row(platform, checked)
    arrow = pa.table(CONVERSIONS)
    timed = arrow.set_column(2, "event_time", arrow["event_time"].cast(pa.timestamp("ms", "UTC")))
    for frame in (arrow, timed, pl.from_arrow(arrow), pd.DataFrame(CONVERSIONS).convert_dtypes()):
        answer = payloads(frame, platform, consent_checked=checked)
        rows = pa.table(answer).to_pylist()
        assert [(row["method"], row["path"], json.loads(row["body"])) for row in rows] == [
            (request["method"], request["path"], request["body"]) for request in expected["requests"]
        ]
        assert [row["events"] for row in rows] == [len(request["items"]) for request in expected["requests"]]
        skipped = pa.table(answer.tables["skipped"]).to_pylist()
        assert skipped == [
            {"row": skip["index"], "event_id": skip["event_id"], "reason": skip["reason"]} for skip in expected["skipped"]
        ]
        assert skipped, "some rows are set aside"


def refused(frame: Any, **changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(stratum.StratumError) as told:
        payloads(frame, **changes)
    assert "jane@" not in str(told.value), "what a cell holds is not quoted"
    return [(problem.path, problem.code) for problem in told.value.problems]


ONE = {"event_id": ["e1"], "event_name": ["Lead"], "event_time": ["2026-04-15T11:00:00Z"], "email": ["jane@shop.test"]}


def test_what_cannot_be_read_is_refused_with_its_column_and_row() -> None:
    two = {name: values * 2 for name, values in ONE.items()}
    assert refused(pa.table({**two, "ad_user_data": ["granted", "jane@shop.test"]})) == [("/ad_user_data/1", "unknown_value")]
    assert refused(pa.table({**two, "action_source": ["app", "jane@shop.test"]})) == [("/action_source/1", "unknown_value")]
    assert refused(pa.table({**two, "event_id": ["e1", None]})) == [("/event_id/1", "missing_value")]
    assert refused(pa.table({**two, "event_name": [" ", "Lead"]})) == [("/event_name/0", "missing_value")]
    assert refused(pa.table(two), default_action_source=None) == [("/action_source/0", "missing_value")]
    assert refused(pa.table({**two, "contents": [None, "jane@shop.test"]})) == [("/contents/1", "invalid_json")]
    assert refused(pa.table({**two, "contents": ["[]", '[{"sku": 5}]']}))[0][0].startswith("/contents/1")


def test_what_is_wrong_with_the_connection_is_said_before_the_rows_are_read() -> None:
    empty = pa.table({name: values[:0] for name, values in ONE.items()})
    assert refused(empty, max_items_per_request=0) == [("/policy/connection/max_items_per_request", "out_of_range")]
    assert refused(empty, default_action_source="moon")[0][0] == "/policy/default_action_source"


def test_once_a_column_is_named_only_named_columns_are_sent() -> None:
    frame = pa.table({**ONE, "contact": ["omar@shop.test"], "phone": ["+96522345678"], "ad_user_data": ["granted"]})

    def keys(**names: str) -> set[str]:
        body = json.loads(pa.table(payloads(frame, **names)).to_pylist()[0]["body"])
        return set(body["data"][0]["user_data"])

    assert keys(email="contact") == {"em"}
    assert keys(email="contact", phone="phone") == {"em", "ph"}
    assert keys() == {"em", "ph"}, "without a name the frame's own names count"


def test_a_denial_counts_whether_or_not_its_column_is_named() -> None:
    frame = pa.table({**ONE, "ad_user_data": ["denied"]})
    answer = payloads(frame, email="email", consent_checked=True)
    assert pa.table(answer.tables["skipped"]).to_pylist()[0]["reason"] == "consent_denied"


def test_events_of_the_customer_become_requests() -> None:
    events = [{"event_id": "o-1", "event_name": "Purchase", "event_time": "2026-04-15T11:00:00Z",
               "identifiers": [{"type": "email", "value": "jane@shop.test"}], "consent": {"ads": True},
               "properties": {"total_cents": 1250, "currency": "USD"}, "context": {"page": {"url": "https://shop.test/"}, "user_agent": "UA"}},
              {"event_id": "o-2", "event_name": "Login", "event_time": "2026-04-15T11:00:00Z",
               "identifiers": [{"type": "email", "value": "jane@shop.test"}]}]
    made = call("conversion.from_events", {"events": events})
    assert [(skip["index"], skip["reason"]) for skip in made["skipped"]] == [(1, "unmapped_event")]
    sent = call("conversion.payloads", {"connection": {"platform": "META"}, "now": NOW, "events": made["events"]})
    assert sent["requests"][0]["body"]["data"][0]["custom_data"] == {"value": 12.5, "currency": "USD"}


def test_what_happened_in_an_app_needs_to_say_which() -> None:
    app = '{"os": "android", "os_version": "14", "advertiser_tracking_enabled": true, "application_tracking_enabled": false}'
    frame = pa.table({
        **{name: values * 2 for name, values in ONE.items()}, "action_source": ["app", "app"], "app": [app, None], "ad_user_data": ["granted"] * 2,
    })
    answer = payloads(frame)
    told = json.loads(pa.table(answer).to_pylist()[0]["body"])["data"][0]["app_data"]
    assert (told["advertiser_tracking_enabled"], told["application_tracking_enabled"]) == (1, 0)
    assert told["extinfo"] == ["a2", "", "", "", "14", *[""] * 11]
    assert [skip["reason"] for skip in pa.table(answer.tables["skipped"]).to_pylist()] == ["missing_app_data"]
    assert refused(frame.drop_columns(["app"]).append_column("app", pa.array(["{", None])))[0] == ("/app/0", "invalid_json")
