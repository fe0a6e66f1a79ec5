"""The tests pass, and they cover enough of the source.

Runs the project's tests in the project environment under coverage.py, and reads what each test
did and which lines ran. A run that was cut short, that collected or ran nothing, or that
measured something else than the checkout is an error, whatever the exit codes say.
"""

from __future__ import annotations

from fractions import Fraction

import msgspec

from release_gate.api import (
    Context,
    Evidence,
    Examined,
    Finding,
    Gate,
    Inputs,
    Limit,
    Metric,
    Origin,
    Problem,
    Project,
    Settings,
    ToolProblem,
    percentage,
)
from release_gate.subjects.source import suppressions
from release_gate.subjects.source.text import counted
from release_gate.subjects.testrun import changes, config, findings, reach, scope, session, share
from release_gate.subjects.testrun.commands import Request
from release_gate.subjects.testrun.config import CoverageConfig
from release_gate.subjects.testrun.events import Outcome
from release_gate.subjects.testrun.measured import Measurement
from release_gate.subjects.testrun.required import Required, shortfalls

DEFAULT_LIMIT = 80


class RequiredTest(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"
):
    """A file or test that must have run and passed, with a budget of its own."""

    id: str
    min_passed: int = 1
    max_skipped: int = 0


class CoverageSettings(Settings, frozen=True, kw_only=True):
    """Settings of the gate.

    Args:
        fail_under: Lowest coverage in percent; 80 where nothing is said. The project's own
            ``fail_under`` holds as well: the higher of the two.
        use_project_fail_under: Whether the project's own limit holds.
        changed_fail_under: Lowest coverage of the lines changed since the base, in percent.
        branch: Measure branches even where the project's coverage settings do not ask for it.
        settings_file: Coverage's settings file, where coverage would not find it by itself.
        tests: Arguments for pytest: files, folders, node ids, options.
        markers: Expression for pytest's ``-m``.
        command: Run this in place of pytest, as in ``["python", "-m", "unittest"]``.
        variables: Environment variables for the tests.
        min_tests: Lowest number of tests that ran.
        max_failed: Highest number of tests that failed.
        max_skipped: Highest number of skipped tests.
        max_deselected: Highest number of deselected tests.
        max_rerun: Highest number of tests that a plug-in had to repeat.
        required_tests: Files and node ids that must have run and passed.
    """

    fail_under: float | None = None
    use_project_fail_under: bool = True
    changed_fail_under: float | None = None
    branch: bool = False
    settings_file: str = ""
    tests: tuple[str, ...] = ()
    markers: str = ""
    command: tuple[str, ...] = ()
    variables: dict[str, str] = msgspec.field(default_factory=dict)
    min_tests: int | None = None
    max_failed: int = 0
    max_skipped: int | None = None
    max_deselected: int | None = None
    max_rerun: int | None = None
    required_tests: tuple[str | RequiredTest, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what can never be meant.

        Raises:
            ValueError: For a share outside of 0 to 100, a negative number of tests, or
                settings of pytest beside a command of the user's.
        """
        for name, share_ in (
            ("fail-under", self.fail_under),
            ("changed-fail-under", self.changed_fail_under),
        ):
            if share_ is not None and not 0 <= share_ <= 100:  # noqa: PLR2004 - percent
                raise ValueError(f"{name} is a share in percent, 0 to 100, not {share_:g}")
        for name, count in _budgets(self).items():
            if count is not None and count < 0:
                raise ValueError(f"{name} is a number of tests, not {count}")
        if self.command and (self.tests or self.markers or self.required_tests):
            raise ValueError("tests, markers and required-tests are for pytest, not for command")


def _budgets(settings: CoverageSettings) -> dict[str, int | None]:
    return {
        "min-tests": settings.min_tests,
        "max-failed": settings.max_failed,
        "max-skipped": settings.max_skipped,
        "max-deselected": settings.max_deselected,
        "max-rerun": settings.max_rerun,
    }


def applies(project: Project, settings: CoverageSettings) -> str | None:
    """There is Python that ships; whether it has tests is for the run to say."""
    del settings
    return None if scope.shipped_files(project) else "no Python files in the source"


def inputs(project: Project, settings: CoverageSettings) -> Inputs:
    """The source that is to be covered, and the coverage settings in force."""
    found = config.of_project(project, settings.settings_file)
    measured = scope.of(project, found)
    omitted = set(measured.omitted)
    return Inputs(
        files=tuple(path for path in measured.shipped if path not in omitted),
        reusable=False,
        origins=_origins(settings, found, measured),
        warnings=found.remarks,
    )


def _origins(
    settings: CoverageSettings, found: CoverageConfig, measured: scope.Scope
) -> tuple[Origin, ...]:
    file = found.file or "coverage's defaults"
    limit, origin = _limit(settings, found)
    named = (*found.source, *found.packages, *found.folders)
    shown = [
        Origin(name="fail-under", value=f"{float(limit):g}", origin=origin),
        Origin(
            name="source",
            value=", ".join(named or measured.source),
            origin=file if named else "the project's source",
        ),
        Origin(name="branch", value=str(found.branch or settings.branch).lower(), origin=file),
    ]
    if found.omit:
        value = f"{', '.join(found.omit)} ({counted(len(measured.omitted), 'shipped files')})"
        shown.append(Origin(name="omit", value=value, origin=file))
    if found.exclude:
        shown.append(Origin(name="excluded lines", value=", ".join(found.exclude), origin=file))
    if found.plugins:
        shown.append(Origin(name="plugins", value=", ".join(found.plugins), origin=file))
    return tuple(shown)


def _limit(settings: CoverageSettings, found: CoverageConfig) -> tuple[Fraction, str]:
    """The limit in force and where it comes from: ours, or the project's if that is higher."""
    ours = Fraction(DEFAULT_LIMIT)
    origin = "default"
    if settings.fail_under is not None:
        ours, origin = Fraction(str(settings.fail_under)), "fail-under"
    if settings.use_project_fail_under and found.fail_under is not None and found.fail_under > ours:
        return found.fail_under, f"fail_under in {found.file}"
    return ours, origin


def limits(settings: CoverageSettings, project: Project) -> tuple[Limit, ...]:
    """Coverage at least, failed tests at most, and the budgets that are set."""
    value, origin = _limit(settings, config.of_project(project, settings.settings_file))
    found = [
        Limit(
            metric="coverage",
            at_least=value,
            origin=origin,
            advice="Cover more lines: the table by file starts with the least covered.",
        )
    ]
    if settings.changed_fail_under is not None:
        found.append(
            Limit(
                metric="changed-line-coverage",
                at_least=Fraction(str(settings.changed_fail_under)),
                origin="changed-fail-under",
                advice="Test the changed lines: those that no test runs are listed.",
                optional=True,
            )
        )
    return (*found, *_budget_limits(settings))


def _budget_limits(settings: CoverageSettings) -> list[Limit]:
    """A command of the user's counts no tests: then only budgets that were asked for hold."""
    least = settings.min_tests
    if least is None and not settings.command:
        least = 1
    found = []
    if least is not None:
        found.append(Limit(metric="tests-run", at_least=Fraction(least), origin="min-tests"))
    upper = {
        "failed": None if settings.command and not settings.max_failed else settings.max_failed,
        "skipped": settings.max_skipped,
        "deselected": settings.max_deselected,
        "rerun": settings.max_rerun,
    }
    for word, most in upper.items():
        if most is not None:
            found.append(
                Limit(metric=f"tests-{word}", at_most=Fraction(most), origin=f"max-{word}")
            )
    return found


def collect(ctx: Context, settings: CoverageSettings) -> Evidence:
    """Run the tests, then read what they covered."""
    found = config.of_project(ctx.project, settings.settings_file)
    measured = scope.of(ctx.project, found)
    ran = session.run(ctx, _request(settings, found, measured))
    problems = _run_problems(ran)
    measurement, problem = _measure(ctx, ran, found, measured.shipped)
    if problem is not None:
        problems.append(problem)
    said = _run_findings(ctx, settings, ran)
    notes = _run_notes(ctx, ran)
    metrics = findings.metrics(ran.tests) if ran.tests is not None else []
    if measurement is not None:
        problems += reach.problems(measurement, found, measured, ctx.project.root)
        said += reach.unmeasured(measurement, measured)
        metrics += share.metrics(measurement)
        notes += share.excluded(measurement) + _left_out(found, measured)
        more, lines, remarks = _since_base(ctx, measurement, found)
        said, metrics, notes = said + more, metrics + lines, notes + remarks
        if settings.branch and not measurement.branch:
            problems.append(Problem(what="branches were to be measured and were not"))
    tables = findings.skipped_table(ran.tests, ctx.project) if ran.tests is not None else []
    comments = suppressions.suppressions(
        ctx.project, measured.shipped, suppressions.COVERAGE, ctx.base
    )
    return Evidence(
        examined=_examined(ran, measurement),
        findings=tuple(said),
        metrics=(*metrics, *suppressions.metrics(comments, ctx.base)),
        problems=tuple(problems),
        tools=session.tools(ctx, ran, measurement),
        tables=(*([share.table(measurement)] if measurement else []), *tables),
        artifacts=(share.artifact(measurement, ctx.artifacts, ctx.gate_id),) if measurement else (),
        suppressions=comments,
        notes=tuple(notes),
    )


def _request(settings: CoverageSettings, found: CoverageConfig, measured: scope.Scope) -> Request:
    return Request(
        arguments=settings.tests,
        markers=settings.markers,
        command=settings.command,
        branch=settings.branch and not found.branch,
        source=measured.source,
        rcfile=found.file,
        variables=settings.variables,
    )


def _measure(
    ctx: Context, ran: session.Session, found: CoverageConfig, shipped: tuple[str, ...]
) -> tuple[Measurement | None, Problem | None]:
    """What was covered; where no test ran that question is not asked."""
    if ran.tests is not None and ran.tests.ran == 0:
        return None, None
    include = () if found.names_source else found.include
    try:
        return session.measure(ctx, ran, shipped, include), None
    except ToolProblem as problem:
        # What the tests did is known and is worth showing: the gate is an error all the same.
        return None, Problem(what=problem.what, remedy=problem.remedy, slug=problem.slug)


def _run_problems(ran: session.Session) -> list[Problem]:
    if ran.tests is None:
        counted = findings.unittest_count(ran.completed.stderr + ran.completed.stdout)
        return [findings.no_test_ran()] if counted == 0 else []
    return findings.problems(ran.tests, ran.completed.exit_code)


def _run_findings(ctx: Context, settings: CoverageSettings, ran: session.Session) -> list[Finding]:
    if ran.tests is None:
        code = ran.completed.exit_code
        return [findings.command_failed(settings.command, code)] if code != 0 else []
    required = [
        Required(id=entry)
        if isinstance(entry, str)
        else Required(id=entry.id, min_passed=entry.min_passed, max_skipped=entry.max_skipped)
        for entry in settings.required_tests
    ]
    failed = findings.failed_tests(ctx.project, ran.tests, settings.max_failed)
    return failed + findings.required_tests(shortfalls(ran.tests, required))


def _left_out(found: CoverageConfig, measured: scope.Scope) -> list[str]:
    count = len(measured.omitted)
    whole = counted(len(measured.shipped), "files")
    return [f"{count} of {whole} omitted by {found.file}"] if count else []


def _run_notes(ctx: Context, ran: session.Session) -> list[str]:
    notes = [findings.summary(ran.tests)] if ran.tests is not None else ["tests not counted"]
    silent = findings.silent_files(ran.tests, ctx.project) if ran.tests is not None else ()
    if silent:
        count = counted(len(silent), "files")
        notes.append(f"no test collected from {count} named like tests: {', '.join(silent[:3])}")
    if ctx.paths:
        notes.append("all tests were run: a path does not narrow them")
    if ran.environment.lent is not None:
        notes.append(f"coverage {ran.environment.coverage} lent: the project environment has none")
    return notes


def _since_base(
    ctx: Context, measurement: Measurement, found: CoverageConfig
) -> tuple[list[Finding], list[Metric], list[str]]:
    """Changed lines, and settings that ask less than before."""
    if ctx.base is None:
        return [], [], ["changed lines not judged: no base"]
    changed = changes.changed_lines(measurement, ctx.base)
    weaker, notes = changes.settings(ctx.base, found, ctx.work)
    said = [*weaker, *changes.uncovered(ctx.project, changed)]
    if changed.whole == 0:
        return said, [], [*notes, "no measured line changed"]
    metric = percentage("changed-line-coverage", changed.covered, changed.whole)
    shown = share.shown(changed.covered, changed.whole)
    return said, [metric], [*notes, f"changed lines {shown}"]


def _examined(ran: session.Session, measurement: Measurement | None) -> Examined:
    if ran.tests is None:
        return Examined(unit="files", count=len(measurement.files) if measurement else 0)
    planned = max(len(ran.tests.selected) - ran.tests.count(Outcome.SKIPPED), 0)
    return Examined(unit="tests", count=ran.tests.ran, planned=planned)


GATE = Gate(
    kind="coverage",
    title="The tests pass and cover enough of the source",
    settings=CoverageSettings,
    applies=applies,
    collect=collect,
    limits=limits,
    inputs=inputs,
    default=True,
)
