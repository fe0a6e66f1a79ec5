"""What a run leaves in the output folder, and what it prints at its end."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from release_gate.adapters.output import OutputFolder
from release_gate.cli.terminal import is_terminal
from release_gate.judge.compare import Listing
from release_gate.judge.types import Report
from release_gate.report.listing import listing_bytes
from release_gate.report.outputs import render_all
from release_gate.report.reporters import console
from release_gate.report.store import to_bytes
from release_gate.report.templating import Templates

REPORT = "report.html"
FILES = "files.json"
PHASES = "phases"
"""Folder that keeps the last full report of each phase and environment."""
_LONGEST_NAME = 100


def write(
    folder: OutputFolder,
    report: Report,
    templates: Path | None,
    paths: Sequence[str] = (),
    files: Listing | None = None,
) -> Path:
    """Write the outputs of a full run, or the part of a partial one; all of them or none.

    Args:
        folder: Locked.
        report: What to write.
        templates: The user's folder of templates.
        paths: What the run was narrowed to.
        files: What each gate was to read, kept for a later comparison; ``None``: not known.

    Returns:
        The file to point the reader to.

    Raises:
        OutputProblem: If it cannot be written; what was there stays.
        TemplateProblem: If a template is missing or broken.
    """
    if report.partial:
        return folder.write(f"parts/{part_name(report.expected, paths)}.json", to_bytes(report))
    kept = {} if files is None else {FILES: listing_bytes(files)}
    if len({one.phase for one in report.joined}) < 2:  # noqa: PLR2004 - of one phase alone
        kept[f"{PHASES}/{_phase_name(report)}.json"] = to_bytes(report)
    folder.write_all(render_all(report, templates) | kept)
    return folder.path / REPORT


def _phase_name(report: Report) -> str:
    environment = report.subject.environment
    return f"{report.phase}@{environment}" if environment else report.phase


def part_name(gate_ids: Sequence[str], paths: Sequence[str] = ()) -> str:
    """Name of a part: the ids of its gates; one narrowed to some paths never has the same."""
    name = "+".join(gate_ids)
    if len(name) > _LONGEST_NAME:
        name = f"{name[:_LONGEST_NAME]}-{_digest(gate_ids)}"
    return f"{name}@{_digest(paths)}" if paths else name


def _digest(names: Sequence[str]) -> str:
    return sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()[:12]


def final_text(
    report: Report,
    file: Path,
    environment: Mapping[str, str],
    *,
    verbose: bool,
    quiet: bool,
    templates: Path | None = None,
) -> str:
    """The text after a run; with ``quiet`` its last line alone.

    Args:
        report: What to show.
        file: Where to read on.
        environment: The process environment as injected.
        verbose: Every gate and finding.
        quiet: The verdict's line alone.
        templates: The user's folder of templates.
    """
    text = console.render(
        report,
        colour=is_terminal(sys.stdout) and wants_colour(environment),
        width=shutil.get_terminal_size().columns,
        verbose=verbose,
        report_path=shown(file),
        templates=Templates(templates),
    ).rstrip("\n")
    return text.splitlines()[-1] if quiet else text


def wants_colour(environment: Mapping[str, str]) -> bool:
    """Whether escape sequences may be used at all (no-color.org)."""
    return not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def shown(path: Path) -> str:
    """A path as the reader would type it here."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive on Windows
        return str(path)
    return str(path) if relative.startswith("..") else relative
