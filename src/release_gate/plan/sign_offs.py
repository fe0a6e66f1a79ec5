"""The file of sign-offs: one JSON object a line, sorted, the header first.

Each line is what one person decided about one item, for one state of the release. Lines are
added, never changed: a later one of the same person takes back the earlier.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, get_args

from release_gate.checklists import Decision, SignOff, Via
from release_gate.errors import SignOffError
from release_gate.json_lines import LineProblem, json_lines

SCHEMA = "release-gate-signoffs"
VERSION = 1
HEADER = {"schema": SCHEMA, "version": VERSION}
_REMEDY = "Take the file from the branch that it was signed on, or remove the line and sign again."


def render_sign_offs(signed: Iterable[SignOff]) -> str:
    """The file's text."""
    rows = [HEADER, *(_row(one) for one in sorted(signed, key=lambda one: one.order))]
    return "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows)


def payload(sign_off: SignOff) -> bytes:
    """What a signature is made over: every field but itself, in one canonical line."""
    row = {key: value for key, value in _row(sign_off).items() if key != "signature"}
    return json.dumps(row, sort_keys=True).encode() + b"\n"


def parse_sign_offs(text: str, file: str) -> tuple[SignOff, ...]:
    """Read the file; every line must be usable.

    Args:
        text: Content of the file.
        file: Its name, for messages.

    Returns:
        In the order of the lines, the first of which is line 2.

    Raises:
        SignOffError: If it is empty, cut off, of another schema or version, or if a line has a
            missing, unknown or wrong value, or stands twice.
    """
    try:
        header, *rows = json_lines(text)
    except LineProblem as error:
        raise SignOffError(error.what, file=file, line=error.line, remedy=_REMEDY) from error
    if header != HEADER or isinstance(header["version"], bool):
        raise SignOffError(
            f"the first line must be {json.dumps(HEADER)}", file=file, line=1, remedy=_REMEDY
        )
    found = [_sign_off(row, file, number) for number, row in enumerate(rows, start=2)]
    for number, one in enumerate(found, start=2):
        if one in found[: number - 2]:
            raise SignOffError("the line stands twice", file=file, line=number, remedy=_REMEDY)
    return tuple(found)


def _row(one: SignOff) -> dict[str, str]:
    return {
        "item": one.item,
        "decision": one.decision,
        "who": one.who,
        "via": one.via,
        "at": one.at.astimezone(UTC).isoformat(),
        "subject": one.subject,
        "comment": one.comment,
        "signature": one.signature,
    }


_FIELDS = ("item", "decision", "who", "via", "at", "subject", "comment", "signature")
_MAY_BE_EMPTY = frozenset({"comment", "signature"})
_CLOSED = {"decision": get_args(Decision), "via": get_args(Via)}


def _sign_off(row: dict[str, Any], file: str, number: int) -> SignOff:
    def wrong(what: str) -> SignOffError:
        return SignOffError(what, file=file, line=number, remedy=_REMEDY)

    different = sorted(set(_FIELDS).symmetric_difference(row))
    if different:
        kind = "unknown" if different[0] in row else "missing"
        raise wrong(f'{kind} key "{different[0]}"')
    for key in _FIELDS:
        value = row[key]
        if not isinstance(value, str) or not (value.strip() or key in _MAY_BE_EMPTY):
            raise wrong(f'"{key}" must be a text')
        if key in _CLOSED and value not in _CLOSED[key]:
            raise wrong(f'"{key}" must be one of {", ".join(_CLOSED[key])}, not "{value}"')
    try:
        at = datetime.fromisoformat(row["at"])
    except ValueError as error:
        raise wrong(f'"at" is no time: {row["at"]}') from error
    if at.tzinfo is None:
        raise wrong(f'"at" has no time zone: {row["at"]}')
    return SignOff(**{**row, "at": at.astimezone(UTC)})
