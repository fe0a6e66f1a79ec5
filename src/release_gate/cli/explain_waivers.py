"""What ``explain`` says beyond a rule: why a finding blocks, which waivers nearly cover it."""

from __future__ import annotations

from collections.abc import Iterator

from release_gate.cli.waiver_desk import Desk, Found
from release_gate.judge.budgets import counts_as
from release_gate.judge.types import JudgedFinding, PolicyInputs, State
from release_gate.judge.waiver_check import NearMiss, Standing, near_misses, standings
from release_gate.model import Severity
from release_gate.report.view.waivers import ends

_PAGE = "docs: reference/waivers.md"
_MOST = 3


class WaiverTalk:
    """Answers from the file of waivers, the policy and the last report.

    Args:
        desk: All of these.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def about_finding(self, item: JudgedFinding) -> str:
        """Why it blocks, which waivers nearly cover it, and the shortest way out."""
        found = next((one for one in self._desk.findings() if one.item is item), None)
        if found is None:
            return ""
        near = () if item.state is State.WAIVED else self._near(found)
        lines = [f"  blocks      {self._blocks(found)}"]
        for one in near[:_MOST]:
            lines.append(f"  waiver      {one.waiver.id} nearly covers it ({self._place(one)}):")
            lines += [f"              - {why}" for why in one.why]
        lines += [f"  waivers     {error}" for error in self._desk.errors[:_MOST]]
        if item.state is State.NEW:
            lines += [f"  way out     {text}" for text in self._ways(found, near)]
        return "\n".join([*lines, f"  page        {_PAGE}"])

    def about_waiver(self, waiver_id: str) -> str | None:
        """A waiver by its id; ``None`` if there is none of it."""
        broken = [one for one in self._desk.errors if f"waiver {waiver_id.upper()}" in one.what]
        found = standings(
            self._desk.book, self._desk.policy, self._desk.report, self._desk.kit.clock.now()
        )
        for one in found:
            if one.waiver.id.casefold() == waiver_id.casefold():
                return "\n".join(self._waiver(one))
        return str(broken[0]) if broken else None

    def _near(self, found: Found) -> tuple[NearMiss, ...]:
        report = self._desk.report
        inputs = PolicyInputs(
            effective_time=self._desk.kit.clock.now(),
            waivers=self._desk.book,
            waiver_policy=self._desk.policy,
            environment=report.subject.environment if report else None,
        )
        return near_misses(found.item, found.gate_id, inputs)

    def _place(self, one: NearMiss) -> str:
        return self._desk.book.place(one.waiver)

    def _blocks(self, found: Found) -> str:
        item = found.item
        if item.state is State.WAIVED:
            return f"no: waived by {item.waiver_id}"
        if item.state is State.KNOWN:
            return "no: the baseline accepts it"
        if not item.enforced:
            return f"no: it is new, and the budget of {found.gate_id} allows it"
        if item.finding.always_blocks:
            return "yes: nothing can accept it"
        note = f"; {item.waiver_note}" if item.waiver_note else ""
        return f"yes: it is new, neither the baseline nor a waiver covers it{note}"

    def _ways(self, found: Found, near: tuple[NearMiss, ...]) -> Iterator[str]:
        finding = found.item.finding
        if finding.fix:
            yield f"mend it: {finding.fix}"
        severity = counts_as(finding.severity)
        if finding.always_blocks or severity is Severity.CRITICAL:
            yield "no waiver can cover it"
            return
        if near and len(near[0].why) == 1:
            yield f"or mend {near[0].waiver.id}: {near[0].why[0]}"
            return
        approvers = self._desk.policy.approvers.get(severity, ())
        if not approvers:
            yield (
                f"a waiver needs somebody who may approve {severity}: "
                "key approvers in waiver-policy"
            )
            return
        yield (
            f"or release-gate waive {found.item.fingerprint[:12]}: at most "
            f"{self._desk.policy.max_days[severity]} days, approved by {', '.join(approvers)}"
        )

    def _waiver(self, one: Standing) -> Iterator[str]:
        waiver, use = one.waiver, one.use
        yield f"{waiver.id} {use.status} · {waiver.type} · {self._desk.book.place(waiver)}"
        note = f" · {use.note}" if use.note else ""
        facts = [
            ("gate", waiver.gate),
            ("match", str(waiver.match)),
            ("only in", " and ".join(waiver.environments)),
            ("covers", f"up to {waiver.max_severity}, {waiver.max_count} at most"),
            ("reason", waiver.reason),
            ("meanwhile", waiver.mitigation),
            ("owner", waiver.owner),
            ("approver", waiver.approver),
            ("runs", f"{waiver.created} to {waiver.expires} ({ends(use.days_left)}){note}"),
            ("tracking", waiver.tracking),
        ]
        yield from (f"  {name:<12}{value}" for name, value in facts if value)
        yield from (f"  covered     {digest[:12]}" for digest in one.covered)
        yield f"  page        {_PAGE}"
