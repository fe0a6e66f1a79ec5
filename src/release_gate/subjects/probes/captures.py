"""Values that a check keeps for later ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from release_gate.subjects.probes.contract import Observation, Unreadable
from release_gate.subjects.probes.expectation import Capture
from release_gate.subjects.probes.selection import NotReadable, select
from release_gate.subjects.probes.values import shown

_ORDINARY = re.compile(r"|true|false|null", re.IGNORECASE)


def captured(observation: Observation, capture: Capture) -> Any:
    """The one value that a capture takes from an answer.

    Args:
        observation: The answer.
        capture: What to take.

    Raises:
        NotReadable: If there is not exactly one.
    """
    selected = select(observation.values, {}, capture)
    nodes = selected.nodes
    if capture.pattern is not None and len(nodes) > 1:
        # Of several lines of a header (two cookies) the pattern says which.
        nodes = tuple(one for one in nodes if re.search(capture.pattern, str(one))) or nodes
    if len(nodes) != 1:
        count = len(nodes) or "nothing"
        raise NotReadable(f"{selected.where}: {count} matched, one is needed")
    value = nodes[0]
    if isinstance(value, Unreadable):
        raise NotReadable(f"{selected.where}: {value.reason}")
    if capture.pattern is None:
        return value
    found = re.search(capture.pattern, value) if isinstance(value, str) else None
    if found is None or found[1] is None:
        raise NotReadable(f"{selected.where}: the pattern found nothing in it")
    return found[1]


def secret_texts(value: Any) -> list[str]:
    """Every text of a captured value that is to be hidden, at any depth."""
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in secret_texts(inner)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in secret_texts(inner)]
    text = value if isinstance(value, str) else shown(value)
    return [] if _ORDINARY.fullmatch(text) else [text]
