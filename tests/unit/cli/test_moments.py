"""Times and digests on the command line."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from release_gate.cli.moments import artifact, moment
from release_gate.errors import UsageError

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", "2026-03-01T00:00:00+00:00"),
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00+00:00"),
        ("2026-03-01t10:00z", "2026-03-01T10:00:00+00:00"),
        ("2026-03-01T23:30:00-12:00", "2026-03-02T11:30:00+00:00"),
        ("2026-03-01T00:30:00+14:00", "2026-02-28T10:30:00+00:00"),
    ],
)
def test_a_day_is_that_of_utc_and_a_time_is_turned_to_it(text: str, expected: str) -> None:
    assert moment(text).isoformat() == expected


@pytest.mark.parametrize(
    "text", ["", "now", "2026-3-1", "20260301", "2026-W10-1", "2026-02-30", "2026-03-01T25:00Z"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="this is no date"):
        moment(text)


def test_a_moment_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(UsageError, match="this is no date"):
        moment("0001-01-01T00:00:00+14:00")


def test_a_time_without_a_zone_is_refused_with_the_way_to_write_it() -> None:
    with pytest.raises(UsageError, match="without a zone") as caught:
        moment("2026-03-01T10:00:00")

    assert "2026-03-01T10:00:00Z" in caught.value.remedy


def test_an_artefact_is_a_digest_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(b"x")

    assert artifact(f"api=sha256:{'a' * 64}").sha256 == "a" * 64
    made = artifact(str(tmp_path / "a.whl"))
    assert (made.name, made.sha256) == ("a.whl", hashlib.sha256(b"x").hexdigest())


@pytest.mark.parametrize("text", ["api=sha256:12", "nowhere.whl", "", "api=md5:" + "a" * 32])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--artifact"):
        artifact(text)
