from __future__ import annotations

from collections.abc import Mapping

import pytest

from release_gate.subjects.locks import detect
from release_gate.subjects.locks.requirements import Read
from release_gate.subjects.locks.types import LockProblem

pytestmark = pytest.mark.unit

HASHED = "a==1 --hash=sha256:" + "a" * 64


def reader(files: Mapping[str, str]) -> Read:
    def read(name: str) -> bytes:
        try:
            return files[name].encode()
        except KeyError as error:
            raise FileNotFoundError(name) from error

    return read


def test_locks_of_the_root_are_found() -> None:
    files = {
        "uv.lock": "",
        "poetry.lock": "",
        "pylock.toml": "",
        "pylock.dev.toml": "",
        "requirements.txt": HASHED,
        "requirements-dev.txt": HASHED,
        "requirements/prod.txt": HASHED,
        "requirements-loose.txt": "a>=1\n",
        "docs/requirements.txt": HASHED,
        "web/package-lock.json": "",
        "sub/uv.lock": "",
    }
    assert detect.find(files, reader(files)) == (
        "poetry.lock",
        "pylock.dev.toml",
        "pylock.toml",
        "requirements-dev.txt",
        "requirements.txt",
        "requirements/prod.txt",
        "uv.lock",
    )


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("requirements.txt", "a==1\n", "requirements"),
        ("uv.lock", "version = 1\npackage = []\n", "uv"),
        ("pylock.x.toml", 'lock-version = "1.0"\npackages = []\n', "pylock"),
        (
            "poetry.lock",
            f'package = []\n[metadata]\nlock-version = "2.0"\ncontent-hash = "{"0" * 64}"\n',
            "poetry",
        ),
    ],
)
def test_the_name_tells_the_format(name: str, content: str, kind: str) -> None:
    assert detect.load(name, reader({name: content})).kind == kind


def test_a_file_that_went_away_counts_as_a_lock_and_is_then_refused() -> None:
    read = reader({})
    assert detect.find(["requirements.txt"], read) == ("requirements.txt",)
    with pytest.raises(LockProblem, match="no such file"):
        detect.load("requirements.txt", read)


def test_a_missing_lock_is_refused() -> None:
    with pytest.raises(LockProblem, match=r"uv\.lock: there is no such file"):
        detect.load("uv.lock", reader({}))


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(LockProblem, match="no known lock"):
        detect.load("Pipfile.lock", reader({"Pipfile.lock": "{}"}))
