"""Where the built-in gates and templates lie: in the checkout, else in the installed package."""

from __future__ import annotations

from pathlib import Path

from release_gate.errors import AssetMissing

_PACKAGE = Path(__file__).resolve().parent
_REMEDY = "Install release-gate again, or restore the folder in the checkout."


def gates_folder() -> Path:
    """Folder of the built-in gate files.

    Raises:
        AssetMissing: If this installation has none.
    """
    return _folder("gates", "*.py", _PACKAGE)


def templates_folder() -> Path:
    """Folder of the built-in templates.

    Raises:
        AssetMissing: If this installation has none.
    """
    return _folder("templates", "*", _PACKAGE)


def checkout(package: Path = _PACKAGE) -> Path | None:
    """Root of the checkout that the package runs from; ``None`` if it is installed.

    Args:
        package: Folder of the package ``release_gate``.
    """
    root = package.parent.parent
    is_ours = package.parent.name == "src" and (root / "pyproject.toml").is_file()
    return root if is_ours else None


def _folder(name: str, pattern: str, package: Path) -> Path:
    """An editable install leaves a stale copy in site-packages, so the checkout comes first."""
    root = checkout(package)
    folder = package / "_bundled" / name if root is None else root / name
    if not folder.is_dir():
        raise AssetMissing(f"the folder of built-in {name} is missing", remedy=_REMEDY)
    if not any(one.is_file() for one in folder.glob(pattern)):
        raise AssetMissing(f"the folder of built-in {name} is empty", remedy=_REMEDY)
    return folder
