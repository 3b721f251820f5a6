"""What a call costs through uniffi's Python: ``make bench-uniffi`` prints it, the best of five rounds."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

ROOT = Path(__file__).parents[4]
FOLDER = ROOT / "target" / "uniffi" / "costs"
CALLS = 5_000


def main() -> None:
    """Beside the generated module lies the library that is measured."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "target" / "uniffi" / "generated" / "python" / "stratum.py", FOLDER)
    for library in (ROOT / os.environ.get("STRATUM_LIBRARY", "target/debug")).glob("libstratum_uniffi.[sd]*"):
        if library.suffix in (".so", ".dylib"):
            shutil.copy(library, FOLDER)
    sys.path.insert(0, str(FOLDER))
    import stratum

    now = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
    tenant = "0198c9a0-0000-7000-8000-000000000001"
    names = ("EMQ", "API_HEALTH", "EVENT_LOSS", "PLATFORM_STABILITY", "DATA_QUALITY")
    facts = stratum.HealthFacts(
        tenant_id=tenant,
        platform=stratum.Platform.META,
        now=now,
        components={stratum.HealthComponent[name]: 95.0 for name in names},
        data_as_of=now - timedelta(hours=1),
    )
    gate = stratum.GateFacts(
        tenant_id=tenant,
        action_type=stratum.GateSubject.BUDGET_INCREASE,
        platforms=[stratum.Platform.META],
        now=now,
        snapshots=[stratum.evaluate_health(facts)],
    )
    text = '{"facts": {"tenant_id": "%s", "platform": "META", "now": "2026-03-01T12:00:00Z", "components": {"EMQ": 90}}}'
    request = text % tenant
    measure("evaluate_health, records", lambda: stratum.evaluate_health(facts))
    measure("evaluate_gate, records", lambda: stratum.evaluate_gate(gate))
    measure('call("health.evaluate"), JSON text', lambda: stratum.call("health.evaluate", request))


def measure(what: str, call: Callable[[], object]) -> None:
    """Print the best round."""
    rounds = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(CALLS):
            call()
        rounds.append(time.process_time() - start)
    each = min(rounds) / CALLS
    print(f"python  {what:<36} {each * 1e6:6.1f} us  {1 / each:9,.0f} calls/s")


if __name__ == "__main__":
    main()
