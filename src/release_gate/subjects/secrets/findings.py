"""Findings about secrets: what they are called, how bad they are, what they are known by."""

from __future__ import annotations

import hashlib
import hmac
import re

from release_gate.model import Finding, Identity, Severity

TOOL = "detect-secrets"
_ENTROPY = "High Entropy String"
_HELP = "https://github.com/Yelp/detect-secrets#auditing-secrets-in-baseline"
_LINES_SHOWN = 5


def rule_id(kind: str) -> str:
    """detect-secrets' type of secret as a rule's id: ``AWS Access Key`` is ``aws-access-key``."""
    return re.sub(r"[^a-z0-9]+", "-", kind.lower()).strip("-")


def severity(kind: str, *, confirmed: bool) -> Severity:
    """How bad a secret of one type is.

    A guess by entropy alone is medium; everything that looks like a credential is high;
    what a person or a provider confirmed is critical.
    """
    if confirmed:
        return Severity.CRITICAL
    return Severity.MEDIUM if kind.endswith(_ENTROPY) else Severity.HIGH


def identity(kind: str, hashed_secret: str, secret_key: bytes) -> Identity:
    """A keyed hash of detect-secrets' own hash: the same secret, wherever it moves in its file.

    Args:
        kind: Type of secret.
        hashed_secret: detect-secrets' hash (SHA-1 without salt: it must not be stored as it is).
        secret_key: Key from the baseline's header or the CI secret.
    """
    digest = hmac.new(secret_key, hashed_secret.encode(), hashlib.sha256).hexdigest()
    return Identity(kind="secret", key=(kind, digest))


def finding_for(
    *,
    kind: str,
    path: str,
    lines: tuple[int, ...],
    hashed_secret: str,
    secret_key: bytes,
    confirmed: bool = False,
    gate_id: str = "secrets",
) -> Finding:
    """One secret in one file, however often it stands there; it never holds the value.

    Args:
        kind: Type of secret in detect-secrets' words.
        path: Repository-relative POSIX path.
        lines: One-based lines, ascending; empty where not known.
        hashed_secret: detect-secrets' own hash.
        secret_key: Key for the identity.
        confirmed: Whether an audit or its provider says that it is a real one.
        gate_id: For the command that shows it again.
    """
    return Finding(
        tool=TOOL,
        rule_id=rule_id(kind),
        severity=severity(kind, confirmed=confirmed),
        message=f"{kind}, confirmed as a real secret" if confirmed else kind,
        identity=identity(kind, hashed_secret, secret_key),
        path=path,
        line=lines[0] if lines else None,
        why=_why(lines),
        fix=(
            "Revoke it where it is valid, then read it from the environment or a secret store; "
            "a false positive: add `# pragma: allowlist secret` to its line, or accept it with "
            "`release-gate baseline create`."
        )
        if not confirmed
        else "Revoke it where it is valid, take it out, and remove its entry from the baseline.",
        reproduce=f"release-gate run --gate {gate_id} --path {_quoted(path)}",
        help_url=_HELP,
        always_blocks=confirmed,
    )


def _why(lines: tuple[int, ...]) -> str:
    reason = "Whoever can read the repository, now or in its history, can use it."
    further = lines[1:]
    if not further:
        return reason
    shown = ", ".join(map(str, further[:_LINES_SHOWN]))
    more = f" and {len(further) - _LINES_SHOWN} more" if len(further) > _LINES_SHOWN else ""
    return f"{reason} It also stands on line {shown}{more}."


def _quoted(path: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_./@+,:-]+", path):
        return path
    return "'" + path.replace("'", "'\\''") + "'"
