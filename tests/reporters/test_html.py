"""The page by itself: structure, contrast, no request, no script."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from release_gate.report.outputs import render_all

pytestmark = pytest.mark.unit

NAMES = ("pass", "fail", "error", "inconclusive", "skipped", "partial", "nothing", "hostile")
STYLE = Path(__file__).parents[2] / "templates" / "_style.css"
VOID = {"meta", "link"}


class Outline(HTMLParser):
    """Headings, landmarks, ids, and whether every element is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.labelled: list[str] = []
        self.heads_without_scope = 0
        self.tags: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.attributes.setdefault(tag, values)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.ids += [values["id"] or ""] if "id" in values else []
        self.labelled += [values["aria-labelledby"] or ""] if "aria-labelledby" in values else []
        href = values.get("href") or ""
        self.targets += [href[1:]] if href.startswith("#") else []
        self.heads_without_scope += tag == "th" and values.get("scope") not in {"col", "row"}

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    return parser


@pytest.fixture(params=NAMES)
def page(request: pytest.FixtureRequest, samples: SimpleNamespace) -> str:
    data: bytes = render_all(samples.SAMPLES[request.param]())["report.html"]
    return data.decode()


def test_the_page_is_well_formed(page: str) -> None:
    assert outline(page).open == []
    assert page.startswith("<!doctype html>\n")


def test_the_page_can_be_read_by_ear(page: str) -> None:
    found = outline(page)
    assert found.attributes["html"] == {"lang": "en"}
    assert tuple(found.tags.count(tag) for tag in ("header", "main", "footer")) == (1, 1, 1)
    assert found.headings[0] == 1
    assert found.headings.count(1) == 1
    steps = zip(found.headings, found.headings[1:], strict=False)
    assert all(after - before <= 1 for before, after in steps)
    assert found.heads_without_scope == 0


def test_every_inner_link_has_its_target_once(page: str) -> None:
    found = outline(page)
    assert len(found.ids) == len(set(found.ids))
    assert set(found.targets) | set(found.labelled) <= set(found.ids)


def test_the_page_asks_for_nothing_and_runs_nothing(page: str) -> None:
    found = outline(page)
    assert not {"script", "img", "iframe", "object", "form", "base"} & set(found.tags)
    assert "url(" not in page.partition("</style>")[0]
    assert "@import" not in page.partition("</style>")[0]


def test_the_policy_allows_exactly_this_style(page: str) -> None:
    style = re.search("<style>(.*?)</style>", page, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:" in html.unescape(page)
    assert "unsafe-inline" not in page
    assert ' style="' not in page


def test_the_verdict_stands_before_everything_else(samples: SimpleNamespace) -> None:
    page = render_all(samples.failing())["report.html"].decode()
    order = ["NO-GO", "2 gates block", 'id="gates"', 'id="to-do"', 'id="accepted"', 'id="evidence"']
    places = [page.index(text, page.index("<body>")) for text in order]
    assert places == sorted(places)


def channel(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    red, green, blue = (channel(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1, 2], ids=["light", "dark", "print"])
def test_text_stands_out_from_its_ground(theme: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", STYLE.read_text("utf-8"), re.DOTALL)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", blocks[theme]))
    tones = ("pass", "fail", "error", "inconclusive", "skipped")
    pairs = [(ink, ground) for ink in ("ink", "quiet", "link") for ground in ("page", "panel")]
    pairs += [(ink, f"{tone}-bg") for tone in tones for ink in (tone, "ink", "quiet")]
    pairs += [(tone, "page") for tone in tones]
    poor = [pair for pair in pairs if contrast(colours[pair[0]], colours[pair[1]]) < 4.5]
    assert poor == []
