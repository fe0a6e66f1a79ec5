from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.subjects.services.exposition import Sample, samples
from release_gate.subjects.services.selectors import is_selector, selector

pytestmark = pytest.mark.unit

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPEN = "application/openmetrics-text; version=1.0.0"

PAGE = """\
# HELP http_requests_total All of them.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1772366370000
http_requests_total{ method = "post" , code="400", }    3
# a comment

odd{path="C:\\\\DIR\\n\\"x\\"",note="a{b}, # c"} 1.5e+03
absent NaN
most +Inf
up 1
"""


def test_a_page_is_read_as_it_stands() -> None:
    found = samples(PAGE, TEXT)
    assert [sample.name for sample in found] == [
        "http_requests_total",
        "http_requests_total",
        "odd",
        "absent",
        "most",
        "up",
    ]
    assert found[0] == Sample(
        name="http_requests_total",
        labels={"method": "post", "code": "200"},
        value=1027,
        at=1772366370.0,
    )
    assert found[2].labels == {"path": 'C:\\DIR\n"x"', "note": "a{b}, # c"}
    assert math.isnan(found[3].value)
    assert math.isinf(found[4].value)


def test_openmetrics_have_seconds_exemplars_and_an_end() -> None:
    page = 'a_total{x="1"} 3 1772366370.5 # {trace_id="q"} 0.5 1772366370\n# EOF\n'
    found = samples(page, OPEN)
    assert found == (Sample(name="a_total", labels={"x": "1"}, value=3, at=1772366370.5),)


@pytest.mark.parametrize(
    ("page", "kind", "said"),
    [
        ("", TEXT, "no body"),
        ("# nothing\n", TEXT, "holds no sample"),
        ("up 1\nmemory_byt", TEXT, "cut off: its last line does not end"),
        ("up 1\n", OPEN, "cut off: it does not end with # EOF"),
        ("<html>\n", "text/html", "the page is text/html, expected text/plain"),
        ("up 1\n", "", "of no type"),
        ("<html>\n", TEXT, "line 1 is no sample"),
        ("up one\n", TEXT, "could not convert|no number"),
        ("up 1_000\n", TEXT, "no number"),
        ("up\n", TEXT, "line 1 is no sample"),
        ('up{a="1} 1\n', TEXT, "line 1 is no sample"),
        ('up{a="1",a="2"} 1\n', TEXT, "names a label twice"),
        ('up{a="1",b="2"} 1\nup{b="2",a="1"} 1\n', TEXT, "stands twice"),
        ("up 1 now\n", TEXT, "line 1 is no sample"),
    ],
)
def test_a_page_that_is_none_is_refused(page: str, kind: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        samples(page, kind)


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    st.floats(allow_nan=False),
)
def test_any_value_of_a_label_survives(value: str, number: float) -> None:
    escaped = value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
    found = samples(f'a{{b="{escaped}"}} {number!r}\n', TEXT)
    assert found == (Sample(name="a", labels={"b": value}, value=number),)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("http_requests_total", 2),
        ('http_requests_total{code="200"}', 1),
        ('http_requests_total{code!="200"}', 1),
        ('http_requests_total{code=~"4.."}', 1),
        ('http_requests_total{code=~"4"}', 0),
        ('http_requests_total{code!~"4..", method="post",}', 1),
        ('http_requests_total{gone=""}', 2),
        ("http_requests", 0),
    ],
)
def test_a_selector_chooses_as_promql_does(text: str, count: int) -> None:
    assert len(selector(text).chosen(samples(PAGE, TEXT))) == count


@pytest.mark.parametrize(
    "text", ["", "sum(a)", "a[5m]", 'a{b="1"', "a{b=1}", 'a{b=~"("}', 'a{"b"}', "a / b"]
)
def test_what_chooses_no_series_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"chooses no series|no condition|no regular expression"):
        selector(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [('up{job="api"}', True), ("up", True), ("up == 1", False), ("rate(a[1m])", False)],
)
def test_plain_selectors_are_told_from_expressions(text: str, plain: Any) -> None:
    assert is_selector(text) is plain
