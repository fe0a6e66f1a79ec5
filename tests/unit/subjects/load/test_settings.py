"""Keys of the gate that can never be meant."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import msgspec
import pytest

from release_gate.subjects.load.settings import LoadSettings, limits

pytestmark = pytest.mark.unit


def settings(**keys: Any) -> LoadSettings:
    return msgspec.convert({k.replace("_", "-"): v for k, v in keys.items()}, LoadSettings)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"rate": 201}, "rate: 201 requests/s are more than 200: use a load tool and report"),
        ({"rate": 150, "versus": {"control": "http://old"}}, "rate: 300 requests/s are more"),
        ({"in_flight": 51}, "Expected `int` <= 50"),
        ({"in_flight": 0}, "Expected `int` >= 1"),
        ({"rate": 0}, "Expected `float` > 0"),
        ({"duration": "0s"}, "duration must be more than 0"),
        ({"duration": "soon"}, 'duration must be like "500ms"'),
        ({"max_p95": "5s"}, "max-p95 must be below timeout"),
        ({"min_rate": 10}, "min-rate must be below the 10/s that are sent"),
        ({"max_error_rate": 101}, "Expected `float` <= 100"),
        ({"judged_on": "value"}, "judged-on: values are compared of a report only"),
        ({"versus": {}}, "baseline or control must be there"),
        ({"versus": {"baseline": "a", "control": "b"}}, "baseline or control must be there"),
        ({"versus": {"baseline": "a", "judge": []}}, "length >= 1"),
        ({"versus": {"baseline": "a", "p50": 1.05}}, "unknown field `p50`"),
        ({"report": "a.json", "versus": {"baseline": "a"}}, "versus compares requests of our own"),
        ({"requests": [{"path": "/", "at-once": 5}]}, "requests: at-once is for checks"),
        ({"requests": [{"path": "/${id}"}]}, "requests: ${...} is for checks"),
        ({"max_95": "1s"}, "unknown field `max-95`"),
        ({"steps": [{"rate": 10}]}, "missing required field `duration`"),
    ],
)
def test_what_can_never_be_meant_is_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        settings(**keys)
    assert message in str(refused.value)


def test_steps_take_the_place_of_rate_and_duration() -> None:
    chosen = settings(steps=[{"rate": 10, "duration": "10s"}, {"rate": 30, "duration": "30s"}])
    assert chosen.offered == 25


def test_limits_are_exact_and_judged_on_bounds() -> None:
    chosen = settings(max_p95="100.5ms", max_error_rate=0.1, min_rate=9.5)
    found = {limit.metric: limit for limit in limits(chosen)}
    assert found["p95"].at_most == Fraction(201, 2)
    assert found["error-rate"].at_most == Fraction(1, 10)
    assert found["rate-reached"].at_least == Fraction(19, 2)
    assert all(limit.on_bounds and not limit.optional for limit in found.values())


def test_only_what_is_named_is_compared() -> None:
    chosen = settings(versus={"baseline": "run.json", "judge": ["p95"], "p95": 0.5})
    found = {limit.metric: limit.at_most for limit in limits(chosen)}
    assert found == {"error-rate": 1, "p95-ratio": Fraction(1, 2)}


def test_values_of_a_report_are_compared_where_that_is_said() -> None:
    chosen = settings(report="k6.json", judged_on="value", max_p95="1s")
    assert not any(limit.on_bounds for limit in limits(chosen))
