"""Which gates applied at the base and no longer do: a check can be got rid of without a word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from release_gate.api import AnyGate
from release_gate.errors import ConfigError, Interrupted
from release_gate.plan.configuration import Configuration
from release_gate.plan.detection import detect_source
from release_gate.plan.document import document_of
from release_gate.plan.paths import inside
from release_gate.plan.project import PlannedProject
from release_gate.plan.toml_source import TomlSource
from release_gate.ports import Snapshot


@dataclass(frozen=True, kw_only=True, slots=True)
class CommittedProject(PlannedProject):
    """The project as it was at a commit; the root is that of the work tree.

    Args:
        snapshot: Its files.
    """

    snapshot: Snapshot

    def read_bytes(self, relative: str) -> bytes:
        """Content of a file at the commit.

        Raises:
            FileNotFoundError: If it was not there.
        """
        content = self.snapshot.read(relative)
        if content is None:
            raise FileNotFoundError(relative)
        return content

    def read_toml(self, relative: str) -> TomlSource:
        """A TOML file at the commit.

        Raises:
            ConfigError: If it was not there or cannot be read.
        """
        content = self.snapshot.read(relative)
        if content is None:
            raise ConfigError("there is no such file", file=relative)
        return TomlSource(document=document_of(content, relative))


def no_longer(
    project: PlannedProject,
    configuration: Configuration,
    snapshot: Snapshot,
    built_in: Mapping[str, AnyGate],
    phase: str,
) -> dict[str, str]:
    """Why each gate does not apply that did at a commit.

    Only gates that nobody asks for by name are looked at: one on the list ``expected`` that does
    not apply is an error anyhow.

    Args:
        project: As it is judged.
        configuration: Of that commit.
        snapshot: That commit.
        built_in: The kinds of gates that are ours.
        phase: The phase that runs.
    """
    if configuration.expected(phase) is not None:
        return {}
    before: PlannedProject | None = None
    lost = {}
    for gate_id, gate in sorted(built_in.items()):
        settings = _settings(gate_id, gate, configuration, phase)
        why = None if settings is None else _why_not(gate, project, settings)
        if why is not None:
            before = before or _as_it_was(project, configuration, snapshot)
            if _why_not(gate, before, settings) is None:
                lost[gate_id] = why
    return lost


def _settings(gate_id: str, gate: AnyGate, configuration: Configuration, phase: str) -> Any:
    """Settings of a default gate of the phase; ``None`` for any other and for one skipped."""
    table = configuration.tables.get(gate_id)
    if table is None:
        return gate.settings() if gate.default and gate.phase == phase else None
    common = table.common
    own = table.kind != gate.kind or common.override or common.skip_reason is not None
    if own or not gate.default or (common.phase or gate.phase) != phase:
        return None
    return table.decode(gate.settings)


def _why_not(gate: AnyGate, project: PlannedProject, settings: Any) -> str | None:
    try:
        return gate.applies(project, settings)
    except Interrupted:
        raise
    except Exception:  # noqa: BLE001 - of the head the plan says it, of the base nobody could
        return None


def _as_it_was(
    project: PlannedProject, configuration: Configuration, snapshot: Snapshot
) -> CommittedProject:
    files = snapshot.files()
    named = configuration.keys.source
    source = detect_source(files).paths if named is None else tuple(inside(one) for one in named)
    return CommittedProject(
        root=project.root,
        name=project.name,
        files=files,
        pyproject=configuration.pyproject,
        source=source,
        requires_python=project.requires_python,
        deployment=project.deployment,
        snapshot=snapshot,
    )
