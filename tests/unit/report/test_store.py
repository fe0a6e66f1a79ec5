"""``gate.json``: what is written can be read, and what was not written by us is refused."""

from __future__ import annotations

import dataclasses
import json
import math
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_gate.errors import ReportProblem
from release_gate.judge.baseline import BaselineEntry
from release_gate.judge.intervals import keeps, unsettled
from release_gate.judge.types import (
    GateResult,
    JudgedFinding,
    JudgedMetric,
    Report,
    State,
    ToolInfo,
    Verdict,
    WaiverStatus,
    WaiverUse,
)
from release_gate.judge.verdicts import run_verdict
from release_gate.model import (
    Artifact,
    ArtifactDigest,
    BaseRef,
    Examined,
    Finding,
    Identity,
    Limit,
    Limitation,
    Metric,
    NotApplicable,
    Problem,
    Severity,
    Skipped,
    Subject,
    Suppression,
    Table,
    ToolRun,
)
from release_gate.report.convert import from_stored
from release_gate.report.honesty import contradictions
from release_gate.report.schema import StoredReport
from release_gate.report.store import from_bytes, load, to_bytes

pytestmark = pytest.mark.unit


@pytest.fixture
def stored(samples: SimpleNamespace) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(to_bytes(samples.failing()))
    return parsed


def refusal(data: bytes | dict[str, Any]) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    with pytest.raises(ReportProblem) as caught:
        from_bytes(raw)
    assert caught.value.exit_code == 3
    assert caught.value.remedy
    return caught.value.what


# Reading: missing, empty, cut off, of another version, lying.


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReportProblem, match=r"there is no report at .*gate\.json"):
        load(tmp_path / "gate.json")


def test_a_folder_in_its_place_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReportProblem, match="cannot be read"):
        load(tmp_path)


@pytest.mark.parametrize("data", [b"", b"\n", b"  \r\n\t"])
def test_an_empty_file_is_an_error(data: bytes) -> None:
    assert refusal(data) == "gate.json is empty"


def test_a_file_cut_off_anywhere_is_an_error(samples: SimpleNamespace) -> None:
    data = to_bytes(samples.partial())
    for length in range(1, len(data) - 2, 7):
        assert refusal(data[:length]).startswith("gate.json is not whole JSON: ")


@pytest.mark.parametrize(
    "data",
    [
        b"not json",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b'{"schema_version": 1} {"schema_version": 1}',
        b'{"schema_version": 1, "duration_s": NaN}',
        b'{"schema_version": 1, "duration_s": -Infinity}',
        b"[" * 100_000,
        b"1" * 5_000,
    ],
)
def test_what_is_not_json_is_an_error(data: bytes) -> None:
    assert "not whole JSON" in refusal(data)


@pytest.mark.parametrize("data", [b"[]", b"null", b'"gate"', b"1", b"{}", b'{"runs": []}'])
def test_json_that_is_something_else_is_an_error(data: bytes) -> None:
    assert refusal(data) == "gate.json is JSON, but not a report of release-gate"


@pytest.mark.parametrize("version", [0, 2, 1.0, "1", "1.0", True, None, [1]])
def test_another_schema_version_is_refused(version: object, stored: dict[str, Any]) -> None:
    said = refusal({**stored, "schema_version": version})
    assert f"gate.json has schema version {version!r}; this release-gate reads 1" == said


def test_a_key_that_stands_twice_is_an_error(samples: SimpleNamespace) -> None:
    data = to_bytes(samples.failing())
    twice = data.replace(b'"verdict": "fail"', b'"verdict": "fail", "verdict": "pass"')
    assert "the key 'verdict' stands twice in one object" in refusal(twice)


def paths_of(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        inner = [path for key, item in value.items() for path in paths_of(item, (*place, key))]
        return [(*place, key) for key in value] + inner
    if isinstance(value, list):
        return [path for i, item in enumerate(value) for path in paths_of(item, (*place, i))]
    return []


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def test_every_missing_field_is_an_error(samples: SimpleNamespace) -> None:
    data = to_bytes(samples.failing())
    for path in paths_of(json.loads(data)):
        value = json.loads(data)
        del at(value, path[:-1])[path[-1]]
        assert refusal(value), path


def test_every_unknown_field_is_an_error(stored: dict[str, Any]) -> None:
    for path in [(), *{path[:-1] for path in paths_of(stored)}]:
        value = json.loads(json.dumps(stored))
        at(value, path)["verdicts"] = 1
        assert "unknown field `verdicts`" in refusal(value)


def test_every_value_of_the_wrong_type_is_an_error(samples: SimpleNamespace) -> None:
    data = to_bytes(samples.failing())
    for path in paths_of(json.loads(data)):
        value = json.loads(data)
        at(value, path[:-1])[path[-1]] = {"wrong": "type"}
        assert refusal(value), path


@pytest.mark.parametrize(
    ("limit", "good"),
    [
        ("80", True),
        ("79.5", True),
        ("1/3", True),
        ("1/0", False),
        ("inf", False),
        ("1e5", False),
        ("80 ", False),
        ("80\n", False),
        ("", False),
    ],
)
def test_a_limit_is_an_exact_number(limit: str, good: bool, samples: SimpleNamespace) -> None:
    value = json.loads(to_bytes(samples.passing()))
    value["gates"][3]["metrics"][0]["limit"]["at_least"] = limit
    if good:
        metric = from_bytes(json.dumps(value).encode()).gates[3].metrics[0]
        assert metric.limit
        assert Fraction(limit) == metric.limit.at_least
    else:
        assert "at_least" in refusal(value)


@pytest.mark.parametrize("claim", ["pass", "error", "inconclusive", "skipped"])
def test_a_verdict_that_the_gates_do_not_bear_is_a_lie(claim: str, stored: dict[str, Any]) -> None:
    said = refusal({**stored, "verdict": claim})
    assert f"gate.json contradicts itself: it says {claim}, its gates say fail" == said


def test_a_run_of_nothing_is_no_pass(samples: SimpleNamespace) -> None:
    value = json.loads(to_bytes(samples.nothing()))
    assert "its gates say error" in refusal({**value, "verdict": "pass"})


def test_a_problem_of_the_run_is_no_pass(samples: SimpleNamespace) -> None:
    value = json.loads(to_bytes(samples.unjudged()))
    gates = [gate for gate in value["gates"] if gate["verdict"] == "pass"]
    value = {**value, "verdict": "pass", "gates": gates, "expected": ["lint"]}
    assert "it says pass, its gates say error" in refusal(value)


def test_an_expected_gate_that_is_gone_is_a_lie(samples: SimpleNamespace) -> None:
    value = json.loads(to_bytes(samples.passing()))
    assert "gate lint was expected and has no result" in refusal(
        {**value, "gates": value["gates"][1:]}
    )
    assert "gate lint has a result and was not expected" in refusal(
        {**value, "expected": value["expected"][1:]}
    )


def test_a_part_that_calls_itself_whole_is_a_lie(samples: SimpleNamespace) -> None:
    value = {**json.loads(to_bytes(samples.passing())), "planned": ["lint", "more"]}
    assert "gate more is planned and has no result" in refusal(value)
    assert from_bytes(json.dumps({**value, "partial": True}).encode()).partial


def test_a_gate_that_stands_twice_is_no_pass(samples: SimpleNamespace) -> None:
    value = json.loads(to_bytes(samples.partial()))
    assert "its gates say error" in refusal({**value, "gates": value["gates"] * 2})


def lying_gate(samples: SimpleNamespace, **changes: Any) -> str:
    report = samples.report(samples.gate("lint", **changes))
    return refusal(to_bytes(report))


def test_a_gate_that_passes_on_nothing_is_a_lie(samples: SimpleNamespace) -> None:
    none = "gate lint: it passed, and nothing was examined"
    assert none in lying_gate(samples, examined=None)
    assert none in lying_gate(samples, examined=Examined(unit="files", count=0))


def test_a_gate_that_passes_with_a_problem_is_a_lie(samples: SimpleNamespace) -> None:
    said = lying_gate(samples, problems=(Problem(what="no output"),))
    assert "gate lint: it passed in spite of a problem: no output" in said


def test_a_gate_that_passes_below_its_limit_is_a_lie(samples: SimpleNamespace) -> None:
    metric, limit = Metric(name="m", value=1, unit="s"), Limit(metric="m", at_most=Fraction(0))
    missed = JudgedMetric(metric=metric, limit=limit, met=False)
    assert "it passed, and m misses its limit" in lying_gate(samples, metrics=(missed,))
    wide = Metric(name="m", value=1, unit="s", low=0, high=2)
    between = Limit(metric="m", at_most=Fraction(1), on_bounds=True)
    open_ = JudgedMetric(metric=wide, limit=between, met=None)
    said = "it passed, and m is not settled against its limit"
    assert said in lying_gate(samples, metrics=(open_,))
    turned = JudgedMetric(metric=metric, limit=limit, met=True)
    assert "m is marked met" in lying_gate(samples, metrics=(turned,))
    hushed = JudgedMetric(metric=metric, limit=limit, met=None)
    assert "m is marked not compared" in lying_gate(samples, metrics=(hushed,))
    boasted = JudgedMetric(metric=metric, limit=None, met=True)
    assert "m is marked met" in lying_gate(samples, metrics=(boasted,))


def test_a_gate_that_passes_with_a_confirmed_secret_is_a_lie(samples: SimpleNamespace) -> None:
    secret = samples.finding(rule_id="AWS", always_blocks=True)
    assert "it passed in spite of AWS, which always blocks" in lying_gate(
        samples, findings=(secret,)
    )


@pytest.mark.parametrize(
    ("place", "change", "lie"),
    [
        (("waivers",), [], "the waivers are not those of its findings"),
        (("waivers", 0, "findings"), 2, "the waivers are not those of its findings"),
        (("waivers", 1, "id"), "W-2026-001", "the waivers are not those of its findings"),
        (("waivers", 0, "status"), "expired", "waiver W-2026-001 is expired, and covers 1"),
        (("findings", 2, "waiver_id"), None, "B602 is waived, and its waiver is none"),
        (("findings", 2, "state"), "new", "B602 is new, and its waiver is W-2026-001"),
        (("findings", 2, "enforced"), True, "B602 is waived, which no waiver can do"),
        (("findings", 2, "severity"), "critical", "B602 is waived, which no waiver can do"),
        (("findings", 2, "always_blocks"), True, "B602 is waived, which no waiver can do"),
    ],
)
def test_a_waiver_that_does_not_bear_what_it_covers_is_a_lie(
    place: tuple[Any, ...], change: object, lie: str, samples: SimpleNamespace
) -> None:
    value = json.loads(to_bytes(samples.passing()))
    at(value["gates"][2], place[:-1])[place[-1]] = change
    stored = msgspec.convert(value, StoredReport)
    assert f"gate security: {lie}" in list(contradictions(stored, from_stored(stored)))
    assert "contradicts itself" in refusal(value)


def test_a_fixed_finding_of_no_gate_is_a_lie(samples: SimpleNamespace) -> None:
    value = json.loads(to_bytes(samples.passing()))
    value["fixed"][0]["gate_id"] = "other"
    assert "a fixed finding of other, which is not among the gates" in refusal(value)


# Writing.


@pytest.mark.parametrize("name", ["pass", "fail", "error", "skipped", "partial", "nothing"])
def test_what_was_written_is_read(name: str, samples: SimpleNamespace, tmp_path: Path) -> None:
    report = samples.SAMPLES[name]()
    (tmp_path / "gate.json").write_bytes(to_bytes(report))
    assert report == load(tmp_path / "gate.json")


def test_the_form_is_canonical(samples: SimpleNamespace) -> None:
    text = to_bytes(samples.failing()).decode("utf-8")
    assert text.endswith("}\n")
    assert not text.endswith("\n\n")
    assert "\r" not in text
    assert text == json.dumps(json.loads(text), sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def test_what_utf8_cannot_hold_is_escaped(samples: SimpleNamespace) -> None:
    data = to_bytes(samples.infected("a\udcffb\ud800"))
    report = from_bytes(data)
    assert report.subject.repository == "a\\udcffb\\ud800"
    assert data == to_bytes(report)


def test_what_steers_a_terminal_is_escaped(samples: SimpleNamespace) -> None:
    text = "\x00\x1b[31m\x7f\x9b31m\u202e\u2066\u200b\ufeff\u2028\x85"
    report = samples.infected(text)
    data = to_bytes(report)
    assert data.isascii() or all(char.isprintable() or char == "\n" for char in data.decode())
    assert text == from_bytes(data).subject.repository


def test_what_is_not_a_number_is_null_and_keeps_its_n(samples: SimpleNamespace) -> None:
    values = (math.nan, math.inf, -math.inf)
    metrics = tuple(
        JudgedMetric(metric=Metric(name=f"m{i}", value=value, unit="s", n=0, low=value))
        for i, value in enumerate(values)
    )
    data = to_bytes(samples.report(samples.gate("load", metrics=metrics)))
    for item in json.loads(data)["gates"][0]["metrics"]:
        assert (item["value"], item["low"], item["n"]) == (None, None, 0)
    assert all(math.isnan(m.metric.value) for m in from_bytes(data).gates[0].metrics)


@pytest.mark.parametrize(
    "changes",
    [
        {"duration_s": math.nan},
        {"duration_s": -1.0},
        {"verdict": "green"},
        {"examined": "many"},
        {"findings": ("finding",)},
        {"reason": 7},
        {"examined": Examined(unit="files", count=-1)},
    ],
)
def test_a_value_of_the_wrong_type_is_not_stored(
    changes: dict[str, Any], samples: SimpleNamespace
) -> None:
    with pytest.raises(ReportProblem, match="the report cannot be stored"):
        to_bytes(samples.report(samples.gate("lint", **changes)))


def test_a_whole_number_is_written_as_its_type_says(samples: SimpleNamespace) -> None:
    whole = samples.report(samples.gate("lint", duration_s=3))
    assert to_bytes(whole) == to_bytes(from_bytes(to_bytes(whole)))


# The law: what was written is read.

texts = st.text(
    st.characters(exclude_categories=["Cs"]),
    max_size=12,
)
maybe_text = st.none() | texts
counts = st.integers(0, 10**9)
ratios = st.none() | st.tuples(st.integers(0, 10**6), st.integers(0, 10**6))
numbers = st.floats(allow_nan=False, allow_infinity=False)
seconds = st.floats(0, 1e9)
flags = st.none() | st.booleans()


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=2).map(tuple)


skipped = st.builds(Skipped, what=texts, reason=texts, allowed_by=maybe_text)
problems = st.builds(Problem, what=texts, remedy=texts, path=maybe_text, log=maybe_text, slug=texts)
findings = st.builds(
    JudgedFinding,
    finding=st.builds(
        Finding,
        tool=texts,
        rule_id=texts,
        severity=st.sampled_from(Severity),
        message=texts,
        identity=st.builds(Identity, kind=st.sampled_from(["code", "secret"]), key=some(texts)),
        path=maybe_text,
        line=st.none() | counts,
        column=st.none() | counts,
        excerpt=texts,
        why=texts,
        aliases=some(texts),
        in_change=flags,
    ),
    fingerprint=texts,
    state=st.sampled_from(State),
    enforced=st.booleans(),
    since=texts,
    waiver_note=texts,
)
fractions = st.none() | st.fractions()


@st.composite
def metrics(draw: st.DrawFn) -> JudgedMetric:
    name = draw(texts)
    ratio = draw(ratios)
    metric = Metric(
        name=name,
        value=draw(numbers),  # not NaN, which from Python 3.13 on makes equal values unequal
        unit=draw(texts),
        ratio=ratio,
        n=draw(st.none() | counts),
        low=draw(st.none() | numbers),
        high=draw(st.none() | numbers),
        more=draw(st.none() | counts),
    )
    limit = draw(
        st.none()
        | st.builds(
            Limit,
            metric=st.just(name),
            at_least=fractions,
            at_most=fractions,
            origin=texts,
            advice=texts,
            optional=st.booleans(),
            on_bounds=st.booleans(),
        )
    )
    met = keeps(metric, limit) if limit and metric.is_number else None
    return JudgedMetric(metric=metric, limit=limit, met=met)


def honest(found: tuple[JudgedFinding, ...]) -> dict[str, Any]:
    """The findings of a gate as a judge leaves them, with the waiver that covers some."""
    items = []
    for one in found:
        waived = one.state is State.WAIVED and one.finding.severity is not Severity.CRITICAL
        items.append(
            dataclasses.replace(
                one,
                state=State.NEW if one.state is State.WAIVED and not waived else one.state,
                enforced=one.enforced and not waived,
                waiver_id="W-2026-001" if waived else None,
            )
        )
    count = sum(one.state is State.WAIVED for one in items)
    use = WaiverUse(id="W-2026-001", status=WaiverStatus.IN_FORCE, findings=count)
    return {"findings": tuple(items), "waivers": (use,)}


@st.composite
def gates(draw: st.DrawFn, gate_id: str) -> GateResult:
    verdict = draw(st.sampled_from(Verdict))
    passed = verdict is Verdict.PASS
    measured = draw(some(metrics()))
    return GateResult(
        gate_id=gate_id,
        kind=draw(texts),
        title=draw(texts),
        phase=draw(texts),
        verdict=verdict,
        reason=draw(texts),
        enforce=draw(st.booleans()),
        started_at=draw(texts),
        duration_s=draw(seconds),
        cached=draw(st.booleans()),
        examined=draw(
            st.builds(
                Examined,
                unit=texts,
                count=st.integers(1, 10**9),
                planned=st.none() | counts,
                skipped=some(skipped),
                reused=counts,
            )
            | (st.nothing() if passed else st.none())
        ),
        tools=draw(
            some(
                st.builds(
                    ToolRun,
                    name=texts,
                    version=texts,
                    command=some(texts),
                    exit_code=st.integers(-99, 255),
                    home=st.sampled_from(["toolkit", "project", "system"]),
                )
            )
        ),
        **honest(draw(some(findings))),
        fixed=draw(
            some(
                st.builds(
                    BaselineEntry,
                    gate_id=st.just(gate_id),
                    rule_id=texts,
                    path=texts,
                    fingerprint=texts,
                    message=texts,
                    label=texts,
                )
            )
        ),
        metrics=tuple(m for m in measured if not (passed and (m.met is False or unsettled(m)))),
        problems=() if passed else draw(some(problems)),
        limitations=draw(some(st.builds(Limitation, name=texts, detail=texts))),
        suppressions=draw(
            some(
                st.builds(
                    Suppression,
                    tool=texts,
                    directive=texts,
                    path=texts,
                    line=counts,
                    rules=some(texts),
                    since_base=flags,
                )
            )
        ),
        artifacts=draw(
            some(st.builds(Artifact, path=texts, media_type=texts, sha256=texts, size=counts))
        ),
        tables=draw(
            some(st.builds(Table, title=texts, columns=some(texts), rows=some(some(texts))))
        ),
        notes=draw(some(texts)),
    )


@st.composite
def reports(draw: st.DrawFn) -> Report:
    ids = draw(st.lists(texts, max_size=3, unique=True))
    results = tuple(draw(gates(name)) for name in ids)
    verdict = run_verdict(gate.verdict for gate in results if gate.enforce)
    trouble = draw(some(problems))
    if trouble:
        verdict = run_verdict((verdict, Verdict.ERROR))
    return Report(
        verdict=verdict,
        reason=draw(texts),
        partial=draw(st.booleans()),
        subject=draw(
            st.builds(
                Subject,
                repository=texts,
                commit=maybe_text,
                dirty=flags,
                tree=texts,
                version=maybe_text,
                environment=maybe_text,
                artifacts=some(st.builds(ArtifactDigest, name=texts, sha256=texts)),
            )
        ),
        base=draw(st.builds(BaseRef, ref=maybe_text, commit=maybe_text, note=texts)),
        phase=draw(texts),
        effective_time=draw(texts),
        policy_digest=draw(texts),
        tool=draw(st.builds(ToolInfo, name=texts, version=texts, python=texts, platform=texts)),
        started_at=draw(texts),
        duration_s=draw(seconds),
        expected=tuple(ids),
        not_applicable=draw(some(st.builds(NotApplicable, gate_id=texts, reason=texts))),
        gates=results,
        problems=trouble,
        notes=draw(some(texts)),
    )


# A drawn report is large: a quarter of what the profile in force draws, 25 or 500.
FEWER = settings(max_examples=settings().max_examples // 4)


@FEWER
@given(report=reports())
def test_law_what_was_written_is_read(report: Report) -> None:
    data = to_bytes(report)
    assert report == from_bytes(data)
    assert data == to_bytes(from_bytes(data))


@FEWER
@given(report=reports(), claim=st.sampled_from(Verdict))
def test_law_no_other_verdict_is_read(report: Report, claim: Verdict) -> None:
    data = to_bytes(dataclasses.replace(report, verdict=claim))
    if claim is report.verdict:
        assert report == from_bytes(data)
    else:
        assert "contradicts itself" in refusal(data)
