"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What the command line asks the plan for.

    Args:
        root: Folder to gate; default: found from the present folder upwards.
        config: Configuration file; default: the root's own.
        gate: Ids of the only gates to run.
        path: The only files or folders to look at.
        phase: Phase to run.
        environment: Environment to gate for.
        base: What differences are taken against.
        project_python: Interpreter of the project environment.
        allow_dirty: Whether a dirty tree may be judged in CI.
        effective_time: The moment to judge at, as written.
        artifact: What the release consists of, as written.
        sign_offs: File of sign-offs that whoever runs this vouches for.
    """

    root: Path | None = None
    config: Path | None = None
    gate: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    phase: str | None = None
    environment: str | None = None
    base: str | None = None
    project_python: Path | None = None
    allow_dirty: bool = False
    effective_time: str | None = None
    artifact: tuple[str, ...] = ()
    sign_offs: Path | None = None


_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

_PLAN = (
    click.option("--root", type=_FOLDER, help="Folder of the project."),
    click.option("--config", type=_FILE, help="Configuration file."),
    click.option("--gate", multiple=True, metavar="ID", help="Only this gate; repeatable."),
    click.option(
        "--path", multiple=True, metavar="P", help="Only this file or folder; repeatable."
    ),
    click.option("--phase", metavar="NAME", help="Phase to run  [default: pre-release]"),
    click.option("--environment", metavar="NAME", help="Environment to gate for."),
    click.option("--base", metavar="REF", help="What differences are taken against."),
    click.option("--project-python", type=_FILE, help="Interpreter of the project environment."),
    click.option("--allow-dirty", is_flag=True, help="Judge a dirty tree in CI too."),
    click.option(
        "--effective-time",
        metavar="TIME",
        help="Judge as of this UTC day or time; never a pass in CI.",
    ),
    click.option(
        "--artifact",
        multiple=True,
        metavar="NAME=sha256:DIGEST|FILE",
        help="What is released, besides the commit; repeatable.",
    ),
    click.option(
        "--sign-offs",
        type=_FILE,
        help="Sign-offs handed in by the pipeline, in place of the repository's own.",
    ),
)


def plan_options(function: F) -> F:
    """Give a command the options of the plan, and their values as one ``wish``."""

    def command(**values: Any) -> Any:
        wish = Wish(**{one.name: values.pop(one.name) for one in fields(Wish)})
        return function(wish=wish, **values)

    command.__name__, command.__doc__ = function.__name__, function.__doc__
    result: Any = command
    result.__click_params__ = getattr(function, "__click_params__", [])
    for option in reversed(_PLAN):
        result = option(result)
    return result  # type: ignore[no-any-return]  # what click makes of a function is a function


def root_option(function: F) -> F:
    """``--root`` alone."""
    return _PLAN[0](function)


def output_option(function: F) -> F:
    """``--output DIR``."""
    return click.option(
        "--output",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Output folder  [default: build/release-gate]",
    )(function)


def json_option(function: F) -> F:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(
        function
    )
