"""Progress from event files that grow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from release_gate.subjects.testrun.tail import Tail

pytestmark = pytest.mark.unit


def append(file: Path, text: bytes) -> None:
    with file.open("ab") as stream:
        stream.write(text)


def line(**facts: object) -> bytes:
    return json.dumps(facts).encode() + b"\n"


def test_only_whole_lines_are_counted_and_only_once(tmp_path: Path) -> None:
    shown: list[str] = []
    tail = Tail(tmp_path, shown.append)
    main, worker = tmp_path / "main-1.jsonl", tmp_path / "gw0-2.jsonl"
    append(worker, line(event="selected", ids=["a", "b"]))
    tail.look()
    append(main, line(event="report", id="a") + line(event="report", id="a") + b'{"event": "rep')
    tail.look()
    tail.look()
    append(main, b'ort", "id": "b"}\nrubbish\n')
    tail.look()

    assert shown == ["1/2 tests", "2/2 tests"]


def test_the_thread_ends_with_the_block(tmp_path: Path) -> None:
    shown: list[str] = []
    append(tmp_path / "main-1.jsonl", line(event="selected", ids=["a"]))
    append(tmp_path / "main-1.jsonl", line(event="report", id="a"))
    with Tail(tmp_path, shown.append, period=0.001) as tail:
        while not shown:
            pass

    assert shown == ["1/1 tests"]
    assert not tail._thread.is_alive()
