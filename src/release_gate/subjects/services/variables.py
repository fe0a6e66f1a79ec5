"""Values that come from the environment, by name; never shown."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from release_gate.subjects.probes.contract import ProbeProblem, ProbeWorld


def variable(name: str, world: ProbeWorld, *, secret: bool = True) -> str:
    """A variable's value.

    Args:
        name: Of the variable.
        world: Its environment.
        secret: Whether the value is hidden from here on.

    Raises:
        ProbeProblem: If it is not set or empty.
    """
    value = world.environment.get(name, "")
    if not value.strip():
        state = "empty" if name in world.environment else "not set"
        raise ProbeProblem(
            f"the environment variable {name} is {state}", remedy=f"Set {name} for this run."
        )
    if secret:
        world.hide(value)
    return value


def hide_password(url: str, world: ProbeWorld) -> None:
    """Hide the password of a URL in the form it is written in and in the form it stands for."""
    try:
        password = urlsplit(url).password
    except ValueError:
        return
    for form in {password, unquote(password)} if password else ():
        world.hide(form)
