"""The probes that came with the packs, by themselves."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from release_gate.subjects.packs.openapi import PROBE as OPENAPI
from release_gate.subjects.packs.project_file import PROBE
from release_gate.subjects.probes.contract import ProbeProblem, Unreadable
from support.probing import look, world

pytestmark = pytest.mark.unit


def test_a_file_says_its_text_value_size_and_digest(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": 1}')
    seen = look(PROBE, {"path": "a.json"}, world(tmp_path))
    assert seen.values["content"] == {"a": 1}
    assert seen.values["text"] == '{"a": 1}'
    assert seen.values["size"] == 8
    assert len(seen.values["sha256"]) == 64


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b""),
        ("a.json", b'{"a": 1'),
        ("a.toml", b"a ="),
        ("a.txt", b"1"),
        ("a.json", b"\xff"),
    ],
)
def test_a_value_that_cannot_be_read_is_said_to_be_so(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    assert isinstance(look(PROBE, {"path": name}, world(tmp_path)).values["content"], Unreadable)


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ProbeProblem, match=r"a\.json cannot be read"):
        look(PROBE, {"path": "a.json"}, world(tmp_path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
@pytest.mark.parametrize("kind", ["folder", "pipe", "link"])
def test_only_a_file_of_the_project_is_read(tmp_path: Path, kind: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    place = root / "a.json"
    (tmp_path / "outside.json").write_text("{}")
    if kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to(tmp_path / "outside.json")
    with pytest.raises(ProbeProblem, match=r"a\.json (cannot be read|lies outside)"):
        look(PROBE, {"path": "a.json"}, world(root))


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../a", "a/../../b"])
def test_a_path_that_leads_outside_is_refused(path: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="relative to the root"):
        msgspec.convert({"path": path}, PROBE.settings)


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        ({"path": "/o", "file": "o.json"}, ("GET /o, compared with o.json",)),
        ({"path": "/o", "argv": ["a"]}, ("GET /o, compared with the output of ['a']",)),
    ],
)
def test_what_would_be_asked_is_shown(settings: dict[str, object], lines: tuple[str, ...]) -> None:
    assert OPENAPI.shown(msgspec.convert(settings, OPENAPI.settings)) == lines


@pytest.mark.parametrize("content", ["", "{}", '{"paths": {}}', "[]", "nothing"])
def test_a_document_that_says_nothing_is_compared_with_nothing(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "o.json").write_text(content)
    with pytest.raises(ProbeProblem, match=r"o\.json holds no document"):
        look(OPENAPI, {"path": "/o", "file": "o.json"}, world(tmp_path))
