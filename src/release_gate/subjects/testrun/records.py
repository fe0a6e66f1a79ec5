"""The lines that the pytest plug-in writes, one event each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from release_gate.errors import ToolProblem


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """One thing that happened."""


class Start(Event, frozen=True, kw_only=True, tag="start"):
    """The session begins.

    Args:
        pytest: Its version.
        rootdir: Pytest's own root.
        worker: Name of the worker of pytest-xdist; ``None`` in the main process.
    """

    pytest: str
    rootdir: str
    worker: str | None


class Selected(Event, frozen=True, kw_only=True, tag="selected"):
    """Tests that are going to be run."""

    ids: list[str]


class Deselected(Event, frozen=True, kw_only=True, tag="deselected"):
    """Tests that were collected and left out."""

    ids: list[str]


class CollectError(Event, frozen=True, kw_only=True, tag="collect-error"):
    """A file or class that could not be collected."""

    id: str
    message: str


class CollectSkip(Event, frozen=True, kw_only=True, tag="collect-skip"):
    """A file or class that was skipped as a whole."""

    id: str
    message: str


class Report(Event, frozen=True, kw_only=True, tag="report"):
    """One phase of one test, or one subtest of it, has ended.

    Args:
        id: Pytest's node id, of the test also for a subtest.
        when: ``setup``, ``call`` or ``teardown``.
        outcome: Pytest's word for it.
        message: Failure, or reason of a skip.
        xfail: Why a failure was expected; ``None``: it was not.
        path: The test's file, absolute, where it failed.
        line: One-based line of the failure in that file.
        subtest: Whether it speaks of a part of the test and not of the test.
    """

    id: str
    when: str
    outcome: str
    message: str = ""
    xfail: str | None = None
    path: str | None = None
    line: int | None = None
    subtest: bool = False


class Finish(Event, frozen=True, kw_only=True, tag="finish"):
    """The session's end was reached, with this exit status."""

    status: int


Line = Start | Selected | Deselected | CollectError | CollectSkip | Report | Finish
_LINES = msgspec.json.Decoder(Line)


def lines(file: Path) -> Iterator[Line]:
    """Every event that one process wrote.

    Raises:
        ToolProblem: If a line is damaged.
    """
    content = file.read_bytes()
    for line in content.split(b"\n"):
        if not line:
            continue
        try:
            yield _LINES.decode(line)
        except msgspec.MsgspecError as error:
            raise ToolProblem(
                f"the record of the test run is damaged: {error}",
                remedy="The disk may be full, or the run was killed while it wrote.",
            ) from error
