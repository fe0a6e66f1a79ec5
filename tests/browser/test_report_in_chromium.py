"""The page in a real browser: nothing runs, nothing is asked for, all can be read.

Needs Chromium or Chrome on the path, or its place in ``RELEASE_GATE_BROWSER``.
"""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import threading
import zlib
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from release_gate.report.outputs import render_all

pytestmark = pytest.mark.e2e

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    *("--headless", "--disable-gpu", "--no-sandbox", "--hide-scrollbars", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    # Whatever the page asked for would reach the server below, and be counted.
    "--disable-dev-shm-usage",
)
TIMEOUT = 120


@pytest.fixture(scope="session")
def browser() -> str:
    found = os.environ.get("RELEASE_GATE_BROWSER") or next(
        (path for name in NAMES if (path := shutil.which(name))), None
    )
    if found is None:
        pytest.skip(f"no browser on the path ({', '.join(NAMES)}) and no RELEASE_GATE_BROWSER")
    return found


class Pages(SimpleHTTPRequestHandler):
    """Serves a folder and notes every request, whatever host it was meant for."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(f"{self.headers.get('Host')}{self.path}")
        super().do_GET()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Site(SimpleNamespace):
    folder: Path
    port: int
    asked: list[str]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "pages"
    folder.mkdir()
    asked: list[str] = []
    handler = type("Noted", (Pages,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(folder=folder, port=server.server_address[1], asked=asked)
    server.shutdown()
    thread.join()
    server.server_close()


def run(browser: str, profile: Path, *arguments: str) -> str:
    done = subprocess.run(
        [browser, *FLAGS, f"--user-data-dir={profile}", *arguments],
        capture_output=True,
        timeout=TIMEOUT,
        check=True,
    )
    return done.stdout.decode()


def put(site: Site, report: Any) -> str:
    (site.folder / "report.html").write_bytes(render_all(report)["report.html"])
    return f"http://127.0.0.1:{site.port}/report.html"


@pytest.mark.parametrize("name", ["pass", "fail", "hostile", "huge"])
def test_the_page_runs_nothing_and_asks_for_nothing(
    name: str, browser: str, site: Site, samples: SimpleNamespace, tmp_path: Path
) -> None:
    address = put(site, samples.SAMPLES[name]())
    everything_to_us = f"--host-resolver-rules=MAP * 127.0.0.1:{site.port}"
    dom = run(browser, tmp_path / "profile", everything_to_us, "--dump-dom", address)
    from_page = [entry for entry in site.asked if "google" not in entry]
    assert from_page == [f"127.0.0.1:{site.port}/report.html"]
    assert "<title>owned" not in dom
    assert re.search(r"<title>(GO|NO-GO) for ", dom)


def test_a_link_to_a_gate_opens_its_evidence(
    browser: str, site: Site, samples: SimpleNamespace, tmp_path: Path
) -> None:
    address = put(site, samples.passing())
    closed = run(browser, tmp_path / "one", "--dump-dom", address)
    assert closed.count("<details") == 5
    assert "<details open" not in closed
    opened = run(browser, tmp_path / "two", "--dump-dom", f"{address}#gate-4")
    assert opened.count("<details open") == 1
    assert "<h3>coverage</h3>" in opened[opened.index("<details open") :].partition("</summary>")[0]


def pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and unfiltered rows of an 8-bit RGB or RGBA PNG (PNG specification, 9)."""
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert depth == 8
    size = {2: 3, 6: 4}[colour]
    data, place = b"", 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            data += png[place + 8 : place + 8 + length]
        place += 12 + length
    raw, stride = zlib.decompress(data), width * size
    rows: list[bytes] = []
    before = bytearray(stride)
    for y in range(height):
        kind, *line = raw[y * (stride + 1) : (y + 1) * (stride + 1)]
        row = bytearray(line)
        for i in range(stride):
            left = row[i - size] if i >= size else 0
            above = before[i]
            corner = before[i - size] if i >= size else 0
            row[i] = (row[i] + (0, left, above, (left + above) // 2, 0)[kind]) & 255
            if kind == 4:
                guess = left + above - corner
                near = sorted((left, above, corner), key=lambda v: abs(guess - v))
                row[i] = (row[i] + near[0]) & 255
        rows.append(bytes(row))
        before = row
    return width, height, [bytes(row[i : i + 3]) for row in rows for i in (0, stride - size)]


@pytest.mark.parametrize(("dark", "ground"), [(False, b"\xff\xff\xff"), (True, b"\x0f\x13\x18")])
def test_the_ground_is_light_or_dark_as_asked(
    dark: bool, ground: bytes, browser: str, site: Site, samples: SimpleNamespace, tmp_path: Path
) -> None:
    address = put(site, samples.failing())
    shot = tmp_path / "shot.png"
    theme = [f"--blink-settings=preferredColorScheme={0 if dark else 1}"]
    run(
        browser,
        tmp_path / "profile",
        *theme,
        f"--screenshot={shot}",
        "--window-size=800,300",
        address,
    )
    _, _, edges = pixels(shot.read_bytes())
    assert set(edges) == {ground}


@pytest.mark.parametrize("name", ["fail", "pass", "hostile"])
def test_nothing_sticks_out_of_the_window(
    name: str, browser: str, site: Site, samples: SimpleNamespace, tmp_path: Path
) -> None:
    """Framed at some widths, the page must not be wider than its frame."""
    put(site, samples.SAMPLES[name]())
    widths = (320, 400, 700, 1200)
    frames = "".join(
        f'<iframe src="report.html" width="{width}" height="800"></iframe>' for width in widths
    )
    (site.folder / "frame.html").write_text(
        f"<!doctype html>{frames}<script>onload = () => {{ document.body.dataset.widths = "
        "[...document.querySelectorAll('iframe')]"
        ".map(f => f.contentDocument.documentElement.scrollWidth); }</script>"
    )
    address = f"http://127.0.0.1:{site.port}/frame.html"
    dom = run(browser, tmp_path / "profile", "--dump-dom", address)
    found = re.search(r'data-widths="([0-9,]+)"', dom)
    assert found
    assert all(
        int(actual) <= width for actual, width in zip(found[1].split(","), widths, strict=True)
    )


@pytest.mark.parametrize("name", ["pass", "fail"])
def test_the_meeting_gets_two_pages(
    name: str, browser: str, site: Site, samples: SimpleNamespace, tmp_path: Path
) -> None:
    address = put(site, samples.SAMPLES[name]())
    paper = tmp_path / "report.pdf"
    run(browser, tmp_path / "profile", "--no-pdf-header-footer", f"--print-to-pdf={paper}", address)
    pages = re.findall(rb"/Type\s*/Page\b", paper.read_bytes())
    assert 1 <= len(pages) <= 2
