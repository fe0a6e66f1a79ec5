"""What a pack cannot do anything with is refused before anything is sent, with its place."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from release_gate.api import Deployment
from release_gate.errors import ConfigError
from release_gate.subjects.packs.registry import PACKS
from release_gate.subjects.smoke.reading import suite_of
from release_gate.testing import project
from support.checks import deployment, settings_of

pytestmark = pytest.mark.unit

WRONG = [
    ("health = { path = '/health' }", "unknown field `path`"),
    ("health = { paths = [] }", "length >= 1"),
    ("health = { paths = ['health'] }", "matching regex"),
    ("health = { paths = ['//elsewhere/health'] }", "matching regex"),
    ("health = { paths = ['/a', '/a'] }", "paths: one is named twice"),
    ("health = { timeout = 'soon' }", "timeout"),
    ("health = { state-path = 'status' }", "state-path: path: 'status' is no JSONPath"),
    ("health = { body = '(' }", "body: '(' is no regular expression"),
    ("health = { wait = 'soon' }", "wait"),
    ("readiness = {}", "services"),
    ("readiness = { services = ['a', 'a'] }", "services: one is named twice"),
    ("readiness = { services = ['a'], state-path = '$.a' }", "state-path must hold {service}"),
    ('readiness = { services = ["it\'s"] }', "a name cannot hold quotes"),
    ("version = { expected = '' }", "expected is empty"),
    ("version = { file = 'VERSION' }", "no TOML or JSON by its name: give a pattern"),
    ("version = { file = '../x.toml' }", "path must be relative"),
    ("https-redirect = { auth = { scheme = 'bearer', variable = 'T' } }", "over plain HTTP"),
    ("https-redirect = { statuses = [] }", "length >= 1"),
    ("page-cap = { paths = ['/a'], asked = [100] }", "asked: 100 is not above the cap of 100"),
    ("hostile-input = { endpoints = [] }", "length >= 1"),
    ("hostile-input = { endpoints = [{ path = '/a' }] }", "{hostile} must stand in path"),
    (
        "hostile-input = { endpoints = [{ path = '/{hostile}', kinds = [] }] }",
        "kinds is empty",
    ),
    ("hostile-input = { endpoints = [{ path = '/a', json = '{hostile}' }] }", "GET has no body"),
    ("idempotent-create = { path = '/a' }", "json"),
    ("idempotent-create = { path = '/a', json = {}, at-once = 1 }", "meets no other"),
    (
        "idempotent-create = { path = '/a', json = {}, at-once = 2, again = [201] }",
        "another status than the first",
    ),
    ("idempotent-create = { path = '/a', json = {}, delete = '/a' }", "delete must hold ${id}"),
    ("certificate = { tls = 1.1 }", ">= 1.2"),
    ("certificate = { days = 0 }", ">= 1"),
    ("cors = { origins = [] }", "length >= 1"),
    ("cors = { origins = ['*'] }", "matching regex"),
    ("cors = { origins = ['https://foreign.example'] }", "named twice"),
    ("cors = { origins = ['https://a.b', 'https://c.d'], fixed = true }", "one origin only"),
    ("csrf = { path = '/a', form = {}, json = {} }", "only one of them"),
    ("csrf = { path = '/a', token = { path = '/f', header = 'X' } }", "pattern or cookie"),
    ("csrf = { path = '/a', token = { path = '/f', cookie = 'c' } }", "header or field"),
    ("rate-limit = { path = '/a', served = 20 }", "served must be below requests"),
    ("rate-limit = { path = '/a', refused = 200 }", "status and refused are the same"),
    ("api-document = {}", "file or command must say"),
    ("api-document = { file = 'a.json', command = ['b'] }", "one of them"),
    ("api-document = { file = 'a.json', ignore = ['servers'] }", "no JSON pointer"),
    ("api-document = { file = 'a.json', ignore = [''] }", "no JSON pointer"),
    ("api-document = { file = 'a.json', docs = 'docs' }", 'docs must begin with "/"'),
    ("health = { paths = ['/${Nothing}'] }", "lower-case letters and digits"),
    ("health = { paths = ['/${nothing}'] }", 'nothing captures "nothing"'),
    ("health = { instances = ['a', 'a'] }", "instances: one is named twice"),
    ("no-such-pack = {}", "no-such-pack"),
]


def read(folder: Path, toml: str, place: Deployment | None = None) -> None:
    suite_of(project(folder, {}, deployment=place), settings_of(f"packs.{toml}"))


@pytest.mark.parametrize(("toml", "said"), WRONG)
def test_a_pack_that_can_do_nothing_is_refused(tmp_path: Path, toml: str, said: str) -> None:
    with pytest.raises((msgspec.ValidationError, ConfigError)) as refused:
        read(tmp_path, toml)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "toml",
    [
        "idempotent-create = { path = '/a', json = {} }",
        "csrf = { path = '/a' }",
        "hostile-input = { endpoints = [{ path = '/a', method = 'POST', json = ['{hostile}'] }] }",
        "rate-limit = { path = '/a', method = 'POST' }",
    ],
)
def test_a_pack_that_writes_is_refused_in_production(tmp_path: Path, toml: str) -> None:
    production = deployment("https://example.com", production=True)
    with pytest.raises(ConfigError, match="writes, and staging is production"):
        read(tmp_path, toml, production)
    read(tmp_path, toml, deployment("https://example.com", production=True, allow_writes=True))


@pytest.mark.parametrize("pack", PACKS, ids=lambda one: one.name)
def test_each_pack_is_explained_on_the_page_of_the_packs(pack: object) -> None:
    page = (Path(__file__).parents[4] / "docs" / "reference" / "packs.md").read_text("utf-8")
    name = getattr(pack, "name", "")
    assert f"## {name}\n" in page
    assert f"<!-- generated: {name} -->" in page
