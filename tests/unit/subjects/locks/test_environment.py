from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from release_gate.errors import ToolProblem
from release_gate.ports import Completed
from release_gate.subjects.locks import environment
from release_gate.subjects.locks.types import Pin, Unpinned

pytestmark = pytest.mark.unit


class Runner:
    def __init__(self, output: bytes, exit_code: int = 0) -> None:
        self.output, self.exit_code = output, exit_code

    def run(self, argv: Any, **_: Any) -> Completed:
        return Completed(
            argv=tuple(argv),
            exit_code=self.exit_code,
            stdout=self.output,
            stderr=b"",
            duration_s=0.1,
            log=Path("dependencies.log"),
        )


def listed(*rows: dict[str, Any], count: int | None = None) -> bytes:
    footer = {"end": True, "count": len(rows) if count is None else count}
    return "".join(json.dumps(row) + "\n" for row in (*rows, footer)).encode()


def load(output: bytes, exit_code: int = 0) -> Any:
    runner: Any = Runner(output, exit_code)
    return environment.load(runner, Path(sys.executable), "app")


def row(name: str, version: str | None = "1.0", **address: Any) -> dict[str, Any]:
    return {"name": name, "version": version, "direct_url": address or None}


def test_every_distribution_is_read_once() -> None:
    lock = load(
        listed(
            row("B_b", "2.0"),
            row("a", "1.0", vcs_info={}),
            row("a", "0.9"),
            row("c", dir_info={}),
            row("d", archive_info={}),
            row("app"),
            row("mine", dir_info={"editable": True}),
        )
    )
    assert lock.pins == (
        Pin(name="a", version="1.0", origin="git"),
        Pin(name="b-b", version="2.0"),
        Pin(name="c", version="1.0", origin="path"),
        Pin(name="d", version="1.0", origin="url"),
    )
    assert lock.unpinned == (
        Unpinned(name="app", reason="part of the project itself", own=True),
        Unpinned(name="mine", reason="installed as editable"),
    )


@pytest.mark.parametrize(
    ("output", "what"),
    [
        (b"", "missing or cut off"),
        (listed(row("a"))[:-5], "unusable answer"),
        (json.dumps(row("a")).encode() + b"\n", "missing or cut off"),
        (listed(row("a"), count=2), "missing or cut off"),
        (b"\xff", "unusable answer"),
        (b"3\n" + json.dumps({"end": True, "count": 1}).encode(), "no object"),
        (listed(row("a", None)), "a has no version of PEP 440"),
        (listed(row("a", "banana")), "a has no version of PEP 440"),
        (listed({"version": "1"}), "a package without a name"),
    ],
)
def test_any_other_answer_is_an_error(output: bytes, what: str) -> None:
    with pytest.raises(ToolProblem, match=what):
        load(output)


def test_another_exit_code_is_an_error() -> None:
    with pytest.raises(ToolProblem, match="exit code 1"):
        load(listed(row("a")), exit_code=1)
