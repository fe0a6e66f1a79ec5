"""Shares of covered lines: metrics, the table per file, and the artefact left for people."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec

from release_gate.model import Artifact, Metric, Table, percentage
from release_gate.subjects.testrun.measured import Measurement


def shown(part: int, whole: int) -> str:
    """A share with two places, cut and never rounded up: 79.996 % is shown as ``79.99 %``."""
    if whole == 0:
        return "-"
    hundredths = part * 10_000 // whole
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def metrics(measurement: Measurement) -> list[Metric]:
    """Coverage as exact fractions; with branches, lines and branches count together."""
    total = measurement.totals
    found = [
        percentage("coverage", total.covered, total.whole),
        percentage("line-coverage", total.covered_lines, total.num_statements),
    ]
    found.append(
        Metric(name="excluded-lines", value=measurement.totals.excluded_lines, unit="lines")
    )
    # A program without a branch has no share of them, which is not the same as a broken one.
    if measurement.branch and total.num_branches:
        found.append(percentage("branch-coverage", total.covered_branches, total.num_branches))
    return found


def excluded(measurement: Measurement) -> list[str]:
    """How much does not count at all, as a note; none if everything does."""
    left_out = measurement.totals.excluded_lines
    return [f"{left_out} lines excluded from coverage"] if left_out else []


def table(measurement: Measurement) -> Table:
    """One row a file, the least covered first."""
    columns = ["File", "Lines", "Missing"]
    if measurement.branch:
        columns += ["Branches", "Missing branches"]
    rows = []
    for path, measured in sorted(measurement.files.items(), key=_least_covered):
        counts = measured.summary
        row = [path, str(counts.num_statements), str(counts.missing_lines)]
        if measurement.branch:
            row += [str(counts.num_branches), str(counts.missing_branches)]
        rows.append((*row, shown(counts.covered, counts.whole)))
    return Table(title="Coverage by file", columns=(*columns, "Covered"), rows=tuple(rows))


def _least_covered(item: tuple[str, Any]) -> tuple[float, str]:
    path, measured = item
    counts = measured.summary
    return (counts.covered / counts.whole if counts.whole else 1.0, path)


def artifact(measurement: Measurement, folder: Path, gate_id: str) -> Artifact:
    """Leave what was measured for people, without times and without paths of this machine.

    Args:
        measurement: What was covered.
        folder: The gate's folder for artefacts.
        gate_id: Name of its folder within ``artifacts/``.
    """
    document = {
        "meta": {
            "format": 3,
            "version": measurement.version,
            "branch_coverage": measurement.branch,
        },
        "files": msgspec.to_builtins(measurement.files),
        "totals": msgspec.to_builtins(measurement.totals),
    }
    content = (json.dumps(document, sort_keys=True, indent=1) + "\n").encode()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "coverage.json").write_bytes(content)
    return Artifact(
        path=f"artifacts/{gate_id}/coverage.json",
        media_type="application/json",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )
