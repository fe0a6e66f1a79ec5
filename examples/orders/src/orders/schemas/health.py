"""Health over the wire."""

from typing import Literal

from orders.schemas.common import Answer

ServiceState = Literal["up", "down"]


class Liveness(Answer):
    """The process answers."""

    status: Literal["alive"] = "alive"
    version: str


class Readiness(Answer):
    """Every service that requests depend on, by name."""

    status: Literal["ready", "not ready"]
    version: str
    services: dict[str, ServiceState]


class Version(Answer):
    """Which release this is."""

    name: Literal["orders"] = "orders"
    version: str
