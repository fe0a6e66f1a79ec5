"""The file of waivers: text to values. What cannot be used is refused, entry by entry.

Every complaint names the file, the line, the key and what to write instead. What depends on the
policy, on the day or on who wrote an entry is for the judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from release_gate.errors import ConfigError, WaiverError
from release_gate.model import Severity
from release_gate.plan.decoding import decode
from release_gate.plan.document import Document, parse_document
from release_gate.plan.suggest import did_you_mean
from release_gate.plan.toml_lines import KeyPath
from release_gate.plan.waiver_keys import ApproverKeys, WaiverKeys, WaiverPolicyKeys
from release_gate.plan.waiver_match import match_of
from release_gate.policy import Author, Waiver, WaiverBook, WaiverPolicy, same_person

FILE = "release-gate-waivers.toml"
TABLE = "waiver"
SHORTEST_REASON = 20
ID = re.compile(r"W-[0-9]{4}-[0-9]{3,}")
_ADDRESS = re.compile(r"https?://[^\s/]+(/\S*)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry(Document):
    """One ``[[waiver]]``, called by its id in messages."""

    name: str = ""

    def label(self, path: KeyPath = ()) -> str:
        """``waiver W-2026-001``, or by its position where it has no id."""
        inside = f"{path[0]} of " if path else ""
        return f"{inside}waiver {self.name}"

    def wrong(self, what: str, key: str, remedy: str) -> WaiverError:
        """An error at a key."""
        path = (key,) if key in self.values else ()
        return WaiverError(
            f'"{key}" in {self.label()} {what}',
            file=self.file,
            line=self.line(path),
            remedy=remedy,
        )


def parse_waivers(text: str, file: str = FILE) -> WaiverBook:
    """Read a file of waivers; every entry must be usable.

    Args:
        text: Content of the file.
        file: Its name, for messages.

    Raises:
        WaiverError: At the first mistake; its remedy says how many more there are.
    """
    book, errors = read_waivers(text, file)
    if errors:
        first = errors[0]
        if len(errors) > 1:
            more = f"{len(errors) - 1} more: release-gate waivers check lists them."
            first.remedy = f"{first.remedy} {more}".strip()
        raise first
    return book


def read_waivers(text: str, file: str = FILE) -> tuple[WaiverBook, tuple[WaiverError, ...]]:
    """The entries that can be used, and the first mistake of each of the others.

    Args:
        text: Content of the file.
        file: Its name, for messages.
    """
    try:
        entries = list(_entries(parse_document(text.removeprefix("\ufeff"), file)))
    except ConfigError as error:
        return WaiverBook(file=file), (_ours(error),)
    waivers: list[Waiver] = []
    errors: list[WaiverError] = []
    for entry in entries:
        try:
            waivers.append(_waiver(entry, waivers))
        except ConfigError as error:
            errors.append(_ours(error))
    return WaiverBook(file=file, waivers=tuple(waivers)), tuple(errors)


def with_authors(book: WaiverBook, by_line: Sequence[Author | None] | str) -> WaiverBook:
    """The waivers with who wrote them.

    Args:
        book: As read.
        by_line: Author of each line of the file, ``None`` where nobody can say; or why nobody
            can say of any.
    """
    return replace(book, waivers=tuple(_signed(one, by_line) for one in book.waivers))


def waiver_policy(keys: WaiverPolicyKeys) -> WaiverPolicy:
    """Who may approve waivers, and for how long, as the configuration says."""
    said = keys.approvers
    every = said if isinstance(said, ApproverKeys) else _everywhere(said)
    severities = (Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO)
    named = {one: getattr(every, one.value) for one in severities}
    return WaiverPolicy(
        approvers={one: people for one, people in named.items() if people},
        max_days={one: getattr(keys.max_days, one.value) for one in severities},
        warn_days=keys.warn_days,
        strict=keys.strict,
    )


def _everywhere(people: tuple[str, ...]) -> ApproverKeys:
    return ApproverKeys(high=people, medium=people, low=people, info=people)


def _signed(waiver: Waiver, by_line: Sequence[Author | None] | str) -> Waiver:
    if isinstance(by_line, str):
        return replace(waiver, authors=None, unknown_author=by_line)
    authors = [by_line[at - 1] if at <= len(by_line) else None for at in waiver.lines]
    known = [one for one in authors if one is not None]
    if len(known) != len(authors) or not known:
        why = (
            "git does not know the author of each of its lines (commit them; "
            "fetch the whole history of a shallow clone)"
        )
        return replace(waiver, authors=None, unknown_author=why)
    return replace(waiver, authors=tuple(dict.fromkeys(known)))


def _entries(document: Document) -> Iterator[Entry]:
    for key in document.values:
        if key != TABLE:
            raise WaiverError(
                f'unknown key "{key}"{did_you_mean(key, [TABLE])}',
                file=document.file,
                line=document.line((key,)),
                remedy=f"The file holds entries [[{TABLE}]] and nothing else.",
            )
    tables = document.values.get(TABLE, [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise WaiverError(
            f'"{TABLE}" must be a list of tables',
            file=document.file,
            line=document.line((TABLE,)),
            remedy=f"Begin each entry with the line [[{TABLE}]].",
        )
    for at, values in enumerate(tables):
        said = values.get("id")
        yield Entry(
            file=document.file,
            values=values,
            lines=document.lines,
            prefix=(TABLE, at),
            name=said if isinstance(said, str) and said.strip() else f"number {at + 1}",
        )


def _waiver(entry: Entry, earlier: Sequence[Waiver]) -> Waiver:
    _refuse_empty(entry)
    keys = decode(entry, WaiverKeys)
    _check_id(entry, keys, earlier)
    _check_words(entry, keys)
    created, expires = _day(entry, "created"), _day(entry, "expires")
    if expires < created:
        raise entry.wrong(
            f"is before {created.isoformat()}, its beginning", "expires", "Write a later day."
        )
    places = {at for path, at in entry.lines.items() if path[:2] == entry.prefix}
    return Waiver(
        id=keys.id,
        type=keys.type,
        gate=keys.gate,
        match=match_of(entry, keys.match),
        environments=keys.environments or (),
        reason=keys.reason,
        mitigation=keys.mitigation or "",
        owner=keys.owner.strip(),
        approver=keys.approver.strip(),
        created=created,
        expires=expires,
        max_count=keys.max_count,
        max_severity=Severity(keys.max_severity),
        tracking=keys.tracking or "",
        line=entry.line(),
        lines=tuple(sorted(places)),
    )


def _refuse_empty(entry: Entry) -> None:
    """A draft: whoever took it over from elsewhere has not said everything."""
    empty = [key for key, value in entry.values.items() if isinstance(value, str) and not value]
    if empty:
        rest = f", and so are {', '.join(empty[1:])}" if len(empty) > 1 else ""
        raise entry.wrong(f"is empty{rest}", empty[0], "Fill it in, or take the entry out.")


def _check_id(entry: Entry, keys: WaiverKeys, earlier: Sequence[Waiver]) -> None:
    if not ID.fullmatch(keys.id):
        raise entry.wrong("is no id", "id", "Write W, the year and a number, as W-2026-001.")
    twin = next((one for one in earlier if one.id == keys.id), None)
    if twin is not None:
        raise entry.wrong(
            f"is the id of the entry on line {twin.line} too", "id", "Give one of them another."
        )


def _check_words(entry: Entry, keys: WaiverKeys) -> None:
    length = len(" ".join(keys.reason.split()))
    if length < SHORTEST_REASON:
        raise entry.wrong(
            f"has {length} characters, {SHORTEST_REASON} are the least",
            "reason",
            "Say why it may be so, for somebody who reads it in half a year.",
        )
    if keys.type == "risk-accepted" and keys.mitigation is None:
        raise entry.wrong(
            'is missing: type "risk-accepted" needs it',
            "mitigation",
            "Say what keeps the damage small until it is mended.",
        )
    if same_person(keys.owner, keys.approver):
        raise entry.wrong(
            f"is {keys.approver}, who is its owner", "approver", "Somebody else has to approve it."
        )
    if keys.tracking is not None and not _ADDRESS.fullmatch(keys.tracking):
        raise entry.wrong("is no address", "tracking", "Write it as https://example.com/issues/7.")


def _day(entry: Entry, key: str) -> date:
    value = entry.values[key]
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise entry.wrong(
        f"is not a date: {value!s}",
        key,
        f"Write a day of the UTC calendar without quotes and without a time: {key} = 2026-11-21",
    )


def _ours(error: ConfigError) -> WaiverError:
    if isinstance(error, WaiverError):
        return error
    place = f"{error.file}:{error.line}: " if error.line else f"{error.file}: "
    what = error.what.removeprefix(place)
    said = "" if "did you mean" in what else "reference/waivers.md lists every key."
    return WaiverError(what, file=error.file, line=error.line, remedy=error.remedy or said)
