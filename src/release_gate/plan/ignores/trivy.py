"""Trivy: ``.trivyignore``, an id a line, and ``.trivyignore.yaml``.

Format: https://trivy.dev/latest/docs/configuration/filtering/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from release_gate.errors import ConfigError
from release_gate.plan.ignores.types import Ignore, Ignores, Written, last_day, parse_moment
from release_gate.plan.ignores.yaml_text import Node, parse_yaml
from release_gate.policy import Waiver

_LINE = re.compile(r"(?P<id>[^\s#]+)(?:\s+exp:(?P<until>\S+))?\s*(?:#(?P<comment>.*))?")
_SECTIONS = ("vulnerabilities", "misconfigurations")
_KEYS = frozenset({"id", "paths", "purls", "statement", "expired_at"})
_PURL_NAME = re.compile(r"^pkg:[^/]+/(?P<name>[^@?#]+)$")


def read(text: str, file: str) -> Ignores:
    """The ids of a ``.trivyignore``; comments right above one are its reason.

    Args:
        text: Of the file.
        file: Its name, for messages.

    Raises:
        ConfigError: If a line cannot be read.
    """
    kept: list[Ignore] = []
    above: list[str] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line:
            above = []
        elif line.startswith("#"):
            above.append(line.lstrip("# "))
        else:
            kept.append(_one(line, file, number, " ".join(above)))
            above = []
    return Ignores(kept=tuple(kept))


def _one(line: str, file: str, number: int, above: str) -> Ignore:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ConfigError(f"cannot be read: {line}", file=file, line=number)
    reason = " ".join(filter(None, (above, (found["comment"] or "").strip())))
    until = _until(found["until"] or "", file, number)
    return Ignore(rule=found["id"], reason=reason, until=until, line=number)


def _until(text: str, file: str, line: int) -> date | None:
    if not text:
        return None
    moment = parse_moment(text)
    if moment is None:
        raise ConfigError(f"is no date: {text}", file=file, line=line)
    return last_day(moment)


def read_yaml(text: str, file: str) -> Ignores:
    """What a ``.trivyignore.yaml`` holds.

    Args:
        text: Of the file.
        file: Its name, for messages.

    Raises:
        ConfigError: If it is no YAML, or an entry has no id.
    """
    root = parse_yaml(text, file)
    if not root.table():
        raise ConfigError("it has no sections", file=file, line=root.line)
    kept: list[Ignore] = []
    left: list[str] = []
    for section, entries in root.table().items():
        for entry in entries.items():
            if not entry.text("id"):
                raise ConfigError("an entry has no id", file=file, line=entry.line)
            why = _inexpressible(section, entry)
            if why:
                left.append(f"{file}:{entry.line}: {entry.text('id')}: {why}")
            else:
                kept += _ignores(entry, file)
    return Ignores(kept=tuple(kept), left=tuple(left))


def _inexpressible(section: str, entry: Node) -> str:
    if section == "secrets":
        return "a secret is waived by its fingerprint alone"
    if section not in _SECTIONS:
        return f"{section} are not waived by id"
    if further := sorted(entry.table().keys() - _KEYS):
        return f"{further[0]} narrows it, and a waiver cannot say that"
    purls = [str(one.value) for one in entry.table().get("purls", _NONE).items()]
    if any(not _PURL_NAME.match(one) for one in purls):
        return "a purl with a version narrows it, and a waiver cannot say that"
    paths = entry.table().get("paths", _NONE).items()
    if purls and paths:
        return "paths and purls at once"
    return ""


def _ignores(entry: Node, file: str) -> Iterator[Ignore]:
    until_node = entry.table().get("expired_at", entry)
    until = _until(entry.text("expired_at"), file, until_node.line)
    purls = [str(one.value) for one in entry.table().get("purls", _NONE).items()]
    paths = [str(one.value) for one in entry.table().get("paths", _NONE).items()]
    for package, path in [(p, "") for p in purls] + [("", p) for p in paths] or [("", "")]:
        yield Ignore(
            rule=entry.text("id"),
            package=package,
            path=path,
            reason=entry.text("statement"),
            until=until,
            line=entry.line,
        )


_NONE = Node(line=0, value=None)


def write(waivers: Sequence[Waiver]) -> Written:
    """A ``.trivyignore``.

    Args:
        waivers: In force.
    """
    lines, left = [], []
    for one in waivers:
        if not one.match.rule or one.match.path or one.match.resource or one.match.url:
            left.append(f"{one.id}: .trivyignore ignores by id alone")
            continue
        until = (one.expires + timedelta(days=1)).isoformat()
        lines.append(f"# {one.id}: {' '.join(one.reason.split())}\n{one.match.rule} exp:{until}\n")
    return Written(text="".join(lines), left=tuple(left))
