"""Reading a baseline: every line must be usable, or none is."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from release_gate.errors import BaselineError
from release_gate.judge.baseline import LABELS, SCHEMA, VERSION, Baseline, BaselineEntry, Mark
from release_gate.judge.baseline_layout import PLACES

DEFAULT_FILE = "release-gate-baseline.jsonl"
_REMEDY = (
    "Take the file from the base branch, or write it anew: release-gate baseline create --force"
)
_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PLACE = re.compile(r"[0-9a-f]{3}|[0-9a-f]{12} .+", re.DOTALL)
_NUMBER = re.compile(r"[1-9][0-9]*")
_ENTRY = frozenset({"gate_id", "rule_id", "path", "label"})
_OPTIONAL = frozenset({"message", "reason"})


def parse(text: str, file: str = DEFAULT_FILE) -> Baseline:
    """Read a baseline.

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
        raise _Line(file=file, number=len(lines)).error("the last line has no end: it is cut off")
    read = [
        _Line(file=file, number=number).value(line) for number, line in enumerate(lines[:-1], 1)
    ]
    version, salt = _header(read[0], _Line(file=file, number=1))
    entries, marks, places = [], [], []
    for number, value in enumerate(read[1:], start=2):
        line = _Line(file=file, number=number)
        if isinstance(value, str) and version > 1:
            places.append(line.place(value))
        elif isinstance(value, dict) and "ratchet" in value and version > 1:
            marks.append(line.mark(value))
        else:
            entries.append(line.entry(value, version))
    _refuse_twins(((one.gate_id, one.fingerprint) for one in entries), file)
    _refuse_twins(((one.gate_id, f"{one.metric} {one.value}") for one in marks), file)
    _check_places(places, version, file)
    return Baseline(
        salt=salt,
        entries=tuple(sorted(entries)),
        marks=tuple(sorted(marks)),
        places=tuple(sorted(set(places).difference(PLACES))),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    file: str
    number: int

    def error(self, what: str, remedy: str = _REMEDY) -> BaselineError:
        return BaselineError(what, file=self.file, line=self.number, remedy=remedy)

    def value(self, line: str) -> Any:
        if line.startswith(_CONFLICT):
            raise self.error(
                "the mark of a conflict that a merge left",
                "Delete the marks and keep the lines of both sides, but those that one side took"
                " away; then: release-gate baseline update",
            )
        try:
            return json.loads(line, object_pairs_hook=_without_duplicates)
        except (ValueError, RecursionError) as error:
            raise self.error(f"not a JSON object: {error}") from error

    def row_of(self, value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.error("not a JSON object")
        return value

    def place(self, text: str) -> str:
        if not _PLACE.fullmatch(text):
            raise self.error(f"{json.dumps(text)} is no place")
        return text

    def entry(self, value: object, version: int) -> BaselineEntry:
        row = dict(self.row_of(value))
        if version == 1:
            self._check(row, required={*_ENTRY, "message", "fingerprint"})
            prints = {"1": row.pop("fingerprint")}
        else:
            self._check(row, required={*_ENTRY, "fingerprints"}, optional=_OPTIONAL)
            prints = self._versions(row.pop("fingerprints"))
        if row["label"] not in LABELS:
            raise self.error(f'label "{row["label"]}" is not one of {", ".join(LABELS)}')
        if wrong := [text for text in prints.values() if not _is_digest(text)]:
            raise self.error(f"the fingerprint must be 64 hex digits, not {wrong[0]!r}")
        newer = sorted((int(number), text) for number, text in prints.items() if number != "1")
        return BaselineEntry(**row, fingerprint=prints["1"], newer=tuple(newer))

    def mark(self, row: dict[str, Any]) -> Mark:
        self._check(row, required={"gate_id", "ratchet", "value"}, optional={"reason"})
        if not _is_decimal(row["value"]):
            raise self.error(f'"value" must be a decimal number as text, not "{row["value"]}"')
        return Mark(
            gate_id=row["gate_id"],
            metric=row["ratchet"],
            value=row["value"],
            reason=row.get("reason", ""),
        )

    def _check(
        self, row: dict[str, Any], *, required: Collection[str], optional: Collection[str] = ()
    ) -> None:
        missing = sorted(set(required) - set(row))
        unknown = sorted(set(row) - set(required) - set(optional))
        if unknown or missing:
            kind, key = ("unknown", unknown[0]) if unknown else ("missing", missing[0])
            raise self.error(f'{kind} key "{key}"')
        texts = {key: value for key, value in row.items() if key != "fingerprints"}
        not_text = sorted(key for key, value in texts.items() if not isinstance(value, str))
        if not_text:
            raise self.error(f'"{not_text[0]}" must be a string')

    def _versions(self, value: object) -> dict[str, Any]:
        """By version; the first is always there, later ones may be."""
        if not isinstance(value, dict) or "1" not in value:
            raise self.error('"fingerprints" must hold one of version 1, {"1": "…"}')
        if wrong := [number for number in value if not _NUMBER.fullmatch(number)]:
            raise self.error(f'"{wrong[0]}" is no version of a fingerprint')
        return value


def _header(value: object, line: _Line) -> tuple[int, str]:
    header = line.row_of(value)
    if header.get("schema") != SCHEMA:
        raise line.error(f'the first line must be a header with "schema": "{SCHEMA}"')
    version = header.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= VERSION:
        raise line.error(
            f"version {version!r} is not known, only 1 to {VERSION}",
            "Use the release of release-gate that wrote it, or a newer one.",
        )
    salt = header.get("salt")
    if not isinstance(salt, str) or not salt or set(header) != {"schema", "version", "salt"}:
        raise line.error("the header must hold schema, version and a salt, and nothing else")
    return version, salt


def _check_places(places: list[str], version: int, file: str) -> None:
    """All of them always stand in the file: one that is missing went with its neighbours."""
    gone = sorted(set(PLACES).difference(places)) if version > 1 else []
    if gone:
        what = f'the place "{gone[0]}" is missing: lines are cut out of the baseline'
        raise BaselineError(what, file=file, remedy=_REMEDY)


def _refuse_twins(keys: Iterable[tuple[str, str]], file: str) -> None:
    for (gate_id, text), count in Counter(keys).items():
        if count > 1:
            raise BaselineError(
                f"{text[:12]} of gate {gate_id} stands {count} times",
                file=file,
                remedy="Keep one line of them.",
            )


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    if twice:
        raise ValueError(f'key "{twice[0]}" stands twice')
    return dict(pairs)


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False
