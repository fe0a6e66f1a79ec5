"""Every rule of a waiver in a real run of a real repository: once it holds, once it does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

Scratch = Any

# Reports what a file says, so that a test can choose severity, path and kind.
BODY = """
    import json
    rows = json.loads((ctx.project.root / 'found.json').read_text())
    return Evidence(examined=Examined(unit='files', count=1), findings=tuple(
        Finding(tool='own', rule_id=row.get('rule', 'OWN1'), severity=Severity(row['severity']),
                message='it is wrong', path=row.get('path', 'a.py'), line=row.get('line', 1),
                identity=Identity(kind=row.get('kind', 'code'), key=tuple(row['key'])),
                aliases=tuple(row.get('aliases', ())), always_blocks=row.get('always', False))
        for row in rows))
"""
POLICY = '[tool.release-gate.waiver-policy]\napprovers = ["lead@example.invalid"]\n'
ENTRY = {
    "id": '"W-2026-001"',
    "type": '"fix-deferred"',
    "gate": '"one"',
    "match": '{ rule = "OWN1", path = "a.py" }',
    "max-severity": '"high"',
    "reason": '"it goes with the rewrite in March"',
    "owner": '"dev@example.invalid"',
    "approver": '"lead@example.invalid"',
    "created": "2026-01-02",
    "expires": "2026-01-31",
}
FILE = "release-gate-waivers.toml"
ON = "2026-01-15"


def entry(**changes: str | None) -> str:
    values = {**ENTRY, **{name.replace("_", "-"): value for name, value in changes.items()}}
    rows = [f"{name} = {value}" for name, value in values.items() if value is not None]
    return "\n".join(["[[waiver]]", *rows, ""])


def row(**changes: Any) -> dict[str, Any]:
    return {"severity": "high", "key": ["x"], **changes}


def prepare(scratch: Scratch, *rows: dict[str, Any], waivers: str, policy: str = POLICY) -> None:
    scratch.gate("one", BODY.strip())
    scratch.write("found.json", json.dumps(list(rows) or [row()]))
    scratch.write(FILE, waivers)
    # Whoever works there and has not committed yet.
    scratch.environment |= {"GIT_AUTHOR_NAME": "Dev", "GIT_AUTHOR_EMAIL": "dev@example.invalid"}
    scratch.ready(extra=policy)


def run(scratch: Scratch, *arguments: str, on: str = ON) -> Any:
    return scratch.run("run", "--effective-time", on, *arguments)


def states(scratch: Scratch) -> list[str]:
    return [one["state"] for one in scratch.report()["gates"][0]["findings"]]


def waiver(scratch: Scratch) -> dict[str, Any]:
    (one,) = scratch.report()["gates"][0]["waivers"]
    return dict(one)


def test_a_waived_finding_passes_and_says_by_what_until_when_and_why(scratch: Scratch) -> None:
    prepare(scratch, waivers=entry())
    done = run(scratch)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 waived (ends in 16 days)" in done.stdout
    assert states(scratch) == ["waived"]
    (finding,) = scratch.report()["gates"][0]["findings"]
    assert (finding["waiver_id"], finding["enforced"]) == ("W-2026-001", False)
    said = waiver(scratch)
    assert (said["status"], said["findings"], said["expires"]) == ("in-force", 1, "2026-01-31")
    assert said["reason"] == "it goes with the rewrite in March"
    page = (scratch.output / "report.html").read_text()
    assert "waived by W-2026-001 until 2026-01-31: it goes with the rewrite in March" in page
    assert "the nearest ends in 16 days" in (scratch.output / "summary.md").read_text()


@pytest.mark.parametrize(
    ("on", "code"),
    [
        ("2026-01-30T23:59:59Z", 0),
        ("2026-01-31T23:59:59Z", 0),
        ("2026-02-01T00:00:00Z", 1),
        ("2026-02-01T13:59:59+14:00", 0),
        ("2026-02-01T14:00:00+14:00", 1),
        ("2026-01-31T11:59:59-12:00", 0),
        ("2026-01-31T12:00:00-12:00", 1),
        ("2026-01-01T23:59:59Z", 1),
        ("2026-01-02T00:00:00Z", 0),
    ],
)
def test_a_waiver_runs_from_its_first_day_to_24_00_utc_of_its_last(
    scratch: Scratch, on: str, code: int
) -> None:
    prepare(scratch, waivers=entry())
    assert run(scratch, on=on).returncode == code


def test_an_ended_waiver_is_named_where_its_finding_blocks_again(scratch: Scratch) -> None:
    prepare(scratch, waivers=entry())
    done = run(scratch, on="2026-02-01")
    assert done.returncode == 1
    assert "W-2026-001: ended on 2026-01-31" in done.stdout
    assert "W-2026-001 ended on 2026-01-31" in done.stdout
    assert waiver(scratch)["status"] == "expired"
    warned = run(scratch, on="2026-01-31")
    assert "1 waived (ends today)" in warned.stdout


# What is wrong with it, what comes of it, and the same put right.
MALFORMED = [
    ({"mitigation": None, "type": '"risk-accepted"'}, "mitigation", {"mitigation": '"a constant"'}),
    ({"reason": '"because"'}, "reason", {"reason": '"because of the rewrite"'}),
    ({"type": '"misc"'}, "type", {"type": '"not-shipped"'}),
    ({"approver": '"dev@example.invalid"'}, "approver", {}),
    ({"max-severity": '"critical"'}, "max-severity", {}),
    ({"match": '{ rule = "OWN1" }'}, "match", {}),
    ({"match": '{ rule = "OWN1", path = "**" }'}, "match", {"match": ENTRY["match"]}),
    ({"id": '"first"'}, "id", {}),
    ({"expires": '"2026-01-31"'}, "expires", {}),
    ({"owner": '""'}, "owner", {}),
    ({"max-count": "0"}, "max-count", {"max-count": "1"}),
    ({"until": "2026-01-31"}, "until", {"until": None}),
]


@pytest.mark.parametrize(("wrong", "key", "right"), MALFORMED, ids=[one[1] for one in MALFORMED])
def test_what_cannot_be_used_ends_every_run_with_2_and_its_place(
    scratch: Scratch, wrong: dict[str, str | None], key: str, right: dict[str, str | None]
) -> None:
    prepare(scratch, waivers=entry(**wrong))
    for command in (("run",), ("waivers", "check")):
        done = scratch.run(*command)
        assert done.returncode == 2, command
        said = done.stdout + done.stderr
        assert f'"{key}"' in said
        assert f"{FILE}:" in said
        assert "(waiver-invalid)" in said
    healed = {name: ENTRY.get(name) for name in wrong} | right
    scratch.write(FILE, entry(**({**wrong, **healed})))
    assert run(scratch).returncode == 0


def test_an_id_that_stands_twice_is_2(scratch: Scratch) -> None:
    prepare(scratch, waivers=entry() + entry())
    done = run(scratch)
    assert done.returncode == 2
    assert "is the id of the entry on line 1 too" in done.stderr


UNUSABLE = [
    ({"expires": "2026-02-02"}, POLICY, "it runs 31 days"),
    ({"approver": '"somebody@example.invalid"'}, POLICY, "may not approve high"),
    (
        {"owner": '"boss@example.invalid"', "approver": '"dev@example.invalid"'},
        POLICY.replace("lead@", "dev@"),
        "wrote it",
    ),
    ({}, "", "the policy names nobody who may approve high"),
    ({}, POLICY + "max-days = { high = 28 }\n", "28 are the most"),
]


@pytest.mark.parametrize(("changes", "policy", "said"), UNUSABLE)
def test_what_the_policy_forbids_is_an_error_and_excuses_nothing(
    scratch: Scratch, changes: dict[str, str], policy: str, said: str
) -> None:
    prepare(scratch, waivers=entry(**changes), policy=policy)
    done = run(scratch)
    assert done.returncode == 3
    assert said in done.stdout.replace("\n    ", " ")
    assert "(waiver-unusable)" in done.stdout.replace("\n    ", " ")
    assert states(scratch) == ["new"]
    assert waiver(scratch)["status"] == "unusable"


def test_who_wrote_a_line_cannot_approve_it_even_uncommitted(scratch: Scratch) -> None:
    prepare(scratch, waivers="")
    scratch.write(FILE, entry())
    me = {"GIT_AUTHOR_NAME": "Lea", "GIT_AUTHOR_EMAIL": "lead@example.invalid"}
    assert scratch.run("run", "--effective-time", ON, **me).returncode == 3
    other = {"GIT_AUTHOR_NAME": "Dev", "GIT_AUTHOR_EMAIL": "dev@example.invalid"}
    assert scratch.run("run", "--effective-time", ON, **other).returncode == 0


@pytest.mark.parametrize(("most", "code"), [("2", 0), ("1", 1)])
def test_one_finding_too_many_and_none_is_waived(scratch: Scratch, most: str, code: int) -> None:
    both = (row(), row(key=["y"], line=2))
    prepare(scratch, *both, waivers=entry(max_count=most))
    assert run(scratch).returncode == code
    assert states(scratch) == (["new", "new"] if code else ["waived", "waived"])


@pytest.mark.parametrize(
    ("severity", "covers", "code"),
    [("medium", "medium", 0), ("high", "medium", 1), ("unknown", "high", 0), ("unknown", "low", 1)],
)
def test_what_is_rated_worse_is_no_longer_covered(
    scratch: Scratch, severity: str, covers: str, code: int
) -> None:
    prepare(scratch, row(severity=severity), waivers=entry(max_severity=f'"{covers}"'))
    assert run(scratch).returncode == code


def test_critical_is_never_covered(scratch: Scratch) -> None:
    prepare(scratch, row(severity="critical"), waivers=entry())
    done = run(scratch)
    assert done.returncode == 1
    assert "critical findings cannot be waived" in done.stdout


def test_two_waivers_for_one_finding_are_an_error_and_a_renewal_is_not(scratch: Scratch) -> None:
    second = entry(id='"W-2026-002"')
    prepare(scratch, waivers=entry() + second)
    done = run(scratch)
    assert done.returncode == 3
    assert "neither applies" in done.stdout.replace("\n    ", " ")
    scratch.write(FILE, entry(expires="2026-01-10") + second)
    assert run(scratch).returncode == 0


@pytest.mark.parametrize(("strict", "code"), [("false", 0), ("true", 1)])
def test_a_waiver_that_matches_nothing_is_warned_of_and_fails_where_strict(
    scratch: Scratch, strict: str, code: int
) -> None:
    prepare(scratch, waivers=entry(), policy=f"{POLICY}strict = {strict}\n")
    assert run(scratch).returncode == 0
    scratch.write("found.json", "[]")
    done = run(scratch)
    assert done.returncode == code
    assert "W-2026-001 matches nothing" in done.stdout
    assert waiver(scratch)["status"] == "no-match"


def test_a_waiver_of_a_gate_that_does_not_run_is_not_without_a_match(scratch: Scratch) -> None:
    scratch.gate("two")
    other = entry(gate='"two"')
    prepare(
        scratch, waivers=entry() + other.replace("001", "002"), policy=f"{POLICY}strict = true\n"
    )
    done = run(scratch, "--gate", "one")
    assert done.returncode == 0, done.stdout


def test_a_waiver_for_an_environment_holds_there_alone(scratch: Scratch) -> None:
    places = "[tool.release-gate.environments.staging]\n[tool.release-gate.environments.live]\n"
    prepare(scratch, waivers=entry(environments='["staging"]'), policy=POLICY + places)
    assert run(scratch, "--environment", "staging").returncode == 0
    for more in (("--environment", "live"), ()):
        done = run(scratch, *more)
        assert done.returncode == 1
        assert "it is for staging alone" in done.stdout


@pytest.mark.release_check("A13", "green")
@pytest.mark.release_check("A13", "red")
def test_other_names_of_a_vulnerability_are_the_same(scratch: Scratch) -> None:
    found = row(
        rule="CVE-2026-1",
        kind="dependency",
        key=["pkg:pypi/jinja2", "CVE-2026-1"],
        aliases=["GHSA-1", "PYSEC-2026-1"],
    )
    prepare(scratch, found, waivers=entry(match='{ rule = "PYSEC-2026-1", package = "Jinja2" }'))
    assert run(scratch).returncode == 0
    scratch.write(FILE, entry(match='{ rule = "PYSEC-2026-1", package = "flask" }'))
    assert run(scratch).returncode == 1


def test_a_secret_is_waived_by_its_fingerprint_alone_and_never_once_confirmed(
    scratch: Scratch,
) -> None:
    prepare(scratch, row(kind="secret"), waivers=entry())
    assert run(scratch).returncode == 1
    (finding,) = scratch.report()["gates"][0]["findings"]
    by_print = entry(match=f'{{ fingerprint = "{finding["fingerprint"]}" }}')
    scratch.write(FILE, by_print)
    assert run(scratch).returncode == 0
    scratch.write("found.json", json.dumps([row(kind="secret", always=True)]))
    assert run(scratch).returncode == 1


def test_what_the_baseline_accepts_needs_no_waiver(scratch: Scratch) -> None:
    prepare(scratch, waivers="")
    assert scratch.run("baseline", "create").returncode == 0
    scratch.write(FILE, entry())
    assert run(scratch).returncode == 0
    assert waiver(scratch)["status"] == "not-needed"


def test_names_that_nothing_has_are_told(scratch: Scratch) -> None:
    prepare(scratch, waivers=entry(gate='"onne"'))
    assert 'there is no gate "onne"; did you mean "one"?' in scratch.run("plan").stdout
    done = scratch.run("waivers", "check")
    assert done.returncode == 1
    assert "did you mean" in done.stdout


def test_without_git_nobody_can_say_who_added_it(scratch: Scratch) -> None:
    scratch.gate("one", BODY.strip())
    scratch.write("found.json", json.dumps([row()]))
    scratch.write(FILE, entry())
    scratch.configure(extra=POLICY)
    done = run(scratch)
    assert done.returncode == 3
    assert "this is not a git repository" in done.stdout.replace("\n    ", " ")


def test_a_real_scanner_is_waived_like_any_other(scratch: Scratch) -> None:
    scratch.write("a.py", "import os\n\nos.system(input())\n")
    scratch.write(
        FILE,
        entry(gate='"security"', match='{ rule = "B605", path = "a.py" }', max_severity='"high"'),
    )
    scratch.configure(expected=["security"], extra=f'source = ["a.py"]\n{POLICY}')
    scratch.git("init", "--quiet", "--initial-branch", "main")
    scratch.git("add", "--all")
    scratch.git("commit", "--quiet", "--message", "all")
    done = run(scratch)
    assert done.returncode == 0, done.stdout + done.stderr
    assert run(scratch, on="2026-02-01").returncode == 1


def test_on_a_terminal_the_missing_is_asked_for(scratch: Scratch) -> None:
    prepare(scratch, waivers="# ours\n")
    assert scratch.run("run").returncode == 1
    answers = ["not-shipped", "this module is in no release", "", "lead@example.invalid"]
    said, code = typed(scratch, ["waive", "OWN1"], answers)
    assert code == 0, said
    assert "Why may it be so?" in said
    assert (scratch.root / FILE).read_text().startswith("# ours\n\n[[waiver]]\n")
    assert scratch.run("run").returncode == 0


def typed(scratch: Scratch, arguments: list[str], lines: list[str]) -> tuple[str, int]:
    """What the command shows on a terminal of its own, and its exit code."""
    pty = pytest.importorskip("pty", reason="terminals as POSIX has them")
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "release_gate", *arguments],
        cwd=scratch.root,
        env={**scratch.environment, "TERM": "dumb"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, "".join(f"{line}\n" for line in lines).encode())
    said = b""
    try:
        while chunk := os.read(ours, 4096):
            said += chunk
    except OSError:  # how Linux says that the other side is closed
        pass
    os.close(ours)
    return said.decode(), child.wait(timeout=60)
