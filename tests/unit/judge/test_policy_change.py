"""What a change does to the policy that judges it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from release_gate.errors import BaselineError
from release_gate.judge.baseline import Baseline, BaselineEntry, Mark
from release_gate.judge.baseline_layout import render
from release_gate.judge.fingerprints import fingerprint
from release_gate.judge.policy_change import changes, rule
from release_gate.model import Severity
from release_gate.trust import PolicySide, PolicySides, Ruling

pytestmark = pytest.mark.unit

KINDS = {"coverage": "coverage", "lint": "lint", "own": ""}


def side(settings: Mapping[str, Any] | None = None, **more: Any) -> PolicySide:
    values = {"file": "pyproject.toml", "gates": KINDS, "settings": settings or {}}
    return PolicySide(**{**values, **more})


def ruled(
    before: PolicySide,
    after: PolicySide,
    approved: Mapping[str, str] | None = None,
    trusted: PolicySide | None = None,
) -> Ruling:
    sides = PolicySides(before=before, after=after, trusted=trusted or before)
    return rule(sides, lambda _findings: approved or {})


def messages(before: PolicySide, after: PolicySide) -> list[tuple[str, str]]:
    found = ruled(before, after).evidence.findings
    return [(one.severity.value, one.message) for one in found]


def gates(**tables: Mapping[str, Any]) -> dict[str, Any]:
    return {"gates": {name.replace("_", "-"): dict(table) for name, table in tables.items()}}


NEEDS = "policy change needs approval: "
SHOWN = "policy change: "


def test_an_unchanged_policy_needs_nothing() -> None:
    ruling = ruled(side({"expected": ["lint"]}), side({"expected": ["lint"]}))

    assert ruling.evidence.findings == ()
    assert (ruling.approved, ruling.changed) == (True, False)
    assert ruling.evidence.examined.count > 0
    assert ruling.evidence.notes == ("policy as at the base",)


def test_a_lowered_limit_names_old_and_new_value() -> None:
    before = side(gates(coverage={"fail-under": 80}))
    after = side(gates(coverage={"fail-under": 60}))

    assert messages(before, after) == [("high", f"{NEEDS}gates.coverage.fail-under: 80 → 60")]
    ruling = ruled(before, after)
    assert (ruling.approved, ruling.changed) == (False, True)
    assert ruling.evidence.notes == ("1 policy change needs approval",)
    assert "waiver" in ruling.evidence.findings[0].fix


def test_a_raised_limit_of_a_built_in_kind_is_shown_and_blocks_nothing() -> None:
    before = side(gates(coverage={"fail-under": 80}))
    after = side(gates(coverage={"fail-under": 90.5}))

    assert messages(before, after) == [("info", f"{SHOWN}gates.coverage.fail-under: 80 → 90.5")]
    assert ruled(before, after).approved
    assert ruled(before, after).evidence.notes == ("1 tightened or approved",)


def test_the_same_key_of_a_kind_that_is_not_ours_may_mean_anything() -> None:
    before = side(gates(own={"fail-under": 80}))
    after = side(gates(own={"fail-under": 90}))

    assert messages(before, after)[0][0] == "high"


def test_a_kind_that_changed_is_no_tightening_of_its_keys() -> None:
    before = side(gates(coverage={"fail-under": 80}))
    after = side(gates(coverage={"fail-under": 90}), gates={**KINDS, "coverage": "other"})

    assert messages(before, after)[0][0] == "high"


@pytest.mark.parametrize(
    ("old", "new", "tightens"),
    [
        (["a", "b"], ["a", "b", "c"], True),
        (["a", "b"], ["b", "a"], True),
        (["a", "b"], ["a"], False),
        (["a"], ["b"], False),
        (None, ["a", "b", "c"], False),
        (["a"], None, False),
    ],
)
def test_the_list_of_expected_gates_may_only_grow(old: Any, new: Any, *, tightens: bool) -> None:
    before = side({} if old is None else {"expected": old})
    after = side({} if new is None else {"expected": new})

    assert [one == "info" for one, _ in messages(before, after)] == [tightens]


def test_a_new_gate_only_adds_and_one_that_goes_does_not() -> None:
    ours = {**KINDS, "extra": "lint"}
    with_more = side(gates(extra={"kind": "lint", "max": 5}), gates=ours)

    assert messages(side(), with_more) == [
        ("info", SHOWN + 'gates.extra: not set → {"kind": "lint", "max": 5}')
    ]
    assert messages(side(gates(own={})), side())[0][0] == "high"


def test_a_new_table_of_a_kind_that_is_not_ours_may_stand_for_what_ran_without_one() -> None:
    skipped = side(gates(extra={"skip-reason": "no"}), gates={**KINDS, "extra": ""})
    renamed = side(gates(extra={"kind": "own", "enforce": False}), gates={**KINDS, "extra": ""})

    assert messages(side(), skipped)[0][0] == "high"
    assert messages(side(), renamed)[0][0] == "high"


def test_a_checklist_alone_is_a_policy() -> None:
    assert PolicySide(has_checklist=True).is_there
    assert not PolicySide().is_there


def test_files_that_the_formatter_leaves_out_loosen() -> None:
    place = "pyproject.toml [tool.ruff] ruff"
    before = side(tools={place: {"format": {"quote-style": "single"}}})
    after = side(tools={place: {"format": {"quote-style": "double", "exclude": ["a.py"]}}})

    assert [one for one, _ in messages(before, after)] == ["high", "info"]


@pytest.mark.parametrize("change", [{"message": "it is new"}, {"newer": ((2, "c" * 64),)}])
def test_whatever_else_an_entry_of_the_baseline_is_matched_by_needs_approval(
    change: dict[str, Any],
) -> None:
    entry = BaselineEntry(
        gate_id="own", rule_id="R1", path="a.py", fingerprint="a" * 64, message="it is old"
    )
    old, new = (
        render(Baseline(salt="00" * 16, entries=(one,)))
        for one in (entry, replace(entry, **change))
    )

    assert [one for one, _ in messages(side(baseline=old), side(baseline=new))] == ["high"]


def test_a_new_table_that_overrides_a_gate_of_ours_loosens() -> None:
    after = side(gates(extra={"kind": "lint", "override": True}))

    assert messages(side(), after)[0][0] == "high"


def test_a_table_for_a_gate_that_ran_without_one_is_a_change_of_each_key() -> None:
    found = messages(side(), side(gates(lint={"enforce": False, "deadline": "5m"})))

    assert found == [
        ("info", f'{SHOWN}gates.lint.deadline: not set → "5m"'),
        ("high", f"{NEEDS}gates.lint.enforce: not set → false"),
    ]


def test_an_empty_table_is_a_change_too() -> None:
    assert [one for one, _ in messages(side(), side({"gates": {"lint": {}}}))] == ["high"]
    assert [one for one, _ in messages(side(), side({"base": {}}))] == ["high"]


def test_an_environment_that_comes_or_goes_is_one_change() -> None:
    there = {"environments": {"live": {"target": "https://x.example", "production": True}}}

    assert len(messages(side(), side(there))) == 1
    assert messages(side(there), side())[0][0] == "high"


def test_keys_of_an_environment_tighten_only_from_value_to_value() -> None:
    def at(**keys: Any) -> PolicySide:
        return side({"environments": {"live": {"gates": {"coverage": keys}}}})

    assert messages(at(**{"max-skipped": 4}), at(**{"max-skipped": 3}))[0][0] == "info"
    assert messages(at(deadline="1m"), at(**{"deadline": "1m", "max-skipped": 3}))[0][0] == "high"


def test_a_configuration_that_moved_or_went_is_named() -> None:
    before = side({"expected": ["lint"]})

    assert messages(before, replace(before, file="release-gate.toml")) == [
        ("high", NEEDS + "the configuration moved from pyproject.toml to release-gate.toml")
    ]
    gone = messages(before, side({}, file=None))
    assert gone[0] == ("high", NEEDS + "the configuration in pyproject.toml is gone")
    assert messages(side(file=None), side()) == []


def test_a_gate_that_no_longer_applies_is_named() -> None:
    after = side(lost={"coverage": "no Python files in the source"})

    assert messages(side(), after) == [
        (
            "high",
            (
                f"{NEEDS}gate coverage applied at the base and no longer does: "
                "no Python files in the source"
            ),
        )
    ]


def test_gate_files_and_templates_are_compared_by_content() -> None:
    before = side(files={"gates/a.py": "1", "gates/b.py": "1", "gates/c.py": "1"})
    after = side(files={"gates/a.py": "2", "gates/c.py": "1", "gates/d.py": "1"})

    assert [text for _, text in messages(before, after)] == [
        f"{NEEDS}gates/a.py, which judges or renders this change, changed",
        f"{NEEDS}gates/b.py, which judges or renders this change, is gone",
        f"{NEEDS}gates/d.py, which judges or renders this change, is new",
    ]


def baseline(*names: str, salt: str = "s", label: str = "accepted", **more: Any) -> str:
    entries = tuple(
        BaselineEntry(
            gate_id="security",
            rule_id="B602",
            path="a.py",
            fingerprint=hashlib.sha256(name.encode()).hexdigest(),
            label=label,
        )
        for name in names
    )
    return render(Baseline(salt=salt, entries=entries, **more))


def test_an_entry_more_in_the_baseline_needs_approval_and_one_less_does_not() -> None:
    more = messages(side(baseline=baseline("a")), side(baseline=baseline("a", "b")))
    less = messages(side(baseline=baseline("a", "b")), side(baseline=baseline("a")))

    assert [one for one, _ in more] == ["high"]
    assert "the baseline accepts one more: security B602 a.py" in more[0][1]
    assert [one for one, _ in less] == ["info"]
    assert "no longer accepts" in less[0][1]


def test_a_first_baseline_and_the_last_one_are_judged_by_their_entries() -> None:
    first = messages(side(), side(baseline=baseline("a", "b")))
    last = messages(side(baseline=baseline("a")), side())

    assert [one for one, _ in first] == ["high", "high"]
    assert [one for one, _ in last] == ["info"]


def test_another_salt_needs_approval() -> None:
    found = messages(side(baseline=baseline("a")), side(baseline=baseline("a", salt="t")))

    assert [one for one, _ in found] == ["high"]
    assert "salt is another one" in found[0][1]


@pytest.mark.parametrize(
    ("old", "new", "severity"),
    [("accepted", "confirmed", "info"), ("confirmed", "false-positive", "high")],
)
def test_a_label_may_only_get_worse(old: str, new: str, severity: str) -> None:
    found = messages(
        side(baseline=baseline("a", label=old)), side(baseline=baseline("a", label=new))
    )

    assert [one for one, _ in found] == [severity]
    assert f'"{old}"' in found[0][1]


@pytest.mark.parametrize(
    ("metric", "old", "new", "severity"),
    [
        ("coverage", ["80"], ["80", "85"], "info"),
        ("coverage", ["80"], ["85"], "info"),
        ("coverage", ["80", "70"], ["80.0"], "info"),
        ("coverage", ["80"], ["70"], "high"),
        ("findings", ["8"], ["7"], "info"),
        ("findings", ["8"], ["9"], "high"),
        ("unheard-of", ["8"], ["7"], "high"),
        ("unheard-of", ["8"], ["7", "8"], "info"),
        ("coverage", [], ["80"], "info"),
        ("coverage", ["80"], [], "high"),
    ],
)
def test_a_mark_of_a_ratchet_may_come_and_get_better(
    metric: str, old: list[str], new: list[str], severity: str
) -> None:
    def marked(values: list[str]) -> PolicySide:
        marks = tuple(Mark(gate_id="own", metric=metric, value=one) for one in values)
        return side(baseline=baseline(marks=marks))

    found = messages(marked(old), marked(new))
    assert [one for one, _ in found] == [severity]
    assert f"the ratchet own {metric} in the baseline changed: " in found[0][1]


def test_only_the_layout_of_a_baseline_is_no_change() -> None:
    text = baseline("a")
    other = text.replace('": "', '":  "')

    assert messages(side(baseline=text), side(baseline=other)) == []


def test_a_baseline_that_cannot_be_read_is_named_with_its_side() -> None:
    broken = side(baseline="cut", baseline_file="main:release-gate-baseline.jsonl")

    with pytest.raises(BaselineError, match=r"^main:release-gate-baseline\.jsonl"):
        ruled(broken, side())


WAIVER = """
[[waiver]]
id = "W-2026-001"
expires = 2026-03-01
max-count = 2
"""


@pytest.mark.parametrize(
    ("old", "new", "severity", "said"),
    [
        (None, WAIVER, "high", "is new"),
        (WAIVER, None, "info", "is gone"),
        (WAIVER, WAIVER.replace("03-01", "02-01"), "info", "changed"),
        (WAIVER, WAIVER.replace("03-01", "04-01"), "high", "changed"),
        (WAIVER, WAIVER.replace("2026-03-01", '"2026-02-01"'), "high", "changed"),
        (WAIVER, WAIVER.replace("= 2\n", "= 1\n"), "info", "changed"),
        (WAIVER, WAIVER.replace("= 2\n", "= 9\n"), "high", "changed"),
        (WAIVER, WAIVER + 'gate = "lint"\n', "high", "changed"),
    ],
)
def test_waivers_may_go_end_earlier_and_cover_less(
    old: str | None, new: str | None, severity: str, said: str
) -> None:
    assert messages(side(waivers=old), side(waivers=new)) == [
        (severity, f"{SHOWN if severity == 'info' else NEEDS}waiver W-2026-001 {said}")
    ]


def test_whatever_else_stands_in_the_file_of_waivers_is_compared_too() -> None:
    assert len(messages(side(waivers=WAIVER), side(waivers=f"odd = 1\n{WAIVER}"))) == 1
    assert len(messages(side(waivers=WAIVER), side(waivers=WAIVER + WAIVER))) == 1
    assert messages(side(waivers=WAIVER), side(waivers=WAIVER + "\n# a remark\n")) == []
    assert messages(side(waivers="x ="), side(waivers="y ="))[0][0] == "high"


def test_settings_of_tools_are_part_of_the_policy() -> None:
    place = "pyproject.toml [tool.coverage] coverage"

    def at(**report: Any) -> PolicySide:
        return side(tools={place: {"report": report}})

    lowered = messages(at(fail_under=80), at(fail_under=60))
    assert lowered == [("high", f'{NEEDS}"{place}".report.fail_under: 80 → 60')]
    assert messages(at(fail_under=60), at(fail_under=80))[0][0] == "info"
    assert messages(at(omit=["a"]), at(omit=["a", "b"]))[0][0] == "high"
    assert messages(at(omit=["a", "b"]), at(omit=["a"]))[0][0] == "info"
    assert messages(at(), at(unknown_key=1))[0][0] == "high"
    assert messages(at(sort="name"), at(sort="cover"))[0][0] == "info"


def test_a_tool_file_that_nobody_can_read_is_one_setting() -> None:
    before = side(tools={"setup.cfg ": {"(unreadable)": "1"}})
    after = side(tools={"setup.cfg ": {"(unreadable)": "2"}})

    assert [one for one, _ in messages(before, after)] == ["high"]


LOW, HIGH = gates(coverage={"fail-under": 60}), gates(coverage={"fail-under": 80})


def test_an_approval_is_for_one_change_from_one_value_to_one_value() -> None:
    before, after = side(HIGH), side(LOW)
    digest = fingerprint(ruled(before, after).evidence.findings[0])

    ruling = ruled(before, after, {digest: "waiver W-2026-001"})
    assert ruling.approved
    assert ruling.evidence.findings[0].severity is Severity.INFO
    assert ruling.evidence.findings[0].message == (
        f"{SHOWN}gates.coverage.fail-under: 80 → 60 (approved: waiver W-2026-001)"
    )
    lower = ruled(before, side(gates(coverage={"fail-under": 10})), {digest: "somebody"})
    assert not lower.approved


def test_the_identity_of_a_change_does_not_depend_on_its_approval() -> None:
    before, after = side(HIGH), side(LOW)
    one = fingerprint(ruled(before, after).evidence.findings[0])

    assert one == fingerprint(ruled(before, after, {one: "x"}).evidence.findings[0])


def test_one_approved_change_of_two_is_not_enough() -> None:
    before = side({**HIGH, "allow-dirty": False})
    after = side({**LOW, "allow-dirty": True})
    found = ruled(before, after).evidence.findings

    ruling = ruled(before, after, {fingerprint(found[0]): "x"})
    assert not ruling.approved
    assert [one.severity for one in ruling.evidence.findings] == [Severity.INFO, Severity.HIGH]


def test_what_the_trusted_commit_has_by_now_is_no_change() -> None:
    ruling = ruled(side(HIGH), side(LOW), trusted=side(LOW))
    assert (ruling.approved, ruling.changed) == (True, False)


def test_a_change_stays_one_where_the_trusted_commit_went_elsewhere() -> None:
    ruling = ruled(side(HIGH), side(LOW), trusted=side(gates(coverage={"fail-under": 90})))
    assert not ruling.approved


def test_what_only_the_trusted_commit_changed_is_no_change_of_the_branch() -> None:
    ruling = ruled(side(HIGH), side(HIGH), trusted=side(LOW))
    assert not ruling.changed


def test_two_changes_are_never_the_same_finding() -> None:
    before = side({**HIGH, "base": "a"}, tools={"x ruff": {"ignore": ["A"]}})
    after = side({**LOW, "base": "b"}, tools={"x ruff": {"ignore": ["B"]}})
    found = ruled(before, after).evidence.findings

    assert len({fingerprint(one) for one in found}) == len(found) == 3


def test_a_value_that_sounds_secret_or_holds_a_password_is_not_shown() -> None:
    before = side({"environments": {"live": {"target": "https://u:hunter22@x.example"}}})
    after = side(
        {
            "environments": {
                "live": {"target": "https://u:hunter33@x.example", "api-token": "q1w2e3"}
            }
        }
    )
    text = " ".join(text for _, text in messages(before, after))

    assert "hunter" not in text
    assert "q1w2e3" not in text


def test_a_long_value_is_cut() -> None:
    found = messages(side(), side({"base": "x" * 500}))

    assert len(found[0][1]) < 200


def test_the_order_is_fixed() -> None:
    before = side({"b": 1, "a": 1}, files={"z": "1", "y": "1"})
    after = side({"a": 2, "b": 2}, files={"y": "2", "z": "2"})

    assert [one.thing for one in changes(before, after)] == [
        ("a",),
        ("b",),
        ("file", "y"),
        ("file", "z"),
    ]
