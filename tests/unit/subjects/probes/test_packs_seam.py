"""How ready-made checks come into a suite: under their own names, with their own captures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.errors import ConfigError
from release_gate.subjects.probes.contract import Pack, ProbeSettings
from release_gate.subjects.smoke import reading
from release_gate.subjects.smoke import settings as smoke_settings
from release_gate.subjects.smoke.settings import SmokeSettings, packs_type
from release_gate.testing import project
from support.checks import deployment

pytestmark = pytest.mark.unit


class Twice(ProbeSettings, frozen=True, kw_only=True):
    """Keys of ``packs.twice``."""

    path: str


def checks(settings: Twice) -> tuple[Mapping[str, Any], ...]:
    http = {"path": settings.path, "method": "POST", "headers": {"Idempotency-Key": "${uuid:key}"}}
    created = [{"on": "status", "equals": 201}]
    same = {"on": "json", "path": "$.id", "equals": "${id}"}
    number = {"on": "json", "path": "$.id", "less-equal": {"on": "capture", "name": "id"}}
    return (
        {
            "name": "first",
            "http": http,
            "expect": created,
            "capture": {"id": {"on": "json", "path": "$.id"}},
        },
        {"name": "second", "needs": ["first"], "http": http, "expect": [same, number]},
    )


TWICE = Pack(name="twice", settings=Twice, checks=checks)
EMPTY = Pack(name="empty", settings=Twice, checks=lambda _: ())
PACKS = {"twice": TWICE, "empty": EMPTY}


def planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: Mapping[str, Any]) -> Any:
    monkeypatch.setattr(smoke_settings, "PACKS", PACKS)
    monkeypatch.setattr(reading, "PACKS", PACKS)
    packs = msgspec.convert(given, packs_type(PACKS), strict=True)
    there = project(tmp_path, {}, deployment=deployment("http://127.0.0.1"))
    return reading.suite_of(there, SmokeSettings(packs=packs))


def test_one_line_makes_several_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = planned(tmp_path, monkeypatch, {"twice": {"path": "/a"}})
    first, second = suite.checks
    assert (first.name, second.name) == ("twice/first", "twice/second")
    assert second.needs == ("twice/first",)
    assert (first.pack, second.pack) == ("twice", "twice")
    assert set(first.keys.capture) == {"twice-id"}
    equal, at_most = second.keys.expect
    assert equal.equals == "${twice-id}"
    assert at_most.less_equal.name == "twice-id"
    assert first.settings.headers == {"Idempotency-Key": "${uuid:key}"}


def test_a_pack_may_be_used_several_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = planned(tmp_path, monkeypatch, {"twice": [{"path": "/a"}, {"path": "/b"}]})
    names = [one.name for one in suite.checks]
    assert names == ["twice/first", "twice/second", "twice-2/first", "twice-2/second"]
    assert suite.checks[3].needs == ("twice-2/first",)


def test_a_pack_that_makes_no_check_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match=r"packs.empty makes no check"):
        planned(tmp_path, monkeypatch, {"empty": {"path": "/a"}})


def test_a_key_that_the_pack_does_not_know_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field `pth`"):
        planned(tmp_path, monkeypatch, {"twice": {"pth": "/a"}})
