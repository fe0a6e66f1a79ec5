"""The project is no dependency of its own, wherever its name stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from release_gate.testing import context, project
from support.source_gates import load

pytestmark = pytest.mark.gates


def test_a_name_that_only_the_plan_knows_is_the_projects_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = load("dependencies")
    asked: list[str] = []
    monkeypatch.setattr(module.environment, "load", lambda _runner, _python, own: asked.append(own))
    known = replace(project(tmp_path, {"setup.cfg": ""}), name="Legacy.App")
    module._loaded(context(known), module.DependenciesSettings())
    assert asked == ["legacy-app"]
