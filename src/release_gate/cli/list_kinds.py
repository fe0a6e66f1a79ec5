"""``release-gate list``: every kind of gate that is there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from release_gate.cli.options import Wish, json_option, root_option
from release_gate.cli.terminal import say
from release_gate.cli.wiring import Kit
from release_gate.plan.discovery import Catalogue, Kind, discover
from release_gate.redact import safe_text


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One kind of gate.

    Args:
        kind: Its name.
        title: One line.
        phase: Default phase.
        default: Whether it is expected without being configured.
        source: ``built in``, the gate file, or the package.
        tools: Distributions that it needs.
    """

    kind: str
    title: str
    phase: str
    default: bool
    source: str
    tools: tuple[str, ...]


@click.command("list")
@root_option
@json_option
def COMMAND(root: Path | None, *, as_json: bool) -> int:  # noqa: N802 - click makes it a constant
    """List the kinds of gates that are there; loads no code of the project."""
    with Kit(Wish(root=root)) as kit:
        found = rows(discover(kit.root, kit.configuration))
    if as_json:
        say(json.dumps([asdict(one) for one in found], indent=2, sort_keys=True))
        return 0
    say(safe_text(table(found)))
    return 0


def rows(catalogue: Catalogue) -> list[Row]:
    """The kinds of a catalogue, each with whose it is; a name may stand twice."""
    homes = (catalogue.built_in, catalogue.own, catalogue.installed)
    kinds = [kind for home in homes for kind in home.values()]
    return [_row(kind) for kind in sorted(kinds, key=lambda one: (one.gate.kind, one.home))]


def table(found: list[Row]) -> str:
    """Columns for people."""
    cells = [("kind", "phase", "default", "source", "title")]
    cells += [
        (one.kind, one.phase, "yes" if one.default else "no", one.source, one.title)
        for one in found
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _row(kind: Kind) -> Row:
    gate = kind.gate
    return Row(
        kind=gate.kind,
        title=gate.title,
        phase=gate.phase,
        default=gate.default,
        source=kind.file or kind.provider or "built in",
        tools=gate.tools,
    )
