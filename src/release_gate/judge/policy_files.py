"""The entries of the baseline and of the file of waivers, so that they can be compared."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from typing import Any

from release_gate.judge.baseline_parse import parse

SALT = ("salt",)
RATCHET = "ratchet"


def baseline_rows(text: str | None, file: str) -> Mapping[tuple[str, ...], Mapping[str, Any]]:
    """The entries of a baseline by what identifies them, and its salt.

    Args:
        text: Of the file; ``None`` without one.
        file: Its name, for messages.

    Raises:
        BaselineError: If it cannot be read.
    """
    if text is None:
        return {}
    baseline = parse(text, file)
    rows: dict[tuple[str, ...], Mapping[str, Any]] = {SALT: {"salt": baseline.salt}}
    for entry in baseline.entries:
        where = (entry.path,) if entry.path else ()
        key = (entry.gate_id, entry.rule_id, *where, entry.fingerprint)
        # All that a finding is matched by: each of these can make an entry accept another one.
        rows[key] = {
            "path": entry.path,
            "label": entry.label,
            "message": entry.message,
            "newer": dict(entry.newer),
        }
    for mark in baseline.marks:
        key = (RATCHET, mark.gate_id, mark.metric)
        rows[key] = {"values": sorted({*rows.get(key, {}).get("values", ()), mark.value})}
    return rows


def waiver_rows(text: str | None) -> Mapping[str, Any]:
    """The entries of a file of waivers by their ids, and whatever else stands in it.

    Args:
        text: Of the file; ``None`` without one. One that is no TOML is a single entry.
    """
    if text is None:
        return {}
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {"(unreadable)": {"sha256": hashlib.sha256(text.encode()).hexdigest()}}
    rows: dict[str, Any] = {}
    for name, value in values.items():
        entries = value if isinstance(value, list) else [value]
        for position, entry in enumerate(entries):
            known = isinstance(entry, Mapping) and isinstance(entry.get("id"), str)
            key = entry["id"] if known else f"{name} {position}"
            rows[f"{key} again" if key in rows else key] = (
                entry if isinstance(entry, Mapping) else {name: entry}
            )
    return rows
