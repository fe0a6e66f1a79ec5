"""Identity of a finding, version 1.

SHA-256 over length-prefixed fields: schema tag, tool, rule, repository-relative
POSIX path, the key by kind, occurrence index. Never a line number, a time or
the version of a tool, so that a finding keeps its identity when code moves.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

from release_gate.model import Finding, Identity

SCHEMA = "release-gate/fingerprint/1"


def fingerprint(finding: Finding, *, occurrence: int = 0, path: str | None = None) -> str:
    """Fingerprint of one finding as 64 hex digits.

    Args:
        finding: What a gate reported.
        occurrence: Zero-based index among findings that are otherwise the same.
        path: Another path to take instead of the finding's own (its name before a rename).
    """
    return _digest(_fields(finding, finding.path if path is None else path), occurrence)


def fingerprints(
    findings: Iterable[Finding], *, paths: dict[str, str] | None = None
) -> tuple[str, ...]:
    """Fingerprints of all findings of one gate, twins told apart by their order.

    Args:
        findings: In any order; twins are numbered by line and column.
        paths: Other paths to take instead of the findings' own.
    """
    listed = list(findings)
    order = sorted(range(len(listed)), key=lambda i: _position(listed[i]))
    seen: Counter[tuple[str, ...]] = Counter()
    result = [""] * len(listed)
    for index in order:
        finding = listed[index]
        path = (paths or {}).get(finding.path or "", finding.path)
        fields = _fields(finding, path)
        result[index] = _digest(fields, seen[fields])
        seen[fields] += 1
    return tuple(result)


def _position(finding: Finding) -> tuple[str, int, int, str]:
    return (finding.path or "", finding.line or 0, finding.column or 0, finding.message)


def _fields(finding: Finding, path: str | None) -> tuple[str, ...]:
    identity: Identity = finding.identity
    # A vulnerable package stays the same finding whichever lock file names it.
    where = "" if identity.kind in {"dependency", "infrastructure", "web"} else (path or "")
    return (SCHEMA, finding.tool, finding.rule_id, where, identity.kind, *identity.key)


def _digest(fields: tuple[str, ...], occurrence: int) -> str:
    hasher = hashlib.sha256()
    for field in (*fields, str(occurrence)):
        data = field.encode("utf-8", "surrogatepass")
        hasher.update(len(data).to_bytes(8, "big"))
        hasher.update(data)
    return hasher.hexdigest()
