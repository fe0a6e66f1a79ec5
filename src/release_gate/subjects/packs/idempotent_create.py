"""Pack ``idempotent-create``: the same key twice creates one thing, another key another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from release_gate.subjects.packs.making import (
    PackSettings,
    Path,
    Status,
    Statuses,
    Table,
    check_json_path,
    http_check,
    slug,
)
from release_gate.subjects.probes.contract import Pack

_FRESH = "${uuid}"
_OK, _CREATED = 200, 201


class IdempotentCreateSettings(PackSettings, frozen=True, kw_only=True):
    """Keys of ``packs.idempotent-create``.

    Args:
        path: Where things are created by POST.
        json: Body of the request; ``${uuid}`` in it is the same in both sends of one key.
        header: Name of the header with the key.
        status: Of the first send.
        again: What the second send may answer.
        id_path: JSONPath of the thing's id in both answers.
        another: Whether a third send with another key must create another thing.
        at_once: Send one more key this many times at the same moment: at most one of them may
            create (``status``), if a repeated one answers something else. 0: not tried.
        delete: Path by which a created thing is deleted at the end, ``${id}`` stands for its id.
    """

    path: Path
    json: Any
    header: str = "Idempotency-Key"
    status: Status = _CREATED
    again: Statuses = (_OK, _CREATED)
    id_path: str = "$.id"
    another: bool = True
    at_once: Annotated[int, msgspec.Meta(ge=0, le=50)] = 0
    delete: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be judged.

        Raises:
            ValueError: If one send at once is asked for, or what tells sends apart is missing.
        """
        super().__post_init__()
        check_json_path("id-path", self.id_path)
        if self.at_once == 1:
            raise ValueError("at-once: one send alone meets no other")
        if self.at_once and self.again == (self.status,):
            raise ValueError("at-once: a repeated send must answer another status than the first")
        if self.delete is not None and "${id}" not in self.delete:
            raise ValueError("delete must hold ${id}")


def _checks(settings: IdempotentCreateSettings) -> tuple[Table, ...]:
    first = f"idempotent-create.{slug(settings.path)}"
    id_of: Table = {"on": "json", "path": settings.id_path}
    created: Table = {"on": "status", "equals": settings.status}
    repeated: list[Table] = [
        {"on": "status", "in": settings.again},
        {**id_of, "equals": "${id}"},
    ]
    tables = [
        _send(settings, "create", first, [created, {**id_of, "exists": True}], {"id": id_of}),
        _send(
            settings,
            "again",
            first,
            repeated,
            {},
        ),
    ]
    if settings.another:
        # A service that answers the same id to everybody would pass the first two.
        expected: list[Table] = [created, {**id_of, "not-equals": "${id}"}]
        tables.append(_send(settings, "another", f"{first}.another", expected, {"other": id_of}))
    if settings.at_once:
        tables.append(_together(settings, f"{first}.at-once"))
    return (*tables, *_deletes(settings))


def _send(
    settings: IdempotentCreateSettings,
    name: str,
    key: str,
    expected: list[Table],
    capture: dict[str, Any],
) -> Table:
    more = {"capture": capture} if capture else {}
    return http_check(settings, name, _request(settings, key), expected, **more)


def _request(settings: IdempotentCreateSettings, key: str) -> dict[str, Any]:
    return {
        "path": settings.path,
        "method": "POST",
        "headers": {settings.header: f"${{uuid:{key}}}"},
        "json": _same(settings.json, f"${{uuid:{key}.body}}"),
    }


def _together(settings: IdempotentCreateSettings, key: str) -> Table:
    request = {**_request(settings, key), "at-once": settings.at_once}
    repeated = [status for status in settings.again if status != settings.status]
    # One that meets the first while it is still at work may be told so.
    others = " || ".join(f"@.status == {status}" for status in (*repeated, 409))
    expected = [
        {"on": "answers", "path": f"$[?@.status == {settings.status}]", "count": 1},
        {"on": "answers", "path": f"$[?{others}]", "count": settings.at_once - 1},
    ]
    return http_check(settings, "at-once", request, expected, needs=["again"])


def _deletes(settings: IdempotentCreateSettings) -> tuple[Table, ...]:
    if settings.delete is None:
        return ()
    tables = []
    for name, capture in [("id", "id"), ("other", "other")][: 1 + settings.another]:
        path = settings.delete.replace("${id}", f"${{{capture}}}")
        request = {"path": path, "method": "DELETE"}
        expected = [{"on": "status", "in": [_OK, 202, 204]}]
        last: dict[str, Any] = {"finally": True}
        tables.append(http_check(settings, f"delete-{name}", request, expected, **last))
    return tuple(tables)


def _same(value: Any, fresh: str) -> Any:
    if isinstance(value, str):
        return value.replace(_FRESH, fresh)
    if isinstance(value, Mapping):
        return {key: _same(inner, fresh) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_same(inner, fresh) for inner in value]
    return value


PACK: Pack[IdempotentCreateSettings] = Pack(
    name="idempotent-create", settings=IdempotentCreateSettings, checks=_checks
)
