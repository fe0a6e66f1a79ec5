"""Paths that the user writes: relative to the root, with forward slashes, never out of it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath


def inside(text: str) -> str:
    """A relative path in its plain form: ``./src/`` becomes ``src``.

    Args:
        text: As written; backslashes are separators only on Windows, where nobody writes others.

    Raises:
        ValueError: If it is absolute or leads out of the root.
    """
    path = PurePosixPath(text)
    windows = PureWindowsPath(text)
    if path.is_absolute() or windows.drive or windows.root:
        raise ValueError(f'"{text}" is absolute: write it relative to the root')
    if ".." in path.parts or ".." in windows.parts:
        raise ValueError(f'"{text}" leads out of the root')
    if "\0" in text:
        raise ValueError("a path cannot hold a NUL")
    return str(path)


def relative_to_root(root: Path, path: Path) -> str:
    """How messages and results name a file: never by a path of this machine.

    Args:
        root: Absolute.
        path: Absolute, or relative to the present folder.
    """
    absolute = path.absolute()
    if absolute.is_relative_to(root):
        return absolute.relative_to(root).as_posix()
    return path.name


def below(path: str, folder: str) -> bool:
    """Whether a path of the file list is the given file or lies in the given folder."""
    return folder in (".", path) or path.startswith(f"{folder}/")
