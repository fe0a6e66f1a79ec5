"""The pages name every key, every operator and everything that an answer offers."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from release_gate.subjects.http.settings import OFFERED, HttpSettings
from release_gate.subjects.probes.expectation import operator_names
from release_gate.subjects.probes.keys import CheckKeys

pytestmark = pytest.mark.unit

REFERENCE = Path(__file__).parents[4] / "docs" / "reference"


def test_the_page_of_http_names_every_key_and_all_that_is_offered() -> None:
    page = (REFERENCE / "probes" / "http.md").read_text("utf-8")
    keys = {field.encode_name for field in msgspec.structs.fields(HttpSettings)}
    assert {name for name in keys | OFFERED if f"`{name}`" not in page} == set()


def test_the_page_of_smoke_names_every_key_and_operator() -> None:
    page = (REFERENCE / "gates" / "smoke.md").read_text("utf-8")
    keys = {field.encode_name for field in msgspec.structs.fields(CheckKeys)}
    names = keys | set(operator_names())
    assert {name for name in names if f"`{name}" not in page} == set()
