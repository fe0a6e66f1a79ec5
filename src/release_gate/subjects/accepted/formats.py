"""Which tool wrote a baseline, by its content."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from release_gate.subjects.accepted import bandit, mypy, sarif
from release_gate.subjects.accepted.items import AcceptedItem, unusable


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A format of foreign baselines.

    Args:
        name: For people and for ``--format``.
        kind: Kind of the gates that find the same; empty: any.
        read: Its items, from content and file name; ``None``: read elsewhere.
    """

    name: str
    kind: str
    read: Callable[[bytes, str], tuple[AcceptedItem, ...]] | None


FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        Format(name="detect-secrets", kind="secrets", read=None),
        Format(name="bandit", kind="security", read=bandit.items),
        Format(name="mypy-baseline", kind="types", read=mypy.items),
        Format(name="sarif", kind="", read=sarif.items),
    )
}


def detected(content: bytes, name: str) -> Format:
    """The format of a file.

    Args:
        content: Of the file.
        name: Of the file, for messages.

    Raises:
        BaselineError: If it is none that we know.
    """
    if not content.lstrip().startswith((b"{", b"[")):
        return FORMATS["mypy-baseline"]
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise unusable(f"not a JSON document: {error}", name) from error
    keys = set(value) if isinstance(value, dict) else set()
    if "plugins_used" in keys:
        return FORMATS["detect-secrets"]
    if "runs" in keys:
        return FORMATS["sarif"]
    if {"results", "metrics"} <= keys:
        return FORMATS["bandit"]
    raise unusable(f"none of {', '.join(FORMATS)}", name)
