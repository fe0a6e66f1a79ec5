"""Gate the sources of published packages and compare with the stock tools run by hand.

Downloads three sdists of different size, makes a repository of each, runs the chain on it and
then the stock tools over the same files. Prints one row a gate; ends with 1 if the chain
crashed, left a gate unjudged without a reason, or counted otherwise than the stock tool.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGES = ("itsdangerous==2.2.0", "starlette==0.46.2", "sqlalchemy==2.0.43")
GATES = ("lint", "types", "security", "coverage", "secrets", "dependencies")
IDENTITY = ("-c", "user.name=real", "-c", "user.email=real@example.invalid")


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command and keep its output."""
    return subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True)


def sources(requirement: str, folder: Path) -> Path:
    """Download one sdist, unpack it, and commit it."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    done = run(*pip, "--no-build-isolation", requirement, cwd=folder)
    archives = sorted(folder.glob("*.tar.gz"))
    if not archives:
        raise SystemExit(f"{requirement} could not be downloaded:\n{done.stderr}")
    with tarfile.open(archives[-1]) as archive:
        archive.extractall(folder, filter="data")
    archives[-1].unlink()
    (root,) = (path for path in folder.iterdir() if path.is_dir())
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["add", "-A", "-f"],
        ["commit", "-q", "-m", "sdist"],
    ):
        subprocess.run(["git", *IDENTITY, *arguments], cwd=root, check=True, capture_output=True)
    return root


def stock_counts(root: Path, report: dict[str, Any]) -> Iterator[tuple[str, int, int]]:
    """Gate, count in the report, count of the stock tool over the same source folders."""
    gates = {gate["id"]: gate for gate in report["gates"]}
    lint = Counter(finding["rule_id"] for finding in gates["lint"]["findings"])
    ruff = run(
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "--output-format",
        "json",
        ".",
        cwd=root,
    )
    stock = Counter(row["code"] or "invalid-syntax" for row in json.loads(ruff.stdout))
    yield "lint: ruff check", sum(n for rule, n in lint.items() if rule != "format"), stock.total()
    security = gates["security"]
    tools = [tool for tool in security["tools"] if tool["name"] == "bandit"]
    targets = sorted(
        {argument for tool in tools for argument in tool["command"] if argument.endswith(".py")}
    )
    if targets:
        bandit = run(sys.executable, "-m", "bandit", "-q", "-f", "json", *targets, cwd=root)
        yield (
            "security: bandit",
            len(security["findings"]),
            len(json.loads(bandit.stdout)["results"]),
        )


def gate(root: Path) -> tuple[dict[str, Any] | None, float, str]:
    """Run the chain; the report, the seconds it took, and what it printed."""
    started = time.monotonic()
    done = run(sys.executable, "-m", "release_gate", "run", "--quiet", cwd=root)
    seconds = time.monotonic() - started
    stored = root / "build" / "release-gate" / "gate.json"
    report = json.loads(stored.read_text("utf-8")) if stored.is_file() else None
    return report, seconds, done.stdout + done.stderr


def judge(requirement: str, root: Path) -> bool:
    """Print what came of one package; whether it is as it must be."""
    report, seconds, output = gate(root)
    if report is None or "Traceback" in output:
        print(f"{requirement}: no report\n{output}")
        return False
    print(f"\n{requirement}: {report['verdict']} in {seconds:.1f} s: {report['reason']}")
    named = {row["id"]: row["reason"] for row in report["not_applicable"]}
    right = True
    for name in GATES:
        found = next((row for row in report["gates"] if row["id"] == name), None)
        said = (
            f"{found['verdict']}: {found['reason']}"
            if found
            else f"left out: {named.get(name, '')}"
        )
        right = right and bool(found["reason"] if found else named.get(name))
        examined = (found or {}).get("examined") or {}
        print(
            f"  {name:13} {examined.get('count', '-'):>6} {examined.get('unit', ''):9} {said[:150]}"
        )
    for title, ours, stock in stock_counts(root, report):
        right = right and ours == stock
        print(f"  {title}: {ours} here, {stock} by the stock tool")
    return right


def main() -> int:
    """Gate every package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*", default=list(PACKAGES))
    packages: list[str] = parser.parse_args().packages
    results = []
    for requirement in packages:
        with tempfile.TemporaryDirectory(prefix="release-gate-real-") as folder:
            Path(folder).chmod(0o755)  # tests of the packages may drop privileges
            results.append(judge(requirement, sources(requirement, Path(folder))))
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
