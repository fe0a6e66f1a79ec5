from __future__ import annotations

import pytest

from release_gate.subjects.locks import uv
from release_gate.subjects.locks.types import LockProblem, Pin, Unpinned

pytestmark = pytest.mark.unit

LOCK = """\
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "app"
version = "1.0"
source = { editable = "." }
dependencies = [
    { name = "flask", extra = ["async"] },
]

[package.optional-dependencies]
fast = [{ name = "orjson", marker = "python_full_version >= '3.12'" }]

[package.dev-dependencies]
dev = [{ name = "pytest" }]

[package.metadata]
requires-dist = [
    { name = "flask", extras = ["async"], specifier = ">=3" },
    { name = "orjson", marker = "python_full_version >= '3.12' and extra == 'fast'" },
]

[package.metadata.requires-dev]
dev = [{ name = "pytest", specifier = ">=8" }]

[[package]]
name = "flask"
version = "3.0.0"
source = { registry = "https://index.example/simple" }
dependencies = [{ name = "Jinja2" }]

[[package]]
name = "jinja2"
version = "3.1.2"
source = { registry = "https://index.example/simple" }
resolution-markers = ["python_full_version < '3.12'"]

[[package]]
name = "jinja2"
version = "3.1.4"
source = { registry = "https://index.example/simple" }
resolution-markers = ["python_full_version >= '3.12'"]

[[package]]
name = "orjson"
version = "3.10.0"
source = { git = "https://example.org/orjson?rev=1#abc" }

[[package]]
name = "pytest"
version = "8.0"
source = { url = "https://example.org/pytest.whl" }

[[package]]
name = "tool"
source = { directory = "tool" }
"""


def test_every_package_is_read_with_its_place_and_reason() -> None:
    lock = uv.parse(LOCK.encode(), "uv.lock")
    assert lock.pins[0] == Pin(name="flask", version="3.0.0", line=28, direct=True)
    assert lock.pins[1] == Pin(
        name="jinja2", version="3.1.2", line=34, required_by=("flask",), direct=False
    )
    assert [(pin.name, pin.version, pin.origin) for pin in lock.pins[2:]] == [
        ("jinja2", "3.1.4", "index"),
        ("orjson", "3.10.0", "git"),
        ("pytest", "8.0", "url"),
    ]


def test_the_project_itself_is_no_dependency() -> None:
    lock = uv.parse(LOCK.encode(), "uv.lock")
    assert lock.unpinned == (
        Unpinned(name="app", reason="part of the project itself", own=True),
        Unpinned(name="tool", reason="no version in uv.lock (directory)"),
    )


def test_it_remembers_what_it_was_made_from() -> None:
    lock = uv.parse(LOCK.encode(), "uv.lock")
    (asked,) = lock.asked
    assert asked.package == "app"
    assert asked.requires == (
        "flask[async]>=3",
        "orjson ; python_full_version >= '3.12' and extra == 'fast'",
    )
    assert asked.groups == {"dev": ("pytest>=8",)}
    assert lock.requires_python == ">=3.11"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (LOCK, "", "empty"),
        (LOCK, "version = 1\n", r"no \[\[package\]\]"),
        (LOCK, LOCK[:400], "cut off or no TOML"),
        (LOCK, LOCK[: LOCK.index('[[package]]\nname = "pytest"')], "cut off"),
        ("version = 1\n", "version = 2\n", "version 2 is not known"),
        ("version = 1\nrev", "rev", "version None is not known"),
        ('version = "3.0.0"', 'version = "three"', "uv.lock:28: flask has no version of PEP 440"),
        ('version = "3.0.0"', "version = 3", "flask has no version of PEP 440"),
        ('name = "flask"\nversion', "version", "a package without a name"),
        ("{ directory", "{ carrier-pigeon", "unknown source"),
        ('source = { directory = "tool" }', "", "unknown source: None"),
        ('[{ name = "Jinja2" }]', "3", "no list of names"),
        ('requires-python = ">=3.11"', "requires-python = 3", "requires-python is no text"),
        (
            '[package.dev-dependencies]\ndev = [{ name = "pytest" }]',
            "dev-dependencies = 3",
            "no list of names",
        ),
    ],
)
def test_a_lock_that_cannot_be_used_is_refused(old: str, new: str, what: str) -> None:
    assert old in LOCK
    with pytest.raises(LockProblem, match=what):
        uv.parse(LOCK.replace(old, new, 1).encode(), "uv.lock")


def test_a_lock_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(LockProblem, match="no TOML"):
        uv.parse(b"version = 1 # \xff\n", "uv.lock")


def test_lines_are_unknown_where_the_text_is_laid_out_in_another_way() -> None:
    text = 'version = 1\npackage = [{ name = "a", version = "1", source = { registry = "x" } }]\n'
    assert [pin.line for pin in uv.parse(text.encode(), "uv.lock").pins] == [None]
