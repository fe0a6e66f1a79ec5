"""Every test of the installed bandit has its advice."""

from __future__ import annotations

import importlib

import pytest

from release_gate.subjects.bandit.advice import ADVICE, advice

pytestmark = pytest.mark.unit


@pytest.mark.filterwarnings("ignore:The verify_requirements argument:DeprecationWarning")
def test_every_test_of_bandit_has_its_advice() -> None:
    manager = importlib.import_module("bandit.core.extension_loader").MANAGER
    assert set(manager.plugins_by_id) | set(manager.blacklist_by_id) == set(ADVICE)


def test_a_test_that_is_not_bandits_own_has_none() -> None:
    assert advice("X999") == ""


def test_advice_is_one_line_that_ends() -> None:
    assert all(len(text) <= 100 and text.endswith((".", ").")) for text in ADVICE.values())
