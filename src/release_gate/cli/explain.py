"""``release-gate explain``: what a rule means, what a finding is, whether a waiver holds."""

from __future__ import annotations

import difflib
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import click

from release_gate.cli.explain_waivers import WaiverTalk
from release_gate.cli.options import Wish, output_option, root_option
from release_gate.cli.rules import Rule, rule_book
from release_gate.cli.terminal import say
from release_gate.cli.waiver_desk import Desk
from release_gate.cli.wiring import Kit
from release_gate.errors import UsageError
from release_gate.judge.types import JudgedFinding, Report
from release_gate.redact import safe_text

_SHORTEST_PREFIX = 6
_DEADLINE_S = 60.0
_PREFIX = re.compile(rf"[0-9a-f]{{{_SHORTEST_PREFIX},64}}")
_MOST_PLACES = 10


@click.command("explain")
@click.argument("what", metavar="RULE|FINDING|WAIVER")
@root_option
@output_option
def COMMAND(what: str, root: Path | None, output: Path | None) -> int:  # noqa: N802 - click makes it a constant
    """Explain a rule, a finding by the first six or more digits of its fingerprint, or a waiver.

    Of a finding it says why it blocks, which waivers nearly cover it and what keeps each of them
    away, and the shortest way out.
    """
    with (
        Kit(Wish(root=root), output) as kit,
        tempfile.TemporaryDirectory(prefix="release-gate-") as folder,
    ):
        desk = Desk(kit)
        found = _findings(desk.report)
        talk = WaiverTalk(desk)
        runner = kit.processes.for_gate("explain", Path(folder, "explain.log"), _DEADLINE_S)
        book = rule_book(runner, kit.toolkit)
        text = explain(what, book, found, more=talk.about_finding, waiver=talk.about_waiver)
    say(safe_text(text))
    return 0


def _nothing(_item: JudgedFinding | str) -> str:
    return ""


def explain(
    what: str,
    book: Mapping[str, tuple[Rule, ...]],
    found: Iterable[JudgedFinding],
    *,
    more: Callable[[JudgedFinding], str] = _nothing,
    waiver: Callable[[str], str | None] = _nothing,
) -> str:
    """The text for a rule, a finding or a waiver; a rule's id comes first, a waiver's last.

    Args:
        what: Rule id, prefix of a fingerprint, or id of a waiver.
        book: What the tools know, by id in lower case.
        found: The findings of the last report.
        more: Why a finding blocks, and what can be done.
        waiver: What there is to say of a waiver; nothing if there is none.

    Raises:
        UsageError: If it is none of them, with the nearest that is.
    """
    findings = list(found)
    key = what.lower()
    same_rule = [one for one in findings if one.finding.rule_id.lower() == key]
    if key in book or same_rule:
        about = _about_rule(book.get(key, ()), same_rule)
        alone = more(same_rule[0]) if len(same_rule) == 1 else ""
        return "\n".join(filter(None, (about, alone)))
    if _PREFIX.fullmatch(key):
        matching = {one.fingerprint: one for one in findings if one.fingerprint.startswith(key)}
        if len(matching) > 1:
            names = ", ".join(sorted(one[: len(key) + 6] for one in matching))
            raise UsageError(
                f"{len(matching)} findings begin with {what}", remedy=f"one of {names}"
            )
        for one in matching.values():
            return "\n".join(filter(None, (_about_finding(one, book), more(one))))
    if said := waiver(what):
        return said
    raise _unknown(what, book, findings)


def _findings(report: Report | None) -> list[JudgedFinding]:
    return [one for gate in report.gates for one in gate.findings] if report else []


def _about_rule(rules: Iterable[Rule], findings: list[JudgedFinding]) -> str:
    parts = [
        "\n".join(filter(None, (f"{one.tool} {one.id}: {one.title}", one.text, one.url)))
        for one in rules
    ]
    if not parts:
        parts = [_own_words(findings[0])]
    if findings:
        places = [f"  {_place(one)} · {one.state} · {one.fingerprint[:12]}" for one in findings]
        more = len(places) - _MOST_PLACES
        rest = [f"  and {more} more"] if more > 0 else []
        head = f"In the last report ({len(findings)}):"
        parts.append("\n".join([head, *places[:_MOST_PLACES], *rest]))
    return "\n\n".join(parts)


def _about_finding(one: JudgedFinding, book: Mapping[str, tuple[Rule, ...]]) -> str:
    finding = one.finding
    head = f"{finding.tool} {finding.rule_id} {finding.severity} · {_place(one)} · {one.state}"
    facts = [
        ("fingerprint", one.fingerprint),
        ("since", one.since),
        ("why", finding.why),
        ("fix", finding.fix),
        ("reproduce", finding.reproduce),
        ("see", finding.help_url),
    ]
    lines = [f"  {name:<12}{value}" for name, value in facts if value]
    excerpt = [f"    | {line}" for line in finding.excerpt.splitlines()]
    about = [_about_rule(book.get(finding.rule_id.lower(), ()), [])] if _known(one, book) else []
    return "\n\n".join(["\n".join([head, f"  {finding.message}", *excerpt, *lines]), *about])


def _known(one: JudgedFinding, book: Mapping[str, tuple[Rule, ...]]) -> bool:
    return one.finding.rule_id.lower() in book


def _own_words(one: JudgedFinding) -> str:
    finding = one.finding
    lines = (f"{finding.tool} {finding.rule_id}: {finding.message}", finding.why, finding.fix)
    return "\n".join(filter(None, (*lines, finding.help_url)))


def _place(one: JudgedFinding) -> str:
    finding = one.finding
    line = f":{finding.line}" if finding.line else ""
    return f"{finding.path}{line}" if finding.path else finding.message


def _unknown(
    what: str, book: Mapping[str, tuple[Rule, ...]], findings: list[JudgedFinding]
) -> UsageError:
    names = {key: rules[0].id for key, rules in book.items()}
    names |= {one.finding.rule_id.lower(): one.finding.rule_id for one in findings}
    near = difflib.get_close_matches(what.lower(), sorted(names), n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(dict.fromkeys(names[one] for one in near))}?" if near else ""
    short = _PREFIX.fullmatch(what.lower()) is not None
    neither = "no rule, and no finding of the last report begins so" if short else "no known rule"
    return UsageError(f"{what}: {neither}", remedy=hint or "release-gate list names the gates")
