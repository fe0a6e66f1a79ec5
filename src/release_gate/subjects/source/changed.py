"""Whether a line is part of the change that is judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from release_gate.api import Base, Finding


def in_change(base: Base | None, path: str | None, line: int | None) -> bool | None:
    """Whether a line is new or changed since the base; ``None`` where that is not known.

    Args:
        base: ``None`` without a base.
        path: Repository-relative POSIX path; ``None`` for what has no file.
        line: One-based line; without one, any change of the file counts.
    """
    if base is None or path is None:
        return None
    lines = base.changed_lines().get(path)
    if lines is None:
        return False
    return bool(lines) if line is None else line in lines


def marked(base: Base | None, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, each saying whether its line is new or changed since the base.

    Args:
        base: ``None`` without a base.
        findings: Of any kind.
    """
    return tuple(replace(one, in_change=in_change(base, one.path, one.line)) for one in findings)
