"""Every kind of gate there is: built in, of the user's files, of installed packages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from release_gate.api import AnyGate
from release_gate.errors import GateFileError
from release_gate.files import read_file
from release_gate.plan.bundled import bundled_gates
from release_gate.plan.configuration import DEFAULT_PHASE, Configuration
from release_gate.plan.decoding import NAME_PATTERN, NAME_RULE
from release_gate.plan.gate_source import read_gate_source
from release_gate.plan.hosted import hosted_gate
from release_gate.plan.paths import inside
from release_gate.plan.toml_lines import KeyPath

GROUP = "release_gate.gates"

Home = Literal["bundled", "file", "entry-point"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of gate and where it comes from.

    Args:
        gate: The gate, or a stand-in for one that only its own process loads.
        home: Where it comes from.
        file: The gate file, relative to the root.
        sha256: Digest of the gate file.
        provider: Installed package and version, for people.
    """

    gate: AnyGate
    home: Home = "bundled"
    file: str | None = None
    sha256: str | None = None
    provider: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """All kinds.

    Args:
        built_in: By kind.
        own: Of the user's gate files, by kind.
        installed: Of entry points, by kind.
    """

    built_in: Mapping[str, Kind] = field(default_factory=dict)
    own: Mapping[str, Kind] = field(default_factory=dict)
    installed: Mapping[str, Kind] = field(default_factory=dict)

    def names(self) -> frozenset[str]:
        """All kinds there are."""
        return frozenset({*self.built_in, *self.own, *self.installed})

    def find(self, kind: str, *, override: bool = False) -> Kind | None:
        """A kind by its name; a built-in one wins unless it is overridden on purpose."""
        theirs = self.own.get(kind) or self.installed.get(kind)
        ours = self.built_in.get(kind)
        return (theirs or ours) if override else (ours or theirs)


EntryPoints = Callable[[], Iterable[metadata.EntryPoint]]


def installed_entry_points() -> Iterable[metadata.EntryPoint]:
    """Entry points of the toolkit environment; reading them imports nothing."""
    return metadata.entry_points(group=GROUP)


def discover(
    root: Path,
    configuration: Configuration,
    *,
    entry_points: EntryPoints = installed_entry_points,
    bundled: Mapping[str, AnyGate] | None = None,
) -> Catalogue:
    """All kinds of gates that the configuration can name.

    Args:
        root: Absolute path of the project.
        configuration: Names the gate files.
        entry_points: Of the group ``release_gate.gates``.
        bundled: The built-in gates; default: those of this installation.

    Raises:
        GateFileError: If a gate file is missing or takes the name of another gate.
    """
    gates = bundled_gates() if bundled is None else bundled
    built_in = {kind: Kind(gate=gate) for kind, gate in gates.items()}
    own = _own_kinds(root, configuration, built_in)
    return Catalogue(
        built_in=MappingProxyType(built_in),
        own=MappingProxyType(own),
        installed=MappingProxyType(_installed_kinds(entry_points())),
    )


def _own_kinds(
    root: Path, configuration: Configuration, built_in: Mapping[str, Kind]
) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    for position, text in enumerate(configuration.keys.gate_files or ()):
        path: KeyPath = ("gate-files", position)
        kind = _own_kind(root, configuration, inside(text), path)
        name = kind.gate.kind
        if name in kinds:
            what = f'{kind.file} and {kinds[name].file} both define the gate "{name}"'
            raise _error(configuration, what, path, "Give one of them another kind.")
        if name in built_in and not _overrides(configuration, name):
            remedy = (
                "Give it another kind, or say in "
                f"{configuration.document.label(('gates', name))}: override = true"
            )
            what = f'{kind.file} takes the name of the built-in gate "{name}"'
            raise _error(configuration, what, path, remedy)
        kinds[name] = kind
    return kinds


def _own_kind(root: Path, configuration: Configuration, file: str, path: KeyPath) -> Kind:
    place = root / file
    try:
        if not place.resolve().is_relative_to(root.resolve()):
            raise _error(configuration, f"the gate file {file} leads out of the root", path)
        content = read_file(place)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        what = f"the gate file {file} cannot be read: {reason}"
        raise _error(configuration, what, path) from error
    said = read_gate_source(content)
    kind = said.kind or place.stem.replace("_", "-")
    if not NAME_PATTERN.fullmatch(kind):
        what = f'the gate file {file} is of kind "{kind}", which is no name: {NAME_RULE}'
        raise _error(configuration, what, path)
    gate = hosted_gate(
        kind=kind, title=said.title or f"Gate of {file}", phase=said.phase or DEFAULT_PHASE
    )
    digest = hashlib.sha256(content).hexdigest()
    return Kind(gate=gate, home="file", file=file, sha256=digest)


def _overrides(configuration: Configuration, kind: str) -> bool:
    return any(
        table.kind == kind and table.common.override for table in configuration.tables.values()
    )


def _installed_kinds(entry_points: Iterable[metadata.EntryPoint]) -> dict[str, Kind]:
    """By name. That two packages offer the same is found, and refused, where it is loaded."""
    kinds: dict[str, Kind] = {}
    named = [(_provider(one), one) for one in entry_points]
    for provider, one in sorted(named, key=lambda pair: (pair[1].name, pair[0])):
        if NAME_PATTERN.fullmatch(one.name) and one.name not in kinds:
            gate = hosted_gate(kind=one.name, title=f"Gate of {provider}", phase=DEFAULT_PHASE)
            kinds[one.name] = Kind(gate=gate, home="entry-point", provider=provider)
    return kinds


def _provider(entry_point: metadata.EntryPoint) -> str:
    package = entry_point.dist
    return f"{package.name} {package.version}" if package is not None else "an unnamed package"


def _error(
    configuration: Configuration, what: str, path: KeyPath, remedy: str = ""
) -> GateFileError:
    document = configuration.document
    return GateFileError(what, file=document.file, line=document.line(path), remedy=remedy)
