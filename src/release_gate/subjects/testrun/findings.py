"""What a test run means in a report: failed tests, broken promises, and why it is not whole."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from release_gate.model import Finding, Identity, Metric, Problem, Severity, Table
from release_gate.ports import Project
from release_gate.subjects.source.identity import SourceFiles
from release_gate.subjects.testrun import text
from release_gate.subjects.testrun.events import Outcome, Test, TestRun
from release_gate.subjects.testrun.required import Shortfall

_STATUS = {
    2: "pytest was interrupted before its end",
    3: "pytest met an internal error",
    4: "pytest was used wrongly",
    5: "pytest collected no test",
}
_NORMAL = (0, 1)
_TEST_FILE = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test)\.py$")
BROKEN = (Outcome.FAILED, Outcome.ERROR)


_UNITTEST_RAN = re.compile(rb"^Ran (\d+) tests? in ", re.MULTILINE)


def _item(
    rule: str, key: str, message: str, *, severity: Severity = Severity.HIGH, fix: str = ""
) -> Finding:
    return Finding(
        tool="pytest",
        rule_id=rule,
        severity=severity,
        message=message,
        identity=Identity(kind="item", key=(rule, key)),
        fix=fix,
    )


def failed_tests(project: Project, run: TestRun, allowed: int) -> list[Finding]:
    """One finding for each test that failed or could not be set up or torn down.

    Args:
        project: For excerpts.
        run: The run.
        allowed: So many may fail: while they are not more, the findings are only information.
    """
    broken = [test for test in run.tests if test.outcome in BROKEN]
    severity = Severity.INFO if len(broken) <= allowed else Severity.HIGH
    source = SourceFiles(project)
    return [_failed(project, test, severity, source) for test in broken]


def _failed(project: Project, test: Test, severity: Severity, source: SourceFiles) -> Finding:
    rule = "test-failed" if test.outcome is Outcome.FAILED else "test-error"
    return Finding(
        tool="pytest",
        rule_id=rule,
        severity=severity,
        message=text.one_line(f"{test.id}: {test.message}", project.root),
        identity=Identity(kind="item", key=(test.id,)),
        path=test.path,
        line=test.line if test.path else None,
        excerpt=source.excerpt(test.path, test.line) if test.path else "",
        reproduce=f"pytest {shlex.quote(test.id)}",
    )


def required_tests(shortfalls: Iterable[Shortfall]) -> list[Finding]:
    """One finding for each named test that did not run and pass."""
    return [
        _item(
            f"required-test-{shortfall.rule}",
            shortfall.required.id,
            text.one_line(f"required test {shortfall.message}"),
            fix="Make it run and pass, or take it out of required-tests.",
        )
        for shortfall in shortfalls
    ]


def command_failed(command: tuple[str, ...], exit_code: int) -> Finding:
    """The user's own test command said no."""
    shown = shlex.join(command)
    return _item("test-command-failed", shown, f"{shown} ended with exit {exit_code}")


def problems(run: TestRun, exit_code: int) -> list[Problem]:
    """Why the run does not stand for all of the tests.

    Args:
        run: Its record.
        exit_code: Of the process.
    """
    found = [
        Problem(
            what=text.one_line(f"{error.path} could not be collected: {error.message}"),
            remedy=f"pytest {shlex.quote(error.path)} shows the whole error.",
            path=error.path.partition("::")[0] or None,
        )
        for error in run.collection_errors
    ]
    found += [*_nothing_ran(run), *_cut_short(run), *_exit_codes(run, exit_code)]
    return found


def _nothing_ran(run: TestRun) -> list[Problem]:
    if run.ran or run.collection_errors:
        return []
    if run.skipped:
        return [
            Problem(
                what=f"no test was run: all {run.skipped} were skipped",
                remedy="The reasons are in the table of skipped tests.",
            )
        ]
    if run.deselected:
        return [
            Problem(
                what=f"no test was run: all {len(run.deselected)} were deselected",
                remedy="Check markers, and -k and -m in addopts.",
            )
        ]
    return [
        Problem(
            what="no test was collected",
            remedy="Check testpaths, python_files and the gate's setting tests.",
        )
    ]


def _cut_short(run: TestRun) -> list[Problem]:
    missing = run.not_run
    if not missing or run.collection_errors:
        return []
    count = f"{len(missing)} of {len(run.selected)}"
    return [
        Problem(
            what=f"the run stopped early: {count} selected tests were not run",
            remedy="Take -x and --maxfail out of addopts and of the setting tests.",
        )
    ]


def _exit_codes(run: TestRun, exit_code: int) -> list[Problem]:
    """What the exit codes say beyond what is already said."""
    if exit_code != run.status:
        said = f"exit {exit_code}, but its session ended with status {run.status}"
        return [Problem(what=f"pytest left with {said}", remedy="Look at the log's end.")]
    explained = run.collection_errors or run.not_run or not run.ran
    if run.status not in _NORMAL and not explained:
        what = _STATUS.get(run.status, f"pytest ended with status {run.status}, not a known one")
        return [Problem(what=what, remedy="Look at the log's end.")]
    if run.status == 1 and not explained and not run.count(*BROKEN):
        what = "pytest ended with status 1, but no test was reported as failed"
        return [Problem(what=what, remedy="A plug-in may have failed the session by itself.")]
    return []


def metrics(run: TestRun) -> list[Metric]:
    """Counts of tests by what became of them."""
    counts = {
        "tests-run": run.ran,
        "tests-failed": run.count(*BROKEN),
        "tests-skipped": run.skipped,
        "tests-deselected": len(run.deselected),
        "tests-xfailed": run.count(Outcome.XFAILED),
        "tests-xpassed": run.count(Outcome.XPASSED),
        "tests-rerun": sum(test.reruns > 0 for test in run.tests),
    }
    return [Metric(name=name, value=count, unit="tests") for name, count in counts.items()]


def skipped_table(run: TestRun, project: Project) -> list[Table]:
    """What was skipped, tests, subtests and modules, with its reason; none if there are none."""
    rows = [(test.id, test.message) for test in run.tests if test.outcome is Outcome.SKIPPED]
    rows += [(f"{t.id} (subtest)", reason) for t in run.tests for reason in t.skipped_subtests]
    rows += run.skipped_modules
    shown = tuple((name, text.one_line(reason, project.root)) for name, reason in sorted(rows))
    return [Table(title="Skipped tests", columns=("Test", "Reason"), rows=shown)] if shown else []


def silent_files(run: TestRun, project: Project) -> tuple[str, ...]:
    """Files named like tests from which pytest collected nothing, sorted.

    ``--ignore``, ``testpaths`` and ``collect_ignore`` keep a file away without a word.
    """
    names = [*run.selected, *run.deselected, *(test.id for test in run.tests)]
    names += [name for name, _ in run.skipped_modules]
    names += [error.path for error in run.collection_errors]
    heard = {name.partition("::")[0] for name in names}
    named = [entry.path for entry in project.files if entry.kind == "file"]
    return tuple(sorted(path for path in named if _TEST_FILE.search(path) and path not in heard))


def summary(run: TestRun) -> str:
    """The counts for the gate's line on the screen: ``214 tests, 1 skipped``."""
    parts = [f"{run.ran} test{'' if run.ran == 1 else 's'}"]
    others = {
        "failed": run.count(*BROKEN),
        "skipped": run.skipped,
        "deselected": len(run.deselected),
        "xfailed": run.count(Outcome.XFAILED),
        "xpassed": run.count(Outcome.XPASSED),
        "rerun": sum(test.reruns > 0 for test in run.tests),
    }
    parts += [f"{count} {word}" for word, count in others.items() if count]
    return ", ".join(parts)


def unittest_count(output: bytes) -> int | None:
    """How many tests unittest says it ran; ``None`` where it says nothing.

    Args:
        output: Of a command of the user's.
    """
    counts = [int(number) for number in _UNITTEST_RAN.findall(output)]
    return sum(counts) if counts else None


def no_test_ran() -> Problem:
    """A command that ended well and tested nothing."""
    return Problem(
        what="the test command ran 0 tests",
        remedy="Check its arguments and where it looks for tests; the log has its output.",
        slug="no-test-ran",
    )
