"""The baseline: findings that existed before and are accepted as they are.

One JSON object a line. The first line is the header::

    {"salt": "…", "schema": "release-gate-baseline", "version": 1}

Every other line is one accepted finding. There are no times, line numbers or
tool versions in it and the lines are sorted, so that two branches that each
fix another finding merge without conflict.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from release_gate.errors import BaselineError

SCHEMA = "release-gate-baseline"
VERSION = 1
LABELS = ("accepted", "confirmed", "false-positive")
_DIGEST_LENGTH = 64
_REMEDY = (
    "Take the file from the base branch, or write it anew: release-gate baseline create --force"
)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class BaselineEntry:
    """One accepted finding.

    Args:
        gate_id: Gate that reported it.
        rule_id: Its rule.
        path: Repository-relative POSIX path, empty where there is none.
        fingerprint: Hex SHA-256, version 1.
        message: The finding's message with digits masked, for the second-best match.
        label: ``accepted``, ``false-positive`` or ``confirmed`` (a real secret: always fails).
    """

    gate_id: str
    rule_id: str
    path: str
    fingerprint: str
    message: str = ""
    label: str = "accepted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """All accepted findings and the salt that secret hashes are made with."""

    salt: str
    entries: tuple[BaselineEntry, ...] = ()


def render(baseline: Baseline) -> str:
    """The file's text: header, then one sorted line for each finding."""
    header = {"schema": SCHEMA, "version": VERSION, "salt": baseline.salt}
    rows = [header, *(asdict(entry) for entry in sorted(baseline.entries))]
    return "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows)


def parse(text: str, file: str = "release-gate-baseline.jsonl") -> Baseline:
    """Read a baseline; every line must be usable.

    Args:
        text: Content of the file.
        file: Its name, for messages.

    Raises:
        BaselineError: If it is empty, cut off, of another schema or version, or if any
            line has a missing, unknown or wrongly typed key, or stands twice.
    """
    lines = text.split("\n")
    if not text.strip():
        raise BaselineError("the baseline is empty", file=file, remedy=_REMEDY)
    if lines[-1]:
        raise BaselineError(
            "the last line has no end: the file is cut off",
            file=file,
            line=len(lines),
            remedy=_REMEDY,
        )
    salt = _header(_object(lines[0], file, 1), file)
    entries = [
        _entry(_object(line, file, number), file, number)
        for number, line in enumerate(lines[1:-1], start=2)
    ]
    _refuse_twins(entries, file)
    return Baseline(salt=salt, entries=tuple(sorted(entries)))


def _object(line: str, file: str, number: int) -> dict[str, Any]:
    try:
        value = json.loads(line, object_pairs_hook=_without_duplicates)
    except ValueError as error:
        raise BaselineError(
            f"not a JSON object: {error}", file=file, line=number, remedy=_REMEDY
        ) from error
    if not isinstance(value, dict):
        raise BaselineError("not a JSON object", file=file, line=number, remedy=_REMEDY)
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    if twice:
        raise ValueError(f'key "{twice[0]}" stands twice')
    return dict(pairs)


def _header(header: dict[str, Any], file: str) -> str:
    if header.get("schema") != SCHEMA:
        raise BaselineError(
            f'the first line must be a header with "schema": "{SCHEMA}"',
            file=file,
            line=1,
            remedy=_REMEDY,
        )
    if header.get("version") != VERSION or isinstance(header["version"], bool):
        raise BaselineError(
            f"version {header.get('version')!r} is not known, only {VERSION}",
            file=file,
            line=1,
            remedy="Use the release of release-gate that wrote it, or a newer one.",
        )
    salt = header.get("salt")
    if not isinstance(salt, str) or not salt or set(header) != {"schema", "version", "salt"}:
        raise BaselineError(
            "the header must hold schema, version and a salt, and nothing else",
            file=file,
            line=1,
            remedy=_REMEDY,
        )
    return salt


def _entry(row: dict[str, Any], file: str, number: int) -> BaselineEntry:
    fields = set(BaselineEntry.__dataclass_fields__)
    wrong = sorted(fields.symmetric_difference(row))
    if wrong:
        kind = "unknown" if wrong[0] in row else "missing"
        raise BaselineError(f'{kind} key "{wrong[0]}"', file=file, line=number, remedy=_REMEDY)
    not_text = sorted(key for key, value in row.items() if not isinstance(value, str))
    if not_text:
        raise BaselineError(
            f'"{not_text[0]}" must be a string', file=file, line=number, remedy=_REMEDY
        )
    entry = BaselineEntry(**row)
    if entry.label not in LABELS:
        raise BaselineError(
            f'label "{entry.label}" is not one of {", ".join(LABELS)}',
            file=file,
            line=number,
            remedy=_REMEDY,
        )
    if len(entry.fingerprint) != _DIGEST_LENGTH or set(entry.fingerprint) - set("0123456789abcdef"):
        raise BaselineError(
            "the fingerprint must be 64 hex digits", file=file, line=number, remedy=_REMEDY
        )
    return entry


def _refuse_twins(entries: Iterable[BaselineEntry], file: str) -> None:
    counts = Counter((entry.gate_id, entry.fingerprint) for entry in entries)
    for (gate_id, fingerprint), count in counts.items():
        if count > 1:
            raise BaselineError(
                f"fingerprint {fingerprint[:12]} of gate {gate_id} stands {count} times",
                file=file,
                remedy="Keep one line of them.",
            )
