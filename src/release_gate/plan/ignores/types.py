"""An ignored vulnerability, whichever tool was told so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_VULNERABILITY = re.compile(r"(CVE|GHSA|PYSEC|OSV|GO|RUSTSEC|SNYK|MAL|DSA|USN)-\S+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ignore:
    """One thing that a tool does not report.

    Args:
        rule: The vulnerability, or the id of another rule.
        package: Its package; empty where the tool was not told.
        path: Where; empty where the tool was not told.
        reason: As somebody wrote it; may be empty.
        until: The last day (UTC) that it holds; ``None``: for ever.
        line: One-based line of the file.
    """

    rule: str
    package: str = ""
    path: str = ""
    reason: str = ""
    until: date | None = None
    line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ignores:
    """What a file holds.

    Args:
        kept: What a waiver can say too.
        left: What it cannot, one sentence each.
    """

    kept: tuple[Ignore, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A file for another tool.

    Args:
        text: Of the file.
        left: Waivers that it cannot hold, and what of others it cannot say.
    """

    text: str
    left: tuple[str, ...] = ()


def is_vulnerability(rule: str) -> bool:
    """Whether an id is one of a database of vulnerabilities."""
    return _VULNERABILITY.fullmatch(rule) is not None


def last_day(moment: date | datetime) -> date:
    """The last whole day (UTC) before a moment at which something ends.

    Args:
        moment: A day means its beginning, as these tools take it; without a zone it is UTC.
    """
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware.astimezone(UTC) - timedelta(microseconds=1)).date()


def parse_moment(text: str) -> date | datetime | None:
    """A day or a time in ISO 8601; ``None`` if it is neither."""
    for parse in (date.fromisoformat, datetime.fromisoformat):
        try:
            return parse(text)
        except ValueError:
            continue
    return None
