"""The built-in gates, loaded from their folder under a stable module name."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType

import msgspec

from release_gate import assets
from release_gate.api import AnyGate, Gate
from release_gate.errors import GateFileError
from release_gate.plan.configuration import COMMON

NAMESPACE = "release_gate_gates"


def bundled_gates(folder: Path | None = None) -> Mapping[str, AnyGate]:
    """Every built-in gate by its kind, sorted.

    Args:
        folder: Default: where this installation has them.

    Raises:
        GateFileError: If one of them is broken; that is a fault of the installation.
    """
    place = assets.gates_folder() if folder is None else folder
    gates = {}
    for file in sorted(place.glob("*.py")):
        gate = _gate(file, _module(file))
        gates[gate.kind] = gate
    return MappingProxyType(gates)


def _module(file: Path) -> ModuleType:
    """Pickling and the resolving of annotations need the module where its name says."""
    name = f"{NAMESPACE}.{file.stem}"
    known = sys.modules.get(name)
    if known is not None and known.__file__ == str(file):
        return known
    sys.modules.setdefault(NAMESPACE, ModuleType(NAMESPACE, "The built-in gates."))
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise GateFileError("the built-in gate cannot be loaded", file=file.name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        what = f"the built-in gate cannot be loaded: {type(error).__name__}: {error}"
        raise GateFileError(what, file=file.name) from error
    return module


def _gate(file: Path, module: ModuleType) -> AnyGate:
    gate = getattr(module, "GATE", None)
    if not isinstance(gate, Gate):
        raise GateFileError("the built-in gate defines no GATE", file=file.name)
    if gate.kind != file.stem.replace("_", "-"):
        raise GateFileError(f"the built-in gate calls itself {gate.kind}", file=file.name)
    own = {field.encode_name for field in msgspec.structs.fields(gate.settings)}
    if taken := sorted(own & COMMON):
        what = f"the built-in gate has a key that every gate has: {taken[0]}"
        raise GateFileError(what, file=file.name)
    return gate
