"""From the names that tools print back to the paths of the file list."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Mapping
from pathlib import Path


class Names:
    """Finds the planned file that a printed name stands for.

    Tools print absolute or relative names, double a leading ``./``, resolve links in the
    root's own path, and replace bytes that are not UTF-8.

    Args:
        root: The project's root.
        paths: The planned files, as in the file list.
    """

    def __init__(self, root: Path, paths: Iterable[str]) -> None:
        self._roots = tuple(dict.fromkeys((str(root), os.path.realpath(root))))
        self._by_shown: Mapping[str, str] = {shown(path): path for path in paths}

    def relative(self, printed: str) -> str | None:
        """Root-relative POSIX path of a printed name; ``None`` if it lies outside the root."""
        name = printed
        for root in self._roots:
            if name == root or name.startswith(root.rstrip(os.sep) + os.sep):
                name = name[len(root) :].lstrip(os.sep)
                break
        else:
            if Path(name).is_absolute():
                return None
        name = posixpath.normpath(name.replace(os.sep, "/"))
        if name == ".." or name.startswith("../"):
            return None
        return self._by_shown.get(shown(name), name)


def shown(path: str) -> str:
    """A path as a tool prints that writes UTF-8 only: other bytes become U+FFFD."""
    try:
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Half a surrogate pair, as only a file name on Windows can hold.
        data = path.encode("utf-8", "surrogatepass")
    return data.decode("utf-8", "replace")
