"""One release, several runs: parts, phases and environments through the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from e2e.conftest import Scratch

pytestmark = pytest.mark.e2e

PHASES = """
[tool.release-gate.gates.look]
phase = "post-deploy"
[tool.release-gate.phases.post-deploy]
expected = ["look"]
after = ["pre-release"]
[tool.release-gate.environments.staging]
[tool.release-gate.environments.production]
after = "staging"
"""
DIGEST = "api=sha256:" + "1" * 64


@pytest.fixture
def shop(scratch: Scratch) -> Scratch:
    scratch.gate("one")
    scratch.gate("two")
    scratch.ready()
    return scratch


def parts(scratch: Scratch, *gate_ids: str) -> Path:
    for gate_id in gate_ids:
        done = scratch.run("run", "--gate", gate_id)
        assert done.returncode == 0, done.stdout + done.stderr
    return scratch.output / "parts"


def test_the_parts_of_all_gates_make_one_report(shop: Scratch) -> None:
    folder = parts(shop, "one", "two")

    done = shop.run("merge", str(folder))

    assert done.returncode == 0, done.stdout + done.stderr
    assert shop.verdicts() == {"one": "pass", "two": "pass"}
    assert not shop.report()["partial"]
    assert [one["name"] for one in shop.report()["joined"]] == ["one.json", "two.json"]


def test_a_job_that_died_before_its_upload_is_named(shop: Scratch) -> None:
    folder = parts(shop, "one")

    done = shop.run("merge", str(folder))

    assert done.returncode == 3
    assert "there is no part of gate two" in done.stdout
    assert shop.verdicts() == {"one": "pass", "two": "error"}


def test_parts_downloaded_into_folders_of_their_own_are_found(
    shop: Scratch, tmp_path: Path
) -> None:
    folder = parts(shop, "one", "two")
    for name in ("one", "two"):
        (tmp_path / "all" / f"part-{name}").mkdir(parents=True)
        shutil.copy(folder / f"{name}.json", tmp_path / "all" / f"part-{name}" / f"{name}.json")

    assert shop.run("merge", str(tmp_path / "all")).returncode == 0


def test_the_part_of_a_retry_beside_the_first_one_is_named(shop: Scratch, tmp_path: Path) -> None:
    folder = parts(shop, "one", "two")
    first = tmp_path / "first.json"
    shutil.copy(folder / "one.json", first)
    parts(shop, "one")

    done = shop.run("merge", str(folder), str(first))

    assert done.returncode == 3
    assert "as a retry does (part-twice)" in " ".join(done.stdout.split())


def test_parts_of_another_commit_are_named(shop: Scratch) -> None:
    folder = parts(shop, "one", "two")
    shop.git("commit", "--quiet", "--allow-empty", "--message", "next")

    done = shop.run("merge", str(folder))

    assert done.returncode == 3
    assert "one.json is about the commit" in done.stdout
    assert shop.run("merge", str(folder), "--commit", "HEAD^").returncode == 0
    assert shop.run("merge", str(folder), "--commit", "nowhere").returncode == 2


def test_a_narrowed_part_is_not_the_whole_gate(shop: Scratch) -> None:
    parts(shop, "two")
    assert shop.run("run", "--gate", "one", "--path", "a.py").returncode == 0

    done = shop.run("merge", str(shop.output / "parts"))

    assert done.returncode == 3
    assert "looked at a.py alone" in done.stdout


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"{", "is not whole JSON"),
        (b"{}", "not a report"),
        (b'{"schema_version": 2}', "schema version 2"),
    ],
)
def test_a_part_that_cannot_be_read_is_an_error(shop: Scratch, content: bytes, why: str) -> None:
    folder = parts(shop, "one", "two")
    (folder / "two.json").write_bytes(content)

    done = shop.run("merge", str(folder))

    assert done.returncode == 3
    assert f"two.json {why}" in done.stderr or why in done.stderr


def test_a_part_whose_verdict_was_edited_is_refused(shop: Scratch) -> None:
    shop.gate("two", 'return Evidence(examined=Examined(unit="files", count=0))')
    assert shop.run("run", "--gate", "two").returncode == 3
    folder = parts(shop, "one")
    text = (folder / "two.json").read_text().replace('"error"', '"pass"')
    (folder / "two.json").write_text(text)

    done = shop.run("merge", str(folder))

    assert done.returncode == 3
    assert "contradicts itself" in done.stderr


def test_a_folder_without_reports_is_an_error(shop: Scratch, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    assert shop.run("merge", str(tmp_path / "empty")).returncode == 3
    assert shop.run("merge", str(tmp_path / "nowhere")).returncode == 3
    assert shop.run("merge").returncode == 2


@pytest.fixture
def staged(scratch: Scratch) -> Scratch:
    scratch.gate("one")
    scratch.gate("look")
    scratch.configure(["one"], PHASES)
    scratch.git("init", "--quiet", "--initial-branch", "main")
    scratch.git("add", "--all")
    scratch.git("commit", "--quiet", "--message", "all")
    return scratch


def deploy(scratch: Scratch, environment: str, *more: str) -> tuple[int, str]:
    where = ("--phase", "post-deploy", "--environment", environment)
    done = scratch.run("run", *where, *more)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.release_check("E08", "green")
def test_production_comes_after_staging_with_the_same_digest(staged: Scratch) -> None:
    assert staged.run("run").returncode == 0
    assert deploy(staged, "staging", "--artifact", DIGEST)[0] == 0

    code, text = deploy(staged, "production", "--artifact", DIGEST)

    assert code == 0, text
    assert staged.report()["needs"] == [
        {"kind": "phase", "name": "pre-release"},
        {"kind": "environment", "name": "staging"},
    ]
    merged = staged.run("merge", str(staged.output / "phases"), "--output", "merged")
    assert merged.returncode == 0, merged.stdout
    report = json.loads((staged.root / "merged" / "gate.json").read_text())
    assert (report["phase"], report["subject"]["environment"]) == (
        "pre-release + post-deploy",
        "production",
    )


@pytest.mark.release_check("E08", "red")
def test_production_without_staging_or_with_another_digest_is_an_error(staged: Scratch) -> None:
    assert staged.run("run").returncode == 0

    code, text = deploy(staged, "production", "--artifact", DIGEST)
    assert (code, "there is no report of environment staging" in text) == (3, True)

    assert deploy(staged, "staging", "--artifact", DIGEST)[0] == 0
    code, text = deploy(staged, "production", "--artifact", DIGEST.replace("1", "2"))
    assert code == 3
    assert "is about another api" in text

    staged.git("commit", "--quiet", "--allow-empty", "--message", "next")
    code, text = deploy(staged, "production", "--artifact", DIGEST)
    assert code == 3
    assert "is about the commit" in text


def test_a_needed_report_that_is_cut_off_is_an_error(staged: Scratch, tmp_path: Path) -> None:
    broken = tmp_path / "gate.json"
    broken.write_text("{")

    code, text = deploy(staged, "staging", "--report", str(broken))

    assert code == 3
    assert "not whole JSON" in text


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ('phases.night]\nafter = ["nowhere"]', "none of the phases"),
        ('phases.night]\nafter = ["night"]', "leads back to night"),
        ('environments.live]\nafter = "nowhere"', "none of the environments"),
    ],
)
def test_a_need_that_nothing_can_meet_is_a_mistake(scratch: Scratch, table: str, why: str) -> None:
    scratch.gate("one")
    scratch.ready(f"[tool.release-gate.{table}\n")

    done = scratch.run("plan")

    assert done.returncode == 2
    assert why in done.stderr


CHECKLIST = """
[[item]]
id = "checked"
title = "One has passed"
gate = "one"

[[item]]
id = "review"
title = "Reviewed"
approvers = 1
"""


def test_the_checklist_is_judged_over_the_merged_parts(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.gate("two")
    scratch.write("release-gate-checklist.toml", CHECKLIST)
    scratch.ready()
    folder = parts(scratch, "one", "two")

    done = scratch.run("merge", str(folder))

    assert done.returncode in {1, 3}, done.stderr
    assert list(scratch.verdicts()) == ["one", "two", "checklist"]
    assert scratch.verdicts()["checklist"] != "pass"
    assert scratch.report()["problems"] == []
    assert "review" in done.stdout

    scratch.write("release-gate-checklist.toml", CHECKLIST.partition('[[item]]\nid = "review')[0])
    other = scratch.run("merge", str(folder))

    assert other.returncode == 3
    assert "there is no part of gate checklist" in other.stdout
