"""Black, where a project formats with it; from the project environment, in its version.

Black has no machine output. With ``--check --verbose`` it says one line for each file on its
error output, in the words below (black 22 to 25); a file without such a line was not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from release_gate.api import (
    Completed,
    Context,
    Problem,
    Project,
    Skipped,
    ToolMissing,
    ToolProblem,
    ToolRun,
)
from release_gate.subjects.source import commands
from release_gate.subjects.source.batches import argument, batches

REMEDY = (
    'Add black to the dependencies of the project environment, or set formatter = "ruff" in '
    "the gate's table."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Formatted:
    """What black made of the files.

    Args:
        read: Files it parsed.
        unformatted: Those of them that it would change.
        problems: Files it could not parse.
        skipped: Files its settings keep from it.
        tools: One entry a process.
    """

    read: frozenset[str]
    unformatted: tuple[str, ...]
    problems: tuple[Problem, ...]
    skipped: tuple[Skipped, ...]
    tools: tuple[ToolRun, ...]


def uses_black(project: Project) -> bool:
    """Whether the project's settings name black, and do not name ruff's formatter."""
    tool = project.pyproject.get("tool", {})
    ruff = tool.get("ruff", {})
    return "black" in tool and not (isinstance(ruff, dict) and "format" in ruff)


def check(ctx: Context, files: Sequence[str]) -> Formatted:
    """Run ``black --check`` of the project environment.

    Args:
        ctx: The gate's context.
        files: Relative paths.

    Raises:
        ToolMissing: If that environment has no black.
        ToolProblem: If black stops before it read the files.
    """
    python = ctx.project_environment.python()
    try:
        version = commands.version(ctx, "black", python=python)
    except ToolProblem as problem:
        raise ToolMissing(
            f"the project is formatted with black, and black does not start in the project "
            f"environment ({ctx.project_environment.origin()})",
            problem.log,
            remedy=REMEDY,
        ) from problem
    told: list[tuple[str, str, Completed]] = []
    runs = []
    for batch in batches(files):
        arguments = [argument(path) for path in batch]
        command = ["--check", "--verbose", "--no-color", "--workers", "1", "--", *arguments]
        done = commands.module(
            ctx,
            "black",
            command,
            known=(0, 1, 123),
            env={"BLACK_CACHE_DIR": str(ctx.work / "black"), "BLACK_NUM_WORKERS": None},
            python=python,
        )
        runs.append(
            commands.tool_run(ctx, "black", done, version=version, files=arguments, home="project")
        )
        text = done.stderr.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
        told.extend((path, _verdict(text, path), done) for path in batch)
    return _formatted(told, tuple(runs))


def _verdict(text: str, path: str) -> str:
    """What black says of one file: ``good``, ``bad``, ``ignored``, ``broken: why`` or nothing."""
    lines = f"\n{text}\n"
    for name in dict.fromkeys((path, argument(path))):
        if f"\nwould reformat {name}\n" in lines:
            return "bad"
        for words in (
            "already well formatted, good job.",
            "wasn't modified on disk since last run.",
        ):
            if f"\n{name} {words}" in lines:
                return "good"
        if f"\n{name} ignored: " in lines:
            return "ignored"
        broken = f"\nerror: cannot format {name}: "
        if broken in lines:
            return "broken: " + lines.split(broken, 1)[1].split("\n", 1)[0]
    return ""


def _formatted(told: Sequence[tuple[str, str, Completed]], runs: tuple[ToolRun, ...]) -> Formatted:
    problems = tuple(
        Problem(
            what=f"black could not parse {path}: {verdict.removeprefix('broken: ')}",
            path=path,
            remedy="Mend the file, or exclude it in black's own settings; if it is written for "
            "a newer Python, the project environment needs a newer black.",
        )
        for path, verdict, _ in told
        if verdict.startswith("broken: ")
    )
    bad = tuple(path for path, verdict, _ in told if verdict == "bad")
    for code, seen in ((1, bool(bad)), (123, bool(problems))):
        for done in {id(item): item for _, _, item in told}.values():
            if done.exit_code == code and not seen:
                raise ToolProblem(
                    f"black ended with exit code {code} and names no file for it", done.log
                )
    return Formatted(
        read=frozenset(path for path, verdict, _ in told if verdict in {"good", "bad"}),
        unformatted=bad,
        problems=problems,
        skipped=tuple(
            _skip(path, verdict) for path, verdict, _ in told if verdict in {"", "ignored"}
        ),
        tools=runs,
    )


def _skip(path: str, verdict: str) -> Skipped:
    if verdict == "ignored":
        return Skipped(
            what=path, reason="not checked for format: excluded", allowed_by="black's force-exclude"
        )
    return Skipped(what=path, reason="black says nothing of it")
