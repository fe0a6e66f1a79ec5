"""Which of a gate's findings the baseline of another tool names."""

from __future__ import annotations

from typing import Any

import pytest

from release_gate.cli.importing import Chosen, choose
from release_gate.judge.types import JudgedFinding, State
from release_gate.subjects.accepted.items import AcceptedItem
from support.judging import finding

pytestmark = pytest.mark.unit


def judged(fingerprint: str = "0" * 64, **changes: Any) -> JudgedFinding:
    return JudgedFinding(
        finding=finding(**changes), fingerprint=fingerprint, state=State.NEW, enforced=True
    )


def item(**changes: Any) -> AcceptedItem:
    values: dict[str, Any] = {
        "rule": "B602",
        "path": "src/orders/export.py",
        "message": "subprocess call with shell=True, 7 arguments",
    }
    return AcceptedItem(**{**values, **changes})


def chosen(findings: list[JudgedFinding], *items: AcceptedItem) -> Chosen:
    return choose(findings, items, "/home/me/orders")


def test_rule_path_and_words_name_a_finding_whatever_its_digits() -> None:
    result = chosen([judged()], item())
    assert (len(result.findings), result.missing) == (1, ())


@pytest.mark.parametrize(
    "other",
    [
        {"rule": "B603"},
        {"path": "src/orders/other.py"},
        {"message": "something else"},
        {"message": "something else", "line": 40},
    ],
)
def test_another_rule_path_or_text_names_none(other: dict[str, Any]) -> None:
    result = chosen([judged()], item(**other))
    assert result.findings == ()
    assert result.missing == (item(**other),)


def test_other_words_on_the_very_line_name_it_still() -> None:
    assert len(chosen([judged()], item(message="reworded", line=41)).findings) == 1


def test_an_absolute_path_below_the_root_is_the_same_file() -> None:
    assert len(chosen([judged()], item(path="/home/me/orders/src/orders/export.py")).findings) == 1
    assert chosen([judged()], item(path="/home/you/orders/src/orders/export.py")).findings == ()


def test_each_item_names_one_finding_and_no_more() -> None:
    three = [judged(line=n) for n in (9, 1, 5)]
    result = chosen(three, item(), item())
    assert sorted(one.finding.line or 0 for one in result.findings) == [1, 5]
    assert len(chosen(three[:1], item(), item()).missing) == 1


def test_our_own_fingerprint_comes_first() -> None:
    first, second = judged("a" * 64, line=1), judged("b" * 64, line=2)
    result = chosen([first, second], item(fingerprint="b" * 64))
    assert result.findings == (second,)


def test_a_finding_without_a_path_is_named_without_one() -> None:
    assert len(chosen([judged(path=None)], item(path="")).findings) == 1
