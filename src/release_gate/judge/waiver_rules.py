"""The rules of one waiver: whether it stands, and whether a finding is one that it names.

Every rule answers with what failed, in words; nothing said means that it holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from release_gate.judge.budgets import counts_as
from release_gate.judge.types import JudgedFinding
from release_gate.model import Finding, Severity
from release_gate.policy import Match, Waiver, WaiverPolicy, same_person, wrote

_SEPARATORS = re.compile(r"[-_.]+")
_PURL = re.compile(r"^(?P<name>pkg:[^@?#]+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A finding as waivers see it.

    Args:
        judged: The finding.
        before: Its fingerprint under the path before a rename; the same where there is none.
        old_path: That path.
    """

    judged: JudgedFinding
    before: str = ""
    old_path: str | None = None

    @property
    def finding(self) -> Finding:
        """As the gate reported it."""
        return self.judged.finding


def utc_day(moment: datetime) -> date:
    """The day in UTC that a moment falls into, whatever zone it is written in.

    Args:
        moment: Aware.

    Raises:
        ValueError: If it has no zone: then nobody knows which day it is.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC).date()


def concerns(waiver: Waiver, gate_id: str, environment: str | None) -> bool:
    """Whether a waiver is about a gate, in the environment of this run."""
    return waiver.gate == gate_id and (
        not waiver.environments or environment in waiver.environments
    )


def unusable(waiver: Waiver, policy: WaiverPolicy) -> Iterator[str]:
    """Each rule of the policy that keeps a waiver from being used at all.

    Args:
        waiver: As read.
        policy: Of the trusted base.
    """
    most = policy.max_days.get(waiver.max_severity)
    days = (waiver.expires - waiver.created).days
    if most is None:
        yield f"{waiver.max_severity} findings cannot be waived"
    elif days > most:
        yield (
            f"it runs {days} days, and for findings up to {waiver.max_severity} {most} are the most"
        )
    if same_person(waiver.owner, waiver.approver):
        yield f"its approver {waiver.approver} is its owner"
    yield from _approver(waiver, policy)
    if waiver.authors is None:
        yield f"nobody can say who added it: {waiver.unknown_author}"
    elif any(wrote(waiver.approver, author) for author in waiver.authors):
        yield f"its approver {waiver.approver} wrote it: somebody else has to"


def _approver(waiver: Waiver, policy: WaiverPolicy) -> Iterator[str]:
    allowed = policy.approvers.get(waiver.max_severity, ())
    if not allowed:
        yield (
            f"the policy names nobody who may approve {waiver.max_severity} "
            f'(key "approvers" in waiver-policy)'
        )
    elif not any(same_person(waiver.approver, one) for one in allowed):
        yield (
            f"its approver {waiver.approver} may not approve {waiver.max_severity}; "
            f"that may {', '.join(sorted(allowed))}"
        )


def out_of_date(waiver: Waiver, today: date) -> str:
    """Why a waiver does not hold on a day (UTC); empty if it does."""
    if today > waiver.expires:
        return f"ended on {waiver.expires.isoformat()}"
    if today < waiver.created:
        return f"begins on {waiver.created.isoformat()}"
    return ""


def uncovered(waiver: Waiver, finding: Finding) -> Iterator[str]:
    """Why a finding that a waiver names is not one that it may cover."""
    if finding.always_blocks:
        yield "this finding always blocks: no waiver covers it"
    severity = counts_as(finding.severity)
    if severity is Severity.CRITICAL:
        yield "critical findings cannot be waived"
    elif severity.rank < waiver.max_severity.rank:
        said = f"{finding.severity}" + (" (counts as high)" if severity != finding.severity else "")
        yield f"it covers findings up to {waiver.max_severity}, and this one is {said}"


def unmatched(match: Match, target: Target) -> Mapping[str, str]:
    """Each part of a match that a finding does not meet, with why; empty: it is the one.

    Args:
        match: Of a waiver.
        target: The finding.
    """
    found = {name: _PARTS[name](value, target) for name, value in match.parts().items()}
    if target.finding.identity.kind == "secret" and not match.fingerprint:
        found["fingerprint"] = "a secret is waived by its fingerprint alone"
    return {name: why for name, why in found.items() if why}


def _fingerprint(value: str, target: Target) -> str:
    own = target.judged.fingerprint
    if value in {own, target.before}:
        return ""
    return f"fingerprint is {value[:12]}, the finding's is {own[:12]}"


def _rule(value: str, target: Target) -> str:
    finding = target.finding
    names = (finding.rule_id, *finding.aliases)
    if value.casefold() in {name.casefold() for name in names}:
        return ""
    return f"rule is {value}, the finding's is {' alias '.join(names)}"


def _path(value: str, target: Target) -> str:
    paths = {path for path in (target.finding.path, target.old_path) if path}
    if any(_globbed(value, path) for path in paths):
        return ""
    return f"path is {value}, the finding's is {target.finding.path or 'none'}"


def _package(value: str, target: Target) -> str:
    identity = target.finding.identity
    purl = identity.key[0] if identity.kind == "dependency" and identity.key else ""
    found = _PURL.match(purl)
    whole = found["name"] if found else ""
    names = {_package_name(whole), _package_name(whole.rpartition("/")[2])} - {""}
    wanted = _PURL.match(value)
    if _package_name(wanted["name"] if wanted else value) in names:
        return ""
    return f"package is {value}, the finding's is {purl or 'none'}"


def _resource(value: str, target: Target) -> str:
    identity = target.finding.identity
    own = identity.key[0] if identity.kind == "infrastructure" and identity.key else ""
    if own and _globbed(value, own):
        return ""
    return f"resource is {value}, the finding's is {own or 'none'}"


def _url(value: str, target: Target) -> str:
    identity = target.finding.identity
    own = " ".join(identity.key[:2]) if identity.kind == "web" else ""
    method, _, path = own.partition(" ")
    if path and value in {path, f"{method} {path}"}:
        return ""
    return f"url is {value}, the finding's is {own or 'none'}"


_PARTS: Mapping[str, Callable[[str, Target], str]] = {
    "fingerprint": _fingerprint,
    "rule": _rule,
    "path": _path,
    "package": _package,
    "resource": _resource,
    "url": _url,
}


def _package_name(text: str) -> str:
    """PEP 503, which does no harm to names of other ecosystems."""
    return _SEPARATORS.sub("-", text).casefold()


def _globbed(pattern: str, text: str) -> bool:
    return _expression(pattern).fullmatch(text) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    """``*`` and ``?`` stay within a part of the path, ``**`` does not."""
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.compile("".join(words.get(piece, re.escape(piece)) for piece in pieces), re.DOTALL)
