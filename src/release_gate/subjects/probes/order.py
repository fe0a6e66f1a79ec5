"""Which checks need which others, and every order that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from release_gate.errors import ConfigError
from release_gate.subjects.probes.keys import CheckKeys, as_table
from release_gate.subjects.probes.selection import CAPTURE, Selector
from release_gate.subjects.probes.templates import captures_in


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A check, and where it stands.

    Args:
        keys: As written.
        place: Path of its table, as messages begin with it (``checks[3]``, ``packs.health``).
        error: Makes the error for a complaint that begins with a path.
        pack: Name of the pack that made it; empty: written out.
    """

    keys: CheckKeys
    place: str
    error: Any
    pack: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """Which checks there are, and who captures what.

    Args:
        sources: Checks by name.
        captured_by: Name of the check by the name of the capture.
    """

    sources: Mapping[str, Source]
    captured_by: Mapping[str, str] = field(default_factory=dict)


def known_checks(sources: tuple[Source, ...]) -> Known:
    """All checks by name, and who captures what.

    Raises:
        ConfigError: If a name or a capture stands twice.
    """
    by_name: dict[str, Source] = {}
    captured_by: dict[str, str] = {}
    for source in sources:
        name = source.keys.name
        if name in by_name:
            where = by_name[name].place
            raise source.error(f'{source.place}.name: "{name}" stands twice, also at {where}')
        by_name[name] = source
        for capture in source.keys.capture:
            if capture in captured_by:
                other = captured_by[capture]
                what = f'{source.place}.capture.{capture}: "{other}" captures this name already'
                raise source.error(what)
            captured_by[capture] = name
    return Known(sources=by_name, captured_by=captured_by)


def needs_of(source: Source, known: Known) -> tuple[str, ...]:
    """Names of the checks that one needs: stated ones, then those whose captures it uses.

    Raises:
        ConfigError: If one is not there, or runs last.
    """
    keys = source.keys
    stated = []
    for position, name in enumerate(keys.needs):
        if name not in known.sources:
            there = ", ".join(sorted(known.sources))
            what = f'{source.place}.needs[{position}]: there is no check "{name}"'
            raise source.error(what, remedy=f"There are {there}.")
        if known.sources[name].keys.finally_ and not keys.finally_:
            what = f'{source.place}.needs[{position}]: "{name}" runs last (finally)'
            raise source.error(what)
        stated.append(name)
    if own := captures_in(as_table(keys.settings())) & set(keys.capture):
        what = f'{source.place}: "{keys.name}" uses "{min(own)}" before it can capture it'
        raise source.error(what)
    for capture in sorted(used_captures(keys)):
        owner = known.captured_by.get(capture)
        if owner is None:
            there = ", ".join(sorted(known.captured_by)) or "none"
            what = f'{source.place}: nothing captures "{capture}", which "{keys.name}" uses'
            raise source.error(what, remedy=f"Captures are: {there}.")
        if owner != keys.name:
            stated.append(owner)
    return tuple(dict.fromkeys(stated))


def used_captures(keys: CheckKeys) -> set[str]:
    """Captures that a check uses, in its settings and in what it expects."""
    used = captures_in(as_table(keys.settings()))
    for _, one in keys.expectations():
        for _, operand in one.operands():
            if isinstance(operand, Selector):
                used |= {operand.name or ""} if operand.on == CAPTURE else set()
            else:
                used |= captures_in(msgspec.to_builtins(operand))
        used |= {one.name or ""} if one.on == CAPTURE else set()
    return used


def refuse_circles(known: Known, needs: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse checks that wait for one another.

    Raises:
        ConfigError: With their names.
    """
    done: set[str] = set()
    while ready := {name for name in needs if set(needs[name]) <= done} - done:
        done |= ready
    circle = [name for name in needs if name not in done]
    if circle:
        source = known.sources[circle[0]]
        what = f"{source.place}.needs: {' and '.join(circle)} wait for one another"
        raise source.error(what)


def simple_error(what: str, *, remedy: str = "") -> ConfigError:
    """An error whose place is found by the key that the message begins with."""
    return ConfigError(what, remedy=remedy)
