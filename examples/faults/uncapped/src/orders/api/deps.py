"""What routes ask for by the type of a parameter."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Header, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from orders.database import Database
from orders.errors import NotAllowedError
from orders.schemas.common import LARGEST_ID
from orders.services.administration import Actor
from orders.services.paging import Window
from orders.settings import Settings


def get_settings(request: Request) -> Settings:
    """The settings that the application was made with."""
    settings: Settings = request.app.state.settings
    return settings


def get_database(request: Request) -> Database:
    """The database that the application was made with."""
    database: Database = request.app.state.database
    return database


CurrentSettings = Annotated[Settings, Depends(get_settings)]
CurrentDatabase = Annotated[Database, Depends(get_database)]


async def open_session(database: CurrentDatabase) -> AsyncIterator[AsyncSession]:
    """A session for one request; what was not committed is rolled back."""
    async with database.sessions() as session:
        yield session


def get_window(
    settings: CurrentSettings,
    limit: Annotated[int | None, Query(ge=1, description="page size, capped")] = None,
    offset: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> Window:
    """The page that is asked for; a page size above the cap is cut, not refused."""
    wanted = settings.page_size_default if limit is None else limit
    return Window(limit=wanted, offset=offset)


def get_actor(
    request: Request,
    settings: CurrentSettings,
    key: Annotated[str, Header(alias="X-Admin-Key")] = "",
) -> Actor:
    """The administrator whose key was sent."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    for key_id, known in settings.admin_key_digests.items():
        if hmac.compare_digest(digest, known):
            address = request.client.host if request.client else None
            return Actor(key_id, request.state.request_id, address)
    raise NotAllowedError("an administrator's key is needed in X-Admin-Key")


Session = Annotated[AsyncSession, Depends(open_session)]
PageWindow = Annotated[Window, Depends(get_window)]
CurrentActor = Annotated[Actor, Depends(get_actor)]
RowId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
