"""Probe ``project-file``: what a file of the project says, to be compared with what runs."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from release_gate.files import read_file, true_place
from release_gate.subjects.probes import jsons
from release_gate.subjects.probes.contract import (
    Budget,
    Observation,
    Probe,
    ProbeProblem,
    ProbeSettings,
    ProbeWorld,
    Unreadable,
)

_MOST = 16 << 20


class ProjectFileSettings(ProbeSettings, frozen=True, kw_only=True):
    """Keys of ``project-file = { ... }``.

    Args:
        path: Relative to the root of the project.
    """

    path: str

    def __post_init__(self) -> None:
        """Refuse what lies elsewhere.

        Raises:
            ValueError: If it does.
        """
        if not self.path or self.path.startswith(("/", "\\")) or ".." in Path(self.path).parts:
            raise ValueError("path must be relative to the root of the project, and below it")


def content_of(root: Path, name: str) -> bytes:
    """Bytes of a file of the project.

    Args:
        root: Of the project.
        name: Relative to it.

    Raises:
        ProbeProblem: If it is not there, is no file, lies outside, or is too large.
    """
    try:
        content = read_file(root / name, within=true_place(root))
    except OSError as error:
        raise ProbeProblem(f"{name} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ProbeProblem(f"{name} lies outside of the project") from error
    if len(content) > _MOST:
        raise ProbeProblem(f"{name} is larger than {_MOST} bytes")
    return content


def parsed(name: str, text: str) -> Any:
    """The value of a TOML or JSON text by the file's name, or why there is none."""
    if name.endswith(".toml"):
        try:
            return tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            return Unreadable(reason=f"it is not TOML: {error}")
    if name.endswith(".json"):
        return jsons.parse(text)
    return Unreadable(reason="by its name it is neither TOML nor JSON")


def _look(settings: ProjectFileSettings, world: ProbeWorld, budget: Budget) -> Observation:
    budget.left()
    content = content_of(world.root, settings.path)
    values: dict[str, Any] = {
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    try:
        text = content.decode()
    except UnicodeDecodeError:
        no_text = Unreadable(reason="it is not UTF-8")
        values |= {"text": no_text, "content": no_text}
    else:
        values |= {"text": text, "content": parsed(settings.path, text)}
    return Observation(values=values, line=f"{settings.path}, {len(content)} bytes")


PROBE: Probe[ProjectFileSettings] = Probe(
    name="project-file",
    settings=ProjectFileSettings,
    offered=frozenset({"text", "content", "size", "sha256"}),
    writes=lambda _settings: False,
    fillable=frozenset(),
    shown=lambda settings: (f"read {settings.path}",),
    look=_look,
)
