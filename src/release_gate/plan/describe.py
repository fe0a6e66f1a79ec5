"""The plan as plain values, for ``release-gate plan`` and for programs."""

from __future__ import annotations

from typing import Any

from release_gate.api import Origin
from release_gate.plan.hosted import is_hosted
from release_gate.plan.types import Plan, PlannedGate

NOT_LOADED = "not loaded: runs in a process of its own"


def describe(plan: Plan) -> dict[str, Any]:
    """Everything the plan settled, without a path of this machine.

    Args:
        plan: Nothing is run or built to describe it.
    """
    subject = plan.subject
    return {
        "project": subject.repository,
        "version": subject.version,
        "commit": subject.commit,
        "dirty": subject.dirty,
        "dirty_is_error": plan.dirty_is_error,
        "base": {
            "ref": plan.base_ref.ref,
            "commit": plan.base_ref.commit,
            "note": plan.base_ref.note,
        },
        "phase": plan.phase,
        "environment": plan.environment,
        "partial": plan.partial,
        "paths": list(plan.paths),
        "files": len(plan.project.files),
        "config_file": plan.config_file,
        "planned": list(plan.planned),
        "needs": [str(one) for one in plan.needs],
        "policy": {
            "mode": plan.policy.mode,
            "commit": plan.policy.commit,
            "note": plan.policy.note,
            "changes": [
                one.message for one in (plan.ruling.evidence.findings if plan.ruling else ())
            ],
        },
        "policy_digest": plan.policy_digest,
        "baseline": plan.baseline_file if plan.baseline_text is not None else None,
        "toolkit_python": ".".join(str(part) for part in plan.toolkit.python_version),
        "project_environment": plan.project_environment.origin(),
        "settings": [_setting(one) for one in plan.origins],
        "gates": [_gate(one, plan) for one in plan.gates],
        "not_applicable": [
            {"gate": one.gate_id, "reason": one.reason} for one in plan.not_applicable
        ],
        "notes": list(plan.notes),
        "warnings": list(plan.warnings),
    }


def _gate(planned: PlannedGate, plan: Plan) -> dict[str, Any]:
    hosted = is_hosted(planned.gate)
    files = _files(planned, plan)
    return {
        "id": planned.gate_id,
        "kind": planned.gate.kind,
        "title": planned.gate.title,
        "phase": planned.common.phase,
        "home": planned.home,
        "file": planned.file,
        "count": None if hosted else len(files),
        "unit": planned.inputs.unit,
        "tools": [{"name": one.name, "version": one.version} for one in planned.tools],
        "enforce": planned.common.enforce,
        "deadline_s": planned.common.deadline_s,
        "reusable": planned.inputs.reusable,
        "skip_reason": planned.common.skip_reason,
        "inapplicable": planned.inapplicable,
        "note": NOT_LOADED if hosted else None,
        "requests": list(planned.inputs.requests),
        "settings": [_setting(one) for one in planned.origins],
    }


def _files(planned: PlannedGate, plan: Plan) -> tuple[str, ...]:
    """``--path`` narrows what a gate looks at; what its evidence depends on stays the same."""
    if not plan.paths:
        return planned.inputs.files
    return tuple(sorted(set(planned.inputs.files) & set(plan.paths)))


def _setting(origin: Origin) -> dict[str, str]:
    return {"name": origin.name, "value": origin.value, "origin": origin.origin}
