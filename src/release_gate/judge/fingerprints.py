"""Identity of a finding, by version.

SHA-256 over length-prefixed fields: schema tag, tool, rule, repository-relative
POSIX path, the key by kind, occurrence index. Never a line number, a time or
the version of a tool, so that a finding keeps its identity when code moves.

``SCHEMES`` names the fields of every version. A stored fingerprint of an old
version stays valid: the baseline holds all of them side by side.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from release_gate.model import Finding

# What a finding's identity is made of, under a path that may not be its own.
Scheme = Callable[[Finding, str], tuple[str, ...]]

SCHEMA = "release-gate/fingerprint/1"
# A vulnerable package stays the same finding whichever lock file names it; a resource or an
# address of the web is no file at all.
_ANYWHERE = frozenset({"dependency", "infrastructure", "web"})


def _version_1(finding: Finding, path: str) -> tuple[str, ...]:
    kind = finding.identity.kind
    where = "" if kind in _ANYWHERE else path
    return (SCHEMA, finding.tool, finding.rule_id, where, kind, *finding.identity.key)


SCHEMES: Mapping[int, Scheme] = MappingProxyType({1: _version_1})


def fingerprint(finding: Finding, *, occurrence: int = 0, path: str | None = None) -> str:
    """Fingerprint of one finding, version 1, as 64 hex digits.

    Args:
        finding: What a gate reported.
        occurrence: Zero-based index among findings that are otherwise the same.
        path: Another path to take instead of the finding's own (its name before a rename).
    """
    return _digest(_version_1(finding, (finding.path if path is None else path) or ""), occurrence)


def fingerprints(
    findings: Iterable[Finding],
    *,
    paths: Mapping[str, str] | None = None,
    scheme: Scheme = _version_1,
) -> tuple[str, ...]:
    """Fingerprints of all findings of one gate, twins told apart by their order.

    Args:
        findings: In any order; twins are numbered by line and column.
        paths: Other paths to take instead of the findings' own.
        scheme: The fields of the version that is asked for.
    """
    listed = list(findings)
    order = sorted(range(len(listed)), key=lambda i: _position(listed[i]))
    seen: Counter[tuple[str, ...]] = Counter()
    result = [""] * len(listed)
    for index in order:
        finding = listed[index]
        path = finding.path or ""
        fields = scheme(finding, (paths or {}).get(path, path))
        result[index] = _digest(fields, seen[fields])
        seen[fields] += 1
    return tuple(result)


def _position(finding: Finding) -> tuple[str, int, int, str]:
    return (finding.path or "", finding.line or 0, finding.column or 0, finding.message)


def _digest(fields: tuple[str, ...], occurrence: int) -> str:
    hasher = hashlib.sha256()
    for field in (*fields, str(occurrence)):
        data = field.encode("utf-8", "surrogatepass")
        hasher.update(len(data).to_bytes(8, "big"))
        hasher.update(data)
    return hasher.hexdigest()
