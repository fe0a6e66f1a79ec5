"""Two real runs with one planted difference: it is what is named first."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

Scratch = Any

GOOD = '"""Fine."""\n'
BAD = '"""Not fine."""\n\nimport os\n'
TOOL = "#!/bin/sh\necho 'tool {version}'\nexit {code}\n"
# A gate of a user's that runs a program, and says its version as the program itself says it.
RUNS_A_TOOL = """
    done = ctx.runner.run(["tool"])
    version = done.stdout.decode().split()[1]
    run = ToolRun(name="tool", version=version, command=("tool",), exit_code=done.exit_code,
                  home="system")
    found = (finding(),) if done.exit_code else ()
    return Evidence(examined=Examined(unit="files", count=1), findings=found, tools=(run,))
"""
PINNED = "jinja2==2.11.3 --hash=sha256:" + "0" * 64 + "\n"


def kept(scratch: Scratch, name: str, *arguments: str, **more: str) -> Path:
    """Run the chain and keep its output folder under a name."""
    done = scratch.run("run", "--no-cache", *arguments, **more)
    assert done.returncode in {0, 1, 3}, done.stderr
    folder: Path = scratch.root.parent / name
    shutil.copytree(scratch.output, folder)
    return folder


def gates(scratch: Scratch, first: Path, second: Path) -> list[dict[str, Any]]:
    done = scratch.run("compare", str(first), str(second), "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["gates"]
    return found


def only_cause(scratch: Scratch, first: Path, second: Path) -> tuple[str, str]:
    (gate,) = gates(scratch, first, second)
    assert gate["verdicts"][0] != gate["verdicts"][1]
    return gate["causes"][0]["kind"], gate["causes"][0]["what"]


@pytest.fixture
def lint(scratch: Scratch) -> Scratch:
    scratch.write("a.py", GOOD)
    (scratch.root / "noxfile.py").unlink()
    scratch.configure(expected=["lint"], extra='[tool.ruff.lint]\nselect = ["E", "F"]\n')
    scratch.git("init", "--quiet", "--initial-branch", "main")
    scratch.git("add", "--all")
    scratch.git("commit", "--quiet", "--message", "all")
    return scratch


def test_two_runs_on_the_same_input_are_the_same(lint: Scratch) -> None:
    first, second = kept(lint, "one"), kept(lint, "two")
    done = lint.run("compare", str(first / "gate.json"), str(second))
    assert (done.returncode, done.stdout) == (0, "same: pass in both, gate by gate\n")


def test_another_version_of_a_tool_is_named_first(scratch: Scratch) -> None:
    programs = scratch.root.parent / "programs"
    programs.mkdir()
    tool = programs / "tool"
    path = f"{programs}:{scratch.environment['PATH']}"
    scratch.gate("one", RUNS_A_TOOL)
    scratch.ready()
    folders = []
    for version, code in (("1.0", 0), ("2.0", 1)):
        tool.write_text(TOOL.format(version=version, code=code))
        tool.chmod(0o755)
        folders.append(kept(scratch, version, PATH=path))
    kind, what = only_cause(scratch, *folders)
    assert kind == "tool version"
    assert what == "tool of the system environment: 1.0 in the first, 2.0 in the second"


def test_other_settings_are_named_first(lint: Scratch) -> None:
    lint.write("a.py", GOOD + "\n\ndef f():\n    pass\n")
    before = kept(lint, "before")
    lint.configure(expected=["lint"], extra='[tool.ruff.lint]\nselect = ["ALL"]\n')
    after = kept(lint, "after")
    kind, what = only_cause(lint, before, after)
    assert kind == "settings"
    assert "ALL" in what


def test_a_file_that_only_one_of_them_has_is_named_first(lint: Scratch) -> None:
    first = kept(lint, "one")
    lint.write("b.py", BAD)
    assert only_cause(lint, first, kept(lint, "two")) == ("file set", "b.py: only in the second")


def test_another_base_is_named_first(scratch: Scratch) -> None:
    scratch.gate(
        "one",
        "found = (finding(),) if ctx.base.changed_lines() else ();"
        " return Evidence(examined=Examined(unit='files', count=1), findings=found)",
    )
    scratch.ready()
    scratch.write("a.py", "x = 2\n")
    scratch.git("commit", "--quiet", "--all", "--message", "more")
    first = kept(scratch, "one", "--base", "HEAD")
    kind, what = only_cause(scratch, first, kept(scratch, "two", "--base", "HEAD^"))
    assert kind == "base"
    assert what.count("in the") == 2


def osv(folder: Path, package: str) -> None:
    folder.mkdir()
    for name, of in (("PYSEC-2000-1", "left-alone"), ("PYSEC-2000-2", package)):
        ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]
        affected = {"package": {"name": of, "ecosystem": "PyPI"}, "ranges": ranges}
        record = {"id": name, "modified": "2026-01-01T00:00:00Z", "affected": [affected]}
        (folder / f"{name}.json").write_text(json.dumps(record))


@pytest.fixture
def locked(scratch: Scratch) -> Scratch:
    scratch.write("requirements.txt", PINNED)
    osv(scratch.root.parent / "osv", "another")
    scratch.configure(
        expected=["dependencies"],
        extra="[tool.release-gate.gates.dependencies]\n"
        'advisories = "../osv"\nadvisories-max-age = "any"\n',
    )
    scratch.git("init", "--quiet")
    scratch.git("add", "--all")
    scratch.git("commit", "--quiet", "--message", "all")
    return scratch


def test_other_advisories_are_named_first(locked: Scratch) -> None:
    first = kept(locked, "one")
    shutil.rmtree(locked.root.parent / "osv")
    osv(locked.root.parent / "osv", "jinja2")
    kind, what = only_cause(locked, first, kept(locked, "two"))
    assert kind == "data"
    assert what.startswith("advisories: archive of 2026-01-01, 2 records, ")


def test_an_environment_variable_is_named_first_and_its_value_is_not_shown(
    locked: Scratch,
) -> None:
    first = kept(locked, "one")
    second = kept(locked, "two", RELEASE_GATE_ADVISORIES_MAX_AGE="1h")
    kind, what = only_cause(locked, first, second)
    assert kind == "environment variable"
    assert what.startswith("RELEASE_GATE_ADVISORIES_MAX_AGE: not set in the first, set (")
    assert "1h" not in what


def test_for_github_each_difference_is_a_workflow_command(lint: Scratch) -> None:
    first = kept(lint, "one")
    lint.write("b.py", BAD)
    done = lint.run("compare", "--ci", str(first), str(kept(lint, "two")))
    assert done.returncode == 1
    assert done.stdout == (
        "::error title=lint differs::pass in the first, fail in the second; "
        "file set: b.py: only in the second\n"
    )


def test_reports_without_their_listings_are_compared_by_commit(lint: Scratch) -> None:
    first = kept(lint, "one")
    lint.write("b.py", BAD)
    second = kept(lint, "two")
    (first / "files.json").unlink()
    kind, what = only_cause(lint, first, second)
    assert kind == "file set"
    assert what.startswith("commit ")
    assert what.endswith("with changes")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"lint": {"a.py": 1}}'])
def test_a_broken_listing_is_refused_with_its_name(lint: Scratch, text: str) -> None:
    first = kept(lint, "one")
    (first / "files.json").write_text(text)
    done = lint.run("compare", str(first), str(first))
    assert done.returncode == 3
    assert "files.json" in done.stderr


def test_reports_of_two_repositories_are_not_compared(lint: Scratch) -> None:
    first = kept(lint, "one")
    other = lint.root.parent / "other"
    shutil.copytree(first, other)
    stored = json.loads((other / "gate.json").read_text())
    stored["subject"]["repository"] = "another"
    (other / "gate.json").write_text(json.dumps(stored))
    done = lint.run("compare", str(first), str(other))
    assert done.returncode == 3
    assert "scratch and another" in done.stderr


def test_a_missing_report_is_2_and_a_cut_off_one_is_3(lint: Scratch) -> None:
    first = kept(lint, "one")
    assert lint.run("compare", str(first), str(lint.root / "nowhere")).returncode == 2
    half = lint.root.parent / "half"
    half.mkdir()
    (half / "gate.json").write_bytes((first / "gate.json").read_bytes()[:100])
    assert lint.run("compare", str(first), str(half)).returncode == 3
