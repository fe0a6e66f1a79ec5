"""One page of a query, with the size of the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows are asked for."""

    limit: int
    offset: int


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """The rows inside the window, and how many there are in all."""

    items: Sequence[Row]
    total: int
    limit: int
    offset: int


async def read_slice(
    session: AsyncSession, query: Select[Any], model: type[Row], window: Window
) -> Slice[Row]:
    """Run ``query``, which selects ``model`` in a fixed order, for one window."""
    counted = query.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
    total = (await session.execute(counted)).scalar_one()
    rows = await session.scalars(query.limit(window.limit).offset(window.offset))
    return Slice(items=rows.all(), total=total, limit=window.limit, offset=window.offset)


def newest_first(model: type[Any]) -> Select[Any]:
    """Every row of ``model``, the newest first; equal times fall back on the key."""
    return select(model).order_by(model.created_at.desc(), model.id.desc())
