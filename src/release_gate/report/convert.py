"""A report to its stored form and back, field by field."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, TypeVar

from release_gate.judge.baseline import BaselineEntry
from release_gate.judge.types import (
    GateResult,
    JudgedFinding,
    JudgedMetric,
    Report,
    ToolInfo,
    WaiverUse,
)
from release_gate.model import (
    Artifact,
    ArtifactDigest,
    BaseRef,
    Examined,
    Fact,
    Finding,
    Identity,
    Limit,
    Limitation,
    Metric,
    NotApplicable,
    Problem,
    Skipped,
    Subject,
    Suppression,
    Surroundings,
    Table,
    ToolRun,
)
from release_gate.report import schema
from release_gate.report.numbers import exact_text
from release_gate.trust import JoinedReport, Need, PolicySource

T = TypeVar("T")
St = TypeVar("St", bound=schema.Stored)


def to_stored(report: Report) -> schema.StoredReport:
    """The stored form; texts are taken as they are."""
    return _put(
        schema.StoredReport,
        report,
        schema_version=schema.SCHEMA_VERSION,
        subject=_put(
            schema.StoredSubject,
            report.subject,
            artifacts=_puts(schema.StoredArtifactDigest, report.subject.artifacts),
        ),
        base=_put(schema.StoredBase, report.base),
        tool=_put(schema.StoredToolInfo, report.tool),
        not_applicable=tuple(
            schema.StoredNotApplicable(id=item.gate_id, reason=item.reason)
            for item in report.not_applicable
        ),
        gates=tuple(_store_gate(gate) for gate in report.gates),
        fixed=tuple(
            _put(schema.StoredFixed, entry, gate_id=gate.gate_id)
            for gate in report.gates
            for entry in gate.fixed
        ),
        problems=_puts(schema.StoredProblem, report.problems),
        needs=_puts(schema.StoredNeed, report.needs),
        policy=_put(schema.StoredPolicy, report.policy),
        joined=_puts(schema.StoredJoined, report.joined),
    )


def from_stored(stored: schema.StoredReport) -> Report:
    """The report that a stored form stands for."""
    return _take(
        Report,
        stored,
        subject=_take(
            Subject, stored.subject, artifacts=_takes(ArtifactDigest, stored.subject.artifacts)
        ),
        base=_take(BaseRef, stored.base),
        tool=_take(ToolInfo, stored.tool),
        not_applicable=tuple(
            NotApplicable(gate_id=item.id, reason=item.reason) for item in stored.not_applicable
        ),
        gates=tuple(_load_gate(gate, stored.fixed) for gate in stored.gates),
        problems=_takes(Problem, stored.problems),
        needs=_takes(Need, stored.needs),
        policy=_take(PolicySource, stored.policy),
        joined=_takes(JoinedReport, stored.joined),
    )


def _store_gate(gate: GateResult) -> schema.StoredGate:
    examined = gate.examined and _put(
        schema.StoredExamined,
        gate.examined,
        skipped=_puts(schema.StoredSkipped, gate.examined.skipped),
    )
    return _put(
        schema.StoredGate,
        gate,
        id=gate.gate_id,
        duration_s=float(gate.duration_s),
        examined=examined,
        tools=_puts(schema.StoredTool, gate.tools),
        findings=tuple(_store_finding(item) for item in gate.findings),
        metrics=tuple(_store_metric(item) for item in gate.metrics),
        problems=_puts(schema.StoredProblem, gate.problems),
        limitations=_puts(schema.StoredLimitation, gate.limitations),
        suppressions=_puts(schema.StoredSuppression, gate.suppressions),
        artifacts=_puts(schema.StoredArtifact, gate.artifacts),
        tables=_puts(schema.StoredTable, gate.tables),
        waivers=_puts(schema.StoredWaiver, gate.waivers),
        data=_puts(schema.StoredFact, gate.data),
        surroundings=_store_surroundings(gate.surroundings),
    )


def _store_surroundings(value: Surroundings) -> schema.StoredSurroundings:
    return schema.StoredSurroundings(
        settings=_puts(schema.StoredFact, value.settings),
        variables=_puts(schema.StoredFact, value.variables),
        files=value.files,
    )


def _load_surroundings(stored: schema.StoredSurroundings) -> Surroundings:
    return Surroundings(
        settings=_takes(Fact, stored.settings),
        variables=_takes(Fact, stored.variables),
        files=stored.files,
    )


def _load_gate(stored: schema.StoredGate, fixed: Iterable[schema.StoredFixed]) -> GateResult:
    examined = stored.examined and _take(
        Examined, stored.examined, skipped=_takes(Skipped, stored.examined.skipped)
    )
    return _take(
        GateResult,
        stored,
        gate_id=stored.id,
        examined=examined,
        tools=_takes(ToolRun, stored.tools),
        findings=tuple(_load_finding(item) for item in stored.findings),
        fixed=tuple(
            _take(BaselineEntry, item, newer=()) for item in fixed if item.gate_id == stored.id
        ),
        metrics=tuple(_load_metric(item) for item in stored.metrics),
        problems=_takes(Problem, stored.problems),
        limitations=_takes(Limitation, stored.limitations),
        suppressions=_takes(Suppression, stored.suppressions),
        artifacts=_takes(Artifact, stored.artifacts),
        tables=_takes(Table, stored.tables),
        waivers=_takes(WaiverUse, stored.waivers),
        data=_takes(Fact, stored.data),
        surroundings=_load_surroundings(stored.surroundings),
    )


_JUDGED = ("fingerprint", "state", "enforced", "since", "waiver_id", "waiver_note")


def _store_finding(item: JudgedFinding) -> schema.StoredFinding:
    judged = {name: getattr(item, name) for name in _JUDGED}
    identity = _put(schema.StoredIdentity, item.finding.identity)
    return _put(schema.StoredFinding, item.finding, identity=identity, **judged)


def _load_finding(stored: schema.StoredFinding) -> JudgedFinding:
    identity = _take(Identity, stored.identity)
    found = _take(Finding, stored, identity=identity)
    return _take(JudgedFinding, stored, finding=found, entry=None)


def _store_metric(item: JudgedMetric) -> schema.StoredMetric:
    metric, limit = item.metric, item.limit
    stored_limit = limit and _put(
        schema.StoredLimit,
        limit,
        at_least=_exact(limit.at_least),
        at_most=_exact(limit.at_most),
    )
    return _put(
        schema.StoredMetric,
        metric,
        value=_number(metric.value),
        low=_number(metric.low),
        high=_number(metric.high),
        limit=stored_limit,
        met=item.met,
    )


def _load_metric(stored: schema.StoredMetric) -> JudgedMetric:
    value = math.nan if stored.value is None else stored.value
    return JudgedMetric(
        metric=_take(Metric, stored, value=value),
        limit=None if stored.limit is None else _load_limit(stored.name, stored.limit),
        met=stored.met,
    )


def _load_limit(metric: str, stored: schema.StoredLimit) -> Limit:
    return _take(
        Limit,
        stored,
        metric=metric,
        at_least=_fraction(stored.at_least),
        at_most=_fraction(stored.at_most),
    )


def _number(value: float | None) -> float | None:
    """JSON has no word for NaN and infinity: null."""
    return float(value) if value is not None and math.isfinite(value) else None


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else exact_text(value)


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _put(form: type[St], value: Any, /, **changes: Any) -> St:
    """A stored form with the fields of a value, but for the changes."""
    same = [name for name in form.__struct_fields__ if name not in changes]
    return form(**{name: getattr(value, name) for name in same}, **changes)


def _puts(form: type[St], values: Iterable[Any]) -> tuple[St, ...]:
    return tuple(_put(form, value) for value in values)


def _take(kind: type[T], stored: schema.Stored, /, **changes: Any) -> T:
    """A value with the fields of a stored form, but for the changes."""
    names = [f.name for f in dataclasses.fields(kind) if f.name not in changes]  # type: ignore[arg-type]  # only dataclasses come
    return kind(**{name: getattr(stored, name) for name in names}, **changes)


def _takes(kind: type[T], stored: Iterable[schema.Stored]) -> tuple[T, ...]:
    return tuple(_take(kind, item) for item in stored)
