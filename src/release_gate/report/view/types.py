"""What templates get: plain frozen values, already phrased and safe to show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Caps:
    """How much of a long report a view shows.

    Args:
        blocking: Findings that block, over all gates.
        others: Findings of each gate that do not.
        rows: Rows of each table or list.
        excerpt: Source lines of each finding.
    """

    blocking: int = 500
    others: int = 100
    rows: int = 200
    excerpt: int = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """A label and what it says."""

    label: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceLine:
    """One line of an excerpt; ``number`` is text and may be empty."""

    number: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingView:
    """One finding, phrased.

    Args:
        gate: Label of its gate.
        rule: Rule id.
        severity: Severity's word.
        place: ``path:line`` or empty.
        age: Since when it is there, or empty.
        state: ``new``, ``known`` or ``waived``.
        message: One line.
        excerpt: Source lines.
        why: Why it matters, or empty.
        fix: How to mend it, or empty.
        explain: Command that explains the rule, or empty.
        reproduce: Command that shows it again, or empty.
        link: The rule's page, only where it is an ordinary web address; or empty.
        aliases: Other names, or empty.
        tool: Who reported it.
        fingerprint: First characters.
        waiver: Its waiver, until when and why; else which ones do not cover it; or empty.
    """

    gate: str
    rule: str
    severity: str
    place: str
    age: str
    state: str
    message: str
    excerpt: tuple[SourceLine, ...]
    why: str
    fix: str
    explain: str
    reproduce: str
    link: str
    aliases: str
    tool: str
    fingerprint: str
    waiver: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProblemView:
    """Something that kept evidence from being whole, phrased."""

    what: str
    remedy: str
    place: str
    log: str
    slug: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricView:
    """A metric: ``87.42 % ≥ 80 %``.

    Args:
        name: Its name.
        text: Value and limit.
        mark: ``met``, ``missed``, ``not settled``, ``not compared`` or ``no limit``.
        detail: Exact share, sample size and interval, or empty.
        origin: Where the limit comes from, or empty.
        advice: What to do, where it is missed.
    """

    name: str
    text: str
    mark: str
    detail: str
    origin: str
    advice: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TableView:
    """Rows to show, and how many more there are (``2 more``, or empty)."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolView:
    """A tool that ran."""

    name: str
    version: str
    command: str
    exit_code: str
    home: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GateView:
    """One gate: its row, and what a reader finds behind it.

    Args:
        anchor: Number for links inside a page.
        label: The id, and that it does not decide where that is so.
        symbol: ``✔ ✘ ‼ ? -``.
        tone: ``pass fail error inconclusive skipped``, or ``advisory``: does not decide.
        verdict: The verdict's word.
        headline: ``412 files``, ``87.42 % ≥ 80 %``, ``1 new finding``.
        duration: ``0.3 s`` or empty.
        notes: Short facts.
        calls_for_action: Whether something of it stands in the list of failures.
        blocking: Findings that block and are shown.
        more_blocking: How many more, phrased; or empty.
        gone: Accepted findings that no longer occur.
        missed: Metrics that miss their limit, or are not settled against it.
    """

    anchor: str
    id: str
    label: str
    title: str
    kind: str
    symbol: str
    tone: str
    verdict: str
    headline: str
    duration: str
    notes: tuple[str, ...]
    reason: str
    calls_for_action: bool
    examined: str
    blocking: tuple[FindingView, ...]
    more_blocking: str
    others: tuple[FindingView, ...]
    more_others: str
    accepted: tuple[FindingView, ...]
    more_accepted: str
    fixed: str
    gone: TableView
    missed: tuple[MetricView, ...]
    metrics: tuple[MetricView, ...]
    problems: tuple[ProblemView, ...]
    limitations: tuple[str, ...]
    left_out: TableView
    waivers: TableView
    new_suppressions: TableView
    suppressions: str
    tables: tuple[TableView, ...]
    artifacts: TableView
    tools: tuple[ToolView, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunView:
    """The whole report, phrased.

    Args:
        answer: ``GO``, ``NO-GO``, ``CANNOT SAY`` or ``PARTIAL PASS``.
        tone: As of a gate.
        symbol: As of a gate.
        about: ``for orders 1.8.0 to production``.
        verdict: The verdict's word in capitals, with ``PARTIAL`` before it where it is one.
        reason: Why, one line.
        exit_code: What the process ends with.
        sentences: What blocks, since when, what is accepted.
        partial: What a partial run says of itself, or empty.
        opening: Pieces of the console's first line.
        gates: In the order of the plan.
        worst_first: The same, failing ones first.
        problems: What kept the run as a whole from being judged.
        calls_for_action: Whether anything stands in the list of failures.
        accepts: Whether any finding is known or waived.
        facts: What was judged, against what, by whom.
        not_applicable: Gates left out, and why.
        notes: Facts about the run.
    """

    answer: str
    tone: str
    symbol: str
    about: str
    project: str
    verdict: str
    reason: str
    exit_code: int
    duration: str
    sentences: tuple[str, ...]
    partial: str
    opening: tuple[str, ...]
    gates: tuple[GateView, ...]
    worst_first: tuple[GateView, ...]
    problems: tuple[ProblemView, ...]
    calls_for_action: bool
    accepts: bool
    facts: tuple[Fact, ...]
    not_applicable: tuple[Fact, ...]
    notes: tuple[str, ...]
    tool: str
