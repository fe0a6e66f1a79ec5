"""pip-audit's answer is not trusted: every way in which it can be wrong is an error."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.errors import ToolProblem
from release_gate.ports import Completed
from release_gate.subjects.advisories.pip_audit import Auditor, Round, rounds
from release_gate.testing import FolderProject, context

pytestmark = pytest.mark.unit

CANARY = ("witness", "1.0")
VULN = {"id": "PYSEC-1", "fix_versions": ["2.0"], "aliases": ["CVE-1"], "description": "x"}


def dependency(name: str, version: str = "1.0", *vulns: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "version": version, "vulns": list(vulns)}


WITNESS = dependency(*CANARY, VULN)


def output(*rows: dict[str, Any], **changes: Any) -> str:
    return json.dumps({"dependencies": list(rows), "fixes": [], **changes})


class Runner:
    """Writes what pip-audit would have written."""

    def __init__(self, text: str | None, exit_code: int) -> None:
        self.text, self.exit_code = text, exit_code

    def run(self, argv: Any, **_: Any) -> Completed:
        if self.text is not None:
            Path(argv[argv.index("-o") + 1]).write_text(self.text)
        return Completed(
            argv=tuple(argv),
            exit_code=self.exit_code,
            stdout=b"",
            stderr=b"ERROR:pip_audit:boom\n",
            duration_s=0.1,
            log=Path("dependencies.log"),
        )


@pytest.fixture
def audited(tmp_path: Path) -> Callable[..., Round]:
    def run(text: str | None, exit_code: int = 1) -> Round:
        ctx = context(FolderProject(root=tmp_path), runner=Runner(text, exit_code))
        auditor = Auditor(ctx=ctx, version="2.10.1", url="http://127.0.0.1:9/v1/query")
        return auditor.audit([("cog", "1.0")], CANARY, 1)

    return run


def test_the_canary_is_taken_out(audited: Callable[..., Round]) -> None:
    result = audited(output(dependency("Cog"), WITNESS))
    assert result.audited == {("cog", "1.0"): ()}
    assert result.skipped == {}


def test_skipped_packages_are_kept_with_their_reason(audited: Callable[..., Round]) -> None:
    result = audited(output({"name": "cog", "skip_reason": "not found"}, WITNESS))
    assert result.audited == {}
    assert result.skipped == {"cog": "not found"}


@pytest.mark.parametrize(
    ("text", "exit_code", "what"),
    [
        (None, 1, "wrote no result: ERROR:pip_audit:boom"),
        ("", 1, "wrote no result"),
        ("", 0, "wrote no result"),
        ("{", 1, "cut off or of another shape"),
        (output(dependency("cog"), WITNESS)[:-9], 1, "cut off or of another shape"),
        ("[]", 1, "another shape"),
        ("{}", 1, "another shape"),
        (output(WITNESS, more=1), 1, "another shape"),
        (output({**WITNESS, "more": 1}), 1, "another shape"),
        (output(dependency("cog", "1.0", {"id": "X"})), 1, "another shape"),
        (output(dependency("cog"), WITNESS), 0, "exit code 0 contradicts"),
        (output(dependency("cog")), 1, "exit code 1 contradicts"),
        (output(dependency("cog")), 0, "did not report witness 1.0"),
        (output(dependency("cog"), dependency("witness")), 0, "did not report witness 1.0"),
        (output({"name": "cog"}, WITNESS), 1, "cog was neither audited nor skipped"),
        (output(WITNESS), 2, "exit code 2"),
    ],
)
def test_any_other_answer_is_an_error(
    audited: Callable[..., Round], text: str | None, exit_code: int, what: str
) -> None:
    with pytest.raises(ToolProblem, match=what):
        audited(text, exit_code)


names = st.sampled_from(["a", "b", "c"])
versions = st.sampled_from(["1", "2", "3", "4"])


@given(st.lists(st.tuples(names, versions)))
def test_rounds_hold_every_pin_once_and_no_package_twice(pins: list[tuple[str, str]]) -> None:
    result = rounds(pins)
    assert sorted(set(pins)) == sorted(pin for part in result for pin in part)
    assert all(len({name for name, _ in part}) == len(part) for part in result)
    most = max((sum(1 for n, _ in set(pins) if n == name) for name in "abc"), default=0)
    assert len(result) == most
