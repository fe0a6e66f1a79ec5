"""Everything of the policy at one state of the files, so that two of them can be compared."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from release_gate.api import AnyGate
from release_gate.errors import BaselineError, ChecklistError, ConfigError, WaiverError
from release_gate.plan.checklist import FILE as CHECKLIST
from release_gate.plan.configuration import DEFAULT_PHASE, Configuration
from release_gate.plan.paths import below, inside
from release_gate.plan.policy import read_baseline
from release_gate.plan.sign_off_book import read_checklist_text
from release_gate.plan.state_files import reading_links
from release_gate.plan.tool_settings import tool_files, tool_settings
from release_gate.plan.waiver_book import read_waiver_text
from release_gate.trust import PolicySide


class Files(Protocol):
    """The files of one state: of a commit, or as they lie on disk."""

    def read(self, relative: str) -> bytes | None:
        """Content of a file; ``None`` if it is not there."""

    def paths(self) -> tuple[str, ...]:
        """All of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """One state of the files, with the configuration that stands in it.

    Args:
        configuration: As read there.
        files: All of its files.
        label: What messages put before the names of its files; empty for the work tree.
        root: Absolute, for the work tree; ``None`` for a commit.
        above: Settings of tools that may lie above the root, in the same repository.
    """

    configuration: Configuration
    files: Files
    label: str = ""
    root: Path | None = None
    above: tuple[str, ...] = ()

    def named(self, file: str) -> str:
        """A file's name for messages."""
        return f"{self.label}:{file}" if self.label else file

    def baseline(self) -> str | None:
        """Text of the baseline with plain line ends.

        Raises:
            BaselineError: If it is no text.
        """
        file = inside(self.configuration.keys.baseline)
        if self.root is not None:
            return read_baseline(self.root, file)
        return self._text(file, BaselineError)

    def waivers(self) -> str | None:
        """Text of the file of waivers with plain line ends.

        Raises:
            WaiverError: If it is no text.
        """
        file = inside(self.configuration.keys.waivers)
        if self.root is not None:
            text = read_waiver_text(self.root, file)
            return None if text is None else text.replace("\r\n", "\n")
        return self._text(file, WaiverError)

    def checklist(self) -> str | None:
        """Text of the checklist with plain line ends.

        Raises:
            ChecklistError: If it is no text.
        """
        if self.root is not None:
            return read_checklist_text(self.root, CHECKLIST)
        return self._text(CHECKLIST, ChecklistError)

    def _text(self, path: str, error: type[ConfigError]) -> str | None:
        content = self.files.read(path)
        try:
            return None if content is None else content.decode().replace("\r\n", "\n")
        except UnicodeDecodeError as wrong:
            raise error("it is not UTF-8", file=self.named(path)) from wrong


def side_of(
    state: State, judging: Iterable[str], built_in: Mapping[str, AnyGate], lost: Mapping[str, str]
) -> PolicySide:
    """The policy of one state.

    Args:
        state: The files and the configuration in them.
        judging: Gate files and templates of any of the states, relative to the root.
        built_in: The kinds of gates that are ours.
        lost: Why a gate does not apply any more, by its id.
    """
    configuration = state.configuration
    file = configuration.file
    read = reading_links(state.files.read)
    return PolicySide(
        file=file.removeprefix(f"{state.label}:") if file and state.label else file,
        settings=dict(configuration.document.values),
        gates=_kinds(configuration, built_in),
        baseline=state.baseline(),
        waivers=state.waivers(),
        baseline_file=state.named(inside(configuration.keys.baseline)),
        tools=tool_settings((*tool_files(state.files.paths()), *state.above), read),
        files=_digests(judging, read),
        lost=lost,
        has_checklist=state.checklist() is not None,
    )


def judging_files(states: Iterable[State]) -> tuple[str, ...]:
    """Gate files and templates that any of the states names: they decide, or show, the verdict."""
    found = {CHECKLIST}
    states = tuple(states)
    for state in states:
        keys = state.configuration.keys
        found |= {inside(text) for text in keys.gate_files or ()}
        if keys.templates is not None:
            folder = inside(keys.templates)
            found |= {path for one in states for path in one.files.paths() if below(path, folder)}
    return tuple(sorted(found))


def _digests(paths: Iterable[str], read: Callable[[str], bytes | None]) -> Mapping[str, str]:
    contents = {path: read(path) for path in paths}
    return {
        path: hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()
        for path, content in contents.items()
        if content is not None
    }


def _kinds(configuration: Configuration, built_in: Mapping[str, AnyGate]) -> dict[str, str]:
    """Kind by id of each gate that may run; empty where the kind is not ours."""
    tables = configuration.tables
    ids = {kind for kind, gate in built_in.items() if gate.default} | set(tables)
    for phase in (DEFAULT_PHASE, *configuration.keys.phases):
        ids.update(configuration.expected(phase) or ())
    found = {}
    for gate_id in sorted(ids):
        table = tables.get(gate_id)
        kind = table.kind if table else gate_id
        ours = kind in built_in and not (table and table.common.override)
        found[gate_id] = kind if ours else ""
    return found
