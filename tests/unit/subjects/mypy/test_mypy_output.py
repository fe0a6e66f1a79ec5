"""Reading what mypy left: whole, at one with its exit code, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from release_gate.api import Completed, ToolProblem
from release_gate.subjects.mypy.output import read_output

pytestmark = pytest.mark.unit

ERROR = {
    "file": "src/a.py",
    "line": 1,
    "column": 4,
    "message": "no",
    "hint": None,
    "code": "misc",
    "severity": "error",
}
NOTE = {**ERROR, "severity": "note"}
REPORT = b'{"lines": {"/project/src/a.py": [1]}}'


def line(message: object) -> bytes:
    return json.dumps(message).encode() + b"\n"


def completed(stdout: bytes = b"", *, code: int = 0, stderr: bytes = b"") -> Completed:
    return Completed(
        argv=("python", "-m", "mypy"),
        exit_code=code,
        stdout=stdout,
        stderr=stderr,
        duration_s=0.1,
        log=Path("gate.log"),
    )


@pytest.fixture
def report(tmp_path: Path) -> Path:
    (tmp_path / "coverage.json").write_bytes(REPORT)
    return tmp_path


def test_a_clean_run_prints_nothing_and_its_report_names_the_files(report: Path) -> None:
    output = read_output(completed(), report, "")
    assert ((), frozenset({"/project/src/a.py"})) == (output.messages, output.read)


def test_messages_keep_their_order(report: Path) -> None:
    output = read_output(completed(line(ERROR) + line(NOTE), code=1), report, "")
    assert [item.severity for item in output.messages] == ["error", "note"]


def test_a_note_alone_ends_with_one(report: Path) -> None:
    assert len(read_output(completed(line(NOTE), code=1), report, "").messages) == 1


@pytest.mark.parametrize(
    ("stdout", "said"),
    [
        (b'{"file": "src/a.py", "li', "cut off"),
        (b"src/a.py:1: error: no\n", "cut off or damaged"),
        (b'{"file": "src/a.py"}\n', "another shape"),
        (b"[]\n", "another shape"),
    ],
)
def test_output_of_another_kind_is_refused(report: Path, stdout: bytes, said: str) -> None:
    with pytest.raises(ToolProblem, match=said):
        read_output(completed(stdout, code=1), report, "")


@pytest.mark.parametrize(("stdout", "code"), [(b"", 1), (line(ERROR), 0)])
def test_an_exit_code_at_odds_with_the_output_is_refused(
    report: Path, stdout: bytes, code: int
) -> None:
    with pytest.raises(ToolProblem, match="one of them is wrong"):
        read_output(completed(stdout, code=code), report, "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "left no report"),
        (b"", "wrote nothing"),
        (b'{"lines": {"', "cut off"),
        (b'{"files": {}}', "another shape"),
    ],
)
def test_a_report_that_is_not_whole_is_refused(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "coverage.json").write_bytes(content)
    with pytest.raises(ToolProblem, match=said):
        read_output(completed(), tmp_path, "")


def test_notes_on_the_settings_file_are_no_output(report: Path) -> None:
    stdout = b"mypy.ini: note: unused section(s): [mypy-a.*]\n"
    assert read_output(completed(stdout), report, "mypy.ini").messages == ()


def test_complaints_about_the_settings_are_kept(report: Path) -> None:
    stderr = b"mypy.ini: [mypy]: Unrecognized option: strct = True\n\nelse\n"
    output = read_output(completed(stderr=stderr), report, "mypy.ini")
    assert output.complaints == ("mypy.ini: [mypy]: Unrecognized option: strct = True",)


@pytest.mark.parametrize(
    ("stdout", "stderr", "what", "remedy"),
    [
        (line(ERROR), b"", "mypy stopped at src/a.py:1: no", "nothing is checked until then"),
        (
            line({**ERROR, "line": -1}) + line({**ERROR, "file": "src/b.py"}),
            b"",
            "mypy stopped at src/a.py: no (also src/b.py)",
            "",
        ),
        (b"", line(ERROR), "mypy stopped at src/a.py:1: no", ""),
        (b"", b"usage: mypy\nmypy: error: unrecognized arguments: --output\n", "", "too old"),
        (b"", b"a.py: error: INTERNAL ERROR -- Please\nversion: 2\n", "a.py: error", "A fault"),
        (b"", b"x is not a valid Python package name\n", "not a valid", "Rename"),
        (b"", b"", "mypy stopped: it printed nothing", ""),
    ],
)
def test_why_it_stopped_is_told_with_a_remedy(
    report: Path, stdout: bytes, stderr: bytes, what: str, remedy: str
) -> None:
    with pytest.raises(ToolProblem) as caught:
        read_output(completed(stdout, code=2, stderr=stderr), report, "")
    assert what in caught.value.what
    assert remedy in caught.value.remedy
