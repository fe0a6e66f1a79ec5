"""What ruff prints: diagnostics as JSON, and the names of the files it read in its log.

Format: ``ruff check --output-format json`` and ``ruff format --check --output-format json``
of ruff 0.12 to 0.17. A clean run prints ``[]`` whether it read every file or none, so the
files are counted in the log of ``--verbose``, which names each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

CHECKED = "Checking: "
FORMATTED = "format_path; path="
_STAMP = re.compile(r"^\[\d{4}-\d\d-\d\d\]\[\d\d:\d\d:\d\d\]\[([\w:]+)\]\[[A-Z]+\] ?", re.MULTILINE)
_SILENCED = re.compile(
    r'^Adding per-file ignores for (".*?(?<!\\)") due to .*?: \{([\w, ]*)\}$', re.DOTALL
)
_IGNORED = re.compile(r'^Ignored path via `([\w.-]+)`: (".*")$', re.DOTALL)


class Position(msgspec.Struct, frozen=True):
    """One-based place in a file or a notebook's cell."""

    row: int
    column: int


class Fix(msgspec.Struct, frozen=True):
    """A change that ruff knows; only its words are of interest."""

    message: str | None
    applicability: str


class Diagnostic(msgspec.Struct, frozen=True):
    """One finding, or one reason why a file could not be read."""

    code: str | None
    filename: str
    message: str
    location: Position | None
    end_location: Position | None
    fix: Fix | None
    url: str | None
    cell: int | None = None

    @property
    def rule(self) -> str:
        """Its id; older releases give a syntax error none."""
        return self.code or "invalid-syntax"

    @property
    def unreadable(self) -> bool:
        """Whether the file could not be opened or decoded."""
        return self.rule in {"E902", "io"}

    @property
    def line(self) -> int | None:
        """One-based first line."""
        return self.location.row if self.location else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Log:
    """Which files ruff says it read, as printed, and which it passed over by which setting.

    Args:
        read: Names of files.
        ignored: The setting by name of a file or folder.
        silenced: Names of the rules that are ignored for one file, by its name.
    """

    read: frozenset[str]
    ignored: dict[str, str]
    silenced: dict[str, frozenset[str]]


def read_log(stderr: bytes) -> Log:
    """Read the log of a ``--verbose`` run.

    Args:
        stderr: The tool's error output; entries may span lines where a name does.
    """
    read: set[str] = set()
    ignored: dict[str, str] = {}
    silenced: dict[str, frozenset[str]] = {}
    text = stderr.decode("utf-8", "replace").replace("\r\n", "\n")
    pieces = _STAMP.split(text)
    for message in pieces[2::2]:
        entry = message.removesuffix("\n")
        for prefix in (CHECKED, FORMATTED):
            if entry.startswith(prefix):
                read.add(entry.removeprefix(prefix))
        if match := _IGNORED.match(entry):
            ignored[_unquoted(match[2])] = match[1]
        if match := _SILENCED.match(entry):
            name = _unquoted(match[1])
            silenced[name] = silenced.get(name, frozenset()) | frozenset(match[2].split(", "))
    return Log(read=frozenset(read), ignored=ignored, silenced=silenced)


def _unquoted(text: str) -> str:
    """A path as Rust prints it for debugging, without its quotes and escapes."""
    simple = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}

    def plain(match: re.Match[str]) -> str:
        if match[1]:
            return chr(int(match[1], 16))
        return simple.get(match[2], match[2])

    return re.sub(r"\\(?:u\{([0-9a-f]+)\}|(.))", plain, text[1:-1])
