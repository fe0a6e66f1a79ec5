"""Probe ``openapi``: the document that is served, compared with the application's own."""

from __future__ import annotations

from typing import Any

import msgspec

from release_gate.subjects.http.probe import HTTP
from release_gate.subjects.http.settings import Auth, HttpSettings
from release_gate.subjects.packs.differing import differences
from release_gate.subjects.packs.making import Path
from release_gate.subjects.packs.project_file import content_of, parsed
from release_gate.subjects.probes import jsons
from release_gate.subjects.probes.contract import (
    Budget,
    Observation,
    Probe,
    ProbeProblem,
    ProbeSettings,
    ProbeWorld,
    Unreadable,
)
from release_gate.subjects.services.command import run, text

_OK = 200
_MOST_SHOWN = 50
_MOST = 16 << 20


class OpenapiSettings(ProbeSettings, frozen=True, kw_only=True):
    """Keys of ``openapi = { ... }``.

    Args:
        path: Where the document is served.
        file: File of the project that holds the application's document, as JSON.
        argv: Or a command that prints it; no shell reads it.
        env: Names of environment variables that the command gets.
        ignore: JSON pointers that are not compared (``/servers``).
        headers: Sent with the request.
        auth: Credentials out of an environment variable.
    """

    path: Path
    file: str | None = None
    argv: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    auth: Auth | None = None

    def __post_init__(self) -> None:
        """Refuse a document that is compared with nothing.

        Raises:
            ValueError: If there is not exactly one source, or a pointer is none.
        """
        check_source(self.file, self.argv)
        check_pointers(self.ignore)


def check_source(file: str | None, argv: tuple[str, ...]) -> None:
    """Refuse what is not exactly one source.

    Raises:
        ValueError: If it is not.
    """
    if (file is None) == (not argv):
        raise ValueError("file or argv must say what the document has to be, one of them")


def check_pointers(pointers: tuple[str, ...]) -> None:
    """Refuse what is no JSON pointer; the empty one would ignore everything.

    Raises:
        ValueError: If one is not.
    """
    wrong = [one for one in pointers if not one.startswith("/") or one == "/"]
    if wrong:
        raise ValueError(f'ignore: "{wrong[0]}" is no JSON pointer such as /servers')


def _look(settings: OpenapiSettings, world: ProbeWorld, budget: Budget) -> Observation:
    wanted = _wanted(settings, world, budget)
    request = HttpSettings(
        path=settings.path, headers=settings.headers, auth=settings.auth, body_limit=_MOST
    )
    answer = HTTP.look(request, world, budget)
    served = answer.values["json"]
    values: dict[str, Any] = {"status": answer.values["status"], "served": served}
    found: list[str] = []
    if isinstance(served, Unreadable):
        values["differences"] = served
    elif answer.values["status"] != _OK:
        values["differences"] = Unreadable(reason="the document was not served")
    else:
        found = list(differences(wanted, served, frozenset(settings.ignore)))
        values["differences"] = found
    return Observation(
        values=values,
        line=f"{answer.line}, {len(found)} differences",
        excerpt=tuple(found[:_MOST_SHOWN]) or answer.excerpt[:3],
        limitations=answer.limitations,
    )


def _wanted(settings: OpenapiSettings, world: ProbeWorld, budget: Budget) -> dict[str, Any]:
    """The application's document; one that says nothing is none."""
    if settings.file is not None:
        name = settings.file
        content = content_of(world.root, name).decode("utf-8", "replace")
        document = parsed(name, content)
    else:
        name = settings.argv[0]
        completed = run(settings.argv, settings.env, world, budget)
        if completed.exit_code != 0:
            last = text(completed.stderr).strip().splitlines()[-1:] or [""]
            raise ProbeProblem(f"{name} ended with exit code {completed.exit_code}: {last[0]}")
        document = jsons.parse(text(completed.stdout))
    if isinstance(document, Unreadable):
        raise ProbeProblem(f"{name} holds no document: {document.reason}")
    if not isinstance(document, dict) or not document.get("paths"):
        raise ProbeProblem(f'{name} holds no document: it has no "paths"')
    return document


def _shown(settings: OpenapiSettings) -> tuple[str, ...]:
    source = settings.file or f"the output of {list(settings.argv)!r}"
    return (f"GET {settings.path}, compared with {source}",)


PROBE: Probe[OpenapiSettings] = Probe(
    name="openapi",
    settings=OpenapiSettings,
    offered=frozenset({"status", "served", "differences"}),
    writes=lambda _settings: False,
    fillable=frozenset({"headers.*", "argv.*"}),
    shown=_shown,
    look=_look,
    usual=({"on": "status", "equals": _OK}, {"on": "differences", "length": 0}),
)
