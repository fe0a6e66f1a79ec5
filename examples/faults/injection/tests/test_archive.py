"""The compressed export."""

import gzip
from pathlib import Path

from orders.export import archive


def test_an_archive_holds_the_table(tmp_path: Path) -> None:
    written = archive(tmp_path, "orders-2026-03.csv", [])
    assert written == tmp_path / "orders-2026-03.csv.gz"
    with gzip.open(written, "rt") as table:
        assert table.read() == "reference,customer,status,total,created,failure\n"
