"""Pack ``page-cap``: however many are asked for, no page is larger than the cap."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from release_gate.subjects.packs.making import (
    PackSettings,
    Path,
    Table,
    check_json_path,
    http_check,
    named,
    refuse_twice,
)
from release_gate.subjects.probes.contract import Pack

Count = Annotated[int, msgspec.Meta(ge=1)]


class PageCapSettings(PackSettings, frozen=True, kw_only=True):
    """Keys of ``packs.page-cap``.

    Args:
        paths: Lists; each must hold more than ``cap`` entries, or nothing is shown by it.
        parameter: Query parameter of the page's size.
        items: JSONPath of the list in the answer.
        cap: The largest page: exactly so many come.
        asked: Sizes above the cap that are asked for.
        usual: How many come where no size is asked for; 0: not looked at.
    """

    paths: Annotated[tuple[Path, ...], msgspec.Meta(min_length=1)]
    parameter: str = "limit"
    items: str = "$.items"
    cap: Count = 100
    asked: Annotated[tuple[Count, ...], msgspec.Meta(min_length=1)] = (500, 1000)
    usual: Annotated[int, msgspec.Meta(ge=0)] = 50

    def __post_init__(self) -> None:
        """Refuse what could not be judged.

        Raises:
            ValueError: If a size asked for is not above the cap.
        """
        super().__post_init__()
        refuse_twice("paths", self.paths)
        refuse_twice("asked", self.asked)
        check_json_path("items", self.items)
        if min(self.asked) <= self.cap:
            raise ValueError(f"asked: {min(self.asked)} is not above the cap of {self.cap}")


def _checks(settings: PageCapSettings) -> tuple[Table, ...]:
    tables = []
    for path, name in named(settings.paths).items():
        for size in settings.asked:
            query = {"path": path, "query": {settings.parameter: size}}
            expected = _expected(settings, settings.cap)
            tables.append(http_check(settings, f"{name}-{size}", query, expected))
        if settings.usual:
            expected = _expected(settings, settings.usual)
            tables.append(http_check(settings, f"{name}-usual", {"path": path}, expected))
    return tuple(tables)


def _expected(settings: PageCapSettings, size: int) -> list[dict[str, Any]]:
    return [
        {"on": "status", "equals": 200},
        {"on": "json", "path": settings.items, "type": "array", "length": size},
    ]


PACK: Pack[PageCapSettings] = Pack(name="page-cap", settings=PageCapSettings, checks=_checks)
