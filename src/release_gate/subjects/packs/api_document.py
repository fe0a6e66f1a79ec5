"""Pack ``api-document``: the OpenAPI document served is the application's, and its page answers."""

from __future__ import annotations

from typing import Any

import msgspec

from release_gate.subjects.packs.making import (
    PackSettings,
    Path,
    Table,
    http_check,
    plain_check,
)
from release_gate.subjects.packs.openapi import check_pointers
from release_gate.subjects.probes.contract import Pack

_OK = 200


class ApiDocumentSettings(PackSettings, frozen=True, kw_only=True):
    """Keys of ``packs.api-document``.

    Args:
        path: Where the document is served.
        file: File of the project that holds the application's document, as JSON.
        command: Or a command that prints it; no shell reads it, and it changes nothing.
        env: Names of environment variables that the command gets.
        ignore: JSON pointers that are not compared (``/servers``).
        docs: Page for people that must answer; empty: none is asked for.
    """

    path: Path = "/openapi.json"
    file: str | None = None
    command: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    docs: str = "/docs"

    def __post_init__(self) -> None:
        """Refuse what could not be compared.

        Raises:
            ValueError: Which key.
        """
        super().__post_init__()
        if (self.file is None) == (not self.command):
            raise ValueError("file or command must say what the document has to be, one of them")
        check_pointers(self.ignore)
        if self.docs and (not self.docs.startswith("/") or self.docs.startswith("//")):
            raise ValueError('docs must begin with "/"')


def _checks(settings: ApiDocumentSettings) -> tuple[Table, ...]:
    openapi: dict[str, Any] = {"path": settings.path, "ignore": settings.ignore}
    if settings.file is not None:
        openapi["file"] = settings.file
    else:
        openapi |= {"argv": settings.command, "env": settings.env}
    if settings.headers:
        openapi["headers"] = settings.headers
    if settings.auth:
        openapi["auth"] = msgspec.to_builtins(settings.auth)
    expected = [
        {"on": "status", "equals": _OK},
        {"on": "differences", "length": 0},
    ]
    tables = [plain_check(settings, "in-step", {"openapi": openapi}, expected)]
    if settings.docs:
        page = {"path": settings.docs, "follow": 3}
        answers: list[Table] = [{"on": "status", "equals": _OK}, {"on": "body", "matches": r"\S"}]
        tables.append(http_check(settings, "docs", page, answers))
    return tuple(tables)


PACK: Pack[ApiDocumentSettings] = Pack(
    name="api-document", settings=ApiDocumentSettings, checks=_checks
)
