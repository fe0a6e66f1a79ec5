"""Figures of a sample, and of a report, with their bounds."""

from __future__ import annotations

from fractions import Fraction

import pytest

from release_gate.subjects.load import figures, judging
from release_gate.subjects.load.figures import Aims
from release_gate.subjects.load.reports.types import LoadReport
from release_gate.subjects.load.sample import Sample

pytestmark = pytest.mark.unit

AIMS = Aims(latency_us={"p95": 100_000, "p99": 100_000}, error_rate=0.001, rate=9.0)


def of(latencies: list[int], failed: int = 0, services: list[int] | None = None) -> Sample:
    return Sample(
        latencies_us=tuple(latencies),
        services_us=tuple(services or latencies),
        failed=failed,
        elapsed_us=len(latencies) * 100_000,
        outcomes={"200": len(latencies)},
    )


def test_percentiles_are_exact_values_of_the_sample() -> None:
    found = {one.name: one for one in figures.figures(of([*range(1, 1001)]), AIMS)}
    assert [found[name].value for name in ("p50", "p95", "p99")] == [0.5, 0.95, 0.99]
    assert found["p95"].n == 1000


def test_a_percentile_of_too_few_requests_has_no_upper_bound() -> None:
    found = {one.name: one for one in figures.figures(of([*range(1, 101)]), AIMS)}
    assert (found["p95"].high, found["p99"].high) == (0.099, None)
    assert found["p99"].more == 199


def test_the_lower_bound_is_what_the_service_alone_must_answer_for() -> None:
    late = of([200_000] * 600, services=[5_000] * 600)
    found = {one.name: one for one in figures.figures(late, AIMS)}
    assert (found["p95"].low, found["p95"].value, found["p95"].high) == (5.0, 200.0, 200.0)


def test_the_error_rate_is_an_exact_fraction_with_exact_bounds() -> None:
    found = {one.name: one for one in figures.figures(of([1000] * 600), AIMS)}["error-rate"]
    assert (found.ratio, found.low, found.more) == ((0, 600), 0, 2395)
    assert found.high == pytest.approx(0.4980443, rel=1e-6)


def test_the_rate_that_was_reached_counts_only_what_was_served() -> None:
    found = {one.name: one for one in figures.figures(of([1000] * 600, failed=60), AIMS)}
    rate = found["rate-reached"]
    assert rate.value == pytest.approx(9.0)
    assert rate.low is not None
    assert rate.high is not None
    assert 8.7 < rate.low < 9.0 < rate.high < 9.3


def test_a_sample_of_nothing_has_no_figures() -> None:
    with pytest.raises(ValueError, match="nothing"):
        figures.figures(of([]), AIMS)


def test_the_table_names_the_method_of_each_bound() -> None:
    rows = figures.table(figures.figures(of([*range(1, 101)]), AIMS)).rows
    assert {row[0]: row[5] for row in rows} == {
        "p50": figures.BY_RANKS,
        "p95": figures.BY_RANKS,
        "p99": figures.BY_RANKS,
        "error-rate": figures.BY_COUNTS,
        "rate-reached": figures.BY_SERVED,
    }
    assert rows[2][3] == "too few requests"


def report(levels: dict[str, float], requests: int = 10_000, rounding: float = 0.0) -> LoadReport:
    percentiles = {Fraction(level): value * 1000 for level, value in levels.items()}
    return LoadReport(
        tool="k6",
        requests=requests,
        failed=0,
        duration_s=10,
        percentiles_us=percentiles,
        rounding_us=dict.fromkeys(percentiles, rounding),
    )


def test_a_reported_percentile_is_bounded_by_its_neighbours() -> None:
    found = judging.figures(report({"0.9": 50, "0.95": 80, "0.99": 130}), AIMS)[0]
    assert (found.name, found.low, found.value, found.high) == ("p95", 50, 80, 130)


def test_a_closer_neighbour_gives_a_closer_bound() -> None:
    found = judging.figures(report({"0.94": 75, "0.95": 80, "0.96": 90, "0.99": 130}), AIMS)[0]
    assert (found.low, found.high) == (75, 90)


def test_without_a_neighbour_on_a_side_nothing_bounds_it_there() -> None:
    found = judging.figures(report({"0.95": 80}), AIMS)[0]
    assert (found.low, found.high) == (None, None)


def test_rounding_widens_the_bounds() -> None:
    found = judging.figures(report({"0.9": 50, "0.95": 80, "0.99": 130}, rounding=5000), AIMS)[0]
    assert (found.low, found.high) == (45, 135)


def test_a_percentile_that_the_report_lacks_is_left_out() -> None:
    names = [one.name for one in judging.figures(report({"0.5": 10, "0.9": 50}), AIMS)]
    assert names == ["p50", "error-rate", "rate-reached"]
