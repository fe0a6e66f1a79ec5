from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.subjects.probes.contract import Observation, ProbeFailed, ProbeProblem
from release_gate.subjects.services.env import PROBE
from release_gate.subjects.services.env_relations import RELATIONS
from support.probing import Asked, look, world
from support.services import dsn

pytestmark = pytest.mark.unit

ENVIRONMENT = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": dsn("pw-one-two", "db.example.org:6432/orders", scheme="postgresql+asyncpg"),
    "MIGRATION_URL": dsn("pw-three-4", "db.example.org:5432/orders", "owner"),
    "REPLICA_URL": dsn("pw-one-two", "replica.example.org/orders"),
    "HEARTBEAT": "30",
    "TTL": "2m",
    "ORIGINS": "https://a.example.org,https://b.example.org",
    "EMPTY": "",
    "STRIPE_KEY": "sk-live-hidden-value",
}


def ask(root: Path, **settings: Any) -> Observation:
    kebab = {key.replace("_", "-"): value for key, value in settings.items()}
    return look(PROBE, kebab, world(root, ENVIRONMENT))


def test_rules_that_hold_are_counted(tmp_path: Path) -> None:
    seen = ask(
        tmp_path,
        set=["DATABASE_URL", "STRIPE_KEY"],
        unset=["TEST_ENDPOINT"],
        equals={"ENVIRONMENT": "production"},
        matches={"DATABASE_URL": r"postgresql\+asyncpg://.+:6432/.+"},
        forbidden={"ORIGINS": r"\*|http://"},
        members={"ORIGINS": ["https://a.example.org"]},
        same_host=[["DATABASE_URL", "MIGRATION_URL"]],
        same_database=[["DATABASE_URL", "MIGRATION_URL"]],
        different_port=[["DATABASE_URL", "MIGRATION_URL"]],
        differs=[["DATABASE_URL", "REPLICA_URL"]],
        less=[["HEARTBEAT", "TTL"]],
        needed_if={"STRIPE_KEY": "DATABASE_URL", "GONE": "ALSO_GONE"},
    )
    assert seen.values == {"checked": 14}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"set": ["GONE"]}, "GONE is not set, expected a value"),
        ({"set": ["EMPTY"]}, "EMPTY is empty, expected a value"),
        ({"unset": ["EMPTY"]}, "EMPTY is set, expected it not to be"),
        ({"unset": ["ENVIRONMENT"]}, "ENVIRONMENT is set, expected it not to be"),
        ({"equals": {"ENVIRONMENT": "staging"}}, 'has another value, expected "staging"'),
        ({"equals": {"GONE": "x"}}, "GONE is not set"),
        ({"matches": {"ENVIRONMENT": "prod"}}, 'has another form, expected it to match "prod"'),
        ({"forbidden": {"ORIGINS": "example"}}, "holds what is forbidden"),
        ({"forbidden": {"GONE": "example"}}, "GONE is not set"),
        ({"members": {"ORIGINS": ["https://c.example.org"]}}, "lacks members, expected https://c"),
        ({"same_host": [["DATABASE_URL", "REPLICA_URL"]]}, "lead to different hosts"),
        ({"same_host": [["DATABASE_URL", "GONE"]]}, "GONE has no value to compare"),
        ({"same_host": [["DATABASE_URL", "TTL"]]}, "one is no URL"),
        ({"different_port": [["REPLICA_URL", "MIGRATION_URL"]]}, "have the same port"),
        ({"same": [["DATABASE_URL", "REPLICA_URL"]]}, "differ, expected the same value"),
        ({"differs": [["TTL", "TTL"]]}, "have the same value"),
        ({"less": [["TTL", "HEARTBEAT"]]}, "are the wrong way round"),
        ({"less": [["HEARTBEAT", "ENVIRONMENT"]]}, "neither a number nor a length of time"),
        ({"needed_if": {"GONE": "TTL"}}, "GONE is not set, expected a value since TTL is set"),
    ],
)
def test_a_rule_that_does_not_hold_fails_and_shows_no_value(
    tmp_path: Path, rule: dict[str, Any], said: str
) -> None:
    with pytest.raises(ProbeFailed) as caught:
        ask(tmp_path, **rule)
    shown = str(caught.value) + " ".join(caught.value.detail)
    assert said in shown
    assert not [value for value in ENVIRONMENT.values() if len(value) > 3 and value in shown]


def test_what_a_secret_should_be_is_not_shown_either(tmp_path: Path) -> None:
    with pytest.raises(ProbeFailed) as caught:
        ask(tmp_path, equals={"STRIPE_KEY": "sk-live-expected"})
    assert str(caught.value) == "STRIPE_KEY has another value (probe-failed)"


def test_every_rule_that_does_not_hold_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProbeFailed, match=r"A is not set.*\(and 2 more\)") as caught:
        ask(tmp_path, set=["A", "B"], unset=["TTL"])
    assert len(caught.value.detail) == 3


def test_files_of_two_deployments_are_compared_and_hidden(tmp_path: Path) -> None:
    (tmp_path / "staging.env").write_text(f"export DSN='{dsn('staging-pw', 's/d')}' # note\n\n")
    (tmp_path / "production.json").write_text(json.dumps({"DSN": dsn("live-pw-1", "p/d"), "N": 3}))
    asked = Asked()
    files = {"staging": "staging.env", "production": "production.json"}
    rules = {"differs": [["staging:DSN", "production:DSN"]], "equals": {"production:N": "3"}}
    look(PROBE, {"files": files, **rules}, world(tmp_path, hide=asked.hidden.append))
    assert {"staging-pw", "live-pw-1"} <= set(asked.hidden)
    with pytest.raises(ProbeFailed, match="lead to different hosts"):
        look(PROBE, {"files": files, "same-host": rules["differs"]}, world(tmp_path))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file"),
        ("", "holds no variable"),
        ("# nothing\n", "holds no variable"),
        ("{}", "holds no variable"),
        ("A=1\nA=2\n", r"x\.env:2 sets A a second time"),
        ("A=1\nrm -rf\n", r"x\.env:2 is no line like NAME=value"),
        ('{"A": 1, "A": 2}', "a key stands twice"),
        ("{", "it is not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_cannot_be_judged(
    tmp_path: Path, content: str | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "x.env").write_text(content)
    with pytest.raises(ProbeProblem, match=said):
        ask(tmp_path, files={"x": "x.env"}, unset=["x:B"])


def test_a_name_of_an_unknown_file_cannot_be_judged(tmp_path: Path) -> None:
    with pytest.raises(ProbeProblem, match="no file is called stagin"):
        ask(tmp_path, unset=["stagin:DSN"])


@pytest.mark.parametrize(
    "content",
    [
        "TTL=1\nENVIRONMENT=\n",
        "TTL\nENVIRONMENT # the name of it\n",
        '["TTL", "ENVIRONMENT"]',
        '[{"name": "TTL"}, {"name": "ENVIRONMENT", "updatedAt": "2026"}]',
        '{"TTL": {}, "ENVIRONMENT": {}}',
    ],
)
def test_names_agree_with_a_list_of_another_place(tmp_path: Path, content: str) -> None:
    (tmp_path / "names").write_text(content)
    assert ask(tmp_path, set=["TTL", "ENVIRONMENT"], named_in=["names"]).values["checked"] == 2
    with pytest.raises(ProbeFailed, match="HEARTBEAT is not named in names"):
        ask(tmp_path, set=["TTL", "HEARTBEAT"], named_in=["names"])


@pytest.mark.parametrize("content", ["", "[]", '[{"title": "TTL"}]', "two words"])
def test_a_list_that_names_nothing_cannot_be_judged(tmp_path: Path, content: str) -> None:
    (tmp_path / "names").write_text(content)
    with pytest.raises(ProbeProblem, match="names"):
        ask(tmp_path, set=["TTL"], named_in=["names"])


@pytest.mark.parametrize(
    "settings", [{}, {"files": {"a": "b"}}, {"matches": {"A": "("}}, {"named-in": ["x"]}]
)
def test_settings_that_check_nothing_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(settings, type=PROBE.settings)


@given(st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True))
def test_less_holds_only_between_two_numbers_in_order(one: float, other: float) -> None:
    holds = RELATIONS["less"](str(one), str(other)) is None
    infinite = {float("inf"), float("-inf")}
    assert holds is (one < other and not {one, other} & infinite)


@given(st.sampled_from(sorted(RELATIONS)), st.text(min_size=1), st.text(min_size=1))
def test_no_relation_ever_shows_a_value(key: str, one: str, other: str) -> None:
    said = RELATIONS[key](f"<{one}>", f"<{other}>")
    assert said is None or (f"<{one}>" not in said and f"<{other}>" not in said)
