"""Small OSV records and archives, made up for tests."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
LOW = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"


def record(
    id_: str = "PYSEC-2025-1",
    package: str = "sprocket",
    *,
    fixed: str | None = "2.0",
    introduced: str = "0",
    versions: Iterable[str] = (),
    aliases: Iterable[str] = ("CVE-2025-0001", "GHSA-aaaa-bbbb-cccc"),
    vector: str | None = HIGH,
    **changes: Any,
) -> dict[str, Any]:
    """One record; ``fixed=None``: no release fixes it."""
    events = [{"introduced": introduced}, *([{"fixed": fixed}] if fixed else [])]
    document = {
        "schema_version": "1.6.0",
        "id": id_,
        "modified": "2026-01-01T00:00:00Z",
        "published": "2025-12-01T00:00:00Z",
        "aliases": list(aliases),
        "summary": f"{package} turns the wrong way",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": package},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
                "versions": list(versions),
            }
        ],
        "severity": [{"type": "CVSS_V3", "score": vector}] if vector else [],
    }
    return {**document, **changes}


# A package that no test uses: archives need an advisory that proves they are read.
WITNESS = record("PYSEC-2020-9", "witness-of-archives", versions=["1.0"], aliases=(), fixed="1.1")


def zipped(*records: dict[str, Any]) -> bytes:
    """A zip as OSV publishes one for each ecosystem."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in records:
            archive.writestr(f"{one['id']}.json", json.dumps(one))
    return buffer.getvalue()


def write(path: Path, *records: dict[str, Any]) -> Path:
    """A zip file with the witness and some more records."""
    path.write_bytes(zipped(WITNESS, *records))
    return path
