"""The peers and Stratum side by side, on the same files.

    python benches/peers/run.py [--peers ../shared/peer-bench] [--out bench-input] [--scale 1] [--work NAME]...

Each runs in a process of its own, one after the other: the peer first, which writes the input, then ours on that input. What
both computed is compared. Seconds are the median of three; on a machine that does other work read the processor seconds,
which the peers do not print.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# Work: the peer's script, its result file, ours (Python) or the Rust program, and what the goal is.
WORKS = {
    "sha256_email": ("sha256_email.py", "sha256_email", "rust", "4M/s"),
    "phone": ("phone_parse.py", "phones", "rust", "500k/s"),
    "rfm": ("rfm.py", "rfm", "python", "0.060 s"),
    "funnel": ("funnel.py", "funnel", "python", "0.20 s"),
    "segment": ("segment.py", "segment", "python", "0.25 s"),
    "stitching": ("stitching.py", "stitching", "python", "0.8 s"),
    "bgnbd": ("bgnbd_fit.py", "bgnbd", "rust", "0.1 s"),
    "rules": ("attribution_rules.py", "rules", "python", "0.10 s"),
    "stitching_rust": (None, "stitching", "rust", "0.8 s"),
    "markov": ("attribution_markov.py", "markov", "python", "0.25 s"),
    "shapley_16": ("shapley.py", "shapley_16", "python", "0.001 s"),
    "identity_stream": (None, None, "rust", "200k/s"),
}


# What is compared to: of the rules, where we share every conversion in whole cents and a peer does not, which fewer journeys even
# out less; of a fit, which ends where a step no longer helps.
WHOLE_CENTS = 1e-6
SEARCHED = 0.005
# ChannelAttribution is run where it is installed. Its chain is a simulation.
APART = ["rules", "markov"]
SIMULATED = 0.02


def run(command: list[str], scale: float) -> tuple[list[list[str]], float, float]:
    """The lines that a process prints, its processor seconds in all, and its peak memory in MB."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=None)
    assert child.stdout is not None
    text = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {child.returncode} at scale {scale}")
    return [line.split("\t") for line in text.splitlines()], usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def same(found: object, expected: object, close: float) -> bool:
    """Numbers but for rounding on the way, or for where a search ended; all else exactly."""
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(same(found[key], expected[key], close) for key in found)
    if isinstance(found, float) or isinstance(expected, float):
        return math.isclose(float(str(found)), float(str(expected)), rel_tol=close)
    return found == expected


def compared(out: pathlib.Path, name: str | None, scale: float, peer: str = "result") -> str:
    """Whether both computed the same, and if not, what."""
    theirs, ours = out / f"{name}.{peer}.json", out / f"{name}.ours.json"
    if name is None or not theirs.exists() or not ours.exists():
        return "not compared"
    expected, found = json.loads(theirs.read_text()), json.loads(ours.read_text())
    if isinstance(expected, list):
        expected, found = dict(enumerate(expected)), dict(enumerate(found))
    keys = [key for key in found if key in expected]
    close = {"bgnbd": SEARCHED, "rules": WHOLE_CENTS / scale}.get(name, 1e-10)
    if (name, peer) == ("markov", "channelattribution"):
        close = SIMULATED
    wrong = [f"{key}: {found[key]} v {expected[key]}" for key in keys if not same(found[key], expected[key], close)]
    return "the same" if keys and not wrong else f"DIFFERS ({len(wrong)} of {len(keys)}): {'; '.join(wrong[:3])}"


def apart(out: pathlib.Path, work: str, scale: float) -> str:
    """What ChannelAttribution computes beside what we do, on the same file."""
    run([sys.executable, str(HERE / "channel_attribution.py"), work, "--out", str(out)], scale)
    told = compared(out, work, scale, "channelattribution")
    return f"the same to {SIMULATED:.0%}, as it simulates" if (work, told) == ("markov", "the same") else told


def scale(text: str) -> float:
    """A part of the full size."""
    return 0.01 if text == "small" else float(text)


def main() -> None:
    """Run the works."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default=HERE.parent.parent.parent / "shared" / "peer-bench", type=pathlib.Path)
    parser.add_argument("--out", default="bench-input", type=pathlib.Path)
    parser.add_argument("--scale", default=1.0, type=scale, help="small (a hundredth), or 0.01 to 1")
    parser.add_argument("--rust", default="target/release/peers", help="our program for what has no Python door")
    parser.add_argument("--work", choices=WORKS, action="append")
    given = parser.parse_args()
    if not (given.peers / "common.py").exists():
        sys.exit(f"the scripts of the peers are not in {given.peers}: say --peers FOLDER, the folder that holds common.py")
    given.out.mkdir(parents=True, exist_ok=True)
    installed = importlib.util.find_spec("ChannelAttribution") is not None
    print(f"{'work':<42}{'items':>10}{'seconds':>10}{'items/s':>13}{'cpu s':>9}{'peak MB':>9}  goal, result")
    for work in given.work or WORKS:
        script, name, door, goal = WORKS[work]
        if script is not None:
            form = "csv" if door == "rust" else "parquet"
            command = [sys.executable, str(given.peers / script), "--out", str(given.out), "--scale", str(given.scale), "--format", form]
            # Peers that may not be installed run in a process of their own.
            peers = [["--peer", "numpy"], *([["--peer", "channelattribution"]] if installed else [])] if work in APART else [[]]
            for peer_of in peers:
                lines, _, peak = run([*command, *peer_of], given.scale)
                for peer, items, seconds, rate in lines:
                    print(f"{peer:<42}{items:>10}{float(seconds):>10.3f}{float(rate):>13,.0f}{'':>9}{peak:>9.0f}")
        if work == "stitching_rust" and not (given.out / "stitching_edges.parquet").exists():
            sys.exit("stitching_rust reads what stitching leaves behind: run --work stitching --work stitching_rust")
        if work == "stitching_rust":
            # The edges again as CSV, from the file that the peer wrote.
            import polars as pl

            pl.read_parquet(given.out / "stitching_edges.parquet").write_csv(given.out / "stitching_edges.csv")
        ours = [given.rust] if door == "rust" else [sys.executable, str(HERE / "ours.py")]
        lines, _, _ = run([*ours, work, "--out", str(given.out)], given.scale)
        for our, items, seconds, rate, processor, peak_mb, *_ in lines:
            told = f"  {goal}: {compared(given.out, name, given.scale)}"
            print(f"{our:<42}{items:>10}{float(seconds):>10.3f}{float(rate):>13,.0f}{float(processor):>9.3f}{peak_mb:>9}{told}")
        if work in APART:
            print(f"  beside ChannelAttribution: {apart(given.out, work, given.scale) if installed else 'it is not installed'}")


if __name__ == "__main__":
    main()
