"""The command line: one file a command, adapters wired in."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None, *, final: bool = True) -> int:
    """Run one command in this process and return its exit code.

    Args:
        arguments: What follows the program's name; default: the process's own.
        final: Whether the process ends after an interrupt; otherwise the former handlers of
            signals are put back even then.

    Returns:
        0 pass, 1 fail, 2 usage or configuration, 3 could not judge, 130 interrupted.
    """
    # Imported here: whoever only wants the package's name pays for nothing.
    from release_gate.cli.boundary import guarded  # noqa: PLC0415
    from release_gate.cli.root import ROOT  # noqa: PLC0415
    from release_gate.cli.terminal import keep_standard_descriptors  # noqa: PLC0415
    from release_gate.run.interrupt import Interrupts  # noqa: PLC0415

    keep_standard_descriptors()
    with Interrupts(final=final) as interrupts:
        return guarded(
            lambda: ROOT.main(
                args=None if arguments is None else list(arguments),
                prog_name="release-gate",
                standalone_mode=False,
                obj=interrupts,
            )
        )
