"""Where two JSON documents differ, by JSON pointers (RFC 6901)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from release_gate.subjects.probes.values import kind_of, same, shown

_CUT = 80


def differences(
    wanted: Any, served: Any, ignored: frozenset[str] = frozenset(), at: str = ""
) -> Iterator[str]:
    """Every place in which they differ, in the order of the keys.

    Args:
        wanted: What it should be.
        served: What it is.
        ignored: Pointers that are not compared, with everything below.
        at: Pointer of both.
    """
    if at in ignored or same(wanted, served):
        return
    if isinstance(wanted, Mapping) and isinstance(served, Mapping):
        for key in sorted({*wanted, *served}):
            below = f"{at}/{key.replace('~', '~0').replace('/', '~1')}"
            if below in ignored:
                continue
            if key not in served:
                yield f"{below} is missing"
            elif key not in wanted:
                yield f"{below} is there and should not be"
            else:
                yield from differences(wanted[key], served[key], ignored, below)
    elif kind_of(wanted) == kind_of(served) == "array" and len(wanted) == len(served):
        for position, (one, other) in enumerate(zip(wanted, served, strict=True)):
            yield from differences(one, other, ignored, f"{at}/{position}")
    else:
        yield f"{at or '/'}: {_short(wanted)} expected, {_short(served)} served"


def _short(value: Any) -> str:
    text = shown(value)
    return text if len(text) <= _CUT else f"{text[:_CUT]} …"
