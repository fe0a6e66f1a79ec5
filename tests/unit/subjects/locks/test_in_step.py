from __future__ import annotations

import tomllib
from typing import Any

import pytest

from release_gate.errors import ConfigError
from release_gate.subjects.locks import asked, in_step, uv
from release_gate.subjects.locks.types import Lock, LockProblem, Pin, Unpinned

pytestmark = pytest.mark.unit

PROJECT = """\
[project]
name = "My.App"
requires-python = ">=3.11,<4"
dependencies = [
    "httpx[http2]>=0.27,!=0.28.0",
    "colorama>=0.4; sys_platform == 'win32'",
    "lib",
    "Jinja2~=3.1",
]
[project.optional-dependencies]
Fast_Lane = ["orjson>3; python_version >= '3.12'"]
[dependency-groups]
lint = ["ruff"]
dev = ["pytest>=8", {include-group = "lint"}]
[tool.uv]
dev-dependencies = ["click>=8"]
[tool.uv.sources]
lib = { path = "lib" }
"""
LOCK = """\
version = 1
requires-python = ">=3.11, <4"

[[package]]
name = "my-app"
version = "1.0"
source = { virtual = "." }

[package.metadata]
requires-dist = [
    { name = "colorama", marker = "sys_platform == 'win32'", specifier = ">=0.4" },
    { name = "httpx", extras = ["http2"], specifier = ">=0.27,!=0.28.0" },
    { name = "jinja2", specifier = "~=3.1" },
    { name = "lib", directory = "lib" },
    { name = "orjson", marker = "python_version > '3' and extra == 'fast-lane'", specifier = ">3" },
]

[package.metadata.requires-dev]
dev = [
    { name = "click", specifier = ">=8" },
    { name = "pytest", specifier = ">=8" },
    { name = "ruff" },
]
lint = [{ name = "ruff" }]
"""


def deviations(old: str = "", new: str = "", lock: str = LOCK) -> list[str]:
    assert old in PROJECT
    document = tomllib.loads(PROJECT.replace(old, new, 1) if old else PROJECT)
    found = in_step.uv(uv.parse(lock.encode(), "uv.lock"), asked.of(document), document)
    return [f"{one.what} {one.how}" for one in found]


def test_a_fresh_uv_lock_is_in_step() -> None:
    assert deviations() == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"Jinja2~=3.1",', '"Jinja2~=3.1", "rich",', ["rich is required and not what was locked"]),
        (
            '"Jinja2~=3.1",',
            "",
            ["jinja2~=3.1 was locked and is not required like that"],
        ),
        (
            "Jinja2~=3.1",
            "Jinja2>=3",
            [
                "jinja2>=3 is required and not what was locked",
                "jinja2~=3.1 was locked and is not required like that",
            ],
        ),
        (
            "[http2]",
            "",
            [
                "httpx!=0.28.0,>=0.27 is required and not what was locked",
                "httpx[http2]!=0.28.0,>=0.27 was locked and is not required like that",
            ],
        ),
        ('"lib",', "", ["lib was locked and is not required like that"]),
        (
            '{include-group = "lint"}',
            "",
            ["ruff was locked in group dev and is not required like that"],
        ),
        (
            "Fast_Lane",
            "slow",
            [
                "orjson>3 (extra slow) is required and not what was locked",
                "orjson>3 (extra fast-lane) was locked and is not required like that",
            ],
        ),
        (
            "click>=8",
            "click>=9",
            [
                "click>=9 is required in group dev and not what was locked",
                "click>=8 was locked in group dev and is not required like that",
            ],
        ),
        (
            ">=3.11,<4",
            ">=3.12",
            ["requires-python is >=3.12 and was >=3.11, <4 when it was locked"],
        ),
        ('"My.App"', '"other"', ["other is not in the lock"]),
    ],
)
def test_a_uv_lock_out_of_step_says_how(old: str, new: str, expected: list[str]) -> None:
    assert expected == deviations(old, new)


def test_a_dependency_with_a_source_of_its_own_has_no_specifier_in_the_lock() -> None:
    assert deviations('"lib",', '"lib>=1",') == []


def test_dynamic_dependencies_are_not_compared() -> None:
    start = PROJECT.index("dependencies = [")
    table = PROJECT[start : PROJECT.index("[project.optional")]
    assert deviations(table, 'dynamic = ["dependencies"]\n') == []


def test_a_remembered_requirement_that_is_none_is_refused() -> None:
    with pytest.raises(LockProblem, match="no requirement"):
        deviations(lock=LOCK.replace('"~=3.1"', '"about 3"'))


def poetry_lock(digest: str, made_by: str | None = "2.3.0") -> Lock:
    return Lock(path="poetry.lock", kind="poetry", pins=(), content_hash=digest, made_by=made_by)


POETRY_2 = """\
[project]
name = "px"
version = "0.1"
requires-python = ">=3.11"
dependencies = ["httpx>=0.27"]
[tool.poetry]
package-mode = false
[tool.poetry.group.dev.dependencies]
pytest = ">=8"
"""
POETRY_1 = """\
[tool.poetry]
name = "px"
version = "0.1"
description = ""
authors = []
[tool.poetry.dependencies]
python = "^3.11"
idna = "^3"
"""
WITH_GROUPS = """\
[project]
name = "px"
dependencies = ["httpx>=0.27"]
[dependency-groups]
dev = ["pytest>=8"]
"""


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        # Hashes that poetry itself computes for these files.
        (POETRY_2, "897424cf1a698d6c3a91afde40e8efffab7f519fcc69c998f5c7992418f76bac"),
        (POETRY_1, "44be41787ff31527980ae8ceff0f99779b9ef5f2f544ed4cd63797ca99688520"),
        (WITH_GROUPS, "afe68119a6862d1e35208273c07c630fe8c7d10825f97bf1da6b7611c4ef548b"),
    ],
)
def test_a_poetry_lock_is_in_step_by_its_hash(text: str, digest: str) -> None:
    document = tomllib.loads(text)
    assert in_step.poetry(poetry_lock(digest), document) == ()
    changed = tomllib.loads(text.replace("httpx>=0.27", "httpx>=0.28").replace('^3"', '^2"'))
    (deviation,) = in_step.poetry(poetry_lock(digest), changed)
    assert deviation.what == "content-hash"


def test_an_older_poetry_left_groups_out_of_the_hash() -> None:
    document = tomllib.loads(WITH_GROUPS)
    digest = "16ffbd57245b80be2ea2576f3fbb63e7eda92bc0346b14b17bf579096c66c1d4"
    assert in_step.poetry(poetry_lock(digest, "2.2.1"), document) == ()
    assert in_step.poetry(poetry_lock(digest, "2.3.0"), document) != ()
    assert in_step.poetry(poetry_lock(digest, None), document) != ()


def plain(*pins: tuple[str, str], unpinned: tuple[str, ...] = (), path: str = "r.txt") -> Lock:
    return Lock(
        path=path,
        kind="requirements",
        pins=tuple(Pin(name=name, version=version) for name, version in pins),
        unpinned=tuple(Unpinned(name=name, reason="x") for name in unpinned),
    )


def pinned(project: dict[str, Any], *locks: Lock) -> list[tuple[str, str]]:
    wanted = asked.of({"project": {"name": "app", **project}})
    return [(lock.path, f"{d.what} {d.how}") for lock, d in in_step.pinned(locks, wanted)]


def test_a_plain_lock_holds_every_direct_dependency() -> None:
    project = {"dependencies": ["a>=1", "b"]}
    assert pinned(project, plain(("a", "1.5"), ("b", "2"), ("c", "3"))) == []
    assert pinned(project, plain(("a", "1.5"))) == [("r.txt", "b is required and not in the lock")]
    assert pinned(project, plain(("a", "1.5")), plain(("b", "1"), path="dev.txt")) == []
    assert pinned(project, plain(("a", "1.5"), unpinned=("b",))) == []


def test_a_plain_lock_holds_versions_that_are_allowed() -> None:
    expected = [("r.txt", "a 0.9 is pinned, a>=1 is required")]
    assert expected == pinned({"dependencies": ["a>=1"]}, plain(("a", "0.9")))


def test_extras_and_groups_may_be_absent_and_not_wrong() -> None:
    project = {"optional-dependencies": {"x": ["a>=1"]}}
    assert pinned(project, plain(("b", "1"))) == []
    assert len(pinned(project, plain(("a", "0.9")))) == 1


def test_a_marker_excuses_absence_and_the_fork_of_another_platform() -> None:
    project = {"dependencies": ["a<2; sys_platform == 'win32'", "a>=2; sys_platform != 'win32'"]}
    assert pinned(project, plain(("b", "1"))) == []
    assert pinned(project, plain(("a", "1.0"), ("a", "2.0"))) == []
    assert len(pinned(project, plain(("a", "1.0")))) == 1


def test_a_project_that_asks_for_itself_with_an_extra() -> None:
    project = {"dependencies": ["app[x]"], "optional-dependencies": {"x": ["a"]}}
    assert pinned(project, plain(("a", "1"))) == []


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ({"project": 3}, "is no table"),
        ({"project": {"dependencies": "a"}}, "no list"),
        ({"project": {"dependencies": 3}}, "no list"),
        ({"project": {"dependencies": ["a b"]}}, "'a b' is no requirement"),
        ({"project": {"dependencies": [3]}}, "3 is no requirement"),
        ({"dependency-groups": {"a": [{"include-group": "b"}]}}, "group b does not exist"),
        ({"dependency-groups": {"a": [{"include-group": "A"}]}}, "group a includes itself"),
    ],
)
def test_requirements_that_are_none_are_configuration_errors(
    document: dict[str, Any], what: str
) -> None:
    with pytest.raises(ConfigError, match=what):
        asked.of(document)


def test_a_finding_tells_what_to_do() -> None:
    lock = uv.parse(LOCK.encode(), "uv.lock")
    finding = in_step.finding(lock, in_step.Deviation(what="a", how="is missing"), asked.FILE)
    assert (finding.rule_id, finding.message, finding.path, finding.fix) == (
        "lock-out-of-step",
        "a is missing",
        "uv.lock",
        "uv lock",
    )
