"""Says in a message which thing it was about."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager

from release_gate.subjects.probes.contract import ProbeFailed, ProbeProblem


@contextmanager
def about(where: str) -> Iterator[None]:
    """Put ``where`` before the message of whatever goes wrong inside.

    Args:
        where: A name without secrets, as in ``"DATABASE_URL"``.

    Raises:
        ProbeFailed: As raised inside.
        ProbeProblem: As raised inside.
    """
    try:
        yield
    except ProbeFailed as error:
        raise ProbeFailed(
            f"{where}: {error.what}",
            transient=error.transient,
            detail=error.detail,
            remedy=error.remedy,
        ) from None
    except ProbeProblem as error:
        raise ProbeProblem(f"{where}: {error.what}", remedy=error.remedy) from None


def need(module: str, extra: str) -> None:
    """Make sure that a driver is there.

    Args:
        module: Its import name.
        extra: The extra of release-gate that brings it.

    Raises:
        ProbeProblem: If it is not installed.
    """
    if importlib.util.find_spec(module) is None:
        raise ProbeProblem(
            f"{module} is not installed", remedy=f'Install it with "release-gate[{extra}]".'
        )
