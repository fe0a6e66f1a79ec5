"""YAML as far as files of ignores use it: no tags, no aliases, nothing twice, and with lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from release_gate.errors import ConfigError

_DEEPEST = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A part of the file.

    Args:
        line: One-based.
        value: A mapping or a list of nodes, a text, or ``None``.
    """

    line: int
    value: Mapping[str, Node] | Sequence[Node] | str | None

    def table(self) -> Mapping[str, Node]:
        """Its keys; none where it is something else."""
        return self.value if isinstance(self.value, Mapping) else {}

    def items(self) -> Sequence[Node]:
        """Its elements; none where it is no list."""
        return self.value if isinstance(self.value, list) else []

    def text(self, key: str) -> str:
        """The text of a key; empty where there is none."""
        found = self.table().get(key)
        return found.value if found is not None and isinstance(found.value, str) else ""


def parse_yaml(text: str, file: str) -> Node:
    """Read one document.

    Args:
        text: Of the file.
        file: Its name, for messages.

    Raises:
        ConfigError: If it is no YAML, or uses what is not read here.
    """
    yaml: Any = import_module("yaml")  # by name: it has no types
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "it cannot be read"
        raise ConfigError(
            f"not YAML: {what}", file=file, line=mark.line + 1 if mark else None
        ) from error
    except RecursionError as error:
        raise ConfigError("not YAML: nested too deeply", file=file) from error
    if root is None:
        raise ConfigError("it is empty", file=file)
    return _node(root, file, set(), 0)


def _node(node: Any, file: str, seen: set[int], depth: int) -> Node:
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise ConfigError("it has an alias: write the value out", file=file, line=line)
    if depth > _DEEPEST:
        raise ConfigError("nested too deeply", file=file, line=line)
    seen.add(id(node))
    if node.id == "mapping":
        return Node(line=line, value=_mapping(node, file, seen, depth))
    if node.id == "sequence":
        return Node(line=line, value=[_node(one, file, seen, depth + 1) for one in node.value])
    empty = node.tag == "tag:yaml.org,2002:null"
    return Node(line=line, value=None if empty else str(node.value))


def _mapping(node: Any, file: str, seen: set[int], depth: int) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for key, value in node.value:
        name = str(key.value) if key.id == "scalar" else ""
        if not name or name in found:
            what = f'key "{name}" stands twice' if name else "a key that is no text"
            raise ConfigError(what, file=file, line=key.start_mark.line + 1)
        found[name] = _node(value, file, seen, depth + 1)
    return found
