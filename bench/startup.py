"""How much ``release-gate --help`` costs above a bare start of the same interpreter.

Whole processes, taken in turns (A B A B …) so that a machine whose speed drifts hurts both
alike. Prints the medians, their difference and their ratio; ``--json`` for a program.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "bare": [sys.executable, "-c", "pass"],
    "help": [sys.executable, "-m", "release_gate", "--help"],
    "version": [sys.executable, "-m", "release_gate", "--version"],
    "gate in nox, listed": [sys.executable, "-m", "nox", "-l"],
}


def seconds(command: list[str]) -> float:
    """Wall time of one whole process."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for command in COMMANDS.values():
        seconds(command)  # warm-up: byte code and disk cache
    for _ in range(options.runs):
        for name, command in COMMANDS.items():
            times[name].append(seconds(command))
    bare = statistics.median(times["bare"])
    rows = {
        name: {
            "median_ms": round(1000 * statistics.median(values), 1),
            "above_bare_ms": round(1000 * (statistics.median(values) - bare), 1),
            "ratio": round(statistics.median(values) / bare, 2),
        }
        for name, values in times.items()
    }
    if options.json:
        print(json.dumps(rows, indent=2))
        return 0
    print(f"{'command':22} {'median':>10} {'above bare':>12} {'ratio':>7}")
    for name, row in rows.items():
        print(f"{name:22} {row['median_ms']:>7} ms {row['above_bare_ms']:>9} ms {row['ratio']:>7}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
