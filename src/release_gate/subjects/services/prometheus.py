"""The HTTP API of Prometheus, as far as queries and alerting rules go; nothing is guessed.

Format: https://prometheus.io/docs/prometheus/latest/querying/api/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from release_gate.subjects.probes.contract import Budget, ProbeFailed, ProbeProblem, ProbeWorld
from release_gate.subjects.services.exposition import Sample, number_of
from release_gate.subjects.services.place import Place

_MOST_POINTS = 11_000

T = TypeVar("T")


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    status: str
    data: msgspec.Raw = msgspec.Raw(b"null")
    error: str = ""
    warnings: list[str] = []
    partial: bool = msgspec.field(default=False, name="isPartial")


class _Series(msgspec.Struct, frozen=True, kw_only=True):
    metric: dict[str, str] = {}
    value: tuple[float, str] | None = None
    values: list[tuple[float, str]] | None = None


class _Data(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    result_type: str
    result: msgspec.Raw


@dataclass(frozen=True, kw_only=True, slots=True)
class Points:
    """One series over a window.

    Args:
        labels: By name.
        points: Seconds since 1970 and value, in order.
    """

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Prometheus:
    """A server that is asked.

    Args:
        place: Where it is.
        world: The outside.
        budget: The time that is left.
    """

    place: Place
    world: ProbeWorld
    budget: Budget

    def instant(self, query: str, lookback_s: float) -> tuple[Sample, ...]:
        """The value of each series of a query, now.

        Args:
            query: PromQL.
            lookback_s: Samples older than these seconds count as gone, where the server knows
                the parameter.

        Raises:
            ProbeFailed: If the answer is an error, has warnings, or is of another kind.
        """
        asked = {"query": query, "lookback_delta": f"{lookback_s:g}s"}
        data = self._data("/api/v1/query", asked)
        if data.result_type == "scalar":
            at, value = _decoded(data.result, tuple[float, str])
            return (Sample(name="", labels={}, value=_value(value), at=at),)
        if data.result_type != "vector":
            raise ProbeFailed(f"the query gives a {data.result_type}, expected a vector")
        return tuple(_sample(series) for series in _decoded(data.result, list[_Series]))

    def raw(self, selector: str, window_s: float, end: float) -> tuple[Points, ...]:
        """The samples of a window as they were scraped.

        Raises:
            ProbeFailed: If the answer is an error, has warnings, or is of another kind.
        """
        asked = {"query": f"{selector}[{window_s:g}s]", "time": f"{end:.3f}"}
        return self._matrix("/api/v1/query", asked)

    def window(self, query: str, window_s: float, step_s: float, end: float) -> tuple[Points, ...]:
        """The values of a query at each step of a window.

        Raises:
            ProbeFailed: If the answer is an error, has warnings, or is of another kind.
            ProbeProblem: If the window has too many steps.
        """
        if window_s / step_s >= _MOST_POINTS:
            raise ProbeProblem(f"the window has more than {_MOST_POINTS} steps: write a longer one")
        asked = {
            "query": query,
            "start": f"{end - window_s:.3f}",
            "end": f"{end:.3f}",
            "step": f"{step_s:g}",
            "lookback_delta": f"{2 * step_s:g}s",
        }
        return self._matrix("/api/v1/query_range", asked)

    def rules(self) -> Any:
        """The alerting rules with their alerts, as JSON.

        Raises:
            ProbeFailed: If the answer is an error, or has warnings.
        """
        return msgspec.json.decode(self._answer("/api/v1/rules", {"type": "alert"}).data)

    def _matrix(self, path: str, asked: dict[str, str]) -> tuple[Points, ...]:
        data = self._data(path, asked)
        if data.result_type != "matrix":
            raise ProbeFailed(f"the query gives a {data.result_type}, expected a matrix")
        return tuple(_points(series) for series in _decoded(data.result, list[_Series]))

    def _data(self, path: str, asked: dict[str, str]) -> _Data:
        return _decoded(self._answer(path, asked).data, _Data)

    def _answer(self, path: str, asked: dict[str, str]) -> _Answer:
        found = self.place.json(path, asked, self.world, self.budget)
        answer = _decoded(msgspec.Raw(msgspec.json.encode(found)), _Answer)
        if answer.status != "success":
            raise ProbeFailed(f"Prometheus says {answer.status}: {answer.error}")
        if answer.warnings:
            # A part of the data is missing (a store behind it did not answer).
            raise ProbeFailed(f"Prometheus warns: {'; '.join(answer.warnings)}")
        if answer.partial:  # as VictoriaMetrics says it
            raise ProbeFailed("the answer is partial: a store behind the server did not answer")
        return answer


def _decoded(raw: msgspec.Raw, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        raise ProbeFailed(f"the answer is not as Prometheus answers: {error}") from None


def _sample(series: _Series) -> Sample:
    if series.value is None:
        raise ProbeFailed("a series of the answer has no number (a native histogram?)")
    labels = {key: value for key, value in series.metric.items() if key != "__name__"}
    at, value = series.value
    name = series.metric.get("__name__", "")
    return Sample(name=name, labels=labels, value=_value(value), at=at)


def _points(series: _Series) -> Points:
    if not series.values:
        raise ProbeFailed("a series of the answer has no number (a native histogram?)")
    return Points(
        labels=series.metric, points=tuple((at, _value(value)) for at, value in series.values)
    )


def _value(text: str) -> float:
    try:
        return number_of(text)
    except ValueError as error:
        raise ProbeFailed(f"the answer is not as Prometheus answers: {error}") from None
