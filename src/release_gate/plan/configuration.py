"""The configuration: ``[tool.release-gate]`` in ``pyproject.toml``, or ``release-gate.toml``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from release_gate.errors import ConfigError, UnknownKey
from release_gate.plan.decoding import decode
from release_gate.plan.document import Document, document_of, read_document
from release_gate.plan.keys import CommonKeys, TopKeys
from release_gate.plan.paths import inside, relative_to_root
from release_gate.plan.suggest import nearest
from release_gate.plan.toml_lines import KeyPath
from release_gate.ports import Snapshot

PYPROJECT = "pyproject.toml"
OWN_FILE = "release-gate.toml"
TABLE = ("tool", "release-gate")
DEFAULT_PHASE = "pre-release"

# How alike a foreign name must be to be taken for ours misspelt; "release" alone is another tool.
_NEARLY = 0.88

COMMON = frozenset(field.encode_name for field in msgspec.structs.fields(CommonKeys))


@dataclass(frozen=True, kw_only=True, slots=True)
class GateTable:
    """One table ``gates.ID``.

    Args:
        gate_id: Name of the table.
        kind: Kind of gate; the id where nothing is said.
        common: Keys that every gate has.
        own: All other keys, for the kind to decode.
        document: The table, for lines.
    """

    gate_id: str
    kind: str
    common: CommonKeys
    own: Mapping[str, Any]
    document: Document

    def decode(self, settings: type[msgspec.Struct]) -> Any:
        """The kind's own settings.

        Raises:
            UnknownKey: If neither the kind nor the plan knows a key.
            ConfigError: If a value is not allowed.
        """
        return decode(self.document, settings, self.own, also_known=COMMON)


@dataclass(frozen=True, kw_only=True, slots=True)
class Configuration:
    """All that the user's configuration says.

    Args:
        document: Its table; without a file where there is no configuration.
        keys: Everything but the gates' own keys.
        tables: The gates' tables in the order of the file.
        elsewhere: The gates' tables as they are in each environment, to be checked as well.
        pyproject: The parsed ``pyproject.toml``; empty where there is none.
    """

    document: Document = field(default_factory=Document)
    keys: TopKeys = field(default_factory=TopKeys)
    tables: Mapping[str, GateTable] = field(default_factory=dict)
    elsewhere: tuple[GateTable, ...] = ()
    pyproject: Mapping[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> str | None:
        """Relative to the root; ``None`` without configuration."""
        return self.document.file or None

    def expected(self, phase: str) -> tuple[str, ...] | None:
        """The fixed list of a phase; ``None`` where there is none."""
        if phase == DEFAULT_PHASE and self.keys.expected is not None:
            return self.keys.expected
        keys = self.keys.phases.get(phase)
        return keys.expected if keys else None

    def expected_origin(self, phase: str, position: int | None = None) -> KeyPath:
        """Path of the key, or of one of its entries, for lines."""
        top = phase == DEFAULT_PHASE and self.keys.expected is not None
        path: KeyPath = ("expected",) if top else ("phases", phase, "expected")
        return path if position is None else (*path, position)

    def canonical(self) -> bytes:
        """The same bytes for the same settings, whatever the line ends and comments."""
        return json.dumps(dict(self.document.values), sort_keys=True, default=str).encode()


def read_configuration(
    root: Path, config: Path | None = None, environment: str | None = None
) -> Configuration:
    """Find and read the configuration.

    Args:
        root: Absolute path of the project.
        config: A file named by the user, in place of the root's own.
        environment: Whose own keys for gates hold; one that is not there has none.

    Raises:
        ConfigError: If it is broken, stands in two places, or a named file is not there.
        UnknownKey: If nothing reads a key of it.
    """
    pyproject = read_document(root / PYPROJECT, PYPROJECT)
    if pyproject:
        pyproject.table("project")  # everybody reads it, and takes it for a table
    table = _named(root, config) if config is not None else _found(root, pyproject)
    return _of(table or Document(), pyproject, environment)


def configuration_at(
    snapshot: Snapshot,
    label: str,
    config: str | None = None,
    environment: str | None = None,
) -> Configuration:
    """The configuration as it stood at a commit.

    Args:
        snapshot: The commit.
        label: What messages put before the names of its files.
        config: The file named by the user, relative to the root. Where the commit does not have
            it, the configuration is looked for as if none had been named.
        environment: Whose own keys for gates hold.

    Raises:
        ConfigError: If it is broken there.
    """
    pyproject = _at(snapshot, PYPROJECT, label)
    own = _at(snapshot, OWN_FILE, label)
    table = _own_table(pyproject) if pyproject else None
    if own and table:
        raise table.error(f"there is also a {OWN_FILE}: only one of them may be there")
    named = None if config is None else _at(snapshot, config, label)
    if named is not None:
        is_pyproject = config is not None and config.rpartition("/")[2] == PYPROJECT
        found = _own_table(named) if is_pyproject else named
    else:
        found = own or table
    return _of(found or Document(), pyproject, environment)


def _at(snapshot: Snapshot, name: str, label: str) -> Document | None:
    content = snapshot.read(name)
    # A file above the root goes by its name alone, as it does on disk.
    shown = name.rpartition("/")[2] if name.startswith("../") else name
    return None if content is None else document_of(content, f"{label}:{shown}")


def _of(document: Document, pyproject: Document | None, environment: str | None) -> Configuration:
    keys = decode(document, TopKeys)
    _check_phases(document, keys)
    _check_paths(document, keys)
    return Configuration(
        document=document,
        keys=keys,
        tables=_gate_tables(document, keys, environment),
        elsewhere=tuple(
            table
            for name in keys.environments
            for table in _gate_tables(document, keys, name).values()
        ),
        pyproject=pyproject.values if pyproject else {},
    )


def _named(root: Path, config: Path) -> Document:
    name = relative_to_root(root, config)
    document = read_document(config, name)
    if document is None:
        raise ConfigError("there is no such file", file=name)
    if config.name != PYPROJECT:
        return document
    table = _own_table(document)
    if table is None:
        raise document.error("there is no table [tool.release-gate]")
    return table


def _found(root: Path, pyproject: Document | None) -> Document | None:
    own = read_document(root / OWN_FILE, OWN_FILE)
    _refuse_misspelt(root, pyproject)
    table = _own_table(pyproject) if pyproject else None
    if own and table:
        raise table.error(
            f"there is also a {OWN_FILE}: only one of them may hold the configuration",
            remedy=f"Move everything into one of them, then delete {OWN_FILE} or the table.",
        )
    return own or table


def _refuse_misspelt(root: Path, pyproject: Document | None) -> None:
    """A table or file that is nearly ours would be limits that never hold."""
    tool = pyproject.table(TABLE[0]) if pyproject else Document()
    for name in tool.values:
        if name != TABLE[1] and nearest(name, TABLE[1:], cutoff=_NEARLY) is not None:
            raise UnknownKey(
                f"unknown table [tool.{name}]; did you mean [tool.{TABLE[1]}]?",
                file=tool.file,
                line=tool.line((name,)),
            )
    for name in ("release_gate.toml", "releasegate.toml", ".release-gate.toml"):
        if (root / name).is_file():
            raise UnknownKey(f"nothing reads this file; did you mean {OWN_FILE}?", file=name)


def _own_table(pyproject: Document) -> Document | None:
    tool = pyproject.table(TABLE[0])
    return pyproject.table(*TABLE) if TABLE[1] in tool.values else None


def _gate_tables(
    document: Document, keys: TopKeys, environment: str | None
) -> dict[str, GateTable]:
    tables = {gate_id: document.table("gates", gate_id) for gate_id in keys.gates}
    if environment is not None and environment in keys.environments:
        for gate_id in keys.environments[environment].gates:
            otherwise = document.table("environments", environment, "gates", gate_id)
            table = tables.get(gate_id, document.table("gates", gate_id))
            tables[gate_id] = table.overlaid(otherwise)
    return {gate_id: _gate_table(table, gate_id) for gate_id, table in tables.items()}


def _gate_table(table: Document, gate_id: str) -> GateTable:
    common = {key: value for key, value in table.values.items() if key in COMMON}
    own = {key: value for key, value in table.values.items() if key not in COMMON}
    keys = decode(table, CommonKeys, common)
    return GateTable(
        gate_id=gate_id,
        kind=keys.kind or gate_id,
        common=keys,
        own=own,
        document=table,
    )


def _check_phases(document: Document, keys: TopKeys) -> None:
    if keys.expected is not None and DEFAULT_PHASE in keys.phases:
        twice: KeyPath = ("phases", DEFAULT_PHASE)
        raise document.error(
            f'"expected" of {document.label()} is already the list of phase {DEFAULT_PHASE}',
            twice,
            remedy=f"Take out {document.label(twice)}.",
        )
    lists: dict[KeyPath, tuple[str, ...] | None] = {("expected",): keys.expected}
    for phase, named in keys.phases.items():
        lists["phases", phase, "expected"] = named.expected
    for path, ids in lists.items():
        for position, gate_id in enumerate(ids or ()):
            if gate_id in (ids or ())[:position]:
                raise document.error(f'"{gate_id}" is expected twice', (*path, position))


def _check_paths(document: Document, keys: TopKeys) -> None:
    named: list[tuple[str, KeyPath]] = []
    for key, texts in (("source", keys.source), ("gate-files", keys.gate_files)):
        named += [(text, (key, position)) for position, text in enumerate(texts or ())]
    files = (("templates", keys.templates), ("baseline", keys.baseline), ("waivers", keys.waivers))
    for key, text in files:
        named += [(text, (key,))] if text is not None else []
    for text, path in named:
        try:
            inside(text)
        except ValueError as error:
            raise document.error(f'"{path[0]}": {error}', path) from error
