"""The servers that these tests ask."""

from __future__ import annotations

from support.services import pgbouncer, postgres, redis, servers

__all__ = ["pgbouncer", "postgres", "redis", "servers"]
