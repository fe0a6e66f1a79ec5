"""All files that a run leaves for readers, out of one report."""

from __future__ import annotations

from pathlib import Path

from release_gate.judge.types import Report
from release_gate.report.reporters import gate_json, html, markdown
from release_gate.report.templating import Templates


def render_all(report: Report, templates: Path | None = None) -> dict[str, bytes]:
    """Content by file name, ``gate.json`` first; nothing is written.

    Args:
        report: The finished report.
        templates: The user's folder of templates, or ``None``.

    Raises:
        ReportProblem: If the report cannot be stored.
        TemplateProblem: If a template is missing or broken.
    """
    stored = gate_json.render(report)
    loaded = Templates(templates)
    return {
        "gate.json": stored,
        "report.html": html.render(report, loaded),
        "summary.md": markdown.render(report, loaded),
    }
