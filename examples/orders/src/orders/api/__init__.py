"""The HTTP interface: one module for each part, all below ``PREFIX``."""

from fastapi import APIRouter

from orders.api import admin, customers, health, orders

PREFIX = "/api/v1"


def build_router() -> APIRouter:
    """Every route of the service."""
    router = APIRouter(prefix=PREFIX)
    for part in (health, customers, orders, admin):
        router.include_router(part.router)
    return router
