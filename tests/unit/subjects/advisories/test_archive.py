from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from release_gate.errors import ToolProblem
from release_gate.subjects.advisories.archive import load, moment
from support.osv import WITNESS, record, write, zipped

pytestmark = pytest.mark.unit

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def test_a_zip_is_read_and_indexed_by_normalised_name(tmp_path: Path) -> None:
    archive = load(write(tmp_path / "all.zip", record(package="Sprocket_One")), now=NOW)
    assert archive.records == 2
    assert [one.id for one in archive.affecting("sprocket-one", "1.0")] == ["PYSEC-2025-1"]
    assert archive.affecting("sprocket-one", "2.0") == ()
    assert archive.affecting("other", "1.0") == ()


def test_a_folder_of_records_is_the_same_archive(tmp_path: Path) -> None:
    (tmp_path / "osv" / "a").mkdir(parents=True)
    for one in (WITNESS, record()):
        (tmp_path / "osv" / f"{one['id']}.json").write_text(json.dumps(one))
    folder = load(tmp_path / "osv", now=NOW)
    packed = load(write(tmp_path / "all.zip", record()), now=NOW)
    assert packed.by_package == folder.by_package
    assert packed.digest == folder.digest


def test_its_date_is_that_of_the_latest_record(tmp_path: Path) -> None:
    later = record(modified="2026-01-01T20:00:00+01:00")
    archive = load(write(tmp_path / "all.zip", later), now=NOW)
    assert datetime(2026, 1, 1, 19, tzinfo=UTC) == archive.newest


def test_a_date_in_the_future_does_not_make_it_young(tmp_path: Path) -> None:
    lying = record(modified="2099-01-01T00:00:00Z", published=None)
    archive = load(write(tmp_path / "all.zip", lying), now=NOW)
    assert datetime(2026, 1, 1, tzinfo=UTC) == archive.newest


def test_a_broken_date_of_one_record_does_not_count(tmp_path: Path) -> None:
    odd = record(modified="1-01-01T00:00:00Z", published="2025-12-31T00:00:00")
    archive = load(write(tmp_path / "all.zip", odd), now=NOW)
    assert archive.records == 2
    assert datetime(2026, 1, 1, tzinfo=UTC) == archive.newest


def test_withdrawn_records_are_counted_and_left_out(tmp_path: Path) -> None:
    withdrawn = record(withdrawn="2026-01-01T00:00:00Z")
    archive = load(write(tmp_path / "all.zip", withdrawn), now=NOW)
    assert archive.withdrawn == 1
    assert archive.affecting("sprocket", "1.0") == ()


def _refused(path: Path) -> str:
    with pytest.raises(ToolProblem) as caught:
        load(path, now=NOW)
    assert "RELEASE_GATE_ADVISORIES" in caught.value.remedy
    assert str(path.parent) not in caught.value.what
    return caught.value.what


def test_a_missing_archive_is_an_error(tmp_path: Path) -> None:
    assert _refused(tmp_path / "all.zip") == "the archive of advisories all.zip does not exist"


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip", zipped(record())[:-40]])
def test_a_cut_off_archive_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "all.zip").write_bytes(content)
    assert "cut off or no zip" in _refused(tmp_path / "all.zip")


def test_a_damaged_member_is_an_error(tmp_path: Path) -> None:
    content = bytearray(zipped(record()))
    content[60:70] = b"\0" * 10
    (tmp_path / "all.zip").write_bytes(content)
    assert "cut off or no zip" in _refused(tmp_path / "all.zip")


@pytest.mark.parametrize(
    ("records", "what"),
    [
        ((), "holds no record"),
        ((record(withdrawn="2026-01-01T00:00:00Z"),), "holds no advisory for PyPI"),
        ((record(modified="never", published=None),), "no record of all.zip has a date"),
    ],
)
def test_an_archive_without_usable_records_is_an_error(
    tmp_path: Path, records: tuple[dict[str, object], ...], what: str
) -> None:
    (tmp_path / "all.zip").write_bytes(zipped(*records))
    assert what in _refused(tmp_path / "all.zip")


def test_an_archive_of_another_ecosystem_is_an_error(tmp_path: Path) -> None:
    foreign = record()
    foreign["affected"][0]["package"]["ecosystem"] = "npm"
    (tmp_path / "all.zip").write_bytes(zipped(foreign))
    assert "holds no advisory for PyPI" in _refused(tmp_path / "all.zip")


def test_broken_records_are_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for number in range(5):
            archive.writestr(f"B-{number}.json", "{")
    what = _refused(tmp_path / "all.zip")
    assert "B-0.json" in what
    assert "and 2 more" in what


def test_a_record_larger_than_any_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("release_gate.subjects.advisories.archive._LARGEST", 10)
    write(tmp_path / "all.zip")
    assert "too large for a record" in _refused(tmp_path / "all.zip")


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "osv").mkdir()
    assert "holds no record" in _refused(tmp_path / "osv")


def test_a_moment_needs_a_time_zone() -> None:
    assert moment("2026-01-01T00:00:00") is None
    assert moment("yesterday") is None
