"""What people's sign-offs come to: who may say go, for what, and whether enough of them did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from release_gate.checklists import (
    ChecklistInputs,
    Manual,
    Signed,
    change_name,
    file_name,
)
from release_gate.policy import same_person
from release_gate.trust import POLICY_CHANGE

_PREFIXES = ("github:", "gitlab:", "ci:")


class ItemState(StrEnum):
    """Of an item of a checklist; only ``go`` lets the release through."""

    GO = "go"
    NO_GO = "no-go"
    OPEN = "open"
    VOID = "void"
    OVERDUE = "overdue"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What became of one item.

    Args:
        state: Whether it lets the release through.
        said: Who signed, or what is missing, one line.
        at: Moment of the newest sign-off that counts; ``None`` without one.
    """

    state: ItemState
    said: str
    at: datetime | None = None


def answer(item_id: str, manual: Manual, inputs: ChecklistInputs, now: datetime) -> Answer:
    """What the sign-offs of an item come to.

    Args:
        item_id: Of the item.
        manual: What it asks for.
        inputs: Sign-offs, authors and what is judged.
        now: The moment to judge at, aware.
    """
    own = [one for one in inputs.signed if one.sign_off.item == item_id]
    if manual.files is not None:
        return _files(manual, own, inputs, now)
    if manual.every_days is not None:
        return _recurring(manual, own, inputs, now)
    about = [one for one in own if one.sign_off.subject == inputs.subject]
    found = _count(manual, about, inputs, now)
    if found.state is ItemState.OPEN and own and not about:
        newest = max(own, key=lambda one: one.sign_off.at).sign_off
        said = f"signed by {newest.who} for another state of the release: sign it again"
        return Answer(state=ItemState.VOID, said=said)
    return found


def manual_answers(
    inputs: ChecklistInputs,
    signed: tuple[Signed, ...],
    *,
    phase: str,
    environment: str | None,
    now: datetime,
) -> Mapping[str, Answer]:
    """The state of every item that people sign, by its id, in the order of the checklist.

    Args:
        inputs: Items, authors and what is judged.
        signed: The sign-offs as they are now.
        phase: Whose items hold.
        environment: Whose items hold, besides those of every environment.
        now: The moment to judge at, aware.
    """
    current = replace(inputs, signed=signed)
    return {
        one.id: answer(one.id, one.manual, current, now)
        for one in inputs.checklist.items
        if one.manual is not None
        and one.phase == phase
        and (not one.environments or environment in one.environments)
    }


def approved_changes(
    inputs: ChecklistInputs, fingerprints: Sequence[str], now: datetime
) -> Mapping[str, str]:
    """Who approved each change of policy, by its fingerprint; only those that are approved.

    Args:
        inputs: Sign-offs of the item ``policy-change``, and who may give them.
        fingerprints: The changes.
        now: The moment to judge at, aware.
    """
    manual = inputs.checklist.policy
    if manual is None:
        return {}
    approved = {}
    for digest in fingerprints:
        about = [
            one
            for one in inputs.signed
            if one.sign_off.item == POLICY_CHANGE and one.sign_off.subject == change_name(digest)
        ]
        found = _count(manual, about, inputs, now)
        if found.state is ItemState.GO:
            approved[digest] = found.said
    return approved


def _files(manual: Manual, own: Sequence[Signed], inputs: ChecklistInputs, now: datetime) -> Answer:
    files = manual.files or {}
    answers = {}
    for path, digest in sorted(files.items()):
        about = [one for one in own if one.sign_off.subject == file_name(path, digest)]
        answers[path] = _count(manual, about, inputs, now)
    for state in (ItemState.NO_GO, ItemState.OPEN):
        waiting = [path for path, one in answers.items() if one.state is state]
        if waiting:
            more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
            return Answer(state=state, said=f"{waiting[0]}{more}: {answers[waiting[0]].said}")
    if not answers and manual.changed_only:
        return Answer(state=ItemState.GO, said="no such file changed")
    if not answers:
        return Answer(state=ItemState.OPEN, said="its patterns match no file")
    newest = max(one.at for one in answers.values() if one.at is not None)
    said = f"{len(answers)} {'file' if len(answers) == 1 else 'files'} signed"
    return Answer(state=ItemState.GO, said=said, at=newest)


def _recurring(
    manual: Manual, own: Sequence[Signed], inputs: ChecklistInputs, now: datetime
) -> Answer:
    """Each person's newest word counts, whatever release it was about."""
    oldest = now - timedelta(days=manual.every_days or 0)
    found = _count(manual, [one for one in own if one.sign_off.at >= oldest], inputs, now)
    if found.state is not ItemState.OPEN or not own:
        return found
    newest = max(one.sign_off.at for one in own)
    if newest >= oldest:
        return found
    said = f"last on {newest.date()}, which is more than {manual.every_days} days ago"
    return Answer(state=ItemState.OVERDUE, said=said)


def _count(
    manual: Manual, about: Sequence[Signed], inputs: ChecklistInputs, now: datetime
) -> Answer:
    last = _newest_of_each(about, inputs)
    against = [one.sign_off for one in last if one.sign_off.decision == "no-go"]
    if against:
        word = against[0]
        comment = f": {word.comment}" if word.comment else ""
        return Answer(state=ItemState.NO_GO, said=f"{word.who} said no-go{comment}", at=word.at)
    verdicts = [(one.sign_off, _objection(one, manual, inputs, now)) for one in last]
    good = [one for one, objection in verdicts if not objection]
    if len(good) >= manual.approvers:
        said = ", ".join(f"{one.who} on {one.at.date()}" for one in good)
        return Answer(state=ItemState.GO, said=said, at=max(one.at for one in good))
    refused = [f"{one.who} does not count: {why}" for one, why in verdicts if why]
    return Answer(state=ItemState.OPEN, said="; ".join([_missing(manual, len(good)), *refused]))


def _missing(manual: Manual, have: int) -> str:
    people = f" by {', '.join(manual.people)}" if manual.people else ""
    lacking = manual.approvers - have
    word = "sign-off" if lacking == 1 else "sign-offs"
    return f"{lacking} {word} missing{people}"


def _newest_of_each(about: Sequence[Signed], inputs: ChecklistInputs) -> list[Signed]:
    """One word of each person, sorted by time; the later one takes back the earlier."""
    newest: list[Signed] = []
    for one in sorted(about, key=lambda signed: signed.sign_off.order[1:]):
        newest = [
            other
            for other in newest
            if not _same(one.sign_off.who, other.sign_off.who, inputs)
            # Nobody takes back somebody's word by claiming to be them.
            or (one.proof == "none" and other.proof != "none")
        ]
        newest.append(one)
    return newest


def _objection(one: Signed, manual: Manual, inputs: ChecklistInputs, now: datetime) -> str:
    word = one.sign_off
    if word.at > now:
        return f"it is of {word.at.isoformat()}, which is to come"
    if one.proof == "none":
        return one.doubt or "nothing proves that it is theirs"
    if manual.signature and one.proof != "signature":
        return "it is not signed with a key"
    if any(_same(word.who, author, inputs) for author in sorted(inputs.authors)):
        return "it is by an author of what is judged"
    if manual.people and not any(_same(word.who, named, inputs) for named in manual.people):
        return f"only {', '.join(manual.people)} may"
    return ""


def _same(one: str, other: str, inputs: ChecklistInputs) -> bool:
    return any(
        same_person(first, second)
        for first in _names(one, inputs)
        for second in _names(other, inputs)
    )


def _names(who: str, inputs: ChecklistInputs) -> Iterator[str]:
    """All identities of a person, without the prefix that says where it is one."""
    yield _bare(who)
    for name, identities in inputs.checklist.people.items():
        if who == name or any(same_person(_bare(who), _bare(each)) for each in identities):
            yield from (_bare(each) for each in identities)


def _bare(who: str) -> str:
    for prefix in _PREFIXES:
        if who.startswith(prefix):
            return f"@{who.removeprefix(prefix)}"
    return who
