"""The OSV service that pip-audit asks: ours, on the loopback interface, for one run.

It speaks the one call that pip-audit 2 makes, ``POST /v1/query`` with a package
and a version, answers from a source, and keeps every question with its answer.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Protocol, Self

from packaging.utils import canonicalize_name

from release_gate.subjects.advisories.osv import ECOSYSTEM, Advisory
from release_gate.subjects.advisories.ranges import parsed
from release_gate.subjects.advisories.service import ServiceProblem

_LARGEST_QUESTION = 64 * 1024
Question = tuple[str, str]


class Source(Protocol):
    """Where advisories come from."""

    def affecting(self, package: str, version: str) -> tuple[Advisory, ...]:
        """The advisories for one version of a package, by its normalised name."""


class Server:
    """Serves one source while its ``with`` block runs.

    Args:
        source: Answers the questions; called from several threads.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._answers: dict[Question, tuple[Advisory, ...]] = {}
        self._failures: list[str] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """What pip-audit gets as ``--osv-url``."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1/query"

    @property
    def answers(self) -> Mapping[Question, tuple[Advisory, ...]]:
        """Every question that was answered: package and version, and its advisories."""
        with self._lock:
            return dict(self._answers)

    @property
    def failures(self) -> tuple[str, ...]:
        """What went wrong, once each, in order."""
        with self._lock:
            return tuple(dict.fromkeys(self._failures))

    def answer(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and document for one question."""
        question = _question(body)
        if question is None:
            self._failed("pip-audit asked something else than release-gate knows to answer")
            return 400, {"message": "expected package.name, package.ecosystem and version"}
        try:
            found = self._source.affecting(*question)
        except ServiceProblem as error:
            self._failed(str(error))
            return 502, {"message": str(error)}
        with self._lock:
            self._answers[question] = found
        return 200, {"vulns": [_record(one) for one in found]} if found else {}

    def _failed(self, what: str) -> None:
        with self._lock:
            self._failures.append(what)


def _question(body: bytes) -> Question | None:
    try:
        document = json.loads(body)
        package, version = document["package"], document["version"]
        name, ecosystem = package["name"], package["ecosystem"]
    except (ValueError, TypeError, KeyError):
        return None
    if ecosystem != ECOSYSTEM or not isinstance(name, str) or not isinstance(version, str):
        return None
    return canonicalize_name(name), version


def _record(advisory: Advisory) -> dict[str, Any]:
    """What pip-audit reads of a record, in a form that it reads whole.

    It takes only the first range of a package, and stops at a version that is none.
    """
    fixed = [one for one in advisory.fixed_versions() if parsed(one) is not None]
    events = [{"introduced": "0"}, *({"fixed": one} for one in dict.fromkeys(fixed))]
    return {
        "schema_version": "1.6.0",
        "id": advisory.id,
        "aliases": list(advisory.aliases),
        "summary": advisory.summary,
        "affected": [
            {
                "package": {"name": advisory.package, "ecosystem": ECOSYSTEM},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }
        ],
    }


def _handler_for(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != "/v1/query" or not length.isdigit():
                self.close_connection = True  # the body was not read
                self._send(404, {"message": "only POST /v1/query is answered"})
                return
            if int(length) > _LARGEST_QUESTION:
                self.close_connection = True
                self._send(413, {"message": "too large"})
                return
            self._send(*server.answer(self.rfile.read(int(length))))

        def _send(self, status: int, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            # Nothing may be kept by pip-audit's cache: the next run may have other data.
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
            """Silent: questions are kept, not logged."""

    return Handler
