"""File names as arguments of a tool: safe to parse, and never more than a platform takes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

# Linux takes 128 KiB for one argument and far more in all, macOS 1 MiB with the environment,
# Windows 32,767 characters for the whole line.
LIMIT = 24_000 if os.name == "nt" else 120_000


def argument(path: str) -> str:
    """A relative path as no tool can mistake it for an option or an argument file."""
    return f"./{path}" if path.startswith(("-", "@")) else path


def batches(paths: Iterable[str], *, limit: int = LIMIT) -> Iterator[tuple[str, ...]]:
    """Split a list of files so that each part fits on one command line; keeps the order.

    Args:
        paths: Relative paths.
        limit: Bytes for all names of one part, each with a separator and two quotes.
    """
    part: list[str] = []
    size = 0
    for path in paths:
        length = len(os.fsencode(argument(path))) + 3
        if part and size + length > limit:
            yield tuple(part)
            part, size = [], 0
        part.append(path)
        size += length
    if part:
        yield tuple(part)
