"""Which tool wrote a report, by its content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from release_gate.errors import ToolProblem
from release_gate.subjects.load.reports import k6, locust, oha, vegeta, wrk
from release_gate.subjects.load.reports.types import LoadReport, parsed

Format = Literal["auto", "k6", "oha", "locust", "vegeta", "wrk"]

_JSON: dict[str, tuple[Callable[[Any], bool], Callable[[Any], LoadReport]]] = {
    "k6": (k6.recognized, k6.read),
    "oha": (oha.recognized, oha.read),
    "vegeta": (vegeta.recognized, vegeta.read),
    "locust": (locust.recognized, locust.read),
}
_TEXT: dict[str, tuple[Callable[[str], bool], Callable[[str], LoadReport]]] = {
    "locust": (locust.recognized_csv, locust.read_csv),
    "wrk": (wrk.recognized, wrk.read),
}


def read(content: bytes, wanted: Format = "auto") -> LoadReport:
    """The report of whichever tool wrote it.

    Args:
        content: The whole file.
        wanted: The tool that it must be of.

    Raises:
        ToolProblem: If it is of none or of another one, empty, cut off, or contradicts itself.
    """
    if not content.strip():
        raise _nobody("is empty", wanted)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _nobody("is not UTF-8", wanted) from error
    try:
        if text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
            return _first(_JSON, _json(content, wanted), wanted)
        return _first(_TEXT, text, wanted)
    except (ValueError, OverflowError) as error:
        raise _nobody(f"holds a value that cannot be read: {error}", wanted) from error


def _json(content: bytes, wanted: Format) -> Any:
    try:
        return parsed(content)
    except (ValueError, RecursionError) as error:
        raise _nobody(f"is no whole JSON: {error}", wanted) from error


def _first(
    readers: dict[str, tuple[Callable[[Any], bool], Callable[[Any], LoadReport]]],
    value: Any,
    wanted: Format,
) -> LoadReport:
    for name, (recognized, read_) in readers.items():
        if wanted in {"auto", name} and recognized(value):
            return read_(value)
    raise _nobody("is none that is known", wanted)


def _nobody(what: str, wanted: Format) -> ToolProblem:
    named = "load report" if wanted == "auto" else f"report of {wanted}"
    return ToolProblem(
        f"the {named} {what}",
        remedy="Known are summaries of k6, JSON of oha, Locust and vegeta, Locust's _stats.csv"
        " and the text of wrk.",
    )
