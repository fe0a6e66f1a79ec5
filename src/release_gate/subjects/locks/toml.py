"""What the lock formats written in TOML share."""

from __future__ import annotations

import tomllib
from typing import Any

from release_gate.subjects.locks.types import LockProblem


def parse(content: bytes, path: str) -> dict[str, Any]:
    """The document.

    Raises:
        LockProblem: If it is empty, cut off, not UTF-8 or no TOML.
    """
    if not content.strip():
        raise LockProblem("the lock is empty", path=path)
    try:
        return tomllib.loads(content.decode("utf-8"))
    except ValueError as error:  # UnicodeDecodeError and TOMLDecodeError are both of it
        raise LockProblem(f"cut off or no TOML: {error}", path=path) from error


def packages(document: dict[str, Any], key: str, path: str) -> list[dict[str, Any]]:
    """The array of packages.

    Raises:
        LockProblem: If it is missing or holds something else than tables.
    """
    rows = document.get(key)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise LockProblem(f"no [[{key}]]: it pins nothing", path=path)
    return rows


def lines(content: bytes, key: str, count: int) -> tuple[int | None, ...]:
    """The line of each ``[[key]]``; unknown where the text is laid out in another way."""
    header = f"[[{key}]]"
    found = [
        number
        for number, line in enumerate(content.decode("utf-8").split("\n"), start=1)
        if line.strip() == header
    ]
    return tuple(found) if len(found) == count else (None,) * count


def names(rows: Any, path: str) -> tuple[str, ...]:
    """The ``name`` of each row of a list of tables, or the keys of a table.

    Raises:
        LockProblem: If it is neither.
    """
    if rows is None:
        return ()
    if isinstance(rows, dict):
        return tuple(rows)
    if isinstance(rows, list) and all(
        isinstance(row, dict) and isinstance(row.get("name"), str) for row in rows
    ):
        return tuple(row["name"] for row in rows)
    raise LockProblem("dependencies are no list of names", path=path)


def table(value: Any, what: str, path: str) -> dict[str, Any]:
    """A table; an absent one is empty.

    Raises:
        LockProblem: If it is something else.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise LockProblem(f"{what} is no table", path=path)
    return value
