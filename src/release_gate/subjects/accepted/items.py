"""What any of the foreign baselines says of one accepted finding."""

from __future__ import annotations

import json
import posixpath
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from release_gate.errors import BaselineError


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class AcceptedItem:
    """One finding that another tool's baseline accepts.

    Args:
        rule: The tool's own id of the rule.
        path: As written there, POSIX, normalised; absolute or relative to the root.
        message: As written there.
        line: One-based line when it was written; 0 where the format leaves it out.
        fingerprint: Ours, where we wrote the file; else empty.
    """

    rule: str
    path: str
    message: str
    line: int = 0
    fingerprint: str = ""


def place(name: str) -> str:
    """A file name or ``file:`` address as a normalised POSIX path."""
    path = urlsplit(name).path if name.startswith("file:") else name
    return posixpath.normpath(path.replace("\\", "/"))


def telling(values: Sequence[str]) -> tuple[str, ...]:
    """Fingerprints without those that tell nothing: one value for several results.

    A tool that is not logged in, or has none, may put the same word everywhere.

    Args:
        values: One for each result; empty: none.
    """
    counts = Counter(values)
    return tuple(value if counts[value] == 1 else "" for value in values)


def document(content: bytes, name: str) -> dict[str, Any]:
    """The JSON object that a file holds.

    Raises:
        BaselineError: If it is empty, cut off, or anything else.
    """
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise unusable(f"not a JSON document: {error}", name) from error
    if not isinstance(value, dict):
        raise unusable("not a JSON object", name)
    return value


def typed(value: object, kind: type, what: str, name: str) -> Any:
    """A value of the given type.

    Raises:
        BaselineError: If it is of another one, or missing.
    """
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise unusable(f"{what} is missing or of the wrong type", name)
    return value


def unusable(what: str, name: str) -> BaselineError:
    """The error for a foreign baseline that cannot be used."""
    return BaselineError(
        what, file=name, remedy="Write it anew with its own tool; nothing was taken over."
    )
