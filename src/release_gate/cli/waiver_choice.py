"""Which findings are meant, and what names them best in a waiver."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from release_gate.cli.waiver_desk import Found
from release_gate.errors import UsageError
from release_gate.judge.budgets import counts_as
from release_gate.judge.types import State
from release_gate.model import Severity

_PREFIX = re.compile(r"[0-9a-f]{6,64}")
_PURL = re.compile(r"^pkg:[^/]+/(?P<name>[^@?#]+)")
_SHOWN = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """What a new waiver is about.

    Args:
        gate_id: Whose findings they are.
        match: Its key ``match``.
        severity: The gravest of them.
        count: How many they are.
        about: In a few words.
    """

    gate_id: str
    match: dict[str, str]
    severity: Severity
    count: int
    about: str


def choose(what: str, found: Iterable[Found], gate_id: str | None = None) -> Chosen:
    """The findings that a word stands for.

    Args:
        what: First six or more digits of a fingerprint, or a rule.
        found: The findings of the last report.
        gate_id: The only gate to look at.

    Raises:
        UsageError: If there is none, if several cannot be told apart, or if no waiver may
            cover them.
    """
    listed = [one for one in found if gate_id in {None, one.gate_id}]
    key = what.casefold()
    meant = [one for one in listed if key in _names(one)]
    if not meant and _PREFIX.fullmatch(key):
        meant = [one for one in listed if one.item.fingerprint.startswith(key)]
    fresh = [one for one in meant if one.item.state is State.NEW]
    if not meant:
        raise UsageError(
            f"{what}: no finding of the last report has this rule or begins so",
            remedy="gate.json lists them; run release-gate run first.",
        )
    if not fresh:
        first = meant[0].item
        by = f" by {first.waiver_id}" if first.waiver_id else ""
        raise UsageError(f"{what}: there is nothing to waive, it is {first.state} already{by}")
    for one in fresh:
        _check(what, one)
    return _described(what, fresh)


def _names(one: Found) -> set[str]:
    finding = one.item.finding
    return {name.casefold() for name in (finding.rule_id, *finding.aliases)}


def _check(what: str, one: Found) -> None:
    if one.item.finding.always_blocks:
        raise UsageError(f"{what}: this finding always blocks, no waiver covers it")
    if one.item.finding.severity is Severity.CRITICAL:
        raise UsageError(f"{what}: critical findings cannot be waived")


def _described(what: str, fresh: Sequence[Found]) -> Chosen:
    matches = [_match(one, alone=len(fresh) == 1) for one in fresh]
    gates = {one.gate_id for one in fresh}
    if len(gates) > 1 or any(one != matches[0] for one in matches):
        shown = [f"{one.item.fingerprint[:12]} {_place(one)}" for one in fresh[:_SHOWN]]
        more = len(fresh) - _SHOWN
        rest = [f"and {more} more"] if more > 0 else []
        raise UsageError(
            f"{what}: {len(fresh)} findings in different places",
            remedy="Name one by its fingerprint: " + "; ".join([*shown, *rest]),
        )
    severities = sorted((counts_as(one.item.finding.severity) for one in fresh), key=_rank)
    return Chosen(
        gate_id=fresh[0].gate_id,
        match=matches[0],
        severity=severities[0],
        count=len(fresh),
        about=f"{fresh[0].item.finding.rule_id} {severities[0]} · {_place(fresh[0])}",
    )


def _rank(severity: Severity) -> int:
    return severity.rank


def _match(one: Found, *, alone: bool) -> dict[str, str]:
    finding, identity = one.item.finding, one.item.finding.identity
    rule = {"rule": finding.rule_id}
    if identity.kind == "dependency" and (purl := _PURL.match(identity.key[0])):
        return {**rule, "package": purl["name"]}
    if identity.kind == "infrastructure":
        return {**rule, "resource": identity.key[0]}
    if identity.kind == "web":
        return {**rule, "url": " ".join(identity.key[:2])}
    if alone or identity.kind == "secret" or finding.path is None:
        return {"fingerprint": one.item.fingerprint}
    return {**rule, "path": finding.path}


def _place(one: Found) -> str:
    finding = one.item.finding
    line = f":{finding.line}" if finding.line else ""
    return f"{finding.path}{line}" if finding.path else finding.message
