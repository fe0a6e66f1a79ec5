"""Named tests that must have run and passed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from release_gate.subjects.testrun.events import Outcome, Test, TestRun

_GOOD = frozenset({Outcome.PASSED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Required:
    """A file, folder, class or test that must have passed.

    Args:
        id: Path or node id, relative to the root; a parametrized test by its bare name stands
            for all of its cases.
        min_passed: At least so many tests below it.
        max_skipped: At most so many of them, or of their subtests, skipped.
    """

    id: str
    min_passed: int = 1
    max_skipped: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Shortfall:
    """A requirement that was not kept.

    Args:
        required: Which one.
        rule: ``missing``, ``deselected``, ``skipped``, ``not-run``, ``not-passed`` or
            ``too-few``.
        message: What happened instead.
    """

    required: Required
    rule: str
    message: str


_Short = Callable[[str, str], Shortfall]


def _matches(name: str, wanted: str) -> bool:
    wanted = wanted.rstrip("/")
    return name == wanted or name.startswith((f"{wanted}::", f"{wanted}[", f"{wanted}/"))


def _below(names: Iterable[str], wanted: str) -> list[str]:
    return sorted(name for name in names if _matches(name, wanted))


def shortfalls(run: TestRun, required: Iterable[Required]) -> tuple[Shortfall, ...]:
    """Each requirement that the run did not keep, in the order of the requirements."""
    return tuple(found for entry in required if (found := _judge(run, entry)) is not None)


def _judge(run: TestRun, entry: Required) -> Shortfall | None:
    def short(rule: str, message: str) -> Shortfall:
        return Shortfall(required=entry, rule=rule, message=f"{entry.id} {message}")

    tests = [test for test in run.tests if _matches(test.id, entry.id)]
    modules = _below((name for name, _ in run.skipped_modules), entry.id)
    deselected = _below(run.deselected, entry.id)
    not_run = _below(run.not_run, entry.id)
    if not (tests or modules or deselected or not_run):
        return short("missing", "was not collected: it is gone, renamed or outside of the run")
    if deselected:
        return short("deselected", f"was left out: {len(deselected)} deselected")
    if not_run:
        return short("not-run", f"was not run to its end: {len(not_run)} without a result")
    whole = sum(test.outcome is Outcome.SKIPPED for test in tests) + len(modules)
    parts = sum(len(test.skipped_subtests) for test in tests)
    if whole + parts > entry.max_skipped:
        reason = _first_reason(tests, run, modules)
        counted = f"{whole} of {len(tests) + len(modules)}"
        counted += f" and {parts} subtest{'' if parts == 1 else 's'}" if parts else ""
        return short("skipped", f"was skipped {counted}: {reason}")
    return _passed(entry, tests, short)


def _passed(entry: Required, tests: list[Test], short: _Short) -> Shortfall | None:
    passed = sum(test.outcome in _GOOD for test in tests)
    others = [t for t in tests if t.outcome not in _GOOD | {Outcome.SKIPPED}]
    if others:
        words = ", ".join(sorted({test.outcome.value for test in others}))
        return short("not-passed", f"did not pass: {len(others)} {words}")
    if passed < entry.min_passed:
        return short("too-few", f"passed {passed} tests, not {entry.min_passed}")
    return None


def _first_reason(tests: list[Test], run: TestRun, modules: list[str]) -> str:
    reasons = [test.message for test in tests if test.outcome is Outcome.SKIPPED]
    reasons += [reason for test in tests for reason in test.skipped_subtests]
    reasons += [reason for name, reason in run.skipped_modules if name in modules]
    return next((reason for reason in reasons if reason), "no reason given")
