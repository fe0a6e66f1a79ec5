"""The answer and the three sentences that a release manager reads first."""

from __future__ import annotations

from collections.abc import Sequence

from release_gate.judge.types import GateResult, JudgedFinding, Report, State, Verdict
from release_gate.report.clean import one_line
from release_gate.report.numbers import count_text
from release_gate.report.view.findings import base_name, blocking
from release_gate.report.view.types import GateView
from release_gate.report.view.waivers import ends, nearest

_ANSWERS = {
    Verdict.PASS: "GO",
    Verdict.FAIL: "NO-GO",
    Verdict.ERROR: "CANNOT SAY",
    Verdict.INCONCLUSIVE: "CANNOT SAY",
}
_NAMED = 5


def answer(report: Report) -> str:
    """``GO``, ``NO-GO`` or ``CANNOT SAY``; some gates alone never make a ``GO``."""
    if report.partial and report.verdict is Verdict.PASS:
        return "PARTIAL PASS"
    if report.replayed and report.verdict is Verdict.PASS:
        return "REPLAYED PASS"
    return _ANSWERS[report.verdict]


def about(report: Report) -> str:
    """``for orders 1.8.0 to production``."""
    subject = report.subject
    target = f" to {one_line(subject.environment)}" if subject.environment else ""
    return f"for {project(report)}{target}"


def project(report: Report) -> str:
    """``orders 1.8.0``, or ``orders @ 3f2a91c`` where it has no version."""
    subject = report.subject
    if subject.version:
        return f"{one_line(subject.repository)} {one_line(subject.version)}"
    commit = f" @ {subject.commit[:7]}" if subject.commit else ""
    return one_line(subject.repository) + commit


def partial(report: Report) -> str:
    """What a run of some gates, or one as of another time, says of itself."""
    said = []
    if report.partial:
        names = _listed([one_line(name) for name in report.expected])
        were = "was" if len(report.expected) == 1 else "were"
        said.append(f"PARTIAL: only {names} {were} asked for.")
    if report.replayed:
        said.append(f"REPLAYED: judged as of {one_line(report.effective_time)}, not as of now.")
    return " ".join([*said, "This is no answer for the release."]) if said else ""


def sentences(report: Report, gates: Sequence[GateView]) -> tuple[str, ...]:
    """What blocks, since when, and what is accepted.

    Args:
        report: Already clean.
        gates: The same gates, phrased, in the same order.
    """
    deciding = [view for gate, view in zip(report.gates, gates, strict=True) if gate.enforce]
    return (_what(report, deciding), _since(report), _accepted(report.gates))


def _what(report: Report, gates: Sequence[GateView]) -> str:
    failing = [gate for gate in gates if gate.verdict == Verdict.FAIL]
    unjudged = [gate for gate in gates if gate.verdict in {Verdict.ERROR, Verdict.INCONCLUSIVE}]
    said = []
    if failing:
        names = _listed([f"{gate.id} ({gate.headline})" for gate in failing])
        said.append(f"{count_text(len(failing), 'gate blocks', 'gates block')}: {names}.")
    if unjudged:
        names = _listed([f"{gate.id} ({gate.reason.rstrip('.')})" for gate in unjudged])
        said.append(f"{count_text(len(unjudged), 'gate')} could not be judged: {names}.")
    said += [f"The run itself: {one_line(p.what).rstrip('.')}." for p in report.problems[:_NAMED]]
    if report.verdict is Verdict.PASS:
        passed = sum(gate.verdict == Verdict.PASS for gate in gates)
        return f"Nothing blocks: {count_text(passed, 'gate')} passed."
    return " ".join(said) or f"{one_line(report.reason).rstrip('.').capitalize()}."


def _since(report: Report) -> str:
    found = [item for gate in report.gates if gate.enforce for item in blocking(gate)]
    base = base_name(report.base)
    if not base:
        return (
            "There is no base to compare with, so nobody can say since when."
            if found
            else (f"Nothing was compared with an earlier state: {_note(report)}.")
        )
    if not found:
        return f"Compared with {base}, no finding is new."
    return _on_changed_lines(found, base)


def _on_changed_lines(found: Sequence[JudgedFinding], base: str) -> str:
    inside = sum(item.finding.in_change is True for item in found)
    unknown = sum(item.finding.in_change is None for item in found)
    total = count_text(len(found), "blocking finding")
    if unknown == len(found):
        return f"{total}, not tied to lines, so not dated against {base}."
    if inside == len(found):
        where = "on a line" if inside == 1 else "all on lines"
        return f"{total}, {where} changed since {base}."
    if not inside:
        return f"{total}, none of them on a line changed since {base}."
    return f"{total}, {inside:,} of them on lines changed since {base}."


def _accepted(gates: Sequence[GateResult]) -> str:
    states = [item.state for gate in gates for item in gate.findings]
    known, waived = states.count(State.KNOWN), states.count(State.WAIVED)
    fixed = sum(len(gate.fixed) for gate in gates)
    gone = f"; {fixed:,} accepted before {'is' if fixed == 1 else 'are'} gone" if fixed else ""
    if not known and not waived:
        return f"No finding is accepted as it is{gone}."
    counts = [f"{known:,} known in the baseline"] if known else []
    counts += [f"{waived:,} waived"] if waived else []
    first = nearest(use for gate in gates for use in gate.waivers)
    until = f", the nearest {ends(first.days_left)} ({one_line(first.id)})" if first else ""
    return f"Accepted as they are: {' and '.join(counts)}{until}{gone}."


def _note(report: Report) -> str:
    return one_line(report.base.note).rstrip(".") or "no base"


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:_NAMED])
    if len(names) > _NAMED:
        return f"{', '.join(shown)} and {len(names) - _NAMED:,} more"
    if len(shown) > 1:
        return f"{', '.join(shown[:-1])} and {shown[-1]}"
    return "".join(shown) or "nothing"
