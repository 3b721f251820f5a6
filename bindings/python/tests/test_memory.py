"""Calls without end leave nothing behind, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# How often each of the kinds of calls is made: LEAK_CALLS=250000 is a million in all.
CALLS = int(os.environ.get("LEAK_CALLS", "20000"))

SCRIPT = """
import gc, json, re, sys
import polars as pl
import stratum

text = json.dumps({"facts": {"tenant_id": "0198c9a0-0000-7000-8000-000000000001", "platform": "META", "now": "2026-03-01T12:00:00Z",
    "components": {"EMQ": 35, "API_HEALTH": 95, "EVENT_LOSS": 95, "PLATFORM_STABILITY": 100, "DATA_QUALITY": 98}}})
facts = json.loads(text)
snapshot = stratum.health.evaluate(**facts["facts"])
gate = stratum.Gate()
rows = pl.DataFrame({"EMQ": [80.0] * 1_000})

def work(times):
    for number in range(times):
        stratum.call("health.evaluate", facts)
        stratum.call_json("health.evaluate", text)
        gate.evaluate(action_type="BUDGET_INCREASE", snapshot=snapshot, now="2026-03-01T12:01:00Z").reasons
        try:
            stratum.call("health.evaluate", {})
        except stratum.StratumError as refused:
            refused.problems
        if number % 100 == 0:
            stratum.call_frame("health.evaluate", rows)
            stratum.Gate(stratum.TrustPolicy(profile="CAUTIOUS"))
    gc.collect()
    with open("/proc/self/status", encoding="utf-8") as status:
        return int(re.findall(r"VmRSS:\\s*(\\d+)", status.read())[0])

calls = int(sys.argv[1])
before = work(max(calls // 10, 2_000))
print(before, work(calls))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not say what a process holds")
def test_calls_of_every_kind_leave_memory_flat() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(CALLS)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    before, after = map(int, done.stdout.split())
    # A leak of 300 bytes for each round would show.
    assert after - before < 6_000, f"{before} kB before, {after} kB after {CALLS} rounds"
