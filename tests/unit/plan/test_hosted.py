"""The messages to the process of a gate that is not ours."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.api import FileEntry, Inputs, Limit
from release_gate.model import BaseRef
from release_gate.plan.hosted import (
    HostAnswer,
    HostFile,
    HostLimit,
    HostProblem,
    HostRequest,
    RawSettings,
    decode,
    encode,
    hosted_gate,
    is_hosted,
)
from release_gate.testing import FolderProject, context

pytestmark = pytest.mark.unit


def a_request(**changes: Any) -> HostRequest:
    values: dict[str, Any] = {
        "gate_id": "todo",
        "kind": "todo",
        "home": "file",
        "file": "gates/todo.py",
        "sha256": "00",
        "entry_point": None,
        "settings": {"words": ["TODO"], "deep": {"n": 1.5}},
        "root": "/project",
        "name": "shop",
        "files": (HostFile(path="a.py", tracked=True, size=1, kind="file", blob="b"),),
        "source": ("src",),
        "requires_python": ">=3.11",
        "work": "/temporary",
        "artifacts": "/artifacts",
        "base": BaseRef(ref="main", commit="c" * 40, note="asked"),
        "project_python": None,
        "project_environment": "none",
        "paths": (),
        "deadline_s": 60.0,
        "secret_key": b"\x00\xff",
    }
    return HostRequest(**{**values, **changes})


def an_answer(**changes: Any) -> HostAnswer:
    values: dict[str, Any] = {
        "gate_id": "todo",
        "title": "No TODO",
        "applies": None,
        "evidence": {"examined": {"unit": "files", "count": 1}},
        "problem": None,
        "limits": (),
    }
    return HostAnswer(**{**values, **changes})


def test_a_request_comes_back_as_it_was_sent() -> None:
    request = a_request()

    assert request == decode(encode(request), HostRequest)


def test_a_name_that_is_not_utf_8_comes_through() -> None:
    odd = HostFile(path="odd\udcff.py", tracked=False, size=0, kind="file", blob="")

    assert odd == decode(encode(a_request(files=(odd,))), HostRequest).files[0]


def test_a_file_entry_is_the_same_on_both_sides() -> None:
    entry = FileEntry(path="x", tracked=True, size=3, kind="symlink", blob="b")

    assert entry == HostFile.of(entry).entry()


@given(st.fractions(), st.none() | st.fractions())
def test_limits_stay_exact(at_least: Fraction, at_most: Fraction | None) -> None:
    limit = Limit(metric="m", at_least=at_least, at_most=at_most, origin="o", optional=True)

    assert limit == HostLimit.of(limit).limit()


@pytest.mark.parametrize("bound", ["", "1/0", "x", "nan"])
def test_a_limit_that_is_no_fraction_is_refused(bound: str) -> None:
    limit = HostLimit.of(Limit(metric="m"))

    with pytest.raises(ValueError, match=r"[fF]raction"):
        msgspec.structs.replace(limit, at_least=bound).limit()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"\n",
        b"null\n",
        b"[]\n",
        encode(an_answer())[:-5],
        encode(an_answer())[:-1],
        encode(an_answer()).replace(b'"applies": null, ', b""),
        encode(an_answer()).replace(b'"applies": null', b'"applies": null, "applies": null'),
        encode(an_answer()).replace(b'"applies": null', b'"applies": 1'),
        encode(an_answer()).replace(b'"applies": null', b'"applies": null, "verdict": "pass"'),
        encode(an_answer()).replace(b'"protocol": 1', b'"protocol": 2'),
        encode(an_answer()).replace(b'"protocol": 1, ', b""),
    ],
)
def test_an_answer_that_is_not_whole_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(line, HostAnswer)


def test_a_limit_without_its_bound_is_refused() -> None:
    answer = an_answer(limits=(HostLimit.of(Limit(metric="m", at_most=Fraction(1))),))
    values = json.loads(encode(answer))
    del values["limits"][0]["at_most"]

    with pytest.raises(ValueError, match="at_most"):
        decode(json.dumps(values).encode() + b"\n", HostAnswer)


def test_a_problem_comes_back_whole() -> None:
    answer = an_answer(evidence=None, problem=HostProblem(what="no", remedy="yes", slug="s"))

    assert answer == decode(encode(answer), HostAnswer)


def test_the_stand_in_never_collects_in_our_own_process(tmp_path: Path) -> None:
    gate = hosted_gate(kind="todo", title="No TODO", phase="pre-release")
    project = FolderProject(root=tmp_path)

    assert is_hosted(gate)
    assert Inputs(files=(), reusable=False) == gate.inputs(project, RawSettings())
    assert gate.applies(project, RawSettings()) is None
    assert gate.limits(RawSettings(), project) == ()
    with pytest.raises(TypeError, match="process of its own"):
        gate.collect(context(project), RawSettings())
