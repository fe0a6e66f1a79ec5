from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.ports import Deployment
from release_gate.subjects.probes.contract import (
    Observation,
    ProbeFailed,
    ProbeProblem,
    Unreadable,
)
from release_gate.subjects.services.metrics import PROBE
from support.probing import Asked, look, world
from support.scenarios import drips, listening, page, sends, silent

pytestmark = pytest.mark.gates

PAGE = """\
up 1
process_resident_memory_bytes 2.5e+08
requests_total{code="200"} 995
requests_total{code="500"} 5
queue{name="mail"} 3
queue{name="bills"} 7
bad NaN
endless +Inf
latency_bucket{le="0.1"} 90
latency_bucket{le="0.5"} 98
latency_bucket{le="+Inf"} 100
latency_count 100
latency_sum 7
never_bucket{le="1"} 0
never_bucket{le="+Inf"} 0
"""


def ask(root: Path, body: str = PAGE, seconds: float = 5.0, **settings: Any) -> Observation:
    kebab = {key.replace("_", "-"): value for key, value in settings.items()}
    with listening(page(body)) as port:
        given = {"scrape": f"http://127.0.0.1:{port}/metrics", **kebab}
        return look(PROBE, given, world(root), seconds)


def test_one_series_has_a_value(tmp_path: Path) -> None:
    values = ask(tmp_path, series="process_resident_memory_bytes").values
    assert (values["value"], values["count"]) == (250e6, 1)
    assert isinstance(values["points"], Unreadable)
    assert isinstance(values["share"], Unreadable)


def test_several_series_have_figures_and_no_value(tmp_path: Path) -> None:
    values = ask(tmp_path, series="queue").values
    assert isinstance(values["value"], Unreadable)
    assert (values["sum"], values["min"], values["max"], values["mean"]) == (10, 3, 7, 5)
    assert values["samples"][0] == {"labels": {"name": "bills"}, "value": 7}


def test_a_share_of_two_sums(tmp_path: Path) -> None:
    seen = ask(tmp_path, series='requests_total{code=~"5.."}', share_of="requests_total")
    assert seen.values["share"] == 0.005


def test_a_quantile_of_a_histogram(tmp_path: Path) -> None:
    assert ask(tmp_path, series="latency", quantile=0.94).values["quantile"] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"series": "gone"}, "gone has no series"),
        ({"series": 'queue{name="x"}'}, "has no series"),
        ({"series": "bad"}, "bad is NaN"),
        ({"series": "endless"}, r"endless is \+Inf"),
        ({"series": "up", "named": ["gone"]}, "gone has no series"),
        ({"series": "up", "named": ["bad"]}, "bad is NaN"),
        ({"series": "queue", "need": {"name": ["mail", "sms"]}}, 'no series with name="sms"'),
        ({"series": "latency", "quantile": 0.99}, "lies beyond the last bound 0.5"),
        ({"series": "never", "quantile": 0.5}, "has counted nothing"),
        ({"series": "queue", "quantile": 0.5}, "is no whole histogram"),
        ({"series": "up", "share_of": "never_bucket"}, "no share of nothing"),
    ],
)
def test_what_is_missing_or_no_number_fails(
    tmp_path: Path, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(ProbeFailed, match=said):
        ask(tmp_path, **settings)


def test_samples_with_an_old_time_count_as_missing(tmp_path: Path) -> None:
    now = int(time.time() * 1000)
    assert ask(tmp_path, f"up 1 {now}\n", series="up").values["value"] == 1
    with pytest.raises(ProbeFailed, match="up has no series"):
        ask(tmp_path, f"up 1 {now - 400_000}\n", series="up")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (page(""), "cannot be read: no body"),
        (page(PAGE[:-5]), "cut off"),
        (page("<html></html>", "text/html"), "the page is text/html"),
        (page("busy\n", status=503), "answered 503, expected 200"),
        (page("moved\n", status=302), "answered 302, expected 200"),
        (sends(b"220 mail\r\n"), "HTTP|broke"),
    ],
)
def test_a_page_that_is_none_fails(tmp_path: Path, answer: Any, said: str) -> None:
    with listening(answer) as port:
        given = {"scrape": f"http://127.0.0.1:{port}/metrics", "series": "up"}
        with pytest.raises(ProbeFailed, match=said):
            look(PROBE, given, world(tmp_path))


@pytest.mark.parametrize(
    "answer", [drips(), silent, drips(b"HTTP/1.1 200 OK\r\n")], ids=["drip", "silent", "head"]
)
def test_a_server_that_drips_does_not_hold_the_probe(tmp_path: Path, answer: Any) -> None:
    with listening(answer) as port, pytest.raises(ProbeFailed) as caught:
        look(PROBE, {"scrape": f"http://127.0.0.1:{port}/m", "series": "up"}, world(tmp_path), 0.5)
    assert caught.value.transient


def test_a_path_is_one_on_the_target(tmp_path: Path) -> None:
    with listening(page(PAGE)) as port:
        made = world(tmp_path, deployment=Deployment(name="s", target=f"http://127.0.0.1:{port}/"))
        seen = look(PROBE, {"scrape": "/metrics", "series": "up"}, made)
    assert seen.values["value"] == 1
    with pytest.raises(ProbeProblem, match="no environment with a target"):
        look(PROBE, {"scrape": "/metrics", "series": "up"}, world(tmp_path))


def test_a_token_is_hidden_and_the_host_is_asked_for(tmp_path: Path) -> None:
    asked = Asked()
    with listening(page(PAGE)) as port:
        made = world(
            tmp_path,
            {"URL": f"http://localhost:{port}/metrics", "T": "token-abcdef"},
            hide=asked.hidden.append,
            allowed=asked.allowed,
        )
        look(PROBE, {"scrape-env": "URL", "bearer-env": "T", "series": "up"}, made)
    assert "token-abcdef" in asked.hidden
    assert {host for host, _ in asked.hosts} == {"localhost"}


@pytest.mark.parametrize(
    "url", ["ftp://h/", "http:///x", "http://u@h/metrics", "http://[::1/", "http://h:port/"]
)
def test_an_address_that_cannot_be_used_cannot_be_judged(tmp_path: Path, url: str) -> None:
    with pytest.raises(ProbeProblem):
        look(PROBE, {"scrape": url, "series": "up"}, world(tmp_path))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"series": "up"}, "write one of scrape"),
        ({"scrape": "x", "prometheus": "y", "series": "up"}, "write one of scrape"),
        ({"scrape": "x"}, 'asked with "series"'),
        ({"scrape": "x", "series": "up == 1"}, "chooses no series"),
        ({"scrape": "x", "series": "up", "quantile": 1.0}, "between 0 and 1"),
        ({"prometheus": "x"}, 'asked with "query"'),
        ({"prometheus": "x", "query": "up", "series": "up"}, "are for a page"),
        ({"prometheus": "x", "query": "up", "window": "20s"}, "at least twice the step"),
        ({"prometheus": "x", "query": "rate(a[1m])", "window": "5m"}, 'name them in "fed-by"'),
    ],
)
def test_settings_that_do_not_go_together_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=said):
        msgspec.convert(settings, type=PROBE.settings)
