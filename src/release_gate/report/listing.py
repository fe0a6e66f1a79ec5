"""``files.json``: which file in which state each gate was to read, kept beside ``gate.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from release_gate.errors import ReportProblem
from release_gate.files import read_file
from release_gate.judge.compare import Listing


def listing_bytes(files: Listing) -> bytes:
    """The file's bytes; names that are not UTF-8 are written as escaped lone surrogates."""
    plain = {gate_id: dict(named) for gate_id, named in files.items()}
    return json.dumps(plain, sort_keys=True, indent=0).encode() + b"\n"


def load_listing(path: Path) -> Listing | None:
    """Read it; ``None`` if it is not there.

    Args:
        path: The file.

    Raises:
        ReportProblem: If it is there and is not what :func:`listing_bytes` writes.
    """
    try:
        data: Any = json.loads(read_file(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise _unusable(path) from error
    if not isinstance(data, dict) or not all(_named(value) for value in data.values()):
        raise _unusable(path)
    return data


def _named(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values())


def _unusable(path: Path) -> ReportProblem:
    return ReportProblem(
        f"{path} is not whole", remedy="Take it away: the reports are then compared without it."
    )
