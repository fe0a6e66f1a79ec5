"""Parts of a phase and phases of a release become one report, or it is said why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from release_gate.judge.merge import merge
from release_gate.judge.needs import NamedReport, unmet
from release_gate.judge.types import GateResult, Report, ToolInfo, Verdict
from release_gate.judge.verdicts import exit_code
from release_gate.model import (
    ArtifactDigest,
    BaseRef,
    Examined,
    NotApplicable,
    Problem,
    Subject,
)
from release_gate.report.store import from_bytes, to_bytes
from release_gate.trust import POLICY_CHANGE, Need

pytestmark = pytest.mark.unit

COMMIT, OTHER = "c" * 40, "d" * 40
SUBJECT = Subject(repository="orders", commit=COMMIT, dirty=False, tree="t")
TOOL = ToolInfo(name="release-gate", version="1", python="3.12", platform="Linux")
PLANNED = ("lint", "types")
WHEN = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)


def result(gate_id: str, verdict: Verdict = Verdict.PASS, **more: Any) -> GateResult:
    values: dict[str, Any] = {
        "kind": gate_id,
        "title": gate_id,
        "phase": "pre-release",
        "reason": "x",
        "examined": Examined(unit="files", count=1),
    }
    return GateResult(**{**values, **more, "gate_id": gate_id, "verdict": verdict})


def report(*gates: GateResult | str, **more: Any) -> Report:
    results = tuple(result(one) if isinstance(one, str) else one for one in gates)
    environment = more.pop("environment", None)
    subject = more.pop("subject", SUBJECT)
    verdicts = [one.verdict for one in results]
    values: dict[str, Any] = {
        "verdict": verdicts[0] if verdicts else Verdict.ERROR,
        "reason": "x",
        "partial": True,
        "subject": replace(subject, environment=environment),
        "base": BaseRef(ref="main", commit="b" * 40, note=""),
        "phase": "pre-release",
        "effective_time": WHEN.isoformat(),
        "policy_digest": "p" * 64,
        "tool": TOOL,
        "started_at": WHEN.isoformat(),
        "duration_s": 1.0,
        "expected": tuple(one.gate_id for one in results),
        "not_applicable": (),
        "gates": results,
        "planned": PLANNED,
    }
    return Report(**{**values, **more})


def part(gate: GateResult | str, **more: Any) -> NamedReport:
    gate_id = gate if isinstance(gate, str) else gate.gate_id
    return NamedReport(name=more.pop("name", f"{gate_id}.json"), report=report(gate, **more))


def whole(phase: str, *gates: GateResult | str, **more: Any) -> NamedReport:
    ids = tuple(one if isinstance(one, str) else one.gate_id for one in gates)
    values = {"partial": False, "planned": ids, "phase": phase, **more}
    name = values.pop("name", f"{phase}.json")
    return NamedReport(name=name, report=report(*gates, **values))


def problems(*reports: NamedReport, **more: Any) -> list[tuple[str, str]]:
    merged = merge(reports, **more)
    assert merged.verdict is Verdict.ERROR
    assert exit_code(merged.verdict) == 3
    assert from_bytes(to_bytes(merged)) == merged
    return [(one.slug, one.what) for one in merged.problems]


def test_nothing_cannot_be_merged() -> None:
    with pytest.raises(ValueError, match="nothing"):
        merge([])


def test_all_parts_make_a_whole() -> None:
    merged = merge([part("types"), part("lint")])

    assert (merged.verdict, merged.partial, merged.problems) == (Verdict.PASS, False, ())
    assert merged.expected == merged.planned == PLANNED
    assert [one.name for one in merged.joined] == ["lint.json", "types.json"]
    assert merged.reason == "2 gates passed"
    assert from_bytes(to_bytes(merged)) == merged


def test_a_finding_of_one_part_fails_the_whole() -> None:
    merged = merge([part("types"), part(result("lint", Verdict.FAIL))])

    assert (merged.verdict, merged.reason) == (Verdict.FAIL, "fail: lint")


def test_a_part_that_never_came_is_named() -> None:
    assert problems(part("lint")) == [
        ("part-missing", "there is no part of gate types, which pre-release expects")
    ]
    gates = {one.gate_id: one for one in merge([part("lint")]).gates}
    assert gates["types"].verdict is Verdict.ERROR


def test_an_empty_list_of_expected_gates_in_a_part_is_no_whole() -> None:
    assert problems(part("lint", planned=())) == [
        ("foreign-part", "lint.json does not say which gates its phase expects")
    ]


def test_the_same_part_twice_is_named() -> None:
    twice = part("lint", name="copy/lint.json")

    assert problems(part("lint"), part("types"), twice) == [
        (
            "part-twice",
            "lint of pre-release stands in copy/lint.json and in lint.json: the same part twice",
        )
    ]


def test_the_part_of_a_retry_is_named_and_the_worse_one_counts() -> None:
    later = datetime(2026, 1, 2, 4, 0, tzinfo=UTC).isoformat()
    failed = part(result("lint", Verdict.FAIL))
    retry = part("lint", name="2/lint.json", started_at=later)
    merged = merge([retry, failed, part("types")])

    assert [one.what for one in merged.problems] == [
        (
            "lint of pre-release stands in lint.json and in 2/lint.json: 2/lint.json began later, "
            "as a retry does"
        )
    ]
    assert merged.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"subject": replace(SUBJECT, commit=OTHER)}, "is about the commit dddddddddddd, not cccc"),
        ({"subject": replace(SUBJECT, repository="shop")}, "is about shop, not orders"),
        ({"subject": replace(SUBJECT, dirty=True, tree="u")}, "is about files that are not com"),
        ({"policy_digest": "q" * 64}, "was judged by another policy: qqqqqqqqqqqq, not pppp"),
        ({"policy_digest": ""}, "was judged by another policy: none, not"),
        ({"paths": ("src/a.py",)}, "looked at src/a.py alone, not at everything"),
        ({"replayed": True}, "was judged as of 2026-01-02"),
    ],
)
def test_a_foreign_part_is_named_and_left_out(more: dict[str, Any], why: str) -> None:
    foreign = part(result("types", Verdict.FAIL), **more)
    found = problems(part("lint"), part("lint", name="l2.json"), foreign, commit=COMMIT)

    assert found[0][0] == "foreign-part"
    assert found[0][1].startswith(f"types.json {why}")
    assert ("part-missing", "there is no part of gate types, which pre-release expects") in found


def test_another_digest_of_an_artefact_is_foreign() -> None:
    def built(digest: str) -> Subject:
        return replace(SUBJECT, artifacts=(ArtifactDigest(name="api", sha256=digest * 64),))

    found = problems(part("lint", subject=built("1")), part("types", subject=built("2")))
    assert found[0] == (
        "foreign-part",
        "types.json is about another api: sha256 222222222222, not 111111111111",
    )
    merged = merge([part("lint", subject=built("1")), part("types")])
    assert (merged.verdict, merged.subject.artifacts) == (Verdict.PASS, built("1").artifacts)


def test_if_all_are_about_another_commit_nothing_is_judged() -> None:
    found = merge([part("lint"), part("types")], commit=OTHER)

    assert (found.verdict, found.gates, len(found.problems)) == (Verdict.ERROR, (), 2)
    assert found.subject.commit == OTHER


def test_without_a_commit_the_one_of_most_parts_counts() -> None:
    foreign = part("types", subject=replace(SUBJECT, commit=OTHER), name="x.json")
    found = problems(foreign, part("lint"), part("types"))

    assert found == [("foreign-part", "x.json is about the commit dddddddddddd, not cccccccccccc")]


def test_without_git_the_files_have_to_be_the_same() -> None:
    bare = replace(SUBJECT, commit=None, dirty=None)

    assert merge([part("lint", subject=bare), part("types", subject=bare)]).verdict is Verdict.PASS
    found = problems(part("lint", subject=bare), part("types", subject=replace(bare, tree="u")))
    assert found[0][1] == "types.json is about other files"


def test_a_part_older_than_the_commit_is_foreign() -> None:
    parts = [part("lint"), part("types")]
    after = datetime(2026, 1, 2, 3, 6, tzinfo=UTC)

    assert merge(parts, committed_at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC)).problems == ()
    assert "older than the commit" in problems(*parts, committed_at=after)[0][1]


@pytest.mark.parametrize("said", ["", "yesterday", "2026-01-02T03:00:00"])
def test_a_part_that_does_not_say_when_it_was_made_is_foreign(said: str) -> None:
    found = problems(part("lint", started_at=said), part("types"), committed_at=WHEN)
    assert "does not say when it was made" in found[0][1]


def test_parts_that_do_not_agree_are_named() -> None:
    base = BaseRef(ref="main", commit="e" * 40, note="")
    tool = replace(TOOL, version="2")

    assert (
        "on which gates are expected"
        in problems(part("lint"), part("types", planned=(*PLANNED, "more")))[1][1]
    )
    assert "on the base" in problems(part("lint"), part("types", base=base))[0][1]
    assert "on the version" in problems(part("lint"), part("types", tool=tool))[0][1]


def test_a_result_that_is_not_expected_is_named() -> None:
    assert problems(part("lint"), part("types"), part("extra"))[0] == (
        "foreign-gate",
        "extra.json holds gate extra, which pre-release does not expect",
    )


def test_what_was_wrong_with_a_run_stays_wrong() -> None:
    dirty = part("lint", problems=(Problem(what="the work tree differs", slug="dirty-tree"),))
    assert problems(dirty, part("types")) == [("dirty-tree", "lint.json: the work tree differs")]


def test_gates_that_did_not_apply_are_listed_once() -> None:
    more = NotApplicable(gate_id="docs", reason="no")
    merged = merge([part(one, not_applicable=(more,)) for one in PLANNED])

    assert merged.not_applicable == (more,)


def later(hour: int) -> str:
    return datetime(2026, 1, 2, hour, 0, tzinfo=UTC).isoformat()


SMOKE: dict[str, Any] = {
    "environment": "live",
    "started_at": later(5),
    "needs": (Need(kind="phase", name="pre-release"),),
}


@pytest.mark.release_check("F01", "green")
@pytest.mark.release_check("F04", "green")
def test_phases_of_one_release_are_joined() -> None:
    merged = merge(
        [whole("post-deploy", "smoke", **SMOKE), part("lint"), part("types")], commit=COMMIT
    )

    assert (merged.verdict, merged.phase) == (Verdict.PASS, "pre-release + post-deploy")
    assert merged.subject.environment == "live"
    assert merged.expected == ("lint", "types", "smoke")


@pytest.mark.release_check("F01", "red")
@pytest.mark.release_check("F04", "red")
@pytest.mark.parametrize(
    "before",
    [
        [],
        [part("lint")],
        [part("lint"), part(result("types", Verdict.INCONCLUSIVE))],
        [part("lint", started_at=later(6)), part("types", started_at=later(6))],
    ],
    ids=["missing", "incomplete", "inconclusive", "began later"],
)
def test_a_phase_needs_the_one_before_it(before: list[NamedReport]) -> None:
    found = problems(*before, whole("post-deploy", "smoke", **SMOKE))

    assert "needed-before" in [slug for slug, _ in found]


def test_a_gate_in_two_phases_is_named_but_for_those_that_judge_the_others() -> None:
    def both(gate_id: str, verdict: Verdict = Verdict.PASS) -> list[NamedReport]:
        return [whole("a", gate_id), whole("b", result(gate_id, verdict))]

    assert problems(*both("lint")) == [("gate-twice", "gate lint stands in a and in b")]
    assert merge(both(POLICY_CHANGE)).verdict is Verdict.PASS
    assert merge(both(POLICY_CHANGE, Verdict.FAIL)).verdict is Verdict.FAIL


STAGING = (Need(kind="environment", name="staging"),)


def in_staging(verdict: Verdict = Verdict.PASS, **more: Any) -> NamedReport:
    values = {"environment": "staging", "name": "staging.json", **more}
    return whole(values.pop("phase", "post-deploy"), result("smoke", verdict), **values)


def in_live(**more: Any) -> NamedReport:
    values = {"environment": "live", "name": "live.json", "needs": STAGING, **more}
    return whole("post-deploy", "smoke", **values)


@pytest.mark.release_check("E08", "green")
def test_an_environment_after_one_that_passed_is_joined_without_its_gates() -> None:
    merged = merge([in_live(), in_staging()])

    assert (merged.verdict, merged.subject.environment) == (Verdict.PASS, "live")
    assert [(one.name, one.gates) for one in merged.joined] == [
        ("staging.json", ()),
        ("live.json", ("smoke",)),
    ]


@pytest.mark.release_check("E08", "red")
@pytest.mark.parametrize(
    "before",
    [
        [],
        [in_staging(Verdict.FAIL)],
        [in_staging(subject=replace(SUBJECT, commit=OTHER))],
        [in_staging(phase="pre-release")],
        [in_staging(partial=True, planned=("smoke", "more"))],
    ],
    ids=["missing", "failed", "another commit", "another phase", "a part"],
)
def test_an_environment_needs_the_one_before_it(before: list[NamedReport]) -> None:
    found = problems(in_live(), *before, commit=COMMIT)

    assert "needed-before" in [slug for slug, _ in found]


def test_a_report_of_an_environment_that_nothing_asks_for_is_foreign() -> None:
    found = problems(in_staging(started_at=later(1)), in_live(needs=()))

    assert found == [("foreign-part", "staging.json is about the environment staging, not live")]


def test_environments_that_need_one_another_are_both_asked_for() -> None:
    back = (Need(kind="environment", name="live"),)
    merged = merge([in_staging(Verdict.FAIL, needs=back), in_live()])

    assert merged.verdict is Verdict.FAIL
    assert [one.slug for one in merged.problems] == ["needed-before"]


def digests(name: str, digest: str) -> Subject:
    return replace(SUBJECT, artifacts=(ArtifactDigest(name=name, sha256=digest * 64),))


@pytest.mark.release_check("E08", "red")
@pytest.mark.parametrize(
    ("earlier", "why"),
    [
        (in_staging(subject=digests("api", "2")), "is about another api"),
        (in_staging(), "does not say which api it is about"),
        (in_staging(subject=digests("web", "1")), "does not say which api it is about"),
        (in_staging(replayed=True), "is judged as of another time"),
        (in_staging(partial=True), "is a part"),
        (in_staging(paths=("a",)), "is a part"),
        (in_staging(Verdict.ERROR), "says error"),
    ],
)
def test_a_run_says_why_a_report_does_not_show_that_the_same_thing_passed(
    earlier: NamedReport, why: str
) -> None:
    found = unmet(STAGING, digests("api", "1"), "post-deploy", [earlier])

    assert len(found) == 1
    assert f"environment staging has to pass before: staging.json {why}" in found[0].what


@pytest.mark.release_check("E08", "green")
def test_the_same_digest_that_passed_before_meets_the_need() -> None:
    earlier = in_staging(subject=digests("api", "1"))

    assert unmet(STAGING, digests("api", "1"), "post-deploy", [earlier]) == ()


def test_a_need_without_any_report_is_unmet() -> None:
    found = unmet(STAGING, SUBJECT, "post-deploy", [])

    assert [(one.slug, one.what) for one in found] == [
        (
            "needed-before",
            "there is no report of environment staging, which has to pass before",
        )
    ]


def test_a_report_of_another_environment_does_not_show_that_a_phase_passed() -> None:
    need = (Need(kind="phase", name="post-deploy"),)
    subject = replace(SUBJECT, environment="live")

    assert unmet(need, subject, "day-1", [in_staging()]) != ()
    assert unmet(need, subject, "day-1", [in_live()]) == ()
