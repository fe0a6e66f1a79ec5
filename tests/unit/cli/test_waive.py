"""Waivers from the command line: written, listed, checked, explained, taken over, given away."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest

from release_gate.cli import main, waive
from release_gate.judge.baseline import Baseline
from release_gate.judge.decide import decide
from release_gate.judge.fingerprints import fingerprint
from release_gate.judge.matching import entry_for
from release_gate.judge.types import PolicyInputs
from release_gate.model import Finding, Identity, Severity
from release_gate.plan.waivers import parse_waivers
from release_gate.policy import Match
from release_gate.report.store import to_bytes
from support.judging import collected, docket, finding, gate

pytestmark = pytest.mark.unit

FILE = "release-gate-waivers.toml"
LEAD = "lead@example.invalid"
TODAY = datetime.now(UTC).date()
REASON = "the export is rewritten in March"
ENOUGH = ("--type", "fix-deferred", "--reason", REASON, "--approver", LEAD)
PRINT = fingerprint(finding())
VULNERABLE = finding(
    tool="pip-audit",
    rule_id="CVE-2026-1",
    severity=Severity.UNKNOWN,
    identity=Identity(kind="dependency", key=("pkg:pypi/jinja2", "CVE-2026-1")),
    path="uv.lock",
    aliases=("GHSA-1", "PYSEC-2026-1"),
)

Call = Callable[..., int]


def report(*findings: Finding, known: tuple[Finding, ...] = (), also: Any = ()) -> None:
    entries = tuple(entry_for("security", one, fingerprint(one)) for one in known)
    made = decide(
        docket(gate(), *(gate(name) for name in dict(also))),
        [
            collected(findings=(*findings, *known)),
            *(collected(name, findings=(one,)) for name, one in also),
        ],
        PolicyInputs(
            effective_time=datetime.now(UTC), baseline=Baseline(salt="s", entries=entries)
        ),
    )
    place = Path("build/release-gate/gate.json")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(to_bytes(made))


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    for name, value in {
        "RELEASE_GATE_CACHE": str(tmp_path / "cache"),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Dev",
        "GIT_AUTHOR_EMAIL": "dev@example.invalid",
    }.items():
        monkeypatch.setenv(name, value)
    subprocess.run(["git", "init", "--quiet", "--initial-branch", "main"], check=True)
    configure(f'approvers = ["{LEAD}"]')
    report(finding())
    return lambda *arguments: main(arguments, final=False)


def configure(policy: str) -> None:
    Path("release-gate.toml").write_text(f"[waiver-policy]\n{policy}\n")


def only() -> Any:
    (one,) = parse_waivers(Path(FILE).read_text(), FILE).waivers
    return one


def test_options_write_a_valid_entry(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("waive", PRINT[:8], *ENOUGH) == 0
    one = only()
    assert one.id == f"W-{TODAY.year}-001"
    assert (one.gate, one.match, one.type) == ("security", Match(fingerprint=PRINT), "fix-deferred")
    assert (one.owner, one.approver) == ("dev@example.invalid", LEAD)
    assert (one.created, one.expires) == (TODAY, TODAY + timedelta(days=30))
    assert (one.max_severity, one.max_count) == (Severity.HIGH, 1)
    said = capsys.readouterr().out
    assert f"{FILE}: {one.id} covers 1 finding of security" in said
    assert call("waivers", "check") == 0


def test_comments_and_order_of_the_file_stay(call: Call) -> None:
    before = "# ours, keep this\n\n"
    Path(FILE).write_text(before)
    assert call("waive", "B602", *ENOUGH, "--days", "3", "--tracking", "https://x/7") == 0
    assert Path(FILE).read_text().startswith(before)
    assert (only().expires, only().tracking) == (TODAY + timedelta(days=3), "https://x/7")


@pytest.mark.parametrize("rule", ["CVE-2026-1", "pysec-2026-1", "GHSA-1"])
def test_a_vulnerability_is_named_by_its_rule_and_package(call: Call, rule: str) -> None:
    report(VULNERABLE)
    assert call("waive", rule, *ENOUGH, "--environment", "staging") == 0
    assert only().match == Match(rule="CVE-2026-1", package="jinja2")
    assert (only().max_severity, only().environments) == (Severity.HIGH, ("staging",))


@pytest.mark.parametrize(
    ("identity", "match"),
    [
        (Identity(kind="infrastructure", key=("aws.b",)), Match(rule="B602", resource="aws.b")),
        (Identity(kind="web", key=("GET", "/a", "q")), Match(rule="B602", url="GET /a")),
    ],
)
def test_other_kinds_are_named_by_what_they_are(
    call: Call, identity: Identity, match: Match
) -> None:
    report(finding(identity=identity))
    assert call("waive", "B602", *ENOUGH) == 0
    assert only().match == match


def test_a_rule_in_one_file_counts_its_findings(call: Call) -> None:
    other = finding(identity=Identity(kind="code", key=("other", "x")), line=50)
    report(finding(), other)
    assert call("waive", "B602", *ENOUGH) == 0
    assert only().match == Match(rule="B602", path="src/orders/export.py")
    assert only().max_count == 2


def test_risk_accepted_needs_a_mitigation(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    wish = ("waive", "B602", "--type", "risk-accepted", "--reason", REASON, "--approver", LEAD)
    assert call(*wish) == 2
    assert "--mitigation is missing" in capsys.readouterr().err
    assert call(*wish, "--mitigation", "a constant command") == 0
    assert only().mitigation == "a constant command"


REFUSED = [
    (("waive", "B602"), "--type is missing, and there is no terminal to ask on"),
    (("waive", "B999", *ENOUGH), "no finding of the last report has this rule"),
    (("waive", "ffffff", *ENOUGH), "no finding of the last report has this rule or begins so"),
    (("waive", "B602", *ENOUGH, "--gate", "lint"), "no finding of the last report"),
    (("waive", "B602", *ENOUGH, "--days", "31"), "it runs 31 days"),
    (("waive", "B602", *ENOUGH, "--owner", LEAD), '"approver" in waiver'),
    (("waive", "B602", *ENOUGH, "--reason", "short"), "20 are the least"),
    (("waive", "B602", *ENOUGH, "--approver", "x@y.z"), "may not approve high"),
    (("waive", "B602", *ENOUGH, "--approver", "dev@example.invalid"), "who is its owner"),
    (("waive", "B602", *ENOUGH, "--reason", "x" * 30 + "\udcff"), "cannot be written as UTF-8"),
]


@pytest.mark.parametrize(("wish", "said"), REFUSED)
def test_nothing_is_written_that_would_not_hold(
    call: Call, capsys: pytest.CaptureFixture[str], wish: tuple[str, ...], said: str
) -> None:
    assert call(*wish) == 2
    assert said in capsys.readouterr().err
    assert not Path(FILE).exists()


def test_whoever_writes_it_cannot_approve_it(
    call: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", LEAD)
    assert call("waive", "B602", *ENOUGH, "--owner", "dev@example.invalid") == 2
    assert "wrote it: somebody else has to" in capsys.readouterr().err


def test_where_nobody_may_approve_there_is_no_waiver(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("approvers = { low = ['x@y'] }")
    assert call("waive", "B602", *ENOUGH) == 2
    assert "nobody may approve a waiver for high findings" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"severity": Severity.CRITICAL}, "critical findings cannot be waived"),
        ({"always_blocks": True}, "always blocks, no waiver covers it"),
    ],
)
def test_what_no_waiver_covers_gets_none(
    call: Call, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], said: str
) -> None:
    report(finding(**changes))
    assert call("waive", "B602", *ENOUGH) == 2
    assert said in capsys.readouterr().err


def test_what_is_known_needs_none(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    report(known=(finding(),))
    assert call("waive", "B602", *ENOUGH) == 2
    assert "there is nothing to waive, it is known already" in capsys.readouterr().err


def test_findings_in_different_places_are_told_apart(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    report(*(finding(path=f"src/{at}.py") for at in range(10)))
    assert call("waive", "B602", *ENOUGH) == 2
    said = capsys.readouterr().err
    assert "10 findings in different places" in said
    assert "src/0.py:41" in said
    assert "and 2 more" in said


def test_without_a_report_there_is_nothing_to_waive(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("build/release-gate/gate.json").unlink()
    assert call("waive", "B602", *ENOUGH) == 2
    assert "run release-gate run first" in capsys.readouterr().err


def test_a_broken_file_is_not_written_to(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    Path(FILE).write_text("[[waiver\n")
    assert call("waive", "B602", *ENOUGH) == 2
    assert f"{FILE}:1: not TOML" in capsys.readouterr().err
    assert Path(FILE).read_text() == "[[waiver\n"


def test_on_a_terminal_what_is_missing_is_asked_for(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["risk-accepted", REASON, "a constant command", "boss@example.invalid", LEAD])
    asked: list[str] = []

    def prompt(question: str, **_more: Any) -> str:
        asked.append(question)
        return next(answers)

    monkeypatch.setattr(waive, "is_terminal", lambda _stream: True)
    monkeypatch.setattr(click, "prompt", prompt)
    assert call("waive", "B602") == 0
    assert (only().type, only().reason, only().mitigation) == (
        "risk-accepted",
        REASON,
        "a constant command",
    )
    assert (only().owner, only().approver) == ("boss@example.invalid", LEAD)
    assert len(asked) == 5
    assert "B602 high · src/orders/export.py:41" in asked[0]


# list and check


def entry(**changes: str) -> str:
    values = {
        "id": "W-2026-001",
        "type": "fix-deferred",
        "gate": "security",
        "match": '{ rule = "B602", path = "src/orders/export.py" }',
        "max-severity": "high",
        "reason": REASON,
        "owner": "dev@example.invalid",
        "approver": LEAD,
        "created": TODAY.isoformat(),
        "expires": (TODAY + timedelta(days=20)).isoformat(),
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    bare = {"match", "created", "expires", "max-count"}
    rows = [f"{k} = {v}" if k in bare else f'{k} = "{v}"' for k, v in values.items()]
    return "\n".join(["[[waiver]]", *rows, ""])


def test_list_names_each_with_its_end(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    Path(FILE).write_text(entry())
    assert call("waivers", "list") == 0
    said = capsys.readouterr().out
    assert "W-2026-001  in-force  security  rule B602, path src/orders/export.py" in said
    assert "(ends in 20 days)" in said
    assert call("waivers", "list", "--json") == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["id"], one["gate"], one["max_count"]) == ("W-2026-001", "security", 1)


def test_list_without_a_file_is_empty(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("waivers", "list") == 0
    assert capsys.readouterr().out == f"0 in {FILE}\n"


def test_check_says_what_each_covers(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    Path(FILE).write_text(entry())
    assert call("waivers", "check") == 0
    said = capsys.readouterr().out
    assert "W-2026-001  in-force" in said
    assert f"covers {PRINT[:12]}" in said
    assert call("waivers", "check", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["waivers"][0]["covered"], told["errors"], told["warnings"]) == ([PRINT], [], [])


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        (
            {"expires": (TODAY - timedelta(days=1)).isoformat(), "created": "2026-01-01"},
            1,
            "expired",
        ),
        ({"expires": (TODAY + timedelta(days=31)).isoformat()}, 1, "unusable"),
        ({"gate": "secruity"}, 1, 'there is no gate "secruity"; did you mean "security"?'),
        ({"match": '{ rule = "B1", path = "src/x.py" }'}, 0, "no-match"),
        ({"owner": ""}, 2, '"owner" in waiver W-2026-001 is empty'),
    ],
)
def test_check_tells_what_does_not_hold(
    call: Call, capsys: pytest.CaptureFixture[str], changes: dict[str, str], code: int, said: str
) -> None:
    Path(FILE).write_text(entry(**changes))
    assert call("waivers", "check") == code
    assert said in capsys.readouterr().out


def test_check_is_strict_where_the_policy_is(call: Call) -> None:
    configure(f'approvers = ["{LEAD}"]\nstrict = true')
    Path(FILE).write_text(entry(match='{ rule = "B1", path = "src/x.py" }'))
    assert call("waivers", "check") == 1


def test_check_lists_every_mistake_and_reads_another_file(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("other.toml").write_text(entry(owner="") + entry(id="W-2026-002", reason="no"))
    assert call("waivers", "check", "--file", "other.toml", "--json") == 2
    told = json.loads(capsys.readouterr().out)
    assert [one["line"] for one in told["errors"]] == [8, 18]
    assert call("waivers", "check", "--file", "gone.toml") == 2


def test_check_without_a_report_says_so(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    Path("build/release-gate/gate.json").unlink()
    Path(FILE).write_text(entry())
    assert call("waivers", "check") == 0
    assert "There is no report to look at: release-gate run" in capsys.readouterr().out


# explain


@pytest.mark.release_check("F07", "green")
def test_explain_says_why_it_blocks_and_which_waiver_nearly_covers_it(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = (TODAY - timedelta(days=29)).isoformat()
    ended = (TODAY - timedelta(days=1)).isoformat()
    Path(FILE).write_text(entry(created=begun, expires=ended))
    assert call("explain", PRINT[:8]) == 0
    said = capsys.readouterr().out
    assert "blocks      yes: it is new, neither the baseline nor a waiver covers it" in said
    assert f"W-2026-001 nearly covers it ({FILE}:1):" in said
    assert f"- it ended on {ended}" in said
    assert f"way out     or mend W-2026-001: it ended on {ended}" in said
    assert "page        docs: reference/waivers.md" in said


@pytest.mark.release_check("F07", "red")
def test_explain_of_a_waiver_says_whether_it_holds(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(FILE).write_text(entry())
    assert call("explain", "w-2026-001") == 0
    said = capsys.readouterr().out
    assert f"W-2026-001 in-force · fix-deferred · {FILE}:1" in said
    assert f"reason      {REASON}" in said
    assert f"covered     {PRINT[:12]}" in said
    Path(FILE).write_text(entry(owner=""))
    assert call("explain", "W-2026-001") == 0
    assert "is empty" in capsys.readouterr().out
    assert call("explain", "W-2026-002") == 2


@pytest.mark.parametrize(
    ("found", "policy", "said"),
    [
        (finding(severity=Severity.CRITICAL), "", "way out     no waiver can cover it"),
        (finding(always_blocks=True), "", "blocks      yes: nothing can accept it"),
        (finding(severity=Severity.INFO), "", "and the budget of security allows it"),
        (finding(), "", "a waiver needs somebody who may approve high"),
        (finding(), f'approvers = ["{LEAD}"]', "at most 30 days, approved by lead@"),
        (finding(fix="pass a list"), "", "way out     mend it: pass a list"),
    ],
)
def test_explain_shows_the_way_out(
    call: Call, capsys: pytest.CaptureFixture[str], found: Finding, policy: str, said: str
) -> None:
    configure(policy)
    report(found)
    assert call("explain", fingerprint(found)[:8]) == 0
    assert said in capsys.readouterr().out


def test_explain_of_what_is_known_says_so(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    report(known=(finding(),))
    assert call("explain", PRINT[:8]) == 0
    assert "blocks      no: the baseline accepts it" in capsys.readouterr().out


# import and export


def test_an_import_makes_nothing_up(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    report(VULNERABLE)
    Path("audit.sh").write_text("pip-audit --ignore-vuln PYSEC-2026-1 --ignore-vuln CVE-2020-9\n")
    assert call("waivers", "import", "audit.sh") == 0
    said = capsys.readouterr().out
    assert f"{FILE}: 2 taken over" in said
    assert "2 entries are not whole" in said
    text = Path(FILE).read_text()
    assert 'match = { rule = "PYSEC-2026-1", package = "jinja2" }' in text
    assert 'owner = ""' in text
    assert 'expires = ""' in text
    assert call("waivers", "check") == 2
    assert call("run") == 2


def test_what_options_say_makes_it_whole(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    report(VULNERABLE)
    until = (TODAY + timedelta(days=400)).isoformat()
    Path("osv-scanner.toml").write_text(
        f'[[IgnoredVulns]]\nid = "GHSA-1"\nignoreUntil = {until}\nreason = "{REASON}"\n'
        '[[IgnoredVulns]]\nid = "CVE-2020-1"\nignoreUntil = 2020-01-01\n'
        "[[PackageOverrides]]\nname = 'x'\n"
    )
    given = ("--type", "not-exploitable", "--owner", "dev@example.invalid", "--approver", LEAD)
    assert call("waivers", "import", "osv-scanner.toml", *given) == 0
    said = capsys.readouterr().out
    assert "1 taken over" in said
    assert "left out: line 5: CVE-2020-1 has ended on 2019-12-31" in said
    assert "PackageOverrides is not about one vulnerability" in said
    assert (only().reason, only().gate, only().match.package) == (REASON, "security", "jinja2")
    assert only().expires == TODAY + timedelta(days=30)  # never longer than the policy allows
    assert call("waivers", "import", "osv-scanner.toml", *given) == 0
    assert "GHSA-1 is waived already" in capsys.readouterr().out
    assert only().id == f"W-{TODAY.year}-001"


def test_a_file_of_nobody_asks_whose_it_is(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    Path("list").write_text("CVE-2026-1\n")
    assert call("waivers", "import", "list") == 2
    assert "whose file is it?" in capsys.readouterr().err
    assert call("waivers", "import", "list", "--format", "trivy") == 0


def test_an_export_holds_what_is_in_force_and_names_the_rest(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    report(VULNERABLE)
    match = '{ rule = "CVE-2026-1", package = "jinja2" }'
    ended = {"created": "2026-01-01", "expires": "2026-01-02"}
    Path(FILE).write_text(
        entry(match=match) + entry(id="W-2026-002", match=match, **ended) + entry(id="W-2026-003")
    )
    assert call("waivers", "export", "--format", "osv-scanner") == 0
    told = capsys.readouterr()
    after = TODAY + timedelta(days=21)
    assert f'id = "CVE-2026-1"\nignoreUntil = {after}T00:00:00Z' in told.out
    assert told.out.count("[[IgnoredVulns]]") == 1
    assert "left out: W-2026-002: it is expired" in told.err
    assert "W-2026-003: OSV-Scanner ignores vulnerabilities by their id alone" in told.err


def test_an_export_of_a_broken_file_is_refused(call: Call) -> None:
    Path(FILE).write_text(entry(owner=""))
    assert call("waivers", "export", "--format", "trivy") == 2


def test_a_waiver_for_one_environment_is_not_exported(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(FILE).write_text(
        entry().replace("max-severity", 'environments = ["staging"]\nmax-severity')
    )
    assert call("waivers", "export", "--format", "trivy") == 0
    assert "left out: W-2026-001: it is for staging alone" in capsys.readouterr().err


def test_an_import_of_what_is_no_text_is_refused(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(".trivyignore").write_bytes(b"\xff\n")
    assert call("waivers", "import", ".trivyignore") == 2
    assert ".trivyignore: not UTF-8" in capsys.readouterr().err
    assert not Path(FILE).exists()


def test_places_of_the_other_file_are_kept_and_days_shorten(call: Call) -> None:
    Path(".trivyignore.yaml").write_text(
        "misconfigurations:\n  - id: AVD-1\n    paths: [a.tf]\n"
        f"    statement: {REASON}\n"
        "vulnerabilities:\n  - id: CVE-1-1\n    purls: ['pkg:pypi/jinja2']\n"
        f"    statement: {REASON}\n"
    )
    wish = ("--gate", "security", "--days", "7", "--type", "risk-accepted", "--owner", "a@x.y")
    assert call("waivers", "import", ".trivyignore.yaml", *wish, "--approver", LEAD) == 0
    text = Path(FILE).read_text()
    assert 'match = { rule = "AVD-1", path = "a.tf" }' in text
    assert 'match = { rule = "CVE-1-1", package = "pkg:pypi/jinja2" }' in text
    assert f"expires = {TODAY + timedelta(days=7)}" in text
    assert 'mitigation = ""' in text  # nobody has said one
    assert 'max-severity = ""' in text  # no report knows it
    assert call("waivers", "check") == 2


def test_a_full_disk_leaves_the_file_as_it_was(
    call: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any, **_more: Any) -> Any:
        raise OSError(28, "No space left on device")

    Path(FILE).write_text("# ours\n")
    monkeypatch.setattr("release_gate.adapters.committed.os.fdopen", full)
    assert call("waive", "B602", *ENOUGH) == 3
    assert "cannot be written: No space left on device" in capsys.readouterr().err
    assert Path(FILE).read_text() == "# ours\n"
    assert [one.name for one in Path().iterdir() if one.name.startswith(f".{FILE}")] == []
