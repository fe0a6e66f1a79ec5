"""``release-gate sign-off``: say go or no-go to one item of the checklist."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import click

from release_gate.adapters.committed import write_committed
from release_gate.checklists import (
    SIGN_OFFS,
    Checklist,
    ChecklistInputs,
    Decision,
    Item,
    SignOff,
    Via,
    change_name,
    file_name,
)
from release_gate.cli.options import Wish, plan_options
from release_gate.cli.terminal import say
from release_gate.cli.wiring import Kit
from release_gate.errors import SignOffError, UsageError
from release_gate.judge.fingerprints import fingerprints
from release_gate.plan.ci_identity import actor
from release_gate.plan.github_approvals import approvals
from release_gate.plan.sign_off_book import read_text
from release_gate.plan.sign_offs import parse_sign_offs, payload, render_sign_offs
from release_gate.plan.suggest import did_you_mean, there_are
from release_gate.plan.types import Plan
from release_gate.redact import safe_text
from release_gate.trust import POLICY_CHANGE

_SHORTEST_PREFIX = 6
_NOTHING = ChecklistInputs(checklist=Checklist(), signed=(), authors=frozenset(), subject="")
_NO_ONE = UsageError(
    "nobody is known here who could sign",
    remedy="Set user.name and user.email in git, or run this in a job of the CI.",
)


@click.command("sign-off")
@click.argument("item")
@click.option("--decision", type=click.Choice(["go", "no-go"]), help="What you decide.")
@click.option("--comment", default="", metavar="TEXT", help="Why, for those who read it later.")
@click.option("--file", "reviewed", metavar="PATH", help="The file that you reviewed.")
@click.option("--change", metavar="FINGERPRINT", help="The change of policy that you approve.")
@click.option(
    "--from-github",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Take over the approvals of a GitHub environment, as the API gives them for a run.",
)
@click.option("--sign/--no-sign", default=None, help="Sign with git's key  [default: if any]")
@plan_options
def COMMAND(  # noqa: N802 - a constant that click makes of a function
    item: str,
    *,
    decision: str | None,
    comment: str,
    reviewed: str | None,
    change: str | None,
    from_github: Path | None,
    sign: bool | None,
    wish: Wish,
) -> int:
    """Record what you decide about ITEM of the checklist, for exactly what lies here.

    ITEM is an id of release-gate-checklist.toml, or policy-change. The line goes into
    release-gate-signoffs.jsonl: commit it, or hand the file on to the next job.
    """
    with Kit(wish) as kit:
        plan = kit.plan()
        subject = _subject(plan, item, reviewed, change)
        if from_github is not None:
            if decision is not None:
                raise UsageError("--decision and --from-github contradict each other")
            text = read_text(from_github.parent, from_github.name, SignOffError) or ""
            said = tuple(approvals(text, from_github.name, item, subject, kit.clock.now()))
        else:
            said = (_own(kit, item, decision, comment, subject),)
            said = tuple(_signed(kit, one, wanted=sign) for one in said)
        file = wish.sign_offs.absolute() if wish.sign_offs else kit.root / SIGN_OFFS
        write_committed(file, render_sign_offs((*_earlier(file), *said)))
    for one in said:
        how = "signed" if one.signature else "not signed with a key"
        say(safe_text(f"{one.item}: {one.decision} by {one.who} for {_shown(one.subject)}, {how}"))
    say(safe_text(f"Written to {file.name}. Commit it, or hand it on with --sign-offs."))
    return 0


def _subject(plan: Plan, item: str, path: str | None, change: str | None) -> str:
    if item == POLICY_CHANGE:
        return change_name(_fingerprint(plan, change))
    if change is not None:
        raise UsageError(f"--change belongs to {POLICY_CHANGE}, not to {item}")
    inputs = plan.judging.items or _NOTHING
    found = _item(inputs, item)
    files = found.manual.files if found.manual is not None else None
    if found.automatic is not None:
        raise UsageError(
            f"{item} is answered by gate {found.automatic.gate}: nobody signs it",
            remedy=f"release-gate run --gate {found.automatic.gate}",
        )
    if files is None and path is not None:
        raise UsageError(f"{item} is about the release as a whole, not about files")
    if files is not None:
        return _file(files, item, path)
    return inputs.subject


def _item(inputs: ChecklistInputs, item: str) -> Item:
    items = {one.id: one for one in inputs.checklist.items}
    if item not in items:
        known = [*items, POLICY_CHANGE]
        raise UsageError(
            f'the checklist has no item "{item}"{did_you_mean(item, known)}',
            remedy=there_are(known),
        )
    return items[item]


def _file(files: Mapping[str, str], item: str, path: str | None) -> str:
    if path is None:
        names = ", ".join(sorted(files)) or "none"
        raise UsageError(f"{item} is signed file by file", remedy=f"--file with one of: {names}")
    name = Path(path).as_posix().removeprefix("./")
    if name not in files:
        raise UsageError(
            f"{item} is not about {name}{did_you_mean(name, files)}", remedy=there_are(files)
        )
    return file_name(name, files[name])


def _fingerprint(plan: Plan, change: str | None) -> str:
    findings = plan.ruling.evidence.findings if plan.ruling is not None else ()
    known = dict(zip(fingerprints(findings), findings, strict=True))
    shown = "; ".join(f"{digest[:12]} {one.message}" for digest, one in known.items()) or "none"
    if change is None:
        raise UsageError("which change of policy?", remedy=f"--change with one of: {shown}")
    matching = [one for one in known if one.startswith(change.lower())]
    if len(change) < _SHORTEST_PREFIX or len(matching) != 1:
        raise UsageError(
            f"{change} names {len(matching)} changes of policy", remedy=f"There are: {shown}"
        )
    return matching[0]


def _own(kit: Kit, item: str, decision: str | None, comment: str, subject: str) -> SignOff:
    if decision is None:
        raise UsageError("go or no-go?", remedy="--decision go, or --decision no-go")
    here = actor(kit.environment)
    author = None if here else kit.repository.present_author()
    who = here or (author.email if author else "")
    if not who:
        raise _NO_ONE
    return SignOff(
        item=item,
        decision=cast("Decision", decision),
        who=who,
        via=cast("Via", here.partition(":")[0]) if here else "git",
        at=kit.clock.now().replace(microsecond=0),
        subject=subject,
        comment=comment,
    )


def _signed(kit: Kit, one: SignOff, *, wanted: bool | None) -> SignOff:
    configured = kit.signatures.configured
    if wanted and not configured:
        raise UsageError("git has no key to sign with", remedy="Set user.signingKey in git.")
    if wanted is False or not configured:
        return one
    return replace(one, signature=kit.signatures.sign(payload(one)))


def _earlier(file: Path) -> Sequence[SignOff]:
    text = read_text(file.parent, file.name, SignOffError)
    return () if text is None else parse_sign_offs(text, file.name)


def _shown(subject: str) -> str:
    kind, _, rest = subject.partition(":")
    if kind == "file":
        return rest.rpartition(":")[0]
    if kind == "change":
        return f"change {rest[:12]}"
    digest = hashlib.sha256(rest.encode()).hexdigest() if kind == "artifacts" else rest
    return f"{'these artefacts' if kind == 'artifacts' else 'these files'} ({digest[:12]})"
