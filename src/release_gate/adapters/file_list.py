"""Turning names into entries of the file list: kind, size and object id, from the disk alone."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from release_gate.errors import RepositoryProblem
from release_gate.ports import FileEntry

_PIECE = 1 << 20
_BATCH = 500

# Left out where no git says what is ignored: version control, caches, environments.
LEFT_OUT_ANYWHERE = frozenset(
    {
        ".eggs",
        ".git",
        ".hg",
        ".hypothesis",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".tox",
        ".venv",
        "__pycache__",
        "node_modules",
    }
)
# Build output; deeper down such a folder may be source.
LEFT_OUT_AT_THE_TOP = frozenset({"build", "dist", "htmlcov"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Name:
    """A name that belongs into the list.

    Args:
        raw: As the file system has it: bytes, relative to the root, with ``/``.
        tracked: Whether git tracks it.
        repository: Whether it is a repository of its own: a submodule, or not tracked.
        commit: What a submodule should stand at by the index.
    """

    raw: bytes
    tracked: bool
    repository: bool = False
    commit: str = ""


@dataclass(kw_only=True, slots=True)
class Folder:
    """The files below one folder.

    Args:
        root: The folder.
        algorithm: Hash of the object ids: ``sha1``, or ``sha256`` where git uses it.
    """

    root: Path
    algorithm: str = "sha1"
    _real: dict[bytes, bool] = field(default_factory=dict)

    def entries(self, names: Iterable[Name]) -> tuple[FileEntry, ...]:
        """Entries of all names that are there, sorted by path.

        Ids are of the bytes on disk and not of the index: what a line-ending or other
        filter would make of them is not what the tools read.
        """
        wanted = [name for name in names if self._is_reached(name.raw)]
        batches = [wanted[at : at + _BATCH] for at in range(0, len(wanted), _BATCH)]
        with ThreadPoolExecutor(max_workers=min(8, (os.cpu_count() or 1) + 1)) as pool:
            found = [entry for batch in pool.map(self._batch, batches) for entry in batch]
        return tuple(sorted(found, key=lambda entry: entry.path))

    def walk(self) -> Iterator[Name]:
        """Every file, where no git says what belongs to the project.

        Left out are the folders of the two tables above, virtual environments
        (``pyvenv.cfg``) and folders that say themselves that they need not be kept: a
        ``CACHEDIR.TAG``, or a ``.gitignore`` of ``*`` as the output folder has.
        """
        yield from _walk(os.fsencode(self.root), b"")

    def _is_reached(self, raw: bytes) -> bool:
        """Whether all folders above are real: what a link leads to lies somewhere else."""
        above = raw.rpartition(b"/")[0]
        if not above:
            return True
        known = self._real.get(above)
        if known is None:
            known = self._is_reached(above) and _is_folder(self._place(above))
            self._real[above] = known
        return known

    def _place(self, raw: bytes) -> bytes:
        return os.path.join(os.fsencode(self.root), _native(raw))  # noqa: PTH118 - bytes

    def _batch(self, names: list[Name]) -> list[FileEntry]:
        return [entry for name in names if (entry := self._entry(name)) is not None]

    def _entry(self, name: Name) -> FileEntry | None:
        path = name.raw.decode("utf-8", "surrogateescape")
        place = self._place(name.raw)
        try:
            info = os.lstat(place)
        except (FileNotFoundError, NotADirectoryError):
            return None  # deleted
        except OSError:
            return FileEntry(path=path, tracked=name.tracked, size=0)  # as in _file below
        if stat.S_ISDIR(info.st_mode):
            return _repository(name, path)
        if stat.S_ISLNK(info.st_mode):
            return self._link(path, place, tracked=name.tracked)
        if not stat.S_ISREG(info.st_mode):
            return FileEntry(path=path, tracked=name.tracked, size=0, kind="other")
        return self._file(path, place, tracked=name.tracked, size=info.st_size)

    def _link(self, path: str, place: bytes, *, tracked: bool) -> FileEntry | None:
        try:
            target = os.readlink(place)  # noqa: PTH115 - bytes
        except OSError:
            return None
        return FileEntry(
            path=path,
            tracked=tracked,
            size=len(target),
            kind="symlink",
            blob=self._header(len(target), target).hexdigest(),
        )

    def _file(self, path: str, place: bytes, *, tracked: bool, size: int) -> FileEntry | None:
        try:
            size, blob = self._content(place, size)
        except FileNotFoundError:
            return None
        except OSError:
            blob = ""  # it is there and cannot be read: whoever needs it will say so
        return FileEntry(path=path, tracked=tracked, size=size, blob=blob)

    def _content(self, place: bytes, size: int) -> tuple[int, str]:
        # A link that took the place of the file meanwhile is not followed.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(place, flags)
        try:
            if size <= _PIECE:
                content = _whole(descriptor)
                return len(content), self._header(len(content), content).hexdigest()
            digest = self._header(size)
            read = 0
            while piece := os.read(descriptor, _PIECE):
                digest.update(piece)
                read += len(piece)
            return read, digest.hexdigest()
        finally:
            os.close(descriptor)

    def _header(self, size: int, content: bytes = b"") -> hashlib._Hash:
        """Git's object id: the hash of a header and the content."""
        digest = hashlib.new(self.algorithm, b"blob %d\0" % size, usedforsecurity=False)
        digest.update(content)
        return digest


def cannot_list(folder: str, error: OSError | None = None) -> RepositoryProblem:
    """What to tell about a folder whose files stay unknown."""
    reason = f": {error.strerror or error}" if error else ""
    return RepositoryProblem(
        f"the folder {folder or '.'} cannot be listed{reason}",
        remedy="Make it readable, or have git ignore it.",
    )


def _repository(name: Name, path: str) -> FileEntry | None:
    if not name.repository:
        return None  # a folder now stands where the index has a file
    return FileEntry(path=path, tracked=name.tracked, size=0, kind="submodule", blob=name.commit)


def _whole(descriptor: int) -> bytes:
    pieces = []
    while piece := os.read(descriptor, _PIECE):
        pieces.append(piece)
    return b"".join(pieces)


def _native(raw: bytes) -> bytes:
    return raw.replace(b"/", os.fsencode(os.sep))


def _is_folder(place: bytes) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(place).st_mode)
    except OSError:
        return False


def _walk(root: bytes, inside: bytes) -> Iterator[Name]:
    try:
        with os.scandir(os.path.join(root, _native(inside))) as found:  # noqa: PTH118 - bytes
            children = sorted(found, key=lambda one: one.name)
    except OSError as error:
        raise cannot_list(inside.decode("utf-8", "surrogateescape"), error) from error
    names = {child.name for child in children}
    if inside and _keeps_out(names, os.path.join(root, _native(inside))):  # noqa: PTH118 - bytes
        return
    for child in children:
        raw = inside + b"/" + child.name if inside else child.name
        if not child.is_dir(follow_symlinks=False):
            yield Name(raw=raw, tracked=False)
        elif not _left_out(child.name.decode("utf-8", "surrogateescape"), top=not inside):
            yield from _walk(root, raw)


def _left_out(name: str, *, top: bool) -> bool:
    return name in LEFT_OUT_ANYWHERE or (top and name in LEFT_OUT_AT_THE_TOP)


def _keeps_out(names: set[bytes], place: bytes) -> bool:
    if names & {b"pyvenv.cfg", b"CACHEDIR.TAG"}:
        return True
    if b".gitignore" not in names:
        return False
    try:
        with open(os.path.join(place, b".gitignore"), "rb") as stream:  # noqa: PTH118, PTH123 - bytes
            rules = stream.read(4096).split(b"\n")
    except OSError:
        return False
    return [rule.strip() for rule in rules if rule.strip() and rule[:1] != b"#"] == [b"*"]
