"""Whether a line is part of the change."""

from __future__ import annotations

import pytest

from release_gate.subjects.source.changed import in_change
from support.source_gates import ChangedSince

pytestmark = pytest.mark.unit

BASE = ChangedSince(lines={"a.py": frozenset({2}), "gone.py": frozenset()})


@pytest.mark.parametrize(
    ("path", "line", "expected"),
    [
        ("a.py", 2, True),
        ("a.py", 1, False),
        ("a.py", None, True),
        ("gone.py", None, False),
        ("b.py", 2, False),
        ("b.py", None, False),
        (None, None, None),
    ],
)
def test_a_line_is_in_the_change_or_not(
    path: str | None, line: int | None, expected: bool | None
) -> None:
    assert expected is in_change(BASE, path, line)


def test_without_a_base_it_is_not_known() -> None:
    assert None is in_change(None, "a.py", 1)
