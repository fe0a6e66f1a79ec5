"""A scratch repository with tiny gates, and the real command run in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GATE = """
from __future__ import annotations
import os, sys, time
from pathlib import Path
from release_gate.api import *

class Own(Settings, frozen=True, kw_only=True):
    most: int = 1

EVIDENCE = Evidence(examined=Examined(unit="files", count=1))

def finding(path="a.py"):
    return Finding(tool="own", rule_id="OWN1", severity=Severity.HIGH, message="it is wrong",
                   identity=Identity(kind="code", key=("x",)), path=path, line=1)

def collect(ctx, settings):
    {body}

GATE = Gate(kind="{kind}", title="Gate {kind}", settings=Own, applies=lambda p, s: {applies},
            collect=collect, limits=lambda s, p: (), inputs=lambda p, s: Inputs(files=()))
"""

NOXFILE = "from release_gate.nox_sessions import register\nregister()\n"


class Scratch:
    """A git repository of its own, with an environment of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.root.mkdir()
        self.marks = folder / "marks"
        self.marks.mkdir()
        self.output = self.root / "build" / "release-gate"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "RELEASE_GATE_CACHE": str(folder / "cache"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "MARKS": str(self.marks),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.gates: list[str] = []
        self.tables = ""
        self.write("a.py", "x = 1\n")
        self.write("noxfile.py", NOXFILE)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def gate(self, kind: str, body: str = "return EVIDENCE", applies: str = "None") -> None:
        self.write(f"gates/{kind}.py", GATE.format(kind=kind, body=body, applies=applies))
        self.gates.append(kind)

    def configure(self, expected: list[str] | None = None, extra: str = "") -> None:
        files = [f"gates/{kind}.py" for kind in self.gates]
        names = self.gates if expected is None else expected
        own = f"gate-files = {files}\n" if files else ""
        self.write(
            "pyproject.toml",
            '[project]\nname = "scratch"\nversion = "1.0"\n'
            f"[tool.release-gate]\nexpected = {names}\n{own}{extra}",
        )

    def git(self, *arguments: str) -> None:
        who = ("-c", "user.name=tests", "-c", "user.email=tests@example.invalid")
        subprocess.run(
            ["git", *who, *arguments],
            cwd=self.root,
            env=self.environment,
            check=True,
            capture_output=True,
        )

    def ready(self, extra: str = "") -> None:
        """Configured and committed."""
        self.configure(extra=extra)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "all")

    def start(
        self,
        *arguments: str,
        module: str = "release_gate",
        out: int = subprocess.PIPE,
        **more: str,
    ) -> Any:
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            env={**self.environment, **more},
            stdout=out,
            stderr=out,
            text=True,
        )

    def run(
        self, *arguments: str, module: str = "release_gate", **more: str
    ) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, module=module, out=subprocess.PIPE, **more)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def nox(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.run(*arguments, module="nox", **more)

    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.output / "gate.json").read_text())
        return found

    def verdicts(self) -> dict[str, str]:
        return {one["id"]: one["verdict"] for one in self.report()["gates"]}

    def wait_for_mark(self, name: str, seconds: float = 30) -> str:
        return wait_for((self.marks / name).read_text, seconds)


def wait_for(read: Callable[[], str], seconds: float) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if text := read():
                return text
        except FileNotFoundError:
            pass
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    return Scratch(tmp_path)
