"""The stock tools, run by hand over the same sources, and what they count.

Each choice of files and options is made here anew, as a person would make it at a prompt:
nothing of release-gate is called, so that a mistake of its own cannot repeat itself.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEADLINE_S = 280.0
_SUMMARY = re.compile(r"(\d+) (passed|failed|skipped|xfailed|xpassed|error)s?\b")
_INSTALLED = (
    "import json; from importlib import metadata; print(json.dumps(sorted("
    "[d.metadata['Name'], d.version] for d in metadata.distributions())))"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """Where a package's sources lie, and what they say of themselves.

    Args:
        root: The repository.
        ships: Folders that ship, relative to the root.
        python: Interpreter of the project environment.
        own_ruff: Whether the project has ruff settings.
        own_mypy: Whether it has mypy settings.
        advisories: Archive of OSV records.
        lent: Folder with a coverage.py for an environment that has none.
    """

    root: Path
    ships: tuple[str, ...]
    python: Path
    own_ruff: bool
    own_mypy: bool
    advisories: Path
    lent: Path


def run(
    command: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command and keep its output."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        check=False,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=DEADLINE_S,
    )


def ruff_check(sources: Sources) -> dict[str, int]:
    """Diagnostics of ``ruff check .``."""
    rules = [] if sources.own_ruff else ["--isolated", "--select", "E4,E7,E9,F"]
    command = ["check", "--no-fix", "--no-cache", *rules, "--output-format", "json", "."]
    return {"lint": len(json.loads(_tool(sources, "ruff", *command).stdout))}


def ruff_format(sources: Sources) -> dict[str, int]:
    """Files that ``ruff format --check .`` would change, Python in Markdown included."""
    rules = [] if sources.own_ruff else ["--isolated"]
    options = ["--check", "--no-cache", *rules, "--output-format", "json", "."]
    found = json.loads(_tool(sources, "ruff", "format", *options).stdout or "[]")
    names = {row["filename"] for row in found}
    return {"unformatted": len(names)}


def bandit(sources: Sources) -> dict[str, int]:
    """Results of ``bandit -r`` over what ships."""
    done = _tool(sources, "bandit", "-q", "-f", "json", "-r", *sources.ships)
    return {"results": len(json.loads(done.stdout)["results"])}


def mypy(sources: Sources) -> dict[str, int]:
    """Errors of ``mypy`` over what ships, and the files it says it checked."""
    version = run(
        [sources.python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], Path()
    )
    options = ["--no-incremental", "--no-pretty", "--python-executable", str(sources.python)]
    strict = [] if sources.own_mypy else ["--strict"]
    options += ["--python-version", version.stdout.strip(), *strict]
    done = _tool(sources, "mypy", *options, *sources.ships)
    last = done.stdout.strip().splitlines()[-1]
    errors = re.search(r"Found (\d+) error", last)
    files = re.search(r"(?:checked|no issues found in) (\d+) source file", last)
    if files is None:
        raise SystemExit(f"mypy said something else: {done.stdout[-500:]}{done.stderr[-500:]}")
    return {"errors": int(errors[1]) if errors else 0, "files": int(files[1])}


def detect_secrets(sources: Sources) -> dict[str, int]:
    """Secrets of ``detect-secrets scan`` over what git tracks."""
    done = _tool(sources, "detect_secrets", "scan", "--no-verify")
    results: dict[str, list[Any]] = json.loads(done.stdout)["results"]
    return {"secrets": sum(len(found) for found in results.values())}


def advisories(sources: Sources) -> dict[str, int]:
    """Packages in the lock or environment, and advisories that list their very version."""
    packages = set(_locked(sources)) or set(_installed(sources))
    known = {
        (name, version, record["id"])
        for record in _records(sources.advisories)
        for affected in record.get("affected", [])
        for name, version in packages
        if _normal(affected["package"]["name"]) == name and version in affected.get("versions", [])
    }
    return {"packages": len(packages), "vulnerabilities": len(known)}


def tests(sources: Sources) -> dict[str, int]:
    """What pytest counts under coverage.py, and the lines and branches that coverage counts."""
    data = sources.root / "build" / "by-hand"
    data.mkdir(parents=True, exist_ok=True)
    env = {"PYTHONPATH": str(sources.lent), "COVERAGE_FILE": str(data / "data")}
    measured = [] if _names_source(sources) else [f"--source={','.join(sources.ships)}"]
    coverage: list[str | Path] = [sources.python, "-m", "coverage"]
    done = run(
        [*coverage, "run", *measured, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        sources.root,
        env,
    )
    lines = done.stdout.strip().splitlines() or [done.stderr]
    counted = {word: int(number) for number, word in _SUMMARY.findall(lines[-1])}
    if not counted:
        raise SystemExit(f"pytest by hand said something else: {lines[-1]}")
    run([*coverage, "combine"], sources.root, env)
    run([*coverage, "json", "-o", data / "coverage.json"], sources.root, env)
    total = json.loads((data / "coverage.json").read_text("utf-8"))["totals"]
    return {
        **{word: counted.get(word, 0) for word in ("passed", "failed", "skipped")},
        "covered": total["covered_lines"] + total.get("covered_branches", 0),
        "of": total["num_statements"] + total.get("num_branches", 0),
    }


def _tool(sources: Sources, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "-P", "-m", module, *arguments], sources.root)


def _locked(sources: Sources) -> Iterator[tuple[str, str]]:
    """Packages of a uv.lock, without the project itself."""
    lock = sources.root / "uv.lock"
    if lock.is_file():
        for package in tomllib.loads(lock.read_text("utf-8"))["package"]:
            if "version" in package and "registry" in package["source"]:
                yield _normal(package["name"]), package["version"]


def _installed(sources: Sources) -> Iterator[tuple[str, str]]:
    project = tomllib.loads((sources.root / "pyproject.toml").read_text("utf-8"))["project"]
    for name, version in json.loads(run([sources.python, "-c", _INSTALLED], Path()).stdout):
        if _normal(name) != _normal(project["name"]):
            yield _normal(name), version


def _records(archive: Path) -> Iterator[dict[str, Any]]:
    if archive.is_dir():
        for file in sorted(archive.rglob("*.zip")):
            yield from _records(file)
        return
    with zipfile.ZipFile(archive) as stored:
        for name in stored.namelist():
            record = json.loads(stored.read(name)) if name.endswith(".json") else {}
            if record and "withdrawn" not in record:
                yield record


def _names_source(sources: Sources) -> bool:
    """Whether the project's coverage settings say what is measured."""
    file = sources.root / "pyproject.toml"
    table = tomllib.loads(file.read_text("utf-8")).get("tool", {}).get("coverage", {})
    return bool({"source", "source_pkgs"} & table.get("run", {}).keys())


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
