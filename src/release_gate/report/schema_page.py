"""The tables of ``docs/reference/gate-json.md``, made from the stored forms themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from release_gate.report import schema

_FORM = re.compile(r"Stored([A-Z]\w*)")
_WORDS = {
    "str": "text",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "None": "null",
    "Count": "integer, 0 or more",
    "Seconds": "number, 0 or more",
    "Exact": "number as text",
    "Verdict": "a verdict",
    "State": "a state",
    "Severity": "a severity",
    "KeyKind": "a kind of key",
    "ToolHome": "`toolkit`, `project` or `system`",
    "Literal[1]": "1",
    "WaiverStatus": "status of a waiver",
    "Literal['phase', 'environment']": "`phase` or `environment`",
    "PolicyMode": "`base`, `approved`, `adopting` or `head`",
    "tuple[int, int]": "list of two integers",
}


def tables() -> str:
    """One Markdown table for each stored form, the report first."""
    return "\n".join(line for form in _forms() for line in _table(form))


def _forms() -> list[type[schema.Stored]]:
    order = (schema.StoredReport, schema.StoredGate, schema.StoredFinding, schema.StoredMetric)
    rest = [form for form in schema.Stored.__subclasses__() if form not in order]
    return [*order, *sorted(rest, key=lambda form: form.__name__)]


def _table(form: type[schema.Stored]) -> Iterator[str]:
    # Python 3.13 takes the indentation off docstrings, older versions leave it.
    first, _, fields = inspect.cleandoc(form.__doc__ or "").partition("\n")
    said = dict(re.findall(r"^ {4}(\w+): (.+)$", fields, re.MULTILINE))
    yield f"### {_name(form.__name__)}"
    yield ""
    yield first
    yield ""
    yield "| field | type | meaning |"
    yield "|---|---|---|"
    for name in form.__struct_fields__:
        yield f"| `{name}` | {_type(form.__annotations__[name])} | {said[name]} |"
    yield ""


def _name(form: str) -> str:
    """``StoredArtifactDigest``: ``artifact digest``."""
    words = re.findall("[A-Z][a-z]+", form.removeprefix("Stored"))
    return " ".join(words).lower()


def _type(annotation: str) -> str:
    if annotation in _WORDS:
        return _WORDS[annotation]
    if annotation.endswith(" | None"):
        return f"{_type(annotation.removesuffix(' | None'))}, or null"
    if annotation.startswith("tuple[") and annotation.endswith(", ...]"):
        return f"list of {_type(annotation[6:-6])}"
    form = _FORM.fullmatch(annotation)
    if form is None:
        raise ValueError(f"no words for the type {annotation}")
    name = _name(annotation)
    return f"[{name}](#{name.replace(' ', '-')})"
