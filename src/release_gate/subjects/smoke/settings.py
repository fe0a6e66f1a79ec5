"""The configuration of checks: in the gate's table, and in files of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from release_gate.api import Settings
from release_gate.subjects.http.settings import DEFAULT_RATE
from release_gate.subjects.probes.contract import AnyPack
from release_gate.subjects.probes.durations import Duration, seconds
from release_gate.subjects.probes.keys import CheckKeys, check_type
from release_gate.subjects.smoke.registry import PACKS, PROBES

DEFAULT_FILES = ("release-checks/*.toml",)


class PackKeys(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"
):
    """Base of ``packs``: a table, or a list of tables, for each pack."""


def packs_type(packs: Mapping[str, AnyPack]) -> type[PackKeys]:
    """The type of ``packs`` for a set of them.

    Args:
        packs: By name.
    """
    fields = [
        (name.replace("-", "_"), one.settings | tuple[one.settings, ...] | None, None)  # type: ignore[name-defined]  # a type that is made here
        for name, one in packs.items()
    ]
    made: Any = msgspec.defstruct(
        "Packs",
        fields,
        bases=(PackKeys,),
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
        rename="kebab",
    )
    return made  # type: ignore[no-any-return]  # a subclass of its only base


if TYPE_CHECKING:
    Check = CheckKeys
    Packs = PackKeys
else:
    Check = check_type(PROBES)
    Packs = packs_type(PACKS)


class CheckFile(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"
):
    """A file of checks.

    Args:
        check: Written out, ``[[check]]``.
        packs: Ready-made ones, ``[packs.NAME]``.
    """

    check: tuple[Check, ...] = ()
    packs: Packs = msgspec.field(default_factory=Packs)


class SmokeSettings(Settings, frozen=True):
    """Keys of ``[tool.release-gate.gates.smoke]``.

    Args:
        checks: What is asked, ``[[tool.release-gate.gates.smoke.checks]]``.
        packs: Ready-made checks, one line each.
        files: Files with more checks.
        at_once: How many checks run side by side.
        rate: Most requests a second to one origin.
        time_limit: For all checks together; the clean-ups come after it.
    """

    checks: tuple[Check, ...] = ()
    packs: Packs = msgspec.field(default_factory=Packs)
    files: tuple[str, ...] = DEFAULT_FILES
    at_once: Annotated[int, msgspec.Meta(ge=1, le=32)] = 4
    rate: Annotated[float, msgspec.Meta(gt=0, le=200)] = DEFAULT_RATE
    time_limit: Duration = "10m"

    def __post_init__(self) -> None:
        """Refuse a length of time that is none."""
        seconds(self.time_limit, "time-limit")


def used_packs(packs: PackKeys) -> list[tuple[str, int, Any]]:
    """Each pack that is used: its name, its position among several of it, and its settings.

    Args:
        packs: As read.
    """
    used: list[tuple[str, int, Any]] = []
    for name in PACKS:
        given = getattr(packs, name.replace("-", "_"))
        listed = given if isinstance(given, tuple) else (given,) if given is not None else ()
        used += [(name, position, one) for position, one in enumerate(listed)]
    return used
