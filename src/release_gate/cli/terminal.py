"""Writing to the user's terminal, whatever it can show and however early it closes."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO


def say(text: str) -> None:
    """Write text and a newline to standard output."""
    _write(sys.stdout, text + "\n")


def complain(text: str) -> None:
    """Write text and a newline to standard error."""
    _write(sys.stderr, text + "\n")


def is_terminal(stream: TextIO) -> bool:
    """Whether someone looks at the stream; a closed one is not looked at."""
    try:
        return stream.isatty()
    except ValueError:
        return False


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # pythonw has no streams at all
        return
    encoding = stream.encoding or "utf-8"
    # A name with odd bytes, or a tick on a terminal without Unicode, must not end a run.
    shown = text.encode(encoding, "backslashreplace").decode(encoding)
    try:
        stream.write(shown)
        stream.flush()
    except BrokenPipeError:
        _silence(stream)


def _silence(stream: TextIO) -> None:
    """The reader has gone (``| head``): what follows goes nowhere, the exit code stays."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
