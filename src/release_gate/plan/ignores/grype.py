"""Grype: ``ignore`` of ``.grype.yaml``.

Format: https://github.com/anchore/grype#specifying-matches-to-ignore. There is no end date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from release_gate.errors import ConfigError
from release_gate.plan.ignores.types import Ignore, Ignores, Written, is_vulnerability
from release_gate.plan.ignores.yaml_text import Node, parse_yaml
from release_gate.policy import Waiver

_KEYS = frozenset({"vulnerability", "package", "reason", "include-aliases"})
_PACKAGE_KEYS = frozenset({"name", "location"})
_NAME = re.compile(r"[A-Za-z0-9_.@/-]+")


def read(text: str, file: str) -> Ignores:
    """The rules that ignore one vulnerability.

    Args:
        text: Of the file.
        file: Its name, for messages.

    Raises:
        ConfigError: If it is no YAML, or its rules are no list.
    """
    root = parse_yaml(text, file)
    rules = root.table().get("ignore")
    if rules is None:
        raise ConfigError('there is no key "ignore" in it', file=file, line=root.line)
    if not isinstance(rules.value, list):
        raise ConfigError('"ignore" must be a list', file=file, line=rules.line)
    kept, left = [], []
    for rule in rules.items():
        why = _inexpressible(rule)
        if why:
            left.append(f"{file}:{rule.line}: {why}")
            continue
        package = rule.table().get("package", rule)
        kept.append(
            Ignore(
                rule=rule.text("vulnerability"),
                package=package.text("name"),
                path=package.text("location").lstrip("/"),
                reason=rule.text("reason"),
                line=rule.line,
            )
        )
    return Ignores(kept=tuple(kept), left=tuple(left))


def _inexpressible(rule: Node) -> str:
    if not rule.text("vulnerability"):
        return "a rule without a vulnerability ignores more than a waiver may"
    package = rule.table().get("package")
    inner = package.table().keys() if package else set()
    further = sorted({*rule.table().keys() - _KEYS, *inner - _PACKAGE_KEYS})
    if further:
        return f"{further[0]} narrows it, and a waiver cannot say that"
    name = package.text("name") if package else ""
    if name and not _NAME.fullmatch(name):
        return f"{name} is a pattern, and a waiver names one package"
    return ""


def write(waivers: Sequence[Waiver]) -> Written:
    """The key ``ignore`` for a ``.grype.yaml``.

    Args:
        waivers: In force.
    """
    lines, left = ["ignore:"], []
    for one in waivers:
        match = one.match
        if not is_vulnerability(match.rule) or "*" in match.path:
            left.append(f"{one.id}: Grype ignores vulnerabilities, by id, package and location")
            continue
        left.append(f"{one.id}: Grype knows no end; this one ends on {one.expires}")
        lines.append(f"  # {one.id} until {one.expires}: {' '.join(one.reason.split())}")
        lines.append(f"  - vulnerability: {json.dumps(match.rule)}")
        inner = {"name": match.package.rpartition("/")[2], "location": match.path}
        named = {key: value for key, value in inner.items() if value}
        if named:
            lines.append("    package:")
        lines += [f"      {key}: {json.dumps(value)}" for key, value in named.items()]
    text = "".join(f"{line}\n" for line in lines) if len(lines) > 1 else "ignore: []\n"
    return Written(text=text, left=tuple(left))
