"""The plan as plain values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from release_gate.plan.describe import describe

pytestmark = pytest.mark.unit


def test_the_description_is_plain_and_names_no_path_of_this_machine(desk: Any) -> None:
    desk.write("checks/todo.py", "GATE = Gate(kind='todo')\n")
    desk.configure("gate-files = ['checks/todo.py']\nproject-python = 'python'\n")

    text = json.dumps(describe(desk.plan()))

    assert str(desk.root) not in text
    assert describe(desk.plan()) == describe(desk.plan())


def test_each_gate_says_on_what_with_which_tools_and_from_which_settings(desk: Any) -> None:
    desk.configure("[gates.lint]\nline-length = 100\n")

    lint = describe(desk.plan())["gates"][0]

    assert (lint["id"], lint["count"], lint["unit"], lint["note"]) == ("lint", 1, "files", None)
    assert lint["tools"] == [{"name": "ruff", "version": "0.17.5"}]
    assert {"name": "line-length", "value": "100", "origin": "release-gate.toml:2"} in lint[
        "settings"
    ]


def test_a_hosted_gate_is_said_not_to_be_loaded(desk: Any) -> None:
    desk.write("todo.py", "GATE = Gate(kind='todo')\n")
    desk.configure("gate-files = ['todo.py']\n")

    todo = describe(desk.plan(gates=("todo",)))["gates"][0]

    assert (todo["count"], todo["note"]) == (None, "not loaded: runs in a process of its own")


def test_what_is_left_out_is_there_with_its_reason(desk: Any) -> None:
    desk.configure("expected = ['lint']\n")

    assert describe(desk.plan())["not_applicable"] == [
        {"gate": "types", "reason": 'not in "expected"'}
    ]


def test_a_narrowed_run_counts_the_narrowed_files(desk: Any) -> None:
    desk.write("src/shop/a.py")

    plan = describe(desk.plan(paths=("src/shop/a.py",)))

    assert (plan["files"], plan["gates"][0]["count"]) == (2, 1)
    assert plan["partial"] is True
