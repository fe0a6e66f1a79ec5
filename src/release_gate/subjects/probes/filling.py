"""A check's settings and operands with everything filled in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from release_gate.subjects.probes.contract import AnyProbe, ProbeProblem
from release_gate.subjects.probes.keys import as_table, is_fillable
from release_gate.subjects.probes.templates import Lookup, fill, fill_path, names_in


def filled(probe: AnyProbe, settings: Any, lookup: Lookup) -> Any:
    """The settings of one look.

    Args:
        probe: Says where something may be filled in.
        settings: As planned.
        lookup: Value of a name.

    Raises:
        ProbeProblem: If a value is missing or does not fit where it goes.
    """
    changes = {}
    for key, value in as_table(settings).items():
        if not is_fillable(probe, key) or not any(True for _ in names_in(value)):
            continue
        quoted = key in probe.quoted and isinstance(value, str)
        changes[key] = fill_path(value, lookup) if quoted else fill(value, lookup)
    if not changes:
        return settings
    try:
        # Only what was filled in goes through the type again: the rest is as it was checked.
        return msgspec.convert({**as_table(settings), **changes}, type(settings), strict=True)
    except msgspec.ValidationError as error:
        what = f"{probe.name}: what was filled in does not fit: {error}"
        raise ProbeProblem(what) from error


def operand_filler(lookup: Lookup) -> tuple[Callable[[Any], Any], Callable[[str], str]]:
    """Functions that fill operands, and regular expressions with what stands for itself.

    Args:
        lookup: Value of a name.
    """
    return (
        lambda value: fill(value, lookup),
        lambda text: str(fill(text, lookup, re.escape)),
    )
