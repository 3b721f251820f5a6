"""What `import stratum` loads."""

import subprocess
import sys

import pytest
import stratum


def test_importing_the_package_makes_none_of_the_classes_that_take_long() -> None:
    heavy = "sorted(set(sys.modules) & {'stratum.models', 'stratum.types', 'pyarrow', 'polars', 'pandas', 'numpy', 'matplotlib'})"
    answer = subprocess.run(
        [sys.executable, "-c", f"import sys, stratum; print({heavy})"], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_every_name_that_the_package_exports_is_there_and_listed() -> None:
    for name in stratum.__all__:
        assert getattr(stratum, name) is not None
    assert set(stratum.__all__) <= set(dir(stratum))


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'audits'"):
        getattr(stratum, "audits")  # noqa: B009
