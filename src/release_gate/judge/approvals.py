"""Who approved a change of policy: by a waiver that the trusted commit already holds, or signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from release_gate.checklists import ChecklistInputs
from release_gate.judge.fingerprints import fingerprint
from release_gate.judge.policy_change import rule
from release_gate.judge.sign_offs import approved_changes
from release_gate.judge.types import JudgedFinding, PolicyInputs, State
from release_gate.judge.waivers import apply_waivers
from release_gate.model import Finding
from release_gate.policy import WaiverBook, WaiverPolicy
from release_gate.trust import POLICY_CHANGE, PolicySides, Ruling


def by_waivers(findings: Sequence[Finding], inputs: PolicyInputs) -> Mapping[str, str]:
    """The waiver that approves each change, by the fingerprint of its finding.

    Args:
        findings: Of the gate ``policy-change``, all new.
        inputs: With the waivers of the trusted commit.
    """
    judged = [
        JudgedFinding(finding=one, fingerprint=fingerprint(one), state=State.NEW, enforced=True)
        for one in findings
    ]
    waived = apply_waivers(POLICY_CHANGE, judged, inputs, whole=True)
    if waived.problems:
        return {}  # an entry that cannot be used, or two for one change: neither applies
    return {
        one.fingerprint: f"waiver {one.waiver_id}"
        for one in waived.findings
        if one.state is State.WAIVED
    }


class RuleBySigned:
    """Implements :class:`release_gate.trust.Rule`.

    Args:
        signed: Who else approved a change, by the fingerprint of its finding.
    """

    def __init__(self, signed: Mapping[str, str]) -> None:
        self._signed = dict(signed)

    def __call__(
        self,
        sides: PolicySides,
        *,
        waivers: WaiverBook | None,
        waiver_policy: WaiverPolicy,
        environment: str | None,
        effective_time: datetime,
        approvals: ChecklistInputs | None = None,
    ) -> Ruling:
        """What is to be done about changes of policy."""
        inputs = PolicyInputs(
            effective_time=effective_time,
            waivers=waivers,
            waiver_policy=waiver_policy,
            environment=environment,
        )

        def approved(findings: Sequence[Finding]) -> Mapping[str, str]:
            digests = [fingerprint(one) for one in findings]
            signed = (
                {} if approvals is None else approved_changes(approvals, digests, effective_time)
            )
            return {**by_waivers(findings, inputs), **signed, **self._signed}

        return rule(sides, approved)
