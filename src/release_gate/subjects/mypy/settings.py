"""Mypy's settings file of a project, as far as it matters before the run.

Mypy takes ``mypy.ini``, ``.mypy.ini``, ``pyproject.toml`` with ``[tool.mypy]`` or
``setup.cfg`` with ``[mypy]``, in this order, from the root upwards to the top of the
repository, and then a file of the user's own, which release-gate never reads.
"""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release_gate.api import Project, ToolProblem

NAMES = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg")
_OWN = ("mypy.ini", ".mypy.ini")


@dataclass(frozen=True, kw_only=True, slots=True)
class MypySettings:
    """A settings file.

    Args:
        file: Path relative to the root, upwards with ``..``.
        exclude: Regular expressions of paths that the project keeps from mypy.
        plugins: Names as written: modules, or paths that end in ``.py``.
        python_version: The target it names, ``None`` if none.
        ignored_modules: Modules for which errors are switched off.
        ignores_all: Whether they are switched off for every module that no section of its own
            switches on again.
        heeded_modules: Modules that switch them on again.
        weakened: Other settings that take errors away, with their values.
    """

    file: str
    exclude: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    python_version: str | None = None
    ignored_modules: tuple[str, ...] = ()
    ignores_all: bool = False
    heeded_modules: tuple[str, ...] = ()
    weakened: tuple[tuple[str, str], ...] = ()

    def excludes(self, path: str) -> str | None:
        """The pattern that keeps a file out, as mypy applies it: a search in the path.

        Args:
            path: POSIX path relative to the root.

        Raises:
            ToolProblem: If a pattern is no regular expression.
        """
        # Mypy tries each folder on the way down, with a slash at its end.
        parts = path.split("/")
        tries = ["/".join(parts[:n]) + "/" for n in range(1, len(parts))] + [path]
        for pattern in self.exclude:
            try:
                if any(re.search(pattern, item) for item in tries):
                    return pattern
            except re.error as error:
                raise ToolProblem(
                    f"exclude in {self.file} is no regular expression: {pattern}: {error}"
                ) from error
        return None


def find_settings(project: Project) -> MypySettings | None:
    """The settings file that mypy takes; ``None``: there is none.

    Raises:
        ToolProblem: If the file is there and cannot be read: mypy itself would go on
            without it, with its weakest settings and exit code 0.
    """
    for folder, steps in _folders(project.root):
        for name in NAMES:
            path = folder / name
            if path.is_file() and (found := _settings(path, "../" * steps + name)):
                return found
    return None


def _folders(root: Path) -> Iterator[tuple[Path, int]]:
    folder, steps = root, 0
    yield folder, steps
    while not any((folder / mark).exists() for mark in (".git", ".hg")):
        if folder.parent == folder:
            return
        folder, steps = folder.parent, steps + 1
        yield folder, steps


def _settings(path: Path, shown: str) -> MypySettings | None:
    try:
        sections = _toml(path) if path.suffix == ".toml" else _ini(path)
    except (OSError, ValueError, configparser.Error) as error:
        if path.name == "setup.cfg":
            return None
        raise ToolProblem(
            f"{shown} cannot be read: {error}",
            remedy="Mend the file; mypy would go on without any of its settings.",
        ) from error
    if "mypy" not in sections:
        # A mypy.ini without its section is still the file that mypy takes.
        return MypySettings(file=shown) if path.name in _OWN else None
    main = sections["mypy"]
    target = main.get("python_version")
    return MypySettings(
        file=shown,
        exclude=_exclude(main.get("exclude")),
        plugins=_listed(main.get("plugins")),
        python_version=None if target is None else str(target),
        ignored_modules=_switched(sections, _TRUE),
        ignores_all=str(main.get("ignore_errors")).lower() in _TRUE,
        heeded_modules=_switched(sections, _FALSE),
        weakened=tuple(_weakened(sections)),
    )


_TRUE = ("true", "1", "yes", "on")
_FALSE = ("false", "0", "no", "off")
_NORMAL_IMPORTS = ("normal", "silent", "none")


def _switched(sections: Mapping[str, Mapping[str, Any]], words: tuple[str, ...]) -> tuple[str, ...]:
    """Modules whose own section says so of ``ignore_errors``."""
    return tuple(
        sorted(
            name
            for name, table in sections.items()
            if name != "mypy" and str(table.get("ignore_errors")).lower() in words
        )
    )


def _weakened(sections: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for name, table in sorted(sections.items()):
        where = "" if name == "mypy" else f" of {name}"
        if codes := _listed(table.get("disable_error_code")):
            yield f"disable_error_code{where}", ", ".join(codes)
        imports = str(table.get("follow_imports")).lower()
        if imports not in _NORMAL_IMPORTS:
            yield f"follow_imports{where}", imports


def _toml(path: Path) -> dict[str, Mapping[str, Any]]:
    table = tomllib.loads(path.read_text("utf-8")).get("tool", {}).get("mypy")
    if not isinstance(table, Mapping):
        return {}
    sections: dict[str, Mapping[str, Any]] = {"mypy": table}
    for override in table.get("overrides", []):
        if isinstance(override, Mapping):
            for module in _listed(override.get("module")):
                sections[module] = {**sections.get(module, {}), **override}
    return sections


def _ini(path: Path) -> dict[str, Mapping[str, Any]]:
    parser = configparser.RawConfigParser()
    parser.read_string(path.read_text("utf-8"), source=path.name)
    return {
        name.removeprefix("mypy-"): dict(parser[name])
        for name in parser.sections()
        if name == "mypy" or name.startswith("mypy-")
    }


def _listed(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in re.split(r"[,\n]", value) if part.strip())
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _exclude(value: object) -> tuple[str, ...]:
    """A list, or one pattern; a comma in a pattern is part of it."""
    if isinstance(value, str):
        return (value.strip(),) if value.strip() else ()
    return _listed(value)
