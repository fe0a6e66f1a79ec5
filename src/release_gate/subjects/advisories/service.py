"""A live OSV service, asked over HTTP.

API: https://google.github.io/osv.dev/post-v1-query/. All pages of an answer are
read (pip-audit alone reads the first).
"""

from __future__ import annotations

from typing import Any

import httpx

from release_gate.subjects.advisories.osv import (
    ECOSYSTEM,
    Advisory,
    RecordProblem,
    advisories,
    convert,
)

DEFAULT_URL = "https://api.osv.dev/v1/query"
_PAGES = 50
_LARGEST = 64 * 1024 * 1024


class ServiceProblem(Exception):
    """The service did not answer, or with something else than OSV records."""


class Service:
    """Asks one OSV service; usable from several threads.

    Args:
        url: Address of its ``query`` call.
        timeout_s: Seconds for each step of one request.
        transport: For tests.
    """

    def __init__(
        self, url: str, *, timeout_s: float = 15.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        self.url = url
        # Proxies of the environment are meant for calls like this one to the outside.
        self._client = httpx.Client(timeout=timeout_s, follow_redirects=False, transport=transport)

    def affecting(self, package: str, version: str) -> tuple[Advisory, ...]:
        """The advisories for one version of a package, by its normalised name.

        Raises:
            ServiceProblem: If any page of the answer is missing or unusable.
        """
        found: list[Advisory] = []
        token = ""
        for _ in range(_PAGES):
            page = self._page(package, version, token)
            found += _advisories(page.get("vulns", []), package)
            token = page.get("next_page_token", "")
            if not isinstance(token, str):
                raise ServiceProblem("next_page_token is no text")
            if not token:
                return tuple(sorted(found, key=lambda one: one.id))
        raise ServiceProblem(f"more than {_PAGES} pages for {package} {version}")

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def _page(self, package: str, version: str, token: str) -> dict[str, Any]:
        question: dict[str, Any] = {
            "package": {"name": package, "ecosystem": ECOSYSTEM},
            "version": version,
        }
        if token:
            question["page_token"] = token
        try:
            response = self._client.post(self.url, json=question)
        except httpx.HTTPError as error:
            raise ServiceProblem(
                f"it cannot be reached: {str(error) or type(error).__name__}"
            ) from error
        if response.status_code != httpx.codes.OK:
            raise ServiceProblem(f"it answered {response.status_code}")
        if len(response.content) > _LARGEST:
            raise ServiceProblem("its answer is too large")
        try:
            document = response.json()
        except ValueError as error:
            raise ServiceProblem("its answer is cut off or no JSON") from error
        if not isinstance(document, dict):
            raise ServiceProblem("its answer is no JSON object")
        if set(document) - {"vulns", "next_page_token"}:
            raise ServiceProblem("its answer is not that of an OSV service")
        return document


def _advisories(rows: Any, package: str) -> list[Advisory]:
    if not isinstance(rows, list):
        raise ServiceProblem('"vulns" is no list')
    try:
        records = [convert(row) for row in rows]
    except RecordProblem as error:
        raise ServiceProblem(f"it answered with a broken record: {error}") from error
    return [
        advisory
        for record in records
        for advisory in advisories(record)
        if advisory.package == package
    ]
