"""What is left of an error that nobody foresaw: one line, and a log to paste into a report."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from pathlib import Path

from release_gate import __version__
from release_gate.adapters.clock import SystemClock
from release_gate.adapters.paths import cache_folder
from release_gate.errors import UsageError
from release_gate.redact import Redactor, secrets_of


def crash_report(error: BaseException) -> str:
    """Write the log and return the line that names it.

    Args:
        error: What came through.
    """
    what = f"release-gate: {type(error).__name__}: {error}".splitlines()[0]
    log = _write(_text(error))
    where = f"details to paste into a bug report: {log}" if log else "no log could be written"
    return f"{what} (could-not-judge)\n  Nothing was judged; {where}"


def _text(error: BaseException) -> str:
    lines = [
        f"release-gate {__version__}",
        f"Python {platform.python_version()} on {platform.platform()}",
        f"Arguments: {sys.argv[1:]}",
        "",
        *traceback.format_exception(error),
    ]
    return Redactor(secrets_of(os.environ)).redact("\n".join(lines))


def _write(text: str) -> Path | None:
    name = f"crash-{SystemClock().now():%Y%m%dT%H%M%S}-{os.getpid()}.log"
    for place in (_crashes, _temporary):
        try:
            folder = place()
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
        except (OSError, UsageError):
            continue
        return folder / name
    return None


def _crashes() -> Path:
    return cache_folder(os.environ) / "crashes"


def _temporary() -> Path:
    return Path(tempfile.gettempdir())
