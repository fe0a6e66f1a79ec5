"""Making a baseline out of what gates found, or out of a baseline of detect-secrets."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from release_gate.errors import BaselineError, ToolProblem
from release_gate.judge.baseline import Baseline, BaselineEntry
from release_gate.judge.fingerprints import fingerprints
from release_gate.judge.matching import entry_for
from release_gate.judge.types import GateResult, JudgedFinding, Report, State, Verdict
from release_gate.subjects.secrets import native_baseline


def accept(old: Baseline, report: Report, *, force: bool, file: str) -> Baseline:
    """The baseline with all findings of the gates that ran, and what it held of other gates.

    Args:
        old: What is accepted by now; its salt stays.
        report: A run of the gates whose findings are to be accepted.
        force: Whether entries of these gates may be replaced.
        file: Name of the baseline, for messages.

    Raises:
        BaselineError: If it already holds entries of these gates.
        ToolProblem: If a gate could not judge: what it did not see cannot be accepted.
    """
    check_whole(report.gates)
    ids = {gate.gate_id for gate in report.gates}
    check_free(old, ids, force=force, file=file)
    found = [
        entry_for(gate.gate_id, one.finding, one.fingerprint)
        for gate in report.gates
        for one in gate.findings
        if one.state is not State.WAIVED
    ]
    return _with(old, ids, found)


def accept_chosen(
    old: Baseline, gate_id: str, chosen: Iterable[JudgedFinding], *, reason: str
) -> Baseline:
    """The baseline with some findings of one gate, in place of what it held of that gate.

    Args:
        old: What is accepted by now.
        gate_id: The gate.
        chosen: Its findings that are to be accepted.
        reason: Why, as it stands in each line.
    """
    found = [entry_for(gate_id, one.finding, one.fingerprint, reason=reason) for one in chosen]
    return _with(old, {gate_id}, found)


def check_free(old: Baseline, gate_ids: Collection[str], *, force: bool, file: str) -> None:
    """Refuse to replace what was accepted before, unless told to.

    Raises:
        BaselineError: If there is an entry of one of the gates.
    """
    present = sorted({one.gate_id for one in old.entries} & set(gate_ids))
    if present and not force:
        raise BaselineError(
            f"findings of {', '.join(present)} are already accepted",
            file=file,
            remedy="With --force they are replaced by what is found now.",
        )


def take_over(
    old: Baseline, content: bytes, *, gate_id: str, name: str, key: bytes, file: str, force: bool
) -> Baseline:
    """The baseline with the entries of a ``.secrets.baseline``.

    Args:
        old: What is accepted by now; its salt stays.
        content: Content of the native baseline.
        gate_id: The gate that scans for secrets.
        name: Name of the native baseline, for messages.
        key: Key for hashes that identify secrets.
        file: Name of our baseline, for messages.
        force: Whether entries of that gate may be replaced.

    Raises:
        BaselineError: If either baseline cannot be used, or ours holds entries of that gate.
    """
    check_free(old, {gate_id}, force=force, file=file)
    taken = native_baseline.imported(native_baseline.parse(content, name), key)
    digests = fingerprints([one.finding for one in taken])
    entries = [
        replace(entry_for(gate_id, one.finding, digest), label=one.label)
        for one, digest in zip(taken, digests, strict=True)
    ]
    return _with(old, {gate_id}, entries)


def _with(old: Baseline, ids: Collection[str], found: Iterable[BaselineEntry]) -> Baseline:
    """What people said of an entry (a false positive, a real secret) outlives a new scan."""
    labels = {(one.gate_id, one.fingerprint): one.label for one in old.entries}
    relabelled = [
        replace(one, label=labels.get((one.gate_id, one.fingerprint), one.label))
        if one.label == "accepted"
        else one
        for one in found
    ]
    kept = [one for one in old.entries if one.gate_id not in ids]
    return replace(old, entries=tuple(sorted({*kept, *relabelled})), places=())


def check_whole(gates: Iterable[GateResult]) -> None:
    """Refuse to accept findings of a run in which a gate did not see everything.

    Raises:
        ToolProblem: If there is such a gate.
    """
    gates = tuple(gates)
    broken = [one for one in gates if one.verdict in {Verdict.ERROR, Verdict.INCONCLUSIVE}]
    if not broken:
        return
    others = "".join(f" --gate {one.gate_id}" for one in gates if one not in broken)
    around = f"; to accept the others: release-gate baseline create{others}" if others else ""
    mend = "".join(f" --gate {one.gate_id}" for one in broken)
    raise ToolProblem(
        "; ".join(f"{one.gate_id} could not judge: {one.reason}" for one in broken),
        remedy=f"Nothing was accepted. To see why: release-gate run{mend}{around}",
    )
