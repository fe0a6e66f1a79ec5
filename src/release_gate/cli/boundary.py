"""The one error boundary: whatever ends a command becomes a message and an exit code."""

from __future__ import annotations

import os
from collections.abc import Callable

import click

from release_gate.cli.terminal import complain
from release_gate.errors import ReleaseGateError

COULD_NOT_JUDGE = 3
INTERRUPTED = 130
_COMPLETION = "_RELEASE_GATE_COMPLETE"


def guarded(command: Callable[[], object]) -> int:
    """Call a command and return the exit code of the process.

    Args:
        command: Returns an exit code, or ``None`` for 0.
    """
    try:
        return _exit_code(command())
    except click.exceptions.Exit as error:
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        complain("release-gate: interrupted")
        return INTERRUPTED
    except click.ClickException as error:
        complain(_of_click(error))
        return click.UsageError.exit_code
    except ReleaseGateError as error:
        complain(_redacted(f"release-gate: {error}"))
        return error.exit_code
    except (SystemExit, Exception) as error:  # the boundary: no crash may look like a verdict
        if isinstance(error, SystemExit) and _COMPLETION in os.environ:
            raise  # how click answers a shell
        return _crashed(error)


def _crashed(error: BaseException) -> int:
    from release_gate.cli.crash import crash_report  # noqa: PLC0415 - rarely needed

    complain(_redacted(crash_report(error)))
    return COULD_NOT_JUDGE


def _exit_code(result: object) -> int:
    if result is None:
        return 0
    if isinstance(result, int) and not isinstance(result, bool):
        return result
    raise TypeError(f"a command returned {result!r} and not an exit code")


def _of_click(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    usage = f"{context.get_usage()}\n" if context else ""
    return _redacted(f"{usage}release-gate: {error.format_message()} (usage)")


def _redacted(text: str) -> str:
    from release_gate.redact import Redactor, safe_text, secrets_of  # noqa: PLC0415 - rarely needed

    return safe_text(Redactor(secrets_of(os.environ)).redact(text))
