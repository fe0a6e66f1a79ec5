"""Hashed or fully pinned requirements files.

Format: https://pip.pypa.io/en/stable/reference/requirements-file-format/. Markers
are taken off: a universal file pins for every platform, and each pin is audited.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from release_gate.subjects.locks.types import (
    Lock,
    LockProblem,
    Pin,
    Unpinned,
    checked_version,
)

Read = Callable[[str], bytes]

_COMMENT = re.compile(r"(^|\s+)#.*$")
_OPTION = re.compile(r"\s--?[A-Za-z]")
_INCLUDE = re.compile(r"(?:-r|--requirement)(?:\s+|=|(?=\S))(?P<file>.+)")
_CONSTRAINT = re.compile(r"(?:-c|--constraint)(?:\s+|=|(?=\S))(?P<file>.+)")
_EDITABLE = re.compile(r"(?:-e|--editable)(?:\s+|=)(?P<what>.+)")
_VIA = re.compile(r"^\s*#\s*via(?:\s+(?P<name>\S.*))?$")
_VIA_MORE = re.compile(r"^\s*#\s{2,}(?P<name>\S.*)$")
_OPTIONS = re.compile(
    r"(?:-i|-f|--index-url|--extra-index-url|--find-links|--no-index|--no-binary|--only-binary"
    r"|--prefer-binary|--require-hashes|--pre|--trusted-host|--use-feature)(?:[\s=].*)?"
)
_HASH = re.compile(r"--hash[ =]([a-z0-9]+):([0-9a-fA-F]+)(?=\s|$)")
_HEX_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128, "md5": 32, "sha1": 40, "sha224": 56}
_ADDRESS = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*:|\.{0,2}/|\.$|[^;@\s]+\.(?:whl|zip|tar\.gz)\b)")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """A logical line: continuations joined, comments gone.

    Args:
        number: One-based line where it begins.
        text: What is left of it.
        via: What a comment of the locking tool says it is required by.
        is_cut_off: Whether the file ends where the line was to go on.
    """

    number: int
    text: str
    via: tuple[str, ...] = ()
    is_cut_off: bool = False


def is_hashed(content: bytes) -> bool:
    """Whether a requirements file holds hashes: then it is meant as a lock."""
    return b"--hash=" in content or b"--hash " in content


def parse(path: str, read: Read) -> Lock:
    """Read a requirements file with the files it includes.

    Args:
        path: Relative to the root.
        read: Gives the content of a file relative to the root; raises ``FileNotFoundError``.

    Raises:
        LockProblem: If a file is missing or unreadable, includes itself, or holds a
            requirement that is not pinned to one version, or an option nobody knows.
    """
    pins: list[Pin] = []
    unpinned: list[Unpinned] = []
    for file, line in _lines(path, read, ()):
        found = _requirement(line, file)
        if isinstance(found, Pin):
            pins.append(found)
        else:
            unpinned.append(found)
    if not pins and not unpinned:
        raise LockProblem("it requires nothing", path=path)
    return Lock(path=path, kind="requirements", pins=tuple(pins), unpinned=tuple(unpinned))


def _lines(path: str, read: Read, above: tuple[str, ...]) -> Iterator[tuple[str, _Line]]:
    if path in above:
        raise LockProblem("it includes itself", path=path)
    for line in _logical(_text(path, read)):
        include = _INCLUDE.fullmatch(line.text)
        constraint = _CONSTRAINT.fullmatch(line.text)
        if include:
            yield from _lines(_beside(path, include["file"], line), read, (*above, path))
        elif constraint:
            # It installs nothing: every pin stands in the file itself.
            _text(_beside(path, constraint["file"], line), read)
        elif not _OPTIONS.fullmatch(line.text):
            yield path, line


def _text(path: str, read: Read) -> str:
    try:
        return read(path).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise LockProblem("there is no such file", path=path) from error
    except UnicodeDecodeError as error:
        raise LockProblem("it is not UTF-8", path=path) from error


def _beside(path: str, file: str, line: _Line) -> str:
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), file.strip().strip("\"'")))
    if target.startswith(("../", "/")) or ":" in target:
        raise LockProblem(f"{file} lies outside of the root", path=path, line=line.number)
    return target


def _logical(text: str) -> Iterator[_Line]:
    joined, begin = "", 0
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    for number, line in enumerate(lines, start=1):
        begin = begin or number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            joined += line[:-1] + " "
            continue
        stripped = _COMMENT.sub("", joined + line).strip()
        if stripped:
            yield _Line(number=begin, text=stripped, via=_via(line, lines[number:]))
        joined, begin = "", 0
    if joined.strip():
        yield _Line(number=begin, text=joined.strip(), is_cut_off=True)


def _via(line: str, below: list[str]) -> tuple[str, ...]:
    """The packages named by ``# via`` behind a requirement or on the lines below it."""
    comment = line[line.index("#") :] if "#" in line else ""
    first = _VIA.match(comment) or (_VIA.match(below[0]) if below else None)
    if first is None:
        return ()
    names = [first["name"]] if first["name"] else []
    for further in below if comment else below[1:]:
        more = _VIA_MORE.match(further)
        if more is None:
            break
        names.append(more["name"])
    return tuple(name.strip() for name in names)


def _check_hashes(options: str, path: str, line: _Line) -> None:
    hashes = _HASH.findall(options)
    whole = all(len(digest) == _HEX_DIGITS.get(name) for name, digest in hashes)
    if line.is_cut_off or len(hashes) != options.count("--hash") or not whole:
        raise LockProblem("a hash is cut off", path=path, line=line.number)


def _requirement(line: _Line, path: str) -> Pin | Unpinned:
    editable = _EDITABLE.fullmatch(line.text)
    if editable:
        return Unpinned(name=editable["what"].strip(), reason="installed as editable")
    option = _OPTION.search(line.text)
    _check_hashes(line.text[option.start() :] if option else "", path, line)
    text = (line.text[: option.start()] if option else line.text).strip()
    if text.startswith("-"):
        raise LockProblem(f"an option that is not known: {text}", path=path, line=line.number)
    if _ADDRESS.match(text):
        return Unpinned(name=_without_secrets(text), reason="an address, not a version")
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise LockProblem(f"no requirement: {text}", path=path, line=line.number) from error
    if requirement.url:
        return Unpinned(
            name=canonicalize_name(requirement.name), reason="an address, not a version"
        )
    return Pin(
        name=canonicalize_name(requirement.name),
        version=_pinned(requirement, path, line),
        line=line.number,
        required_by=tuple(sorted(_packages(line.via))),
        direct=_is_direct(line.via),
    )


def _pinned(requirement: Requirement, path: str, line: _Line) -> str:
    pinned = [one for one in requirement.specifier if one.operator in {"==", "==="}]
    if len(requirement.specifier) != 1 or not pinned or pinned[0].version.endswith(".*"):
        raise LockProblem(
            f"{requirement.name} is not pinned to one version", path=path, line=line.number
        )
    return checked_version(pinned[0].version, requirement.name, path, line.number)


def _packages(via: tuple[str, ...]) -> Iterator[str]:
    for name in via:
        if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*(\[.*\])?", name):
            yield canonicalize_name(name.partition("[")[0])


def _is_direct(via: tuple[str, ...]) -> bool | None:
    if not via:
        return None
    return any(name.startswith("-r ") or name.endswith((")", ".in")) for name in via)


def _without_secrets(address: str) -> str:
    return re.sub(r"//[^/@\s]+@", "//***@", address)
