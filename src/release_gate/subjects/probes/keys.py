"""The keys of a check, as it stands in the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from release_gate.subjects.probes.contract import AnyProbe
from release_gate.subjects.probes.durations import Duration, seconds
from release_gate.subjects.probes.expectation import Capture, Expectation
from release_gate.subjects.probes.selection import CAPTURE, Selector
from release_gate.subjects.probes.templates import GENERATED, names_in

NAME = re.compile(r"[a-z0-9]+([-./][a-z0-9]+)*")
_CAPTURE_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Severity = Literal["critical", "high", "medium", "low"]
Count = Annotated[int, msgspec.Meta(ge=1)]


class _Keys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Base of the tables of a check."""


class Poll(_Keys, frozen=True, kw_only=True):
    """Asks again until something is so.

    Args:
        until: What must hold for the poll to end well; default: the check's ``expect``.
        fail_when: What ends it badly at once, each on its own: a terminal state.
        interval: Time between the end of one attempt and the next.
        deadline: When it must have ended.
        tolerate: Statuses that mean "not yet"; any other of 400 and more ends it.
    """

    until: tuple[Expectation, ...] = ()
    fail_when: tuple[Expectation, ...] = ()
    interval: Duration = 1
    deadline: Duration = "90s"
    tolerate: tuple[int, ...] = (429, 502, 503, 504)

    def __post_init__(self) -> None:
        """Refuse lengths of time that are none."""
        seconds(self.interval, "interval")
        seconds(self.deadline, "deadline")


class Retry(_Keys, frozen=True, kw_only=True):
    """Asks again where no whole answer came, or a status that says "later".

    Args:
        attempts: At most this many.
        interval: Time between two.
        on: Statuses that are asked again.
    """

    attempts: Annotated[int, msgspec.Meta(ge=2, le=20)] = 3
    interval: Duration = 0.5
    on: tuple[int, ...] = (429, 502, 503, 504)

    def __post_init__(self) -> None:
        """Refuse a length of time that is none."""
        seconds(self.interval, "interval")


class CheckKeys(_Keys, frozen=True, kw_only=True):
    """Keys of ``[[checks]]``; beside them stands exactly one probe's table.

    Args:
        name: Unique among all checks; findings are named by it.
        expect: What must hold; never empty, unless ``poll.until`` says it.
        capture: Values kept for later checks, by name.
        poll: Ask again until something is so.
        retry: Ask again where no answer came.
        finally_: Runs last, whatever came of the others: a clean-up.
        needs: Checks that must have passed before.
        enforce: Whether it decides; if not, it is shown only.
        instances: Addresses that are each asked for themselves.
        timeout: Total time of one attempt.
        deadline: Total time of the check with all its attempts.
        severity: Of its finding.
    """

    probes: ClassVar[Mapping[str, AnyProbe]] = {}

    name: str
    expect: tuple[Expectation, ...] = ()
    capture: dict[str, Capture] = msgspec.field(default_factory=dict)
    poll: Poll | None = None
    retry: Retry | None = None
    finally_: bool = msgspec.field(default=False, name="finally")
    needs: tuple[str, ...] = ()
    enforce: bool = True
    instances: tuple[str, ...] = ()
    timeout: Duration = "10s"
    deadline: Duration | None = None
    severity: Severity = "high"

    def __post_init__(self) -> None:
        """Refuse a check that cannot be judged, before anything is sent.

        Raises:
            ValueError: With the key in front where there is one.
        """
        if not NAME.fullmatch(self.name):
            raise ValueError(
                'name must be lower-case letters and digits, joined by "-", "." or "/"'
            )
        probe = self.probe()
        if not self.expect and not (self.poll and self.poll.until):
            if not probe.usual:
                raise ValueError("expect is missing: a check that expects nothing proves nothing")
            usual = msgspec.convert(probe.usual, tuple[Expectation, ...])
            msgspec.structs.force_setattr(self, "expect", usual)
        seconds(self.timeout, "timeout")
        if self.deadline is not None:
            seconds(self.deadline, "deadline")
        self._check_offered(probe)
        self._check_captures()
        self._check_again(probe)
        self._check_instances(probe)
        check_fillable(probe, self.settings())

    def probe(self) -> AnyProbe:
        """The kind of probe whose table is there.

        Raises:
            ValueError: If there is none, or more than one.
        """
        given = [name for name in self.probes if getattr(self, _field(name)) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            kinds = ", ".join(sorted(self.probes))
            raise ValueError(f"name: exactly one of {kinds} must be there, not {found}")
        return self.probes[given[0]]

    def settings(self) -> Any:
        """The probe's table."""
        return getattr(self, _field(self.probe().name))

    def expectations(self) -> Iterator[tuple[str, Expectation]]:
        """Every expectation with the key that it stands under."""
        for place, one in enumerate(self.expect):
            yield f"expect[{place}]", one
        if self.poll:
            for place, one in enumerate(self.poll.until):
                yield f"poll.until[{place}]", one
            for place, one in enumerate(self.poll.fail_when):
                yield f"poll.fail-when[{place}]", one

    def _check_offered(self, probe: AnyProbe) -> None:
        asked: list[tuple[str, str]] = [(f"{k}.on", one.on) for k, one in self.expectations()]
        asked += [(f"capture.{name}.on", one.on) for name, one in self.capture.items()]
        for key, one in self.expectations():
            for operator, operand in one.operands():
                if isinstance(operand, Selector):
                    asked.append((f"{key}.{operator}.on", operand.on))
        for key, on in asked:
            if on not in probe.offered and on != CAPTURE:
                offered = ", ".join(sorted(probe.offered | {CAPTURE}))
                raise ValueError(f'{key} is "{on}": {probe.name} offers {offered}')

    def _check_captures(self) -> None:
        for name, one in self.capture.items():
            if not _CAPTURE_NAME.fullmatch(name) or name in GENERATED:
                raise ValueError(f"capture.{name} is no name for a capture, or taken")
            if one.on == CAPTURE:
                raise ValueError(f"capture.{name}.on: a capture cannot be captured again")
        if self.capture and len(self.instances) > 1:
            raise ValueError("capture with several instances: whose value would it be?")

    def _check_again(self, probe: AnyProbe) -> None:
        settings = self.settings()
        if not (self.retry or self.poll):
            return
        if probe.writes(settings) and not probe.repeatable(settings):
            key = "retry" if self.retry else "poll"
            raise ValueError(f"{key}: it writes, and is repeated only with an idempotency key")
        if self.retry and self.poll:
            raise ValueError("retry does not go with poll, which asks again anyway")

    def _check_instances(self, probe: AnyProbe) -> None:
        if self.instances and probe.instance_key is None:
            raise ValueError(f"instances: {probe.name} knows none")
        if len(set(self.instances)) < len(self.instances):
            raise ValueError("instances: one is named twice")


def check_type(probes: Mapping[str, AnyProbe]) -> type[CheckKeys]:
    """The type of a check for a set of probes: a table of each, of which one is used.

    Args:
        probes: By name.
    """
    fields = [(_field(name), probe.settings | None, None) for name, probe in probes.items()]
    made: Any = msgspec.defstruct(
        "Check",
        fields,
        bases=(CheckKeys,),
        namespace={"probes": probes, "__doc__": CheckKeys.__doc__},
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
        rename="kebab",
    )
    return made  # type: ignore[no-any-return]  # a subclass of its only base


def check_fillable(probe: AnyProbe, settings: Any) -> None:
    """Refuse ``${name}`` where nothing may be filled in: scheme, host and port among them.

    Raises:
        ValueError: With the key.
    """
    for key, value in as_table(settings).items():
        try:
            named = tuple(names_in(value))
        except ValueError as error:
            raise ValueError(f"{probe.name}.{key}: {error}") from error
        if named and not is_fillable(probe, key):
            may = ", ".join(sorted(one.partition(".")[0] for one in probe.fillable)) or "no key"
            raise ValueError(
                f"{probe.name}.{key}: ${{{named[0]}}} may not stand here, only in {may}"
            )


def is_fillable(probe: AnyProbe, key: str) -> bool:
    """Whether ``${name}`` may stand in a key of a probe's settings, or below it."""
    return key in probe.fillable or f"{key}.*" in probe.fillable


def as_table(settings: msgspec.Struct) -> dict[str, Any]:
    """Settings as they stand in the configuration, without what is not set."""
    table: dict[str, Any] = msgspec.to_builtins(settings)
    return table


def _field(name: str) -> str:
    return name.replace("-", "_")
