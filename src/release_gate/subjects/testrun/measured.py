"""What the tests covered, read from the JSON that coverage wrote.

The format is described at https://coverage.readthedocs.io/en/latest/commands/cmd_json.html;
versions 2 and 3 of it are known. Shares are computed from the counts, never taken from the
rounded percentages.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePath

import msgspec

from release_gate.errors import ToolProblem

KNOWN_FORMATS = (2, 3)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one file, or of all."""

    covered_lines: int
    num_statements: int
    missing_lines: int
    excluded_lines: int
    num_branches: int = 0
    num_partial_branches: int = 0
    covered_branches: int = 0
    missing_branches: int = 0

    @property
    def covered(self) -> int:
        """Covered lines and branches."""
        return self.covered_lines + self.covered_branches

    @property
    def whole(self) -> int:
        """All lines and branches."""
        return self.num_statements + self.num_branches


class MeasuredFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file: one-based lines, and branches as pairs of lines."""

    executed_lines: tuple[int, ...]
    missing_lines: tuple[int, ...]
    excluded_lines: tuple[int, ...]
    summary: Summary
    missing_branches: tuple[tuple[int, int], ...] = ()


class _Format(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    version: str
    branch_coverage: bool


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    meta: _Format


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    meta: _Format
    files: dict[str, MeasuredFile]
    totals: Summary


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """What was covered.

    Args:
        version: Coverage's version by its own word.
        branch: Whether branches were measured.
        files: By POSIX path relative to the root; sorted.
        outside: Measured files that are not below the root, as coverage names them.
        totals: Sum of ``files`` and ``outside``, checked.
    """

    version: str
    branch: bool
    files: dict[str, MeasuredFile]
    outside: tuple[str, ...]
    totals: Summary


def _refused(why: str) -> ToolProblem:
    return ToolProblem(
        f"the report of coverage cannot be used: {why}",
        remedy="Look at the log; a coverage of 7.10 or later is known to work.",
    )


def read(file: Path, root: Path) -> Measurement:
    """Read the JSON report.

    Args:
        file: The report.
        root: The project's root.

    Raises:
        ToolProblem: If it is missing, empty, cut off, of an unknown format, empty of files,
            or if its counts disagree with one another.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise _refused("it was not written") from error
    try:
        head = msgspec.json.decode(content, type=_Head).meta
        if head.format not in KNOWN_FORMATS:
            raise _refused(f"its format {head.format} is not one of {KNOWN_FORMATS}")
        document = msgspec.json.decode(content, type=_Document)
    except msgspec.MsgspecError as error:
        raise _refused(str(error)) from error
    if not document.files:
        raise _refused("it holds no file")
    _check(document)
    inside, outside = _places(document.files, root)
    return Measurement(
        version=head.version,
        branch=head.branch_coverage,
        files=inside,
        outside=outside,
        totals=document.totals,
    )


def _check(document: _Document) -> None:
    """Every count must agree with what it counts."""
    for name, measured in document.files.items():
        lines = len(measured.missing_lines)
        counted = measured.summary
        if counted.missing_lines != lines or counted.covered_lines < 0:
            raise _refused(f"{name}: {lines} missing lines are listed, not {counted.missing_lines}")
        if counted.covered_lines + counted.missing_lines != counted.num_statements:
            raise _refused(f"{name}: covered and missing lines are not all statements")
        if counted.covered_branches + counted.missing_branches != counted.num_branches:
            raise _refused(f"{name}: covered and missing branches are not all branches")
    for field in Summary.__struct_fields__:
        total = sum(getattr(measured.summary, field) for measured in document.files.values())
        if total != getattr(document.totals, field):
            raise _refused(f"its total of {field} is not the sum of its files")


def _places(
    files: dict[str, MeasuredFile], root: Path
) -> tuple[dict[str, MeasuredFile], tuple[str, ...]]:
    inside: dict[str, MeasuredFile] = {}
    outside: list[str] = []
    for name, measured in files.items():
        relative = _relative(name, root)
        if relative is None:
            outside.append(name)
        else:
            inside[relative] = measured
    return dict(sorted(inside.items())), tuple(sorted(outside))


def _relative(name: str, root: Path) -> str | None:
    """Path below the root; ``None`` for other places and for installed copies."""
    path = Path(os.path.normpath(root / name))
    for folder in (root, root.resolve()):
        if path.is_relative_to(folder):
            relative: PurePath = path.relative_to(folder)
            installed = {"site-packages", "dist-packages"} & set(relative.parts)
            return None if installed else relative.as_posix()
    return None
