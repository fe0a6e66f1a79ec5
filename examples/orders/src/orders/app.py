"""The application. Serve it with ``uvicorn --factory orders.app:create_app``."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI

from orders import __version__
from orders.api import build_router, problems
from orders.database import Database
from orders.middleware import BodyLimit, RequestId, SecurityHeaders
from orders.services.processing import sweep
from orders.settings import Settings, load_settings


def create_app(settings: Settings | None = None, database: Database | None = None) -> FastAPI:
    """Put the parts together; without arguments from the environment."""
    settings = settings or load_settings()
    app = FastAPI(title="orders", version=__version__, lifespan=_lifespan, redoc_url=None)
    app.state.settings = settings
    app.state.database = database or Database.connect(settings.database_url)
    app.include_router(build_router())
    problems.register(app)
    # The last one added sees a request first and an answer last.
    app.add_middleware(BodyLimit, limit=settings.body_limit)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestId)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # Without effect where somebody else has configured logging.
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    database: Database = app.state.database
    settings: Settings = app.state.settings
    sweeping = asyncio.create_task(sweep(database, settings.stalled_after))
    yield
    sweeping.cancel()
    with suppress(asyncio.CancelledError):
        await sweeping
    await database.close()
