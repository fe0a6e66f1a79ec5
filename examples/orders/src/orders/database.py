"""The connection to the database."""

from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)


@dataclass(frozen=True, slots=True)
class Database:
    """An engine and the sessions made from it."""

    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]

    @classmethod
    def connect(cls, url: str, **options: Any) -> Self:
        """Prepare an engine for ``url``; nothing is opened before the first statement."""
        engine = create_async_engine(url, pool_pre_ping=True, **options)
        if engine.dialect.name == "sqlite":
            event.listen(engine.sync_engine, "connect", _enforce_foreign_keys)
        return cls(engine, async_sessionmaker(engine, expire_on_commit=False))

    async def ping(self) -> None:
        """Ask the server for one row; raises what the driver raises when it cannot answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every pooled connection."""
        await self.engine.dispose()


def _enforce_foreign_keys(connection: Any, _record: object) -> None:
    # SQLite checks foreign keys only when each connection asks for it.
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
