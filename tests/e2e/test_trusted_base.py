"""Nobody blesses their own pull request: policy is read from the base, in real repositories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from e2e.conftest import Scratch

pytestmark = pytest.mark.e2e

FINDS = """import re
    found = tuple(finding(e.path) for e in ctx.project.files if e.path.startswith("bad"))
    return Evidence(examined=Examined(unit="files", count=1), findings=found)"""
CI = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main"}


class Pull:
    """A repository with a base branch, on a branch of its own."""

    def __init__(self, scratch: Scratch) -> None:
        self.scratch = scratch

    def base(self, extra: str = "") -> None:
        self.scratch.gate("own", FINDS)
        self.scratch.ready(extra)
        self.branch()

    def branch(self, name: str = "topic") -> None:
        self.scratch.git("checkout", "--quiet", "-b", name)

    def commit(self) -> None:
        self.scratch.git("add", "--all")
        self.scratch.git("commit", "--quiet", "--message", "change", "--allow-empty")

    def run(self, *arguments: str, **more: str) -> tuple[int, str]:
        done = self.scratch.run("run", *arguments, **{**CI, **more})
        return done.returncode, done.stdout + done.stderr

    def gate(self, gate_id: str = "policy-change") -> dict[str, Any]:
        gates = self.scratch.report()["gates"]
        return next(one for one in gates if one["id"] == gate_id)

    def messages(self) -> list[str]:
        return [one["message"] for one in self.gate()["findings"]]


@pytest.fixture
def pull(scratch: Scratch) -> Pull:
    return Pull(scratch)


def waiver(fingerprint: str, gate: str, **more: str) -> str:
    rows = {
        "id": '"W-2026-001"',
        "type": '"risk-accepted"',
        "gate": f'"{gate}"',
        "match": f'{{ fingerprint = "{fingerprint}" }}',
        "reason": '"agreed on in the meeting of the team"',
        "mitigation": '"watched by hand until it is mended"',
        "owner": '"owner@example.com"',
        "approver": '"lead@example.com"',
        "created": "2026-01-01",
        "expires": "2026-01-20",
        "max-severity": '"high"',
        **more,
    }
    return "[[waiver]]\n" + "".join(f"{key} = {value}\n" for key, value in rows.items())


APPROVERS = '[tool.release-gate.waiver-policy.approvers]\nhigh = ["lead@example.com"]\n'


def test_an_unchanged_policy_passes(pull: Pull) -> None:
    pull.base()
    pull.commit()

    code, text = pull.run()

    assert (code, pull.gate()["verdict"]) == (0, "pass"), text
    policy = pull.scratch.report()["policy"]
    assert policy["mode"] == "base"
    assert len(policy["commit"]) == 40


def test_a_pull_request_with_a_finding_and_its_waiver_stays_red(pull: Pull) -> None:
    pull.base(APPROVERS)
    pull.scratch.write("bad.py", "x = 1\n")
    pull.commit()
    assert pull.run()[0] == 1
    finding = pull.gate("own")["findings"][0]
    pull.scratch.write("release-gate-waivers.toml", waiver(finding["fingerprint"], "own"))
    pull.commit()

    code, text = pull.run("--effective-time", "2026-01-02", CI="")

    assert code == 1
    assert pull.gate("own")["findings"][0]["state"] == "new"
    assert pull.messages() == ["policy change needs approval: waiver W-2026-001 is new"]
    assert "policy change needs approval" in text


def test_a_pull_request_with_a_finding_and_its_baseline_entry_stays_red(pull: Pull) -> None:
    pull.base()
    pull.scratch.write("bad.py", "x = 1\n")
    made = pull.scratch.run("baseline", "create", "--base", "main")
    assert made.returncode == 0, made.stderr
    pull.commit()

    code, text = pull.run()

    assert code == 1
    assert pull.gate("own")["findings"][0]["state"] == "new"
    assert len(pull.messages()) == 1
    assert "the baseline accepts one more: own OWN1 bad.py" in pull.messages()[0]
    assert "policy change needs approval" in text


def test_a_baseline_never_accepts_a_change_of_policy(pull: Pull) -> None:
    pull.base()
    pull.scratch.configure(extra="allow-dirty = true\n")
    assert pull.scratch.run("baseline", "create", "--base", "main").returncode == 0

    text = (pull.scratch.root / "release-gate-baseline.jsonl").read_text()
    assert "policy-change" not in text


def test_a_pull_request_that_lowers_a_limit_stays_red_and_the_old_limit_holds(pull: Pull) -> None:
    pull.base("[tool.release-gate.gates.own]\nmax = 0\n")
    pull.scratch.configure(extra="[tool.release-gate.gates.own]\nmax = 5\n")
    pull.scratch.write("bad.py", "x = 1\n")
    pull.commit()

    code, text = pull.run()

    assert code == 1
    assert pull.gate("own")["verdict"] == "fail"
    assert pull.messages() == ["policy change needs approval: gates.own.max: 0 → 5"]
    assert "policy change needs approval" in text


def test_a_pull_request_that_raises_a_limit_is_judged_by_it(pull: Pull) -> None:
    pull.base("[tool.release-gate.gates.own]\nmax = 5\n")
    pull.scratch.write("bad.py", "x = 1\n")
    pull.scratch.configure(extra="[tool.release-gate.gates.own]\nmax = 0\n")
    pull.commit()

    code, _ = pull.run()

    assert code == 1
    assert pull.gate()["verdict"] == "pass"
    assert pull.messages() == ["policy change: gates.own.max: 5 → 0"]
    assert pull.gate("own")["verdict"] == "fail"
    assert pull.scratch.report()["policy"]["mode"] == "approved"


def test_a_change_that_is_not_committed_counts_as_well(pull: Pull) -> None:
    pull.base()
    pull.scratch.configure(extra="allow-dirty = true\n")

    code, _ = pull.run()

    assert code == 1
    assert pull.messages() == ["policy change needs approval: allow-dirty: not set → true"]
    problems = [one["slug"] for one in pull.scratch.report()["problems"]]
    assert problems == ["dirty-tree"]


def test_a_gate_file_that_judges_its_own_change_is_named(pull: Pull) -> None:
    pull.base()
    pull.scratch.gate("own", "return EVIDENCE")
    pull.commit()

    code, _ = pull.run()

    assert code == 1
    assert pull.messages() == [
        "policy change needs approval: gates/own.py, which judges or renders this change, changed"
    ]


def test_line_ends_are_no_change(pull: Pull) -> None:
    pull.base()
    for name in ("gates/own.py", "pyproject.toml"):
        path = pull.scratch.root / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    pull.commit()

    assert pull.run()[0] == 0


def test_a_configuration_that_is_taken_away_still_holds(pull: Pull) -> None:
    pull.base()
    pull.scratch.write("bad.py", "x = 1\n")
    pull.scratch.write("pyproject.toml", '[project]\nname = "scratch"\nversion = "1.0"\n')
    pull.commit()

    code, text = pull.run()

    assert code == 1, text
    assert pull.gate("own")["verdict"] == "fail"
    assert any("the configuration in pyproject.toml is gone" in one for one in pull.messages())


def test_a_configuration_that_moves_to_another_file_is_named(pull: Pull) -> None:
    pull.base()
    own = (pull.scratch.root / "pyproject.toml").read_text().partition("[tool.release-gate]")[2]
    pull.scratch.write("pyproject.toml", '[project]\nname = "scratch"\nversion = "1.0"\n')
    pull.scratch.write("release-gate.toml", own)
    pull.commit()

    assert pull.run()[0] == 1
    assert pull.messages() == [
        (
            "policy change needs approval: the configuration moved from pyproject.toml to "
            "release-gate.toml"
        )
    ]


def test_the_first_configuration_is_adopted_and_said(pull: Pull) -> None:
    scratch = pull.scratch
    scratch.git("init", "--quiet", "--initial-branch", "main")
    pull.commit()
    pull.branch()
    scratch.gate("own", FINDS)
    scratch.configure()
    pull.commit()

    code, text = pull.run()

    assert code == 0, text
    report = scratch.report()
    assert report["policy"]["mode"] == "adopting"
    assert [one["id"] for one in report["gates"]] == ["own"]
    assert any(note.startswith("adopting: ") for note in report["notes"])
    assert "adopting" in text


def test_a_branch_from_before_the_configuration_does_not_escape_it(pull: Pull) -> None:
    scratch = pull.scratch
    scratch.git("init", "--quiet", "--initial-branch", "main")
    pull.commit()
    pull.branch("old")
    scratch.git("checkout", "--quiet", "main")
    scratch.gate("own", FINDS)
    scratch.configure()
    pull.commit()
    scratch.git("checkout", "--quiet", "old")
    scratch.write("gates/own.py", "")
    scratch.gates.clear()
    scratch.gate("mine")
    scratch.configure()
    pull.commit()

    code, text = pull.run()

    assert code != 0, text
    assert "adopting" not in text


def test_a_waiver_that_the_base_already_holds_approves_a_change(pull: Pull) -> None:
    pull.base(APPROVERS)
    pull.scratch.configure(extra=f"allow-dirty = true\n{APPROVERS}")
    pull.commit()
    assert pull.run()[0] == 1
    digest = pull.gate()["findings"][0]["fingerprint"]
    pull.scratch.git("checkout", "--quiet", "main")
    pull.scratch.write("release-gate-waivers.toml", waiver(digest, "policy-change"))
    pull.commit()
    pull.scratch.git("checkout", "--quiet", "topic")
    pull.scratch.git("rebase", "--quiet", "main")

    code, text = pull.run("--effective-time", "2026-01-02", CI="")

    assert code == 0, text
    assert pull.messages() == [
        "policy change: allow-dirty: not set → true (approved: waiver W-2026-001)"
    ]
    assert pull.scratch.report()["policy"]["mode"] == "approved"
    late, _ = pull.run("--effective-time", "2026-01-21", CI="")
    assert late == 1


def test_a_broken_configuration_at_the_base_is_an_error_that_names_it(pull: Pull) -> None:
    pull.base("odd-key = 1\n")
    pull.scratch.configure()
    pull.commit()

    code, text = pull.run()

    assert code == 2
    assert 'main:pyproject.toml:7: unknown key "odd-key"' in text


def test_a_base_that_was_not_fetched_is_an_error_with_the_remedy(pull: Pull) -> None:
    pull.base()
    pull.commit()

    code, text = pull.run(GITHUB_BASE_REF="release/7")

    assert code == 3
    assert "git fetch" in text


def test_a_shallow_clone_without_the_base_is_an_error(pull: Pull, tmp_path: Path) -> None:
    pull.base()
    pull.commit()
    clone = tmp_path / "clone"
    url = f"file://{pull.scratch.root}"
    pull.scratch.git("clone", "--quiet", "--depth", "1", "--branch", "topic", url, str(clone))
    pull.scratch.root = clone

    code, text = pull.run()

    assert code == 3
    assert "shallow" in text


def test_a_key_cannot_name_a_base_of_the_changes_own(pull: Pull) -> None:
    pull.base()
    pull.scratch.git("update-ref", "refs/remotes/origin/main", "main")
    pull.scratch.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    pull.scratch.configure(extra='base = "HEAD"\nallow-dirty = true\n')
    pull.commit()

    done = pull.scratch.run("run")

    assert done.returncode == 1, done.stdout
    assert [text.rpartition(": ")[2] for text in pull.messages()] == [
        "not set → true",
        'not set → "HEAD"',
    ]


def test_on_the_default_branch_head_is_trusted_and_the_work_tree_is_not(pull: Pull) -> None:
    scratch = pull.scratch
    pull.base()
    scratch.git("checkout", "--quiet", "main")
    scratch.configure(extra="allow-dirty = true\n")
    pull.commit()
    scratch.git("update-ref", "refs/remotes/origin/main", "main")
    scratch.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    committed = scratch.run("run")
    assert committed.returncode == 0, committed.stdout
    assert pull.messages() == []

    scratch.configure(extra='allow-dirty = true\nbaseline = "other.jsonl"\n')
    dirty = scratch.run("run")

    assert dirty.returncode == 1
    assert pull.messages() == ['policy change needs approval: baseline: not set → "other.jsonl"']


def test_without_a_base_the_files_themselves_hold_and_it_is_said(pull: Pull) -> None:
    pull.base()

    done = pull.scratch.run("run")

    assert done.returncode == 0
    report = pull.scratch.report()
    assert report["policy"]["mode"] == "head"
    assert report["policy"]["note"].startswith("no base: ")
    assert [one["id"] for one in report["gates"]] == ["own"]


def test_a_looser_setting_of_a_tool_is_a_change_of_policy(pull: Pull) -> None:
    pull.base("[tool.coverage.report]\nfail_under = 80\n")
    pull.scratch.configure(extra="[tool.coverage.report]\nfail_under = 60\n")
    pull.commit()

    assert pull.run()[0] == 1
    assert pull.messages()[0].endswith(".report.fail_under: 80 → 60")


def test_a_link_to_the_configuration_is_followed_on_both_sides(pull: Pull) -> None:
    pull.base()
    text = (pull.scratch.root / "pyproject.toml").read_text()
    pull.scratch.git("checkout", "--quiet", "main")
    (pull.scratch.root / "pyproject.toml").unlink()
    pull.scratch.write("shared/project.toml", text)
    (pull.scratch.root / "pyproject.toml").symlink_to("shared/project.toml")
    pull.commit()
    pull.scratch.git("checkout", "--quiet", "-b", "linked")
    pull.scratch.write(
        "shared/project.toml", text.replace("expected", "allow-dirty = true\nexpected")
    )
    pull.commit()

    assert pull.run()[0] == 1
    assert pull.messages() == ["policy change needs approval: allow-dirty: not set → true"]


def test_a_replayed_time_is_recorded_and_said_in_every_output(pull: Pull) -> None:
    pull.base()

    done = pull.scratch.run("run", "--effective-time", "2026-03-01T23:30:00-02:00")

    assert done.returncode == 0
    report = pull.scratch.report()
    assert (report["effective_time"], report["replayed"]) == ("2026-03-02T01:30:00+00:00", True)
    assert "REPLAYED PASS" in done.stdout
    for name in ("report.html", "summary.md"):
        assert "REPLAYED" in (pull.scratch.output / name).read_text()


def test_in_ci_a_replayed_time_is_never_a_pass(pull: Pull) -> None:
    pull.base()

    code, text = pull.run("--effective-time", "2026-03-01")

    assert code == 3
    assert "(replayed-time)" in text


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-03-01T10:00", "20260301", ""])
def test_a_time_that_is_none_or_has_no_zone_is_refused(pull: Pull, text: str) -> None:
    pull.base()

    done = pull.scratch.run("run", "--effective-time", text)

    assert done.returncode == 2
    assert "--effective-time" in done.stderr


def test_the_plan_says_where_policy_comes_from(pull: Pull) -> None:
    pull.base()
    pull.scratch.configure(extra="allow-dirty = true\n")

    done = pull.scratch.run("plan", "--json", **CI)

    described = json.loads(done.stdout)
    assert described["policy"]["mode"] == "base"
    assert described["policy"]["changes"] == [
        "policy change needs approval: allow-dirty: not set → true"
    ]
    assert described["planned"] == ["own", "policy-change"]


def test_a_table_cannot_take_a_gate_file_out_that_ran_without_one(pull: Pull) -> None:
    pull.scratch.gate("own", FINDS)
    gate_files = '[tool.release-gate]\ngate-files = ["gates/own.py"]\n'
    skipped = "".join(
        f'[tool.release-gate.gates.{one}]\nskip-reason = "not here"\n'
        for one in ("coverage", "dependencies", "lint", "secrets", "security", "types")
    )
    pull.scratch.write("pyproject.toml", gate_files + skipped)
    pull.scratch.git("init", "--quiet", "--initial-branch", "main")
    pull.commit()
    pull.branch()
    pull.scratch.write("bad.py", "x = 1\n")
    table = '[tool.release-gate.gates.other]\nkind = "own"\nenforce = false\n'
    pull.scratch.write("pyproject.toml", gate_files + skipped + table)
    pull.commit()

    code, text = pull.run()

    assert code == 1, text
    assert pull.scratch.verdicts()["own"] == "fail"
    assert "gates.other" in pull.messages()[0]


def test_a_configuration_above_the_root_is_read_from_the_base(pull: Pull) -> None:
    pull.scratch.write("gates/own.py", "")
    pull.scratch.gate("own", FINDS)
    (pull.scratch.root / "gates").rename(pull.scratch.root / "service-gates")
    (pull.scratch.root / "service").mkdir()
    (pull.scratch.root / "service-gates").rename(pull.scratch.root / "service" / "gates")
    policy = 'expected = ["own"]\ngate-files = ["gates/own.py"]\n'
    pull.scratch.write("shared.toml", policy)
    pull.scratch.git("init", "--quiet", "--initial-branch", "main")
    pull.commit()
    pull.branch()
    pull.commit()
    where = ("--root", "service", "--config", "shared.toml", "--output", "build/release-gate")
    assert pull.run(*where)[0] == 0
    pull.scratch.write("service/bad.py", "x = 1\n")
    pull.scratch.write("shared.toml", policy + "[gates.own]\nmax = 5\n")
    pull.commit()

    code, text = pull.run(*where)

    assert code == 1, text
    assert "gates.own" in text
    assert "policy change needs approval" in text


def test_settings_of_a_tool_above_the_root_are_policy_too(pull: Pull) -> None:
    pull.scratch.gate("own", FINDS)
    (pull.scratch.root / "service").mkdir()
    (pull.scratch.root / "gates").rename(pull.scratch.root / "service" / "gates")
    pull.scratch.write(
        "service/release-gate.toml", 'expected = ["own"]\ngate-files = ["gates/own.py"]\n'
    )
    pull.scratch.write("ruff.toml", 'lint.select = ["F"]\n')
    pull.scratch.git("init", "--quiet", "--initial-branch", "main")
    pull.commit()
    pull.branch()
    pull.scratch.write("ruff.toml", 'lint.select = ["F"]\nlint.ignore = ["F401"]\n')
    pull.commit()

    code, text = pull.run("--root", "service")

    assert code == 1, text
    assert "ruff.toml" in text
    assert "policy change needs approval" in text
