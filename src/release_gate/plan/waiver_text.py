"""Writing entries into the file of waivers: what stands there stays as it is, comments too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from release_gate.plan.document import parse_document
from release_gate.plan.waivers import TABLE, read_waivers

HEAD = """\
# Waivers of release-gate: exceptions with an owner, an approver and an end.
# docs: reference/waivers.md · release-gate waivers check
"""
_ID = re.compile(r"W-(?P<year>[0-9]{4})-(?P<number>[0-9]+)")
_ORDER = (
    "id",
    "type",
    "gate",
    "match",
    "environments",
    "max-severity",
    "max-count",
    "reason",
    "mitigation",
    "owner",
    "approver",
    "created",
    "expires",
    "tracking",
)


def next_id(text: str, year: int, taken: Iterable[str] = ()) -> str:
    """The first free id of a year; one that stands anywhere in the file is taken.

    Args:
        text: Of the file; ids in comments count, since that is where entries are retired.
        year: Of the entry.
        taken: Ids given to entries that are not written yet.
    """
    used = [found for source in (text, *taken) for found in _ID.finditer(source)]
    numbers = [int(one["number"]) for one in used if int(one["year"]) == year]
    return f"W-{year}-{max(numbers, default=0) + 1:03}"


def entry_text(values: Mapping[str, object], comments: Iterable[str] = ()) -> str:
    """One ``[[waiver]]`` as TOML.

    Args:
        values: By key; ``None`` leaves a key out.
        comments: Lines to put above it.
    """
    lines = [f"# {' '.join(line.split())}" for line in comments]
    lines.append(f"[[{TABLE}]]")
    known = [key for key in _ORDER if values.get(key) is not None]
    lines += [f"{key} = {toml_value(values[key])}" for key in known]
    return "\n".join(lines) + "\n"


def appended(text: str | None, entries: Iterable[str], file: str) -> str:
    """The file's text with entries at its end, in its own kind of line end.

    Args:
        text: Of the file; ``None`` where there is none yet.
        entries: As :func:`entry_text` makes them.
        file: Its name, for messages.

    Raises:
        WaiverError: If the file cannot be read, or a new entry could not be used as it stands
            (a draft aside, which says so by what it leaves empty).
    """
    before = HEAD if text is None else text
    end = "\r\n" if "\r\n" in before else "\n"
    gap = "" if not before or before.endswith("\n") else end
    new = "".join(f"\n{entry}" for entry in entries).replace("\n", end)
    parse_document(before.removeprefix("\ufeff"), file)
    return f"{before}{gap}{new}"


def refused(text: str | None, new: str, file: str) -> Iterator[Exception]:
    """What is wrong with a file after a change that was not wrong with it before.

    Args:
        text: Of the file before.
        new: Of the file after.
        file: Its name.
    """
    _, old = read_waivers(text or "", file)
    known = {str(one) for one in old}
    _, errors = read_waivers(new, file)
    yield from (one for one in errors if str(one) not in known)


def toml_value(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key} = {toml_value(one)}" for key, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_value(one) for one in value)}]"
    # JSON's strings are TOML's, but for DEL, which TOML wants escaped.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
