"""Writing a file that is meant to be committed: whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from release_gate.errors import OutputProblem, UsageError


def write_committed(file: Path, text: str) -> None:
    """Put a text into a file, line ends as they are.

    Args:
        file: Absolute; its folder is made where it is missing.
        text: All of it.

    Raises:
        UsageError: If UTF-8 cannot hold the text.
        OutputProblem: If it cannot be written; what was there stays.
    """
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"{error.object[error.start]!r} cannot be written as UTF-8") from error
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(file)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputProblem(f"{file.name} cannot be written: {error.strerror}") from error
