"""The checklist's file: every mistake with its file, line and key."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest

from release_gate.checklists import Automatic, Manual
from release_gate.errors import ChecklistError
from release_gate.model import Severity
from release_gate.plan.checklist import parse_checklist

pytestmark = pytest.mark.unit

FILE = "release-gate-checklist.toml"
GATES = ("lint", "load")


def files(patterns: tuple[str, ...], changed: bool) -> Mapping[str, str]:
    return {f"{pattern}:{changed}": "digest" for pattern in patterns}


def parse(text: str) -> object:
    return parse_checklist(text, FILE, files, GATES)


def test_an_empty_file_is_an_empty_checklist() -> None:
    found = parse_checklist("", FILE, files, GATES)
    assert (found.items, found.windows, found.freezes, found.policy) == ((), (), (), None)
    assert not found.holds("pre-release", None)


def test_items_of_every_kind_are_read() -> None:
    text = """
[people]
ann = ["ann@example.com", "github:ann"]
[roles]
security = ["ann", "bob@example.com"]
[policy-changes]
approvers = 2
roles = ["security"]
[[item]]
id = "lint"
gate = "lint"
[[item]]
id = "fast"
title = "Fast enough"
gate = "load"
metric = "p95"
at-most = 99.9
every-days = 30
[[item]]
id = "calm"
gate = "lint"
findings = { severity = ["unknown", "low"], rule = "S*", max = 2 }
[[item]]
id = "reviewed"
phase = "day-1"
environments = ["production"]
approvers = 2
roles = ["security"]
people = ["github:eve"]
signature = true
files = ["migrations/*.py"]
changed = true
[[item]]
id = "drill"
every-days = 90
"""
    found = parse_checklist(text, FILE, files, GATES)
    lint, fast, calm, reviewed, drill = found.items
    assert lint.automatic == Automatic(gate="lint")
    assert fast.automatic == Automatic(
        gate="load", metric="p95", at_most=Fraction("99.9"), every_days=30
    )
    assert calm.automatic is not None
    assert calm.automatic.severities == {Severity.HIGH, Severity.LOW}
    assert (calm.automatic.rule, calm.automatic.most) == ("S*", 2)
    assert reviewed.manual == Manual(
        approvers=2,
        people=("github:eve", "ann", "bob@example.com"),
        files={"migrations/*.py:True": "digest"},
        changed_only=True,
        signature=True,
    )
    assert (reviewed.phase, reviewed.environments) == ("day-1", ("production",))
    assert drill.manual == Manual(every_days=90)
    assert found.policy == Manual(approvers=2, people=("ann", "bob@example.com"))
    assert found.holds("day-1", "production")
    assert not found.holds("day-1", None)
    assert found.holds("pre-release", None)


def test_windows_and_freezes_are_read_with_their_zones() -> None:
    text = """
[[window]]
days = ["mon", "fri"]
begins = 08:00:00
ends = 16:30:00
zone = "Europe/Berlin"
[[freeze]]
begins = 2026-12-20
ends = 2027-01-06
reason = "holidays"
"""
    found = parse_checklist(text, FILE, files, GATES)
    assert found.windows[0].days == {0, 4}
    assert found.windows[0].ends.isoformat() == "16:30:00"
    assert found.freezes[0].ends.isoformat() == "2027-01-06"
    assert found.zones() == {"Europe/Berlin", "UTC"}
    assert found.holds("any-phase", "anywhere")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[[item]]\nid = 'a'\nid = 'b'\n", 3, "not TOML"),
        ("[[items]]\nid = 'a'\n", 1, 'unknown key "items" in the top level; did you mean "item"?'),
        ("[[item]]\ntitle = 'a'\n", 1, '"item[0].id" is missing'),
        ("[[item]]\nid = 'A b'\n", 2, "is no name"),
        ("[[item]]\nid = 'a'\n[[item]]\nid = 'a'\n", 4, 'the id "a" stands twice'),
        ("[[item]]\nid = 'a'\ngate = 'lnit'\n", 3, 'no gate "lnit"; did you mean "lint"?'),
        ("[[item]]\nid = 'a'\nmetric = 'p95'\n", 3, 'metric needs the key "gate"'),
        ("[[item]]\nid = 'a'\nfindings = {}\n", 3, 'findings needs the key "gate"'),
        ("[[item]]\nid = 'a'\ngate = 'lint'\nmetric = 'x'\n", 4, "needs at-least or at-most"),
        ("[[item]]\nid = 'a'\ngate = 'lint'\nat-most = 1\n", 4, 'at-most needs the key "metric"'),
        ("[[item]]\nid = 'a'\ngate = 'lint'\napprovers = 2\n", 4, "contradict each other"),
        ("[[item]]\nid = 'a'\ngate = 'lint'\npeople = ['a@b']\n", 4, "contradict each other"),
        ("[[item]]\nid = 'a'\napprovers = 0\n", 3, "must be at least 1"),
        ("[[item]]\nid = 'a'\nroles = ['x']\n", 3, 'there is no role "x"'),
        ("[[item]]\nid = 'a'\npeople = ['ann']\n", 1, 'there is no "ann" in [people]'),
        ("[[item]]\nid = 'a'\nchanged = true\n", 3, 'changed needs the key "files"'),
        ("[[item]]\nid = 'a'\nfiles = ['x']\nevery-days = 3\n", 4, "contradict each other"),
        ("[[window]]\nzone = 'Mars/Base'\n", 2, 'there is no time zone "Mars/Base"'),
        ("[[window]]\nzone = '../etc'\n", 2, "there is no time zone"),
        ("[[window]]\nbegins = 10:00:00\nends = 09:00:00\n", 3, "later than begins"),
        ("[[window]]\ndays = ['funday']\n", 2, "must be one of 'fri', 'mon'"),
        ("[[freeze]]\nbegins = 2026-01-02\nends = 2026-01-01\nreason='x'\n", 3, "not be before"),
        ("[[freeze]]\nbegins = '2026-01-02'\n", 1, "missing"),
        ("[[freeze]]\nbegins = 2026-01-02\nends = 2026-01-03\nreason=' '\n", 4, "empty"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(text: str, line: int, said: str) -> None:
    with pytest.raises(ChecklistError) as caught:
        parse(text)
    assert (caught.value.file, caught.value.line) == (FILE, line)
    assert said in caught.value.what
    assert caught.value.what.count(FILE) == 1
    assert caught.value.exit_code == 2
