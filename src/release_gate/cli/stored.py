"""Stored reports, named one by one or by their folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from release_gate.cli.outputs import PHASES
from release_gate.errors import ReportProblem
from release_gate.judge.needs import NamedReport
from release_gate.plan.types import Plan
from release_gate.report.store import load_named

GATE_JSON = "gate.json"
_BESIDE = frozenset({"artifacts", "logs", PHASES})


def stored_reports(places: Iterable[Path]) -> tuple[NamedReport, ...]:
    """The reports in files, and in every ``.json`` file of folders.

    Args:
        places: Files and folders; folders are searched through.

    Raises:
        ReportProblem: If one is not there, cannot be read, or a folder holds none.
    """
    return tuple(
        NamedReport(name=name, report=load_named(file, name))
        for place in places
        for name, file in _files(place)
    )


def needed_reports(plan: Plan, named: Sequence[Path], output: Path) -> tuple[NamedReport, ...]:
    """Reports of what has to pass before a run: those named, else those of earlier runs here.

    Args:
        plan: Says whether any is needed.
        named: By the user.
        output: Output folder, which keeps the last report of each phase.

    Raises:
        ReportProblem: If one cannot be read.
    """
    kept = output / PHASES
    if named:
        return stored_reports(named)
    return stored_reports([kept]) if plan.needs and kept.is_dir() else ()


def _files(place: Path) -> Iterator[tuple[str, Path]]:
    if not place.is_dir():
        yield place.name, place
        return
    found = list(_below(place))
    if not found:
        raise ReportProblem(
            f"there is no report in {place.name}",
            remedy="Name the folder that the parts were written or downloaded to.",
        )
    for file in found:
        yield file.relative_to(place).as_posix(), file


def _below(folder: Path) -> Iterator[Path]:
    """Reports in a folder; of an output folder its report and its parts, and no copies of them."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        why = f"{folder.name} cannot be read: {error.strerror}"
        raise ReportProblem(why, remedy="Look at who may read it.") from error
    is_output = (folder / GATE_JSON).is_file()
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if entry.name not in _BESIDE:
                yield from _below(entry)
        elif entry.suffix == ".json" and (entry.name == GATE_JSON or not is_output):
            yield entry
