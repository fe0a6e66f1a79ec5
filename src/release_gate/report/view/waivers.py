"""Waivers in words: what is excused, by whom, until when; and what no longer is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from release_gate.judge.types import GateResult, WaiverStatus, WaiverUse
from release_gate.report.clean import one_line

# What a gate's line says of a waiver that covers nothing; nothing where that is as it should be.
_WORDS: Mapping[WaiverStatus, str] = {
    WaiverStatus.EXPIRED: "ended on {expires}",
    WaiverStatus.NOT_YET: "begins on {created}",
    WaiverStatus.UNUSABLE: "cannot be used",
    WaiverStatus.CONFLICT: "meets another",
    WaiverStatus.TOO_MANY: "names too many",
    WaiverStatus.NOT_COVERING: "covers nothing",
    WaiverStatus.NOT_NEEDED: "is not needed",
    WaiverStatus.NO_MATCH: "matches nothing",
}
COLUMNS = ("waiver", "covers", "ends", "type", "owner", "approver", "reason", "tracking", "note")


def ends(days_left: int) -> str:
    """``ends in 12 days``."""
    if days_left < 0:
        return f"ended {_days(-days_left)} ago"
    return f"ends in {_days(days_left)}" if days_left else "ends today"


def nearest(uses: Iterable[WaiverUse]) -> WaiverUse | None:
    """Of those that cover something, the one that ends first."""
    covering = [one for one in uses if one.findings]
    return min(covering, key=lambda one: (one.days_left, one.id), default=None)


def notes(gate: GateResult) -> Iterator[str]:
    """What is wrong with its waivers, for the gate's line."""
    for one in gate.waivers:
        if one.status in _WORDS:
            said = _WORDS[one.status].format(expires=one.expires, created=one.created)
            yield one_line(f"{one.id} {said}")


def excuse(waiver_id: str | None, uses: Sequence[WaiverUse]) -> str:
    """``W-2026-001 until 2026-12-21: why``; empty where nothing is waived."""
    if waiver_id is None:
        return ""
    use = next((one for one in uses if one.id == waiver_id), None)
    if use is None:
        return one_line(waiver_id)
    mitigation = f" (meanwhile: {use.mitigation})" if use.mitigation else ""
    return one_line(f"{use.id} until {use.expires}: {use.reason}{mitigation}")


def rows(gate: GateResult) -> list[tuple[str, ...]]:
    """A row for each waiver, under :data:`COLUMNS`."""
    return [
        (
            one.id,
            str(one.findings),
            f"{one.expires} ({ends(one.days_left)})",
            one.type,
            one.owner,
            one.approver,
            one.reason + (f" (meanwhile: {one.mitigation})" if one.mitigation else ""),
            one.tracking,
            one.note,
        )
        for one in gate.waivers
    ]


def _days(count: int) -> str:
    return f"{count:,} day" if count == 1 else f"{count:,} days"
