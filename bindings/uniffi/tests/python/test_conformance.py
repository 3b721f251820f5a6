"""The conformance vectors of the operations, through the border that Kotlin and Swift use: the comparison is exact."""

from __future__ import annotations

import json
from typing import Any

import pytest
import stratum
from test_vectors import cases, difference


def test_there_are_enough_cases() -> None:
    assert stratum.__file__ is not None and "uniffi" in stratum.__file__
    assert len(cases()) >= 300


@pytest.mark.parametrize(("operation", "case"), cases())
def test_a_vector_comes_out_as_expected(operation: str, case: dict[str, Any]) -> None:
    request = json.dumps(case["request"])
    if "expect_problems" in case:
        with pytest.raises(stratum.StratumError.Refused) as refused:
            stratum.call(operation, request)
        found = sorted((problem.path, problem.code) for problem in refused.value.problems)
        assert found == sorted((problem["path"], problem["code"]) for problem in case["expect_problems"])
    else:
        expected = case.get("expect", case.get("response"))
        assert difference(json.loads(stratum.call(operation, request)), expected) is None
