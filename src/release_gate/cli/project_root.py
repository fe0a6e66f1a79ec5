"""Which folder is gated."""

from __future__ import annotations

from pathlib import Path

from release_gate.cli.options import Wish
from release_gate.errors import UsageError
from release_gate.plan.configuration import OWN_FILE, PYPROJECT

_MARKS = ("pyproject.toml", ".git")


def find_root(wish: Wish, start: Path | None = None) -> Path:
    """The folder that is gated.

    ``--root``, else the folder of ``--config``, else from the present folder upwards the first
    with a configuration, else the first with a ``pyproject.toml`` or a repository, else here.

    Args:
        wish: What the command line asks for.
        start: Default: the present folder.
    """
    if wish.root is not None:
        return wish.root.absolute()
    if wish.config is not None:
        return wish.config.absolute().parent
    here = (start or _present()).absolute()
    folders = [here, *here.parents]
    configured = (one for one in folders if _is_configured(one))
    marked = (one for one in folders if any((one / name).exists() for name in _MARKS))
    return next(configured, None) or next(marked, None) or here


def _present() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        remedy = "Go to a folder that is there, or name one with --root."
        raise UsageError("the present folder has been removed", remedy=remedy) from error


def _is_configured(folder: Path) -> bool:
    if (folder / OWN_FILE).is_file():
        return True
    pyproject = folder / PYPROJECT
    try:
        text = pyproject.read_text("utf-8") if pyproject.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return False
    # Text, not TOML: a file that does not parse is to be complained about, not passed by.
    return "tool.release-gate" in text
