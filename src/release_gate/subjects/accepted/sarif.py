"""A SARIF 2.1.0 log as a baseline: every result that it holds is accepted.

Format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/. What was already gone when it was
written (``baselineState: absent``) and what is no failure (``kind``) is left out.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from release_gate.subjects.accepted.items import (
    AcceptedItem,
    document,
    place,
    telling,
    typed,
    unusable,
)

OUR_FINGERPRINT = "releaseGate/v1"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_VERSION = "2.1.0"


def items(content: bytes, name: str) -> tuple[AcceptedItem, ...]:
    """Every result of every run.

    Args:
        content: Of the file.
        name: Of the file, for messages.

    Raises:
        BaselineError: If it is no whole log of that version.
    """
    log = document(content, name)
    if log.get("version") != _VERSION:
        raise unusable(f"version {log.get('version')!r} of SARIF is not {_VERSION}", name)
    runs = typed(log.get("runs"), list, '"runs"', name)
    if not runs:
        raise unusable("no run stands in it", name)
    found = []
    for number, run in enumerate(runs, start=1):
        what = f"run {number}"
        results = typed(
            typed(run, dict, what, name).get("results"), list, f"results of {what}", name
        )
        found += [
            _item(
                run,
                typed(row, dict, f"result {at} of {what}", name),
                f"result {at} of {what}",
                name,
            )
            for at, row in enumerate(results, start=1)
            if _counts(row)
        ]
    prints = telling([one.fingerprint for one in found])
    return tuple(replace(one, fingerprint=text) for one, text in zip(found, prints, strict=True))


def _counts(row: object) -> bool:
    """A row of the wrong type counts, to be refused."""
    if not isinstance(row, dict):
        return True
    return row.get("kind", "fail") == "fail" and row.get("baselineState") != "absent"


def _item(run: dict[str, Any], row: dict[str, Any], what: str, name: str) -> AcceptedItem:
    where = _first(row.get("locations"), "physicalLocation")
    address = _table(where.get("artifactLocation")).get("uri", "")
    own = _table(row.get("partialFingerprints")).get(OUR_FINGERPRINT)
    message = typed(row.get("message"), dict, f"message of {what}", name)
    return AcceptedItem(
        rule=_rule(run, row, what, name),
        path=place(unquote(typed(address, str, f"address of {what}", name))) if address else "",
        message=str(message.get("text", "")),
        line=typed(_table(where.get("region")).get("startLine", 0), int, f"line of {what}", name),
        fingerprint=own if isinstance(own, str) and _DIGEST.fullmatch(own) else "",
    )


def _first(locations: object, key: str) -> dict[str, Any]:
    if isinstance(locations, list) and locations and isinstance(locations[0], dict):
        return _table(locations[0].get(key))
    return {}


def _table(value: object) -> dict[str, Any]:
    """An object that may be left out."""
    return value if isinstance(value, dict) else {}


def _rule(run: dict[str, Any], row: dict[str, Any], what: str, name: str) -> str:
    """By id, or by its place among the tool's rules."""
    rule = _table(row.get("rule"))
    named = row.get("ruleId") or rule.get("id")
    if isinstance(named, str) and named:
        return named
    index = row.get("ruleIndex", rule.get("index"))
    rules = _table(_table(run.get("tool")).get("driver")).get("rules")
    if isinstance(index, int) and isinstance(rules, list) and 0 <= index < len(rules):
        return str(typed(_table(rules[index]).get("id"), str, f"rule of {what}", name))
    raise unusable(f"{what} names no rule", name)
