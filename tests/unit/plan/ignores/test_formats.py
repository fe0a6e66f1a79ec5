"""Ignores of other tools: read without widening them, written without losing what they say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from release_gate.errors import ConfigError
from release_gate.plan.ignores.formats import READERS, WRITERS, format_of
from release_gate.plan.ignores.types import Ignore, Ignores, is_vulnerability, last_day
from release_gate.policy import Match
from support.waiving import waiver

pytestmark = pytest.mark.unit

LAST = date(2026, 12, 31)


def read(kind: str, text: str) -> Ignores:
    return READERS[kind](text, "f")


def rules(kind: str, text: str) -> list[str]:
    return [one.rule for one in read(kind, text).kept]


def refusal(kind: str, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(kind, text)
    return str(caught.value)


def left(kind: str, text: str) -> str:
    found = read(kind, text)
    assert found.kept == ()
    (why,) = found.left
    return why


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        (".trivyignore", "", "trivy"),
        (".trivyignore.yaml", "", "trivy-yaml"),
        (".grype.yaml", "", "grype"),
        (".snyk", "", "snyk"),
        ("osv-scanner.toml", "", "osv-scanner"),
        ("ci.yml", "run: pip-audit --ignore-vuln X-1", "pip-audit"),
        ("ci.yml", "run: true", None),
    ],
)
def test_a_file_is_known_by_its_name_or_content(name: str, text: str, kind: str | None) -> None:
    assert format_of(name, text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "pip-audit --ignore-vuln CVE-2026-1",
        "pip-audit --ignore-vuln=CVE-2026-1 -r x",
        'args: ["--ignore-vuln", "CVE-2026-1"]',
        "args:\n  - --ignore-vuln\n  - CVE-2026-1\n",
        "pip-audit --ignore-vuln \\\n  CVE-2026-1",
    ],
)
def test_pip_audit_is_told_in_many_ways(text: str) -> None:
    assert rules("pip-audit", text) == ["CVE-2026-1"]


def test_pip_audit_comments_are_not_in_force() -> None:
    said = "pip-audit --ignore-vuln GHSA-a-b-c --ignore-vuln PYSEC-2026-1"
    text = f"# --ignore-vuln CVE-2026-1\n{said}\n"
    kept = read("pip-audit", text).kept
    assert kept == (Ignore(rule="GHSA-a-b-c", line=2), Ignore(rule="PYSEC-2026-1", line=2))
    assert "there is no --ignore-vuln in it" in refusal("pip-audit", "# --ignore-vuln CVE-1-1\n")
    assert "without an id" in left("pip-audit", "pip-audit --ignore-vuln $IDS")


def test_osv_scanner_entries_are_read_with_their_end() -> None:
    text = (
        '[[IgnoredVulns]]\nid = "GHSA-1"\nignoreUntil = 2027-01-01\nreason = "why"\n'
        '[[IgnoredVulns]]\nid = "CVE-2"\nignoreUntil = 2027-01-01T01:00:00+01:00\n'
        '[[IgnoredVulns]]\nid = "CVE-3"\n[[PackageOverrides]]\nname = "x"\n'
    )
    found = read("osv-scanner", text)
    assert found.kept == (
        Ignore(rule="GHSA-1", reason="why", until=LAST, line=1),
        Ignore(rule="CVE-2", until=LAST, line=5),
        Ignore(rule="CVE-3", line=8),
    )
    assert found.left == ("f:10: PackageOverrides is not about one vulnerability",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[IgnoredVulns]]\nreason = 'x'\n", "f:1: an entry has no id"),
        ("IgnoredVulns = 3\n", '"IgnoredVulns" must be a list'),
        (
            "[[IgnoredVulns]]\nid = 'C-1'\nignoreUntil = '2027'\n",
            'f:3: "ignoreUntil" is not a date',
        ),
        ("[[", "not TOML"),
    ],
)
def test_osv_scanner_mistakes_have_their_line(text: str, said: str) -> None:
    assert said in refusal("osv-scanner", text)


def test_trivy_lines_are_read_with_end_and_reason() -> None:
    text = (
        "# heading\n\n# accepted by\n# the team\nCVE-2026-1 exp:2027-01-01\nAVD-1 # inline\nX-1\n"
    )
    assert read("trivy", text).kept == (
        Ignore(rule="CVE-2026-1", reason="accepted by the team", until=LAST, line=5),
        Ignore(rule="AVD-1", reason="inline", line=6),
        Ignore(rule="X-1", line=7),
    )
    assert "f:1: cannot be read" in refusal("trivy", "CVE-1 something else")
    assert "f:1: is no date: soon" in refusal("trivy", "CVE-1 exp:soon")


def test_trivy_yaml_is_read_by_place_and_package() -> None:
    text = """\
vulnerabilities:
  - id: CVE-2026-1
    purls: ["pkg:pypi/jinja2"]
    statement: why
    expired_at: 2027-01-01
  - id: CVE-2026-2
misconfigurations:
  - id: AVD-1
    paths: [a.tf, "b/*.tf"]
"""
    assert read("trivy-yaml", text).kept == (
        Ignore(rule="CVE-2026-1", package="pkg:pypi/jinja2", reason="why", until=LAST, line=2),
        Ignore(rule="CVE-2026-2", line=6),
        Ignore(rule="AVD-1", path="a.tf", line=8),
        Ignore(rule="AVD-1", path="b/*.tf", line=8),
    )


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        ("trivy-yaml", "secrets:\n  - id: aws\n", "a secret is waived by its fingerprint alone"),
        ("trivy-yaml", "licenses:\n  - id: GPL-3.0\n", "licenses are not waived by id"),
        (
            "trivy-yaml",
            "vulnerabilities:\n  - id: C-1\n    purls: ['pkg:pypi/a@1']\n",
            "a purl with a version narrows it",
        ),
        (
            "trivy-yaml",
            "vulnerabilities:\n  - id: C-1\n    purls: ['pkg:pypi/a']\n    paths: [x]\n",
            "paths and purls at once",
        ),
        ("trivy-yaml", "vulnerabilities:\n  - id: C-1\n    more: x\n", "more narrows it"),
        ("grype", "ignore:\n  - fix-state: unknown\n", "ignores more than a waiver may"),
        (
            "grype",
            "ignore:\n  - vulnerability: CVE-1\n    fix-state: wont-fix\n",
            "fix-state narrows it",
        ),
        (
            "grype",
            "ignore:\n  - vulnerability: CVE-1\n    package:\n      version: '1'\n",
            "version narrows it",
        ),
        (
            "grype",
            "ignore:\n  - vulnerability: CVE-1\n    package:\n      name: 'linux.*'\n",
            "is a pattern",
        ),
        (
            "snyk",
            "ignore:\n  S-1:\n    - 'a > b > c': {reason: x}\n",
            "the way a > b > c narrows it",
        ),
    ],
)
def test_what_a_waiver_cannot_say_is_left_out_by_name(kind: str, text: str, why: str) -> None:
    assert why in left(kind, text)


def test_grype_rules_are_read() -> None:
    text = """\
ignore:
  - vulnerability: CVE-2026-1
    reason: why
    include-aliases: true
    package: {name: jinja2, location: /usr/lib/**}
  - vulnerability: CVE-2026-2
"""
    assert read("grype", text).kept == (
        Ignore(rule="CVE-2026-1", package="jinja2", path="usr/lib/**", reason="why", line=2),
        Ignore(rule="CVE-2026-2", line=6),
    )


def test_snyk_ignores_are_read() -> None:
    text = """\
version: v1.25.0
ignore:
  SNYK-PYTHON-JINJA2-1:
    - '*':
        reason: why
        expires: 2027-01-01T00:00:00.000Z
  SNYK-2:
    - '* > jinja2@3.1':
        reason: other
patch:
  SNYK-3: [{x: {patched: y}}]
"""
    found = read("snyk", text)
    assert found.kept == (
        Ignore(rule="SNYK-PYTHON-JINJA2-1", reason="why", until=LAST, line=5),
        Ignore(rule="SNYK-2", package="jinja2", reason="other", line=9),
    )
    assert found.left == ("f:11: patch is not about one vulnerability",)
    assert read("snyk", "ignore:\n").kept == ()


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("snyk", "version: v1\n", 'there is no table "ignore"'),
        ("snyk", "ignore: [1]\n", 'there is no table "ignore"'),
        ("snyk", "ignore:\n  S-1: x\n", "S-1 has no list of paths"),
        ("snyk", "ignore:\n  S-1:\n    - '*':\n        expires: soon\n", "f:4: is no date: soon"),
        ("grype", "x: 1\n", 'there is no key "ignore"'),
        ("grype", "ignore: x\n", '"ignore" must be a list'),
        ("trivy-yaml", "- x\n", "it has no sections"),
        ("trivy-yaml", "vulnerabilities:\n  - statement: x\n", "f:2: an entry has no id"),
        ("trivy-yaml", "", "it is empty"),
        ("trivy-yaml", "a: [", "not YAML"),
        ("trivy-yaml", "a: 1\na: 2\n", 'f:2: key "a" stands twice'),
        ("trivy-yaml", "? [a]\n: 1\n", "a key that is no text"),
        ("trivy-yaml", "a: &x [1]\nb: *x\n", "it has an alias"),
        ("trivy-yaml", "a: " + "[" * 30 + "]" * 30, "nested too deeply"),
        ("trivy-yaml", "a: " + "[" * 3000 + "]" * 3000, "nested too deeply"),
        ("trivy-yaml", "a: \x01", "not YAML"),
        ("trivy-yaml", "a: 1\n---\nb: 2\n", "not YAML"),
    ],
)
def test_mistakes_are_refused(kind: str, text: str, said: str) -> None:
    assert said in refusal(kind, text)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (date(2027, 1, 1), LAST),
        (datetime(2027, 1, 1, tzinfo=UTC), LAST),
        (datetime(2027, 1, 1), LAST),  # noqa: DTZ001 - as some files have it
        (datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2027, 1, 1, 1, tzinfo=timezone(timedelta(hours=14))), date(2026, 12, 31)),
    ],
)
def test_the_last_whole_day_before_an_end(moment: Any, day: date) -> None:
    assert last_day(moment) == day


def test_vulnerabilities_are_told_from_other_rules() -> None:
    assert is_vulnerability("GHSA-a-b-c")
    assert is_vulnerability("cve-2026-1")
    assert not is_vulnerability("B602")


# Writing: what is written is read as the same, up to the same day.

ONE = waiver(match=Match(rule="CVE-2026-1", package="pkg:pypi/jinja2"), expires=LAST)


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_what_is_written_is_read_again(kind: str) -> None:
    written = WRITERS[kind]([ONE])
    (again,) = read(kind, written.text).kept
    assert again.rule == "CVE-2026-1"
    endless = kind in {"grype", "pip-audit"}
    assert again.until == (None if endless else LAST)
    assert (
        any("knows no end; this one ends on 2026-12-31" in one for one in written.left) is endless
    )


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_what_cannot_be_said_is_named(kind: str) -> None:
    by_print = waiver(id="W-2026-009", match=Match(fingerprint="a1" * 32))
    written = WRITERS[kind]([by_print])
    assert written.left[0].startswith("W-2026-009: ")
    assert "a1a1" not in written.text
    assert len(WRITERS[kind]([]).left) == 0


def test_empty_files_are_files_of_their_kind() -> None:
    assert read("snyk", WRITERS["snyk"]([]).text).kept == ()
    assert read("grype", WRITERS["grype"]([]).text).kept == ()


def test_a_place_is_kept_where_it_can_be_said() -> None:
    at = waiver(match=Match(rule="CVE-2026-1", path="uv.lock"))
    (again,) = read("grype", WRITERS["grype"]([at]).text).kept
    assert (again.path, again.package) == ("uv.lock", "")
    for kind in ("osv-scanner", "pip-audit", "snyk", "trivy"):
        assert "CVE-2026-1" not in WRITERS[kind]([at]).text


def test_snyk_takes_a_vulnerability_once() -> None:
    twin = waiver(id="W-2026-002", match=Match(rule="CVE-2026-1", package="flask"))
    written = WRITERS["snyk"]([ONE, twin])
    assert len(read("snyk", written.text).kept) == 1
    assert written.left[-1].startswith("W-2026-002: ")
