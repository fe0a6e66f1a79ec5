"""Running a Python tool and telling of it without a path of this machine.

A tool is started as ``python -P -m TOOL`` from the root: ``-P`` keeps a ``yaml.py`` of the
project from being imported in place of the tool's own. Variables that could change what a
scanner reads or where it writes are taken away, so that it does the same here and there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from release_gate.api import Completed, Context, ToolProblem, ToolRun

FILES = "{files}"
_VERSION = re.compile(rb"\b(\d+(?:\.\d+)+[\w.+-]*)")
_QUIET: Mapping[str, str | None] = {
    "PYTHONPATH": None,
    "PYTHONUTF8": "1",
    "NO_COLOR": "1",
    "FORCE_COLOR": None,
    "CLICOLOR_FORCE": None,
}
_SHOWN = 300


def module(
    ctx: Context,
    name: str,
    arguments: Sequence[str],
    *,
    known: Collection[int] = (0, 1),
    env: Mapping[str, str | None] | None = None,
    python: Path | None = None,
) -> Completed:
    """Run a tool that is a Python module, from the root.

    Args:
        ctx: The gate's context.
        name: Name of the module.
        arguments: What comes after ``-m NAME``.
        known: Exit codes after which the output may be read.
        env: Further changes to the environment.
        python: Interpreter; default: the toolkit's.

    Raises:
        ToolProblem: If the exit code is another one, with the end of its error output.
    """
    # `-P` is of Python 3.11, as every toolkit; a project's own interpreter may be older.
    safe = ["-P"] if python is None else []
    interpreter = str(python or ctx.toolkit.python)
    changes = {**_QUIET, **({"PYTHONSAFEPATH": "1"} if python else {}), **(env or {})}
    done = ctx.runner.run([interpreter, *safe, "-m", name, *arguments], env=changes)
    if done.exit_code not in known:
        raise ToolProblem(
            f"{name} ended with exit code {done.exit_code}: {last_words(done)}", done.log
        )
    return done


def version(ctx: Context, name: str, *, python: Path | None = None) -> str:
    """Version of a tool, as it says itself.

    Raises:
        ToolProblem: If it cannot be started or names no version.
    """
    done = module(ctx, name, ["--version"], known=(0,), python=python)
    found = _VERSION.search(done.stdout)
    if not found:
        raise ToolProblem(f"{name} --version names no version", done.log)
    return found[1].decode("ascii", "replace")


def last_words(done: Completed) -> str:
    """The last line that says something, of the error output or else of the output."""
    for stream in (done.stderr, done.stdout):
        lines = [line.strip() for line in stream.decode("utf-8", "replace").splitlines()]
        if told := [line for line in lines if line]:
            return told[-1][:_SHOWN]
    return "it printed nothing"


def canonical(ctx: Context, argv: Sequence[str], *, files: Collection[str] = ()) -> tuple[str, ...]:
    """A command with ``{python}``, ``{root}``, ``{tmp}`` and ``{files}`` in place of paths.

    Args:
        ctx: The gate's context.
        argv: Program and arguments; the program is an interpreter.
        files: Arguments that are file names; a run of them becomes one ``{files}``.
    """
    names = set(files)
    told: list[str] = ["{python}"]
    for argument in argv[1:]:
        shown = FILES if argument in names else _without_paths(ctx, argument)
        if shown != FILES or told[-1] != FILES:
            told.append(shown)
    return tuple(told)


def tool_run(
    ctx: Context,
    name: str,
    done: Completed,
    *,
    version: str,
    files: Collection[str] = (),
    home: str = "toolkit",
) -> ToolRun:
    """What a run says of itself in the evidence.

    Args:
        ctx: The gate's context.
        name: Distribution name.
        done: The finished process.
        version: As :func:`version` gave it.
        files: Arguments that are file names.
        home: ``project`` if it ran in the project environment.
    """
    return ToolRun(
        name=name,
        version=version,
        command=canonical(ctx, done.argv, files=files),
        exit_code=done.exit_code,
        home="project" if home == "project" else "toolkit",
    )


def _without_paths(ctx: Context, argument: str) -> str:
    for folder, name in (
        (ctx.work, "{tmp}"),
        (ctx.artifacts, "{artifacts}"),
        (ctx.toolkit.python, "{python}"),
        (ctx.project.root, "{root}"),
    ):
        argument = argument.replace(f"{folder}{os.sep}", f"{name}/").replace(str(folder), name)
    return argument
