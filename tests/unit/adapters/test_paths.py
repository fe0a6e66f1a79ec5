from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from release_gate.adapters.paths import cache_folder, secret_key
from release_gate.errors import OutputProblem, UsageError

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("environment", "platform", "folder"),
    [
        ({"HOME": "/h"}, "linux", "/h/.cache/release-gate"),
        ({"HOME": "/h", "XDG_CACHE_HOME": "/x"}, "linux", "/x/release-gate"),
        ({"HOME": "/h", "XDG_CACHE_HOME": "x"}, "linux", "/h/.cache/release-gate"),
        ({"HOME": "/h"}, "darwin", "/h/Library/Caches/release-gate"),
        ({"LOCALAPPDATA": "/l"}, "win32", "/l/release-gate/cache"),
        ({"USERPROFILE": "/u"}, "win32", "/u/AppData/Local/release-gate/cache"),
        ({"HOME": "/h", "RELEASE_GATE_CACHE": "/c"}, "linux", "/c"),
    ],
)
def test_the_cache_is_where_the_platform_has_it(
    environment: dict[str, str], platform: str, folder: str
) -> None:
    assert Path(folder) == cache_folder(environment, platform)


@pytest.mark.parametrize("environment", [{}, {"HOME": "home"}, {"RELEASE_GATE_CACHE": "cache"}])
def test_a_cache_that_has_no_place_is_an_error(environment: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="RELEASE_GATE_CACHE"):
        cache_folder(environment, "linux")


def test_a_given_key_is_used(tmp_path: Path) -> None:
    given = {"RELEASE_GATE_SECRET_KEY": "0123456789abcdef"}
    assert secret_key(given, tmp_path) == b"0123456789abcdef"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", ["", "short"])
def test_a_key_that_can_be_guessed_is_refused(tmp_path: Path, given: str) -> None:
    with pytest.raises(UsageError, match="at least 16"):
        secret_key({"RELEASE_GATE_SECRET_KEY": given}, tmp_path)


def test_a_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    first = secret_key({}, tmp_path / "cache", lambda size: b"k" * size)
    second = secret_key({}, tmp_path / "cache", lambda size: b"other" * size)
    assert b"k" * 32 == first == second
    assert [one.name for one in (tmp_path / "cache").iterdir()] == ["secret-key"]
    if sys.platform != "win32":
        mode = (tmp_path / "cache" / "secret-key").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600


def test_of_two_runs_that_make_a_key_at_once_one_wins(tmp_path: Path) -> None:
    def slow(size: int) -> bytes:
        secret_key({}, tmp_path, lambda _: b"first" + b"k" * (size - 5))
        return b"s" * size

    assert secret_key({}, tmp_path, slow)[:5] == b"first"


def test_a_file_system_without_links_keeps_a_key_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert secret_key({}, tmp_path) == secret_key({}, tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["secret-key"]


@pytest.mark.parametrize("content", ["", "zz", "00" * 31])
def test_a_broken_key_file_is_an_error_with_a_remedy(tmp_path: Path, content: str) -> None:
    (tmp_path / "secret-key").write_text(content)
    with pytest.raises(OutputProblem, match="cannot be kept") as caught:
        secret_key({}, tmp_path)
    assert "may be removed" in caught.value.remedy


def test_a_cache_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    with pytest.raises(OutputProblem, match="cannot be kept"):
        secret_key({}, tmp_path / "cache")
