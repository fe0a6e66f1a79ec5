"""Whether a lock is in step with the project file, judged from the texts alone.

No resolver is asked and no network used: a lock that remembers what it was made
from (uv, poetry) is compared with what the project asks for now; any other must
hold every direct dependency in a version that the project allows.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from release_gate.model import Finding, Identity, Severity
from release_gate.subjects.locks.asked import Wanted
from release_gate.subjects.locks.types import Lock, LockProblem

_POETRY_KEYS = ("dependencies", "source", "extras", "dev-dependencies")
_PROJECT_KEYS = ("requires-python", "dependencies", "optional-dependencies")
_POETRY_HASHES_GROUPS = Version("2.3")
_EXTRA = re.compile(r"""\bextra\s*==\s*["'](?P<name>[^"']+)["']""")
_REMEDIES = {
    "uv": "uv lock",
    "poetry": "poetry lock",
    "pylock": "write the lock anew from the project file",
    "requirements": "write the lock anew from the project file",
}


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Deviation:
    """One way in which a lock is out of step: the package or part, and what differs."""

    what: str
    how: str


def uv(lock: Lock, wanted: Wanted, pyproject: Mapping[str, Any]) -> tuple[Deviation, ...]:
    """A ``uv.lock`` against the requirements it remembers.

    Args:
        lock: The lock.
        wanted: What the project asks for.
        pyproject: The parsed project file, for uv's own tables.
    """
    remembered = next((one for one in lock.asked if one.package == wanted.name), None)
    if remembered is None:
        return (Deviation(what=wanted.name or "the project", how="is not in the lock"),)
    deviations: list[Deviation] = []
    if not wanted.is_dynamic:
        now = {_key(one, "") for one in wanted.requires}
        now |= {_key(one, extra) for extra, rows in wanted.extras.items() for one in rows}
        then = {_key(one, _extra(one)) for one in _parsed(remembered.requires, lock)}
        deviations += _differences(now, then, "")
    groups: dict[str, set[_Key]] = {
        name: {_key(one, "") for one in rows} for name, rows in wanted.groups.items()
    }
    tool = pyproject.get("tool", {}).get("uv", {})
    legacy = {_key(Requirement(one), "") for one in tool.get("dev-dependencies", ())}
    if legacy:
        groups["dev"] = groups.get("dev", set()) | legacy
    locked: dict[str, set[_Key]] = {
        canonicalize_name(name): {_key(one, "") for one in _parsed(rows, lock)}
        for name, rows in remembered.groups.items()
    }
    for name in sorted({*groups, *locked}):
        deviations += _differences(groups.get(name, set()), locked.get(name, set()), name)
    return (*deviations, *_python(lock, pyproject))


def poetry(lock: Lock, pyproject: Mapping[str, Any]) -> tuple[Deviation, ...]:
    """A ``poetry.lock`` by the hash of what it was made from.

    Until release 2.3 poetry left dependency groups out of the hash, and still accepts that
    from a lock that an older release wrote.

    Args:
        lock: The lock.
        pyproject: The parsed project file.
    """
    groups = pyproject.get("dependency-groups", {})
    accepted = {_poetry_hash(pyproject, groups)}
    made_by = _version(lock.made_by)
    if made_by is not None and made_by < _POETRY_HASHES_GROUPS:
        accepted.add(_poetry_hash(pyproject, {}))
    if lock.content_hash in accepted:
        return ()
    return (Deviation(what="content-hash", how="is not that of the project file"),)


def pinned(locks: Sequence[Lock], wanted: Wanted) -> tuple[tuple[Lock, Deviation], ...]:
    """Locks that remember nothing: every direct dependency is pinned as the project allows.

    A dependency may stand in any of the locks; those of extras and groups may be absent.
    Where one has a marker it may be absent as well.

    Args:
        locks: All locks of this sort, the first one is named for what is missing.
        wanted: What the project asks for.
    """
    versions = [(lock, pin.name, pin.version) for lock in locks for pin in lock.pins]
    unpinned = {one.name for lock in locks for one in lock.unpinned}
    present = {name for _, name, _ in versions} | unpinned
    missing = [
        (locks[0], Deviation(what=_name(one), how="is required and not in the lock"))
        for one in wanted.requires
        if _name(one) not in present and one.marker is None and _name(one) != wanted.name
    ]
    optional = [*wanted.extras.values(), *wanted.groups.values()]
    wrong = [
        (lock, Deviation(what=name, how=f"{version} is pinned, {one} is required"))
        for one in (*wanted.requires, *(row for rows in optional for row in rows))
        for lock, name, version in versions
        if _name(one) == name and not _allows(one, version, locks, name)
    ]
    return tuple(dict.fromkeys((*missing, *wrong)))


def finding(lock: Lock, deviation: Deviation, file: str) -> Finding:
    """The finding for one deviation.

    Args:
        lock: The lock that is out of step.
        deviation: How.
        file: The project file.
    """
    return Finding(
        tool="release-gate",
        rule_id="lock-out-of-step",
        severity=Severity.HIGH,
        message=f"{deviation.what} {deviation.how}",
        identity=Identity(kind="item", key=(lock.path, deviation.what, deviation.how)),
        path=lock.path,
        why=f"What was audited is not what {file} asks for: the next lock ships something else.",
        fix=_REMEDIES.get(lock.kind, ""),
    )


_Key = tuple[str, str, tuple[str, ...], str]


def _key(one: Requirement, extra: str) -> _Key:
    """A requirement as far as two writings of it must agree.

    Markers are left out but for the extra: uv simplifies them by the supported Pythons.
    """
    specifier = "" if one.url else str(one.specifier)
    return (_name(one), specifier, tuple(sorted(map(canonicalize_name, one.extras))), extra)


def _name(one: Requirement) -> str:
    return canonicalize_name(one.name)


def _extra(one: Requirement) -> str:
    """The extra that a remembered requirement belongs to, from its marker."""
    found = _EXTRA.search(str(one.marker or ""))
    return canonicalize_name(found["name"]) if found else ""


def _parsed(rows: Iterable[str], lock: Lock) -> Iterator[Requirement]:
    for row in rows:
        try:
            yield Requirement(row)
        except InvalidRequirement as error:
            raise LockProblem(f"no requirement: {row}", path=lock.path) from error


def _differences(now: set[_Key], then: set[_Key], group: str) -> list[Deviation]:
    # uv leaves the specifier away where a source of its own replaces the index.
    sourced = {(name, extras, extra) for name, specifier, extras, extra in then if not specifier}
    added = sorted(key for key in now - then if (key[0], *key[2:]) not in sourced)
    names_now = {(name, extras, extra) for name, _, extras, extra in now}
    gone = sorted(key for key in then - now if key[1] or (key[0], *key[2:]) not in names_now)
    place = f" in group {group}" if group else ""
    return [
        *(
            Deviation(what=_text(key), how=f"is required{place} and not what was locked")
            for key in added
        ),
        *(
            Deviation(what=_text(key), how=f"was locked{place} and is not required like that")
            for key in gone
        ),
    ]


def _text(key: _Key) -> str:
    name, specifier, extras, extra = key
    shown = f"{name}[{','.join(extras)}]" if extras else name
    return f"{shown}{specifier}" + (f" (extra {extra})" if extra else "")


def _python(lock: Lock, pyproject: Mapping[str, Any]) -> tuple[Deviation, ...]:
    wanted = pyproject.get("project", {}).get("requires-python")
    if not wanted or not lock.requires_python or len(lock.asked) > 1:
        return ()  # members of a workspace narrow it together
    if SpecifierSet(wanted) == SpecifierSet(lock.requires_python):
        return ()
    return (
        Deviation(
            what="requires-python",
            how=f"is {wanted} and was {lock.requires_python} when it was locked",
        ),
    )


def _allows(one: Requirement, version: str, locks: Sequence[Lock], name: str) -> bool:
    if one.specifier.contains(version, prereleases=True):
        return True
    # A requirement for other platforms may be met by another pin of the same package.
    return one.marker is not None and any(
        one.specifier.contains(pin.version, prereleases=True)
        for lock in locks
        for pin in lock.pins
        if pin.name == name
    )


def _version(text: str | None) -> Version | None:
    try:
        return Version(text or "")
    except InvalidVersion:
        return None


def _poetry_hash(pyproject: Mapping[str, Any], groups: Mapping[str, Any]) -> str:
    project = pyproject.get("project", {})
    tool = pyproject.get("tool", {}).get("poetry", {})
    content = _poetry_content(project, groups, tool)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _poetry_content(
    project: Mapping[str, Any], groups: Mapping[str, Any], tool: Mapping[str, Any]
) -> dict[str, Any]:
    of_project = {key: project[key] for key in _PROJECT_KEYS if project.get(key) is not None}
    of_tool = {key: tool.get(key) for key in _POETRY_KEYS}
    if of_project or groups:
        of_tool = {key: value for key, value in of_tool.items() if value is not None}
    if tool.get("group") is not None:
        of_tool["group"] = tool["group"]
    if not of_project and not groups:
        return of_tool
    content: dict[str, Any] = {"tool": {"poetry": of_tool}}
    if of_project:
        content["project"] = of_project
    if groups:
        content["dependency-groups"] = groups
    return content
