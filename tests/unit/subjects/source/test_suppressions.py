"""Comments that take findings away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from release_gate.api import Suppression
from release_gate.subjects.source.suppressions import (
    BANDIT,
    COVERAGE,
    DETECT_SECRETS,
    MYPY,
    RUFF,
    Directive,
    metrics,
    suppressions,
)
from release_gate.testing import project
from support.source_gates import ChangedSince

pytestmark = pytest.mark.unit

ALL = (*RUFF, *MYPY, *BANDIT, *COVERAGE, *DETECT_SECRETS)


def found(
    root: Path, text: str | bytes, directives: Sequence[Directive] = ALL, name: str = "a.py"
) -> tuple[Suppression, ...]:
    return suppressions(project(root, {name: text}), [name], directives, None)


@pytest.mark.parametrize(
    ("comment", "directive", "rules"),
    [
        ("# noqa", "noqa", ()),
        ("# NOQA", "noqa", ()),
        ("#noqa:F401", "noqa", ("F401",)),
        ("# noqa: F401, E501", "noqa", ("F401", "E501")),
        ("# noqa: F401 because of it", "noqa", ("F401",)),
        ("# noqa: PLR0913  # reason", "noqa", ("PLR0913",)),
        ("# ruff: noqa", "file noqa", ()),
        ("# flake8: noqa: E501", "file noqa", ("E501",)),
        ("# ruff: ignore[F401, E501]", "ruff: ignore", ("F401", "E501")),
        ("# ruff: file-ignore[F401]", "ruff: ignore", ("F401",)),
        ("# ruff: disable[F401]", "ruff: disable", ("F401",)),
        ("# fmt: off", "fmt: off", ()),
        ("# fmt: skip", "fmt: off", ()),
        ("# isort: skip_file", "isort: skip", ()),
        ("# type: ignore", "type: ignore", ()),
        ("# type:ignore[attr-defined, misc]", "type: ignore", ("attr-defined", "misc")),
        ("# mypy: ignore-errors", "mypy: setting", ("ignore-errors",)),
        ("# nosec", "nosec", ()),
        ("#nosec:B101", "nosec", ("B101",)),
        ("# nosec B101, B602", "nosec", ("B101", "B602")),
        ("# nosec assert_used", "nosec", ("assert_used",)),
        ("# pragma: no cover", "pragma: no cover", ()),
        ("# pragma: no branch", "pragma: no cover", ()),
        ("# pragma: allowlist secret", "pragma: allowlist secret", ()),
        ("# pragma: whitelist-secret", "pragma: allowlist secret", ()),
        ("# pragma: allowlist nextline secret", "pragma: allowlist secret", ()),
    ],
)
def test_each_form_is_found_with_its_rules(
    tmp_path: Path, comment: str, directive: str, rules: tuple[str, ...]
) -> None:
    (item,) = found(tmp_path, f"x = 1  {comment}\n" if "mypy" not in comment else f"{comment}\n")
    assert (1, directive, rules, None) == (
        item.line,
        item.directive,
        item.rules,
        item.since_base,
    )


@pytest.mark.parametrize(
    "text",
    [
        "x = '# noqa'\n",
        '"""\n# type: ignore\n"""\n',
        "# a note on type ignoring\n",
        "x = 1  # no quality assurance\n",
        "x = 1  # see mypy: it knows\n",
    ],
)
def test_words_that_are_no_directive_are_not_counted(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == ()


def test_one_comment_may_hold_several(tmp_path: Path) -> None:
    items = found(tmp_path, "x = 1  # type: ignore[misc]  # noqa: E501  # nosec\n")
    assert [item.directive for item in items] == ["noqa", "nosec", "type: ignore"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(tmp_path: Path, end: str) -> None:
    text = end.join(["\ufeffx = 1", "y = 2  # noqa", ""])
    assert [item.line for item in found(tmp_path, text.encode())] == [2]


def test_after_the_point_where_tokens_end_lines_are_read(tmp_path: Path) -> None:
    text = "x = 1  # noqa\ny = (\nz = 2  # nosec\n"
    assert [(item.line, item.directive) for item in found(tmp_path, text)] == [
        (1, "noqa"),
        (3, "nosec"),
    ]


def test_files_of_other_kinds_are_read_by_line(tmp_path: Path) -> None:
    text = 'key = "x" // pragma: allowlist secret\n'
    assert [item.line for item in found(tmp_path, text, DETECT_SECRETS, "a.js")] == [1]


def test_a_file_that_went_away_has_none(tmp_path: Path) -> None:
    the_project = project(tmp_path, {"a.py": "x = 1  # noqa\n"})
    (tmp_path / "a.py").unlink()
    assert suppressions(the_project, ["a.py"], RUFF, None) == ()


def test_what_is_new_since_the_base_is_told(tmp_path: Path) -> None:
    the_project = project(tmp_path, {"a.py": "x = 1  # noqa\ny = 1  # noqa\n", "b.py": "# noqa\n"})
    base = ChangedSince(lines={"a.py": frozenset({2})})
    items = suppressions(the_project, ["b.py", "a.py"], RUFF, base)
    assert [(item.path, item.since_base) for item in items] == [
        ("a.py", False),
        ("a.py", True),
        ("b.py", False),
    ]
    assert [(item.name, item.value) for item in metrics(items, base)] == [
        ("suppressions", 3),
        ("suppressions-new", 1),
    ]


def test_without_a_base_nothing_is_said_of_new_ones() -> None:
    assert [item.name for item in metrics((), None)] == ["suppressions"]
