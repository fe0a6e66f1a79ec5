"""The file of waivers: what can be used, and of everything else file, line, key and fix."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.errors import ConfigError, WaiverError
from release_gate.model import Severity
from release_gate.plan.waiver_book import oddities, read_waiver_text, waiver_book
from release_gate.plan.waiver_keys import ApproverKeys, DayKeys, WaiverPolicyKeys
from release_gate.plan.waiver_text import appended, entry_text, next_id, refused
from release_gate.plan.waivers import parse_waivers, read_waivers, waiver_policy, with_authors
from release_gate.policy import MAX_DAYS, Author, Match, WaiverBook

pytestmark = pytest.mark.unit

ENTRY: dict[str, Any] = {
    "id": "W-2026-001",
    "type": "risk-accepted",
    "gate": "security",
    "match": {"rule": "B602", "path": "src/**"},
    "max-severity": "high",
    "reason": "the caller is a trusted cron job",
    "mitigation": "the command is a constant",
    "owner": "dev@example.invalid",
    "approver": "lead@example.invalid",
    "created": date(2026, 1, 2),
    "expires": date(2026, 1, 31),
}
GONE: Any = None


def text(**changes: Any) -> str:
    """One entry; line 1 is a comment, line 2 its header."""
    renamed = {name.replace("_", "-"): value for name, value in changes.items()}
    return "# ours\n" + entry_text({**ENTRY, **renamed})


def refusal(content: str) -> str:
    with pytest.raises(WaiverError) as caught:
        parse_waivers(content, "w.toml")
    assert caught.value.exit_code == 2
    assert caught.value.remedy or "did you mean" in caught.value.what
    return str(caught.value)


def test_an_entry_is_read_whole() -> None:
    (one,) = parse_waivers(
        text(environments=["staging"], max_count=3, tracking="https://x/7")
    ).waivers
    assert (one.id, one.type, one.gate, one.max_count) == (
        "W-2026-001",
        "risk-accepted",
        "security",
        3,
    )
    assert one.match == Match(rule="B602", path="src/**")
    assert (one.created, one.expires) == (date(2026, 1, 2), date(2026, 1, 31))
    assert (one.max_severity, one.environments) == (Severity.HIGH, ("staging",))
    assert (one.line, one.lines[0], one.authors) == (2, 2, None)
    assert str(one.match) == "rule B602, path src/**"


def test_what_is_left_out_has_its_default() -> None:
    (one,) = parse_waivers(text(type="fix-deferred", mitigation=GONE)).waivers
    assert (one.max_count, one.environments, one.mitigation, one.tracking) == (1, (), "", "")


@pytest.mark.parametrize("content", ["", "# nothing\n", "\ufeff# mark\n"])
def test_an_empty_file_has_no_waivers(content: str) -> None:
    assert parse_waivers(content, "w.toml") == WaiverBook(file="w.toml")


FINGERPRINT = "0a" * 32


@pytest.mark.parametrize(
    "match",
    [
        {"fingerprint": FINGERPRINT},
        {"rule": "CVE-2026-1", "package": "jinja2"},
        {"rule": "AWS1", "resource": "aws_s3_bucket.*"},
        {"rule": "40012", "url": "GET /orders/{id}"},
        {"rule": "B602", "path": "setup.py"},
        {"rule": "B602", "path": "**/conftest.py"},
        {"rule": "B602", "path": "src/**/*.py"},
        {"rule": "B602", "path": "src/a.py", "package": "jinja2"},
    ],
)
def test_a_match_names_something(match: dict[str, str]) -> None:
    (one,) = parse_waivers(text(match=match)).waivers
    assert one.match.parts() == match


@pytest.mark.parametrize(
    ("match", "said"),
    [
        ({}, "names neither a fingerprint nor a rule and where"),
        ({"rule": "B602"}, "names neither"),
        ({"path": "src/a.py"}, "names neither"),
        ({"rule": "*", "path": "src/a.py"}, 'has a wildcard in "rule"'),
        ({"rule": "B602", "package": "jinja*"}, 'has a wildcard in "package"'),
        ({"rule": "B602", "url": "/orders/*"}, 'has a wildcard in "url"'),
        ({"rule": "B602", "path": "*"}, 'has a bare wildcard as "path"'),
        ({"rule": "B602", "path": "**"}, "bare wildcard"),
        ({"rule": "B602", "path": "**/*"}, "bare wildcard"),
        ({"rule": "B602", "path": "**/*.py"}, "bare wildcard"),
        ({"rule": "B602", "path": "*.py"}, "bare wildcard"),
        ({"rule": "B602", "path": "./*"}, "bare wildcard"),
        ({"rule": "B602", "path": "?*/**"}, "bare wildcard"),
        ({"rule": "B602", "path": "."}, "bare wildcard"),
        ({"rule": "AWS1", "resource": "*"}, 'bare wildcard as "resource"'),
        ({"rule": "B602", "path": "/etc/x"}, '"path" that leads out'),
        ({"rule": "B602", "path": "src/../x"}, '"path" that leads out'),
        ({"rule": "B602", "path": "src\\x"}, '"path" that leads out'),
        ({"rule": "B602", "url": "https://x/orders"}, '"url" that is no path'),
        ({"fingerprint": FINGERPRINT, "rule": "B602"}, "has a fingerprint and more"),
        ({"fingerprint": FINGERPRINT[:12]}, "not 64 digits"),
        ({"fingerprint": FINGERPRINT.upper()}, "not 64 digits"),
        ({"rule": "B602", "paht": "x"}, 'unknown key "paht"'),
        ({"rule": "", "path": "x"}, "must not be empty"),
        ({"rule": "B602", "path": " "}, "must not be empty"),
    ],
)
def test_a_match_never_names_everything_or_nothing(match: dict[str, str], said: str) -> None:
    found = refusal(text(match=match))
    assert said in found
    assert found.startswith("w.toml:6: ")
    assert "W-2026-001" in found


@pytest.mark.parametrize(
    ("changes", "line", "said"),
    [
        ({"id": "W1"}, 3, '"id" in waiver W1 is no id'),
        ({"id": "W-26-001"}, 3, "is no id"),
        ({"type": "whatever"}, 4, '"type" in waiver W-2026-001 must be one of'),
        ({"gate": "No Gate"}, 5, "is no name"),
        ({"max_severity": "critical"}, 7, '"max-severity" in waiver W-2026-001 must be one of'),
        ({"max_severity": "unknown"}, 7, "must be one of"),
        ({"max_count": 0}, 8, "must be at least 1"),
        ({"reason": "because it is so"}, 8, "has 16 characters, 20 are the least"),
        ({"reason": "x" + " " * 30 + "y"}, 8, "has 3 characters"),
        ({"mitigation": GONE}, 2, '"mitigation" in waiver W-2026-001 is missing'),
        ({"mitigation": ""}, 9, "is empty"),
        ({"owner": ""}, 10, '"owner" in waiver W-2026-001 is empty'),
        ({"owner": " "}, 10, "must not be empty"),
        ({"approver": GONE}, 2, '"approver" is missing in waiver W-2026-001'),
        ({"approver": "DEV@example.invalid"}, 11, "who is its owner"),
        ({"approver": "@dev"}, 11, "who is its owner"),
        ({"created": GONE}, 2, '"created" is missing'),
        ({"created": "2026-01-02"}, 12, '"created" in waiver W-2026-001 is not a date'),
        ({"expires": "31.01.2026"}, 13, "is not a date: 31.01.2026"),
        ({"expires": 20260131}, 13, "is not a date"),
        ({"expires": date(2026, 1, 1)}, 13, "is before 2026-01-02, its beginning"),
        ({"tracking": "issue 7"}, 14, '"tracking" in waiver W-2026-001 is no address'),
        ({"environments": []}, 7, "environments"),
        ({"environments": ["Pro d"]}, 7, "is no name"),
    ],
)
def test_every_mistake_has_its_line_its_key_and_its_fix(
    changes: dict[str, Any], line: int, said: str
) -> None:
    found = refusal(text(**changes))
    assert said in found
    assert found.startswith(f"w.toml:{line}: ")
    assert "(waiver-invalid)" in found


@pytest.mark.parametrize(
    "day", ["2026-01-31T00:00:00Z", "2026-01-31T10:00:00", "10:00:00", "true", "[]", "{}"]
)
def test_a_day_is_a_date_without_a_time(day: str) -> None:
    broken = text().replace("2026-01-31", day)
    assert '"expires" in waiver W-2026-001 is not a date' in refusal(broken)


def test_a_misspelt_key_is_refused_with_the_right_one() -> None:
    found = refusal(text().replace("approver =", "aprover ="))
    assert (
        'w.toml:11: unknown key "aprover" in waiver W-2026-001; did you mean "approver"?' in found
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[[waivers]]\n", 'w.toml:1: unknown key "waivers"; did you mean "waiver"?'),
        ("version = 2\n", 'w.toml:1: unknown key "version"'),
        ("[waiver]\n", 'w.toml:1: "waiver" must be a list of tables'),
        ("waiver = [1]\n", "must be a list of tables"),
        ("[[waiver]]\n", "is missing in waiver number 1"),
        ("[[waiver]]\nid = 7\n", "number 1"),
        ("[[waiver]]\nid = 'W-2026-001\n", "w.toml:2: not TOML"),
        ("waiver = \n", "not TOML"),
        ("[[waiver]", "not TOML"),
        ("[[waiver]]\nmax-count = nan\n", "must be a finite number"),
    ],
)
def test_what_is_no_file_of_waivers_is_refused(content: str, said: str) -> None:
    assert said in refusal(content)


def test_an_id_stands_once() -> None:
    found = refusal(text() + text())
    assert 'w.toml:16: "id" in waiver W-2026-001 is the id of the entry on line 2 too' in found


def test_the_first_mistake_says_how_many_more_there_are() -> None:
    content = text(owner="") + text(id="W-2026-002") + text(id="W-2026-003", reason="no")
    assert "1 more: release-gate waivers check lists them" in refusal(content)
    book, errors = read_waivers(content)
    assert [one.id for one in book.waivers] == ["W-2026-002"]
    assert len(errors) == 2


@given(st.text(max_size=200))
def test_law_any_text_is_read_or_refused(content: str) -> None:
    book, errors = read_waivers(content)
    assert errors or all(one.id for one in book.waivers)


# Who wrote it.

DEV = Author(name="Dev", email="dev@example.invalid")
OTHER = Author(name="Other", email="other@example.invalid")


def test_every_line_of_an_entry_has_its_author() -> None:
    book = parse_waivers(text())
    lines = [DEV] * 20
    assert with_authors(book, lines).waivers[0].authors == (DEV,)
    lines[8] = OTHER
    assert with_authors(book, lines).waivers[0].authors == (DEV, OTHER)
    lines[0] = OTHER  # a comment is not of the entry
    assert with_authors(book, lines).waivers[0].authors == (DEV, OTHER)


@pytest.mark.parametrize("lines", [[DEV] * 5, [DEV] * 8 + [None] + [DEV] * 9, []])
def test_a_line_without_an_author_leaves_the_entry_without(lines: list[Author | None]) -> None:
    (one,) = with_authors(parse_waivers(text()), lines).waivers
    assert one.authors is None
    assert "git does not know the author of each of its lines" in one.unknown_author


class History:
    """Stands in for git: one author for every line."""

    def __init__(self, lines: int = 99) -> None:
        self.lines = lines
        self.asked: list[tuple[str, str | None]] = []

    def present_author(self) -> Author:
        return DEV

    def authors_since(self, commit: str | None) -> frozenset[str]:
        return frozenset()

    def line_authors(self, relative: str, commit: str | None = None) -> tuple[Author, ...]:
        self.asked.append((relative, commit))
        return (DEV,) * self.lines


def test_the_history_is_asked_for_the_commit_that_the_text_is_from() -> None:
    history = History()
    book = waiver_book(text(), "w.toml", history, "c" * 40)
    assert book is not None
    assert book.waivers[0].authors == (DEV,)
    assert history.asked == [("w.toml", "c" * 40)]


def test_a_file_without_waivers_asks_nobody() -> None:
    history = History()
    assert waiver_book(None, "w.toml", history) is None
    assert waiver_book("# none\n", "w.toml", history) == WaiverBook(file="w.toml")
    assert history.asked == []


def test_without_git_nobody_can_say() -> None:
    book = waiver_book(text(), "w.toml", None)
    assert book is not None
    assert (book.waivers[0].authors, book.waivers[0].unknown_author) == (
        None,
        "this is not a git repository",
    )


def test_names_that_nothing_has_are_odd() -> None:
    book = parse_waivers(text(gate="secruity", environments=["stagin"]))
    assert list(oddities(book, {"security"}, {"staging"})) == [
        'waiver W-2026-001: there is no gate "secruity"; did you mean "security"?',
        'waiver W-2026-001: there is no environment "stagin"; did you mean "staging"?',
    ]
    assert list(oddities(parse_waivers(text()), {"security"}, ())) == []
    assert list(oddities(None, (), ())) == []


# Reading.


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_waiver_text(tmp_path, "w.toml") is None


def test_a_link_that_leads_nowhere_or_out_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "nowhere.toml").symlink_to(root / "gone")
    (tmp_path / "out").write_text("")
    (root / "out.toml").symlink_to(tmp_path / "out")
    for name, said in (("nowhere.toml", "leads nowhere"), ("out.toml", "out of the root")):
        with pytest.raises(WaiverError, match=said):
            read_waiver_text(root, name)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_bytes(b"\xff")
    with pytest.raises(WaiverError, match=r"w\.toml: it is not UTF-8"):
        read_waiver_text(tmp_path, "w.toml")
    (tmp_path / "folder").mkdir()
    with pytest.raises(WaiverError, match="folder: it cannot be read"):
        read_waiver_text(tmp_path, "folder")


# The policy.


def test_one_list_is_for_every_severity() -> None:
    made = waiver_policy(WaiverPolicyKeys(approvers=("a@x", "b@x"), warn_days=7, strict=True))
    assert set(made.approvers.values()) == {("a@x", "b@x")}
    assert Severity.CRITICAL not in made.approvers
    assert (made.warn_days, made.strict, made.max_days) == (7, True, MAX_DAYS)


def test_a_severity_that_is_not_named_has_nobody() -> None:
    made = waiver_policy(WaiverPolicyKeys(approvers=ApproverKeys(low=("a@x",))))
    assert made.approvers == {Severity.LOW: ("a@x",)}
    assert waiver_policy(WaiverPolicyKeys()).approvers == {}


def test_days_can_be_fewer() -> None:
    made = waiver_policy(WaiverPolicyKeys(max_days=DayKeys(high=7)))
    assert (made.max_days[Severity.HIGH], made.max_days[Severity.LOW]) == (7, 180)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("max-days = { high = 31 }", "must be at most 30"),
        ("max-days = { medium = 91 }", "must be at most 90"),
        ("max-days = { low = 181 }", "must be at most 180"),
        ("max-days = { high = 0 }", "must be at least 1"),
        ("max-days = { critical = 1 }", 'unknown key "critical"'),
        ("approvers = []", "approvers"),
        ("approvers = { critical = ['a'] }", 'unknown key "critical"'),
        ("aprovers = ['a']", 'did you mean "approvers"'),
        ("warn-days = -1", "must be at least 0"),
    ],
)
def test_the_policy_can_only_be_tightened(desk: Any, keys: str, said: str) -> None:
    desk.configure(f"[waiver-policy]\n{keys}\n")
    with pytest.raises(ConfigError) as caught:
        desk.plan()
    assert said in str(caught.value)


# Writing.


def test_what_stands_there_stays_as_it_is() -> None:
    before = "# a note\r\n\r\n" + text().replace("\n", "\r\n") + "# the end"
    after = appended(before, [entry_text({**ENTRY, "id": "W-2026-002"})], "w.toml")
    assert after.startswith(before)
    assert "\n" not in after.replace("\r\n", "")
    assert [one.id for one in parse_waivers(after).waivers] == ["W-2026-001", "W-2026-002"]


def test_a_new_file_begins_with_what_it_is() -> None:
    after = appended(None, [entry_text(ENTRY, ["why\nthis"])], "w.toml")
    assert after.startswith("# Waivers of release-gate")
    assert "# why this\n[[waiver]]" in after


def test_what_is_no_toml_is_not_written_to() -> None:
    with pytest.raises(ConfigError, match="not TOML"):
        appended("waiver = \n", [entry_text(ENTRY)], "w.toml")


def test_an_inline_list_is_not_broken() -> None:
    before = "waiver = []\n"
    after = appended(before, [entry_text(ENTRY)], "w.toml")
    (error,) = refused(before, after, "w.toml")
    assert "not TOML" in str(error)


def test_mistakes_that_were_there_before_are_not_new() -> None:
    before = text(owner="")
    after = appended(before, [entry_text({**ENTRY, "id": "W-2026-002"})], "w.toml")
    assert list(refused(before, after, "w.toml")) == []
    worse = appended(before, [entry_text({**ENTRY, "id": "W-2026-002", "owner": ""})], "w.toml")
    assert len(list(refused(before, worse, "w.toml"))) == 1


@pytest.mark.parametrize(
    ("content", "year", "taken", "expected"),
    [
        ("", 2026, [], "W-2026-001"),
        (text(), 2026, [], "W-2026-002"),
        (text(), 2027, [], "W-2027-001"),
        ("# W-2026-041 was retired\n", 2026, [], "W-2026-042"),
        (text(), 2026, ["W-2026-002"], "W-2026-003"),
        ("id = 'W-2026-999'", 2026, [], "W-2026-1000"),
    ],
)
def test_ids_are_never_given_twice(
    content: str, year: int, taken: list[str], expected: str
) -> None:
    assert next_id(content, year, taken) == expected


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=20, max_size=60))
def test_law_any_reason_is_written_so_that_it_is_read(reason: str) -> None:
    book, errors = read_waivers(text(reason=reason))
    short = len(" ".join(reason.split())) < 20
    assert bool(errors) is short
    assert short or book.waivers[0].reason == reason
