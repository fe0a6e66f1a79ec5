"""What evidence depends on, as one digest. Too much in it costs time; too little, the truth."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

import release_gate
from release_gate.plan.types import Plan, PlannedGate
from release_gate.run.surroundings import variables_read

SCHEMA = 1

# Scanners read settings from files that a gate need not list among its inputs.
_SETTINGS_SUFFIXES = frozenset({".toml", ".cfg", ".ini", ".yaml", ".yml"})


def cache_key(
    plan: Plan,
    gate: PlannedGate,
    *,
    version: str,
    secret_key: bytes,
    environment: Mapping[str, str],
) -> str | None:
    """The key under which a gate's evidence may be reused; ``None``: it may not.

    Args:
        plan: With the file list and the base.
        gate: The gate; its inputs must say that they are reusable.
        version: Of release-gate.
        secret_key: Key for hashes that identify secrets.
        environment: The process environment as injected.
    """
    if not gate.inputs.reusable or gate.home == "entry-point":
        return None
    blobs = _blobs(plan, gate)
    settings = _settings(gate.settings)
    if blobs is None or settings is None:
        return None
    parts: dict[str, Any] = {
        "schema": SCHEMA,
        "version": version,
        "sources": sources_digest(),
        "gate": [gate.gate_id, gate.gate.kind, gate.home, gate.file],
        # A gate file may import any module of the project, so the whole tree counts.
        "tree": plan.subject.tree if gate.home == "file" else None,
        "settings": settings,
        "tools": [[one.name, one.version] for one in gate.tools],
        "python": [*plan.toolkit.python_version, sys.platform],
        "source": plan.project.source,
        "requires-python": plan.project.requires_python,
        "blobs": blobs,
        "paths": [one.path for one in plan.project.files],
        "narrowed": plan.paths,
        "base": plan.base_ref.commit if plan.base is not None else None,
        "variables": {
            name: sha256(value.encode("utf-8", "surrogateescape")).hexdigest()
            for name, value in variables_read(gate, environment).items()
        },
        "secret-key": sha256(secret_key).hexdigest(),
    }
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@cache
def sources_digest() -> str:
    """Digest over our own source, gates included: a checkout changes between releases."""
    package = Path(release_gate.__file__).parent
    folders = [package, package.parents[1] / "gates"]
    hasher = sha256()
    for folder in folders:
        for file in sorted(folder.rglob("*.py")):
            content = file.read_bytes()
            name = file.relative_to(folder).as_posix()
            hasher.update(f"{len(name)}:{name}{len(content)}:".encode() + content)
    return hasher.hexdigest()


def _blobs(plan: Plan, gate: PlannedGate) -> list[tuple[str, str]] | None:
    wanted = set(gate.inputs.files)
    entries = {one.path: one for one in plan.project.files}
    if not wanted or wanted - entries.keys():
        return None
    read = {name for name in entries if name in wanted or _is_settings(name)}
    if any(entries[name].kind == "symlink" for name in read):
        return None  # its id is of the name that it points to, not of what lies there
    found = [(name, entries[name].blob) for name in sorted(read)]
    return found if all(blob for _, blob in found) else None


def _is_settings(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix in _SETTINGS_SUFFIXES or path.name.startswith(".")


def _settings(settings: Any) -> Any:
    try:
        return json.loads(json.dumps(msgspec.to_builtins(settings), sort_keys=True))
    except (TypeError, ValueError):
        return None
