"""pip-audit: ``--ignore-vuln ID`` in whatever file calls it.

Format: https://github.com/pypa/pip-audit#usage. There is no end date and no package.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from release_gate.errors import ConfigError
from release_gate.plan.ignores.types import Ignore, Ignores, Written, is_vulnerability
from release_gate.policy import Waiver

_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
# Between option and id: what shells, TOML and YAML put there.
_OPTION = re.compile(r"--ignore-vuln(?P<gap>[\s\"',=\\\-]*)(?P<id>[A-Za-z]+-[A-Za-z0-9-]+)?")


def read(text: str, file: str) -> Ignores:
    """The ids that pip-audit is told to ignore.

    Args:
        text: Of a script, a workflow, a configuration.
        file: Its name, for messages.

    Raises:
        ConfigError: If pip-audit is told nothing in it.
    """
    plain = _COMMENT.sub("", text)
    kept, left = [], []
    for found in _OPTION.finditer(plain):
        line = plain.count("\n", 0, found.start()) + 1
        if found["id"] and found["gap"]:
            kept.append(Ignore(rule=found["id"], line=line))
        else:
            left.append(f"{file}:{line}: --ignore-vuln without an id that can be read")
    if not kept and not left:
        raise ConfigError(
            "there is no --ignore-vuln in it", file=file, remedy="Name the file that calls it."
        )
    return Ignores(kept=tuple(kept), left=tuple(left))


def write(waivers: Sequence[Waiver]) -> Written:
    """Options for pip-audit, one a line.

    Args:
        waivers: In force.
    """
    lines, left = [], []
    for one in waivers:
        if not is_vulnerability(one.match.rule) or one.match.path:
            left.append(f"{one.id}: pip-audit ignores vulnerabilities by their id alone")
            continue
        left.append(f"{one.id}: pip-audit knows no end; this one ends on {one.expires}")
        lines.append(f"--ignore-vuln {one.match.rule}")
    return Written(text="".join(f"{line}\n" for line in lines), left=tuple(left))
