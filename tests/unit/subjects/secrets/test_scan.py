"""The worker's answer is not trusted: every way in which it can be wrong is an error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from release_gate.errors import ToolProblem
from release_gate.ports import Completed
from release_gate.subjects.secrets.scan import Request, scan

pytestmark = pytest.mark.unit

HEADER = {"protocol": 1, "version": "1.5.0", "plugins": ["A"], "filters": ["f"]}
FILE = {"file": "a.py", "state": "read", "secrets": [], "allowlisted": []}
FOOTER = {"end": True, "files": 1}


class Runner:
    def __init__(self, *lines: Any, exit_code: int = 0, stderr: str = "", end: str = "\n") -> None:
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        self.output = ("\n".join(texts) + end).encode() if texts else b""
        self.exit_code, self.stderr = exit_code, stderr

    def run(self, argv: Any, *, on_line: Any, **_: Any) -> Completed:
        for line in self.output.decode().splitlines():
            on_line(line)
        return Completed(
            argv=tuple(argv),
            exit_code=self.exit_code,
            stdout=self.output,
            stderr=self.stderr.encode(),
            duration_s=0.1,
            log=Path("secrets.log"),
        )


def run(*lines: Any, **how: Any) -> Any:
    return scanned(Runner(*lines, **how), Request(files=("a.py",)))


def scanned(runner: Any, request: Request, told: list[str] | None = None) -> Any:
    heard = [] if told is None else told
    return scan(runner, Path("python"), request, progress=heard.append)


def test_a_whole_answer_is_read() -> None:
    result = run(HEADER, FILE, FOOTER)
    assert (result.tool.version, result.plugins, len(result.files)) == ("1.5.0", ("A",), 1)


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ((), "missing or cut off"),
        ((HEADER,), "missing or cut off"),
        ((HEADER, FOOTER), "it is cut off|its answer is cut off"),
        ((HEADER, FILE), "a line of its answer is unusable"),
        ((HEADER, FILE, {"end": False, "files": 1}), "cut off"),
        ((HEADER, FILE, {"end": True, "files": 2}), "cut off"),
        (({**HEADER, "protocol": 2}, FILE, FOOTER), "version 2"),
        (({**HEADER, "plugins": []}, FILE, FOOTER), "no plugin"),
        ((HEADER, {**FILE, "file": "b.py"}, FOOTER), "other files"),
        ((HEADER, {**FILE, "state": "fine"}, FOOTER), "a line of its answer is unusable"),
        (
            (HEADER, {**FILE, "secrets": [{"type": "x"}]}, FOOTER),
            "a line of its answer is unusable",
        ),
        ((HEADER, {**FILE, "new": 1}, FOOTER), "a line of its answer is unusable"),
        ((HEADER, "rubbish", FOOTER), "a line of its answer is unusable"),
        ((HEADER, FILE, FILE, {"end": True, "files": 2}), "other files"),
    ],
)
def test_any_other_answer_is_an_error(lines: tuple[Any, ...], what: str) -> None:
    with pytest.raises(ToolProblem, match=what):
        run(*lines)


def test_an_answer_without_its_last_line_end_is_an_error() -> None:
    with pytest.raises(ToolProblem, match="cut off"):
        run(HEADER, FILE, FOOTER, end="")


def test_another_exit_code_is_an_error_with_the_last_words() -> None:
    with pytest.raises(ToolProblem, match="exit code 1: boom"):
        run(HEADER, FILE, FOOTER, exit_code=1, stderr="Traceback\nboom\n")
    with pytest.raises(ToolProblem, match="exit code -9: nothing"):
        run(exit_code=-9)


def test_no_file_at_all_is_an_error() -> None:
    with pytest.raises(ToolProblem, match="no file to read"):
        scanned(Runner(), Request(files=()))


def test_progress_is_told_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("release_gate.subjects.secrets.scan._MOST_WORKERS", 1)
    told: list[str] = []
    names = tuple(f"{n}.py" for n in range(120))
    rows = [{**FILE, "file": name} for name in names]
    runner = Runner(HEADER, *rows, {"end": True, "files": 120})
    scanned(runner, Request(files=names), told)
    assert told == ["0 of 120 files", "50 of 120 files", "100 of 120 files"]
