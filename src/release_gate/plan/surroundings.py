"""The project as its configuration, its files and its layout describe it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from release_gate.files import read_file
from release_gate.plan.configuration import Configuration
from release_gate.plan.detection import Source, detect_source
from release_gate.plan.facts import Facts, read_facts
from release_gate.plan.paths import below, inside
from release_gate.plan.project import PlannedProject
from release_gate.ports import FileEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """Everything that the plan knows of the project.

    Args:
        project: As the gates see it.
        facts: What its own files say.
        source: What ships, and who says so.
    """

    project: PlannedProject
    facts: Facts
    source: Source


def look_around(
    root: Path, configuration: Configuration, files: tuple[FileEntry, ...]
) -> Surroundings:
    """The project and what is known of it.

    Args:
        root: Absolute.
        configuration: What is said wins over what is detected.
        files: The file list.

    Raises:
        ConfigError: If a configured source is not in the list.
    """
    facts = read_facts(configuration.pyproject, lambda name: _text(root, name))
    source = _source(configuration, files)
    project = PlannedProject(
        root=root,
        name=facts.name or root.name or "project",
        files=files,
        pyproject=configuration.pyproject,
        source=source.paths,
        requires_python=facts.requires_python,
    )
    return Surroundings(project=project, facts=facts, source=source)


def _text(root: Path, name: str) -> str | None:
    """Text of a file of the project; it is read for facts only, so what is odd says nothing."""
    try:
        place = root / inside(name)
        if not place.resolve().is_relative_to(root.resolve()):
            return None
        return read_file(place).decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, ValueError, RuntimeError):
        return None


def _source(configuration: Configuration, files: tuple[FileEntry, ...]) -> Source:
    detected = detect_source(files)
    if configuration.keys.source is None:
        return detected
    paths = tuple(inside(text) for text in configuration.keys.source)
    for position, path in enumerate(paths):
        if not any(below(one.path, path) for one in files):
            what = f'"source" names {path}, and the file list holds nothing there'
            remedy = "The list holds what git tracks and what it does not ignore, below the root."
            raise configuration.document.error(what, ("source", position), remedy=remedy)
    origin = configuration.document.origin(("source",))
    return Source(paths=paths, origin=origin, tests=detected.tests)
