"""The settings of the tools themselves, wherever they keep them: a limit there is a limit too."""

from __future__ import annotations

import configparser
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from posixpath import dirname, join, normpath
from typing import Any

from release_gate.errors import ConfigError
from release_gate.plan.document import document_of

Read = Callable[[str], bytes | None]

_PYPROJECT = "pyproject.toml"
_TABLES = ("bandit", "black", "coverage", "detect-secrets", "mypy", "pytest", "ruff")
# Ruff and coverage's TOML files are the tool's table without its name.
_TOML = {
    "ruff.toml": "ruff",
    ".ruff.toml": "ruff",
    ".coveragerc.toml": "coverage",
    "pytest.toml": "pytest",
    ".pytest.toml": "pytest",
}
_INI = {
    ".bandit": "bandit",
    ".coveragerc": "coverage",
    ".mypy.ini": "mypy",
    "mypy.ini": "mypy",
    "pytest.ini": "pytest",
    ".pytest.ini": "pytest",
}
_SHARED = ("setup.cfg", "tox.ini")
# The section in a shared file, and what its keys hang below in the tool's own table.
_SECTIONS = {
    "bandit": ("bandit", ()),
    "pytest": ("pytest", ("ini_options",)),
    "tool:pytest": ("pytest", ("ini_options",)),
    "mypy": ("mypy", ()),
}
_SECRETS = ".secrets.baseline"
_ANYWHERE = frozenset({"ruff.toml", ".ruff.toml", _PYPROJECT})


def tool_files(paths: Iterable[str]) -> tuple[str, ...]:
    """The files among all that may hold settings of a tool; ruff looks in every folder.

    Args:
        paths: Relative to the root.
    """
    top = {_PYPROJECT, _SECRETS, *_TOML, *_INI, *_SHARED}
    return tuple(
        sorted(path for path in paths if path in top or path.rpartition("/")[2] in _ANYWHERE)
    )


def tool_files_above(folders: int) -> tuple[str, ...]:
    """The files above the root that may hold settings of a tool: most look upwards.

    Args:
        folders: How many folders above the root belong to the repository.
    """
    names = sorted({_PYPROJECT, *_TOML, *_INI, *_SHARED})
    return tuple(f"{'../' * up}{name}" for up in range(1, folders + 1) for name in names)


def tool_settings(files: Iterable[str], read: Read) -> Mapping[str, Mapping[str, Any]]:
    """Settings by where they stand: ``pyproject.toml [tool.ruff] ruff``, the tool's name last.

    A file that cannot be read as what it should be is one setting: its digest.

    Args:
        files: As :func:`tool_files` gives them.
        read: Content of a file; ``None`` if it is not there.
    """
    found: dict[str, Mapping[str, Any]] = {}
    waiting = list(files)
    for file in waiting:  # it grows while it is read
        content = read(file)
        if content is not None:
            stated = dict(_of_file(file, content.replace(b"\r\n", b"\n")))
            found |= {place: values for place, values in stated.items() if values}
            waiting += [one for one in _extended(file, stated) if one not in waiting]
    return found


def _extended(file: str, stated: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The files whose settings a file of ruff takes over."""
    for place, values in stated.items():
        named = values.get("extend")
        if place.endswith(" ruff") and isinstance(named, str):
            yield normpath(join(dirname(file), named))


def _of_file(file: str, content: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    name = file.rpartition("/")[2]
    try:
        if name == _PYPROJECT:
            yield from _of_pyproject(file, content)
        elif name.endswith(".toml"):  # of another name: what a file of ruff extends
            yield f"{file} {_TOML.get(name, 'ruff')}", _plain(document_of(content, file).values)
        elif name == _SECRETS:
            yield f"{file} detect-secrets", _of_secrets(content)
        else:
            yield from _of_ini(file, name, content)
    except (ConfigError, configparser.Error, ValueError, RecursionError):
        yield f"{file} ", {"(unreadable)": hashlib.sha256(content).hexdigest()}


def _of_pyproject(file: str, content: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    tool = document_of(content, file).values.get("tool", {})
    # In a folder below only ruff looks.
    for name in _TABLES if file.lstrip("./") == _PYPROJECT else ("ruff",):
        table = tool.get(name, {}) if isinstance(tool, Mapping) else {}
        if isinstance(table, Mapping):
            yield f"{file} [tool.{name}] {name}", _plain(table)


def _of_ini(file: str, name: str, content: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(content.decode("utf-8-sig"))
    tables: dict[str, dict[str, Any]] = {}
    for section in parser.sections():
        tool, path = _section(section, _INI.get(name))
        if tool is not None:
            table = tables.setdefault(tool, {})
            for step in path:
                table = table.setdefault(step, {})
            table.update({key: _value(text) for key, text in parser[section].items()})
    for tool, table in tables.items():
        yield f"{file} {tool}", table


def _section(section: str, owner: str | None) -> tuple[str | None, tuple[str, ...]]:
    """Whose section it is, and its path within the tool's own table."""
    if section.startswith("coverage:"):
        return "coverage", (section.removeprefix("coverage:"),)
    if section.startswith("mypy-"):
        return "mypy", ("overrides", section.removeprefix("mypy-"))
    if section in _SECTIONS:
        return _SECTIONS[section]
    if owner == "coverage":
        return owner, (section,)
    return owner, () if owner in (None, section) else (section,)


def _value(text: str) -> Any:
    """A number, a switch or a list where the text reads as one: the same as in TOML."""
    words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    stripped = text.strip()
    if stripped.casefold() in words:
        return words[stripped.casefold()]
    if "\n" in stripped:
        return [line.strip() for line in stripped.splitlines() if line.strip()]
    try:
        return json.loads(stripped) if stripped[:1].isdigit() else stripped
    except ValueError:
        return stripped


def _of_secrets(content: bytes) -> Mapping[str, Any]:
    """The baseline of detect-secrets, without what changes by itself: lines, times, versions."""
    values = json.loads(content.decode("utf-8-sig"))
    if not isinstance(values, dict) or not isinstance(values.get("results", {}), dict):
        raise ValueError("not a baseline of detect-secrets")  # noqa: TRY004 - as for no JSON
    results = {
        path: sorted(json.dumps(_without_place(one), sort_keys=True) for one in found)
        for path, found in values.get("results", {}).items()
    }
    rest = {
        name: value
        for name, value in values.items()
        if name not in {"results", "generated_at", "version"}
    }
    return {**rest, "results": results}


def _without_place(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    return {name: value for name, value in entry.items() if name not in {"line_number", "filename"}}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
