"""Whole outputs, one folder of golden files for each kind of result."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from release_gate.report.outputs import render_all
from release_gate.report.reporters import console

pytestmark = pytest.mark.unit

Golden = Callable[[str, str], None]
SMALL = ("pass", "fail", "error", "inconclusive", "skipped", "partial", "nothing", "hostile")


def without_style(page: str) -> str:
    page = re.sub(r"<style>.*?</style>", "<style>…</style>", page, flags=re.DOTALL)
    return re.sub(r"sha256-[A-Za-z0-9+/=]+(?=&#39;; img)", "sha256-…", page)


@pytest.mark.parametrize("name", SMALL)
def test_files_are_as_agreed(name: str, samples: SimpleNamespace, golden: Golden) -> None:
    files = render_all(samples.SAMPLES[name]())
    assert list(files) == ["gate.json", "report.html", "summary.md"]
    golden(f"{name}/gate.json", files["gate.json"].decode())
    golden(f"{name}/summary.md", files["summary.md"].decode())
    golden(f"{name}/report.html", without_style(files["report.html"].decode()))


@pytest.mark.parametrize("name", SMALL)
def test_the_screen_is_as_agreed(name: str, samples: SimpleNamespace, golden: Golden) -> None:
    text = console.render(
        samples.SAMPLES[name](),
        colour=False,
        width=100,
        verbose=False,
        report_path="build/release-gate/report.html",
    )
    golden(f"{name}/console.txt", text)


def test_the_coloured_screen_is_as_agreed(samples: SimpleNamespace, golden: Golden) -> None:
    text = console.render(
        samples.failing(), colour=True, width=100, verbose=True, report_path="report.html"
    )
    golden("fail/console-colour-verbose.txt", text.replace("\x1b", "<ESC>"))


@pytest.mark.parametrize("name", SMALL)
def test_the_same_report_gives_the_same_bytes(name: str, samples: SimpleNamespace) -> None:
    assert render_all(samples.SAMPLES[name]()) == render_all(samples.SAMPLES[name]())
