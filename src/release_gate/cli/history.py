"""``release-gate history``: past releases, and what happened to them later."""

from __future__ import annotations

import json
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import cast

import click

from release_gate.adapters.committed import write_committed
from release_gate.cli.options import json_option
from release_gate.cli.terminal import say
from release_gate.errors import HistoryError
from release_gate.files import read_file
from release_gate.judge.history import (
    EVENTS,
    Event,
    Release,
    parse,
    render,
    with_event,
    with_release,
)
from release_gate.judge.readiness import by_theme, kept
from release_gate.judge.types import Report
from release_gate.redact import safe_text

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("history")
def COMMAND() -> None:  # noqa: N802 - a constant that click makes of a function
    """Show past releases, or note a rollback or an incident."""


@COMMAND.command("show")
@click.argument("file", type=_FILE)
@json_option
def show(file: Path, *, as_json: bool) -> int:
    """Show the releases in FILE, the newest first."""
    releases = demanded(file)
    if as_json:
        say(json.dumps([asdict(one) for one in releases], indent=2, sort_keys=True))
    else:
        say(safe_text("\n".join(_line(one) for one in reversed(releases)) or "no release yet"))
    return 0


@COMMAND.command("note")
@click.argument("file", type=_FILE)
@click.argument("release")
@click.argument("event", type=click.Choice(EVENTS))
def note(file: Path, release: str, event: str) -> int:
    """Note in FILE that RELEASE was rolled back, or that there was an incident."""
    releases = with_event(demanded(file), release, cast("Event", event))
    write_committed(file, render(releases))
    say(safe_text(f"{release}: {event} noted in {file.name}"))
    return 0


def read(file: Path) -> tuple[Release, ...]:
    """The releases in a file; none if it is not there yet.

    Raises:
        HistoryError: If it is there and cannot be used.
    """
    try:
        text = read_file(file).decode("utf-8").replace("\r\n", "\n")
    except FileNotFoundError as error:
        if file.is_symlink():
            raise HistoryError("it is a link that leads nowhere", file=file.name) from error
        return ()
    except UnicodeDecodeError as error:
        raise HistoryError("it is not UTF-8", file=file.name) from error
    except OSError as error:
        raise HistoryError(f"it cannot be read: {error.strerror}", file=file.name) from error
    return parse(text, file.name)


def demanded(file: Path) -> tuple[Release, ...]:
    """The releases in a file that must be there.

    Raises:
        HistoryError: If it is not, or cannot be used.
    """
    if not file.exists():
        remedy = "release-gate run --history FILE begins one."
        raise HistoryError("there is no such file", file=file.name, remedy=remedy)
    return read(file)


def record(file: Path, earlier: tuple[Release, ...], report: Report) -> None:
    """Write a run's line into the history.

    Args:
        file: Of the history.
        earlier: What is in it.
        report: Of a whole run; a part is no release.

    Raises:
        OutputProblem: If it cannot be written; what lay there is still there.
    """
    subject = report.subject
    new = Release(
        release=subject.version or subject.commit or subject.tree,
        phase=report.phase,
        environment=subject.environment or "",
        commit=subject.commit or "",
        judged_at=report.effective_time,
        verdict=report.verdict,
        score=by_theme(report.gates).get("score"),
        kept=kept(report),
        gates={one.gate_id: str(one.verdict) for one in report.gates},
    )
    write_committed(file, render(with_release(earlier, new)))


def _line(one: Release) -> str:
    score = "" if one.score is None else f"  score {float(Fraction(*one.score) * 100):g} %"
    events = f"  {', '.join(one.events)}" if one.events else ""
    where = f"{one.phase} in {one.environment}" if one.environment else one.phase
    return f"{one.release}  {one.judged_at[:10]}  {where}  {one.verdict}{score}{events}"
