"""Where variables come from: the process, and files that say what a deployment gets."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

from release_gate.redact import secrets_of
from release_gate.subjects.probes.contract import ProbeProblem, ProbeWorld, Unreadable
from release_gate.subjects.probes.jsons import parse

_ASSIGNMENT = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(?P<value>.*)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_COMMENT = re.compile(r"\s+#.*$")

T = TypeVar("T", bound=Collection[Any])


class Variables:
    """Variables by name; ``production:NAME`` is the one of the file called ``production``.

    Args:
        world: Whose environment is meant by a name alone.
        files: Path, relative to the project, by the name it is called.

    Raises:
        ProbeProblem: If a file is missing, empty or cannot be read.
    """

    def __init__(self, world: ProbeWorld, files: Mapping[str, str]) -> None:
        self._sets: dict[str, Mapping[str, str]] = {"": world.environment}
        for called, path in files.items():
            self._sets[called] = assignments(world.root / path, path)
            for secret in secrets_of(self._sets[called]):
                world.hide(secret)

    def get(self, name: str) -> str | None:
        """The value; ``None`` if it is not set.

        Raises:
            ProbeProblem: If no file is called like the part before the colon.
        """
        called, _, short = name.rpartition(":")
        if called not in self._sets:
            raise ProbeProblem(f'{name}: no file is called {called} in "files"')
        return self._sets[called].get(short)


def assignments(path: Path, shown: str) -> dict[str, str]:
    """The variables of a file with lines like ``NAME=value``, or of a JSON object.

    Raises:
        ProbeProblem: If it is missing, holds none, or has a line that is no assignment.
    """
    text = _text(path, shown)
    if text.lstrip().startswith("{"):
        found = _some(_json(text, shown), shown)
        return {key: v if isinstance(v, str) else json.dumps(v) for key, v in found.items()}
    result: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _ASSIGNMENT.fullmatch(stripped)
        if not match:
            raise ProbeProblem(f"{shown}:{number} is no line like NAME=value")
        if match["name"] in result:
            raise ProbeProblem(f"{shown}:{number} sets {match['name']} a second time")
        result[match["name"]] = _unquoted(match["value"])
    return _some(result, shown)


def names(path: Path, shown: str) -> frozenset[str]:
    """The names that a file lists: assignments, one name a line, or JSON.

    JSON is an object by name, a list of names, or a list of objects with a ``name``, as the
    platforms' command-line tools print them.

    Raises:
        ProbeProblem: If it is missing, holds none, or has a line that names nothing.
    """
    text = _text(path, shown)
    if text.lstrip()[:1] in {"{", "["}:
        return frozenset(_some(_json_names(_json(text, shown), shown), shown))
    found = set()
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = _COMMENT.sub("", line.strip())
        if not stripped or stripped.startswith("#"):
            continue
        match = _ASSIGNMENT.fullmatch(stripped) or _NAME.fullmatch(stripped)
        if not match:
            raise ProbeProblem(f"{shown}:{number} is neither a name nor NAME=value")
        found.add(match["name"] if match.re is _ASSIGNMENT else match[0])
    return frozenset(_some(found, shown))


def _text(path: Path, shown: str) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ProbeProblem(f"{shown} cannot be read: {said}") from None


def _json(text: str, shown: str) -> Any:
    found = parse(text)
    if isinstance(found, Unreadable):
        raise ProbeProblem(f"{shown} cannot be read: {found.reason}")
    return found


def _json_names(found: Any, shown: str) -> set[str]:
    items = list(found)
    listed = [item.get("name") if isinstance(item, dict) else item for item in items]
    if not all(isinstance(name, str) and name for name in listed):
        raise ProbeProblem(f"{shown} lists something that has no name")
    return {str(name) for name in listed}


def _unquoted(value: str) -> str:
    value = value.strip()
    for quote in ('"', "'"):
        if value.startswith(quote):
            inside, closing, _ = value[1:].partition(quote)
            return inside if closing else value
    return _COMMENT.sub("", value)


def _some(found: T, shown: str) -> T:
    if not found:
        raise ProbeProblem(f"{shown} holds no variable")
    return found
