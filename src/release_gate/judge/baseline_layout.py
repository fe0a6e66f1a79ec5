"""How a baseline is written: one JSON value a line, so that branches merge.

The first line is the header, then follow findings, marks and *places*, sorted::

    {"salt": "…", "schema": "release-gate-baseline", "version": 2}
    "000"
    …
    "3f2"
    {"fingerprints": {"1": "3f2a91…"}, "gate_id": "security", "path": "a.py", "rule_id": "B602"}
    "3f3"

A line-wise merge of three versions conflicts where two branches change lines between which no line
stayed as it was. So every line has its place by a digest, the 4,096 places always
stand there, and where two lines share one a place of its own comes before the second,
``"3f2a91c04d5e security"``, which stays when the finding goes. Branches that take findings away
never conflict, and two that each add one conflict once in 4,096 times.
There are no times, line numbers or tool versions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from release_gate.judge.baseline import SCHEMA, VERSION, Baseline, BaselineEntry, Mark

_DIGITS = 3
_OWN_DIGITS = 12
PLACES = tuple(f"{number:0{_DIGITS}x}" for number in range(16**_DIGITS))


def render(baseline: Baseline) -> str:
    """The file's text; it depends on what is in it alone, not on its order."""
    header = {"schema": SCHEMA, "version": VERSION, "salt": baseline.salt}
    placed = [
        *((_entry_place(one), _json(_entry_row(one))) for one in baseline.entries),
        *((_mark_place(one), _json(_mark_row(one))) for one in baseline.marks),
    ]
    places = {*PLACES, *baseline.places, *_shared(sorted(placed))}
    # A place comes before what stands in it: its key is the shorter one.
    body = sorted(
        [*((place, "", _json(place)) for place in places), *((a, a, b) for a, b in placed)]
    )
    return "".join(f"{line}\n" for line in (_json(header), *(text for _, _, text in body)))


def _shared(placed: list[tuple[str, str]]) -> Iterator[str]:
    for _, together in groupby(placed, key=lambda one: one[0][:_DIGITS]):
        yield from (place for place, _ in list(together)[1:])


def _entry_place(entry: BaselineEntry) -> str:
    return f"{entry.fingerprint[:_OWN_DIGITS]} {entry.gate_id}"


def _mark_place(mark: Mark) -> str:
    """By its value too: a new value is another line, and the old one goes on both branches."""
    text = json.dumps([mark.gate_id, mark.metric, mark.value])
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{digest[:_OWN_DIGITS]} {mark.gate_id}"


def _entry_row(entry: BaselineEntry) -> dict[str, Any]:
    versions = {"1": entry.fingerprint, **{str(number): text for number, text in entry.newer}}
    row: dict[str, Any] = {
        "fingerprints": versions,
        "gate_id": entry.gate_id,
        "path": entry.path,
        "rule_id": entry.rule_id,
        "label": entry.label,
    }
    return {**row, **_said(message=entry.message, reason=entry.reason)}


def _mark_row(mark: Mark) -> dict[str, Any]:
    row = {"gate_id": mark.gate_id, "ratchet": mark.metric, "value": mark.value}
    return {**row, **_said(reason=mark.reason)}


def _said(**texts: str) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True)
