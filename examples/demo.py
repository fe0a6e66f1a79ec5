"""Gate the example service: a good and a faulty state of its code, a good and a bad deployment.

Needs nothing but the package index: the project environment is built from the example's
hashed lock, and the advisories are a small fixed archive that lies in the example.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ORDERS = HERE / "orders"
FAULTS = HERE / "faults"
PLANTED = ("secret", "injection", "coverage", "vulnerable")
DEPLOYED = ("old-version", "no-header", "uncapped", "no-audit", "errors", "slow")
IDENTITY = ("-c", "user.name=The demo", "-c", "user.email=demo@example.invalid")


@dataclass(frozen=True, kw_only=True)
class State:
    """One state of the example, gated."""

    name: str
    expected_exit: int
    exit_code: int
    folder: Path

    @property
    def output(self) -> Path:
        """Where its report is."""
        return self.folder / "build" / "release-gate"


def git(folder: Path, *arguments: str) -> None:
    """Run git in the scratch repository."""
    subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, check=True, capture_output=True)


def scratch(folder: Path) -> None:
    """A fresh repository with the example as its first commit."""
    if folder.exists():
        shutil.rmtree(folder)
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache", ".venv", ".coverage*", "build")
    shutil.copytree(ORDERS, folder, ignore=ignored)
    (folder / "noxfile.py").write_text(
        "from release_gate.nox_sessions import register\n\nregister()\n", encoding="utf-8"
    )
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "orders 1.8.0")


def plant(folder: Path, faults: tuple[str, ...]) -> None:
    """One commit on a branch that brings the named faults."""
    git(folder, "switch", "--quiet", "--create", "faulty")
    for fault in faults:
        shutil.copytree(FAULTS / fault, folder, dirs_exist_ok=True)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a change with faults")


def gate(folder: Path, name: str, expected_exit: int) -> State:
    """Run the chain as a developer would."""
    print(f"\n── {name} ──", flush=True)
    # The example names its own archive; a setting of the caller's must not replace it.
    environment = {k: v for k, v in os.environ.items() if k != "RELEASE_GATE_ADVISORIES"}
    command = [sys.executable, "-m", "nox", "--no-error-on-external-run", "-s", "gate"]
    arguments = ["--", "--base", "main"] if expected_exit else []
    done = subprocess.run([*command, *arguments], cwd=folder, env=environment, check=False)
    return State(name=name, expected_exit=expected_exit, exit_code=done.returncode, folder=folder)


def deploy(folder: Path, name: str, faults: tuple[str, ...], expected_exit: int) -> State:
    """Serve a version of the example and ask it the release checks."""
    from smoke_example import deployed  # it takes the scratch repositories from here

    print(f"\n── {name} ──", flush=True)
    code = deployed(folder, faults)
    return State(name=name, expected_exit=expected_exit, exit_code=code, folder=folder / "orders")


def summary(state: State) -> str:
    """Verdict, reasons, and where the report is."""
    report = json.loads((state.output / "gate.json").read_text("utf-8"))
    lines = [f"{state.name}: {report['verdict'].upper()} (exit {state.exit_code})"]
    lines += [
        f"  {gate['id']}: {gate['verdict']}, {gate['reason']}"
        for gate in report["gates"]
        if gate["verdict"] != "pass"
    ] or [f"  {report['reason']}"]
    lines.append(f"  report: {os.path.relpath(state.output / 'report.html')}")
    return "\n".join(lines)


def main() -> int:
    """Gate all four and print their verdicts; 0 if each came out as it must."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=HERE.parent / "build" / "demo")
    root: Path = parser.parse_args().folder
    scratch(root / "good")
    good = gate(root / "good", "the good state", 0)
    scratch(root / "faulty")
    plant(root / "faulty", PLANTED)
    faulty = gate(root / "faulty", "the state with planted faults", 1)
    up = deploy(root / "deployed-good", "the good version, deployed", (), 0)
    bad = deploy(root / "deployed-bad", "a bad version, deployed", DEPLOYED, 1)
    states = (good, faulty, up, bad)
    print("\n" + "\n".join(summary(state) for state in states))
    wrong = [state for state in states if state.exit_code != state.expected_exit]
    for state in wrong:
        print(f"{state.name}: exit {state.expected_exit} was expected", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
