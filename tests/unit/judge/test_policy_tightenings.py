"""The closed tables of changes that surely loosen nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.judge.policy_tightenings import setting_tightens, tool_tightens

pytestmark = pytest.mark.unit

KINDS = {"coverage": "coverage"}


def tightens(key: str, old: Any, new: Any, *, gate: str = "coverage") -> bool:
    return setting_tightens(("gates", gate, key), old, new, KINDS, KINDS)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (5, 3, True),
        (5, 6, False),
        (None, 0, True),
        (0, None, True),
        (None, 1, False),
        (3, {"high": 1, "medium": 3, "low": 3, "critical": 0, "unknown": 0}, True),
        ({"high": 2}, {"high": 1}, True),
        ({"high": 2}, {"high": 2, "low": 1}, False),
        ({"info": 3}, {}, False),
        ({}, {"info": 3}, True),
        ({"medium": 2}, {"medium": {"max": 2, "requires": "mitigation"}}, True),
        ({"medium": {"max": 2, "requires": "mitigation"}}, {"medium": 2}, False),
        ({"medium": {"max": 2, "requires": "mitigation"}}, {"medium": {"max": 1}}, False),
        ({"medium": {"max": 2, "requires": "a"}}, {"medium": {"max": 1, "requires": "b"}}, False),
        ({"odd": 2}, {"odd": 1}, False),
        ({"high": "2"}, {"high": 1}, False),
        (2, "1", False),
        (True, 0, False),
        ({"high": {"max": 1, "new-key": 1}}, 0, False),
    ],
)
def test_a_budget_may_only_shrink(old: Any, new: Any, *, expected: bool) -> None:
    assert tightens("max", old, new) is expected


@pytest.mark.parametrize(
    ("key", "old", "new", "expected"),
    [
        ("enforce", False, True, True),
        ("enforce", False, None, True),
        ("enforce", True, False, False),
        ("enforce", None, False, False),
        ("skip-reason", "why", None, True),
        ("skip-reason", None, "why", False),
        ("skip-reason", "why", "other", False),
        ("deadline", "1m", "2m", True),
        ("fail-under", 80, 81, True),
        ("fail-under", None, 81, False),
        ("fail-under", 80, None, False),
        ("fail-under", 80, float("nan"), False),
        ("changed-fail-under", None, 50, True),
        ("max-skipped", None, 3, True),
        ("max-skipped", 3, None, False),
        ("max-skipped", 3, 4, False),
        ("max-failed", None, 3, False),
        ("use-project-fail-under", True, False, False),
        ("required-tests", ["a"], ["a", "b"], True),
        ("command", ["a"], ["a", "b"], False),
        ("kind", "lint", "types", False),
    ],
)
def test_keys_of_a_gate(key: str, old: Any, new: Any, *, expected: bool) -> None:
    assert tightens(key, old, new) is expected


def test_a_gate_that_is_not_known_has_no_tightenings() -> None:
    assert not tightens("enforce", False, True, gate="unheard-of")


def test_a_key_within_a_key_has_none() -> None:
    path = ("gates", "coverage", "variables", "deadline")
    assert not setting_tightens(path, "a", "b", KINDS, KINDS)


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        (("allow-dirty",), True, None, True),
        (("allow-dirty",), None, True, False),
        (("phases", "day-1", "expected"), ["a"], ["a", "b"], True),
        (("phases", "day-1", "after"), None, ["a"], True),
        (("phases", "day-1", "after"), ["a"], ["b"], False),
        (("phases", "day-1", "after"), ["a"], None, False),
        (("environments", "live", "after"), None, "staging", True),
        (("environments", "live", "after"), "staging", None, False),
        (("environments", "live", "description"), "a", "b", True),
        (("environments", "live", "target"), "a", "b", False),
        (("waiver-policy", "strict"), None, True, True),
        (("waiver-policy", "strict"), True, False, False),
        (("source",), ["a"], ["a", "b"], False),
        (("gates",), None, {}, False),
    ],
)
def test_keys_at_the_top(path: tuple[str, ...], old: Any, new: Any, *, expected: bool) -> None:
    assert setting_tightens(path, old, new, KINDS, KINDS) is expected


@pytest.mark.parametrize(
    ("place", "path", "old", "new", "expected"),
    [
        ("ruff.toml ruff", ("lint", "ignore"), ["A", "B"], ["A"], True),
        ("ruff.toml ruff", ("lint", "ignore"), ["A"], ["A", "B"], False),
        ("ruff.toml ruff", ("lint", "ignore"), ["A"], None, True),
        ("ruff.toml ruff", ("lint", "ignore"), None, ["A"], False),
        ("ruff.toml ruff", ("lint", "select"), ["A"], ["A", "B"], True),
        ("ruff.toml ruff", ("lint", "select"), None, ["A", "B"], False),
        ("ruff.toml ruff", ("lint", "extend-select"), None, ["A"], True),
        ("ruff.toml ruff", ("lint", "per-file-ignores", "t/*"), ["A", "B"], ["A"], True),
        ("ruff.toml ruff", ("lint", "per-file-ignores", "t/*"), None, ["A"], False),
        ("ruff.toml ruff", ("exclude",), ["a"], None, False),
        ("ruff.toml ruff", ("line-length",), 100, 88, True),
        ("ruff.toml ruff", ("line-length",), 88, 100, False),
        ("x mypy", ("strict",), None, True, True),
        ("x mypy", ("strict",), True, False, False),
        ("x mypy", ("ignore_missing_imports",), True, None, True),
        ("x mypy", ("enable_error_code",), None, ["a"], True),
        ("x bandit", ("skips",), ["B101"], ["B101", "B602"], False),
        ("x detect-secrets", ("results", "a.py"), ["1"], None, True),
        ("x detect-secrets", ("results", "a.py"), ["1"], ["1", "2"], False),
        ("x pytest", ("ini_options", "addopts"), "-q", "-q -k fast", False),
        ("x unheard-of", ("a",), 1, 2, False),
    ],
)
def test_settings_of_tools(
    place: str, path: tuple[str, ...], old: Any, new: Any, *, expected: bool
) -> None:
    assert tool_tightens(place, path, old, new) is expected


values = st.none() | st.booleans() | st.integers(-3, 3) | st.lists(st.sampled_from("abc"))


@given(
    key=st.sampled_from(
        ["max", "enforce", "skip-reason", "fail-under", "max-skipped", "max-failed"]
    ),
    old=values,
    new=values,
)
def test_no_change_and_its_reverse_both_tighten_unless_they_mean_the_same(
    key: str, old: Any, new: Any
) -> None:
    both = tightens(key, old, new) and tightens(key, new, old)
    defaults = {"max": 0, "enforce": True}
    assert not both or (defaults.get(key) if old is None else old) == (
        defaults.get(key) if new is None else new
    )
