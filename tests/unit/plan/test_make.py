"""The whole plan over a project made by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from release_gate.api import AnyGate, Inputs, Origin
from release_gate.errors import (
    BaselineError,
    ConfigError,
    Interrupted,
    NothingToDo,
    RepositoryProblem,
    ToolProblem,
    UsageError,
)
from release_gate.model import NotApplicable, PlannedTool
from release_gate.plan.hosted import RawSettings, is_hosted
from release_gate.plan.types import Plan, PlannedGate
from release_gate.ports import RepositoryState

pytestmark = pytest.mark.unit

Make = Callable[..., AnyGate]


def gate(plan: Plan, gate_id: str) -> PlannedGate:
    return next(one for one in plan.gates if one.gate_id == gate_id)


def raises(error: BaseException) -> Callable[..., Any]:
    def function(*_arguments: Any) -> Any:
        raise error

    return function


# What is expected.


def test_without_configuration_the_default_kinds_that_apply_are_expected(desk: Any) -> None:
    plan = desk.plan()

    assert [one.gate_id for one in plan.gates] == ["lint", "types"]
    assert plan.not_applicable == ()
    assert plan.partial is False
    assert "no configuration: the default gates that apply are expected" in plan.notes


def test_a_default_kind_that_does_not_apply_is_left_out_with_its_reason(
    desk: Any, gate_named: Make
) -> None:
    off = gate_named("audit", applies=lambda _project, _settings: "there is no lock file")
    desk.gates({"audit": off, "lint": gate_named("lint")})

    plan = desk.plan()

    assert [one.gate_id for one in plan.gates] == ["lint"]
    assert plan.not_applicable == (NotApplicable(gate_id="audit", reason="there is no lock file"),)


def test_a_table_of_a_default_kind_does_not_make_it_apply(desk: Any, gate_named: Make) -> None:
    off = gate_named("audit", applies=lambda _project, _settings: "no lock")
    desk.gates({"audit": off, "lint": gate_named("lint")})
    desk.configure("[gates.audit]\nmax = 1\n")

    assert desk.plan().not_applicable == (NotApplicable(gate_id="audit", reason="no lock"),)


def test_a_fixed_list_decides_alone_and_in_its_order(desk: Any) -> None:
    desk.configure("expected = ['types', 'scan']\n[gates.lint]\nmax = 2\n")

    plan = desk.plan()

    assert [one.gate_id for one in plan.gates] == ["types", "scan"]
    assert plan.not_applicable == (NotApplicable(gate_id="lint", reason='not in "expected"'),)


def test_a_gate_on_the_fixed_list_that_does_not_apply_is_kept_as_an_error(
    desk: Any, gate_named: Make
) -> None:
    desk.gates({"audit": gate_named("audit", applies=lambda _project, _settings: "no lock")})
    desk.configure("expected = ['audit']\n")

    plan = desk.plan()

    assert gate(plan, "audit").inapplicable == "no lock"
    assert plan.not_applicable == ()


def test_a_table_of_a_kind_that_is_no_default_makes_it_expected(
    desk: Any, gate_named: Make
) -> None:
    kind = gate_named("scan", default=False, applies=lambda _project, _settings: "no report")
    desk.gates({"scan": kind})
    desk.configure("[gates.trivy]\nkind = 'scan'\n")

    plan = desk.plan()

    assert [one.gate_id for one in plan.gates] == ["trivy"]
    assert gate(plan, "trivy").inapplicable == "no report"


def test_one_kind_serves_under_several_ids(desk: Any) -> None:
    desk.configure("[gates.strict]\nkind = 'lint'\nmax = 0\nline-length = 79\n[gates.lint]\n")

    plan = desk.plan()

    assert [one.gate_id for one in plan.gates] == ["lint", "types", "strict"]
    assert gate(plan, "strict").settings.line_length == 79
    assert gate(plan, "lint").settings.line_length == 88


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "expected = ['lint',\n'typs']\n",
            '2: "expected" names a gate that does not exist: "typ',
        ),
        ("[gates.trivy]\n", '1: there is no kind of gate "trivy"'),
        ("[gates.trivy]\n\nkind = 'lnit'\n", '3: there is no kind of gate "lnit"; did you mean'),
        ("[gates.lint]\noverride = true\n", '2: "override" in [gates.lint]: there is no gate of'),
        (
            "expected = ['lint']\n[gates.lint]\nphase = 'day-1'\n",
            '1: "lint" is expected in phase pre-release, but its table says day-1',
        ),
        ("source = ['lib']\n", '1: "source" names lib, and the file list holds nothing there'),
        ("[gates.lint]\nline_length = 3\n", '2: unknown key "line_length" in [gates.lint]; did'),
    ],
)
def test_a_configuration_that_names_what_is_not_there(desk: Any, text: str, message: str) -> None:
    desk.configure(text)

    with pytest.raises(ConfigError) as caught:
        desk.plan()

    assert caught.value.what.startswith(f"release-gate.toml:{message}")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[gates.smoke]\nline_length = 3\n", '2: unknown key "line_length" in [gates.smoke]; did'),
        ("[gates.scan]\nrules = 3\n", '2: "rules" in [gates.scan] must be a list'),
        ("[phases.day-1]\nexpected = ['smok']\n", '2: "expected" names a gate that does not exi'),
    ],
)
def test_mistakes_in_what_does_not_run_now_are_found_all_the_same(
    desk: Any, text: str, message: str
) -> None:
    desk.configure(text)

    with pytest.raises(ConfigError) as caught:
        desk.plan(gates=("lint",))

    assert caught.value.what.startswith(f"release-gate.toml:{message}")


def test_the_remedy_for_a_table_without_a_kind_says_how(desk: Any) -> None:
    desk.configure("[gates.trivy]\n")

    with pytest.raises(ConfigError) as caught:
        desk.plan()

    assert caught.value.remedy == (
        "There are lint, scan, smoke, types. A gate of another name says its kind: "
        "kind = ... in [gates.trivy]."
    )


# Phases.


def test_a_phase_has_its_own_gates(desk: Any) -> None:
    desk.configure("[phases.day-1]\nexpected = ['smoke', 'lint']\n")

    assert desk.ids() == ["lint", "types"]
    assert desk.ids(phase="post-deploy") == ["smoke"]
    assert desk.ids(phase="day-1") == ["smoke", "lint"]
    assert gate(desk.plan(phase="day-1"), "lint").common.phase == "day-1"


def test_a_table_moves_a_gate_to_another_phase(desk: Any) -> None:
    desk.configure("[gates.types]\nphase = 'week-1'\n")

    assert desk.ids() == ["lint"]
    assert desk.ids(phase="week-1") == ["types"]


def test_the_list_of_the_first_phase_may_stand_with_the_others(desk: Any) -> None:
    desk.configure("[phases.pre-release]\nexpected = ['types']\n")

    assert desk.ids() == ["types"]


def test_an_unknown_phase_is_a_usage_error(desk: Any) -> None:
    with pytest.raises(UsageError, match='no phase "pre-relase"; did you mean "pre-release"'):
        desk.plan(phase="pre-relase")


def test_an_empty_phase_is_not_the_default_one(desk: Any) -> None:
    with pytest.raises(UsageError, match='there is no phase ""'):
        desk.plan(phase="")


def test_a_phase_without_gates_could_not_judge(desk: Any) -> None:
    desk.configure("[phases.day-1]\n")

    with pytest.raises(NothingToDo) as caught:
        desk.plan(phase="day-1")

    assert caught.value.exit_code == 3


def test_nothing_that_applies_could_not_judge_and_says_why(desk: Any, gate_named: Make) -> None:
    desk.gates({"audit": gate_named("audit", applies=lambda _project, _settings: "no lock")})

    with pytest.raises(NothingToDo, match=r"no gate to run in phase pre-release \(audit: no lock"):
        desk.plan()


# Only some gates, only some files.


def test_some_gates_only_is_partial_and_in_the_order_of_the_plan(desk: Any) -> None:
    plan = desk.plan(gates=("types", "lint"))

    assert [one.gate_id for one in plan.gates] == ["lint", "types"]
    assert plan.partial is True


def test_a_gate_asked_for_by_name_must_apply(desk: Any, gate_named: Make) -> None:
    desk.gates({"audit": gate_named("audit", applies=lambda _project, _settings: "no lock")})

    assert gate(desk.plan(gates=("audit",)), "audit").inapplicable == "no lock"


def test_a_gate_off_the_fixed_list_can_still_be_asked_for(desk: Any) -> None:
    desk.configure("expected = ['types']\n")

    assert desk.ids(gates=("lint",)) == ["lint"]


@pytest.mark.parametrize(
    ("gate_id", "message"),
    [
        ("lnt", 'there is no gate "lnt"; did you mean "lint"'),
        ("smoke", 'gate "smoke" belongs to another phase'),
        ("", 'there is no gate ""'),
    ],
)
def test_a_gate_that_is_not_there_is_a_usage_error(desk: Any, gate_id: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        desk.plan(gates=("lint", gate_id))


def test_paths_narrow_to_files_of_the_list(desk: Any) -> None:
    desk.write("src/shop/a.py")
    desk.write("tests/test_a.py")

    plan = desk.plan(paths=("src/", str(desk.root / "tests/test_a.py")))

    assert plan.paths == ("src/shop/__init__.py", "src/shop/a.py", "tests/test_a.py")
    assert plan.partial is True


@pytest.mark.parametrize("path", ["src/shp", "/elsewhere", "../x", "src/shop/__init__"])
def test_a_path_that_is_not_in_the_list_is_a_usage_error(desk: Any, path: str) -> None:
    with pytest.raises(UsageError, match=f"--path {path}: "):
        desk.plan(paths=(path,))


def test_a_path_with_a_slip_gets_the_nearest_file(desk: Any) -> None:
    desk.write("src/shop/orders.py")

    with pytest.raises(UsageError, match=r'did you mean "src/shop/orders\.py"'):
        desk.plan(paths=("src/shp/orders.py",))
    with pytest.raises(UsageError, match=r'did you mean "src/shop/orders\.py"'):
        desk.plan(paths=("src/shop/ordrs.py",))


# Skipping, tools, settings.


def test_a_skipped_gate_is_planned_with_its_reason_and_asked_nothing(
    desk: Any, gate_named: Make
) -> None:
    desk.gates({"audit": gate_named("audit", applies=raises(AssertionError("asked")))})
    desk.configure("[gates.audit]\nskip-reason = 'until the lock is renewed'\n")

    planned = gate(desk.plan(), "audit")

    assert planned.common.skip_reason == "until the lock is renewed"
    assert planned.inapplicable is None


def test_tools_are_planned_in_their_versions(desk: Any) -> None:
    assert gate(desk.plan(), "lint").tools == (PlannedTool(name="ruff", version="0.17.5"),)


@pytest.mark.parametrize(
    ("tools", "message"),
    [
        (("bandit",), "bandit is not installed in the toolkit environment"),
        (("ruff", "mypy", "bandit"), "bandit and mypy are not installed in the toolkit"),
    ],
)
def test_a_tool_that_is_not_installed_makes_its_gate_an_error(
    desk: Any, gate_named: Make, tools: tuple[str, ...], message: str
) -> None:
    desk.gates({"scan": gate_named("scan", tools=tools), "lint": gate_named("lint")})

    plan = desk.plan()

    assert (gate(plan, "scan").inapplicable or "").startswith(message)
    assert gate(plan, "lint").inapplicable is None


def test_common_keys_are_settled(desk: Any) -> None:
    desk.configure("[gates.lint]\nmax.low = 4\nenforce = false\ndeadline = '90s'\n")

    common = gate(desk.plan(), "lint").common

    assert common.budget.allowed["low"] == 4  # type: ignore[index]  # a StrEnum equals its value
    assert (common.enforce, common.deadline_s, common.phase) == (False, 90.0, "pre-release")


def test_every_setting_in_force_says_where_it_comes_from(desk: Any, gate_named: Make) -> None:
    def inputs(_project: Any, _settings: Any) -> Inputs:
        return Inputs(
            files=(),
            origins=(
                Origin(name="rules", value="E, F", origin="ruff.toml"),
                Origin(name="line-length", value="100", origin="line-length"),
                Origin(name="target", value="py311", origin="default"),
            ),
        )

    desk.gates({"lint": gate_named("lint", inputs=inputs)})
    desk.configure("[gates.lint]\n\nline-length = 100\nmax = 2\n")

    found = {one.name: (one.value, one.origin) for one in gate(desk.plan(), "lint").origins}

    assert found["line-length"] == ("100", "release-gate.toml:3")
    assert found["rules"] == ("E, F", "ruff.toml")
    assert found["target"] == ("py311", "default")
    assert found["max"] == (
        "critical 2, high 2, medium 2, low 2, unknown 2",
        "release-gate.toml:4",
    )
    assert found["deadline"] == ("30m", "default")
    assert found["skip-reason"] == ("not set", "default")


# A gate's own code that raises while it is planned.


@pytest.mark.parametrize("what", ["applies", "inputs", "limits"])
@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ToolProblem("the lock is empty"), "cannot be planned: the lock is empty"),
        (OSError("gone"), "cannot be planned: {} raised OSError: gone"),
        (KeyError("x"), "cannot be planned: {} raised KeyError: 'x'"),
    ],
)
def test_a_gate_that_raises_is_an_error_and_the_others_go_on(
    desk: Any, gate_named: Make, what: str, error: Exception, message: str
) -> None:
    desk.gates({"bad": gate_named("bad", **{what: raises(error)}), "lint": gate_named("lint")})

    plan = desk.plan()

    assert gate(plan, "bad").inapplicable == message.format(what)
    assert gate(plan, "lint").inapplicable is None


def test_breaking_off_meanwhile_is_no_fault_of_the_gate(desk: Any, gate_named: Make) -> None:
    desk.gates({"lint": gate_named("lint", inputs=raises(Interrupted("Ctrl-C")))})

    with pytest.raises(Interrupted):
        desk.plan()


def test_a_setting_that_the_gate_refuses_ends_the_plan_with_its_line(
    desk: Any, gate_named: Make
) -> None:
    refusing = raises(ConfigError("rules: there is no rule XYZ", remedy="Take it out."))
    desk.gates({"lint": gate_named("lint", inputs=refusing)})
    desk.configure("[gates.lint]\nmax = 1\nrules = ['XYZ']\n")

    with pytest.raises(ConfigError) as caught:
        desk.plan()

    assert str(caught.value) == (
        "release-gate.toml:3: rules: there is no rule XYZ in [gates.lint] (config-invalid)\n"
        "  Take it out."
    )


@pytest.mark.parametrize(
    "error", [ConfigError("bad", file="ruff.toml", line=3), ConfigError("bad")]
)
def test_a_refusal_that_has_its_own_place_keeps_it(
    desk: Any, gate_named: Make, error: ConfigError
) -> None:
    desk.gates({"lint": gate_named("lint", applies=raises(error))})

    with pytest.raises(ConfigError) as caught:
        desk.plan()

    assert caught.value is error


# Gates that are not ours.


def test_a_gate_file_is_expected_and_not_loaded(desk: Any) -> None:
    desk.write("checks/todo.py", "raise SystemExit(7)\nGATE = Gate(kind='todo', title='No TODO')\n")
    desk.configure("gate-files = ['checks/todo.py']\n[gates.todo]\nwords = ['TODO']\nmax = 3\n")

    planned = gate(desk.plan(), "todo")

    assert is_hosted(planned.gate)
    assert (planned.home, planned.file) == ("file", "checks/todo.py")
    assert planned.settings == RawSettings(values={"words": ["TODO"]})
    assert planned.common.budget.allowed["high"] == 3  # type: ignore[index]  # a StrEnum
    origins = {one.name: one.origin for one in planned.origins}
    assert origins["words"] == "release-gate.toml:3"


def test_a_gate_file_without_a_table_is_expected_too(desk: Any) -> None:
    desk.write("todo.py", "GATE = Gate(kind='todo')\n")
    desk.configure("gate-files = ['todo.py']\n")

    assert desk.ids() == ["lint", "types", "todo"]
    assert gate(desk.plan(), "todo").settings == RawSettings()


def test_a_gate_of_ones_own_takes_the_place_of_a_built_in_one_on_purpose(desk: Any) -> None:
    desk.write("mine.py", "GATE = Gate(kind='lint')\n")
    desk.configure("gate-files = ['mine.py']\n[gates.lint]\noverride = true\n")

    plan = desk.plan()

    assert [(one.gate_id, one.home) for one in plan.gates] == [
        ("lint", "file"),
        ("types", "bundled"),
    ]


def test_an_installed_gate_is_expected_only_if_it_is_named(desk: Any) -> None:
    desk.entry_points = [
        metadata.EntryPoint(name="licences", value="x:GATE", group="release_gate.gates")
    ]
    assert desk.ids() == ["lint", "types"]

    desk.configure("expected = ['licences']\n")

    assert gate(desk.plan(), "licences").home == "entry-point"


# Project, subject, policy.


def test_project_and_subject_are_read_from_the_files(desk: Any) -> None:
    desk.write(
        "pyproject.toml",
        "[project]\nname = 'shop'\nrequires-python = '>=3.11'\n"
        "[tool.hatch.version]\npath = 'src/shop/__init__.py'\n",
    )

    plan = desk.plan()

    assert (plan.project.name, plan.project.source) == ("shop", ("src",))
    assert plan.project.requires_python == ">=3.11"
    assert (plan.subject.commit, plan.subject.dirty) == ("a" * 40, False)
    assert plan.subject.version == "1.2.3"
    assert plan.subject.repository == "shop"


def test_a_project_without_a_name_is_called_after_its_folder(desk: Any) -> None:
    assert desk.plan().subject.repository == "shop"


def test_the_tree_digest_follows_the_content(desk: Any) -> None:
    before = desk.plan().subject.tree
    assert desk.plan().subject.tree == before

    desk.write("src/shop/__init__.py", "x = 1\n")

    assert desk.plan().subject.tree != before


def test_a_configured_source_wins_over_the_detected_one(desk: Any) -> None:
    desk.write("lib/a.py")
    desk.configure("source = ['./lib/']\n")

    plan = desk.plan()

    assert plan.project.source == ("lib",)
    assert plan.origins[0] == Origin(name="source", value='["lib"]', origin="release-gate.toml:1")


def test_without_git_the_plan_says_so(desk: Any) -> None:
    desk.repository.now = None

    plan = desk.plan()

    assert (plan.subject.commit, plan.subject.dirty, plan.base) == (None, None, None)
    assert plan.notes[0].startswith("not a git repository: ")


def test_a_base_is_opened_where_there_is_one(desk: Any) -> None:
    desk.repository.commits = {"origin/HEAD": "b" * 40}
    desk.repository.merge_bases = {"origin/HEAD": "b" * 40}

    plan = desk.plan()

    assert plan.base is not None
    assert plan.base.ref == plan.base_ref
    assert plan.base_ref.commit == "b" * 40


def test_why_there_is_no_base_is_noted(desk: Any) -> None:
    plan = desk.plan()

    assert plan.base is None
    assert plan.notes[0].startswith("no base: ")


def test_a_shallow_clone_without_the_base_of_the_change_is_an_error(
    desk: Any, state: RepositoryState
) -> None:
    desk.repository.now = dataclasses.replace(state, shallow=True)
    desk.environment = {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main"}

    with pytest.raises(RepositoryProblem, match="not in this shallow clone"):
        desk.plan()


@pytest.mark.parametrize(
    ("request_", "text", "expected"),
    [
        ({}, "", False),
        ({"ci": True}, "", True),
        ({"ci": True, "allow_dirty": True}, "", False),
        ({"ci": True}, "allow-dirty = true\n", False),
    ],
)
def test_a_dirty_tree_is_an_error_in_ci_unless_allowed(
    desk: Any, request_: dict[str, bool], text: str, *, expected: bool
) -> None:
    desk.configure(text)

    assert desk.plan(**request_).dirty_is_error is expected


def test_an_environment_must_be_configured(desk: Any) -> None:
    desk.configure("[environments.production]\ntarget = 'https://api.example.com'\n")

    assert desk.plan(environment="production").subject.environment == "production"
    with pytest.raises(UsageError, match='no environment "prod"; did you mean "production"'):
        desk.plan(environment="prod")


def test_the_project_environment_is_looked_for_and_not_built(desk: Any) -> None:
    desk.configure("project-python = '.venv/bin/python'\n")

    desk.plan(project_python=Path("other/python"))

    assert desk.found == {
        "root": desk.root,
        "pyproject": {},
        "requested": Path("other/python"),
        "configured": ".venv/bin/python",
    }


def test_the_baseline_is_part_of_the_policy(desk: Any) -> None:
    without = desk.plan()
    desk.write("release-gate-baseline.jsonl", "")
    empty = desk.plan()
    desk.write("release-gate-baseline.jsonl", "one\r\ntwo\n")
    filled = desk.plan()
    desk.write("release-gate-baseline.jsonl", "one\ntwo\n")

    assert [one.baseline_text for one in (without, empty, filled)] == [None, "", "one\ntwo\n"]
    assert len({one.policy_digest for one in (without, empty, filled)}) == 3
    assert desk.plan().policy_digest == filled.policy_digest


def test_another_place_of_the_baseline(desk: Any) -> None:
    desk.write("policy/accepted.jsonl", "x\n")
    desk.configure("baseline = './policy/accepted.jsonl'\n")

    plan = desk.plan()

    assert (plan.baseline_file, plan.baseline_text) == ("policy/accepted.jsonl", "x\n")


def test_a_baseline_that_cannot_be_read_is_an_error(desk: Any, tmp_path: Path) -> None:
    file = desk.write("release-gate-baseline.jsonl", b"\xff\n")
    with pytest.raises(BaselineError, match="is not UTF-8"):
        desk.plan()
    file.unlink()
    file.mkdir()
    with pytest.raises(BaselineError, match="cannot be read: Is a directory"):
        desk.plan()
    file.rmdir()
    (tmp_path / "elsewhere").write_text("x")
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BaselineError, match="leads out of the root"):
        desk.plan()


def test_the_policy_follows_the_configuration(desk: Any) -> None:
    before = desk.plan().policy_digest
    desk.configure("[gates.lint]\nmax = 1\n")

    assert desk.plan().policy_digest != before


# Warnings.


def test_scanners_on_an_older_python_than_the_project_are_warned_of(desk: Any) -> None:
    desk.write("pyproject.toml", "[project]\nrequires-python = '>=3.14'\n")

    (warning,) = desk.plan().warnings

    assert warning == (
        "the scanners run on Python 3.12, and the project requires >=3.14: what is newer in its "
        "syntax cannot be read; install release-gate on a newer Python"
    )


def test_a_requires_python_that_cannot_be_read_is_warned_of(desk: Any) -> None:
    desk.write("pyproject.toml", "[project]\nrequires-python = 'new'\n")

    assert desk.plan().warnings == ("requires-python of pyproject.toml cannot be read: 'new'",)


def test_a_project_without_source_is_warned_of(desk: Any) -> None:
    (desk.root / "src/shop/__init__.py").unlink()
    desk.write("README.md", "x")

    assert desk.plan().warnings[0].startswith("no Python that ships was found")


def test_warnings_of_gates_name_them(desk: Any, gate_named: Make) -> None:
    inputs = Inputs(files=(), warnings=("the advisories are old",))
    desk.gates({"audit": gate_named("audit", inputs=lambda _project, _settings: inputs)})

    assert desk.plan().warnings == ("audit: the advisories are old",)


def test_a_link_out_of_the_project_says_nothing_of_it(desk: Any, tmp_path: Path) -> None:
    (tmp_path / "version.py").write_text("__version__ = '9'\n")
    (desk.root / "v.py").symlink_to(tmp_path / "version.py")
    desk.write("pyproject.toml", "[tool.hatch.version]\npath = 'v.py'\n")

    assert desk.plan().subject.version is None


def test_our_own_output_and_the_caches_of_tools_are_not_in_the_list(desk: Any) -> None:
    desk.write("build/release-gate/gate.json", "{}")
    desk.write("src/shop/__pycache__/a.pyc", "x")
    entries = [
        dataclasses.replace(one, tracked=one.path.startswith("src/shop/__init__"))
        for one in desk.repository.files()
    ]
    desk.repository.files = lambda: tuple(reversed(entries))

    assert [one.path for one in desk.plan().project.files] == ["src/shop/__init__.py"]
    listed = desk.plan(output="elsewhere").project.files
    assert [one.path for one in listed] == ["build/release-gate/gate.json", "src/shop/__init__.py"]
