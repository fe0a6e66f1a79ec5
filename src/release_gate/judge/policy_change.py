"""Changes of policy: what a change does to the rules that judge it.

A change is harmless only where a closed table says so (:mod:`.policy_tightenings`); every other
one needs the approval of somebody else before it holds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from release_gate.judge.fingerprints import fingerprint
from release_gate.judge.policy_files import RATCHET, SALT, baseline_rows, waiver_rows
from release_gate.judge.policy_tightenings import (
    baseline_tightens,
    mark_tightens,
    setting_tightens,
    tool_tightens,
    waiver_tightens,
)
from release_gate.judge.policy_words import dotted, shown
from release_gate.model import Evidence, Examined, Finding, Identity, Severity
from release_gate.trust import PolicySide, PolicySides, Ruling

TITLE = "Policy is changed by others than those it judges"
TOOL = "release-gate"

# Tables whose members are things of their own: one that comes or goes is one change.
_COLLECTIONS = frozenset({("gates",), ("phases",), ("environments",)})


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One thing of the policy that is not as it was.

    Args:
        rule_id: Which sort of change.
        thing: What changed, part by part; the same for both sides.
        old: Its value before; ``None``: it was not there.
        new: Its value now; ``None``: it is gone.
        place: File that it stands in.
        said: What happened, for people; default: old and new value.
        tightens: Whether it surely makes nothing pass that did not pass before.
    """

    rule_id: str
    thing: tuple[str, ...]
    old: Any
    new: Any
    place: str | None
    said: str = ""
    tightens: bool = False


def rule(sides: PolicySides, approvals: Callable[[Sequence[Finding]], Mapping[str, str]]) -> Ruling:
    """What a change does to the policy, as evidence of the gate ``policy-change``.

    Args:
        sides: The policy before, after, and of the trusted commit.
        approvals: Who approved which of the findings, by fingerprint; asked once.

    Raises:
        BaselineError: If a baseline cannot be read.
    """
    found = list(changes(sides.before, sides.after))
    if sides.trusted is not sides.before:
        # What the trusted commit has by now is no change any more.
        held = {_key(one) for one in changes(sides.trusted, sides.after)}
        found = [one for one in found if _key(one) in held]
    findings = [_finding(one) for one in found]
    digests = [fingerprint(one) for one in findings]
    approved = approvals(findings)
    done = [
        one if change.tightens or digest not in approved else _approve(one, approved[digest])
        for one, change, digest in zip(findings, found, digests, strict=True)
    ]
    open_ = [one for one in done if one.severity is not Severity.INFO]
    return Ruling(
        evidence=Evidence(
            examined=Examined(unit="parts of the policy", count=_size(sides)),
            findings=tuple(done),
            notes=tuple(_notes(done, open_)),
        ),
        approved=not open_,
        changed=bool(found),
    )


def changes(before: PolicySide, after: PolicySide) -> tuple[Change, ...]:
    """Every difference between two states of the policy, in a fixed order.

    Raises:
        BaselineError: If a baseline cannot be read.
    """
    return (
        *_moved(before, after),
        *_settings(before, after),
        *_lost(after),
        *_files(before, after),
        *_baseline(before, after),
        *_waivers(before, after),
        *_tools(before, after),
    )


def _moved(before: PolicySide, after: PolicySide) -> Iterator[Change]:
    if before.file == after.file or before.file is None:
        return
    said = f"moved from {before.file} to {after.file}" if after.file else f"{before.file} is gone"
    yield Change(
        rule_id="policy-moved",
        thing=("configuration",),
        old=before.file,
        new=after.file,
        place=after.file or before.file,
        said=f"the configuration {said}" if after.file else f"the configuration in {said}",
    )


def _settings(before: PolicySide, after: PolicySide) -> Iterator[Change]:
    for path, old, new in _walk(before.settings, after.settings, before.gates):
        yield Change(
            rule_id="policy-setting",
            thing=path,
            old=old,
            new=new,
            place=after.file or before.file,
            tightens=setting_tightens(path, old, new, before.gates, after.gates),
        )


def _walk(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    known: Mapping[str, str],
    path: tuple[str, ...] = (),
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    for name in sorted({*before, *after}):
        here = (*path, name)
        old, new = before.get(name), after.get(name)
        if _same(old, new):
            continue
        # A table for a gate that ran before without one is a change of each of its keys.
        whole = path in _COLLECTIONS and not (path == ("gates",) and name in known and new)
        if _is_table(old) and _is_table(new) and not (whole and (old is None or new is None)):
            inside = list(_walk(old or {}, new or {}, known, here))
            yield from inside or [(here, old, new)]
        else:
            yield here, old, new


def _is_table(value: Any) -> bool:
    return value is None or isinstance(value, Mapping)


def _lost(after: PolicySide) -> Iterator[Change]:
    for gate_id, why in sorted(after.lost.items()):
        yield Change(
            rule_id="policy-applies",
            thing=("applies", gate_id),
            old=True,
            new=None,
            place=None,
            said=f"gate {gate_id} applied at the base and no longer does: {why}",
        )


def _files(before: PolicySide, after: PolicySide) -> Iterator[Change]:
    for path in sorted({*before.files, *after.files}):
        old, new = before.files.get(path), after.files.get(path)
        if old != new:
            done = "is new" if old is None else "is gone" if new is None else "changed"
            yield Change(
                rule_id="policy-file",
                thing=("file", path),
                old=old,
                new=new,
                place=path,
                said=f"{path}, which judges or renders this change, {done}",
            )


def _baseline(before: PolicySide, after: PolicySide) -> Iterator[Change]:
    if before.baseline == after.baseline:
        return
    old = baseline_rows(before.baseline, before.baseline_file)
    new = baseline_rows(after.baseline, after.baseline_file)
    # A first salt, or the last one, says nothing: there was no entry to be hashed with another.
    salt = {SALT} if SALT in old.keys() ^ new.keys() else set()
    for key in sorted({*old, *new} - salt):
        was, now = old.get(key), new.get(key)
        if not _same(was, now):
            yield Change(
                rule_id="policy-baseline",
                thing=("baseline", *key),
                old=was,
                new=now,
                place=(now or was or {}).get("path") or None,
                said=_of_baseline(key, was, now),
                tightens=mark_tightens(key[-1], was, now)
                if key[0] == RATCHET
                else baseline_tightens(was, now),
            )


def _of_baseline(key: tuple[str, ...], was: Any, now: Any) -> str:
    if key == SALT:
        return "the baseline's salt is another one: no secret that it accepts is known any more"
    name = " ".join(part[:60] for part in key)
    if key[0] == RATCHET:
        values = [", ".join((one or {"values": ["none"]})["values"]) for one in (was, now)]
        return f"the {name} in the baseline changed: {' → '.join(values)}"
    if was is None:
        return f"the baseline accepts one more: {name}"
    if now is None:
        return f"the baseline no longer accepts {name}"
    return f"the baseline's entry {name} changed: {shown(was)} → {shown(now)}"


def _waivers(before: PolicySide, after: PolicySide) -> Iterator[Change]:
    if before.waivers == after.waivers:
        return
    old, new = waiver_rows(before.waivers), waiver_rows(after.waivers)
    for key in sorted({*old, *new}):
        was, now = old.get(key), new.get(key)
        if not _same(was, now):
            done = "is new" if was is None else "is gone" if now is None else "changed"
            yield Change(
                rule_id="policy-waiver",
                thing=("waiver", key),
                old=was,
                new=now,
                place=None,
                said=f"waiver {key} {done}",
                tightens=waiver_tightens(was, now),
            )


def _tools(before: PolicySide, after: PolicySide) -> Iterator[Change]:
    for place in sorted({*before.tools, *after.tools}):
        old, new = before.tools.get(place, {}), after.tools.get(place, {})
        for path, was, now in _walk(old, new, {}):
            yield Change(
                rule_id="policy-tool-setting",
                thing=(place, *path),
                old=was,
                new=now,
                place=place.partition(" ")[0],
                tightens=tool_tightens(place, path, was, now),
            )


def _finding(change: Change) -> Finding:
    was, now = _digest(change.old), _digest(change.new)
    said = change.said or (
        f"{dotted(change.thing)}: {shown(change.old, change.thing)}"
        f" → {shown(change.new, change.thing)}"
    )
    needs = "policy change" if change.tightens else "policy change needs approval"
    return Finding(
        tool=TOOL,
        rule_id=change.rule_id,
        severity=Severity.INFO if change.tightens else Severity.HIGH,
        message=f"{needs}: {said}",
        identity=Identity(kind="item", key=(*change.thing, was, now)),
        path=change.place,
        why="" if change.tightens else "whoever is judged does not set the rules of the judgement",
        fix="" if change.tightens else HOW,
    )


HOW = (
    "have it approved: a waiver for this finding on the base branch, or a sign-off; "
    "until then the policy of the base holds"
)


def _approve(finding: Finding, who: str) -> Finding:
    return Finding(
        tool=finding.tool,
        rule_id=finding.rule_id,
        severity=Severity.INFO,
        message=f"{finding.message.replace(' needs approval', '', 1)} (approved: {who})",
        identity=finding.identity,
        path=finding.path,
    )


def _notes(done: list[Finding], open_: list[Finding]) -> Iterator[str]:
    if open_:
        many = "policy change needs" if len(open_) == 1 else "policy changes need"
        yield f"{len(open_)} {many} approval"
    elif done:
        yield f"{len(done)} tightened or approved"
    else:
        yield "policy as at the base"


def _size(sides: PolicySides) -> int:
    """How many things were compared."""
    both = (sides.before, sides.after)
    return sum(
        len(side.settings)
        + len(side.gates)
        + len(side.tools)
        + len(side.files)
        + sum(text is not None for text in (side.baseline, side.waivers))
        for side in both
    )


def _key(change: Change) -> tuple[str, tuple[str, ...]]:
    return change.rule_id, change.thing


def _same(one: Any, other: Any) -> bool:
    return _canonical(one) == _canonical(other)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _digest(value: Any) -> str:
    return hashlib.sha256(_canonical(value).encode("utf-8", "surrogateescape")).hexdigest()
