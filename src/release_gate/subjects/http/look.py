"""One look by HTTP: a request, or several at once, and everything their answers say."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from release_gate.subjects.http.exchange import Exchange, Received
from release_gate.subjects.http.origins import Origins
from release_gate.subjects.http.request import Sending, build
from release_gate.subjects.http.settings import LOCAL, ORIGINS, HttpSettings, is_credential
from release_gate.subjects.probes import jsons
from release_gate.subjects.probes.contract import (
    Budget,
    Observation,
    ProbeProblem,
    ProbeWorld,
    Unreadable,
)

# A field of JSON by a name that only secrets have, and a value too long for an ordinary word.
_TOKEN = re.compile(
    r'"[^"\\]{0,60}(?:token|passw|secret|credential|api_?key)[^"\\]{0,20}"\s*:\s*'
    r'"(?P<value>[^"\\\s]{16,4096})"',
    re.IGNORECASE,
)
_SESSION = re.compile(r"session_?(?:id|key)|^sid$", re.IGNORECASE)
_SHORTEST = 16
_LOOSE = {"key", "keys"}  # names of what is no secret more often than of what is one
_SEVERAL = 'there are several answers, all of them are in "answers"'
_SHOWN_HEADERS = ("content-type", "location", "retry-after", "x-request-id", "server")


def look(settings: HttpSettings, world: ProbeWorld, budget: Budget) -> Observation:
    """Send the request once, or as often at once as the check says.

    Raises:
        ProbeFailed: If there is no whole answer.
        ProbeProblem: If it cannot be sent or may not be.
    """
    origins = world.extra.get(ORIGINS)
    if not isinstance(origins, Origins):
        raise ProbeProblem("the http probe was started without its clients")
    exchange = Exchange(
        world=world,
        origins=origins,
        budget=budget,
        instance=settings.instance,
        verify=settings.verify,
        body_limit=settings.body_limit,
    )
    sending = build(settings, world)
    if settings.at_once == 1:
        received = [exchange.follow(sending, settings.follow)]
    else:
        received = _together(exchange, sending, settings)
    return _observation(settings, world, received)


def _together(exchange: Exchange, sending: Sending, settings: HttpSettings) -> list[Received]:
    """All at the same moment; if one has no answer, there is none."""
    start = threading.Barrier(settings.at_once)
    came: list[Received] = []
    went_wrong: list[BaseException] = []

    def one() -> None:
        try:
            start.wait(timeout=exchange.budget.left())
            came.append(exchange.follow(sending, settings.follow))
        except Exception as error:  # noqa: BLE001 - raised again below, in the check's own thread
            went_wrong.append(error)

    threads = [threading.Thread(target=one, daemon=True) for _ in range(settings.at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if went_wrong:
        raise went_wrong[0]
    return came


def _observation(
    settings: HttpSettings, world: ProbeWorld, received: list[Received]
) -> Observation:
    last = received[-1]
    text = _text(last)
    for secret in _secrets(received):
        world.hide(secret)
    body = text if isinstance(text, str) else ""
    single: dict[str, Any] = {
        "status": last.status,
        "header": last.headers,
        "body": text,
        "json": jsons.parse(text) if isinstance(text, str) else text,
        "size": len(last.content),
        "duration": last.seconds,
        "certificate": last.certificate,
    }
    if "location" in last.headers:
        single["redirect"] = _redirect(last)
    if len(received) > 1:
        # Which of them came last is chance: what it says is true of none of the others.
        single = dict.fromkeys((*single, "redirect"), Unreadable(reason=_SEVERAL))
    return Observation(
        values={**single, "answers": [_answer(one) for one in received]},
        line=_line(settings, received),
        excerpt=(*_head(last), *body.splitlines()),
        limitations=_limitations(settings, world),
    )


def _text(received: Received) -> str | Unreadable:
    if received.unknown:
        return Unreadable(reason=f"the body is encoded as {', '.join(received.unknown)}")
    try:
        text = received.content.decode(received.encoding)
        text.encode()  # halves of a character, which some encodings let through
    except (ValueError, LookupError):
        return Unreadable(reason=f"the body is not {received.encoding}")
    return text


def _secrets(received: list[Received]) -> Iterator[str]:
    """Sessions and tokens that an answer hands out: nobody marked them, and they are shown."""
    for one in received:
        for line in one.headers.get("set-cookie", ()):
            value = line.partition(";")[0].partition("=")[2]
            yield from (value,) if len(value) >= _SHORTEST else ()
        for line in one.headers.get("location", ()):
            query = line.partition("?")[2].replace("#", "&")
            yield from (value for name, value in parse_qsl(query) if is_credential(name))
        for name, lines in one.headers.items():
            long = (line for line in lines if len(line) >= _SHORTEST)
            yield from long if is_credential(name) and name != "set-cookie" else ()
        text = _text(one)
        if isinstance(text, str):
            yield from (found["value"] for found in _TOKEN.finditer(text))
            yield from _named_secrets(jsons.parse(text))


def _named_secrets(value: Any, name: str = "") -> Iterator[str]:
    """Long texts in JSON by the name of a secret, at any depth."""
    waiting = [(name, value)]
    while waiting:
        name, inner = waiting.pop()
        if isinstance(inner, dict):
            waiting += [(str(key), one) for key, one in inner.items()]
        elif isinstance(inner, list):
            waiting += [(name, one) for one in inner]
        elif isinstance(inner, str) and len(inner) >= _SHORTEST and name.lower() not in _LOOSE:
            yield from (inner,) if is_credential(name) or _SESSION.search(name) else ()


def _answer(received: Received) -> dict[str, Any]:
    text = _text(received)
    return {
        "status": received.status,
        "header": {name: list(lines) for name, lines in received.headers.items()},
        "body": text if isinstance(text, str) else None,
        "duration": received.seconds,
    }


def _redirect(received: Received) -> dict[str, Any] | Unreadable:
    location, *others = dict.fromkeys(received.headers["location"])
    if others:
        return Unreadable(reason="the answer has more than one Location")
    facts: dict[str, Any] = {"status": received.status, "location": location}
    try:
        url = received.url.join(_as_browsers_read(location))
    except (httpx.InvalidURL, ValueError):
        return facts
    facts["url"] = str(url)
    facts["scheme"] = url.scheme
    facts["host"] = url.host
    facts["same-host"] = url.host == received.url.host
    facts["path"] = url.path
    return facts


def _as_browsers_read(location: str) -> str:
    r"""With ``\\`` for ``/``, and as many slashes as one likes before a host (URL Standard, 4.4).

    Otherwise ``/\\evil.example`` would count as a path of the same host.
    """
    before, sign, after = location.partition("?")
    plain = re.sub(r"[\t\r\n]", "", before.strip()).replace("\\", "/")
    plain = re.sub(r"(?i)^(https?):/*", r"\1://", plain)
    return re.sub(r"^//+", "//", plain) + sign + after


def _line(settings: HttpSettings, received: list[Received]) -> str:
    last = received[-1]
    named = f"{settings.method} {last.url.path}"
    if settings.url:
        named = f"{settings.method} {urlsplit(settings.url).hostname}{last.url.path}"
    if settings.instance:
        named += f" at {settings.instance}"
    if len(received) > 1:
        counts = Counter(one.status for one in received)
        said = ", ".join(f"{count} times {status}" for status, count in sorted(counts.items()))
        return f"{named}, {len(received)} at once: {said}"
    hops = f" after {len(last.hops)} redirects" if last.hops else ""
    return f"{named} {last.status}{hops} in {round(last.seconds * 1000)} ms"


def _head(received: Received) -> tuple[str, ...]:
    lines = [f"HTTP {received.status}"]
    for name in _SHOWN_HEADERS:
        lines += [f"{name}: {line}" for line in received.headers.get(name, ())]
    return (*lines, "")


def _limitations(settings: HttpSettings, world: ProbeWorld) -> tuple[tuple[str, str], ...]:
    local = world.deployment is not None and world.deployment.name == LOCAL
    if settings.verify or local:
        return ()
    return (("tls-not-verified", "a certificate was not verified (verify = false)"),)
