"""The history of releases: one JSON object a line, bounded, the oldest line first.

The first line is the header ``{"schema": "release-gate-history", "version": 1}``. A release that
is judged again takes the place of its line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from release_gate.errors import HistoryError
from release_gate.json_lines import LineProblem, json_lines

SCHEMA = "release-gate-history"
VERSION = 1
LONGEST = 500
EVENTS = ("rollback", "incident")
_REMEDY = "Take the file from an earlier run, or begin a new one under another name."

Event = Literal["rollback", "incident"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """One release as it was judged last.

    Args:
        release: Its version, or its commit where it has none.
        phase: Phase that was judged.
        environment: Environment, or empty.
        commit: Full object id, or empty.
        judged_at: Moment of the judgement, UTC, ISO 8601.
        verdict: Of the run.
        score: Numerator and denominator of the total score; ``None`` without one.
        kept: Whether every other gate passed and every minimum of the score was kept.
        gates: Verdict of each gate by id.
        events: What happened to it later: rollbacks and incidents, in order.
    """

    release: str
    phase: str
    environment: str = ""
    commit: str = ""
    judged_at: str = ""
    verdict: str = ""
    score: tuple[int, int] | None = None
    kept: bool = False
    gates: dict[str, str]
    events: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What stands at most once in a history."""
        return (self.release, self.phase, self.environment)


def held(releases: Sequence[Release]) -> int:
    """How many of the last releases in a row passed, kept their score and were not rolled back."""
    count = 0
    for one in reversed(releases):
        if not one.kept or one.events:
            break
        count += 1
    return count


def with_release(releases: Iterable[Release], new: Release) -> tuple[Release, ...]:
    """The history with a release added or judged anew; the oldest fall out beyond the bound."""
    listed = list(releases)
    before = next((one for one in listed if one.key == new.key), None)
    if before is None:
        return tuple([*listed, new][-LONGEST:])
    again = replace(new, events=before.events)
    return tuple(again if one.key == new.key else one for one in listed)


def with_event(releases: Iterable[Release], release: str, event: Event) -> tuple[Release, ...]:
    """The history with an event noted at a release.

    Raises:
        HistoryError: If the release is not in it.
    """
    listed = list(releases)
    last = next((one for one in reversed(listed) if one.release == release), None)
    if last is None:
        known = ", ".join(sorted({one.release for one in listed})) or "none"
        raise HistoryError(f"there is no release {release}", remedy=f"There are: {known}.")
    return tuple(
        replace(one, events=(*one.events, event)) if one is last else one for one in listed
    )


def render(releases: Iterable[Release]) -> str:
    """The file's text."""
    rows: list[dict[str, Any]] = [{"schema": SCHEMA, "version": VERSION}]
    rows += [asdict(one) for one in releases]
    return "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows)


def parse(text: str, file: str) -> tuple[Release, ...]:
    """Read a history; every line must be usable.

    Args:
        text: Content of the file.
        file: Its name, for messages.

    Raises:
        HistoryError: If it is empty, cut off, of another schema or version, or if a line has a
            missing, unknown or wrongly typed key, or stands twice.
    """
    try:
        header, *rows = json_lines(text)
    except LineProblem as error:
        raise HistoryError(error.what, file=file, line=error.line, remedy=_REMEDY) from error
    if header != {"schema": SCHEMA, "version": VERSION} or isinstance(header["version"], bool):
        raise HistoryError(
            f'the first line must be {{"schema": "{SCHEMA}", "version": {VERSION}}}',
            file=file,
            line=1,
            remedy=_REMEDY,
        )
    releases = [_release(row, file, number) for number, row in enumerate(rows, start=2)]
    seen: set[tuple[str, str, str]] = set()
    for number, one in enumerate(releases, start=2):
        if one.key in seen:
            raise HistoryError(
                f"release {one.release} stands twice", file=file, line=number, remedy=_REMEDY
            )
        seen.add(one.key)
    return tuple(releases)


def _release(row: dict[str, Any], file: str, number: int) -> Release:
    wrong = sorted(set(Release.__dataclass_fields__).symmetric_difference(row))
    wrong = wrong or sorted(name for name, value in row.items() if not _fits(name, value))
    if wrong:
        raise HistoryError(
            f'key "{wrong[0]}" is missing, unknown or of the wrong type',
            file=file,
            line=number,
            remedy=_REMEDY,
        )
    score = row["score"]
    return Release(
        **row | {"score": None if score is None else tuple(score), "events": tuple(row["events"])}
    )


def _fits(name: str, value: Any) -> bool:
    if name == "score":
        return value is None or (
            isinstance(value, list)
            and [type(one) for one in value] == [int, int]
            and 0 <= value[0] <= value[1] > 0
        )
    if name == "gates":
        return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
    if name == "events":
        return isinstance(value, list) and all(one in EVENTS for one in value)
    return isinstance(value, bool if name == "kept" else str)
