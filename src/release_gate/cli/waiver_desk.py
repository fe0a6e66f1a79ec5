"""What the commands about waivers have before them: the file, the policy, the last report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from release_gate.cli.wiring import Kit
from release_gate.errors import UsageError, WaiverError
from release_gate.judge.types import JudgedFinding, Report
from release_gate.plan.waiver_book import read_waiver_text
from release_gate.plan.waivers import read_waivers, waiver_policy, with_authors
from release_gate.policy import WaiverBook, WaiverPolicy
from release_gate.report.store import load


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A finding of the last report, and the gate that reported it."""

    gate_id: str
    item: JudgedFinding


class Desk:
    """The work tree's file of waivers, beside its policy and the last report.

    Args:
        kit: What the command has of the outside.
        file: Another file of waivers than the configured one, absolute.
    """

    def __init__(self, kit: Kit, file: Path | None = None) -> None:
        self.kit = kit
        self._file = file

    @cached_property
    def path(self) -> Path:
        """Absolute path of the file of waivers."""
        return self._file or self.kit.root / self.kit.configuration.keys.waivers

    @property
    def name(self) -> str:
        """What messages call it."""
        inside = self.path.is_relative_to(self.kit.root)
        return self.path.relative_to(self.kit.root).as_posix() if inside else self.path.name

    @cached_property
    def text(self) -> str | None:
        """Content of the file; ``None`` where there is none.

        Raises:
            WaiverError: If it is there and cannot be read.
        """
        if self._file is not None and not self._file.is_file():
            raise UsageError(f"there is no file {self._file.name}")
        return read_waiver_text(self.path.parent, self.path.name)

    @cached_property
    def _read(self) -> tuple[WaiverBook, tuple[WaiverError, ...]]:
        book, errors = read_waivers(self.text or "", self.name)
        if not book.waivers:
            return book, errors
        authors = None
        if self.path.is_relative_to(self.kit.root):
            authors = self.kit.repository.line_authors(self.name)
        return with_authors(book, "this is not a git repository" if authors is None else authors), (
            errors
        )

    @property
    def book(self) -> WaiverBook:
        """The entries that can be used, with who wrote them."""
        return self._read[0]

    @property
    def errors(self) -> tuple[WaiverError, ...]:
        """What is wrong with the others."""
        return self._read[1]

    @cached_property
    def policy(self) -> WaiverPolicy:
        """Who may approve what, for how long, as the work tree says."""
        return waiver_policy(self.kit.configuration.keys.waiver_policy)

    @cached_property
    def report(self) -> Report | None:
        """The last report; ``None`` where there is none."""
        file = self.kit.output_path / "gate.json"
        return load(file) if file.exists() else None

    def findings(self) -> Iterator[Found]:
        """All findings of the last report."""
        for gate in self.report.gates if self.report else ():
            for item in gate.findings:
                yield Found(gate_id=gate.gate_id, item=item)
