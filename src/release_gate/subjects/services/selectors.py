"""Series chosen as PromQL does: ``name{label="value", other=~"expression"}``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from release_gate.subjects.services.exposition import Sample, unescaped

_SELECTOR = re.compile(
    r'\s*(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(?P<inner>(?:[^"{}]|"(?:[^"\\]|\\.)*")*)\})?\s*'
)
_MATCHER = re.compile(
    r'\s*(?P<key>[a-zA-Z_]\w*)\s*(?P<how>=~|!~|!=|=)\s*"(?P<value>(?:[^"\\]|\\.)*)"\s*(?:,|$)'
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Matcher:
    """One condition on a label; a label that is not there is empty."""

    key: str
    how: str
    value: str

    def matches(self, sample: Sample) -> bool:
        """Whether a sample's label is as it should."""
        value = sample.labels.get(self.key, "")
        same = (
            re.fullmatch(self.value, value) is not None
            if self.how in {"=~", "!~"}
            else value == self.value
        )
        return same is not self.how.startswith("!")


@dataclass(frozen=True, kw_only=True, slots=True)
class Selector:
    """A name and conditions on labels."""

    name: str
    matchers: tuple[Matcher, ...]

    def chosen(self, samples: tuple[Sample, ...]) -> tuple[Sample, ...]:
        """Those of the samples that it stands for."""
        return tuple(
            sample
            for sample in samples
            if sample.name == self.name and all(m.matches(sample) for m in self.matchers)
        )


def is_selector(text: str) -> bool:
    """Whether PromQL is one selector and nothing else, without a range."""
    return _SELECTOR.fullmatch(text) is not None


def selector(text: str) -> Selector:
    """Take a selector apart.

    Raises:
        ValueError: If it is none.
    """
    found = _SELECTOR.fullmatch(text)
    if not found:
        raise ValueError(f'{text!r} chooses no series: write name{{label="value"}}')
    matchers, at, inner = [], 0, found["inner"] or ""
    while inner[at:].strip():
        match = _MATCHER.match(inner, at)
        if not match:
            raise ValueError(f"{text!r}: {inner[at:]!r} is no condition on a label")
        value = unescaped(match["value"])
        if match["how"] in {"=~", "!~"}:
            _check(value)
        matchers.append(Matcher(key=match["key"], how=match["how"], value=value))
        at = match.end()
    return Selector(name=found["name"], matchers=tuple(matchers))


def _check(expression: str) -> None:
    try:
        re.compile(expression)
    except re.error as error:
        raise ValueError(f"{expression!r} is no regular expression: {error}") from error
