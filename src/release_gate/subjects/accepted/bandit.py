"""A baseline of bandit: its own JSON report, as ``bandit -f json -o FILE`` writes it.

Format: https://bandit.readthedocs.io/en/latest/formatters/json.html, and
``bandit/core/issue.py`` for what ``--baseline`` compares (never a line).
"""

from __future__ import annotations

from release_gate.subjects.accepted.items import AcceptedItem, document, place, typed, unusable


def items(content: bytes, name: str) -> tuple[AcceptedItem, ...]:
    """Every result of the report.

    Args:
        content: Of the file.
        name: Of the file, for messages.

    Raises:
        BaselineError: If it is no whole report of bandit.
    """
    report = document(content, name)
    if errors := typed(report.get("errors"), list, '"errors"', name):
        raise unusable(f"bandit could not read {len(errors)} files when it wrote this", name)
    results = typed(report.get("results"), list, '"results"', name)
    return tuple(_item(row, number, name) for number, row in enumerate(results, start=1))


def _item(row: object, number: int, name: str) -> AcceptedItem:
    what = f"result {number}"
    result = typed(row, dict, what, name)
    texts = {
        key: typed(result.get(key), str, f'"{key}" of {what}', name)
        for key in ("filename", "test_id", "issue_text")
    }
    return AcceptedItem(
        rule=texts["test_id"],
        path=place(texts["filename"]),
        message=texts["issue_text"],
        line=typed(result.get("line_number"), int, f'"line_number" of {what}', name),
    )
