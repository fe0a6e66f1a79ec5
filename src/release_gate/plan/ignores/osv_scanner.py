"""OSV-Scanner: ``osv-scanner.toml``.

Format: https://google.github.io/osv-scanner/configuration/.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from release_gate.plan.document import parse_document
from release_gate.plan.ignores.types import Ignore, Ignores, Written, is_vulnerability, last_day
from release_gate.plan.waiver_text import toml_value
from release_gate.policy import Waiver


def read(text: str, file: str) -> Ignores:
    """The vulnerabilities that are ignored.

    Args:
        text: Of the file.
        file: Its name, for messages.

    Raises:
        ConfigError: If it is no TOML, or an entry has no id.
    """
    document = parse_document(text, file)
    entries = document.values.get("IgnoredVulns", [])
    if not isinstance(entries, list):
        raise document.error('"IgnoredVulns" must be a list of tables', ("IgnoredVulns",))
    kept = []
    for at, entry in enumerate(entries):
        path = ("IgnoredVulns", at)
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            raise document.error("an entry has no id", path)
        until = entry.get("ignoreUntil")
        if until is not None and not isinstance(until, date):
            raise document.error('"ignoreUntil" is not a date', (*path, "ignoreUntil"))
        kept.append(
            Ignore(
                rule=entry["id"],
                reason=str(entry.get("reason", "")),
                until=None if until is None else last_day(until),
                line=document.line(path),
            )
        )
    left = [
        f"{file}:{document.line((key,))}: {key} is not about one vulnerability"
        for key in document.values
        if key != "IgnoredVulns"
    ]
    return Ignores(kept=tuple(kept), left=tuple(left))


def write(waivers: Sequence[Waiver]) -> Written:
    """The file, ending when the waivers do.

    Args:
        waivers: In force.
    """
    parts, left = [], []
    for one in waivers:
        if not is_vulnerability(one.match.rule) or one.match.path:
            left.append(f"{one.id}: OSV-Scanner ignores vulnerabilities by their id alone")
            continue
        until = (one.expires + timedelta(days=1)).isoformat()
        reason = toml_value(f"{one.id}: {one.reason}")
        parts.append(
            f"[[IgnoredVulns]]\nid = {toml_value(one.match.rule)}\n"
            f"ignoreUntil = {until}T00:00:00Z\nreason = {reason}\n"
        )
    return Written(text="\n".join(parts), left=tuple(left))
