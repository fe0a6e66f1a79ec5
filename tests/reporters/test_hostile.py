"""What tools quote from the user's files stays text in every output."""

from __future__ import annotations

import json
import re
import unicodedata
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from markdown_it import MarkdownIt

from release_gate.report.outputs import render_all
from release_gate.report.reporters import console

pytestmark = pytest.mark.unit

ELEMENTS = frozenset(
    [
        "html",
        "head",
        "meta",
        "link",
        "title",
        "style",
        "body",
        "header",
        "main",
        "footer",
        "section",
        "div",
        "article",
        "h1",
        "h2",
        "h3",
        "p",
        "ul",
        "li",
        "strong",
        "span",
        "a",
        "code",
        "pre",
        "dl",
        "dt",
        "dd",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "details",
        "summary",
    ]
)
ATTRIBUTES = frozenset(
    [
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "rel",
        "href",
        "class",
        "id",
        "scope",
        "role",
        "tabindex",
        "aria-label",
        "aria-labelledby",
        "aria-hidden",
    ]
)
HREF = re.compile(r"#(gate|change)-\d+|data:,|https://bandit\.readthedocs\.io/[a-z0-9./]+")
# Two breaks for every text: hypothesis is not needed to say which texts hurt.
TEXTS = range(13)


class Page(HTMLParser):
    """Notes every element, attribute and link of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name == "href"}

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


@pytest.fixture(scope="module", params=[*TEXTS, "all", "plain"])
def report(request: pytest.FixtureRequest, samples: SimpleNamespace) -> Any:
    if request.param == "all":
        return samples.hostile()
    if request.param == "plain":
        return samples.failing()
    return samples.infected(samples.HOSTILE[request.param])


@pytest.fixture(scope="module")
def files(report: Any) -> dict[str, str]:
    return {name: data.decode("utf-8") for name, data in render_all(report).items()}


def test_every_hostile_text_is_tried(samples: SimpleNamespace) -> None:
    assert list(TEXTS) == list(range(len(samples.HOSTILE)))


def test_the_page_holds_nothing_but_its_own_elements(files: dict[str, str]) -> None:
    page = Page()
    page.feed(files["report.html"])
    assert page.elements <= ELEMENTS
    assert page.attributes <= ATTRIBUTES
    assert page.comments == []
    assert [link for link in page.links if not HREF.fullmatch(link)] == []


def test_the_summary_holds_no_link_image_or_html(files: dict[str, str]) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(files["summary.md"])
    kinds = {child.type for token in tokens for child in token.children or []}
    kinds |= {token.type for token in tokens}
    assert not kinds & {"html_block", "html_inline", "image", "code_block", "hr", "blockquote_open"}
    links = [
        child.attrs["href"]
        for token in tokens
        for child in token.children or []
        if child.type == "link_open"
    ]
    assert [link for link in links if not HREF.fullmatch(str(link))] == []


def test_the_summary_keeps_its_shape(files: dict[str, str], samples: SimpleNamespace) -> None:
    def shape(text: str) -> list[str]:
        tokens = MarkdownIt("commonmark").enable("table").parse(text)
        wanted = {"heading_open", "th_open", "tr_open", "td_open", "fence"}
        return [token.type for token in tokens if token.type in wanted]

    plain = shape(render_all(samples.failing())["summary.md"].decode())
    without_fences = [kind for kind in plain if kind != "fence"]
    assert without_fences == [kind for kind in shape(files["summary.md"]) if kind != "fence"]


def test_the_summary_calls_nobody(files: dict[str, str]) -> None:
    text = files["summary.md"].replace("&#8288;", "\u2060")
    outside_code = re.sub(r"(`+)[^`].*?[^`]\1(?!`)", "", text)
    prose = re.sub(r"```+text\n.*?\n```+\n", "", outside_code, flags=re.DOTALL)
    assert not re.search(r"[@#]\w", prose)
    assert "://" not in re.sub(r"<https://bandit\.[a-z0-9./]+>", "", prose)


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("verbose", [False, True])
def test_the_screen_gets_no_control_character_and_no_command(
    report: Any, colour: bool, verbose: bool
) -> None:
    text = console.render(
        report, colour=colour, width=80, verbose=verbose, report_path="report.html"
    )
    without_colours = re.sub(r"\x1b\[[0-9;]+m", "", text) if colour else text
    odd = {c for c in without_colours if unicodedata.category(c) in {"Cc", "Cf", "Cs"}}
    assert odd <= {"\n"}
    for line in without_colours.splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line


def test_no_file_holds_a_control_character(files: dict[str, str]) -> None:
    for text in files.values():
        assert {c for c in text if unicodedata.category(c) in {"Cc", "Cs"}} <= {"\n", "\t"}
        assert not re.search("[\u200b\u202a-\u202e\u2066-\u2069]", text)


def test_no_line_of_a_file_is_a_workflow_command(files: dict[str, str]) -> None:
    for name in ("gate.json", "summary.md"):
        for line in files[name].splitlines():
            assert not line.lstrip().startswith("::")


def test_braces_are_text_and_not_a_template(files: dict[str, str], report: Any) -> None:
    if "{{7*7}}" in report.subject.repository:
        assert "{{7*7}}" in files["report.html"]
    assert json.loads(files["gate.json"])["schema_version"] == 1


def test_a_link_to_anything_but_a_web_page_is_not_a_link(samples: SimpleNamespace) -> None:
    for address in (
        "javascript:alert(1)",
        "data:text/html,x",
        'https://a.example/"onclick=x',
        "https://a.example/) [x](https://b.example",
        "file:///etc/passwd",
        "https://user@a.example/",
    ):
        one = samples.finding(help_url=address)
        gate = samples.gate("security", verdict=samples.Verdict.FAIL, findings=(one,))
        files = render_all(samples.report(gate, verdict=samples.Verdict.FAIL))
        page = Page()
        page.feed(files["report.html"].decode())
        assert [link for link in page.links if not HREF.fullmatch(link)] == []
        assert address not in files["summary.md"].decode()
