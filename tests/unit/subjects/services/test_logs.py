from __future__ import annotations

import sys
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.subjects.probes.contract import (
    Observation,
    ProbeFailed,
    ProbeProblem,
    Unreadable,
)
from release_gate.subjects.services.logs import PROBE
from support.probing import RealClock, look, world

pytestmark = pytest.mark.unit

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
TRACE = uuid.UUID(int=1 << 100).hex
API = [{"name": "api", "files": ["api.log"]}]
BOTH = [*API, {"name": "worker", "files": ["worker.log"]}]


class AtNoon(RealClock):
    def now(self) -> datetime:
        return NOW


def ask(root: Path, logs: dict[str, str], **settings: Any) -> Observation:
    for name, content in logs.items():
        (root / name).write_text(content)
    kebab = {key.replace("_", "-"): value for key, value in settings.items()}
    made = replace(world(root), clock=AtNoon())
    return look(PROBE, {"sources": API, **kebab}, made)


TWO = {
    "api.log": f"2026-03-01T11:59:58.100Z accepted id={TRACE}\n2026-03-01T11:59:59Z other\n",
    "worker.log": f"2026-03-01T12:59:58.900+01:00 done id={TRACE}\n",
}


def test_the_time_line_of_a_trace_is_kept_in_order(tmp_path: Path) -> None:
    seen = ask(tmp_path, TWO, sources=BOTH[::-1], trace=TRACE)
    assert seen.values["services"] == ["api", "worker"]
    assert [entry["service"] for entry in seen.values["timeline"]] == ["api", "worker"]
    assert seen.excerpt == (
        f"2026-03-01T11:59:58.100+00:00 api: 2026-03-01T11:59:58.100Z accepted id={TRACE}",
        f"2026-03-01T11:59:58.900+00:00 worker: 2026-03-01T12:59:58.900+01:00 done id={TRACE}",
    )


def test_a_service_without_the_trace_fails(tmp_path: Path) -> None:
    logs = {**TWO, "worker.log": "2026-03-01T11:59:58Z done id=another\n"}
    with pytest.raises(ProbeFailed, match="in 1 of 2 logs, not in that of worker") as caught:
        ask(tmp_path, logs, sources=BOTH, trace=TRACE)
    assert caught.value.transient
    assert len(caught.value.detail) == 1


def test_a_trace_inside_a_longer_word_is_another(tmp_path: Path) -> None:
    with pytest.raises(ProbeFailed, match="in 0 of 1 logs"):
        ask(tmp_path, {"api.log": "id=req-12\n"}, trace="req-1")


def test_a_trace_is_no_expression(tmp_path: Path) -> None:
    with pytest.raises(ProbeFailed, match="in 0 of 1 logs"):
        ask(tmp_path, TWO, trace=".{32}")


@pytest.mark.parametrize("trace", ["", "  ", "ab"])
def test_a_trace_that_is_empty_cannot_be_judged(tmp_path: Path, trace: str) -> None:
    with pytest.raises(ProbeProblem, match="too short to mean anything"):
        ask(tmp_path, TWO, trace=trace)


def test_the_order_of_services_can_be_told(tmp_path: Path) -> None:
    assert ask(tmp_path, TWO, sources=BOTH, trace=TRACE, order=["api", "worker"]).values["lines"]
    with pytest.raises(ProbeFailed, match="in the log of api before that of worker"):
        ask(tmp_path, TWO, sources=BOTH, trace=TRACE, order=["worker", "api"])


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_log_cannot_be_judged(tmp_path: Path, content: str) -> None:
    with pytest.raises(ProbeProblem, match="the log of api is empty"):
        ask(tmp_path, {"api.log": content}, forbidden=["ERROR"])


def test_a_missing_log_cannot_be_judged(tmp_path: Path) -> None:
    with pytest.raises(ProbeProblem, match=r"the log of api is missing: no file matches api\.log"):
        ask(tmp_path, {}, forbidden=["ERROR"])


def test_a_log_that_is_too_large_cannot_be_judged(tmp_path: Path) -> None:
    with pytest.raises(ProbeProblem, match="larger than may be read"):
        ask(tmp_path, TWO, trace=TRACE, max_bytes=50)


def test_forbidden_lines_fail_unless_they_are_permitted(tmp_path: Path) -> None:
    logs = {"api.log": "one\nERROR known thing\nTraceback (most recent call last):\n"}
    rules = {"forbidden": ["ERROR", "^Traceback"], "permitted": ["known thing"]}
    with pytest.raises(ProbeFailed, match="1 forbidden lines in the logs of api") as caught:
        ask(tmp_path, logs, **rules)
    assert caught.value.detail == ("? api: Traceback (most recent call last):",)
    assert ask(tmp_path, {"api.log": "one\nERROR known thing\n"}, **rules).values["forbidden"] == 0


def test_what_was_not_looked_for_cannot_be_judged(tmp_path: Path) -> None:
    values = ask(tmp_path, {"api.log": "one\n"}, holds=["one"]).values
    for name in ("forbidden", "timeline", "services", "longest-gap"):
        assert isinstance(values[name], Unreadable)


def test_required_lines_and_texts(tmp_path: Path) -> None:
    logs = {"api.log": "started version 2.4.0 [a.b]\n"}
    seen = ask(tmp_path, logs, required=[r"version \d+"], holds=["[a.b]"])
    assert seen.values["lines"] == 1
    with pytest.raises(ProbeFailed, match='no line matches "version 3"'):
        ask(tmp_path, logs, required=["version 3"])
    with pytest.raises(ProbeFailed, match='no line holds "axb"'):
        ask(tmp_path, logs, holds=["axb"])
    with pytest.raises(ProbeProblem, match="a text to look for is empty"):
        ask(tmp_path, logs, holds=[""])


def beats(*seconds: int) -> str:
    return "".join(f"2026-03-01T11:59:{second:02}Z heartbeat\n" for second in seconds)


HEARTBEAT = {"heartbeat": {"pattern": "heartbeat", "max-gap": 20}, "window": "60s"}


def test_heartbeats_without_a_gap(tmp_path: Path) -> None:
    seen = ask(tmp_path, {"api.log": beats(10, 30, 45)}, **HEARTBEAT)
    assert seen.values["longest-gap"] == 20


@pytest.mark.parametrize(
    ("seconds", "gap"),
    [((21, 30, 45), "21.0 s from 2026-03-01T11:59:00"), ((10, 35, 45), "25.0 s from"),
     ((10, 25, 39), "21.0 s from 2026-03-01T11:59:39")],
    ids=["at-the-start", "in-the-middle", "at-the-end"],
)  # fmt: skip
def test_a_gap_fails_wherever_it_is(tmp_path: Path, seconds: tuple[int, ...], gap: str) -> None:
    with pytest.raises(ProbeFailed, match=f"api: no heartbeat for {gap}"):
        ask(tmp_path, {"api.log": beats(*seconds)}, **HEARTBEAT)


def test_heartbeats_of_yesterday_do_not_count(tmp_path: Path) -> None:
    old = beats(0, 20, 40).replace("2026-03-01", "2026-02-28")
    with pytest.raises(ProbeFailed, match=r"no heartbeat for 60.0 s .*\(0 heartbeats"):
        ask(tmp_path, {"api.log": old}, **HEARTBEAT)


def test_a_log_without_a_time_has_no_window(tmp_path: Path) -> None:
    with pytest.raises(ProbeProblem, match="no line of api has a time of the form iso"):
        ask(tmp_path, {"api.log": "heartbeat\n" * 5}, **HEARTBEAT)


def test_lines_before_the_window_are_not_judged(tmp_path: Path) -> None:
    logs = {"api.log": "2026-03-01T11:00:00Z ERROR old\n  detail ERROR\n2026-03-01T11:59:30Z ok\n"}
    seen = ask(tmp_path, logs, forbidden=["ERROR"], window="5m")
    assert seen.values["lines"] == 1
    with pytest.raises(ProbeFailed, match="2 forbidden lines"):
        ask(tmp_path, logs, forbidden=["ERROR"], window="2h")


def test_a_log_that_is_silent_in_the_window_cannot_be_judged(tmp_path: Path) -> None:
    logs = {"api.log": "2026-03-01T11:00:00Z ok\n"}
    with pytest.raises(ProbeProblem, match="api wrote no line in the window"):
        ask(tmp_path, logs, forbidden=["ERROR"], window="5m")


@pytest.mark.parametrize(
    ("time", "stamp"),
    [
        ({}, "2026-03-01 11:59:30,123"),
        ({}, "2026-03-01T11:59:30.123456789+0000"),
        ({"zone": "Europe/Berlin"}, "[2026-03-01 12:59:30]"),
        ({"format": "%d/%b/%Y:%H:%M:%S %z"}, "[01/Mar/2026:11:59:30 +0000]"),
        ({"format": "%b %d %H:%M:%S"}, "Mar  1 11:59:30 host"),
        ({"format": "epoch"}, "1772366370.5"),
        ({"format": "epoch-ms"}, "1772366370123"),
        ({"field": "ts"}, '{"other": "2020-01-01T00:00:00Z", "ts": "2026-03-01T11:59:30Z"}'),
        ({"field": "ts", "format": "epoch"}, '{"ts": 1772366370}'),
    ],
)
def test_times_are_read_as_stated(tmp_path: Path, time: dict[str, str], stamp: str) -> None:
    logs = {"api.log": f"{stamp} heartbeat\n".replace('"} heartbeat', '", "m": "heartbeat"}')
            .replace("} heartbeat", ', "m": "heartbeat"}')}  # fmt: skip
    heartbeat = {"pattern": "heartbeat", "max-gap": 31}
    seen = ask(tmp_path, logs, heartbeat=heartbeat, window="60s", time=time)
    assert 29.4 <= seen.values["longest-gap"] <= 30.6


def test_a_command_prints_the_log(tmp_path: Path) -> None:
    code = f"import sys; print('id={TRACE}', file=sys.stderr)"
    sources = [{"name": "pod", "argv": [sys.executable, "-c", code]}]
    assert ask(tmp_path, {}, sources=sources, trace=TRACE).values["services"] == ["pod"]


def test_a_command_that_fails_cannot_be_judged(tmp_path: Path) -> None:
    code = f"print('id={TRACE}'); raise SystemExit(1)"
    sources = [{"name": "pod", "argv": [sys.executable, "-c", code]}]
    with pytest.raises(ProbeProblem, match="the log of pod could not be had"):
        ask(tmp_path, {}, sources=sources, trace=TRACE)


def test_rotated_files_and_absolute_paths_are_read(tmp_path: Path) -> None:
    logs = {"api-1.log": "one\n", "api-2.log": f"id={TRACE}\n"}
    sources = [{"name": "api", "files": [str(tmp_path / "api-*.log")]}]
    assert ask(tmp_path, logs, sources=sources, trace=TRACE).values["lines"] == 2


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"sources": []}, "one or more"),
        ({"sources": API + API, "trace": "x"}, "a name of its own"),
        ({"sources": API}, "write trace, holds"),
        ({"sources": API, "trace": "x", "order": ["db"]}, "no source is named db"),
        ({"sources": API, "forbidden": ["("]}, "no regular expression"),
        ({"sources": API, "forbidden": [".*"]}, "matches anything"),
        ({"sources": API, "heartbeat": HEARTBEAT["heartbeat"]}, 'needs a "window"'),
        ({"sources": [{"name": "a"}], "trace": "x"}, 'either "files" or "argv"'),
        ({"sources": API, "trace": "x", "time": {"format": "%Y"}}, "no time of day"),
        ({"sources": API, "trace": "x", "time": {"zone": "Mars/Base"}}, "no zone Mars/Base"),
    ],
)
def test_settings_that_check_nothing_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=said):
        msgspec.convert(settings, type=PROBE.settings)
