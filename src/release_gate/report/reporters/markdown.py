"""``summary.md``: for the summary of a GitHub workflow step.

GitHub drops a summary of more than 1 MiB whole, so a long one is cut, the
gravest new findings first, and says how many more there are.
"""

from __future__ import annotations

from release_gate.judge.types import Report
from release_gate.report.templating import Templates
from release_gate.report.view import Caps, build

MOST_BYTES = 1024 * 1024 - 16 * 1024
"""A little below GitHub's limit: other steps of the job may write a line as well."""

_FIRST_TRY = Caps(blocking=200, others=20, rows=50)


def render(report: Report, templates: Templates, *, most: int = MOST_BYTES) -> bytes:
    """The summary.

    Args:
        report: What to show.
        templates: Where ``summary.md`` comes from.
        most: Bytes that it must not exceed.

    Raises:
        TemplateProblem: If a template is missing or broken.
    """
    caps = _FIRST_TRY
    while True:
        page = templates.render("summary.md", run=build(report, caps)).encode()
        if len(page) <= most:
            return page
        if not caps.blocking:
            return _cut(page, most)
        caps = Caps(
            blocking=caps.blocking // 2,
            others=caps.others // 2,
            rows=caps.rows // 2,
            excerpt=caps.excerpt // 2,
        )


def _cut(page: bytes, most: int) -> bytes:
    """Whole lines from the top; the verdict stands in the first."""
    note = b"\n\nCut here: the rest is in gate.json and report.html.\n"
    head = page[: most - len(note)]
    return head[: head.rfind(b"\n") + 1] + note
