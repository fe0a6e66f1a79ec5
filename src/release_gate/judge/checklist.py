"""The gate ``checklist``: go or no-go, item by item, derived after all other gates.

An item is automatic (bound to a gate's result) or manual (signed by people). Whatever is not a
go is one finding; windows and freezes are items of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from release_gate.checklists import Automatic, ChecklistInputs, Freeze, Item, Window
from release_gate.judge.history import Release
from release_gate.judge.sign_offs import Answer, ItemState, answer
from release_gate.judge.types import GateResult, JudgedFinding, State, Verdict
from release_gate.model import Evidence, Examined, Finding, Identity, Severity, Table
from release_gate.trust import CHECKLIST

GATE_ID = CHECKLIST
TITLE = "Go or no-go, item by item"
WINDOW = "release-window"
FREEZE = "freeze"
_TOOL = "release-gate"
_RULES = {
    ItemState.OPEN: "item-open",
    ItemState.NO_GO: "item-no-go",
    ItemState.VOID: "item-void",
    ItemState.OVERDUE: "item-overdue",
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PASS = "pass"  # noqa: S105 - a verdict, not a password


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """When and where a checklist is judged.

    Args:
        now: The moment, aware.
        local: The same moment in each time zone that windows and freezes name.
        phase: Whose items hold.
        environment: Whose items hold, besides those of every environment.
    """

    now: datetime
    local: Mapping[str, datetime]
    phase: str
    environment: str | None


def evidence(
    inputs: ChecklistInputs,
    gates: Sequence[GateResult],
    moment: Moment,
    history: Sequence[Release] = (),
) -> Evidence:
    """The state of each item as evidence.

    Args:
        inputs: Items and sign-offs.
        gates: All other gates of the run, judged.
        moment: When and where.
        history: Earlier releases, for items that recur.
    """
    answers = [
        (one, _answer(one, inputs, gates, moment, history)) for one in _items(inputs, moment)
    ]
    answers += list(_times(inputs, moment))
    open_ = [(item, found) for item, found in answers if found.state is not ItemState.GO]
    rows = tuple(
        (item.title, str(found.state), found.said, "" if found.at is None else _day(found.at))
        for item, found in answers
    )
    return Evidence(
        examined=Examined(unit="items", count=len(answers)),
        findings=tuple(_finding(item, found) for item, found in open_),
        tables=(Table(title="Go or no-go", columns=("item", "state", "by", "when"), rows=rows),),
        notes=(f"{len(answers) - len(open_)} of {len(answers)} go",),
    )


def _items(inputs: ChecklistInputs, moment: Moment) -> Iterator[Item]:
    for one in inputs.checklist.items:
        if one.phase == moment.phase and _here(one.environments, moment):
            yield one


def _here(environments: Sequence[str], moment: Moment) -> bool:
    return not environments or moment.environment in environments


def _answer(
    item: Item,
    inputs: ChecklistInputs,
    gates: Sequence[GateResult],
    moment: Moment,
    history: Sequence[Release],
) -> Answer:
    if item.automatic is not None:
        return _automatic(item.automatic, gates, moment, history)
    if item.manual is not None:
        return answer(item.id, item.manual, inputs, moment.now)
    return Answer(state=ItemState.OPEN, said="it asks for nothing that could be answered")


def _automatic(
    wanted: Automatic, gates: Sequence[GateResult], moment: Moment, history: Sequence[Release]
) -> Answer:
    gate = next((one for one in gates if one.gate_id == wanted.gate), None)
    if gate is None and wanted.every_days is not None:
        return _in_history(wanted, moment, history)
    if gate is None:
        return Answer(state=ItemState.OPEN, said=f"gate {wanted.gate} was not judged in this run")
    if gate.verdict in {Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.SKIPPED}:
        return Answer(state=ItemState.OPEN, said=f"{wanted.gate} is {gate.verdict}: {gate.reason}")
    if wanted.metric:
        return _metric(wanted, gate)
    if wanted.most is not None:
        return _findings(wanted, gate)
    state = ItemState.GO if gate.verdict is Verdict.PASS else ItemState.NO_GO
    return Answer(state=state, said=f"{wanted.gate}: {gate.reason}")


def _in_history(wanted: Automatic, moment: Moment, history: Sequence[Release]) -> Answer:
    days = timedelta(days=wanted.every_days or 0)
    passed = [
        (datetime.fromisoformat(one.judged_at), one)
        for one in history
        if one.gates.get(wanted.gate) == _PASS
    ]
    if not passed:
        said = f"{wanted.gate} passed in no release of the history"
        return Answer(state=ItemState.OVERDUE, said=said)
    at, release = max(passed, key=lambda pair: pair[0])
    said = f"{wanted.gate} passed last in {release.release}"
    if at + days < moment.now:
        late = f"{said}, which is more than {wanted.every_days} days ago"
        return Answer(state=ItemState.OVERDUE, said=late, at=at)
    return Answer(state=ItemState.GO, said=said, at=at)


def _metric(wanted: Automatic, gate: GateResult) -> Answer:
    metric = next((one.metric for one in gate.metrics if one.metric.name == wanted.metric), None)
    if metric is None or not metric.is_number:
        said = f"{wanted.gate} has no value for {wanted.metric}"
        return Answer(state=ItemState.OPEN, said=said)
    value = metric.exact()
    good = (wanted.at_least is None or value >= wanted.at_least) and (
        wanted.at_most is None or value <= wanted.at_most
    )
    state = ItemState.GO if good else ItemState.NO_GO
    return Answer(state=state, said=f"{wanted.metric} is {metric.value:g} {metric.unit}".rstrip())


def _findings(wanted: Automatic, gate: GateResult) -> Answer:
    found = [one for one in gate.findings if _counts(one, wanted)]
    most = wanted.most or 0
    state = ItemState.GO if len(found) <= most else ItemState.NO_GO
    return Answer(state=state, said=f"{len(found)} of at most {most} such findings")


def _counts(one: JudgedFinding, wanted: Automatic) -> bool:
    """Every finding that nobody waived, whether or not it was there before."""
    severity = one.finding.severity
    counted = Severity.HIGH if severity is Severity.UNKNOWN else severity
    return (
        one.state is not State.WAIVED
        and (not wanted.severities or counted in wanted.severities)
        and fnmatchcase(one.finding.rule_id, wanted.rule or "*")
    )


def _times(inputs: ChecklistInputs, moment: Moment) -> Iterator[tuple[Item, Answer]]:
    windows = [one for one in inputs.checklist.windows if _here(one.environments, moment)]
    if windows:
        inside = [one for one in windows if _inside(one, moment.local[one.zone])]
        said = _shown(inside[0] if inside else windows[0])
        more = f" and {len(windows) - 1} more" if len(windows) > 1 and not inside else ""
        yield (
            Item(id=WINDOW, title="Release window"),
            Answer(
                state=ItemState.GO if inside else ItemState.NO_GO,
                said=f"within {said}" if inside else f"now is outside of {said}{more}",
            ),
        )
    for one in inputs.checklist.freezes:
        if _here(one.environments, moment):
            yield Item(id=FREEZE, title=f"No freeze: {one.reason}"), _freeze(one, moment)


def _inside(window: Window, local: datetime) -> bool:
    return local.weekday() in window.days and window.begins <= local.time() < window.ends


def _shown(window: Window) -> str:
    days = ", ".join(_DAYS[day] for day in sorted(window.days))
    return f"{days} {window.begins:%H:%M} to {window.ends:%H:%M} {window.zone}"


def _freeze(one: Freeze, moment: Moment) -> Answer:
    today = moment.local[one.zone].date()
    said = f"{one.begins} to {one.ends} {one.zone}"
    frozen = one.begins <= today <= one.ends
    return Answer(
        state=ItemState.NO_GO if frozen else ItemState.GO,
        said=f"frozen from {said}" if frozen else f"today is not in {said}",
    )


def _finding(item: Item, found: Answer) -> Finding:
    return Finding(
        tool=_TOOL,
        rule_id=_RULES[found.state],
        severity=Severity.HIGH,
        message=f"{item.title}: {found.said}",
        identity=Identity(kind="item", key=(item.id, item.title)),
        fix=_fix(item, found),
        always_blocks=True,
        in_change=None,
    )


def _fix(item: Item, found: Answer) -> str:
    if item.manual is not None and item.manual.files is not None:
        return f"release-gate sign-off {item.id} --file PATH --decision go"
    if item.manual is not None and found.state is not ItemState.NO_GO:
        return f"release-gate sign-off {item.id} --decision go"
    return ""


def _day(at: datetime) -> str:
    return at.date().isoformat()
