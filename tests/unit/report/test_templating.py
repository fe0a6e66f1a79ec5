"""Templates: whose come first, what is escaped, and what a broken one says."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from release_gate.errors import TemplateProblem
from release_gate.report.outputs import render_all
from release_gate.report.templating import Templates, csp_hash, escapes

pytestmark = pytest.mark.unit


@pytest.fixture
def bundled(tmp_path: Path) -> Path:
    folder = tmp_path / "bundled"
    folder.mkdir()
    (folder / "page.html").write_text("bundled {{ x }}")
    return folder


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("report.html", True),
        ("report.html.j2", True),
        ("report.j2", True),
        ("report.xml", True),
        ("report", True),
        (None, True),
        ("summary.md", False),
        ("summary.md.j2", False),
        ("console.TXT", False),
    ],
)
def test_everything_is_html_but_for_named_text(name: str | None, expected: bool) -> None:
    assert expected is escapes(name)


@pytest.mark.parametrize("name", ["page.html", "page.html.j2", "page.j2", "page.htm.jinja"])
def test_html_is_escaped_whatever_its_name(name: str, bundled: Path) -> None:
    (bundled / name).write_text("{{ x }}")
    assert Templates(None, bundled).render(name, x="<b>") == "&lt;b&gt;"


def test_values_are_never_templates(bundled: Path) -> None:
    assert Templates(None, bundled).render("page.html", x="{{7*7}}") == "bundled {{7*7}}"


def test_the_users_folder_comes_first(bundled: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    assert Templates(own, bundled).render("page.html", x=1) == "bundled 1"
    (own / "page.html").write_text("own {{ x }}")
    assert Templates(own, bundled).render("page.html", x=1) == "own 1"


def test_a_changed_template_shows_at_once(bundled: Path) -> None:
    assert Templates(None, bundled).render("page.html", x=1) == "bundled 1"
    (bundled / "page.html").write_text("changed {{ x }}")
    assert Templates(None, bundled).render("page.html", x=1) == "changed 1"


def test_the_users_template_is_used_for_the_report(
    samples: SimpleNamespace, tmp_path: Path
) -> None:
    (tmp_path / "summary.md").write_text("ours: {{ run.answer }}")
    files = render_all(samples.passing(), tmp_path)
    assert files["summary.md"] == b"ours: GO"
    assert b"<h1>" in files["report.html"]


def test_a_missing_folder_is_an_error(bundled: Path, tmp_path: Path) -> None:
    with pytest.raises(TemplateProblem, match="there is no folder of templates at") as caught:
        Templates(tmp_path / "nowhere", bundled)
    assert caught.value.exit_code == 2
    assert caught.value.slug == "template-invalid"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% if %}", "page.html:1: Expected an expression"),
        ("a\n{{ x", "page.html:2: "),
        ("{{ y }}", "page.html: 'y' is undefined"),
        ("{{ x.nothing }}", "page.html: 'int object' has no attribute 'nothing'"),
        ("{{ x | nothing }}", "page.html:1: No filter named 'nothing'"),
        ("{{ x + 'a' }}", "page.html: unsupported operand"),
        ("{{ x | paint('pink') }}", "page.html: there is no style 'pink'"),
        ("{% include 'other.html' %}", "there is no template other.html"),
        ("{{ ''.__class__.__mro__ }}", "page.html: access to attribute '__class__'"),
    ],
)
def test_a_broken_template_is_an_error(source: str, said: str, bundled: Path) -> None:
    (bundled / "page.html").write_text(source)
    with pytest.raises(TemplateProblem) as caught:
        Templates(None, bundled).render("page.html", x=1)
    assert caught.value.what.startswith(said)
    assert caught.value.remedy


def test_a_template_that_is_not_text_is_an_error(bundled: Path) -> None:
    (bundled / "page.html").write_bytes(b"\xff\xfe")
    with pytest.raises(TemplateProblem, match=r"page\.html"):
        Templates(None, bundled).render("page.html", x=1)


def test_a_missing_template_is_an_error(bundled: Path) -> None:
    with pytest.raises(TemplateProblem, match=r"there is no template nothing\.html"):
        Templates(None, bundled).render("nothing.html")


def test_the_hash_is_that_of_the_policy_language() -> None:
    assert csp_hash("") == "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
