"""The READMEs' examples, run in order as one program each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).parents[1]


@pytest.mark.parametrize("folder", [PACKAGE, PACKAGE.parents[1]], ids=["the package", "the project"])
def test_the_readme_says_what_happens(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    assert blocks
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)
