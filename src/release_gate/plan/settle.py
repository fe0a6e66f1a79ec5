"""From a chosen gate to a planned one: settings decoded, asked whether it applies, tools found."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from release_gate.api import Inputs, Origin, Project, Toolkit
from release_gate.errors import ConfigError, Interrupted, ReleaseGateError
from release_gate.model import NotApplicable, PlannedTool
from release_gate.plan.budget_keys import shown_limits
from release_gate.plan.decoding import begun
from release_gate.plan.expected import Choice
from release_gate.plan.hosted import RawSettings
from release_gate.plan.keys import CommonKeys
from release_gate.plan.types import CommonSettings, PlannedGate

T = TypeVar("T")

_NOTHING = Inputs(files=())
_DEFAULT = "default"


class _CannotPlanError(Exception):
    """A gate's own code raised while it was planned: that gate is an error, the rest goes on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settler:
    """Settles one gate after the other.

    Args:
        project: With the file list.
        toolkit: Where the scanners are.
    """

    project: Project
    toolkit: Toolkit

    def settle(self, choice: Choice) -> PlannedGate | NotApplicable:
        """The planned gate, or why it is left out.

        Args:
            choice: A gate that may run.

        Raises:
            ConfigError: If its settings cannot be used.
        """
        keys = choice.table.common if choice.table else CommonKeys()
        settings = _settings(choice)
        planned = PlannedGate(
            gate_id=choice.gate_id,
            gate=choice.kind.gate,
            settings=settings,
            common=_common(keys, choice.phase),
            inputs=_NOTHING,
            origins=tuple(_origins(choice, settings, keys)),
            home=choice.kind.home,
            file=choice.kind.file,
        )
        if keys.skip_reason is not None:
            return planned
        try:
            return self._asked(choice, planned)
        except _CannotPlanError as error:
            return dataclasses.replace(planned, inapplicable=f"cannot be planned: {error}")

    def _asked(self, choice: Choice, planned: PlannedGate) -> PlannedGate | NotApplicable:
        gate, settings = planned.gate, planned.settings
        reason = _ask(choice, "applies", lambda: gate.applies(self.project, settings))
        if reason is not None:
            if choice.must_apply:
                return dataclasses.replace(planned, inapplicable=reason)
            return NotApplicable(gate_id=choice.gate_id, reason=reason)
        inputs = _ask(choice, "inputs", lambda: gate.inputs(self.project, settings))
        # Nothing of it is kept: what is wrong with a limit is to be known before the run.
        _ask(choice, "limits", lambda: gate.limits(settings, self.project))
        versions = {name: self.toolkit.version(name) for name in gate.tools}
        missing = sorted(name for name, version in versions.items() if version is None)
        return dataclasses.replace(
            planned,
            inputs=inputs,
            origins=tuple(_merged(choice, planned.origins, inputs.origins)),
            tools=tuple(PlannedTool(name=n, version=v) for n, v in versions.items() if v),
            inapplicable=_not_installed(missing),
        )


def _settings(choice: Choice) -> Any:
    table, kind = choice.table, choice.kind
    if kind.home != "bundled":
        return RawSettings(values=dict(table.own) if table else {})
    return table.decode(kind.gate.settings) if table else kind.gate.settings()


def _common(keys: CommonKeys, phase: str) -> CommonSettings:
    return CommonSettings(
        phase=phase,
        budget=keys.budget(),
        ratchets=keys.ratchets(),
        leeway=keys.leeway.leeway() if keys.leeway else None,
        enforce=keys.enforce,
        skip_reason=keys.skip_reason,
        deadline_s=keys.deadline_s(),
    )


def _ask(choice: Choice, what: str, question: Callable[[], T]) -> T:
    """Ask a gate's own code. A setting that cannot be used ends the plan, all else the gate.

    Raises:
        ConfigError: If the gate refuses its settings; with the line of its table.
        Interrupted: If the user broke off meanwhile.
        _CannotPlanError: For whatever else it raises.
    """
    try:
        return question()
    except Interrupted:
        raise
    except ConfigError as error:
        if error.file or choice.table is None:
            raise
        document = choice.table.document
        raise type(error)(
            f"{error.what} in {document.label()}",
            file=document.file,
            line=document.line(begun(error.what, document.values)),
            remedy=error.remedy,
        ) from error
    except ReleaseGateError as error:
        raise _CannotPlanError(error.what) from error
    except Exception as error:
        raise _CannotPlanError(f"{what} raised {type(error).__name__}: {error}") from error


def _not_installed(missing: list[str]) -> str | None:
    if not missing:
        return None
    verb = "is" if len(missing) == 1 else "are"
    return f"{' and '.join(missing)} {verb} not installed in the toolkit environment"


def _origins(choice: Choice, settings: Any, keys: CommonKeys) -> Iterator[Origin]:
    """Every setting in force: the gate's own keys, then those that every gate has."""
    own = settings.values if isinstance(settings, RawSettings) else _fields(settings)
    common = {**_fields(keys), "kind": choice.kind.gate.kind, "phase": choice.phase}
    common["max"] = shown_limits(keys.budget())
    for name, value in {**own, **common}.items():
        place = choice.table.document.origin((name,)) if choice.table else _DEFAULT
        yield Origin(name=name, value=shown(value), origin=place)


def _fields(struct: Any) -> dict[str, Any]:
    return {
        field.encode_name: getattr(struct, field.name) for field in msgspec.structs.fields(struct)
    }


def _merged(
    choice: Choice, ours: tuple[Origin, ...], theirs: tuple[Origin, ...]
) -> Iterator[Origin]:
    """A gate knows best what is in force; where it says our key, the key's place is shown."""
    said = {one.name: one for one in theirs}
    for one in ours:
        better = said.pop(one.name, one)
        if choice.table and better.origin == one.name:
            better = dataclasses.replace(better, origin=one.origin)
        yield better
    yield from (one for one in theirs if one.name in said)


def shown(value: object) -> str:
    """A value as the configuration would write it."""
    if value is None:
        return "not set"
    if isinstance(value, str):
        return value
    # Not msgspec's JSON: a file name may hold bytes that are no UTF-8, which that refuses.
    built = msgspec.to_builtins(value)
    return json.dumps(built, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
