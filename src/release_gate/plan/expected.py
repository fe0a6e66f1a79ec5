"""Which gates a phase expects, and which are left out, before any of them is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from release_gate.errors import ConfigError, UsageError
from release_gate.model import NotApplicable
from release_gate.plan.configuration import DEFAULT_PHASE, Configuration, GateTable
from release_gate.plan.discovery import Catalogue, Kind
from release_gate.plan.suggest import did_you_mean, there_are
from release_gate.plan.toml_lines import KeyPath

NOT_IN_LIST = 'not in "expected"'
POST_DEPLOY = "post-deploy"


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One gate that may run.

    Args:
        gate_id: Id of the gate.
        kind: Its kind.
        table: Its table; ``None`` where the configuration has none.
        phase: Phase it runs in.
        must_apply: Whether it is an error if it does not apply: it was asked for by name.
    """

    gate_id: str
    kind: Kind
    table: GateTable | None
    phase: str
    must_apply: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """The gates of one phase.

    Args:
        expected: In the order of the configuration.
        left_out: Gates of the phase that are not on its fixed list.
    """

    expected: tuple[Choice, ...]
    left_out: tuple[Choice, ...] = ()

    def not_expected(self) -> tuple[NotApplicable, ...]:
        """The ones left out, with the reason."""
        return tuple(NotApplicable(gate_id=c.gate_id, reason=NOT_IN_LIST) for c in self.left_out)


def choose(configuration: Configuration, catalogue: Catalogue, phase: str) -> Choices:
    """The gates of a phase.

    A fixed list decides alone. Without one these are expected: the default kinds, each gate
    that has a table, and the user's own gate files.

    Args:
        configuration: With the list, if there is one.
        catalogue: All kinds.
        phase: Name of the phase.

    Raises:
        ConfigError: If a table or an entry of the list names no kind.
    """
    candidates = {one.gate_id: one for one in _candidates(configuration, catalogue)}
    fixed = configuration.expected(phase)
    if fixed is None:
        return Choices(expected=tuple(one for one in candidates.values() if one.phase == phase))
    expected = tuple(
        _from_list(configuration, catalogue, phase, position) for position in range(len(fixed))
    )
    left_out = tuple(
        one for one in candidates.values() if one.phase == phase and one.gate_id not in fixed
    )
    return Choices(expected=expected, left_out=left_out)


def check(configuration: Configuration, catalogue: Catalogue) -> None:
    """Look at every list and every table, also of phases, gates and environments not in use now.

    Args:
        configuration: As the user wrote it.
        catalogue: All kinds.

    Raises:
        ConfigError: If a list or a table names no kind, or a key is unknown or not allowed.
    """
    for phase in (DEFAULT_PHASE, *configuration.keys.phases):
        choose(configuration, catalogue, phase)
    for table in (*configuration.tables.values(), *configuration.elsewhere):
        kind = _kind_of(table, catalogue)
        if kind.home == "bundled":
            table.decode(kind.gate.settings)


def known_phases(configuration: Configuration, catalogue: Catalogue) -> frozenset[str]:
    """Every phase that a run can be asked for."""
    of_gates = {one.phase for one in _candidates(configuration, catalogue)}
    of_kinds = {kind.gate.phase for kind in catalogue.built_in.values()}
    return frozenset({DEFAULT_PHASE, POST_DEPLOY, *configuration.keys.phases, *of_gates, *of_kinds})


def pick(choices: Choices, wanted: Iterable[str], others: Iterable[str]) -> tuple[Choice, ...]:
    """The gates asked for with ``--gate``, in the order of the plan.

    Args:
        choices: Of the phase.
        wanted: Ids as given.
        others: Ids of gates of other phases, for the message.

    Raises:
        UsageError: If an id names no gate of the phase.
    """
    there = {one.gate_id: one for one in (*choices.expected, *choices.left_out)}
    asked = frozenset(wanted)
    elsewhere = frozenset(others)
    for gate_id in sorted(asked - there.keys()):
        if gate_id in elsewhere:
            what = f'gate "{gate_id}" belongs to another phase'
            raise UsageError(what, remedy="Name it with --phase.")
        what = f'there is no gate "{gate_id}"{did_you_mean(gate_id, there)}'
        raise UsageError(what, remedy=there_are(there))
    return tuple(_asked_for(one) for gate_id, one in there.items() if gate_id in asked)


def all_gate_ids(configuration: Configuration, catalogue: Catalogue) -> frozenset[str]:
    """Ids of the gates of every phase."""
    ids = {one.gate_id for one in _candidates(configuration, catalogue)}
    for phase in (DEFAULT_PHASE, *configuration.keys.phases):
        ids.update(configuration.expected(phase) or ())
    return frozenset(ids)


def _asked_for(choice: Choice) -> Choice:
    return Choice(
        gate_id=choice.gate_id,
        kind=choice.kind,
        table=choice.table,
        phase=choice.phase,
        must_apply=True,
    )


def _candidates(configuration: Configuration, catalogue: Catalogue) -> Iterator[Choice]:
    """Whatever would run without a list: the default kinds by name, then tables as they stand."""
    tables = configuration.tables
    defaults = [name for name, kind in sorted(catalogue.built_in.items()) if kind.gate.default]
    for gate_id in [*defaults, *(one for one in tables if one not in defaults)]:
        table = tables.get(gate_id)
        kind = _kind_of(table, catalogue) if table else catalogue.built_in[gate_id]
        is_default = kind.home == "bundled" and kind.gate.default and kind.gate.kind == gate_id
        yield _choice(gate_id, kind, table, must_apply=not is_default)
    for name, kind in sorted(catalogue.own.items()):
        if name not in {table.kind for table in tables.values()}:
            yield _choice(name, kind, None, must_apply=True)


def _choice(gate_id: str, kind: Kind, table: GateTable | None, *, must_apply: bool) -> Choice:
    stated = table.common.phase if table else None
    return Choice(
        gate_id=gate_id,
        kind=kind,
        table=table,
        phase=stated or kind.gate.phase,
        must_apply=must_apply,
    )


def _kind_of(table: GateTable, catalogue: Catalogue) -> Kind:
    kind = catalogue.find(table.kind, override=table.common.override)
    if kind is None:
        known = catalogue.names()
        path: KeyPath = ("kind",) if table.common.kind else ()
        what = f'there is no kind of gate "{table.kind}"{did_you_mean(table.kind, known)}'
        remedy = there_are(known)
        if not table.common.kind:
            remedy += f" A gate of another name says its kind: kind = ... in {_label(table)}."
        raise table.document.error(what, path, remedy=remedy)
    if table.common.override and kind.home == "bundled":
        what = f'"override" in {_label(table)}: there is no gate of your own named "{table.kind}"'
        raise table.document.error(what, ("override",), remedy="Name its file in gate-files.")
    return kind


def _from_list(
    configuration: Configuration, catalogue: Catalogue, phase: str, position: int
) -> Choice:
    gate_id = (configuration.expected(phase) or ())[position]
    path = configuration.expected_origin(phase, position)
    table = configuration.tables.get(gate_id)
    kind = _kind_of(table, catalogue) if table else catalogue.find(gate_id)
    if kind is None:
        raise _no_such_gate(configuration, catalogue, gate_id, path)
    if table and table.common.phase not in (None, phase):
        what = f'"{gate_id}" is expected in phase {phase}, but its table says {table.common.phase}'
        raise configuration.document.error(what, path)
    return Choice(gate_id=gate_id, kind=kind, table=table, phase=phase, must_apply=True)


def _no_such_gate(
    configuration: Configuration, catalogue: Catalogue, gate_id: str, path: KeyPath
) -> ConfigError:
    known = catalogue.names() | configuration.tables.keys()
    what = f'"expected" names a gate that does not exist: "{gate_id}"{did_you_mean(gate_id, known)}'
    return configuration.document.error(what, path, remedy=there_are(known))


def _label(table: GateTable) -> str:
    return table.document.label()
