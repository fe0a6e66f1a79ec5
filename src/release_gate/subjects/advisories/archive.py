"""An archive of OSV records: a zip as OSV publishes one for each ecosystem, or a folder of JSON.

Layout: one record a file, named ``ID.json`` (https://google.github.io/osv.dev/data/).
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from release_gate.errors import ToolProblem
from release_gate.subjects.advisories.osv import (
    ECOSYSTEM,
    Advisory,
    Record,
    RecordProblem,
    advisories,
    decode,
)

_REMEDY = (
    "Download the PyPI archive of OSV again (all.zip), or set `advisories` and "
    "RELEASE_GATE_ADVISORIES to another one."
)
_LARGEST = 32 * 1024 * 1024
_NAMED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Archive:
    """A whole archive, indexed by package.

    Args:
        name: File name, for people.
        by_package: Advisories by normalised package name.
        records: How many records it holds, withdrawn ones included.
        withdrawn: How many of them are withdrawn and left out.
        newest: The latest date of all records: the data's date.
        digest: SHA-256 over names and contents of the records.
    """

    name: str
    by_package: Mapping[str, tuple[Advisory, ...]]
    records: int
    withdrawn: int
    newest: datetime
    digest: str

    def affecting(self, package: str, version: str) -> tuple[Advisory, ...]:
        """The advisories for one version of a package, by its normalised name."""
        return tuple(one for one in self.by_package.get(package, ()) if one.affects(version))


def load(path: Path, *, now: datetime, name: str = "") -> Archive:
    """Read an archive; every record must be usable.

    Args:
        path: A zip file or a folder.
        now: Dates later than this are none.
        name: How to call it in messages; default: its file name.

    Raises:
        ToolProblem: If it is missing, empty, cut off, no archive, or holds a broken record
            or no record about a Python package.
    """
    shown = name or path.name
    if path.is_dir():
        contents = _of_folder(path, shown)
    elif path.is_file():
        contents = _of_zip(path, shown)
    else:
        raise _problem(f"the archive of advisories {shown} does not exist")
    return _indexed(contents, shown, now)


def _of_folder(path: Path, shown: str) -> Iterator[tuple[str, bytes]]:
    files = sorted(one for one in path.rglob("*.json") if one.is_file())
    for file in files:
        try:
            yield file.relative_to(path).as_posix(), file.read_bytes()
        except OSError as error:
            raise _problem(f"{file.name} in {shown} cannot be read: {error.strerror}") from error


def _of_zip(path: Path, shown: str) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if one.filename.endswith(".json")]
            for member in sorted(members, key=lambda one: one.filename):
                if member.file_size > _LARGEST:
                    raise _problem(f"{member.filename} in {shown} is too large for a record")
                yield member.filename, archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _problem(
            f"the archive of advisories {shown} is cut off or no zip: {error}"
        ) from error
    except OSError as error:
        raise _problem(f"the archive of advisories {shown} cannot be read: {error}") from error


def _indexed(contents: Iterator[tuple[str, bytes]], shown: str, now: datetime) -> Archive:
    by_package: dict[str, list[Advisory]] = defaultdict(list)
    hasher = hashlib.sha256()
    broken: list[str] = []
    newest: datetime | None = None
    records = withdrawn = 0
    for file, content in contents:
        hasher.update(f"{len(file)}:{file}{len(content)}:".encode() + content)
        try:
            record = decode(content)
        except RecordProblem as error:
            broken.append(f"{file} ({error})")
            continue
        records += 1
        withdrawn += record.withdrawn is not None
        newest = max(filter(None, (newest, _dated(record, now))), default=None)
        for advisory in advisories(record):
            by_package[advisory.package].append(advisory)
    if broken:
        raise _problem(_broken(broken, shown))
    if not records:
        raise _problem(f"the archive of advisories {shown} holds no record")
    if not by_package:
        raise _problem(f"the archive of advisories {shown} holds no advisory for {ECOSYSTEM}")
    if newest is None:
        raise _problem(f"no record of {shown} has a date: its age cannot be judged")
    return Archive(
        name=shown,
        by_package={
            name: tuple(sorted(rows, key=lambda a: a.id)) for name, rows in by_package.items()
        },
        records=records,
        withdrawn=withdrawn,
        newest=newest,
        digest=hasher.hexdigest(),
    )


def _dated(record: Record, now: datetime) -> datetime | None:
    """The latest usable date of a record; published archives hold a few that are none."""
    dates = [moment(text) for text in (record.modified, record.published) if text]
    return max((date for date in dates if date is not None and date <= now), default=None)


def moment(text: str) -> datetime | None:
    """A time of RFC 3339, aware, in UTC; ``None`` if it is none."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value.astimezone(UTC) if value.tzinfo is not None else None


def _broken(broken: list[str], shown: str) -> str:
    named = ", ".join(broken[:_NAMED])
    more = f" and {len(broken) - _NAMED} more" if len(broken) > _NAMED else ""
    return f"the archive of advisories {shown} holds broken records: {named}{more}"


def _problem(what: str) -> ToolProblem:
    return ToolProblem(what, remedy=_REMEDY)
