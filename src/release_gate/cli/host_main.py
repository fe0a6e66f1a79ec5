"""The child process of a gate that is not ours: one request in, one answer out.

``python -P -m release_gate.cli.host_main LOG`` reads a :class:`HostRequest` from standard
input and writes a :class:`HostAnswer` to its channel. What the gate prints goes to the log,
which is where both output streams of this process lead.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import traceback
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from release_gate.api import AnyGate, Evidence, Gate
from release_gate.cli.hosted_context import context_for
from release_gate.errors import ConfigError, GateFileError, ReleaseGateError
from release_gate.files import read_file
from release_gate.plan.hosted import (
    HostAnswer,
    HostLimit,
    HostProblem,
    HostRequest,
    decode,
    encode,
)
from release_gate.ports import CHANNEL, Project
from release_gate.run.codec import checked
from release_gate.run.host import PROGRESS

_GROUP = "release_gate.gates"


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Answer one request.

    Args:
        arguments: The gate's log.
        environment: Names the channel.
    """
    with _open_channel(environment[CHANNEL]) as channel:
        asked = os.getpid()
        request = decode(sys.stdin.buffer.read(), HostRequest)
        answer = encode(answer_to(request, Path(arguments[0])))
        # A copy that the gate forked may come back here too: there is one answer, not two.
        if os.getpid() == asked:
            channel.write(answer)
    sys.stdout.flush()
    return 0


def answer_to(request: HostRequest, log: Path) -> HostAnswer:
    """What the gate says; whatever it raises becomes the answer too.

    Args:
        request: Which gate, on what.
        log: Where programs that it starts are logged.
    """
    try:
        return _answer(request, log)
    except ReleaseGateError as error:
        problem = HostProblem(what=error.what, remedy=error.remedy, slug=error.slug)
    except BaseException as error:  # noqa: BLE001 - also SystemExit: it is the gate's, not ours
        traceback.print_exc()
        what = f"{type(error).__name__}: {error}"
        problem = HostProblem(what=what, remedy="the traceback is in the log")
    return _said(request, problem=problem)


def _answer(request: HostRequest, log: Path) -> HostAnswer:
    gate = _loaded(request)
    context = context_for(request, log, _progress)
    settings = _settings(gate, request)
    applies = gate.applies(context.project, settings)
    if applies is not None:
        return _said(request, gate, applies=str(applies))
    evidence = checked(gate.collect(context, settings))
    return _said(request, gate, evidence=evidence, limits=_limits(gate, settings, context.project))


def _progress(text: str) -> None:
    sys.stderr.write(f"{PROGRESS}{' '.join(text.split())}\n")
    sys.stderr.flush()


def _limits(gate: AnyGate, settings: Any, project: Project) -> tuple[HostLimit, ...]:
    return tuple(HostLimit.of(one) for one in gate.limits(settings, project))


def _said(
    request: HostRequest,
    gate: AnyGate | None = None,
    *,
    applies: str | None = None,
    evidence: Evidence | None = None,
    problem: HostProblem | None = None,
    limits: tuple[HostLimit, ...] = (),
) -> HostAnswer:
    return HostAnswer(
        gate_id=request.gate_id,
        title=gate.title if gate else request.kind,
        applies=applies,
        evidence=None if evidence is None else msgspec.to_builtins(evidence),
        problem=problem,
        limits=limits,
    )


def _settings(gate: AnyGate, request: HostRequest) -> Any:
    try:
        return msgspec.convert(request.settings, gate.settings, strict=True)
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"[tool.release-gate.gates.{request.gate_id}]: {error}",
            remedy="the keys are those of the settings type in the gate's file",
        ) from error


def _loaded(request: HostRequest) -> AnyGate:
    found = _from_file(request) if request.home == "file" else _from_entry_point(request)
    gate = getattr(found, "GATE", found)
    where = request.file or f"the entry point {request.entry_point}"
    if not isinstance(gate, Gate):
        raise GateFileError(f"{where} defines no GATE = Gate(...)")
    if gate.kind != request.kind:
        raise GateFileError(f"{where} defines a gate of kind {gate.kind!r}, not {request.kind!r}")
    return gate


def _from_file(request: HostRequest) -> object:
    path = Path(request.root, request.file or "")
    if sha256(read_file(path)).hexdigest() != request.sha256:
        raise GateFileError(f"{request.file} has changed since the plan was made")
    name = f"release_gate_hosted_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise GateFileError(f"{request.file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where annotations of its settings are looked up
    spec.loader.exec_module(module)
    return module


def _from_entry_point(request: HostRequest) -> object:
    found = entry_points(group=_GROUP, name=request.entry_point or "")
    if len(found) != 1:
        what = f"{len(found)} entry points named {request.entry_point!r} in the group {_GROUP}"
        raise GateFileError(what)
    return next(iter(found)).load()


def _open_channel(named: str) -> BinaryIO:
    kind, _, where = named.partition(":")
    if kind == "file":
        return Path(where).open("wb")
    descriptor = int(where)
    # What the gate starts must neither write to it nor keep it open.
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - takes no name
    return os.fdopen(descriptor, "wb")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
