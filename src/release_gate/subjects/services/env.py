"""Probe ``env``: variables that are set, unset, of a form, and related to one another.

No value is ever shown, neither the one that is there nor, for a secret's sake, a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from release_gate.redact import sounds_secret
from release_gate.subjects.probes.contract import (
    Budget,
    Observation,
    Probe,
    ProbeFailed,
    ProbeSettings,
    ProbeWorld,
)
from release_gate.subjects.services.env_relations import RELATIONS
from release_gate.subjects.services.variable_sets import Variables, names

Pair = tuple[str, str]


class EnvSettings(ProbeSettings, frozen=True, kw_only=True):
    """What the variables must be like.

    A name alone is one of the environment that release-gate runs in; ``staging:NAME`` one of
    the file that ``files`` calls ``staging``.

    Args:
        files: Files of variables (``NAME=value`` lines, or a JSON object), by a name for them.
        set: Variables that must be set and not empty.
        unset: Variables that must not be set, not even empty.
        equals: Exact value, by name.
        matches: Regular expression that the whole value must match, by name.
        forbidden: Regular expression that must occur nowhere in the value, by name.
        members: Words that must be among those of the value (separated by commas or spaces).
        named_in: Files that must name each variable of ``set``.
        same_host: Pairs of URLs that lead to one host.
        same_database: Pairs of URLs that lead to one database of one host.
        different_port: Pairs of URLs with different ports.
        same: Pairs of equal values.
        differs: Pairs of different values.
        less: Pairs of numbers (or lengths of time), the first less than the second.
        needed_if: Variable that must be set if another is, by its name.
    """

    files: dict[str, str] = msgspec.field(default_factory=dict)
    set: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    equals: dict[str, str] = msgspec.field(default_factory=dict)
    matches: dict[str, str] = msgspec.field(default_factory=dict)
    forbidden: dict[str, str] = msgspec.field(default_factory=dict)
    members: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    named_in: tuple[str, ...] = ()
    same_host: tuple[Pair, ...] = ()
    same_database: tuple[Pair, ...] = ()
    different_port: tuple[Pair, ...] = ()
    same: tuple[Pair, ...] = ()
    differs: tuple[Pair, ...] = ()
    less: tuple[Pair, ...] = ()
    needed_if: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a check of nothing, and expressions that are none.

        Raises:
            ValueError: With the key.
        """
        if not any(getattr(self, key) for key in _RULES):
            raise ValueError("env names no variable: nothing would be checked")
        if self.named_in and not self.set:
            raise ValueError('named-in needs the names in "set"')
        for key in ("matches", "forbidden"):
            for name, pattern in getattr(self, key).items():
                try:
                    re.compile(pattern)
                except re.error as error:
                    raise ValueError(f"{key}: {name} has no regular expression: {error}") from error


_RULES = (
    "set", "unset", "equals", "matches", "forbidden", "members", "same_host", "same_database",
    "different_port", "same", "differs", "less", "needed_if",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    settings: EnvSettings
    variables: Variables
    world: ProbeWorld

    def present(self, name: str) -> str | None:
        value = self.variables.get(name)
        return value if value and value.strip() else None


def _look(settings: EnvSettings, world: ProbeWorld, budget: Budget) -> Observation:
    budget.left()
    seen = _Seen(settings=settings, variables=Variables(world, settings.files), world=world)
    wrong = [line for rule in (_set, _unset, _values, _relations, _needed) for line in rule(seen)]
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise ProbeFailed(wrong[0] + more, detail=tuple(wrong))
    checked = sum(len(getattr(settings, key)) for key in _RULES)
    return Observation(values={"checked": checked}, line=f"env: {checked} rules on variables hold")


def _set(seen: _Seen) -> Iterator[str]:
    for name in seen.settings.set:
        if seen.present(name) is None:
            yield f"{name} is {_state(seen, name)}, expected a value"
    for path in seen.settings.named_in:
        listed = names(seen.world.root / path, path)
        for name in seen.settings.set:
            if name.rpartition(":")[2] not in listed:
                yield f"{name} is not named in {path}"


def _state(seen: _Seen, name: str) -> str:
    return "not set" if seen.variables.get(name) is None else "empty"


def _unset(seen: _Seen) -> Iterator[str]:
    for name in seen.settings.unset:
        if seen.variables.get(name) is not None:
            yield f"{name} is set, expected it not to be"


def _values(seen: _Seen) -> Iterator[str]:
    settings = seen.settings
    rules: tuple[tuple[Mapping[str, Any], Callable[[str, Any], str | None]], ...] = (
        (settings.equals, _unequal),
        (settings.matches, _unmatched),
        (settings.forbidden, _forbidden),
        (settings.members, _absent),
    )
    for wanted, judge in rules:
        for name, expected in wanted.items():
            value = seen.present(name)
            if value is None:
                yield f"{name} is {_state(seen, name)}, expected a value"
                continue
            said = judge(value, expected)
            if said:
                secret = sounds_secret(name)
                yield f"{name} {said.partition(', expected')[0] if secret else said}"


def _unequal(value: str, expected: str) -> str | None:
    return None if value == expected else f'has another value, expected "{expected}"'


def _unmatched(value: str, pattern: str) -> str | None:
    found = re.fullmatch(pattern, value)
    return None if found else f'has another form, expected it to match "{pattern}"'


def _forbidden(value: str, pattern: str) -> str | None:
    found = re.search(pattern, value)
    return f'holds what is forbidden, expected no match of "{pattern}"' if found else None


def _absent(value: str, members: tuple[str, ...]) -> str | None:
    words = {word for word in re.split(r"[,\s]+", value) if word}
    missing = [member for member in members if member not in words]
    return f"lacks members, expected {', '.join(missing)}" if missing else None


def _relations(seen: _Seen) -> Iterator[str]:
    for key, relation in RELATIONS.items():
        for one, other in getattr(seen.settings, key):
            values = [seen.present(name) for name in (one, other)]
            if values[0] is None or values[1] is None:
                missing = [n for n, v in zip((one, other), values, strict=True) if v is None]
                yield f"{' and '.join(missing)} has no value to compare"
                continue
            said = relation(values[0], values[1])
            if said:
                yield f"{one} and {other} {said}"


def _needed(seen: _Seen) -> Iterator[str]:
    for name, other in seen.settings.needed_if.items():
        if seen.present(other) is not None and seen.present(name) is None:
            yield f"{name} is {_state(seen, name)}, expected a value since {other} is set"


def _shown(settings: EnvSettings) -> tuple[str, ...]:
    rules = (f"{key.replace('_', '-')}: {_listed(getattr(settings, key))}" for key in _RULES)
    return tuple(f"env {rule}" for rule in rules if not rule.endswith(": "))


def _listed(wanted: Any) -> str:
    return ", ".join(name if isinstance(name, str) else " and ".join(name) for name in wanted)


PROBE: Probe[EnvSettings] = Probe(
    name="env",
    settings=EnvSettings,
    offered=frozenset({"checked"}),
    writes=lambda _settings: False,
    fillable=frozenset(),
    shown=_shown,
    look=_look,
    usual=({"on": "checked", "greater": 0},),
)
