"""k6: ``--summary-export`` and the data of ``handleSummary``.

Formats: grafana.com/docs/k6, "results output". Times are milliseconds. In the older form a
threshold that is ``true`` is *broken*; in the newer one ``{"ok": false}`` is. ``passes`` of
``http_req_failed`` counts the requests that did fail, since that is what the rate is of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from release_gate.subjects.load.reports.types import (
    LoadReport,
    checked,
    count,
    number,
    table,
    unusable,
)

TOOL = "k6"
_PERCENTILE = re.compile(r"p\((\d+(?:\.\d+)?)\)")
_NAMED = {"min": Fraction(0), "med": Fraction(1, 2), "max": Fraction(1)}
_MS = 1000.0
_TREND = "http_req_duration"


def recognized(values: Any) -> bool:
    """Whether parsed JSON looks like a summary of k6."""
    if not isinstance(values, dict) or not isinstance(values.get("metrics"), dict):
        return False
    return "root_group" in values or "http_reqs" in values["metrics"]


def read(values: Any) -> LoadReport:
    """The report.

    Raises:
        ToolProblem: If something is missing or contradicts itself.
    """
    metrics = table(TOOL, values, "metrics")
    requests = _of(metrics, "http_reqs")
    total = count(TOOL, requests, "count") if requests else 0
    if not total:
        return _nothing(metrics)
    failing = _of(metrics, "http_req_failed")
    if not failing:
        raise unusable(TOOL, 'has no metric "http_req_failed": nobody knows what failed')
    failed, fine = count(TOOL, failing, "passes"), count(TOOL, failing, "fails")
    if failed + fine != total:
        raise unusable(TOOL, f"counts {failed + fine} outcomes for {total} requests")
    percentiles = _percentiles(_of(metrics, _TREND) or {})
    dropped = _of(metrics, "dropped_iterations")
    return checked(
        LoadReport(
            tool=TOOL,
            requests=total,
            failed=failed,
            duration_s=_duration(values, requests or {}, total),
            percentiles_us=percentiles,
            rounding_us=dict.fromkeys(percentiles, 0.0),
            dropped=count(TOOL, dropped, "count") if dropped else 0,
            broken=tuple(_broken(metrics)),
            notes=("k6's latency leaves the time for connecting out",),
        )
    )


def _nothing(metrics: Mapping[str, Any]) -> LoadReport:
    return LoadReport(
        tool=TOOL,
        requests=0,
        failed=0,
        duration_s=0.0,
        percentiles_us={},
        rounding_us={},
        broken=tuple(_broken(metrics)),
    )


def _of(metrics: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """A metric's values in either form."""
    if name not in metrics:
        return None
    found = table(TOOL, metrics, name)
    return table(TOOL, found, "values") if "type" in found or "values" in found else found


def _percentiles(trend: Mapping[str, Any]) -> dict[Fraction, float]:
    found = {}
    for key in trend:
        match = _PERCENTILE.fullmatch(key)
        level = Fraction(match[1]) / 100 if match else _NAMED.get(key)
        if level is not None:
            found[level] = number(TOOL, trend, key) * _MS
    return found


def _duration(values: Any, requests: Mapping[str, Any], total: int) -> float:
    state = values.get("state")
    if isinstance(state, dict) and "testRunDurationMs" in state:
        return number(TOOL, state, "testRunDurationMs") / 1000
    rate = number(TOOL, requests, "rate")
    return total / rate if rate else 0.0


def _broken(metrics: Mapping[str, Any]) -> Iterator[str]:
    for name, metric in sorted(metrics.items()):
        thresholds = metric.get("thresholds") if isinstance(metric, dict) else None
        for text, state in sorted((thresholds or {}).items()):
            broken = state.get("ok") is not True if isinstance(state, dict) else state is not False
            if broken:
                yield f"{name}: {text}"
