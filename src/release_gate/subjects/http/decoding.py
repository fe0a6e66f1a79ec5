"""Bodies out of the coding that they were sent in, and never a part of one for the whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from release_gate.subjects.probes.contract import ProbeFailed

if TYPE_CHECKING:
    from zlib import _Decompress

_PIECE = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS
_ZLIB_METHOD = 8  # RFC 1950, 2.2: the low half of the first byte
_CODINGS = {"gzip", "x-gzip", "deflate"}


def codings_of(lines: Iterable[str]) -> tuple[str, ...]:
    """Codings of a body in the order they were applied (RFC 9110, 8.4).

    Args:
        lines: Of the header Content-Encoding.
    """
    words = (word.strip().lower() for line in lines for word in line.split(","))
    return tuple(word for word in words if word not in {"", "identity"})


def known(codings: Iterable[str]) -> bool:
    """Whether all of them can be undone."""
    return set(codings) <= _CODINGS


def decoded(codings: Iterable[str], pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The body, in pieces of a bounded size.

    Args:
        codings: Those that can be undone, in the order they were applied.
        pieces: As they came.

    Raises:
        ProbeFailed: While it is read, if it is of another form or does not end as it should.
    """
    for coding in reversed(tuple(codings)):
        pieces = _inflated(coding, pieces)
    return iter(pieces)


def _inflated(coding: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    machine: _Decompress | None = None
    for piece in pieces:
        rest = piece
        while rest:
            if machine is None or machine.eof:
                machine = _machine(coding, rest)
            yield from _out(machine, rest)
            rest = machine.unused_data.lstrip(b"\0")  # another member, or padding (RFC 1952)
    # Nothing at all is no part: an answer to HEAD, or 304, names the coding and has no body.
    if machine is not None and not machine.eof:
        raise ProbeFailed(f"the body is cut off: its {coding} does not end")


def _out(machine: _Decompress, data: bytes) -> Iterator[bytes]:
    while True:
        try:
            out = machine.decompress(data, _PIECE)
        except zlib.error as error:
            raise ProbeFailed(f"the body cannot be decoded: {error}") from error
        yield out
        data = machine.unconsumed_tail
        if machine.eof or (not data and len(out) < _PIECE):
            return


def _machine(coding: str, data: bytes) -> _Decompress:
    if coding != "deflate":
        return zlib.decompressobj(_GZIP)
    # Some servers leave out what RFC 9110 asks for around the deflated data.
    wrapped = data[0] & 0x0F == _ZLIB_METHOD
    return zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
