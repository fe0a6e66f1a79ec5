"""Where advisories come from in one run: an archive or the live service."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from release_gate.errors import ConfigError
from release_gate.model import Limitation
from release_gate.subjects.advisories.archive import Archive, load
from release_gate.subjects.advisories.ranges import parsed
from release_gate.subjects.advisories.server import Source
from release_gate.subjects.advisories.service import Service

VARIABLE = "RELEASE_GATE_ADVISORIES"
AGE_VARIABLE = "RELEASE_GATE_ADVISORIES_MAX_AGE"
ANY_AGE = "any"
_AGE = re.compile(r"(?P<count>[1-9]\d*)(?P<unit>[hd])")

# Old releases with vulnerabilities that have been public for years. A source that
# knows nothing of them has no data.
KNOWN_VULNERABLE = (
    ("jinja2", "2.4.1"),
    ("django", "1.2"),
    ("pyyaml", "3.13"),
    ("requests", "2.2.1"),
    ("urllib3", "1.24"),
)
Question = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A source that is ready to be asked.

    Args:
        source: Answers questions.
        note: What it is and of when, for the gate's line.
        version: Which data it is: date and digest of an archive, address of a service.
        called: What it is called in messages.
        canary: A question that it must answer with a vulnerability, about none of the
            given packages; ``None`` if it has no other.
        limitations: What caps the verdict, such as its age.
        close: Ends its connections.
    """

    source: Source
    note: str
    version: str
    called: str
    canary: Callable[[Collection[str]], Question | None]
    limitations: tuple[Limitation, ...] = ()
    close: Callable[[], None] = lambda: None


def parse_age(text: str) -> timedelta | None:
    """A limit on age such as ``7d`` or ``12h``; ``None`` for ``any``.

    Raises:
        ValueError: If it is none.
    """
    if text == ANY_AGE:
        return None
    match = _AGE.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is no age: write it as 7d, 12h or any')
    count = int(match["count"])
    return timedelta(hours=count) if match["unit"] == "h" else timedelta(days=count)


def location(setting: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """The archive in force and where it was set; empty for the live service."""
    variable = environment.get(VARIABLE, "").strip()
    if variable:
        return variable, VARIABLE
    return setting, "advisories" if setting else ""


def max_age(setting: str, environment: Mapping[str, str]) -> timedelta | None:
    """The limit on an archive's age in force; ``None``: any age.

    Raises:
        ConfigError: If the variable holds no age.
    """
    variable = environment.get(AGE_VARIABLE, "").strip()
    try:
        return parse_age(variable or setting)
    except ValueError as error:
        raise ConfigError(f"{AGE_VARIABLE}: {error}") from error


def open_archive(path: Path, *, limit: timedelta | None, now: datetime) -> Opened:
    """An archive of OSV records.

    Args:
        path: A zip or a folder.
        limit: How old its newest record may be; ``None``: any age, said in the note.
        now: The moment to judge its age at.

    Raises:
        ToolProblem: If it cannot be used.
    """
    archive = load(path, now=now)
    date = archive.newest.date().isoformat()
    return Opened(
        source=archive,
        note=f"fixed archive of {date}" if limit is None else f"advisories of {date}",
        version=f"archive of {date}, {archive.records} records, {archive.digest[:12]}",
        called=f"the archive {archive.name}",
        canary=lambda taken: _example(archive, taken),
        limitations=_too_old(archive, limit, now),
    )


def open_service(url: str) -> Opened:
    """The live service.

    Args:
        url: Address of its ``query`` call.

    Raises:
        ConfigError: If it is no address.
    """
    if not re.fullmatch(r"https?://[^\s/@]+/\S*", url):
        raise ConfigError(
            f"osv-url: {url!r} is no address of a query call",
            remedy="Write it as https://host/v1/query, without credentials.",
        )
    service = Service(url)
    return Opened(
        source=service,
        note="live advisories",
        version=f"live, {url}",
        called=f"the advisory source {url}",
        canary=_known,
        close=service.close,
    )


def _too_old(archive: Archive, limit: timedelta | None, now: datetime) -> tuple[Limitation, ...]:
    age = now - archive.newest
    if limit is None or age <= limit:
        return ()
    return (
        Limitation(
            name="advisories-too-old",
            detail=(
                f"the newest advisory of {archive.name} is of {archive.newest.date()}, "
                f"{age.days} days ago; advisories-max-age allows {_shown(limit)}"
            ),
        ),
    )


def _shown(limit: timedelta) -> str:
    hours = limit // timedelta(hours=1)
    return f"{limit.days} days" if hours % 24 == 0 else f"{hours} hours"


def _example(archive: Archive, taken: Collection[str]) -> Question | None:
    for name in sorted(set(archive.by_package) - set(taken)):
        for advisory in archive.by_package[name]:
            usable = sorted(one for one in advisory.versions if parsed(one) is not None)
            starts = [
                e.version for r in advisory.ranges for e in r.events if e.kind == "introduced"
            ]
            for version in (*usable, *starts):
                if advisory.affects(version):
                    return name, version
    return None


def _known(taken: Collection[str]) -> Question | None:
    return next((one for one in KNOWN_VULNERABLE if one[0] not in taken), None)
