"""``gate.json``: the only stored form of a report, written and read here.

Written canonically: keys sorted, UTF-8, one trailing newline. Read with
distrust: a file that is cut off, says a thing twice, or claims a verdict that
its own gates do not bear is refused.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec

from release_gate.errors import ReportProblem
from release_gate.files import read_file
from release_gate.judge.types import Report
from release_gate.report.convert import from_stored, to_stored
from release_gate.report.honesty import contradictions
from release_gate.report.schema import SCHEMA_VERSION, StoredReport

_REMEDY = "Run release-gate again to write a new report."

# Inside JSON strings these are legal as they stand, and would steer a terminal or turn text round.
_STEERING = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def to_bytes(report: Report) -> bytes:
    """A report as the bytes of ``gate.json``.

    Args:
        report: Any report. Text that UTF-8 cannot hold is written with backslash escapes;
            numbers that JSON cannot hold as null.

    Raises:
        ReportProblem: If a field has a value of the wrong type.
    """
    try:
        plain = _storable(msgspec.to_builtins(to_stored(report)))
        stored = msgspec.convert(plain, StoredReport, strict=True)
        data = msgspec.json.format(msgspec.json.encode(stored, order="sorted"), indent=2)
    except (msgspec.MsgspecError, AttributeError, TypeError, ValueError, OverflowError) as error:
        raise ReportProblem(
            f"the report cannot be stored: {error}",
            remedy="A gate returned a value of the wrong type; the place is named above.",
        ) from error
    return _STEERING.sub(_escaped, data.decode()).encode() + b"\n"


def from_bytes(data: bytes, *, name: str = "gate.json") -> Report:
    """The report in the bytes of a ``gate.json``.

    Args:
        data: Content of the file.
        name: What to call the file in messages.

    Raises:
        ReportProblem: If it is empty, cut off, not a report, of another schema version,
            or contradicts itself.
    """
    parsed = _parse(data, name)
    _check_version(parsed, name)
    try:
        stored = msgspec.convert(parsed, StoredReport, strict=True)
    except msgspec.ValidationError as error:
        raise ReportProblem(f"{name} is not a whole report: {error}", remedy=_REMEDY) from error
    report = from_stored(stored)
    for lie in contradictions(stored, report):
        raise ReportProblem(f"{name} contradicts itself: {lie}", remedy=_REMEDY)
    return report


def load(path: Path) -> Report:
    """Read a stored report.

    Args:
        path: The file.

    Raises:
        ReportProblem: If it is missing, cannot be read, or is refused by :func:`from_bytes`.
    """
    return load_named(path, str(path))


def load_named(path: Path, name: str) -> Report:
    """As :func:`load`; messages call the file by another name.

    Args:
        path: The file.
        name: What to call it.

    Raises:
        ReportProblem: If it is missing, cannot be read, or is refused by :func:`from_bytes`.
    """
    try:
        data = read_file(path)
    except FileNotFoundError as error:
        raise ReportProblem(f"there is no report at {name}", remedy=_REMEDY) from error
    except OSError as error:
        raise ReportProblem(f"{name} cannot be read: {error.strerror}", remedy=_REMEDY) from error
    return from_bytes(data, name=name)


def _parse(data: bytes, name: str) -> Any:
    if not data.strip():
        raise ReportProblem(f"{name} is empty", remedy=_REMEDY)
    try:
        return json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise ReportProblem(f"{name} is not whole JSON: {error}", remedy=_REMEDY) from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return result


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _check_version(parsed: Any, name: str) -> None:
    if not isinstance(parsed, dict) or "schema_version" not in parsed:
        raise ReportProblem(f"{name} is JSON, but not a report of release-gate", remedy=_REMEDY)
    version = parsed["schema_version"]
    if type(version) is not int or version != SCHEMA_VERSION:
        raise ReportProblem(
            f"{name} has schema version {version!r}; this release-gate reads {SCHEMA_VERSION}",
            remedy="Read it with the release-gate that wrote it, or run this one again.",
        )


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {key: _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    return value


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"
