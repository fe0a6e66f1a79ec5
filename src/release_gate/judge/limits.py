"""Metrics against their limits, compared exactly."""

from __future__ import annotations

from collections.abc import Sequence

from release_gate.judge.intervals import keeps
from release_gate.judge.types import JudgedMetric
from release_gate.model import Limit, Metric


def judged_metrics(metrics: Sequence[Metric], limits: Sequence[Limit]) -> tuple[JudgedMetric, ...]:
    """Every metric with its limit and whether it keeps to it.

    Args:
        metrics: What was measured.
        limits: What was planned; that none is missing is the floor's to say.
    """
    return tuple(_metric(metric, limits) for metric in metrics)


def _metric(metric: Metric, limits: Sequence[Limit]) -> JudgedMetric:
    limit = next((limit for limit in limits if limit.metric == metric.name), None)
    if limit is None or not metric.is_number:
        return JudgedMetric(metric=metric, limit=limit)
    return JudgedMetric(metric=metric, limit=limit, met=keeps(metric, limit))
