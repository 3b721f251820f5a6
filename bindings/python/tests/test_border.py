"""What crosses the border between Python and Rust, and what does not."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import FULL, NOW, TENANT

import stratum
from stratum import _native

# Requests that are wrong on purpose would not pass the type checker.
call: Any = stratum.call

HEALTH: dict[str, Any] = {"facts": {"tenant_id": TENANT, "platform": "META", "now": NOW, "components": FULL}}


def test_no_panic_crosses_the_border_and_the_next_call_works(capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        with pytest.raises(stratum.StratumError) as refused:
            _native._panic_for_tests()
        assert refused.value.problems[0].code == "internal"
        assert "asked for by a test" in str(refused.value)
        assert call("health.evaluate", HEALTH)["score"] == 94.05
    assert capfd.readouterr().err == ""


def test_every_operation_is_listed_with_schemas_that_stand_by_themselves() -> None:
    listed = stratum.operations()
    document = json.loads((Path(__file__).parents[2] / "ffi" / "operations.schema.json").read_text(encoding="utf-8"))
    assert [op["name"] for op in listed] == [op["name"] for op in document["operations"]]
    assert {"health.evaluate", "emq.event", "identity.resolve", "segment.evaluate"} <= {op["name"] for op in listed}
    for op in listed:
        assert op["doc"]
        for side in ("request", "response"):
            name = op[side]["$ref"].removeprefix("#/$defs/")
            assert name in op[side]["$defs"]
    assert json.loads(stratum.schema_json())["operations"][0]["name"] == "health.evaluate"


def test_text_and_dicts_give_the_same() -> None:
    text = json.dumps({"facts": {**HEALTH["facts"], "now": "2026-03-01T12:00:00Z"}})
    assert json.loads(stratum.call_json("health.evaluate", text)) == call("health.evaluate", HEALTH)


def test_every_problem_comes_at_once_with_its_place() -> None:
    with pytest.raises(stratum.StratumError) as refused:
        call("health.evaluate", {"facts": {"platform": "LINKEDIN", "colour": "red"}})
    problems = {problem.path: problem for problem in refused.value.problems}
    assert {path: problem.code for path, problem in problems.items()} == {
        "/facts/tenant_id": "missing_field",
        "/facts/now": "missing_field",
        "/facts/platform": "unknown_value",
        "/facts/colour": "unknown_field",
    }
    assert problems["/facts/platform"].help == "write one of: META, GOOGLE, TIKTOK, SNAPCHAT"
    assert "/facts/colour: there is no field" in str(refused.value)


def test_an_unknown_operation_is_answered_with_those_that_exist() -> None:
    with pytest.raises(stratum.StratumError, match=r"unknown_operation.*gate\.evaluate"):
        call("gate.guess", {})


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_refused_with_their_place(number: float) -> None:
    with pytest.raises(stratum.StratumError) as refused:
        call("health.evaluate", {"facts": {"components": {"EMQ": number}}})
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        ("/facts/components/EMQ", "not_a_number")
    ]


def test_numpy_scalars_tuples_and_subclasses_are_taken_for_what_they_are() -> None:
    class Text(str):
        """A text with a name of its own."""

    components = {**FULL, "EMQ": np.float32(90.0), "EVENT_LOSS": np.int64(95)}
    facts = {**HEALTH["facts"], "components": components, "platform": Text("META")}
    assert call("health.evaluate", {"facts": facts})["score"] == 94.05


def test_a_value_that_holds_itself_is_refused() -> None:
    request: dict[str, Any] = {}
    request["facts"] = request
    with pytest.raises(stratum.StratumError) as refused:
        call("health.evaluate", request)
    assert refused.value.problems[0].code == "too_deep"


@pytest.mark.parametrize("value", [object(), b"bytes", 2**70, {1: 2}])
def test_what_has_no_form_in_json_is_refused_with_its_place(value: object) -> None:
    with pytest.raises(stratum.StratumError) as refused:
        call("health.evaluate", {"facts": [value]})
    assert refused.value.problems[0].path == "/facts/0"
