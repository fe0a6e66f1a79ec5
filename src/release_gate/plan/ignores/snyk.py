"""Snyk: ``ignore`` of the policy file ``.snyk``.

Format: https://docs.snyk.io/manage-risk/policies/the-.snyk-file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from release_gate.errors import ConfigError
from release_gate.plan.ignores.types import (
    Ignore,
    Ignores,
    Written,
    is_vulnerability,
    last_day,
    parse_moment,
)
from release_gate.plan.ignores.yaml_text import Node, parse_yaml
from release_gate.policy import Waiver

_ANY_WAY_TO = re.compile(r"\* > (?P<name>[A-Za-z0-9_.@/-]+)")


def read(text: str, file: str) -> Ignores:
    """The ignored vulnerabilities.

    Args:
        text: Of the file.
        file: Its name, for messages.

    Raises:
        ConfigError: If it is no YAML or of another shape.
    """
    root = parse_yaml(text, file)
    ignored = root.table().get("ignore")
    if ignored is None or not (isinstance(ignored.value, dict) or ignored.value is None):
        raise ConfigError('there is no table "ignore" in it', file=file, line=root.line)
    kept: list[Ignore] = []
    left: list[str] = []
    for rule, places in ignored.table().items():
        if not places.items():
            raise ConfigError(f"{rule} has no list of paths", file=file, line=places.line)
        for place in places.items():
            for path, said in place.table().items():
                taken = _ignore(rule, path, said, file)
                if isinstance(taken, Ignore):
                    kept.append(taken)
                else:
                    left.append(taken)
    left += _others(root, file)
    return Ignores(kept=tuple(kept), left=tuple(left))


def _ignore(rule: str, path: str, said: Node, file: str) -> Ignore | str:
    package = _ANY_WAY_TO.fullmatch(path)
    if path.strip() != "*" and package is None:
        return (
            f"{file}:{said.line}: {rule}: the way {path} narrows it, and a waiver cannot say that"
        )
    return Ignore(
        rule=rule,
        package=package["name"].partition("@")[0] if package else "",
        reason=said.text("reason"),
        until=_until(said, file),
        line=said.line,
    )


def _until(said: Node, file: str) -> date | None:
    text = said.text("expires")
    if not text:
        return None
    moment = parse_moment(text)
    if moment is None:
        raise ConfigError(f"is no date: {text}", file=file, line=said.table()["expires"].line)
    return last_day(moment)


def _others(root: Node, file: str) -> Iterator[str]:
    for key in ("patch", "exclude"):
        node = root.table().get(key)
        if node is not None and (node.table() or node.items()):
            yield f"{file}:{node.line}: {key} is not about one vulnerability"


def write(waivers: Sequence[Waiver]) -> Written:
    """A ``.snyk`` file.

    Args:
        waivers: In force.
    """
    lines, left = ["version: v1.25.0"], []
    seen: set[str] = set()
    for one in waivers:
        rule = one.match.rule
        if not is_vulnerability(rule) or one.match.path or rule in seen:
            left.append(f"{one.id}: Snyk ignores a vulnerability once, by its id and package")
            continue
        seen.add(rule)
        lines += ["ignore:"] if len(seen) == 1 else []
        name = one.match.package.rpartition("/")[2]
        until = (one.expires + timedelta(days=1)).isoformat()
        lines += [
            f"  {json.dumps(rule)}:",
            f"    - {json.dumps(f'* > {name}' if name else '*')}:",
            f"        reason: {json.dumps(f'{one.id}: {one.reason}')}",
            f"        expires: {until}T00:00:00.000Z",
        ]
    lines += [] if seen else ["ignore: {}"]
    return Written(text="".join(f"{line}\n" for line in lines), left=tuple(left))
