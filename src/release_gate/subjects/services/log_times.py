"""When a line of a log was written."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from release_gate.subjects.probes.contract import Unreadable
from release_gate.subjects.probes.jsons import parse

_ISO = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:\s?(?:Z|UTC)\b|\s?[+-]\d\d:?\d\d\b)?"
)
_FRACTION = re.compile(r"[.,](\d+)")
_EPOCH = re.compile(r"(?<![\d.])\d{9,10}(?:\.\d+)?(?![\d.])")
_EPOCH_MS = re.compile(r"(?<!\d)\d{12,13}(?!\d)")
_DIRECTIVES = {
    "Y": r"\d{4}", "y": r"\d\d", "m": r"\d\d?", "d": r"\s?\d\d?", "H": r"\d\d?", "I": r"\d\d?",
    "M": r"\d\d", "S": r"\d\d", "f": r"\d{1,6}", "b": r"[A-Za-z]{3}", "B": r"[A-Za-z]+",
    "a": r"[A-Za-z]{3}", "A": r"[A-Za-z]+", "p": r"[AaPp][Mm]", "j": r"\d{1,3}",
    "z": r"(?:Z|[+-]\d\d:?\d\d)", "%": "%",
}  # fmt: skip
_NEXT_YEAR = timedelta(days=2)

Reader = Callable[[str], datetime | None]


class Times(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """How the time stands in a line.

    Args:
        format: ``iso`` (ISO 8601, anywhere in the line), ``epoch``, ``epoch-ms``, or a format
            of :meth:`datetime.datetime.strptime`; the first place that fits counts.
        field: For lines of JSON: the field that holds it.
        zone: Zone of times that name none, as in ``Europe/Berlin``.
    """

    format: str = "iso"
    field: str = ""
    zone: str = "UTC"

    def __post_init__(self) -> None:
        """Refuse a format or a zone that is none.

        Raises:
            ValueError: With its name.
        """
        try:
            _zone(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"zone: there is no zone {self.zone}") from error
        if self.format not in {"iso", "epoch", "epoch-ms"}:
            _expression(self.format)


def reader(times: Times, now: datetime) -> Reader:
    """A function from a line to its time, or ``None``.

    Args:
        times: How it stands there.
        now: For formats without a year: such a time is taken to be at most a year ago.
    """
    from_text = _from_text(times, now)
    if not times.field:
        return from_text

    def from_json(line: str) -> datetime | None:
        found = parse(line)
        if isinstance(found, Unreadable) or not isinstance(found, dict):
            return None
        value = found.get(times.field)
        usable = isinstance(value, str | int | float) and not isinstance(value, bool)
        return from_text(str(value)) if usable else None

    return from_json


def _zone(name: str) -> tzinfo:
    # Known without the system's database of zones, which not every machine has.
    return UTC if name == "UTC" else ZoneInfo(name)


def _from_text(times: Times, now: datetime) -> Reader:
    if times.format == "iso":
        return lambda line: _iso(line, _zone(times.zone))
    if times.format == "epoch":
        return lambda line: _epoch(_EPOCH.search(line), 1)
    if times.format == "epoch-ms":
        return lambda line: _epoch(_EPOCH_MS.search(line), 1000)
    return _by_format(times, now)


def _iso(line: str, zone: tzinfo) -> datetime | None:
    found = _ISO.search(line)
    if not found:
        return None
    text = _FRACTION.sub(lambda match: "." + match[1][:6].ljust(6, "0"), found[0])
    text = text.replace("UTC", "Z").replace(" Z", "Z").replace(" +", "+").replace(" -", "-")
    return _aware(lambda: datetime.fromisoformat(text), zone)


def _epoch(found: re.Match[str] | None, per_second: int) -> datetime | None:
    return datetime.fromtimestamp(float(found[0]) / per_second, UTC) if found else None


def _by_format(times: Times, now: datetime) -> Reader:
    expression, zone = _expression(times.format), _zone(times.zone)
    dated = "%Y" in times.format or "%y" in times.format

    def read(line: str) -> datetime | None:
        found = expression.search(line)
        if not found:
            return None
        if dated:
            return _aware(lambda: datetime.strptime(found[0], times.format), zone)  # noqa: DTZ007 - made aware there
        for year in (now.year, now.year - 1):
            moment = _aware(
                lambda: datetime.strptime(f"{year} {found[0]}", f"%Y {times.format}"),  # noqa: B023, DTZ007 - called at once, made aware there
                zone,
            )
            if moment and moment < now + _NEXT_YEAR:
                return moment
        return None

    return read


def _aware(make: Callable[[], datetime], zone: tzinfo) -> datetime | None:
    try:
        moment = make()
    except ValueError:  # looks like a time and is none (month 13)
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _expression(form: str) -> re.Pattern[str]:
    pieces, at = [], 0
    for match in re.finditer(r"%(.)", form):
        if match[1] not in _DIRECTIVES:
            raise ValueError(f"format: %{match[1]} cannot be looked for in a line")
        pieces += [re.escape(form[at : match.start()]), _DIRECTIVES[match[1]]]
        at = match.end()
    if not pieces or not {"H", "I", "f", "S"} & {m[1] for m in re.finditer(r"%(.)", form)}:
        raise ValueError(f'format: "{form}" holds no time of day')
    return re.compile("".join([*pieces, re.escape(form[at:])]))
