"""Is it alive, is it ready, which release is it?"""

import logging

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError

from orders import __version__
from orders.api.deps import CurrentDatabase, CurrentSettings
from orders.database import Database
from orders.schemas.health import Liveness, Readiness, ServiceState, Version
from orders.services.processing import has_stalled

router = APIRouter(tags=["health"])

logger = logging.getLogger(__name__)


@router.get("/health/live")
async def live() -> Liveness:
    """Answers as long as the process runs, whatever else is down."""
    return Liveness(version=__version__)


@router.get("/health/ready")
async def ready(
    database: CurrentDatabase, settings: CurrentSettings, response: Response
) -> Readiness:
    """Answers 503 while a service that requests depend on is down."""
    services: dict[str, ServiceState] = {
        "api": "up",
        "database": await _database_state(database),
        "processor": await _processor_state(database, settings.stalled_after),
    }
    all_up = set(services.values()) == {"up"}
    response.status_code = 200 if all_up else 503
    return Readiness(
        status="ready" if all_up else "not ready", version=__version__, services=services
    )


@router.get("/version")
async def version() -> Version:
    """The release that is running."""
    return Version(version=__version__)


async def _database_state(database: Database) -> ServiceState:
    try:
        await database.ping()
    except (OSError, SQLAlchemyError):
        logger.exception("the database does not answer")
        return "down"
    return "up"


async def _processor_state(database: Database, stalled_after: int) -> ServiceState:
    """Down when an order has waited too long, or when nobody can tell."""
    try:
        async with database.sessions() as session:
            return "down" if await has_stalled(session, stalled_after) else "up"
    except (OSError, SQLAlchemyError):
        return "down"
