"""The part of Redis' protocol that reading values takes: commands out, one reply back.

Format: https://redis.io/docs/latest/develop/reference/protocol-spec/ (RESP 2).
"""

from __future__ import annotations

from typing import Any

from release_gate.subjects.probes.contract import ProbeFailed
from release_gate.subjects.services.wire import Wire

_LONGEST_VALUE = 8 << 20
_MOST_ITEMS = 100_000
_DEPTH = 8


class ServerError(Exception):
    """The server answered a command with an error; its first word is the kind."""


def command(wire: Wire, *words: str) -> Any:
    """Send one command and read its reply.

    Args:
        wire: A connection to the server.
        words: The command and its arguments.

    Returns:
        Text (bytes that are no UTF-8 escaped), an integer, ``None``, or a list of such.

    Raises:
        ServerError: If the server answers with an error.
        ProbeFailed: If it does not answer, or with something that is no reply.
    """
    parts = [word.encode("utf-8", "surrogateescape") for word in words]
    bulk = b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
    wire.send(b"*%d\r\n%s" % (len(parts), bulk))
    return _reply(wire, _DEPTH)


def _reply(wire: Wire, depth: int) -> Any:
    line = wire.line()
    kind, rest = line[:1], line[1:]
    if kind == b"+":
        return _text(rest)
    if kind == b"-":
        raise ServerError(_text(rest))
    if kind == b":":
        return _number(rest, wire)
    if kind == b"$":
        return _bulk(_number(rest, wire), wire)
    if kind == b"*" and depth:
        return _list(_number(rest, wire), wire, depth)
    raise ProbeFailed(f"{wire.name} does not speak Redis' protocol: it sent {line[:60]!r}")


def _bulk(size: int, wire: Wire) -> str | None:
    if size < 0:
        return None
    if size > _LONGEST_VALUE:
        raise ProbeFailed(f"{wire.name} sent a value of {size} bytes, more than {_LONGEST_VALUE}")
    data = wire.exactly(size + 2)
    if not data.endswith(b"\r\n"):
        raise ProbeFailed(f"{wire.name} sent a value that does not end where it said")
    return _text(data[:-2])


def _list(size: int, wire: Wire, depth: int) -> list[Any] | None:
    if size > _MOST_ITEMS:
        raise ProbeFailed(f"{wire.name} sent a list of {size} items, more than {_MOST_ITEMS}")
    return None if size < 0 else [_reply(wire, depth - 1) for _ in range(size)]


def _number(text: bytes, wire: Wire) -> int:
    try:
        return int(text)
    except ValueError:
        raise ProbeFailed(f"{wire.name} sent {text[:60]!r} where a number belongs") from None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
