"""Strict reading of what a tool printed: whole, of the expected shape, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

import msgspec

from release_gate.api import ToolProblem

T = TypeVar("T")


def json_as(shape: type[T], data: bytes, *, tool: str, log: Path | None) -> T:
    """Decode JSON of a known shape; keys that are not in the shape are passed over.

    Args:
        shape: A type that msgspec knows.
        data: The tool's output.
        tool: For messages.
        log: Where the whole output lies.

    Raises:
        ToolProblem: If it is empty, cut off, not JSON, or of another shape.
    """
    if not data.strip():
        raise ToolProblem(f"{tool} wrote nothing where its JSON should be", log)
    try:
        # The standard library reads halves of surrogate pairs, which file names can hold.
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ToolProblem(f"{tool} wrote JSON that is cut off or damaged: {error}", log) from error
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise ToolProblem(
            f"{tool} wrote JSON of another shape: {error}",
            log,
            remedy="Another release of the tool may be installed than this one knows.",
        ) from error
