"""Values that are made while a suite runs, and those that checks captured."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from release_gate.ports import Clock
from release_gate.redact import sounds_secret
from release_gate.subjects.probes.contract import ProbeProblem
from release_gate.subjects.probes.templates import is_generated

_ORDINARY = re.compile(r"|true|false|\d{1,8}", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Supply:
    """Everything that ``${name}`` can stand for in one run of a suite.

    Args:
        clock: For ``now`` and ``today``.
        environment: As injected.
        entropy: That many random bytes.
        hide: Told of every value that comes from the environment, and of secret captures.
    """

    clock: Clock
    environment: Mapping[str, str]
    entropy: Callable[[int], bytes]
    hide: Callable[[str], None]
    _kept: dict[str, Any] = field(default_factory=dict)
    _captures: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, name: str, value: Any) -> None:
        """Keep what a check captured."""
        with self._lock:
            self._captures[name] = value

    def captures(self) -> dict[str, Any]:
        """What was captured by now."""
        with self._lock:
            return dict(self._captures)

    def lookup(self, check: str, *, sent: bool = True) -> Callable[[str], Any]:
        """Values as one check sees them.

        ``${uuid}``, ``${sequence}``, ``${now}`` and ``${today}`` stay the same through all attempts
        of a check; ``${uuid:NAME}`` and ``${sequence:NAME}`` through the whole suite.

        Args:
            check: Its name.
            sent: Whether it is for a request: then every value of the environment is hidden.
                One that is only compared with (a version) is hidden by its name alone, since
                nobody could read the message otherwise.
        """
        return lambda name: self._value(name, check, sent=sent)

    def _value(self, name: str, check: str, *, sent: bool) -> Any:
        if not is_generated(name):
            return self._captured(name)
        kind, _, rest = name.partition(":")
        if kind == "env":
            return self._variable(rest, sent=sent)
        key = name if rest and kind in {"uuid", "sequence"} else f"{check}\0{name}"
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._made(kind, rest)
            return self._kept[key]

    def _captured(self, name: str) -> Any:
        with self._lock:
            if name not in self._captures:
                raise ProbeProblem(f'nothing was captured as "{name}"')
            return self._captures[name]

    def _variable(self, name: str, *, sent: bool) -> str:
        value = self.environment.get(name, "")
        if not value:
            raise ProbeProblem(
                f"the environment variable {name} is not set",
                remedy="Set it where release-gate runs, or take it out of the check.",
            )
        if (sent or sounds_secret(name)) and not _ORDINARY.fullmatch(value):
            self.hide(value)
        return value

    def _made(self, kind: str, rest: str) -> Any:
        if kind == "uuid":
            return str(uuid.UUID(bytes=self.entropy(16), version=4))
        if kind == "sequence":
            self._kept["\0count"] = self._kept.get("\0count", 0) + 1
            return self._kept["\0count"]
        moment = self.clock.now()
        if rest:
            return moment.strftime(rest)
        return moment.date().isoformat() if kind == "today" else moment.isoformat()
