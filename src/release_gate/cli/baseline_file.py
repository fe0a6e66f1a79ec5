"""The baseline as it lies in the work tree: reading it, and writing it whole or not at all."""

from __future__ import annotations

import secrets
from pathlib import Path

from release_gate.adapters.committed import write_committed
from release_gate.errors import BaselineError
from release_gate.judge.baseline import Baseline
from release_gate.judge.baseline_layout import render
from release_gate.judge.baseline_parse import parse
from release_gate.plan.policy import read_baseline

_SALT_BYTES = 16


def present(root: Path, file: str) -> Baseline | None:
    """The baseline; ``None`` if there is none.

    Args:
        root: Absolute.
        file: Relative to the root.

    Raises:
        BaselineError: If it cannot be used.
    """
    text = read_baseline(root, file)
    return None if text is None else parse(text, file)


def demanded(root: Path, file: str) -> Baseline:
    """The baseline, which must be there.

    Raises:
        BaselineError: If it is not, or cannot be used.
    """
    found = present(root, file)
    if found is None:
        raise BaselineError(
            "there is no baseline", file=file, remedy="release-gate baseline create"
        )
    return found


def fresh() -> Baseline:
    """An empty one with a salt of its own."""
    return Baseline(salt=secrets.token_hex(_SALT_BYTES))


def write(file: Path, baseline: Baseline) -> None:
    """Write it.

    Raises:
        OutputProblem: If that cannot be done; what lay there is still there.
    """
    write_committed(file, render(baseline))
