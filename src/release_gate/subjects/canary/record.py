"""What is written down of a canary, entry by entry, and read again after a kill."""

from __future__ import annotations

from typing import Literal

import msgspec

from release_gate.errors import ReportProblem

VERSION = 1
STATE_FILE = "state.json"

Kind = Literal["set-weight", "promote", "rollback"]
Choice = Literal["promote", "roll-back", "hold"]


class _Stored(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Base of everything in the state file."""


class Seen(_Stored, frozen=True, kw_only=True):
    """One side of one round.

    Args:
        asked: Checks that decide.
        bad: Those that did not pass: name, and why.
        latencies_us: Of single HTTP requests, in whole microseconds.
    """

    asked: int
    bad: dict[str, str] = {}
    latencies_us: tuple[int, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every check passed, and there was one; an error is no better than a failure."""
        return self.asked > 0 and not self.bad


class Reading(_Stored, frozen=True, kw_only=True):
    """A number that was read, or why it was not.

    Args:
        value: ``None``: it could not be read, or is no number.
        why: Then the reason.
    """

    value: float | None = None
    why: str = ""


class Round(_Stored, frozen=True, kw_only=True, tag="round"):
    """Both sides, asked at the same time.

    Args:
        at: Wall clock, UTC, ISO 8601.
        step: Its position.
        held_s: Seconds that the step had been watched by then; gaps are not counted.
        canary: What is new.
        control: What it is compared with.
        metrics: Numbers by their names.
        requests: Counter of the real users' requests.
        errors: Counter of those that failed.
        limitations: Name and detail of what caps the verdict.
    """

    at: str
    step: int
    held_s: float
    canary: Seen
    control: Seen | None = None
    metrics: dict[str, Reading] = {}
    requests: Reading | None = None
    errors: Reading | None = None
    limitations: tuple[tuple[str, str], ...] = ()


class Intent(_Stored, frozen=True, kw_only=True, tag="intent"):
    """Written before something is done.

    Args:
        at: Wall clock.
        key: The same when it is tried again after a kill.
        action: What.
        step: At which step.
        weight: That is switched to.
    """

    at: str
    key: str
    action: Kind
    step: int
    weight: float


class Done(_Stored, frozen=True, kw_only=True, tag="done"):
    """Written after it.

    Args:
        at: Wall clock.
        key: Of the intent.
        ok: Whether it worked.
        what: What was seen, one line.
        output: The last lines of its output.
    """

    at: str
    key: str
    ok: bool
    what: str
    output: tuple[str, ...] = ()


class Told(_Stored, frozen=True, kw_only=True):
    """What a rule said.

    Args:
        rule: Its name.
        colour: ``clear``, ``tripped`` or ``unsettled``; only the first one lets pass.
        what: Why, with the numbers.
    """

    rule: str
    colour: Literal["clear", "tripped", "unsettled"]
    what: str


class Decided(_Stored, frozen=True, kw_only=True, tag="decided"):
    """A decision.

    Args:
        at: Wall clock.
        step: At which step.
        choice: ``promote``: the step is passed.
        rule: What decided: a rule's name, ``deadline``, ``interrupt``, ``abort``, ``action``.
        reason: One sentence.
        told: What each rule said.
    """

    at: str
    step: int
    choice: Choice
    rule: str
    reason: str
    told: tuple[Told, ...] = ()


class Resumed(_Stored, frozen=True, kw_only=True, tag="resumed"):
    """Written when a canary that was held goes on; its step gets its deadline anew.

    Args:
        at: Wall clock.
    """

    at: str


Entry = Round | Intent | Done | Decided | Resumed


class Record(_Stored, frozen=True, kw_only=True):
    """The state file.

    Args:
        version: Of its form.
        command: ``canary`` or ``watch``.
        plan: Digest of what decides; another one cannot be resumed.
        run: Random; part of every idempotency key.
        commit: That is rolled out.
        environment: Chosen one's name.
        started_at: Wall clock, UTC, ISO 8601.
        entries: In their order.
    """

    version: int
    command: Literal["canary", "watch"]
    plan: str
    run: str
    commit: str | None
    environment: str | None
    started_at: str
    entries: tuple[Entry, ...] = ()

    def with_entry(self, entry: Entry) -> Record:
        """The record with one more entry."""
        return msgspec.structs.replace(self, entries=(*self.entries, entry))


def to_bytes(record: Record) -> bytes:
    """The state file's content."""
    return msgspec.json.encode(record, order="deterministic") + b"\n"


def from_bytes(content: bytes, name: str = STATE_FILE) -> Record:
    """A record out of a state file.

    Args:
        content: All of it.
        name: For messages.

    Raises:
        ReportProblem: If it is empty, cut off, of another version, or no state file.
    """
    remedy = "Look what is deployed, put it right by hand, and remove the file."
    try:
        version = msgspec.json.decode(content, type=_Versioned).version
        if version != VERSION:
            raise ReportProblem(f"{name} is of version {version}, not {VERSION}", remedy=remedy)
        return msgspec.json.decode(content, type=Record)
    except msgspec.MsgspecError as error:
        raise ReportProblem(f"{name} cannot be read: {error}", remedy=remedy) from error


class _Versioned(msgspec.Struct):
    version: int
