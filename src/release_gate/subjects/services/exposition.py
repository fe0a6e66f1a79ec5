"""Metrics as a service prints them for Prometheus, read strictly.

Formats: https://prometheus.io/docs/instrumenting/exposition_formats/ (text, 0.0.4) and
https://prometheus.io/docs/specs/om/open_metrics_spec/ (OpenMetrics 1.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*\s*=\s*"(?:[^"\\]|\\.)*"'
_SAMPLE = re.compile(
    rf"(?P<name>{_NAME})\s*"
    rf"(?:\{{\s*(?P<labels>{_LABEL}(?:\s*,\s*{_LABEL})*)?\s*,?\s*\}}\s*|\s+)"
    r"(?P<value>[^\s#{}]+)(?:\s+(?P<time>-?\d+(?:\.\d+)?))?(?:\s+\#\s+\{.*)?\s*"
)
_PAIR = re.compile(r'(?P<key>[a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"(?P<value>(?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(.)")
_OPEN_METRICS = "application/openmetrics-text"
_TEXT = "text/plain"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One sample.

    Args:
        name: Of the series.
        labels: By name.
        value: May be NaN or infinite.
        at: Seconds since 1970 where the page names a time.
    """

    name: str
    labels: Mapping[str, str]
    value: float
    at: float | None = None

    def shown(self) -> str:
        """The series as PromQL writes it."""
        inner = ",".join(f'{key}="{value}"' for key, value in sorted(self.labels.items()))
        return f"{self.name}{{{inner}}}" if inner else self.name


def samples(text: str, media_type: str) -> tuple[Sample, ...]:
    """All samples of a page.

    Args:
        text: The whole body.
        media_type: Value of its Content-Type header.

    Raises:
        ValueError: If the page is of another type, empty, cut off, holds a line that is no
            sample, or one series twice.
    """
    kind = media_type.partition(";")[0].strip().lower()
    if kind not in {_TEXT, _OPEN_METRICS}:
        raise ValueError(f"the page is {kind or 'of no type'}, expected {_TEXT}")
    opened = kind == _OPEN_METRICS
    if opened and not text.rstrip("\n").endswith("# EOF"):
        raise ValueError("the page is cut off: it does not end with # EOF")
    if not text.endswith("\n") and not opened:
        raise ValueError("the page is cut off: its last line does not end" if text else "no body")
    found = tuple(_read(text, milliseconds=not opened))
    if not found:
        raise ValueError("the page holds no sample")
    _refuse_twice(found)
    return found


def _read(text: str, *, milliseconds: bool) -> Iterator[Sample]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _SAMPLE.fullmatch(line.strip())
        if not match:
            raise ValueError(f"line {number} is no sample: {line[:80]!r}")
        at = float(match["time"]) if match["time"] else None
        yield Sample(
            name=match["name"],
            labels=_labels(match["labels"] or "", number),
            value=number_of(match["value"]),
            at=at / 1000 if at is not None and milliseconds else at,
        )


def number_of(text: str) -> float:
    """A value as Prometheus writes it, ``NaN`` and ``+Inf`` included.

    Raises:
        ValueError: If it is none.
    """
    if "_" in text:  # Python takes 1_000 for a number, Prometheus does not
        raise ValueError(f"{text!r} is no number")
    return float(text)


def unescaped(text: str) -> str:
    """The value of a label without its escapes."""
    return _ESCAPE.sub(lambda match: "\n" if match[1] == "n" else match[1], text)


def _labels(text: str, number: int) -> dict[str, str]:
    pairs = [(match["key"], unescaped(match["value"])) for match in _PAIR.finditer(text)]
    labels = dict(pairs)
    if len(labels) != len(pairs):
        raise ValueError(f"line {number} names a label twice")
    return labels


def _refuse_twice(found: tuple[Sample, ...]) -> None:
    seen: set[tuple[str, tuple[tuple[str, str], ...], float | None]] = set()
    for sample in found:
        key = (sample.name, tuple(sorted(sample.labels.items())), sample.at)
        if key in seen:
            raise ValueError(f"{sample.shown()} stands twice")
        seen.add(key)
