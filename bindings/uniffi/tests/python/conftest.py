"""The tests run uniffi's generated Python, which shows what Kotlin and Swift get, on every machine."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]

# The generated module is called stratum like the Python package; these tests are about the generated one.
sys.path.insert(0, str(ROOT / "target" / "uniffi" / "python"))
# Which vectors there are, and what counts as equal, is said once.
sys.path.append(str(ROOT / "bindings" / "python" / "tests"))
