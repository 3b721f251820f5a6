"""Audiences from data frames: the same requests as the call by row, for frames of every maker."""

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
MEMBERS: dict[str, list[Any]] = {
    "member_id": [f"m{row}" for row in range(7)],
    "email": ["jane@shop.test", "JANE@shop.test ", "n/a", None, "omar@shop.test", "li@shop.test", "ana@shop.test"],
    "phone": [None, None, None, "22345678", "+965 2234 5679", None, None],
    "first_name": ["Jane", "Jane", None, "Lina", None, "李", None],
    "country": ["KW", "KW", None, "Kuwait", None, "CN", None],
    "ad_user_data": ["granted", "granted", "granted", None, "granted", "denied", "Granted"],
    "ad_personalization": ["granted", None, None, None, None, None, "denied"],
}


def by_row(platform: str, action: str, checked: bool) -> Any:
    """The same members, asked for as objects."""
    members = []
    for row in range(7):
        at = {name: values[row] for name, values in MEMBERS.items() if values[row] is not None}
        members.append({
            "member_id": at["member_id"],
            "identifiers": [{"type": kind, "value": at[kind]} for kind in ("email", "phone") if kind in at],
            "user": {field: at[field] for field in ("first_name", "country") if field in at},
            "consent": {flag: at[flag] for flag in ("ad_user_data", "ad_personalization") if flag in at},
        })
    connection = {"platform": platform, "ids": {"audience_id": "A1"}, "max_items_per_request": 2}
    return call("audience.payloads", {"connection": connection, "action": action, "now": NOW, "members": members,
                                      "consent_checked": checked, "cleaning": {"default_region": "KW"}})


@pytest.mark.parametrize("platform", ["META", "GOOGLE", "TIKTOK", "SNAPCHAT"])
@pytest.mark.parametrize(("action", "checked"), [("add", True), ("add", False), ("remove", False)])
def test_a_frame_of_any_maker_gives_the_requests_of_the_call_by_row(platform: str, action: Any, checked: bool) -> None:
    expected = by_row(platform, action, checked)
    arrow = pa.table(MEMBERS)
    for frame in (arrow, pl.from_arrow(arrow), pd.DataFrame(MEMBERS).convert_dtypes()):
        answer = stratum.audience.payloads(
            frame, platform=platform, action=action, now=NOW, consent_checked=checked, default_region="KW",
            ids={"audience_id": "A1"}, max_items_per_request=2,
        )
        rows = pa.table(answer).to_pylist()
        assert [(row["method"], row["path"], json.loads(row["body"])) for row in rows] == [
            (request["method"], request["path"], request["body"]) for request in expected["requests"]
        ]
        assert [row["members"] for row in rows] == [len(request["items"]) for request in expected["requests"]]
        skipped = pa.table(answer.tables["skipped"]).to_pylist()
        assert [(row["row"], row["reason"]) for row in skipped] == [
            (skip["index"], skip["reason"]) for skip in expected["skipped"]
        ]
        assert pa.table(answer.tables["merged"]).to_pylist() == expected["merged"]


def test_what_is_wrong_with_the_audience_is_said_before_the_rows_are_read() -> None:
    with pytest.raises(stratum.StratumError) as told:
        stratum.audience.payloads(pa.table(MEMBERS), platform="TIKTOK", action="replace", session_id=1, now=NOW)
    assert [(problem.path, problem.code) for problem in told.value.problems] == [("/policy/action", "not_supported")]


def test_a_replacement_of_which_nobody_is_left_says_so() -> None:
    def held(**changes: Any) -> list[Any]:
        settings: dict[str, Any] = {"platform": "META", "action": "replace", "session_id": 1, "now": NOW}
        answer = stratum.audience.payloads(pa.table(MEMBERS).slice(2, 2), **{**settings, **changes})
        return [len(answer), pa.table(answer.tables["held"]).to_pylist()]

    assert held() == [0, [{"reason": "replaced_by_nobody"}]]
    assert held(action="add") == [0, []]
    assert held(consent_checked=True, default_region="KW") == [1, []]


def test_a_decision_that_is_not_understood_is_refused_and_not_read_as_none() -> None:
    frame = pa.table({"email": ["jane@shop.test", "omar@shop.test"], "ad_user_data": ["granted", "no"]})
    with pytest.raises(stratum.StratumError) as told:
        stratum.audience.payloads(frame, platform="META", consent_checked=True, now=NOW)
    assert [(problem.path, problem.code) for problem in told.value.problems] == [("/ad_user_data/1", "unknown_value")]
    assert "\"no\"" not in str(told.value), "what the cell holds is not quoted"


def test_once_a_column_is_named_only_named_columns_are_sent() -> None:
    frame = pa.table({
        "contact": ["jane@shop.test"], "phone": ["+96522345678"], "Gender": ["f"], "ad_user_data": ["granted"],
    })

    def schema(**names: str) -> list[str]:
        answer = stratum.audience.payloads(frame, platform="META", now=NOW, **names)  # type: ignore[arg-type]
        bodies: list[str] = json.loads(pa.table(answer).to_pylist()[0]["body"])["payload"]["schema"]
        return bodies

    assert schema(email="contact") == ["EMAIL"]
    assert schema(email="contact", phone="phone") == ["EMAIL", "PHONE"]
    assert schema() == ["PHONE", "GEN"], "without a name the frame's own names count"


def test_a_denial_counts_whether_or_not_its_column_is_named() -> None:
    frame = pa.table({"contact": ["jane@shop.test"], "ad_user_data": ["denied"]})
    answer = stratum.audience.payloads(frame, platform="META", now=NOW, email="contact", consent_checked=True)
    assert pa.table(answer.tables["skipped"]).to_pylist()[0]["reason"] == "consent_denied"
