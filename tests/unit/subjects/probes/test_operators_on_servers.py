"""Every operator against a real server: one that is right, and at least two that are wrong.

Each red one must say what was expected and what came.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.subjects.probes.answer import Answer
from release_gate.subjects.probes.expectation import Expectation, operator_names
from release_gate.subjects.probes.operators import judge
from release_gate.subjects.probes.outcome import Outcome
from support.checks import deployment, outcome
from support.servers.web import Reply, web

pytestmark = pytest.mark.gates


def body(value: Any, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status=status, json=value, headers=named)


def asked(folder: Path, expect: dict[str, Any], reply: Reply) -> Outcome:
    table = {"name": "one", "http": {"path": "/"}, "expect": [expect]}
    with web({"/": reply}) as server:
        return outcome(folder, _toml(table), deployment(server.url))


def _toml(table: dict[str, Any]) -> str:
    return f"checks = [{_inline(table)}]"


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {_inline(inner)}' for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return msgspec.json.encode(value).decode()


UP = {"on": "json", "path": "$.status"}
N = {"on": "json", "path": "$.n"}
LIST = {"on": "json", "path": "$.list"}

# operator, expectation, green answer, then red answers with what must be said of each.
CASES: list[tuple[str, dict[str, Any], Reply, list[tuple[Reply, str]]]] = [
    (
        "equals",
        UP | {"equals": "ok"},
        body({"status": "ok"}),
        [
            (body({"status": "down"}), 'json $.status: expected "ok", actual "down"'),
            (body({"status": True}), 'json $.status: expected "ok", actual true (boolean)'),
        ],
    ),
    (
        "equals",
        N | {"equals": 1},
        body({"n": 1}),
        [
            (body({"n": True}), "json $.n: expected 1, actual true (boolean)"),
            (body({"n": "1"}), 'json $.n: expected 1, actual "1" (string)'),
        ],
    ),
    (
        "not-equals",
        UP | {"not-equals": "down"},
        body({"status": "ok"}),
        [
            (body({"status": "down"}), 'json $.status: expected not "down", actual "down"'),
            (body({"other": "ok"}), 'json $.status: expected not "down", actual nothing matched'),
        ],
    ),
    (
        "in",
        {"on": "status", "in": [200, 204]},
        body({}, 200),
        [
            (body({}, 500), "status: expected one of 200, 204, actual 500"),
            (body({}, 404), "status: expected one of 200, 204, actual 404"),
        ],
    ),
    (
        "matches",
        UP | {"matches": "^v\\d+$"},
        body({"status": "v12"}),
        [
            (body({"status": "12"}), 'json $.status: expected matches "^v\\\\d+$", actual "12"'),
            (body({"status": 12}), "actual 12 (integer)"),
        ],
    ),
    (
        "contains",
        {"on": "body", "contains": "ready"},
        Reply(body=b"all ready"),
        [
            (Reply(body=b"starting"), 'body: expected contains "ready", actual "starting"'),
            (Reply(body=b""), 'body: expected contains "ready", actual ""'),
        ],
    ),
    (
        "contains",
        LIST | {"contains": 2},
        body({"list": [1, 2]}),
        [
            (body({"list": [1, "2"]}), 'expected contains 2, actual [1, "2"]'),
            (body({"list": "12"}), 'expected contains 2, actual "12"'),
        ],
    ),
    (
        "exists",
        {"on": "header", "name": "X-Request-Id", "exists": True},
        body({}, X_Request_Id="1"),
        [
            (body({}), "header X-Request-Id: expected to exist, actual absent"),
            (body({}, X_Request="1"), "header X-Request-Id: expected to exist, actual absent"),
        ],
    ),
    (
        "absent",
        {"on": "header", "name": "X-Powered-By", "absent": True},
        body({}),
        [
            (body({}, X_Powered_By="a"), 'X-Powered-By: expected to be absent, actual "a"'),
            (body({}, x_powered_by=""), 'X-Powered-By: expected to be absent, actual ""'),
        ],
    ),
    (
        "absent",
        {"on": "json", "path": "$.error", "absent": True},
        body({"status": "ok"}),
        [
            (body({"error": None}), "json $.error: expected to be absent, actual null"),
            (Reply(body=b"<html>"), "json cannot be read: it is not JSON"),
        ],
    ),
    (
        "type",
        N | {"type": "integer"},
        body({"n": 3}),
        [
            (body({"n": True}), "json $.n: expected type integer, actual true (boolean)"),
            (body({"n": 3.5}), "json $.n: expected type integer, actual 3.5 (number)"),
        ],
    ),
    (
        "less",
        N | {"less": {"on": "json", "path": "$.limit"}},
        body({"n": 3, "limit": 4}),
        [
            (body({"n": 4, "limit": 4}), "expected less than json $.limit, actual 4 against 4"),
            (body({"n": 3}), "the limit json $.limit: 0 values match"),
            (body({"n": 3, "limit": "9"}), 'the limit is no number: "9"'),
        ],
    ),
    (
        "less-equal",
        N | {"less-equal": 4},
        body({"n": 4}),
        [
            (body({"n": 4.01}), "json $.n: expected at most 4, actual 4.01"),
            (body({"n": "4"}), 'expected at most 4, actual "4" (string), which is no number'),
        ],
    ),
    (
        "greater",
        {"on": "header", "name": "Retry-After", "greater": 0},
        body({}, Retry_After="5"),
        [
            (body({}, Retry_After="0"), 'header Retry-After: expected more than 0, actual "0"'),
            (body({}, Retry_After="soon"), '"soon" (string), which is no number'),
            (body({}), "header Retry-After: expected more than 0, actual absent"),
        ],
    ),
    (
        "greater-equal",
        {
            "on": "header",
            "name": "Strict-Transport-Security",
            "directive": "max-age",
            "greater-equal": 31536000,
        },
        body({}, Strict_Transport_Security="max-age=31536000; includeSubDomains; preload"),
        [
            (
                body({}, Strict_Transport_Security="max-age=300"),
                "max-age: expected at least 31536000, actual 300",
            ),
            (
                body({}, Strict_Transport_Security="preload"),
                "max-age: expected at least 31536000, actual absent",
            ),
            (
                body({}, Strict_Transport_Security="max-age=0, max-age=99999999"),
                "expected at least 31536000, actual 0",
            ),
        ],
    ),
    (
        "length",
        LIST | {"length": {"less-equal": 2}},
        body({"list": [1, 2]}),
        [
            (body({"list": [1, 2, 3]}), "expected length at most 2, actual of length 3: [1, 2, 3]"),
            (body({"list": 2}), "expected length at most 2, actual 2 (integer)"),
        ],
    ),
    (
        "count",
        {"on": "json", "path": "$.list[?@.up == true]", "count": 2},
        body({"list": [{"up": True}, {"up": True}]}),
        [
            (body({"list": [{"up": True}]}), "expected count exactly 2, actual 1"),
            (body({"list": [{"up": 1}, {"up": "true"}]}), "expected count exactly 2, actual 0"),
        ],
    ),
    (
        "count",
        {"on": "json", "path": "$.list[*]", "count": {"less": 5}},
        body({"list": [1]}),
        [
            (body({"list": [1, 2, 3, 4, 5]}), "expected count less than 5, actual 5"),
            (body({"lists": [1]}), "expected count less than 5, actual nothing matched"),
        ],
    ),
    (
        "each",
        LIST | {"each": {"path": "$.state", "equals": "up"}},
        body({"list": [{"state": "up"}, {"state": "up"}]}),
        [
            (
                body({"list": [{"state": "up"}, {"state": "down"}]}),
                '[1] $.state: expected "up", actual "down"',
            ),
            (body({"list": []}), "an empty list: nothing matched"),
            (body({"list": {}}), 'actual an object; "each" is for lists'),
            (body({"list": [{"state": "up"}, {}]}), "[1] $.state: expected"),
        ],
    ),
    (
        "schema",
        {
            "on": "json",
            "path": "$",
            "schema": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}},
            },
        },
        body({"id": "7"}),
        [
            (body({"id": 7}), "expected the schema, actual $.id: 7 is not of type 'string'"),
            (body({"no": 7}), "actual $: 'id' is a required property"),
            (body([]), "actual $: [] is not of type 'object'"),
        ],
    ),
    (
        "unique",
        {"on": "json", "path": "$.list[*].id", "unique": True},
        body({"list": [{"id": 1}, {"id": 2}]}),
        [
            (body({"list": [{"id": 1}, {"id": 1}]}), "expected no value twice, actual 1 stands"),
            (body({"list": []}), "expected no value twice, actual nothing matched"),
        ],
    ),
    (
        "unique",
        LIST | {"unique": True},
        body({"list": [1, True, "1"]}),
        [
            (body({"list": ["a", "b", "a"]}), '"a" stands more than once'),
            (body({"list": []}), "an empty list"),
        ],
    ),
]

GREEN = [
    pytest.param(expect, green, id=f"{name}-{n}")
    for n, (name, expect, green, _) in enumerate(CASES)
]
RED = [
    pytest.param(expect, reply, said, id=f"{name}-{n}-{m}")
    for n, (name, expect, _, reds) in enumerate(CASES)
    for m, (reply, said) in enumerate(reds)
]


def test_every_operator_has_a_case_with_two_red_ones() -> None:
    assert {name for name, *_ in CASES} == set(operator_names())
    assert all(len(reds) >= 2 for *_, reds in CASES)


@pytest.mark.parametrize(("expect", "reply"), GREEN)
def test_right_answer_passes(tmp_path: Path, expect: dict[str, Any], reply: Reply) -> None:
    one = asked(tmp_path, expect, reply)
    assert (one.state, one.reason) == ("passed", "")


@pytest.mark.parametrize(("expect", "reply", "said"), RED)
def test_wrong_answer_never_passes_and_says_expected_and_actual(
    tmp_path: Path, expect: dict[str, Any], reply: Reply, said: str
) -> None:
    one = asked(tmp_path, expect, reply)
    assert one.state in {"failed", "unjudged"}
    assert said in one.reason
    assert "expected" in one.reason
    assert "actual" in one.reason


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(body=b""), id="empty"),
        pytest.param(Reply(body=b"ok"), id="text"),
        pytest.param(Reply(body=b'{"status": "ok"'), id="cut off"),
        pytest.param(Reply(body=b'{"status": "ok", "status": "down"}'), id="a key twice"),
        pytest.param(Reply(body=b'{"status": "ok", "n": NaN}'), id="not a number"),
        pytest.param(Reply(body=b"[" * 100_000), id="too deep"),
        pytest.param(Reply(body=b'{"status": "\xff"}'), id="not UTF-8"),
        pytest.param(body([]), id="an empty list"),
        pytest.param(body({}), id="an empty object"),
        pytest.param(body(None), id="null"),
    ],
)
@pytest.mark.parametrize("operator", [{"equals": "ok"}, {"type": "string"}, {"not-equals": "x"}])
def test_a_body_that_cannot_be_judged_is_no_pass_and_no_failure(
    tmp_path: Path, reply: Reply, operator: dict[str, Any]
) -> None:
    one = asked(tmp_path, UP | operator, reply)
    assert one.state == "unjudged"


def test_a_failure_is_a_failure_even_where_the_body_cannot_be_read(tmp_path: Path) -> None:
    toml = """
    [[checks]]
    name = "health"
    http = { path = "/" }
    expect = [
      { on = "status", equals = 200 },
      { on = "json", path = "$.status", equals = "ok" },
    ]
    """
    with web({"/": Reply(status=502, body=b"<h1>Bad Gateway</h1>")}) as server:
        one = outcome(tmp_path, toml, deployment(server.url))
    assert one.state == "failed"
    assert "status: expected 200, actual 502" in one.reason


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_no_number_is_below_a_limit(number: float) -> None:
    expectation = msgspec.convert({"on": "duration", "less": 5}, Expectation)
    (told,) = judge(expectation, Answer(values={"duration": number}))
    assert told.colour == "unjudged"


@pytest.mark.parametrize("value", [{"a": 1}, "text", 7])
def test_what_is_no_list_is_not_unique(tmp_path: Path, value: Any) -> None:
    one = asked(tmp_path, LIST | {"unique": True}, body({"list": value}))
    assert (one.state, "which is no list" in one.reason) == ("failed", True)


def test_one_value_of_a_path_for_many_is_unique(tmp_path: Path) -> None:
    many = {"on": "json", "path": "$.list[*].id", "unique": True}
    assert asked(tmp_path, many, body({"list": [{"id": 1}]})).state == "passed"


@pytest.mark.parametrize("operator", ["contains", "matches"])
def test_an_empty_text_is_nothing_to_look_for(tmp_path: Path, operator: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="an empty text is found in every text"):
        msgspec.convert({"on": "body", operator: ""}, Expectation)
    table = {"name": "one", "http": {"path": "/"}, "capture": {"id": UP}}
    expect = [{"on": "body", operator: "${id}"}]
    with web({"/": body({"status": ""})}) as server:
        one = outcome(tmp_path, _toml(table | {"expect": expect}), deployment(server.url))
    assert (one.state, "nothing to look for" in one.reason) == ("unjudged", True)


def test_a_number_too_long_for_a_float_is_compared(tmp_path: Path) -> None:
    one = asked(tmp_path, N | {"less": 5}, Reply(body=b'{"n": ' + b"9" * 400 + b"}"))
    assert (one.state, one.reason[:34]) == ("failed", "json $.n: expected less than 5, ac")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"n": 1e400}', "too large a number"),
        (b'{"n": -1e400}', "too large a number"),
        (b'{"n": "\\ud800"}', "half a character"),
        (b'{"\\uDFFF": 1}', "half a character"),
    ],
)
def test_json_that_readers_differ_about_is_not_judged(
    tmp_path: Path, text: bytes, reason: str
) -> None:
    one = asked(tmp_path, {"on": "json", "path": "$", "exists": True}, Reply(body=text))
    assert (one.state, reason in one.reason) == ("unjudged", True)


def test_a_whole_character_in_two_halves_is_read(tmp_path: Path) -> None:
    reply = Reply(body=b'{"status": "\\ud83d\\ude00"}')
    assert asked(tmp_path, UP | {"equals": "\U0001f600"}, reply).state == "passed"


def test_an_answer_that_is_too_deep_for_a_path_is_not_judged(tmp_path: Path) -> None:
    reply = Reply(body=b'{"a":' * 400 + b"1" + b"}" * 400)
    one = asked(tmp_path, {"on": "json", "path": "$..b", "absent": True}, reply)
    assert (one.state, "nested too deeply" in one.reason) == ("unjudged", True)
