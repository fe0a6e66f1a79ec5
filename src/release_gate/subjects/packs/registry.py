"""All packs, and the probes that only they brought."""

from __future__ import annotations

from release_gate.subjects.packs import (
    api_document,
    certificate,
    cors,
    csrf,
    health,
    hostile_input,
    https_redirect,
    idempotent_create,
    openapi,
    page_cap,
    project_file,
    rate_limit,
    readiness,
    request_id,
    security_headers,
    version,
)
from release_gate.subjects.probes.contract import AnyPack, AnyProbe

PACKS: tuple[AnyPack, ...] = (
    api_document.PACK,
    certificate.PACK,
    cors.PACK,
    csrf.PACK,
    health.PACK,
    hostile_input.PACK,
    https_redirect.PACK,
    idempotent_create.PACK,
    page_cap.PACK,
    rate_limit.PACK,
    readiness.PACK,
    request_id.PACK,
    security_headers.PACK,
    version.PACK,
)
"""Sorted by name."""

PROBES: tuple[AnyProbe, ...] = (openapi.PROBE, project_file.PROBE)
"""Sorted by name."""
