"""What a project says of itself in its files: read as text, never executed."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

Read = Callable[[str], str | None]
"""Text of a file by its relative path; ``None`` if it is not there or not text."""

_HATCH_VERSION = re.compile(
    r"""^\s*(?:__version__|VERSION)(?:\s*:\s*\w+)?\s*=\s*["']v?(?P<version>[^"']+)["']""",
    re.IGNORECASE | re.MULTILINE,
)
_POETRY_PYTHON = re.compile(r"[\^~](?P<major>\d+)(?:\.(?P<minor>\d+))?(?:\.\d+)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known without being told by our configuration.

    Args:
        name: Of the project; ``None`` if it has none.
        version: Static, or found in the file that the build settings name.
        requires_python: As a PEP 440 specifier set, not checked.
        python_origin: Where ``requires_python`` stands.
    """

    name: str | None
    version: str | None
    requires_python: str | None
    python_origin: str = ""


def read_facts(pyproject: Mapping[str, Any], read: Read) -> Facts:
    """Name, version and Python of a project.

    Args:
        pyproject: Parsed; empty where there is none.
        read: Gives the text of other files.
    """
    project, poetry = _table(pyproject, "project"), _table(pyproject, "tool", "poetry")
    cfg = _setup_cfg(read)
    name = _first(project.get("name"), poetry.get("name"), cfg("metadata", "name"))
    version = _first(
        project.get("version"),
        poetry.get("version"),
        _dynamic_version(pyproject, read),
        _cfg_version(cfg("metadata", "version"), read),
    )
    python, origin = _python(project, poetry, cfg)
    return Facts(name=name, version=version, requires_python=python, python_origin=origin)


def python_is_too_old(python: tuple[int, int], requires: str) -> bool | None:
    """Whether an interpreter is older than any that the project allows.

    Args:
        python: Major and minor.
        requires: A PEP 440 specifier set.

    Returns:
        ``None`` if the specifiers cannot be read.
    """
    try:
        allowed = SpecifierSet(requires)
    except InvalidSpecifier:
        return None
    minors = [(3, minor) for minor in range(60)]
    fitting = [one for one in minors if _fits(allowed, one)]
    return bool(fitting) and python < fitting[0]


def _fits(allowed: SpecifierSet, python: tuple[int, int]) -> bool:
    """Any patch release will do: ``>=3.11.4`` is not above 3.11."""
    return any(allowed.contains(f"{python[0]}.{python[1]}.{patch}") for patch in (0, 99))


def _table(data: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """A table, or nothing where the file holds something else there."""
    value: Any = data
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _first(*values: object) -> str | None:
    return next((value for value in values if isinstance(value, str) and value.strip()), None)


def _python(
    project: Mapping[str, Any], poetry: Mapping[str, Any], cfg: Callable[[str, str], str | None]
) -> tuple[str | None, str]:
    stated = _first(project.get("requires-python"))
    if stated:
        return stated, "requires-python of pyproject.toml"
    wanted = _first(_table(poetry, "dependencies").get("python"))
    if wanted:
        return _from_poetry(wanted), "tool.poetry.dependencies of pyproject.toml"
    stated = cfg("options", "python_requires")
    return stated, "python_requires of setup.cfg" if stated else ""


def _from_poetry(text: str) -> str:
    """``^3.11`` and ``~3.11`` are Poetry's own: at least that, and below the next."""
    found = _POETRY_PYTHON.fullmatch(text.strip())
    if not found:
        return text
    major, minor = int(found["major"]), int(found["minor"] or 0)
    below = f"{major + 1}" if text.strip()[0] == "^" else f"{major}.{minor + 1}"
    return f">={major}.{minor},<{below}"


def _setup_cfg(read: Read) -> Callable[[str, str], str | None]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(read("setup.cfg") or "")
    except configparser.Error:
        # setuptools will complain; for us it is a file that says nothing.
        parser = configparser.ConfigParser(interpolation=None)
    return lambda section, key: _first(parser.get(section, key, fallback=None))


def _dynamic_version(pyproject: Mapping[str, Any], read: Read) -> str | None:
    hatch = _table(pyproject, "tool", "hatch", "version")
    if path := _first(hatch.get("path")):
        return _by_pattern(read(path), _first(hatch.get("pattern")))
    pdm = _table(pyproject, "tool", "pdm", "version")
    if pdm.get("source") == "file" and (path := _first(pdm.get("path"))):
        return _by_pattern(read(path), None)
    setuptools = _table(pyproject, "tool", "setuptools", "dynamic", "version")
    if attribute := _first(setuptools.get("attr")):
        return _attribute(attribute, read)
    file = setuptools.get("file")
    return _file(file[0] if isinstance(file, list) and file else file, read)


def _cfg_version(stated: str | None, read: Read) -> str | None:
    if stated is None:
        return None
    if stated.startswith("attr:"):
        return _attribute(stated.removeprefix("attr:").strip(), read)
    if stated.startswith("file:"):
        return _file(stated.removeprefix("file:").strip(), read)
    return stated


def _by_pattern(text: str | None, pattern: str | None) -> str | None:
    """The default is hatchling's; a pattern of the user's must have a group ``version``."""
    if text is None:
        return None
    try:
        found = re.search(pattern, text, re.MULTILINE) if pattern else _HATCH_VERSION.search(text)
        return found["version"] if found else None
    except (re.error, IndexError):
        return None


def _file(name: object, read: Read) -> str | None:
    text = read(name) if isinstance(name, str) and name else None
    return _first(text.strip().splitlines()[0]) if text and text.strip() else None


def _attribute(dotted: str, read: Read) -> str | None:
    """``package.module.NAME`` where the module assigns a literal string to the name."""
    module, _, name = dotted.rpartition(".")
    path = module.replace(".", "/")
    for place in (f"src/{path}", path):
        for file in (f"{place}.py", f"{place}/__init__.py"):
            if (text := read(file)) is not None:
                return literal(text, name)
    return None


def literal(source: str, name: str) -> str | None:
    """The literal string that a module assigns to a name, by its text alone."""
    try:
        body: Sequence[ast.stmt] = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for statement in body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        if any(isinstance(one, ast.Name) and one.id == name for one in targets):
            value = statement.value  # type: ignore[attr-defined]  # one of the two assignments
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                return value.value
    return None
