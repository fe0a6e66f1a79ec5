"""Go or no-go through the command line: people, files, windows, waiting, history and score."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

Scratch = Any

CHECKLIST = "release-gate-checklist.toml"
SIGN_OFFS = "release-gate-signoffs.jsonl"
REVIEW = '[[item]]\nid = "review"\ntitle = "Release notes read"\n'
POLICY = '[policy-changes]\npeople = ["ann@example.com"]\n'
AUTHOR = "tests@example.invalid"


@pytest.fixture
def repository(scratch: Scratch) -> Scratch:
    scratch.gate("one")
    scratch.ready()
    identify(scratch, "ann@example.com")
    return scratch


def identify(scratch: Scratch, email: str) -> None:
    scratch.git("config", "user.name", email.partition("@")[0])
    scratch.git("config", "user.email", email)


def commit(scratch: Scratch, *names: str, by: str = AUTHOR) -> None:
    scratch.git("add", "--all", *names)
    scratch.git("-c", f"user.email={by}", "commit", "--quiet", "--message", "more")


def listed(scratch: Scratch, text: str) -> None:
    scratch.write(CHECKLIST, text)
    commit(scratch)


def sign(scratch: Scratch, *arguments: str, **more: str) -> None:
    done = scratch.run("sign-off", *arguments, "--decision", "go", **more)
    assert done.returncode == 0, done.stderr


def messages(scratch: Scratch) -> list[str]:
    gates = {one["id"]: one for one in scratch.report()["gates"]}
    return [one["message"] for one in gates["checklist"]["findings"]]


@pytest.mark.release_check("B09", "red")
def test_an_item_that_nobody_signed_holds_the_release(repository: Scratch) -> None:
    listed(repository, REVIEW)
    assert repository.run("run").returncode == 1
    assert messages(repository) == ["Release notes read: 1 sign-off missing"]
    assert "release-gate sign-off review --decision go" in repository.run("run").stdout


@pytest.mark.release_check("B09", "green")
def test_a_sign_off_of_somebody_else_than_the_author_lets_it_go(repository: Scratch) -> None:
    listed(repository, REVIEW)
    sign(repository, "review", "--comment", "read them")
    assert repository.run("run").returncode == 0
    line = json.loads((repository.root / SIGN_OFFS).read_text().splitlines()[1])
    assert (line["who"], line["comment"], line["decision"]) == (
        "ann@example.com",
        "read them",
        "go",
    )


def test_committing_the_sign_off_changes_nothing_of_what_was_signed(repository: Scratch) -> None:
    listed(repository, REVIEW)
    sign(repository, "review")
    commit(repository, SIGN_OFFS, by="ann@example.com")
    assert repository.run("run", CI="true").returncode == 0


def test_a_line_that_somebody_else_committed_does_not_count(repository: Scratch) -> None:
    listed(repository, REVIEW)
    sign(repository, "review")
    commit(repository, SIGN_OFFS)
    assert repository.run("run").returncode == 1
    assert messages(repository)[0].endswith(f"does not count: its line is by {AUTHOR}")


def test_the_author_of_the_release_cannot_sign_it(repository: Scratch) -> None:
    listed(repository, REVIEW)
    identify(repository, AUTHOR)
    sign(repository, "review")
    assert repository.run("run").returncode == 1
    assert messages(repository)[0].endswith("it is by an author of what is judged")


def test_any_later_change_voids_the_sign_off(repository: Scratch) -> None:
    listed(repository, REVIEW)
    sign(repository, "review")
    repository.write("a.py", "x = 2\n")
    commit(repository)
    assert repository.run("run").returncode == 1
    assert "for another state of the release: sign it again" in messages(repository)[0]


def test_a_sign_off_holds_for_the_artefacts_that_were_signed(repository: Scratch) -> None:
    listed(repository, REVIEW)
    first, second = (f"app=sha256:{digit * 64}" for digit in "ab")
    sign(repository, "review", "--artifact", first)
    assert repository.run("run", "--artifact", first).returncode == 0
    assert repository.run("run", "--artifact", second).returncode == 1
    assert repository.run("run").returncode == 1


def test_a_no_go_stops_the_release(repository: Scratch) -> None:
    listed(repository, REVIEW)
    sign(repository, "review")
    done = repository.run("sign-off", "review", "--decision", "no-go", "--comment", "not yet")
    assert done.returncode == 0
    assert repository.run("run").returncode == 1
    assert messages(repository) == ["Release notes read: ann@example.com said no-go: not yet"]


@pytest.mark.release_check("B15", "red")
def test_each_new_revision_has_to_be_signed_by_its_digest(repository: Scratch) -> None:
    repository.write("migrations/0001.py", "a = 1\n")
    listed(repository, f'{REVIEW}files = ["migrations/*.py"]\n')
    refused = repository.run("sign-off", "review", "--decision", "go")
    assert refused.returncode == 2
    assert "migrations/0001.py" in refused.stderr
    sign(repository, "review", "--file", "migrations/0001.py")
    repository.write("migrations/0001.py", "a = 2\n")
    commit(repository)
    assert repository.run("run").returncode == 1
    assert messages(repository) == ["Release notes read: migrations/0001.py: 1 sign-off missing"]


@pytest.mark.release_check("B15", "green")
def test_a_signed_revision_stays_signed_when_other_files_change(repository: Scratch) -> None:
    repository.write("migrations/0001.py", "a = 1\n")
    listed(repository, f'{REVIEW}files = ["migrations/*.py"]\n')
    sign(repository, "review", "--file", "migrations/0001.py")
    repository.write("a.py", "x = 2\n")
    commit(repository, "a.py")
    assert repository.run("run").returncode == 0


FREEZE = '[[freeze]]\nbegins = 2026-03-05\nends = 2026-03-06\nreason = "fair"\n'


@pytest.mark.release_check("B17", "red")
def test_within_a_freeze_nothing_is_released(repository: Scratch) -> None:
    listed(repository, FREEZE)
    assert repository.run("run", "--effective-time", "2026-03-05").returncode == 1
    assert messages(repository) == ["No freeze: fair: frozen from 2026-03-05 to 2026-03-06 UTC"]


@pytest.mark.release_check("B17", "green")
def test_outside_of_the_freeze_it_is(repository: Scratch) -> None:
    listed(repository, FREEZE)
    assert repository.run("run", "--effective-time", "2026-03-07").returncode == 0


DRILL = '[[item]]\nid = "drill"\ntitle = "Restore drill"\nevery-days = 90\n'


@pytest.mark.release_check("F06", "green")
def test_a_drill_that_was_signed_within_its_days_holds_for_every_release(
    repository: Scratch,
) -> None:
    listed(repository, DRILL)
    sign(repository, "drill")
    repository.write("a.py", "x = 2\n")
    commit(repository, "a.py")
    assert repository.run("run").returncode == 0


@pytest.mark.release_check("F06", "red")
def test_an_overdue_drill_is_red(repository: Scratch) -> None:
    listed(repository, DRILL)
    sign(repository, "drill")
    assert repository.run("run", "--effective-time", "2199-01-01").returncode == 1
    assert "which is more than 90 days ago" in messages(repository)[0]


DAY_1 = 'gate = "two"\nphase = "day-1"\n'


@pytest.mark.release_check("F04", "green")
def test_a_phase_has_a_list_of_its_own(repository: Scratch) -> None:
    day = '[tool.release-gate.phases.day-1]\nexpected = ["one"]\n'
    repository.configure(extra=day)
    listed(repository, f'{REVIEW}phase = "day-1"\n')
    assert repository.run("run").returncode == 0
    assert "checklist" not in repository.verdicts()
    sign(repository, "review", "--phase", "day-1")
    assert repository.run("run", "--phase", "day-1").returncode == 0
    assert repository.verdicts() == {"one": "pass", "checklist": "pass"}


@pytest.mark.release_check("F04", "red")
def test_an_open_item_of_a_phase_is_a_no_go_for_it(repository: Scratch) -> None:
    day = '[tool.release-gate.phases.day-1]\nexpected = ["one"]\n'
    repository.configure(extra=day)
    listed(repository, f'{REVIEW}phase = "day-1"\n')
    assert repository.run("run", "--phase", "day-1").returncode == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[item]]\n", f'{CHECKLIST}:1: "item[0].id" is missing'),
        ('[[item]]\nid = "a"\ngate = "oen"\n', f'{CHECKLIST}:3: there is no gate "oen"'),
        ("\xff", CHECKLIST),
    ],
)
def test_a_broken_checklist_is_2_with_file_and_line(
    repository: Scratch, text: str, said: str
) -> None:
    (repository.root / CHECKLIST).write_bytes(text.encode("latin-1"))
    commit(repository)
    done = repository.run("run")
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize("text", ["", "{}\n", '{"schema": "release-gate-signoffs"', "\xff"])
def test_broken_sign_offs_are_2_with_their_file(repository: Scratch, text: str) -> None:
    listed(repository, REVIEW)
    (repository.root / SIGN_OFFS).write_bytes(text.encode("latin-1"))
    done = repository.run("run")
    assert done.returncode == 2
    assert SIGN_OFFS in done.stderr


def test_a_signed_item_that_the_checklist_lost_is_named(repository: Scratch) -> None:
    listed(repository, REVIEW)
    sign(repository, "review")
    listed(repository, FREEZE)
    done = repository.run("run")
    assert done.returncode == 2
    assert '"review" is signed' in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="a pipe in the file system")
@pytest.mark.parametrize("name", [CHECKLIST, SIGN_OFFS])
def test_a_pipe_in_place_of_a_file_is_refused_at_once(repository: Scratch, name: str) -> None:
    listed(repository, REVIEW)
    place = repository.root / name
    place.unlink(missing_ok=True)
    os.mkfifo(place)
    done = repository.run("run")
    assert done.returncode == 2
    assert "it is a pipe" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("revew", "--decision", "go"), 'no item "revew"; did you mean "review"?'),
        (("review",), "go or no-go?"),
        (("review", "--decision", "go", "--file", "a.py"), "not about files"),
        (("review", "--decision", "go", "--change", "abcdef"), "belongs to policy-change"),
        (("policy-change", "--decision", "go"), "which change of policy?"),
        (("automatic", "--decision", "go"), "nobody signs it"),
        (("review", "--decision", "go", "--sign"), "git has no key to sign with"),
    ],
)
def test_a_sign_off_of_something_else_is_refused_with_the_way_out(
    repository: Scratch, arguments: tuple[str, ...], said: str
) -> None:
    listed(repository, f'{REVIEW}[[item]]\nid = "automatic"\ngate = "one"\n')
    done = repository.run("sign-off", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (repository.root / SIGN_OFFS).exists()


def test_without_an_identity_nobody_signs(repository: Scratch) -> None:
    listed(repository, REVIEW)
    repository.git("config", "--unset", "user.email")
    repository.git("config", "user.useConfigOnly", "true")
    done = repository.run("sign-off", "review", "--decision", "go")
    assert done.returncode == 2
    assert "nobody is known here" in done.stderr


def test_in_a_job_the_actor_signs_and_the_next_job_takes_the_file(
    repository: Scratch, tmp_path: Path
) -> None:
    listed(repository, REVIEW)
    job = {"GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "bob"}
    sign(repository, "review", **job)
    assert repository.run("run", **job).returncode == 0
    handed = tmp_path / "handed.jsonl"
    (repository.root / SIGN_OFFS).rename(handed)
    assert repository.run("run").returncode == 1
    assert repository.run("run", "--sign-offs", str(handed)).returncode == 0


def test_approvals_of_a_github_environment_are_taken_over(
    repository: Scratch, tmp_path: Path
) -> None:
    listed(repository, REVIEW)
    answer = [{"state": "approved", "comment": "", "user": {"login": "bob"}}]
    (tmp_path / "approvals.json").write_text(json.dumps(answer))
    taken = ("sign-off", "review", "--from-github", str(tmp_path / "approvals.json"))
    done = repository.run(*taken)
    assert done.returncode == 0, done.stderr
    assert "review: go by github:bob" in done.stdout
    assert repository.run("run", "--sign-offs", SIGN_OFFS).returncode == 0


@pytest.mark.release_check("E06", "green")
def test_waiting_ends_as_soon_as_everybody_said_go(repository: Scratch) -> None:
    listed(repository, REVIEW)
    waiting = repository.start("await", "--deadline", "60s", "--interval", "1s")
    assert waiting.stdout.readline().startswith("review: open")
    sign(repository, "review")
    out, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, err
    assert "review: go, ann@example.com" in out


@pytest.mark.release_check("E06", "red")
def test_waiting_ends_at_a_no_go_and_at_the_deadline(repository: Scratch) -> None:
    listed(repository, REVIEW)
    late = repository.run("await", "--deadline", "1s", "--interval", "1s")
    assert late.returncode == 3
    assert "still open after 1s: review" in late.stdout
    repository.run("sign-off", "review", "--decision", "no-go")
    assert repository.run("await", "--deadline", "60s").returncode == 1


def test_waiting_for_nothing_is_not_a_go(repository: Scratch) -> None:
    none = repository.run("await", "--deadline", "1s")
    assert none.returncode == 3
    assert "no checklist" in none.stderr
    listed(repository, FREEZE)
    assert repository.run("await", "--deadline", "1s").returncode == 3


def test_sign_offs_can_be_awaited_from_a_branch_of_the_remote(
    repository: Scratch, tmp_path: Path
) -> None:
    listed(repository, REVIEW)
    remote = tmp_path / "remote.git"
    repository.git("clone", "--quiet", "--bare", ".", str(remote))
    repository.git("remote", "add", "origin", str(remote))
    fetching = ("await", "--deadline", "1s", "--interval", "1s", "--fetch", "origin/main")
    assert repository.run(*fetching).returncode == 3
    sign(repository, "review")
    commit(repository, SIGN_OFFS, by="ann@example.com")
    repository.git("push", "--quiet", "origin", "main")
    repository.git("reset", "--quiet", "--hard", "HEAD^")
    done = repository.run(*fetching)
    assert done.returncode == 0, done.stdout + done.stderr


SCORE = """
[tool.release-gate.score]
hold = 2
[tool.release-gate.score.themes.code]
minimum = 80
rows = [{ gate = "one", points = 8 }, { gate = "two", points = 2 }]
"""


def scored(scratch: Scratch, two: str = "return EVIDENCE", score: str = SCORE) -> None:
    scratch.gate("one")
    scratch.gate("two", two)
    scratch.ready(extra=score)


FINDS = "return Evidence(examined=Examined(unit='files', count=1), findings=(finding(),))"


@pytest.mark.release_check("F02", "green")
def test_the_score_is_shown_with_the_rows_that_would_raise_it(scratch: Scratch) -> None:
    scored(scratch, score=SCORE.replace("hold = 2\n", ""))
    assert scratch.run("run").returncode == 0
    gate = scratch.report()["gates"][-1]
    assert (gate["id"], gate["notes"]) == ("readiness", ["100 % of 10 points"])


@pytest.mark.release_check("F02", "red")
def test_a_minimum_that_is_missed_fails_and_a_full_score_turns_nothing_green(
    scratch: Scratch,
) -> None:
    scored(scratch, FINDS, SCORE.replace("hold = 2\n", "").replace("80", "90"))
    assert scratch.run("run").returncode == 1
    gate = scratch.report()["gates"][-1]
    assert gate["verdict"] == "fail"
    assert gate["tables"][0]["rows"][0][:3] == ["code", "two", "2"]
    kept = SCORE.replace("hold = 2\n", "")
    scratch.configure(extra=kept)
    assert scratch.run("run").returncode == 1
    assert scratch.verdicts() == {"one": "pass", "two": "fail", "readiness": "pass"}


@pytest.mark.release_check("F03", "green")
def test_held_for_two_releases_in_a_row_is_a_pass(scratch: Scratch) -> None:
    scored(scratch)
    history = ("--history", str(scratch.root.parent / "history.jsonl"))
    assert scratch.run("run", *history).returncode == 1
    assert scratch.run("run", *history).returncode == 1  # the same release again
    bumped = (scratch.root / "pyproject.toml").read_text().replace('"1.0"', '"1.1"')
    scratch.write("pyproject.toml", bumped)
    assert scratch.run("run", *history).returncode == 0
    shown = scratch.run("history", "show", history[1]).stdout.splitlines()
    assert [line.split()[0] for line in shown] == ["1.1", "1.0"]


@pytest.mark.release_check("F03", "red")
def test_a_rollback_in_between_begins_the_count_anew(scratch: Scratch) -> None:
    scored(scratch)
    history = str(scratch.root.parent / "history.jsonl")
    scratch.run("run", "--history", history)
    noted = scratch.run("history", "note", history, "1.0", "rollback")
    assert noted.returncode == 0, noted.stderr
    bumped = (scratch.root / "pyproject.toml").read_text().replace('"1.0"', '"1.1"')
    scratch.write("pyproject.toml", bumped)
    assert scratch.run("run", "--history", history).returncode == 1
    assert "1.0" in scratch.run("run", "--history", history, "-v").stdout


def test_several_releases_without_a_history_cannot_be_judged(scratch: Scratch) -> None:
    scored(scratch)
    done = scratch.run("run")
    assert done.returncode == 3
    assert "--history FILE" in done.stdout


@pytest.mark.parametrize("text", ["", "{}\n", "\xff"])
def test_a_broken_history_is_2_before_anything_runs(scratch: Scratch, text: str) -> None:
    scored(scratch)
    file = scratch.root.parent / "history.jsonl"
    file.write_bytes(text.encode("latin-1"))
    done = scratch.run("run", "--history", str(file))
    assert done.returncode == 2
    assert "history.jsonl" in done.stderr
    assert not (scratch.output / "gate.json").exists()


def test_a_part_is_no_release(scratch: Scratch) -> None:
    scored(scratch)
    file = scratch.root.parent / "history.jsonl"
    scratch.run("run", "--gate", "one", "--history", str(file))
    assert not file.exists()


def test_a_history_that_is_not_there_cannot_be_shown(scratch: Scratch) -> None:
    scored(scratch)
    done = scratch.run("history", "show", "nowhere.jsonl")
    assert done.returncode == 2
    assert "--history FILE begins one" in done.stderr


@pytest.mark.parametrize(
    ("score", "said"),
    [
        ("[tool.release-gate.score]\n", '"score.themes" is missing'),
        (SCORE.replace("two", "tow"), 'there is no gate "tow"; did you mean "two"?'),
        (SCORE.replace("points = 2", "points = 0"), "must be at least 1"),
        (SCORE.replace("points = 2", 'points = 2, metric = "x"'), "belong together"),
    ],
)
def test_a_score_that_cannot_be_counted_is_2(scratch: Scratch, score: str, said: str) -> None:
    scored(scratch, score=score)
    done = scratch.run("run")
    assert done.returncode == 2
    assert said in done.stderr


@pytest.fixture
def branch(scratch: Scratch) -> Scratch:
    """A branch that takes a gate out of the list, from a base whose checklist says who may."""
    scratch.gate("one")
    scratch.gate("two")
    scratch.write(CHECKLIST, POLICY)
    scratch.ready()
    scratch.git("checkout", "--quiet", "-b", "change")
    scratch.configure(expected=["one"])
    commit(scratch)
    identify(scratch, "ann@example.com")
    return scratch


def change_of(scratch: Scratch) -> str:
    scratch.run("run", "--base", "main")
    gates = {one["id"]: one for one in scratch.report()["gates"]}
    (found,) = gates["policy-change"]["findings"]
    return str(found["fingerprint"])


def test_a_change_of_policy_holds_once_somebody_who_may_signed_it(branch: Scratch) -> None:
    change = change_of(branch)
    assert branch.verdicts()["policy-change"] == "fail"
    sign(branch, "policy-change", "--change", change[:12], "--base", "main")
    assert branch.run("run", "--base", "main").returncode == 0
    assert "two" not in branch.verdicts()


def test_a_change_of_policy_is_not_approved_by_its_author_or_by_anyone(branch: Scratch) -> None:
    change = change_of(branch)
    for email in (AUTHOR, "eve@example.com"):
        identify(branch, email)
        sign(branch, "policy-change", "--change", change[:12], "--base", "main")
        assert branch.run("run", "--base", "main").returncode == 1, email


def test_who_may_approve_is_read_from_the_base(branch: Scratch) -> None:
    branch.write(CHECKLIST, POLICY.replace("ann", "eve"))
    commit(branch)
    identify(branch, "eve@example.com")
    branch.run("run", "--base", "main")
    gates = {one["id"]: one for one in branch.report()["gates"]}
    for found in gates["policy-change"]["findings"]:
        sign(branch, "policy-change", "--change", found["fingerprint"][:12], "--base", "main")
    assert branch.run("run", "--base", "main").returncode == 1


def test_a_checklist_is_read_from_the_base_and_a_change_of_it_is_shown(branch: Scratch) -> None:
    branch.git("checkout", "--quiet", "main")
    branch.write(CHECKLIST, POLICY + REVIEW)
    commit(branch)
    branch.git("checkout", "--quiet", "-b", "lighter")
    branch.write(CHECKLIST, POLICY)
    commit(branch)
    assert branch.run("run", "--base", "main").returncode == 1
    assert messages(branch) == ["Release notes read: 1 sign-off missing"]
    gates = {one["id"]: one for one in branch.report()["gates"]}
    assert CHECKLIST in gates["policy-change"]["findings"][0]["message"]
