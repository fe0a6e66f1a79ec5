"""The checklist's file: text to values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from zoneinfo import ZoneInfo

from release_gate.checklists import Automatic, Checklist, Freeze, Item, Manual, Window
from release_gate.errors import ChecklistError, ConfigError
from release_gate.model import Severity
from release_gate.plan.checklist_keys import (
    WEEK,
    ApprovalKeys,
    ChecklistKeys,
    ItemKeys,
)
from release_gate.plan.decoding import decode
from release_gate.plan.document import Document, parse_document
from release_gate.plan.suggest import did_you_mean, there_are
from release_gate.plan.toml_lines import KeyPath

FILE = "release-gate-checklist.toml"
FilesOf = Callable[[tuple[str, ...], bool], Mapping[str, str]]
"""Digest by path of the files that patterns match: all of them, or only those that changed."""

_COUNTED = {Severity.UNKNOWN: Severity.HIGH}


def parse_checklist(
    text: str, file: str, files_of: FilesOf, gate_ids: Collection[str] | None = None
) -> Checklist:
    """Read a checklist.

    Args:
        text: Content of the file.
        file: Its name, for messages.
        files_of: Finds the files that an item is about.
        gate_ids: Ids of all gates that there are; ``None``: not checked.

    Raises:
        ChecklistError: At the first mistake.
    """
    try:
        document = parse_document(text.removeprefix("\ufeff"), file)
        keys = decode(document, ChecklistKeys)
        return _Reading(document, keys, files_of, gate_ids).checklist()
    except ChecklistError:
        raise
    except ConfigError as error:
        place = f"{error.file}:{error.line}: " if error.line else f"{error.file}: "
        raise ChecklistError(
            error.what.removeprefix(place),
            file=error.file,
            line=error.line,
            remedy=error.remedy or "reference/checklist.md lists every key.",
        ) from error


class _Reading:
    """One file on its way to values."""

    def __init__(
        self,
        document: Document,
        keys: ChecklistKeys,
        files_of: FilesOf,
        gate_ids: Collection[str] | None,
    ) -> None:
        self._document = document
        self._keys = keys
        self._files_of = files_of
        self._gate_ids = gate_ids

    def checklist(self) -> Checklist:
        keys = self._keys
        self._check_ids()
        self._check_zones()
        return Checklist(
            file=self._document.file,
            items=tuple(self._item(at, one) for at, one in enumerate(keys.item)),
            windows=tuple(
                Window(
                    days=frozenset(WEEK.index(day) for day in one.days),
                    begins=one.begins,
                    ends=one.ends,
                    zone=one.zone,
                    environments=one.environments or (),
                )
                for one in keys.window
            ),
            freezes=tuple(
                Freeze(
                    begins=one.begins,
                    ends=one.ends,
                    reason=one.reason,
                    zone=one.zone,
                    environments=one.environments or (),
                )
                for one in keys.freeze
            ),
            people=dict(keys.people),
            policy=self._policy(),
        )

    def _error(self, what: str, path: KeyPath, remedy: str = "") -> ConfigError:
        return self._document.error(what, path, remedy=remedy)

    def _check_ids(self) -> None:
        seen: set[str] = set()
        for at, one in enumerate(self._keys.item):
            if one.id in seen:
                raise self._error(f'the id "{one.id}" stands twice', ("item", at, "id"))
            seen.add(one.id)

    def _check_zones(self) -> None:
        named = [(("window", at, "zone"), one.zone) for at, one in enumerate(self._keys.window)]
        named += [(("freeze", at, "zone"), one.zone) for at, one in enumerate(self._keys.freeze)]
        for path, zone in named:
            try:
                ZoneInfo(zone)
            except (OSError, ValueError, KeyError) as error:
                raise self._error(
                    f'there is no time zone "{zone}"',
                    path,
                    "Write it as Europe/Berlin; on Windows the package tzdata must be installed.",
                ) from error

    def _item(self, at: int, keys: ItemKeys) -> Item:
        manual = self._manual_of(at, keys) if keys.gate is None else None
        return Item(
            id=keys.id,
            title=keys.title or keys.id,
            phase=keys.phase,
            environments=keys.environments or (),
            manual=manual,
            automatic=self._automatic(at, keys, keys.gate) if keys.gate is not None else None,
        )

    def _manual_of(self, at: int, keys: ItemKeys) -> Manual:
        files = None
        if keys.files is not None:
            files = dict(self._files_of(keys.files, keys.changed))
        return Manual(
            approvers=keys.approvers,
            people=self._people(keys, ("item", at)),
            every_days=keys.every_days,
            files=files,
            changed_only=keys.changed,
            signature=keys.signature,
        )

    def _automatic(self, at: int, keys: ItemKeys, gate: str) -> Automatic:
        if self._gate_ids is not None and gate not in self._gate_ids:
            raise self._error(
                f'there is no gate "{gate}"{did_you_mean(gate, self._gate_ids)}',
                ("item", at, "gate"),
                there_are(self._gate_ids),
            )
        wanted = keys.findings
        severities = wanted.severity if wanted and wanted.severity else ()
        return Automatic(
            gate=gate,
            metric=keys.metric or "",
            at_least=_exact(keys.at_least),
            at_most=_exact(keys.at_most),
            severities=frozenset(_COUNTED.get(one, one) for one in severities),
            rule=wanted.rule if wanted else "",
            most=wanted.max if wanted else None,
            every_days=keys.every_days,
        )

    def _policy(self) -> Manual | None:
        keys = self._keys.policy_changes
        if keys is None:
            return None
        people = self._people(keys, ("policy-changes",))
        return Manual(approvers=keys.approvers, people=people, signature=keys.signature)

    def _people(self, keys: ApprovalKeys, path: KeyPath) -> tuple[str, ...]:
        """Names and identities of all who may, roles spelt out."""
        named = list(keys.people or ())
        for at, role in enumerate(keys.roles or ()):
            if role not in self._keys.roles:
                raise self._error(
                    f'there is no role "{role}"{did_you_mean(role, self._keys.roles)}',
                    (*path, "roles", at),
                    there_are(self._keys.roles),
                )
            named += self._keys.roles[role]
        for one in named:
            if "@" not in one and ":" not in one and one not in self._keys.people:
                raise self._error(
                    f'there is no "{one}" in [people]{did_you_mean(one, self._keys.people)}',
                    path,
                    "Write an address, github:NAME, or add the name to [people].",
                )
        return tuple(dict.fromkeys(named))


def _exact(value: float | None) -> Fraction | None:
    return None if value is None else Fraction(str(value))
