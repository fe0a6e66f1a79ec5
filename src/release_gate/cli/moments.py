"""Times and digests as the command line writes them."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

from release_gate.errors import UsageError
from release_gate.files import read_file
from release_gate.model import ArtifactDigest

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+-]\d{2}:\d{2})?"
)
_ARTIFACT = re.compile(r"(?P<name>[^=\s]+)=sha256:(?P<digest>[0-9a-f]{64})")


def moment(text: str) -> datetime:
    """A moment in UTC: a day, which begins at 00:00 UTC, or a time with its zone.

    Args:
        text: ``2026-03-01``, ``2026-03-01T10:00:00Z`` or with an offset (RFC 3339).

    Raises:
        UsageError: If it is neither, or a time without a zone.
    """
    stripped = text.strip()
    try:
        if _DAY.fullmatch(stripped):
            return datetime.fromisoformat(stripped).replace(tzinfo=UTC)
        if _MOMENT.fullmatch(stripped):
            read = datetime.fromisoformat(stripped.upper())
            if read.tzinfo is not None:
                return read.astimezone(UTC)
            raise UsageError(
                f"--effective-time {text}: a time without a zone is another one everywhere",
                remedy=f"Write {stripped}Z for UTC, or its offset, as {stripped}+02:00.",
            )
    except (ValueError, OverflowError) as error:
        raise _no_moment(text) from error
    raise _no_moment(text)


def artifact(text: str) -> ArtifactDigest:
    """What the release consists of: a name with its digest, or a file.

    Args:
        text: ``NAME=sha256:DIGEST``, or a path.

    Raises:
        UsageError: If it is neither.
    """
    found = _ARTIFACT.fullmatch(text)
    if found:
        return ArtifactDigest(name=found["name"], sha256=found["digest"])
    try:
        digest = hashlib.sha256(read_file(Path(text))).hexdigest()
    except OSError as error:
        raise UsageError(
            f"--artifact {text}: no file, and not NAME=sha256:DIGEST",
            remedy="Write the digest with 64 hex digits, or name the file.",
        ) from error
    return ArtifactDigest(name=Path(text).name, sha256=digest)


def _no_moment(text: str) -> UsageError:
    return UsageError(
        f"--effective-time {text}: this is no date",
        remedy="Write a day, as 2026-03-01, or a time in UTC, as 2026-03-01T10:00:00Z.",
    )
