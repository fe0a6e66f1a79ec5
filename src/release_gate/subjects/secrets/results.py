"""From the reports about files to findings and suppressions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from release_gate.model import Finding, Suppression
from release_gate.subjects.secrets.findings import TOOL, finding_for
from release_gate.subjects.secrets.native_baseline import NativeBaseline
from release_gate.subjects.secrets.scan import FileReport

DIRECTIVE = "pragma: allowlist secret"


def found(
    reports: Iterable[FileReport], native: NativeBaseline | None, *, key: bytes, gate_id: str
) -> tuple[Finding, ...]:
    """One finding for each secret in each file, as detect-secrets counts them.

    The same secret on several lines of one file is one finding, at its first line.

    Args:
        reports: The worker's reports.
        native: Its audit confirms secrets.
        key: Key for identities.
        gate_id: For the command that shows a finding again.
    """
    # Wherever it stands now: a real key stays one when its file is renamed.
    confirmed = {(kind, digest) for _, kind, digest in _confirmed(native)}
    findings = []
    for report in reports:
        lines: dict[tuple[str, str], list[int]] = defaultdict(list)
        live = {(s.type, s.hash) for s in report.secrets if s.verified}
        for secret in report.secrets:
            lines[secret.type, secret.hash].append(secret.line)
        findings += [
            finding_for(
                kind=kind,
                path=report.file,
                lines=tuple(sorted(set(places))),
                hashed_secret=digest,
                secret_key=key,
                confirmed=(kind, digest) in live or (kind, digest) in confirmed,
                gate_id=gate_id,
            )
            for (kind, digest), places in lines.items()
        ]
    return tuple(sorted(findings, key=lambda f: (f.path or "", f.line or 0, f.rule_id)))


def confirmed_unseen(
    reports: Iterable[FileReport],
    native: NativeBaseline | None,
    listed: Collection[str],
    *,
    key: bytes,
    gate_id: str,
) -> tuple[Finding, ...]:
    """Secrets confirmed by the audit whose file is there and was not read: not proven gone.

    Args:
        reports: The worker's reports.
        native: The native baseline.
        listed: The whole file list.
        key: Key for identities.
        gate_id: For the command that shows a finding again.
    """
    read = {report.file for report in reports if report.state == "read"}
    unseen = set(listed) - read
    return tuple(
        finding_for(
            kind=kind,
            path=path,
            lines=(),
            hashed_secret=digest,
            secret_key=key,
            confirmed=True,
            gate_id=gate_id,
        )
        for path, kind, digest in sorted(_confirmed(native))
        if path in unseen
    )


def _confirmed(native: NativeBaseline | None) -> frozenset[tuple[str, str, str]]:
    return frozenset(
        (entry.path, entry.kind, entry.hashed_secret)
        for entry in (native.entries if native else ())
        if entry.is_secret is True
    )


def suppressions(
    reports: Iterable[FileReport], changed: Mapping[str, frozenset[int]] | None
) -> tuple[Suppression, ...]:
    """Lines that an allowlist comment hides.

    Args:
        reports: The worker's reports.
        changed: New and changed lines since the base; ``None``: no base.
    """
    return tuple(
        Suppression(
            tool=TOOL,
            directive=DIRECTIVE,
            path=report.file,
            line=line,
            since_base=None if changed is None else line in changed.get(report.file, frozenset()),
        )
        for report in reports
        for line in report.allowlisted
    )
