"""Writing to the user's terminal, whatever it can show and however early it closes."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

from release_gate.errors import OutputProblem


def say(text: str) -> None:
    """Write text and a newline to standard output.

    Raises:
        OutputProblem: If it takes no more, as a file on a full disk does.
    """
    try:
        _write(sys.stdout, text + "\n")
    except OSError as error:
        raise OutputProblem(f"standard output cannot be written: {error.strerror}") from error


def complain(text: str) -> None:
    """Write text and a newline to standard error; where it takes no more, nobody can be told."""
    with suppress(OSError):
        _write(sys.stderr, text + "\n")


def is_terminal(stream: TextIO | None) -> bool:
    """Whether someone looks at the stream; a closed one is not looked at."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def keep_standard_descriptors() -> None:
    """Have 0, 1 and 2 lead nowhere where whoever started us closed them.

    Else the next file or pipe gets such a number, and a child's output is written into it.
    """
    if os.name == "nt":  # pragma: no cover - Windows hands handles down, not numbers
        return
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # closed by whoever started us; pythonw has no streams at all
        return
    encoding = stream.encoding or "utf-8"
    # A name with odd bytes, or a tick on a terminal without Unicode, must not end a run.
    shown = text.encode(encoding, "backslashreplace").decode(encoding)
    try:
        stream.write(shown)
        stream.flush()
    except BrokenPipeError:
        _silence(stream)
    except OSError:
        _silence(stream)  # else Python tries again at its end, and makes the exit code 120
        raise


def _silence(stream: TextIO) -> None:
    """The reader has gone (``| head``): what follows goes nowhere, the exit code stays."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
