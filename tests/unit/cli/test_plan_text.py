"""The plan for people."""

from __future__ import annotations

from typing import Any

import pytest

from release_gate.cli.plan import lines

pytestmark = pytest.mark.unit


def setting(name: str) -> dict[str, str]:
    return {"name": name, "value": "80", "origin": "pyproject.toml:4"}


def a_gate(**more: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": "lint",
        "kind": "lint",
        "title": "Lint is clean",
        "note": None,
        "count": 412,
        "unit": "files",
        "tools": [{"name": "ruff", "version": "0.17.5"}],
        "file": None,
        "enforce": True,
        "skip_reason": None,
        "inapplicable": None,
        "settings": [setting("fail-under")],
    }
    return {**values, **more}


def a_plan(*gates: dict[str, Any], **more: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "project": "orders",
        "version": "1.8.0",
        "commit": "3f2a91c" + "0" * 33,
        "dirty": False,
        "base": {"ref": "origin/main"},
        "phase": "pre-release",
        "environment": None,
        "partial": False,
        "files": 431,
        "gates": list(gates),
        "not_applicable": [{"gate": "migrations", "reason": "no alembic.ini"}],
        "project_environment": ".venv",
        "settings": [setting("source")],
        "policy": {"mode": "head", "commit": None, "note": "", "changes": []},
        "notes": ["no configuration"],
        "warnings": ["an old Python"],
    }
    return {**values, **more}


def text(*gates: dict[str, Any], verbose: bool = False, **more: Any) -> str:
    return "\n".join(lines(a_plan(*gates, **more), verbose=verbose))


def test_first_line_says_what_is_judged_and_against_what() -> None:
    head = text(a_gate()).splitlines()[0]
    assert head == (
        "orders 1.8.0 · 3f2a91c (clean) · base origin/main · phase pre-release · 1 gate, 431 files"
    )
    changed = text(
        commit=None, base={"ref": None}, environment="production", partial=True, version=None
    )
    assert changed.splitlines()[0] == (
        "orders · base none · phase pre-release · environment production · 0 gates, 431 files · "
        "PARTIAL"
    )


def test_each_gate_says_on_what_and_with_what() -> None:
    shown = text(a_gate())
    assert "  lint: Lint is clean\n      412 files · ruff 0.17.5\n" in shown
    assert "fail-under" not in shown
    assert "      fail-under  80  (pyproject.toml:4)" in text(a_gate(), verbose=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "ruff"}, "lint (ruff): Lint is clean"),
        ({"enforce": False}, "shown only"),
        ({"skip_reason": "not yet"}, "skipped: not yet"),
        ({"inapplicable": "no source"}, "cannot run: no source"),
        ({"note": "not loaded", "file": "gates/own.py"}, "not loaded · ruff 0.17.5 · gates/own.py"),
    ],
)
def test_what_is_out_of_the_ordinary_is_said(change: dict[str, Any], said: str) -> None:
    assert said in text(a_gate(**change))


def test_what_is_not_run_is_named_with_its_reason() -> None:
    shown = text()
    assert "  - migrations: not run: no alembic.ini" in shown
    assert "  source  80  (pyproject.toml:4)" in shown
    assert "note: no configuration" in shown
    assert "warning: an old Python" in shown
