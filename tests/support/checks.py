"""Runs checks, written as TOML or as tables, against a server."""

from __future__ import annotations

import importlib.util
import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from release_gate.adapters.clock import SystemClock
from release_gate.api import AnyGate, Deployment
from release_gate.subjects.probes.outcome import Outcome, SuiteResult
from release_gate.subjects.smoke.reading import suite_of
from release_gate.subjects.smoke.session import Session, open_session
from release_gate.subjects.smoke.settings import SmokeSettings
from release_gate.testing import context, project

ROOT = Path(__file__).parents[2]


def settings_of(toml: str) -> SmokeSettings:
    """The gate's settings as its table holds them."""
    return msgspec.convert(tomllib.loads(toml), SmokeSettings, strict=True)


def deployment(target: str | None, **more: Any) -> Deployment:
    """An environment with a target."""
    return Deployment(**{"name": "staging", "target": target, **more})


def session(
    folder: Path,
    toml: str,
    place: Deployment | None,
    *,
    environment: Mapping[str, str] | None = None,
    files: Mapping[str, str | bytes] | None = None,
    **changes: Any,
) -> Session:
    """A session over checks; to be closed."""
    settings = settings_of(toml)
    the_project = project(folder, files or {}, deployment=place)
    variables = {"PATH": os.environ.get("PATH", ""), **(environment or {})}
    ctx = context(the_project, clock=SystemClock(), environment=variables, **changes)
    return open_session(ctx, suite_of(the_project, settings), rate=settings.rate)


def run(folder: Path, toml: str, place: Deployment | None, **more: Any) -> SuiteResult:
    """What came of a suite."""
    opened = session(folder, toml, place, **more)
    try:
        return opened.run()
    finally:
        opened.close()


def outcome(folder: Path, toml: str, place: Deployment | None, **more: Any) -> Outcome:
    """What came of the only check."""
    (one,) = run(folder, toml, place, **more).outcomes
    return one


def smoke_gate() -> AnyGate:
    """The gate as the engine loads it: by its file."""
    name = "release_gate_smoke_under_test"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ROOT / "gates" / "smoke.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    gate: AnyGate = sys.modules[name].GATE
    return gate
