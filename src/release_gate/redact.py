"""Takes secrets and dangerous characters out of text before anyone sees it.

Used where text is written, not where it is made: a tool may print a token in any form. What
is known to be secret is replaced in all the forms it usually travels in; passwords in URLs
are recognised by their place.
"""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus, unquote

MASK = "[redacted]"
SHORTEST = 6
_SHORTEST_BASE64 = 8
_SHORTEST_LINE = 12
_LONGEST_LINE = 1 << 16
_LONGEST_MATCH = 4096

# Parts of a name that stand between underscores, and parts that may stand anywhere.
_WHOLE_WORD = re.compile(
    r"(?:^|[_\-.])(?:KEYS?|DSN|PASS|PWD|PAT|AUTH|COOKIES?|JWT|PRIVATE)(?:$|[_\-.])", re.IGNORECASE
)
_ANYWHERE = re.compile(r"TOKEN|PASSW|PASSPHRASE|SECRET|CREDENTIAL|API_?KEY|DSN$", re.IGNORECASE)
_NOT_SECRET = {"PWD", "OLDPWD", "SSH_AUTH_SOCK", "KEYS"}
_ORDINARY_VALUE = re.compile(r"true|false|enabled|disabled|default|required|\d{1,8}", re.IGNORECASE)

_URL_PASSWORD = re.compile(
    r"""(?P<before>[A-Za-z][A-Za-z0-9+.\-]{0,30}://[^\s/:@'"<>]{0,256}:)"""
    r"""(?P<secret>[^\s/'"<>]{1,1024})(?=@)"""
)
# A name alone before the @ is a user (git@), unless it is as long as a token.
_URL_TOKEN = re.compile(
    r"""(?P<before>[A-Za-z][A-Za-z0-9+.\-]{0,30}://)(?P<secret>[^\s/:@'"<>]{20,1024})(?=@)"""
)

_PERCENT = re.compile("%[0-9A-F]{2}")
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")


class Redactor:
    """Replaces known secrets, and passwords in URLs, by ``[redacted]``.

    Args:
        secrets: The values; those shorter than six characters are left alone, since they
            would take ordinary words away.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._known: set[str] = set()
        self._forms: list[str] = []
        self._longest = 0
        self.learn(*secrets)

    def learn(self, *secrets: str) -> None:
        """Replace these as well from now on; any thread may call it.

        Args:
            secrets: Values; those shorter than six characters are left alone.
        """
        new = {secret for secret in secrets if len(secret) >= SHORTEST} - self._known
        if not new:
            return
        forms = {form for secret in new for form in _forms(secret)}
        with self._lock:
            self._known |= new
            forms.update(self._forms)
            self._longest = max((len(form) for form in forms), default=0)
            self._forms = sorted(forms, key=lambda form: (-len(form), form))

    @property
    def longest(self) -> int:
        """Characters of the longest form that is known."""
        return self._longest

    def redact(self, text: str) -> str:
        """The text without what is secret.

        Args:
            text: Any text; a secret must lie in it as a whole.
        """
        spans = self.spans(text)
        if not spans:
            return text
        pieces, end = [], 0
        for start, stop in spans:
            pieces += [text[end:start], MASK]
            end = stop
        return "".join([*pieces, text[end:]])

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where secrets lie: sorted and apart from one another."""
        found = [span for form in self._forms if form in text for span in _places(form, text)]
        if "://" in text:
            for pattern in (_URL_PASSWORD, _URL_TOKEN):
                found += [match.span("secret") for match in pattern.finditer(text)]
        return _merged(found)


class RedactedStream:
    """Redacts text that comes in pieces; a secret may lie across two of them.

    Whole lines come out as soon as they are there. Of an endless line, only as much is held
    back as a secret can be long.

    Args:
        redactor: What is secret.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = ""

    def feed(self, text: str) -> str:
        """Take a piece; returns what can be shown by now."""
        self._held += text
        end = self._held.rfind("\n") + 1
        if not end and len(self._held) > _LONGEST_LINE:
            end = self._cut()
        ready, self._held = self._held[:end], self._held[end:]
        return self._redactor.redact(ready) if ready else ""

    def finish(self) -> str:
        """The rest, after the last piece."""
        rest, self._held = self._held, ""
        return self._redactor.redact(rest)

    def _cut(self) -> int:
        end = len(self._held) - max(self._redactor.longest, _LONGEST_MATCH)
        for start, stop in self._redactor.spans(self._held):
            if start < end < stop:
                return start
        return end


def secrets_of(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Values of variables whose names sound secret, and passwords in URLs of all others.

    Args:
        environment: The process environment as injected.
    """
    found = set()
    for name, value in environment.items():
        if sounds_secret(name) and not _ORDINARY_VALUE.fullmatch(value):
            found.add(value)
        found.update(_passwords(value))
    return tuple(sorted(secret for secret in found if len(secret) >= SHORTEST))


def sounds_secret(name: str) -> bool:
    """Whether a variable of this name usually holds a secret."""
    if name.upper() in _NOT_SECRET:
        return False
    return bool(_ANYWHERE.search(name) or _WHOLE_WORD.search(name))


def _passwords(value: str) -> Iterator[str]:
    for match in _URL_PASSWORD.finditer(value):
        user = match["before"].rpartition("://")[2].rstrip(":")
        # postgres:postgres is no secret, and the word must stay readable elsewhere.
        if match["secret"] != user:
            yield match["secret"]
            yield unquote(match["secret"])


def _forms(secret: str) -> Iterator[str]:
    """The secret as it is written in URLs, JSON, HTML, base64, and line by line."""
    yield secret
    yield from (line for line in secret.splitlines() if len(line.strip()) >= _SHORTEST_LINE)
    raw = _bytes(secret)
    yield from (quote(raw, safe=""), quote(raw), quote_plus(raw))
    yield _PERCENT.sub(lambda match: match.group().lower(), quote(raw, safe=""))
    for ascii_only in (True, False):
        once = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        # Twice: an answer in JSON, quoted in a message or a report that is JSON itself.
        yield from (once, json.dumps(once, ensure_ascii=ascii_only)[1:-1])
    for form in _json_dialects(secret):
        yield from (form, json.dumps(form, ensure_ascii=False)[1:-1])
    yield from (repr(secret)[1:-1], html.escape(secret), html.escape(secret, quote=False))
    yield from _base64_forms(raw)


def _bytes(secret: str) -> bytes:
    try:
        return secret.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character, as JSON can spell it
        return secret.encode("utf-8", "surrogatepass")


def _json_dialects(secret: str) -> Iterator[str]:
    """As other writers of JSON escape it: PHP the slash; Go, Gson and .NET some signs as code."""
    plain = json.dumps(secret, ensure_ascii=False)[1:-1]
    yield plain.replace("/", "\\/")
    ascii_only = json.dumps(secret)[1:-1].replace('\\"', '"')
    for text, signs, form in (
        (plain, "<>&", "\\u{:04x}"),
        (plain, "<>&='", "\\u{:04x}"),
        (plain, "<>&", "\\u{:04X}"),
        (ascii_only, "<>&'+`\"", "\\u{:04X}"),
        (ascii_only, "<>&'+`\"=", "\\u{:04X}"),
    ):
        escaped = "".join(form.format(ord(sign)) if sign in signs else sign for sign in text)
        upper = _UNICODE.sub(lambda match: f"\\u{match[1].upper()}", escaped)
        yield escaped if form.endswith("x}") else upper


def _base64_forms(raw: bytes) -> Iterator[str]:
    """What stays the same of its base64 wherever it stands in a longer text (``user:password``)."""
    for before, unsure in ((0, 0), (1, 2), (2, 3)):
        padded = b"\0" * before + raw
        whole = len(padded) // 3 * 4 + (len(padded) % 3)
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            form = encode(padded).decode("ascii")[unsure:whole]
            if len(form) >= _SHORTEST_BASE64:
                yield form


def _places(form: str, text: str) -> Iterator[tuple[int, int]]:
    start = text.find(form)
    while start >= 0:
        yield start, start + len(form)
        start = text.find(form, start + 1)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


# ECMA-48: control sequences, strings up to their terminator, two-character escapes.
_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c|(?=\n)|$)"
    r"|\x1b[ -/]*[0-~]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Bidirectional controls, invisible characters, separators that some programs take for a new
# line, tag characters, and what no encoding can write.
_DECEPTIVE = re.compile(
    "[\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_ODD = re.compile(_CONTROL.pattern[:-1] + _DECEPTIVE.pattern[1:])


def safe_text(text: str) -> str:
    r"""Text that a terminal, a log and a page show as it is.

    Escape sequences and control characters are taken out, except newline and tab; a carriage
    return becomes a newline. Bidirectional controls, invisible characters and bytes that are
    no UTF-8 are shown as escapes (``\u202e``, ``\xff``).
    """
    if not _ODD.search(text):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub("", _ESCAPE_SEQUENCE.sub("", text))
    return _DECEPTIVE.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    code = ord(match.group())
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004 - where surrogateescape puts single bytes
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - 16 bits
