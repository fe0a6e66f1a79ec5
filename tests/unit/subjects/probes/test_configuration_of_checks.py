"""What the configuration of checks refuses, before anything is sent, with file and line."""

# ruff: noqa: E501 - inline tables of TOML cannot be broken

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from release_gate.errors import ConfigError
from release_gate.plan.decoding import decode
from release_gate.plan.document import parse_document
from release_gate.subjects.smoke.reading import suite_of
from release_gate.subjects.smoke.settings import SmokeSettings
from release_gate.testing import project
from support.checks import deployment, settings_of

pytestmark = pytest.mark.unit

OK = '[{ on = "status", equals = 200 }]'


def complaint(toml: str) -> tuple[int | None, str]:
    document = parse_document(toml, "release-gate.toml")
    with pytest.raises(ConfigError) as caught:
        decode(document, SmokeSettings)
    return caught.value.line, caught.value.what


def check(*lines: str) -> str:
    return "\n".join(["[[checks]]", 'name = "a"', *lines])


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        ((f"expect = {OK}",), 2, "exactly one of"),
        (
            ('http = { path = "/" }', 'tcp = { host = "a", port = 1 }', f"expect = {OK}"),
            2,
            "http and tcp",
        ),
        (('http = { path = "/" }',), 1, "expect is missing"),
        (('http = { path = "/" }', "expect = []"), 4, "expect is missing"),
        (('http = { path = "/" }', "expects = 1"), 4, 'unknown key "expects"'),
        (('http = { pth = "/" }', f"expect = {OK}"), 3, 'did you mean "path"?'),
        (('http = { path = "/" }', 'expect = [{ on = "status" }]'), 4, "an operator is missing"),
        (('http = { path = "/" }', 'expect = [{ on = "status", equal = 1 }]'), 4, 'mean "equals"?'),
        (('http = { path = "/" }', 'expect = [{ on = "rows", equals = 1 }]'), 4, "http offers"),
        (('http = { path = "/" }', 'expect = [{ on = "json", equals = 1 }]'), 4, "needs a path"),
        (
            ('http = { path = "/" }', 'expect = [{ on = "header", exists = true }]'),
            4,
            "needs a name",
        ),
        (
            ('http = { path = "/" }', 'expect = [{ on = "json", path = "$[", exists = true }]'),
            4,
            "is no JSONPath",
        ),
        (
            ('http = { path = "/" }', 'expect = [{ on = "body", matches = "(" }]'),
            4,
            "is no regular expression",
        ),
        (
            ('http = { path = "/" }', 'expect = [{ on = "status", in = [] }]'),
            4,
            "at least one value",
        ),
        (
            ('http = { path = "/" }', 'expect = [{ on = "status", exists = false }]'),
            4,
            "exists can only be true",
        ),
        (
            ('http = { path = "/" }', 'expect = [{ on = "body", absent = true, equals = 1 }]'),
            4,
            "absent stands alone",
        ),
        (
            (
                'http = { path = "/" }',
                'expect = [{ on = "json", path = "$", schema = { type = 5 } }]',
            ),
            4,
            "schema",
        ),
        (
            (
                'http = { path = "/" }',
                'expect = [{ on = "json", path = "$", equals = 2026-01-01 }]',
            ),
            4,
            "dates and times are no JSON",
        ),
        (('http = { path = "a" }', f"expect = {OK}"), 3, 'must begin with "/"'),
        (('http = { path = "//evil.example" }', f"expect = {OK}"), 3, "names another host"),
        (('http = { url = "https://${host}/" }', f"expect = {OK}"), 3, "url cannot hold"),
        (('http = { url = "https://u:p@a/" }', f"expect = {OK}"), 3, "no user and password"),
        (('http = { path = "/", url = "http://a/" }', f"expect = {OK}"), 3, "path or url"),
        (('http = { path = "/", json = {}, body = "" }', f"expect = {OK}"), 3, "only one of them"),
        (('http = { path = "/", json = {} }', f"expect = {OK}"), 3, "GET has no body"),
        (
            ('http = { path = "/", instance = "${where}:80" }', f"expect = {OK}"),
            3,
            "http.instance: ${where} may not stand here",
        ),
        (
            ('http = { path = "/", headers = { Host = "b" } }', f"expect = {OK}"),
            3,
            "headers.Host is made by the client",
        ),
        (('http = { path = "/${UP}" }', f"expect = {OK}"), 3, "lower-case letters and digits"),
        (
            ('http = { path = "/", method = "POST" }', f"expect = {OK}", "retry = {}"),
            5,
            "repeated only with an idempotency key",
        ),
        (
            (
                'http = { path = "/", method = "POST" }',
                "poll = { until = [{ on = 'status', equals = 200 }] }",
            ),
            4,
            "repeated only with an idempotency key",
        ),
        (
            ('http = { path = "/" }', f"expect = {OK}", 'timeout = "soon"'),
            5,
            "timeout must be like",
        ),
        (('http = { path = "/" }', f"expect = {OK}", 'timeout = "0s"'), 5, "more than 0"),
        (
            ('http = { path = "/" }', f"expect = {OK}", 'capture = { uuid = { on = "status" } }'),
            5,
            "capture.uuid is no name",
        ),
        (
            ('http = { path = "/" }', f"expect = {OK}", 'instances = ["a", "a"]'),
            5,
            "one is named twice",
        ),
    ],
)
def test_what_cannot_be_judged_is_refused_at_its_line(
    lines: tuple[str, ...], line: int, said: str
) -> None:
    where, what = complaint(check(*lines))
    assert said in what
    assert where == line


def planned(tmp_path: Path, toml: str, files: dict[str, str] | None = None, **place: Any) -> Any:
    there = project(tmp_path, dict(files or {}), deployment=deployment("http://127.0.0.1", **place))
    return suite_of(there, settings_of(toml))


TWO = """
[[checks]]
name = "a"
http = {{ path = "/" }}
expect = [{{ on = "status", equals = 200 }}]
{a}

[[checks]]
name = "b"
http = {{ path = "{path}" }}
expect = [{{ on = "status", equals = 200 }}]
{b}
"""


@pytest.mark.parametrize(
    ("a", "b", "path", "said"),
    [
        ('needs = ["b"]', 'needs = ["a"]', "/", "checks[0].needs: a and b wait for one another"),
        ('needs = ["c"]', "", "/", 'checks[0].needs[0]: there is no check "c"'),
        ('needs = ["b"]', "finally = true", "/", 'checks[0].needs[0]: "b" runs last'),
        ("", "", "/${id}", 'checks[1]: nothing captures "id"'),
        (
            'capture = { id = { on = "status" } }',
            'capture = { id = { on = "status" } }',
            "/",
            'checks[1].capture.id: "a" captures this name already',
        ),
        ("", 'capture = { id = { on = "status" } }', "/${id}", '"b" uses "id" before'),
    ],
)
def test_an_order_that_cannot_be_is_refused(
    tmp_path: Path, a: str, b: str, path: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        planned(tmp_path, TWO.format(a=a, b=b, path=path))


def test_a_name_that_stands_twice_is_refused_also_over_files(tmp_path: Path) -> None:
    file = f'[[check]]\nname = "a"\nhttp = {{ path = "/" }}\nexpect = {OK}\n'
    with pytest.raises(ConfigError, match=r'release-checks/b.toml:2: check\[0\].name: "a" stands'):
        planned(tmp_path, "", {"release-checks/a.toml": file, "release-checks/b.toml": file})


def test_files_are_read_with_their_own_lines(tmp_path: Path) -> None:
    file = '[[check]]\nname = "a"\nhttp = { path = "/" }\nexpect = [\n  { on = "stat", equals = 1 },\n]\n'
    with pytest.raises(ConfigError, match=r"release-checks/a.toml:5: .*http offers"):
        planned(tmp_path, "", {"release-checks/a.toml": file})


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "there is no check in it"), ("[[check", "not TOML"), ("[[checks]]\n", "unknown key")],
)
def test_a_file_without_a_check_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"release-checks/a.toml:?.*{re.escape(said)}"):
        planned(tmp_path, "", {"release-checks/a.toml": text})


def test_a_file_that_git_ignores_is_refused(tmp_path: Path) -> None:
    there = project(tmp_path, {}, deployment=deployment("http://127.0.0.1"))
    (tmp_path / "release-checks").mkdir()
    (tmp_path / "release-checks/a.toml").write_text("", "utf-8")
    with pytest.raises(ConfigError, match=r"release-checks/a.toml: .*git ignores it"):
        suite_of(there, settings_of(""))


def test_a_pattern_that_was_written_and_matches_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'files\[0\]: no file matches "checks/\*.toml"'):
        planned(tmp_path, 'files = ["checks/*.toml"]')


WRITE = check('http = { path = "/", method = "DELETE" }', f"expect = {OK}")


def test_a_check_that_writes_to_production_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'checks\[0\].http: "a" writes, and live is production'):
        planned(tmp_path, WRITE, name="live", production=True)


@pytest.mark.parametrize("place", [{}, {"production": True, "allow_writes": True}])
def test_elsewhere_and_where_it_is_allowed_it_may_write(tmp_path: Path, place: Any) -> None:
    assert len(planned(tmp_path, WRITE, **place).checks) == 1


def test_a_search_by_post_may_be_said_not_to_write(tmp_path: Path) -> None:
    http = 'http = { path = "/", method = "POST", json = {}, writes = false }'
    assert planned(tmp_path, check(http, f"expect = {OK}"), production=True).checks


@pytest.mark.parametrize("hosts", [("a b",), ("*",), ("https://a/",), ("",)])
def test_a_host_that_is_none_is_refused(tmp_path: Path, hosts: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="is no host, address or network"):
        planned(tmp_path, check('http = { path = "/" }', f"expect = {OK}"), hosts=hosts)


@pytest.mark.parametrize(("content", "said"), [("", "holds no JSON Schema"), ("{}", "holds no")])
def test_a_schema_that_is_none_is_refused(tmp_path: Path, content: str, said: str) -> None:
    expect = 'expect = [{ on = "json", path = "$", schema = "s.json" }]'
    with pytest.raises(ConfigError, match=said):
        planned(tmp_path, check('http = { path = "/" }', expect), {"s.json": content})


def test_a_schema_that_is_not_there_is_refused(tmp_path: Path) -> None:
    expect = 'expect = [{ on = "json", path = "$", schema = "s.json" }]'
    with pytest.raises(ConfigError, match=r"checks\[0\].expect\[0\].schema: there is no file"):
        planned(tmp_path, check('http = { path = "/" }', expect))


def test_an_instance_that_is_no_address_is_refused(tmp_path: Path) -> None:
    lines = ('http = { path = "/" }', f"expect = {OK}", 'instances = ["http://a/"]')
    with pytest.raises(ConfigError, match=r"checks\[0\].instances\[0\]: .* is no host or address"):
        planned(tmp_path, check(*lines))
