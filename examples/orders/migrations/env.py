"""How Alembic connects: asynchronously, to the URL that the application's settings name."""

import asyncio
from logging.config import fileConfig
from typing import Any

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from orders.models import Base
from orders.settings import load_settings

# A migration that cannot get its lock gives up, instead of queueing in front of all traffic.
LOCK_TIMEOUT = "5s"

OPTIONS: dict[str, Any] = {
    "target_metadata": Base.metadata,
    "compare_server_default": True,
    "compare_type": True,
    "render_as_batch": True,
    "transaction_per_migration": True,
}


def run_offline(url: str) -> None:
    """Write the SQL for review."""
    dialect = make_url(url).get_dialect().name
    context.configure(url=url, literal_binds=True, dialect_opts={"paramstyle": "named"}, **OPTIONS)
    if dialect == "postgresql":
        context.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    with context.begin_transaction():
        context.run_migrations()


async def run_online(url: str) -> None:
    """Migrate the database, over one connection that no pool keeps."""
    driver = make_url(url).get_driver_name()
    asyncpg = {"server_settings": {"lock_timeout": LOCK_TIMEOUT}}
    engine = create_async_engine(
        url, poolclass=NullPool, connect_args=asyncpg if driver == "asyncpg" else {}
    )
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
    await engine.dispose()


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


# Tests keep the logging that they run with.
if context.config.config_file_name and context.config.attributes.get("configure-logging", True):
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)

URL = load_settings().migrations_url
if context.is_offline_mode():
    run_offline(URL)
else:
    asyncio.run(run_online(URL))
