"""The conformance vectors of the operations, through the door that Python uses: the comparison is exact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import stratum

FOLDER = Path(__file__).parents[3] / "tests" / "vectors"
call: Any = stratum.call


def cases() -> list[Any]:
    """Every case of every vector file that names an operation."""
    found = []
    for file in sorted(FOLDER.rglob("*.json")):
        content = json.loads(file.read_text(encoding="utf-8"))
        if file.name != "schema.json" and "operation" in content:
            for case in content["cases"]:
                found.append(pytest.param(content["operation"], case, id=f"{content['operation']}: {case['name']}"))
    return found


def difference(found: Any, expected: Any, place: str = "") -> str | None:
    """The first place that is not as expected: exact on the keys that are expected, lists and numbers exact."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            if key not in found:
                return f"{place}/{key} is missing"
            wrong = difference(found[key], value, f"{place}/{key}")
            if wrong:
                return wrong
        return None
    if isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            return f"{place} has {len(found)} items, expected {len(expected)}"
        pairs = enumerate(zip(found, expected, strict=True))
        wrongs = (difference(one, other, f"{place}/{index}") for index, (one, other) in pairs)
        return next((wrong for wrong in wrongs if wrong), None)
    if found == expected and isinstance(found, bool) == isinstance(expected, bool):
        return None
    return f"{place} is {found!r}, expected {expected!r}"


def test_there_are_enough_cases() -> None:
    assert len(cases()) >= 300


def test_the_comparison_can_fail() -> None:
    assert difference({"a": [1.0]}, {"a": [1.0000000000000002]}) == "/a/0 is 1.0, expected 1.0000000000000002"
    assert difference({"a": True}, {"a": 1}) == "/a is True, expected 1"
    assert difference({}, {"a": None}) == "/a is missing"


@pytest.mark.parametrize(("operation", "case"), cases())
def test_a_vector_comes_out_as_expected(operation: str, case: dict[str, Any]) -> None:
    if "expect_problems" in case:
        with pytest.raises(stratum.StratumError) as refused:
            call(operation, case["request"])
        found = sorted((problem.path, problem.code) for problem in refused.value.problems)
        assert found == sorted((problem["path"], problem["code"]) for problem in case["expect_problems"])
    else:
        expected = case.get("expect", case.get("response"))
        assert difference(call(operation, case["request"]), expected) is None
