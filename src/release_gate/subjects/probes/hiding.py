"""Keeps secrets out of everything that is shown or written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, TypeVar

from release_gate.redact import Redactor

T = TypeVar("T")


class Hidden:
    """Secrets as they become known.

    Args:
        known: Known from the start.
        tell: Told of every new one (the log's redactor).
    """

    def __init__(
        self, known: Iterable[str] = (), tell: Callable[[str], None] = lambda _secret: None
    ) -> None:
        self._redactor = Redactor(known)
        self._tell = tell

    def hide(self, secret: str) -> None:
        """From now on it is replaced wherever it stands."""
        self._redactor.learn(secret)
        self._tell(secret)

    def redact(self, text: str) -> str:
        """The text without what is secret."""
        # A half of a character cannot be written to any file.
        whole = text.encode("utf-8", "backslashreplace").decode()
        return self._redactor.redact(whole)

    def cleaned(self, value: T) -> T:
        """The same frozen value with every text in it redacted, at any depth."""
        return self._cleaned(value)  # type: ignore[no-any-return]  # rebuilt with its own type

    def _cleaned(self, value: Any) -> Any:
        if isinstance(value, Enum):
            return value
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, tuple):
            return tuple(self._cleaned(item) for item in value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            names = [field.name for field in dataclasses.fields(value)]
            changes = {name: self._cleaned(getattr(value, name)) for name in names}
            return dataclasses.replace(value, **changes)
        return value
