"""The file of sign-offs: written whole, read with distrust."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.checklists import SignOff
from release_gate.errors import SignOffError
from release_gate.plan.ci_identity import actor
from release_gate.plan.github_approvals import approvals
from release_gate.plan.sign_offs import parse_sign_offs, payload, render_sign_offs

pytestmark = pytest.mark.unit

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE = SignOff(
    item="review", decision="go", who="ann@example.com", via="git", at=NOW, subject="tree:t"
)
HEADER, ROW = render_sign_offs([ONE]).splitlines()

texts = st.text(min_size=1, max_size=8).filter(str.strip)
sign_offs = st.builds(
    SignOff,
    item=texts,
    decision=st.sampled_from(["go", "no-go"]),
    who=texts,
    via=st.sampled_from(["git", "github", "gitlab", "ci", "github-environment"]),
    at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - bounds
        lambda at: at.replace(tzinfo=UTC)
    ),
    subject=texts,
    comment=st.text(max_size=5),
    signature=st.text(max_size=5),
)


@given(st.lists(sign_offs, max_size=5, unique=True))
def test_what_is_written_is_read_again_sorted(signed: list[SignOff]) -> None:
    text = render_sign_offs(signed)
    assert sorted(parse_sign_offs(text, "f"), key=repr) == sorted(signed, key=repr)
    assert render_sign_offs(parse_sign_offs(text, "f")) == text


@given(st.lists(sign_offs, min_size=1, max_size=3, unique=True), st.data())
def test_a_file_that_is_cut_off_within_a_line_is_refused(
    signed: list[SignOff], data: st.DataObject
) -> None:
    text = render_sign_offs(signed)
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    if not cut.endswith("\n"):
        with pytest.raises(SignOffError):
            parse_sign_offs(cut, "f")


def row(**changes: Any) -> str:
    return json.dumps({**json.loads(ROW), **changes})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not a JSON object"),
        ("[]", "not a JSON object"),
        (ROW.replace("{", '{"item": "x", ', 1), 'key "item" stands twice'),
        (row(more=""), 'unknown key "more"'),
        (json.dumps({"item": "x"}), 'missing key "at"'),
        (row(who=1), '"who" must be a text'),
        (row(who=" "), '"who" must be a text'),
        (row(decision="maybe"), '"decision" must be one of go, no-go, not "maybe"'),
        (row(via="mail"), '"via" must be one of'),
        (row(at="yesterday"), '"at" is no time: yesterday'),
        (row(at="2026-03-01T12:00:00"), '"at" has no time zone'),
    ],
)
def test_an_unusable_line_is_refused_with_its_number(line: str, said: str) -> None:
    with pytest.raises(SignOffError) as caught:
        parse_sign_offs(f"{HEADER}\n{line}\n", "f")
    assert caught.value.what.startswith("f:2: ")
    assert said in caught.value.what


@pytest.mark.parametrize(
    "text", ["", "\n", ROW + "\n", HEADER.replace("1}", "2}") + "\n", HEADER[:-1] + ', "a": 1}\n']
)
def test_a_file_without_the_known_header_is_refused(text: str) -> None:
    with pytest.raises(SignOffError):
        parse_sign_offs(text, "f")


def test_a_line_that_stands_twice_is_refused() -> None:
    with pytest.raises(SignOffError, match=r"f:3: the line stands twice"):
        parse_sign_offs(f"{HEADER}\n{ROW}\n{ROW}\n", "f")


def test_times_are_written_in_utc() -> None:
    elsewhere = replace(ONE, at=NOW.astimezone(timezone(timedelta(hours=5))))
    assert json.loads(render_sign_offs([elsewhere]).splitlines()[1])["at"] == NOW.isoformat()


def test_a_signature_is_made_over_everything_but_itself() -> None:
    assert payload(ONE) == payload(replace(ONE, signature="s"))
    for change in (
        {"item": "x"},
        {"decision": "no-go"},
        {"who": "x"},
        {"via": "ci"},
        {"at": NOW + timedelta(seconds=1)},
        {"subject": "x"},
        {"comment": "x"},
    ):
        assert payload(ONE) != payload(replace(ONE, **change))


# Stands in for the service, in the shape that its reference documents.
APPROVED = {
    "state": "approved",
    "comment": "Ship it",
    "user": {"login": "ann", "id": 1},
    "environments": [{"name": "production"}],
}


def taken(*rows: Any) -> list[SignOff]:
    return list(approvals(json.dumps(rows), "a.json", "review", "tree:t", NOW))


def test_approvals_of_a_github_environment_become_sign_offs() -> None:
    rejected = {**APPROVED, "state": "rejected", "comment": ""}
    pending = {**APPROVED, "state": "pending"}
    first, second = taken(APPROVED, rejected, pending)
    assert (first.decision, first.who, first.via, first.comment) == (
        "go",
        "github:ann",
        "github-environment",
        "Ship it",
    )
    assert (second.decision, second.subject, second.at) == ("no-go", "tree:t", NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        "[]",
        "[1]",
        json.dumps([{**APPROVED, "state": "perhaps"}]),
        json.dumps([{**APPROVED, "user": None}]),
        json.dumps([{**APPROVED, "user": {"login": ""}}]),
        json.dumps({"message": "Not Found"}),
    ],
)
def test_an_answer_that_holds_no_approval_is_refused(text: str) -> None:
    with pytest.raises(SignOffError, match=r"a\.json"):
        list(approvals(text, "a.json", "review", "tree:t", NOW))


@pytest.mark.parametrize(
    ("environment", "who"),
    [
        ({}, None),
        ({"GITHUB_ACTOR": "ann"}, None),
        ({"GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "ann"}, "github:ann"),
        (
            {
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTOR": "ann",
                "GITHUB_TRIGGERING_ACTOR": "bob",
            },
            "github:bob",
        ),
        ({"GITHUB_ACTIONS": "true"}, None),
        ({"GITLAB_CI": "true", "GITLAB_USER_LOGIN": "ann"}, "gitlab:ann"),
        ({"GITLAB_CI": "true"}, None),
    ],
)
def test_who_runs_a_job_is_read_from_the_variables_of_its_system(
    environment: dict[str, str], who: str | None
) -> None:
    assert actor(environment) == who
