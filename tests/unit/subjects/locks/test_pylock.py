from __future__ import annotations

import pytest

from release_gate.subjects.locks import pylock
from release_gate.subjects.locks.types import LockProblem, Pin, Unpinned

pytestmark = pytest.mark.unit

LOCK = """\
lock-version = "1.0"
created-by = "a tool"
requires-python = ">=3.11"

[[packages]]
name = "flask"
version = "3.0.0"
dependencies = [{ name = "jinja2" }]
wheels = []

[[packages]]
name = "Jinja2"
version = "3.1.2"
marker = "sys_platform == 'win32'"
sdist = { name = "x" }

[[packages]]
name = "vcs-with-version"
version = "1"
vcs = { type = "git" }

[[packages]]
name = "archive-without"
archive = { url = "https://example.org/x.zip" }

[[packages]]
name = "app"
directory = { path = ".", editable = true }

[[packages]]
name = "beside"
directory = { path = "../beside" }
"""


def test_every_package_is_read_whatever_its_marker() -> None:
    lock = pylock.parse(LOCK.encode(), "pylock.toml")
    assert lock.pins == (
        Pin(name="flask", version="3.0.0", line=5),
        Pin(name="jinja2", version="3.1.2", line=11, required_by=("flask",)),
        Pin(name="vcs-with-version", version="1", line=17, origin="git"),
    )
    assert lock.unpinned == (
        Unpinned(name="archive-without", reason="no version in pylock.toml (url)"),
        Unpinned(name="app", reason="part of the project itself", own=True),
        Unpinned(name="beside", reason="no version in pylock.toml (path)"),
    )


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (LOCK, "", "empty"),
        (LOCK, 'lock-version = "1.0"\n', r"no \[\[packages\]\]"),
        (LOCK, LOCK[:60] + "[[pack", "no TOML"),
        ('"1.0"', '"2.0"', "lock-version '2.0' is not known"),
        ('lock-version = "1.0"', "", "lock-version None is not known"),
        ('version = "3.0.0"', 'version = ""', "flask has no version"),
        ('directory = { path = "../beside" }', "directory = 3", "directory is no table"),
    ],
)
def test_a_lock_that_cannot_be_used_is_refused(old: str, new: str, what: str) -> None:
    assert old in LOCK
    with pytest.raises(LockProblem, match=what):
        pylock.parse(LOCK.replace(old, new, 1).encode(), "pylock.toml")
