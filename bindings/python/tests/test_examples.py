"""The examples of data pipelines, each run as its reader would run it: they compare themselves with one machine and say so."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[3] / "examples"


def run(name: str, *arguments: str) -> str:
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_duckdb_hands_over_bucket_by_bucket() -> None:
    assert "the same to the bit" in run("duckdb_attribution.py", "--journeys", "2000", "--buckets", "3")


def test_polars_hands_over_batch_by_batch() -> None:
    assert "the same to the bit" in run("polars_streaming.py", "--journeys", "2000")


def test_the_pictures_are_written(tmp_path: Path) -> None:
    run("pictures.py", str(tmp_path))
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == ["credit.svg", "funnel.svg", "health.svg", "identity.svg", "paths.svg"]
    assert all((tmp_path / name).read_text(encoding="utf-8").startswith("<?xml") for name in written)


no_spark = pytest.mark.skipif(
    shutil.which("java") is None or importlib.util.find_spec("pyspark") is None,
    reason="needs pyspark and Java 17 or later",
)


@no_spark
def test_spark_counts_paths_as_one_machine_does_for_any_partitioning() -> None:
    said = run("spark_attribution.py", "--journeys", "1500", "--partitions", "1", "3")
    assert said.count("the same to the bit") == 2


@no_spark
def test_spark_links_identifiers_as_one_machine_does_for_any_partitioning() -> None:
    said = run("spark_identity.py", "--events", "2000", "--partitions", "1", "3")
    assert said.count("the same clusters") == 2
