"""One measured run of the tests: the commands, in order, and what must come of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from release_gate.errors import ToolProblem
from release_gate.model import ToolRun
from release_gate.ports import Completed, Context
from release_gate.subjects.source.commands import canonical
from release_gate.subjects.source.text import counted
from release_gate.subjects.testrun import commands, copies, events, measured, probe, reach, text
from release_gate.subjects.testrun.commands import Request, Workplace
from release_gate.subjects.testrun.tail import Tail

PLUGIN = Path(__file__).with_name("worker_events.py")


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """The tests have run; nothing is said yet of what they covered.

    Args:
        request: What was asked for.
        environment: Where it ran.
        place: Where its files lie.
        variables: Changes to the environment of each command.
        completed: The process of the tests.
        tests: Their record; ``None`` for a command of the user's.
    """

    request: Request
    environment: probe.Environment
    place: Workplace
    variables: Mapping[str, str | None]
    completed: Completed
    tests: events.TestRun | None


def run(ctx: Context, request: Request) -> Session:
    """Run the tests under coverage in the project environment.

    Raises:
        ProjectEnvironmentProblem: If there is no such environment.
        ToolProblem: If the tests could not be started, or did not come to their end.
    """
    environment = probe.ask(ctx)
    place = Workplace.create(ctx.work, PLUGIN.read_bytes())
    variables = commands.variables(environment, request, place, ctx.environment, ctx.project.root)
    argv = _command(ctx, environment, request, place)
    ctx.progress("starting the tests")
    with Tail(place.events, ctx.progress):
        completed = ctx.runner.run(argv, env=variables)
    tests = None if request.command else _record(ctx, place, completed)
    return Session(
        request=request,
        environment=environment,
        place=place,
        variables=variables,
        completed=completed,
        tests=tests,
    )


def _command(
    ctx: Context, environment: probe.Environment, request: Request, place: Workplace
) -> list[str]:
    if request.command:
        return commands.user_command(environment, request, place)
    known = {**ctx.environment, **request.variables}
    autoload = not known.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    return commands.pytest_command(environment, request, place, autoload=autoload)


def _record(ctx: Context, place: Workplace, completed: Completed) -> events.TestRun:
    try:
        record = events.read(place.events, ctx.project.root)
    except ToolProblem as problem:
        what = f"{problem.what} (exit {completed.exit_code})"
        raise ToolProblem(what, completed.log, remedy=problem.remedy) from problem
    if record is None:
        said = text.telling_line(completed.stderr + b"\n" + completed.stdout)
        raise ToolProblem(
            f"pytest did not start a session (exit {completed.exit_code}): "
            + text.one_line(said, ctx.project.root, ctx.work),
            completed.log,
            remedy="Run the tests by hand in the project environment, or look at the log.",
        )
    return record


def measure(
    ctx: Context, session: Session, shipped: tuple[str, ...], include: tuple[str, ...] = ()
) -> measured.Measurement:
    """Combine the data of all processes and read what they covered.

    Args:
        ctx: The gate's context.
        session: The run.
        shipped: The checkout's Python files below the source.
        include: Patterns of files that the report is limited to.

    Raises:
        ToolProblem: If there is no data, or data of other files than the checkout's, or no
            report that can be used.
    """
    place = session.place
    if not any(place.data.iterdir()):
        raise ToolProblem(
            reach.NO_DATA,
            session.completed.log,
            remedy=reach.NO_DATA_REMEDY,
        )
    ctx.progress("reading what was covered")
    _refuse_copies(ctx, place, shipped)
    if any(place.data.glob("coverage.*")):
        combine = commands.combine_command(session.environment, session.request, place)
        _coverage(ctx, session, combine)
    # Nothing of an earlier run may be taken for this one's, whoever left it there.
    place.result.unlink(missing_ok=True)
    report = commands.json_command(session.environment, session.request, place, include)
    done = _coverage(ctx, session, report)
    try:
        return measured.read(place.result, ctx.project.root)
    except ToolProblem as problem:
        raise ToolProblem(problem.what, done.log, remedy=problem.remedy) from problem


def _refuse_copies(ctx: Context, place: Workplace, shipped: tuple[str, ...]) -> None:
    different = copies.differing(ctx.project, shipped, copies.measured_paths(place.data))
    if different:
        raise ToolProblem(
            f"the tests ran an installed copy that differs from the checkout in "
            f"{counted(len(different), 'files')} ({different[0]}, …)",
            remedy=reach.INSTALLED,
        )


def _coverage(ctx: Context, session: Session, argv: list[str]) -> Completed:
    done = ctx.runner.run(argv, env=session.variables)
    if done.exit_code != 0:
        said = text.telling_line(done.stderr + b"\n" + done.stdout)
        raise ToolProblem(
            f"coverage {argv[3]} ended with exit {done.exit_code}: "
            + text.one_line(said, ctx.project.root, ctx.work),
            done.log,
            remedy=_newer(ctx, session) if "parse" in said else "",
        )
    return done


def _newer(ctx: Context, session: Session) -> str:
    version = ".".join(str(part) for part in session.environment.python_version)
    return (
        f"Coverage parses with the Python of the project environment, {version}. If the file is "
        f"written for a newer one (requires-python: {ctx.project.requires_python or 'not set'}), "
        "name an environment with that Python: --project-python. Else mend the file."
    )


def tools(
    ctx: Context, session: Session, measurement: measured.Measurement | None
) -> tuple[ToolRun, ...]:
    """What ran, by its own word."""
    command = _canonical(ctx, session)
    found = []
    if session.tests is not None:
        found.append(
            ToolRun(
                name="pytest",
                version=session.tests.pytest,
                command=command,
                exit_code=session.completed.exit_code,
                home="project",
            )
        )
    if measurement is not None:
        found.append(
            ToolRun(
                name="coverage",
                version=measurement.version,
                command=command,
                exit_code=session.completed.exit_code,
                home="project" if session.environment.lent is None else "toolkit",
            )
        )
    return tuple(found)


def _canonical(ctx: Context, session: Session) -> tuple[str, ...]:
    """The command without paths of this machine."""
    first = session.completed.argv[0]
    told = canonical(ctx, session.completed.argv)
    # A command of the user's need not start with an interpreter.
    return told if first == str(session.environment.python) else (first, *told[1:])
