"""Gate the sources of published packages and compare with the stock tools run by hand.

Downloads three sdists of different size, makes a repository of each, runs the chain on it and
then the stock tools over the same files. Prints one row a gate; ends with 1 if the chain
crashed, left a gate unjudged without a reason, or counted otherwise than the stock tool.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))  # this script is run by its path

from real import stock  # noqa: E402 - found through the line above

ADVISORIES = ROOT / "examples" / "orders" / "advisories" / "pypi-osv-2024-10-10-selection.zip"
GATES = ("lint", "types", "security", "coverage", "secrets", "dependencies")
IDENTITY = ("-c", "user.name=real", "-c", "user.email=real@example.invalid")
Report = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """A published package.

    Args:
        requirement: Name and version.
        ships: Folders that ship, relative to the root of the sdist.
        own_ruff: Whether it has ruff settings.
        own_mypy: Whether it has mypy settings.
        tests_leave: What its tests write into the tree, as patterns of a ``.gitignore`` that the
            sdist comes without.
        tests_need: What its tests need beyond what its metadata names (it stands in tox.ini):
            an environment is then made by hand, as its developers do.
    """

    requirement: str
    ships: tuple[str, ...]
    own_ruff: bool = True
    own_mypy: bool = True
    tests_leave: tuple[str, ...] = ()
    tests_need: tuple[str, ...] = ()


PACKAGES = (
    Package(requirement="itsdangerous==2.2.0", ships=("src",)),
    Package(requirement="attrs==26.1.0", ships=("src",)),
    Package(
        requirement="docutils==0.23",
        ships=("docutils",),
        own_ruff=False,
        own_mypy=False,
        tests_leave=("/test/functional/output/",),
        tests_need=("pytest~=9.0",),
    ),
)


def needed(*command: str | Path, cwd: Path) -> None:
    """Run a command that must succeed."""
    done = stock.run(command, cwd)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} {command[1]} failed:\n{done.stdout}{done.stderr}")


def unpacked(package: Package, folder: Path) -> Path:
    """Download one sdist, unpack it, and commit it."""
    name = package.requirement.partition("==")[0]
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", name)
    needed(*pip, package.requirement, cwd=folder)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as stored:
        stored.extractall(folder, filter="data")
    archive.unlink()
    (root,) = (path for path in folder.iterdir() if path.is_dir())
    needed("git", "init", "-q", "-b", "main", cwd=root)
    needed("git", "add", "-A", "-f", cwd=root)
    needed("git", *IDENTITY, "commit", "-q", "-m", "sdist", cwd=root)
    # An sdist may come without the project's .gitignore.
    ignored = ("/.venv/", "/build/", "*.egg-info/", "*.pyc", *package.tests_leave)
    (root / ".git" / "info" / "exclude").write_text("\n".join(ignored) + "\n")
    if package.tests_need:
        python = root / ".venv" / "bin" / "python"
        needed(sys.executable, "-m", "venv", root / ".venv", cwd=root)
        needed(python, "-m", "pip", "install", "-q", "-e", ".", *package.tests_need, cwd=root)
    return root


def gate(root: Path, advisories: Path) -> tuple[Report | None, float, str]:
    """Run the chain; the report, the seconds it took, and what it printed."""
    started = time.monotonic()
    env = {
        "RELEASE_GATE_ADVISORIES": str(advisories),
        "RELEASE_GATE_ADVISORIES_MAX_AGE": "any",
    }
    done = stock.run(
        [sys.executable, "-m", "release_gate", "run", "--quiet", "--no-cache"], root, env
    )
    seconds = time.monotonic() - started
    stored = root / "build" / "release-gate" / "gate.json"
    report = json.loads(stored.read_text("utf-8")) if stored.is_file() else None
    return report, seconds, done.stdout + done.stderr


def project_python(root: Path) -> Path:
    """The interpreter of the project environment, from the log of the gate that ran the tests."""
    log = root / "build" / "release-gate" / "logs" / "coverage.log"
    return Path(log.read_text("utf-8").removeprefix("$ ").partition(" ")[0])


def counted(name: str, gate: Report) -> dict[str, int]:
    """What a gate counted, in the words of the stock tools."""
    metrics = {row["name"]: row for row in gate["metrics"]}
    findings = gate["findings"]
    if name == "lint":
        bad = sum(finding["rule_id"] == "unformatted" for finding in findings)
        return {"lint": len(findings) - bad, "unformatted": bad}
    if name == "coverage":
        failed, skipped = (int(metrics[f"tests-{word}"]["value"]) for word in ("failed", "skipped"))
        xfailed = int(metrics["tests-xfailed"]["value"] + metrics["tests-xpassed"]["value"])
        covered, whole = metrics["coverage"]["ratio"]
        passed = int(metrics["tests-run"]["value"]) - failed - xfailed
        return {"passed": passed, "failed": failed, "skipped": skipped} | {
            "covered": covered,
            "of": whole,
        }
    found = {
        "types": {"errors": len(findings), "files": gate["examined"]["count"]},
        "security": {"results": len(findings)},
        "secrets": {"secrets": len(findings)},
        "dependencies": {
            "packages": gate["examined"]["count"],
            "vulnerabilities": sum(finding["tool"] == "pip-audit" for finding in findings),
        },
    }
    return found[name]


BY_HAND: dict[str, tuple[Callable[[stock.Sources], dict[str, int]], ...]] = {
    "lint": (stock.ruff_check, stock.ruff_format),
    "types": (stock.mypy,),
    "security": (stock.bandit,),
    "coverage": (stock.tests,),
    "secrets": (stock.detect_secrets,),
    "dependencies": (stock.advisories,),
}


def rows(sources: stock.Sources, report: Report) -> Iterator[tuple[str, bool]]:
    """One line a gate, and whether it is as it must be."""
    left_out = {row["id"]: row["reason"] for row in report["not_applicable"]}
    found = {row["id"]: row for row in report["gates"]}
    for name in GATES:
        if name not in found:
            yield f"{name} | left out | | {left_out.get(name, '')} | |", bool(left_out.get(name))
            continue
        row = found[name]
        examined = row["examined"] or {"count": 0, "unit": ""}
        start = f"{name} | {row['verdict']} | {examined['count']} {examined['unit']}"
        said = f"{start} | {row['reason'][:120]} | {row['duration_s']:.0f} s |"
        if not examined["count"]:
            yield f"{said} not compared", bool(row["reason"])
            continue
        ours = counted(name, row)
        theirs = {key: n for tool in BY_HAND[name] for key, n in tool(sources).items()}
        told = "same" if ours == theirs else f"OTHERWISE, stock: {_shown(theirs)}"
        yield f"{said} {_shown(ours)}: {told}", ours == theirs


def _shown(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items())


def judge(package: Package, folder: Path, advisories: Path, lent: Path) -> bool:
    """Print what came of one package; whether it is as it must be."""
    root = unpacked(package, folder)
    report, seconds, output = gate(root, advisories)
    if report is None or "Traceback" in output:
        print(f"{package.requirement}: no report\n{output}")
        return False
    print(f"\n{package.requirement}: {report['verdict']} in {seconds:.0f} s: {report['reason']}")
    sources = stock.Sources(
        root=root,
        ships=package.ships,
        python=project_python(root),
        own_ruff=package.own_ruff,
        own_mypy=package.own_mypy,
        advisories=advisories,
        lent=lent,
    )
    right = True
    for line, as_it_must_be in rows(sources, report):
        print(f"  {line}", flush=True)
        right = right and as_it_must_be
    return right


def main() -> int:
    """Gate every package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only packages of these names")
    names: list[str] = parser.parse_args().names
    advisories = Path(os.environ.get("RELEASE_GATE_ADVISORIES") or ADVISORIES).resolve()
    results = []
    with tempfile.TemporaryDirectory(prefix="release-gate-real-") as scratch:
        Path(scratch).chmod(0o755)  # tests of the packages may drop privileges
        lent = Path(scratch) / "coverage"
        needed(
            *(sys.executable, "-m", "pip", "install", "-q", "--target", lent, "coverage"),
            cwd=Path(scratch),
        )
        for package in PACKAGES:
            name = package.requirement.partition("==")[0]
            if not names or name in names:
                folder = Path(scratch) / name
                folder.mkdir()
                try:
                    results.append(judge(package, folder, advisories, lent))
                except subprocess.TimeoutExpired as error:
                    print(f"{package.requirement}: {error}")
                    results.append(False)
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
