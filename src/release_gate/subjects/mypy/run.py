"""One run of mypy, of the toolkit or of the project environment."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from release_gate.api import Completed, Context, ToolProblem
from release_gate.subjects.mypy.output import Output, read_output
from release_gate.subjects.mypy.settings import MypySettings
from release_gate.subjects.source import commands
from release_gate.subjects.source.batches import LIMIT, argument


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """Where mypy runs.

    Args:
        python: Its interpreter; ``None``: the toolkit's.
        version: As mypy says itself.
    """

    python: Path | None
    version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A finished run and what it said."""

    done: Completed
    output: Output
    arguments: tuple[str, ...]


def choose_home(ctx: Context, settings: MypySettings | None, wish: str) -> Home:
    """Decide which mypy runs: where there are plug-ins, the one that stands beside them.

    Args:
        ctx: The gate's context.
        settings: The project's mypy settings.
        wish: ``auto``, ``toolkit`` or ``project``.

    Raises:
        ToolProblem: If the mypy asked for does not start.
    """
    plugins = settings.plugins if settings else ()
    if wish == "project" or (wish == "auto" and plugins):
        python = ctx.project_environment.python()
        try:
            return Home(python=python, version=commands.version(ctx, "mypy", python=python))
        except ToolProblem as problem:
            if wish == "project":
                raise ToolProblem(
                    f"mypy does not start in the project environment "
                    f"({ctx.project_environment.origin()}): {problem.what}",
                    problem.log,
                    remedy='Add mypy to its dependencies, or set mypy = "toolkit".',
                ) from problem
    return Home(python=None, version=commands.version(ctx, "mypy"))


def check(ctx: Context, files: Sequence[str], settings: MypySettings | None, home: Home) -> Checked:
    """Run mypy over files.

    Args:
        ctx: The gate's context.
        files: Relative paths.
        settings: The project's settings; ``None``: strict.
        home: Which mypy.

    Raises:
        ToolProblem: If it gives nothing that can be judged.
    """
    project_python = ctx.project_environment.python()
    report = ctx.work / "mypy-lines"
    named = [argument(path) for path in files]
    options = [
        *_options(ctx, settings, project_python),
        *("--output", "json", "--no-error-summary", "--no-color-output", "--no-pretty"),
        *("--show-column-numbers", "--hide-error-context", "--no-incremental"),
        *("--cache-dir", str(ctx.work / "mypy-cache"), "--junit-xml", str(ctx.work / "junit.xml")),
        *("--linecoverage-report", str(report), "--python-executable", str(project_python)),
    ]
    done = commands.module(
        ctx,
        "mypy",
        [*options, "--", *_on_command_line(ctx, named)],
        known=(0, 1, 2),
        env=_environment(ctx, settings),
        python=home.python,
    )
    shown = settings.file if settings else ""
    return Checked(done=done, output=read_output(done, report, shown), arguments=tuple(named))


def _options(ctx: Context, settings: MypySettings | None, project_python: Path) -> list[str]:
    options = ["--config-file", settings.file if settings else ""]
    if settings is None:
        options += ["--strict", "--namespace-packages", "--explicit-package-bases"]
    if settings is None or settings.python_version is None:
        # Mypy's own default is the interpreter that it runs on, whatever --python-executable says.
        options += ["--python-version", _python_version(ctx, project_python)]
    return options


def _python_version(ctx: Context, python: Path) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = ctx.runner.run([str(python), "-c", code], env={"PYTHONPATH": None})
    version = done.stdout.decode("ascii", "replace").strip()
    if done.exit_code != 0 or not version.startswith("3."):
        raise ToolProblem("the project's interpreter does not tell its version", done.log)
    return version


def _environment(ctx: Context, settings: MypySettings | None) -> dict[str, str | None]:
    changes: dict[str, str | None] = {"MYPY_FORCE_COLOR": None, "MYPY_CACHE_DIR": None}
    if settings is None:
        # Names of modules start below the source folders that are no packages themselves.
        bases = [
            folder
            for folder in ctx.project.source
            if ctx.project.path(folder).is_dir()
            and not (ctx.project.path(folder) / "__init__.py").is_file()
        ]
        changes["MYPYPATH"] = os.pathsep.join(bases) or None
    return changes


def _on_command_line(ctx: Context, named: Sequence[str]) -> list[str]:
    """The names themselves, or a file of names where there are too many for one line.

    Mypy has to see all files in one run. A file of names holds one a line, so that a name
    with a line break stays on the command line.
    """
    if sum(len(os.fsencode(name)) + 3 for name in named) <= LIMIT:
        return list(named)
    listed = [name for name in named if "\n" not in name and "\r" not in name]
    file = ctx.work / "mypy-files.txt"
    file.write_text("\n".join(listed), encoding="utf-8", newline="\n")
    return [f"@{file}", *(name for name in named if name not in set(listed))]
