"""``report.html``: one file that needs neither network nor script."""

from __future__ import annotations

from release_gate.judge.types import Report
from release_gate.report.templating import Templates
from release_gate.report.view import build


def render(report: Report, templates: Templates) -> bytes:
    """The page.

    Args:
        report: What to show.
        templates: Where ``report.html`` comes from.

    Raises:
        TemplateProblem: If a template is missing or broken.
    """
    return templates.render("report.html", run=build(report)).encode()
