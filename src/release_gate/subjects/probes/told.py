"""What an expectation came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Colour = Literal["met", "missed", "unjudged"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One operator on one selection.

    Args:
        colour: ``unjudged``: nothing can be said, which is never a pass.
        where: The selection for people.
        operator: Its name.
        expected: What should have been there, uncut.
        actual: What was there, uncut; may hold secrets until it is redacted.
    """

    colour: Colour
    where: str
    operator: str
    expected: str
    actual: str

    def text(self) -> str:
        """One line with all of it."""
        return f"{self.where}: expected {self.expected}, actual {self.actual}"
