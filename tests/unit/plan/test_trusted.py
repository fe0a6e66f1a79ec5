"""Which policy is in force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from release_gate.api import Project
from release_gate.errors import ConfigError, NothingToDo, UsageError, WaiverError
from release_gate.judge.baseline import Baseline
from release_gate.judge.baseline_layout import render
from release_gate.trust import POLICY_CHANGE

pytestmark = pytest.mark.unit

Desk = Any
BASE, TIP = "b" * 40, "c" * 40
STRICT = 'expected = ["lint", "types"]\n'


@pytest.fixture
def topic(desk: Desk) -> Desk:
    """On a branch that left the default branch at BASE, which is now at TIP."""
    desk.repository.commits = {"origin/HEAD": TIP}
    desk.repository.merge_bases = {"origin/HEAD": BASE}
    desk.repository.committed = {BASE: at(STRICT), TIP: at(STRICT)}
    desk.configure(STRICT)
    return desk


def at(configuration: str | None, **files: str) -> dict[str, str]:
    found = {"src/shop/__init__.py": "", **files}
    return found if configuration is None else {**found, "release-gate.toml": configuration}


def said(plan: Any) -> list[str]:
    return [one.message for one in plan.ruling.evidence.findings]


def test_an_unchanged_policy_is_that_of_the_base(topic: Desk) -> None:
    plan = topic.plan()

    assert (plan.policy.mode, plan.policy.commit, plan.judges_policy) == ("base", TIP, True)
    assert plan.planned == ("lint", "types", POLICY_CHANGE)
    assert plan.config_file == "release-gate.toml"


def test_a_looser_policy_is_not_in_force(topic: Desk) -> None:
    topic.configure('expected = ["lint"]\n')

    plan = topic.plan()

    assert [one.gate_id for one in plan.gates] == ["lint", "types"]
    assert said(plan) == ['policy change needs approval: expected: ["lint", "types"] → ["lint"]']


def test_what_the_base_branch_made_stricter_since_holds(topic: Desk) -> None:
    topic.repository.committed = {BASE: at('expected = ["lint"]\n'), TIP: at(STRICT)}
    topic.configure('expected = ["lint"]\n')

    plan = topic.plan()

    assert [one.gate_id for one in plan.gates] == ["lint", "types"]
    assert said(plan) == []


def test_a_branch_from_before_the_policy_is_judged_by_it(topic: Desk) -> None:
    topic.repository.committed = {BASE: at(None), TIP: at(STRICT)}
    topic.configure('expected = ["lint"]\n')

    plan = topic.plan()

    assert plan.policy.mode == "base"
    assert [one.gate_id for one in plan.gates] == ["lint", "types"]


def test_a_base_whose_branch_lost_its_policy_still_has_it(topic: Desk) -> None:
    topic.repository.committed = {BASE: at(STRICT), TIP: at(None)}
    topic.configure('expected = ["lint"]\n')

    assert [one.gate_id for one in topic.plan().gates] == ["lint", "types"]


def test_a_first_configuration_is_adopted(topic: Desk) -> None:
    topic.repository.committed = {BASE: at(None), TIP: at(None)}
    topic.configure('expected = ["lint"]\n')

    plan = topic.plan()

    assert (plan.policy.mode, plan.ruling, plan.planned) == ("adopting", None, ("lint",))


def test_without_any_policy_there_is_nothing_to_adopt(topic: Desk) -> None:
    topic.repository.committed = {BASE: at(None), TIP: at(None)}
    (topic.root / "release-gate.toml").unlink()

    assert topic.plan().policy.mode == "base"
    assert topic.plan().ruling is None


def test_where_the_tree_moved_its_places_are_those_of_the_head(topic: Desk) -> None:
    moved = STRICT + 'source = ["old"]\n'
    topic.repository.committed = {BASE: at(moved), TIP: at(moved)}
    topic.configure(STRICT + 'source = ["src"]\n')

    plan = topic.plan()

    assert plan.project.source == ("src",)
    assert said(plan) == ['policy change needs approval: source: ["old"] → ["src"]']


def test_a_gate_that_applied_before_is_missed(topic: Desk, gate_named: Any) -> None:
    def applies(project: Project, _settings: Any) -> str | None:
        there = any(one.path.startswith("tests/") for one in project.files)
        return None if there else "there are no tests"

    topic.gates({"lint": gate_named("lint"), "tests": gate_named("tests", applies=applies)})
    before = at("allow-dirty = false\n", **{"tests/test_a.py": ""})
    topic.repository.committed = {BASE: before, TIP: before}
    topic.configure("allow-dirty = false\n")

    assert said(topic.plan()) == [
        (
            "policy change needs approval: gate tests applied at the base and no longer does: "
            "there are no tests"
        )
    ]
    skipped = 'allow-dirty = false\n[gates.tests]\nskip-reason = "none yet"\n'
    both = at(skipped, **{"tests/test_a.py": ""})
    topic.repository.committed = {BASE: both, TIP: both}
    topic.configure(skipped)
    assert said(topic.plan()) == []


def test_a_file_from_outside_is_not_the_changes_to_choose(topic: Desk, tmp_path: Path) -> None:
    outside = tmp_path / "release-gate.toml"
    outside.write_text('expected = ["lint"]\n')

    plan = topic.plan(config=outside)

    assert [one.gate_id for one in plan.gates] == ["lint"]
    assert said(plan) == []


def test_a_named_file_that_the_base_does_not_have_does_not_hide_its_policy(topic: Desk) -> None:
    lenient = topic.write("lenient.toml", 'expected = ["lint"]\n')

    plan = topic.plan(config=lenient)

    assert [one.gate_id for one in plan.gates] == ["lint", "types"]
    assert any("moved from release-gate.toml to lenient.toml" in text for text in said(plan))


def test_the_baseline_is_that_of_where_the_change_began(topic: Desk) -> None:
    text = render(Baseline(salt="old"))
    files = {"release-gate-baseline.jsonl": text.replace("\n", "\r\n")}
    tip = {"release-gate-baseline.jsonl": render(Baseline(salt="of the tip"))}
    topic.repository.committed = {BASE: at(STRICT, **files), TIP: at(STRICT, **tip)}
    topic.write("release-gate-baseline.jsonl", render(Baseline(salt="new")))

    plan = topic.plan()

    assert plan.baseline_text == text
    assert len(said(plan)) == 1


def test_waivers_of_the_change_are_looked_at_even_where_they_do_not_hold(topic: Desk) -> None:
    topic.write("release-gate-waivers.toml", "[[waiver]]\nodd = 1\n")

    with pytest.raises(WaiverError, match=r"^release-gate-waivers\.toml"):
        topic.plan()


def test_a_broken_policy_of_the_base_is_named_there(topic: Desk) -> None:
    topic.repository.committed = {BASE: at("odd = 1\n"), TIP: at(STRICT)}

    with pytest.raises(ConfigError, match=r"^bbbbbbb:release-gate\.toml:1"):
        topic.plan()


def test_two_configurations_at_the_base_are_an_error(topic: Desk) -> None:
    both = at(STRICT, **{"pyproject.toml": "[tool.release-gate]\n"})
    topic.repository.committed = {BASE: both, TIP: both}

    with pytest.raises(ConfigError, match="there is also"):
        topic.plan()


def test_the_gate_alone_can_be_asked_for(topic: Desk) -> None:
    plan = topic.plan(gates=(POLICY_CHANGE,))

    assert (plan.gates, plan.judges_policy, plan.partial) == ((), True, True)
    assert not topic.plan(gates=("lint",)).judges_policy
    assert topic.plan(gates=("lint",)).planned == ("lint", "types", POLICY_CHANGE)


def test_without_a_base_the_gate_alone_is_nothing_to_do(desk: Desk) -> None:
    with pytest.raises(NothingToDo):
        desk.plan(gates=(POLICY_CHANGE,))


def test_a_phase_that_only_the_change_has_is_not_there_yet(topic: Desk) -> None:
    topic.configure(STRICT + '[phases.night]\nexpected = ["lint"]\n')

    with pytest.raises(UsageError, match="there is no phase"):
        topic.plan(phase="night")


def test_the_plan_says_what_has_to_pass_before(desk: Desk) -> None:
    desk.configure(
        '[phases.night]\nexpected = ["lint"]\nafter = ["pre-release"]\n'
        '[environments.staging]\n[environments.live]\nafter = "staging"\n'
    )

    wanted = desk.plan(phase="night", environment="live").needs
    assert [str(one) for one in wanted] == ["phase pre-release", "environment staging"]
    assert desk.plan(environment="staging").needs == ()
