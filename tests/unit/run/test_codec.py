"""Evidence as JSON: whole, well-typed, or refused."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.model import (
    Artifact,
    Evidence,
    Examined,
    Finding,
    Identity,
    Limitation,
    Metric,
    Problem,
    Severity,
    Skipped,
    Suppression,
    Table,
    ToolRun,
)
from release_gate.run.codec import CodecError, checked, decode, encode

pytestmark = pytest.mark.unit

# Lone low surrogates are what undecodable bytes in file names become.
TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from("\udc80\udcff"))
NUMBER = st.floats(allow_nan=False)
COUNT = st.integers(0, 10**9)


def evidences() -> st.SearchStrategy[Evidence]:
    texts = st.lists(TEXT, max_size=2).map(tuple)
    finding = st.builds(
        Finding,
        tool=TEXT,
        rule_id=TEXT,
        severity=st.sampled_from(Severity),
        message=TEXT,
        identity=st.builds(Identity, kind=st.sampled_from(["code", "secret"]), key=texts),
        path=st.none() | TEXT,
        line=st.none() | COUNT,
        in_change=st.none() | st.booleans(),
        aliases=texts,
    )
    metric = st.builds(
        Metric, name=TEXT, value=NUMBER, unit=TEXT, ratio=st.none() | st.tuples(COUNT, COUNT)
    )
    return st.builds(
        Evidence,
        examined=st.builds(
            Examined,
            unit=TEXT,
            count=COUNT,
            skipped=st.lists(st.builds(Skipped, what=TEXT, reason=TEXT), max_size=2).map(tuple),
        ),
        findings=st.lists(finding, max_size=2).map(tuple),
        metrics=st.lists(metric, max_size=2).map(tuple),
        notes=texts,
    )


@given(evidences())
def test_what_is_encoded_is_decoded_unchanged(evidence: Evidence) -> None:
    assert evidence == decode(encode(evidence))


def full() -> Evidence:
    return Evidence(
        examined=Examined(unit="files", count=2, planned=3, reused=1),
        metrics=(Metric(name="a", value=math.nan, unit="%", ratio=(0, 0)),),
        artifacts=(Artifact(path="artifacts/a/x", media_type="text/plain", sha256="0", size=1),),
        tools=(ToolRun(name="t", version="1", command=("{python}", "-m", "t"), exit_code=-9),),
        problems=(Problem(what="w", path="p", log="logs/a.log"),),
        limitations=(Limitation(name="n", detail="d"),),
        suppressions=(Suppression(tool="t", directive="noqa", path="p", line=1, rules=("E1",)),),
        tables=(Table(title="t", columns=("a", "b"), rows=(("1", "2"), ("3", "4"))),),
    )


def test_every_part_of_evidence_survives() -> None:
    back = decode(encode(full()))
    assert encode(full()) == encode(back)
    assert math.isnan(back.metrics[0].value)
    assert full().tables == back.tables


def test_text_is_one_line_of_ascii() -> None:
    text = encode(Evidence(examined=Examined(unit="ö\udcff\n", count=1)))
    assert text.isascii()
    assert "\n" not in text


def _without(key: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(encode(full()))
    del parsed[key]
    return parsed


def _with(**more: Any) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(encode(full()))
    return {**parsed, **more}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Expecting value"),
        (encode(full())[:-20], "not evidence"),
        ("null", "Expected `object`"),
        ("[]", "Expected `object`"),
        (json.dumps(_without("findings")), r"missing key \$.findings"),
        (json.dumps(_without("examined")), "examined"),
        (json.dumps(_with(verdict="pass")), r"unknown key \$.verdict"),
        (json.dumps(_with(examined={"unit": "f", "count": "3"})), "Expected `int`"),
        (json.dumps(_with(examined={"unit": "f", "count": True})), "Expected `int`"),
        ('{"a": 1, "a": 2}', "twice"),
        ("[" * 100_000, "not evidence"),
    ],
)
def test_anything_but_whole_evidence_is_refused(text: str, said: str) -> None:
    with pytest.raises(CodecError, match=said):
        decode(text)


def test_unknown_key_deep_inside_is_named_with_its_place() -> None:
    parsed = json.loads(encode(full()))
    parsed["tools"][0]["colour"] = "red"
    with pytest.raises(CodecError, match=r"\$\.tools\[0\]\.colour"):
        decode(json.dumps(parsed))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "collect returned None"),
        (True, "type bool"),
        ({"examined": {"unit": "f", "count": 1}}, "type dict"),
        (Evidence(examined=Examined(unit="f", count="1")), "wrong value"),  # type: ignore[arg-type]  # on purpose
        (Evidence(examined=None), "wrong value"),  # type: ignore[arg-type]  # on purpose
        (Evidence(examined=Examined(unit="f", count=1), notes=(object(),)), "wrong value"),  # type: ignore[arg-type]  # on purpose
    ],
)
def test_wrong_result_of_collect_is_refused(value: object, said: str) -> None:
    with pytest.raises(CodecError, match=said):
        checked(value)


def test_lists_and_whole_numbers_are_put_right() -> None:
    loose = Evidence(
        examined=Examined(unit="f", count=1),
        metrics=[Metric(name="a", value=1, unit="s")],  # type: ignore[arg-type]  # on purpose
    )
    assert (Metric(name="a", value=1.0, unit="s"),) == checked(loose).metrics
