"""``match`` of a waiver: which findings it names, and never all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from release_gate.errors import WaiverError
from release_gate.plan.waiver_keys import MatchKeys
from release_gate.policy import Match

if TYPE_CHECKING:
    from release_gate.plan.waivers import Entry

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_WILD = re.compile(r"[*?]")
_PARTS = re.compile(r"[/.]")
_URL = re.compile(r"([A-Z]+ )?/\S*")
_HOW = "Write { fingerprint = … }, or { rule = … } with one of path, package, resource or url."


def match_of(entry: Entry, keys: MatchKeys) -> Match:
    """What an entry matches.

    Args:
        entry: The whole entry, for messages.
        keys: Its key ``match``.

    Raises:
        WaiverError: If it names nothing, or could name anything.
    """
    named = {one: getattr(keys, one) for one in keys.__struct_fields__}
    match = Match(**{key: value.strip() for key, value in named.items() if value is not None})
    for what, remedy in _complaints(match):
        raise _wrong(entry, what, remedy)
    return match


def _complaints(match: Match) -> Iterator[tuple[str, str]]:
    if match.fingerprint:
        yield from _of_fingerprint(match)
        return
    if not match.rule or len(match.parts()) == 1:
        yield "names neither a fingerprint nor a rule and where", _HOW
    yield from _wildcards(match)
    if match.path.startswith("/") or "\\" in match.path or ".." in match.path.split("/"):
        yield 'has a "path" that leads out', "Write it from the root on, with / between its parts."
    if match.url and not _URL.fullmatch(match.url):
        yield 'has a "url" that is no path', "Write /orders/{id} or GET /orders/{id}, without host."


def _of_fingerprint(match: Match) -> Iterator[tuple[str, str]]:
    if len(match.parts()) > 1:
        yield "has a fingerprint and more", "A fingerprint says it all: leave the rest out."
    if not _FINGERPRINT.fullmatch(match.fingerprint):
        yield (
            "has a fingerprint that is not 64 digits of 0-9 and a-f",
            "gate.json has it, and release-gate waive writes it.",
        )


def _wildcards(match: Match) -> Iterator[tuple[str, str]]:
    parts = match.parts()
    for key in ("rule", "package", "url"):
        if _WILD.search(parts.get(key, "")):
            yield f'has a wildcard in "{key}"', f"Write one {key}, whole."
    for key in ("path", "resource"):
        if key in parts and not _has_a_name(parts[key]):
            yield f'has a bare wildcard as "{key}"', f"Name at least one part of the {key}."


def _has_a_name(pattern: str) -> bool:
    """Whether some part of it, between slashes, has no wildcard in it."""
    separator = "/" if "/" in pattern else None
    parts = pattern.split(separator) if separator else _PARTS.split(pattern)
    whole = [one for one in parts if one.strip(".") and not _WILD.search(one)]
    # A file at the top has an ending, which alone is no name: *.py
    return bool(whole) and not (separator is None and _WILD.match(pattern))


def _wrong(entry: Entry, what: str, remedy: str) -> WaiverError:
    return WaiverError(
        f'"match" in {entry.label()} {what}',
        file=entry.file,
        line=entry.line(("match",)),
        remedy=remedy,
    )
