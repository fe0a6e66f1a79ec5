"""What the tests did, read from the plug-in's event files.

Nothing here trusts pytest's exit code or its words on the screen: a run counts by the reports
of its tests and by the line that its end was reached.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from release_gate.errors import ToolProblem
from release_gate.subjects.testrun.records import (
    CollectError,
    CollectSkip,
    Deselected,
    Finish,
    Line,
    Report,
    Selected,
    Start,
    lines,
)


class Outcome(StrEnum):
    """What became of one test, worst first."""

    ERROR = "error"
    FAILED = "failed"
    XPASSED = "xpassed"
    PASSED = "passed"
    XFAILED = "xfailed"
    SKIPPED = "skipped"


RAN = frozenset(Outcome) - {Outcome.SKIPPED}
_WORST_FIRST = tuple(Outcome)


@dataclass(frozen=True, kw_only=True, slots=True)
class Test:
    """One test that was reported.

    Args:
        id: Pytest's node id, its file relative to the project's root.
        outcome: The worst of its own phases and of its broken subtests.
        message: Failure or reason of the skip.
        path: The test's file, relative to the root; ``None`` outside of it.
        line: One-based line of the failure in that file.
        reruns: How often it was repeated before this outcome.
        skipped_subtests: Reason of each subtest that was skipped, whatever the test did.
    """

    __test__ = False

    id: str
    outcome: Outcome
    message: str = ""
    path: str | None = None
    line: int | None = None
    reruns: int = 0
    skipped_subtests: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectionError:
    """A file that pytest could not collect."""

    path: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TestRun:
    """A whole session.

    Args:
        tests: Every test that was reported to its end, by id.
        selected: Ids that were to be run.
        deselected: Ids that were collected and left out.
        skipped_modules: Files and classes skipped as a whole, with the reason.
        collection_errors: What could not be collected.
        status: Exit status by pytest's own word at the end of the session.
        pytest: Its version.
    """

    __test__ = False

    tests: tuple[Test, ...]
    selected: frozenset[str]
    deselected: frozenset[str]
    skipped_modules: tuple[tuple[str, str], ...]
    collection_errors: tuple[CollectionError, ...]
    status: int
    pytest: str

    def count(self, *outcomes: Outcome) -> int:
        """How many tests had one of these outcomes."""
        return sum(test.outcome in outcomes for test in self.tests)

    @property
    def ran(self) -> int:
        """How many tests were executed."""
        return self.count(*RAN)

    @property
    def skipped(self) -> int:
        """Skipped tests and subtests, and modules skipped as a whole, as pytest counts."""
        subtests = sum(len(test.skipped_subtests) for test in self.tests)
        return self.count(Outcome.SKIPPED) + subtests + len(self.skipped_modules)

    @property
    def not_run(self) -> tuple[str, ...]:
        """Selected tests that no one reported, sorted."""
        return tuple(sorted(self.selected - {test.id for test in self.tests}))


def read(folder: Path, root: Path) -> TestRun | None:
    """Read the record of a session.

    Args:
        folder: Where the plug-in wrote.
        root: The project's root.

    Returns:
        ``None`` if no session was started at all.

    Raises:
        ToolProblem: If the session was cut off, recorded twice, or the record is damaged.
    """
    files = sorted(folder.glob("*.jsonl"))
    main = [file for file in files if file.name.startswith("main-")]
    if len(main) > 1:
        raise ToolProblem(
            f"{len(main)} test sessions were recorded in place of one",
            remedy="A test seems to start pytest with the gate's own plug-in.",
        )
    session = list(lines(main[0])) if main else []
    start = next((event for event in session if isinstance(event, Start)), None)
    if start is None:
        return None
    finish = next((event for event in session if isinstance(event, Finish)), None)
    if finish is None:
        raise ToolProblem(
            "the test run was cut off: pytest never came to the end of its session",
            remedy="Look for a test that ends the process, as os._exit does, or a crash.",
        )
    workers = [event for file in files if file not in main for event in lines(file)]
    return _summary(session + workers, start, finish, root)


def _summary(events: list[Line], start: Start, finish: Finish, root: Path) -> TestRun:
    names = _Names(rootdir=Path(start.rootdir), root=root)
    reports: dict[str, list[Report]] = {}
    for event in events:
        if isinstance(event, Report):
            reports.setdefault(names.canonical(event.id), []).append(event)
    errors = {names.canonical(e.id): e.message for e in events if isinstance(e, CollectError)}
    skips = {names.canonical(e.id): e.message for e in events if isinstance(e, CollectSkip)}
    return TestRun(
        tests=tuple(
            test
            for name, phases in sorted(reports.items())
            if (test := _test(name, phases, names)) is not None
        ),
        selected=names.all(e.ids for e in events if isinstance(e, Selected)),
        deselected=names.all(e.ids for e in events if isinstance(e, Deselected)),
        skipped_modules=tuple(sorted(skips.items())),
        collection_errors=tuple(
            CollectionError(path=path, message=message) for path, message in sorted(errors.items())
        ),
        status=finish.status,
        pytest=start.pytest,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Names:
    """Turns pytest's names, relative to its rootdir, into ones relative to our root."""

    rootdir: Path
    root: Path

    def canonical(self, node: str) -> str:
        """A node id with its file relative to the project's root."""
        file, colons, rest = node.partition("::")
        return (self.relative(self.rootdir / file) or file) + colons + rest

    def relative(self, path: Path) -> str | None:
        """A path relative to the root; ``None`` outside of it."""
        plain = Path(posixpath.normpath(path.as_posix()))
        for root in (self.root, self.root.resolve()):
            if plain.is_relative_to(root):
                return plain.relative_to(root).as_posix()
        return None

    def all(self, lists: Iterable[list[str]]) -> frozenset[str]:
        """All names of several lists."""
        return frozenset(self.canonical(name) for names in lists for name in names)


def _outcome(report: Report) -> Outcome | None:
    """What one phase says; ``None``: nothing final.

    Raises:
        ToolProblem: For a word that no version of pytest known to us uses.
    """
    match report.outcome:
        case "failed":
            return Outcome.ERROR if report.when in {"setup", "teardown"} else Outcome.FAILED
        case "skipped":
            return Outcome.SKIPPED if report.xfail is None else Outcome.XFAILED
        case "passed" if report.when == "call":
            return Outcome.PASSED if report.xfail is None else Outcome.XPASSED
        case "passed" | "rerun":
            return None
    raise ToolProblem(
        f"{report.id} was reported as {report.outcome!r}, which is not known",
        remedy="A plug-in of pytest reports outcomes of its own.",
    )


def _test(name: str, phases: list[Report], names: _Names) -> Test | None:
    """One test from its phases; ``None`` if its own phase was never reported: it did not run.

    A subtest that passed says nothing of the test, which may have been skipped after it.
    """
    judged = [(outcome, phase) for phase in phases if (outcome := _outcome(phase)) is not None]
    decisive = [(outcome, phase) for outcome, phase in judged if _decides(outcome, phase)]
    if not decisive:
        return None
    outcome, phase = min(decisive, key=lambda pair: _WORST_FIRST.index(pair[0]))
    return Test(
        id=name,
        outcome=outcome,
        message=phase.message or phase.xfail or "",
        path=names.relative(Path(phase.path)) if phase.path else None,
        line=phase.line,
        reruns=sum(phase.outcome == "rerun" for phase in phases),
        skipped_subtests=tuple(
            phase.message
            for outcome, phase in judged
            if phase.subtest and outcome is Outcome.SKIPPED
        ),
    )


def _decides(outcome: Outcome, phase: Report) -> bool:
    return not phase.subtest or outcome in {Outcome.ERROR, Outcome.FAILED}
