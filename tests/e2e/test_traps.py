"""Traps that only show when real gates run side by side, from the command line."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

Scratch = Any

# Put together, so that a scan of this file does not find it.
PLANTED = "password = " + '"Tr0ub4dor' + '&3xyzzy"\n'


def test_a_planted_password_is_one_finding_of_each_tool(scratch: Scratch) -> None:
    scratch.write("src/app/settings.py", PLANTED)
    scratch.configure(expected=["secrets", "security"])
    assert scratch.run("run").returncode == 1
    found = {
        gate["id"]: [(one["rule_id"], one["path"]) for one in gate["findings"]]
        for gate in scratch.report()["gates"]
    }
    assert found == {
        "secrets": [("secret-keyword", "src/app/settings.py")],
        "security": [("B105", "src/app/settings.py")],
    }


def test_secrets_above_the_folder_it_is_started_in_are_found(scratch: Scratch) -> None:
    scratch.write("src/app/settings.py", PLANTED)
    scratch.write("docs/deep/a.md", "text\n")
    scratch.configure(expected=["secrets"])
    done = subprocess.run(
        [sys.executable, "-m", "release_gate", "run", "--quiet"],
        cwd=scratch.root / "docs" / "deep",
        env=scratch.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr


def test_secrets_in_files_that_git_does_not_track_are_found(scratch: Scratch) -> None:
    scratch.ready()
    scratch.configure(expected=["secrets"])
    scratch.write("src/app/settings.py", PLANTED)
    assert scratch.run("run").returncode == 1
    found = [one["path"] for one in scratch.report()["gates"][0]["findings"]]
    assert found == ["src/app/settings.py"]


def test_secrets_in_tracked_files_whose_names_git_quotes_are_found(scratch: Scratch) -> None:
    scratch.write("src/schlüssel/größe.py", PLANTED)
    scratch.gates.clear()
    scratch.ready()
    scratch.configure(expected=["secrets"])
    listed = subprocess.run(
        ["git", "ls-files"],
        cwd=scratch.root,
        env=scratch.environment,
        capture_output=True,
        check=True,
    )
    assert b'"src/schl\\303\\274ssel' in listed.stdout
    assert scratch.run("run").returncode == 1
    found = [one["path"] for one in scratch.report()["gates"][0]["findings"]]
    assert found == ["src/schlüssel/größe.py"]


def test_a_changed_file_that_ruffs_settings_extend_is_never_passed_over(scratch: Scratch) -> None:
    (scratch.root / "noxfile.py").unlink()
    scratch.write("a.py", "import os\n")
    scratch.write("ruff.toml", 'extend = "shared.conf"\n')
    scratch.write("shared.conf", 'lint.select = ["E7"]\n')
    scratch.configure(expected=["lint"])
    assert scratch.run("run").returncode == 0
    scratch.write("shared.conf", 'lint.select = ["F"]\n')
    assert scratch.run("run").returncode == 1
