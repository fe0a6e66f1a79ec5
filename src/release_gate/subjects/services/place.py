"""Where a monitoring server is, and how it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from release_gate.subjects.probes.contract import (
    Budget,
    ProbeFailed,
    ProbeProblem,
    ProbeWorld,
    Unreadable,
)
from release_gate.subjects.probes.jsons import parse
from release_gate.subjects.services.fetching import Reply, fetch
from release_gate.subjects.services.variables import hide_password, variable

_SHOWN = 200
_UNAVAILABLE = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A server and what it is told about us.

    Args:
        url: Of a page, or the part that all addresses of an API begin with.
        bearer_env: Name of the variable with a token; empty: none is sent.
        ca_file: Authorities to trust besides the public ones, relative to the project.
    """

    url: str
    bearer_env: str = ""
    ca_file: str = ""

    def get(
        self, path: str, query: dict[str, str], accept: str, world: ProbeWorld, budget: Budget
    ) -> Reply:
        """Ask; any status comes back.

        Raises:
            ProbeFailed: If no whole reply came.
            ProbeProblem: If the place is none or may not be asked.
        """
        headers = {"accept": accept}
        if self.bearer_env:
            headers["authorization"] = f"Bearer {variable(self.bearer_env, world).strip()}"
        url = self.url + path + (f"?{urlencode(query)}" if query else "")
        return fetch(url, headers, world, budget, ca_file=self.ca_file)

    def json(self, path: str, query: dict[str, str], world: ProbeWorld, budget: Budget) -> object:
        """Ask an API; its answer as JSON.

        Raises:
            ProbeFailed: If the answer is an error, or not JSON.
            ProbeProblem: If the place is none or may not be asked.
        """
        reply = self.get(path, query, "application/json", world, budget)
        text = reply.body.decode("utf-8", "backslashreplace")
        found = parse(text)
        if reply.status != 200:  # noqa: PLR2004 - the one good answer of these APIs
            said = found.get("error") if isinstance(found, dict) else None
            raise ProbeFailed(
                f"{path} answered {reply.status}: {said or text[:_SHOWN].strip() or 'nothing'}",
                transient=reply.status in _UNAVAILABLE,
            )
        if isinstance(found, Unreadable):
            raise ProbeFailed(f"{path} answered what cannot be read: {found.reason}")
        return found


def place_of(url: str, url_env: str, bearer_env: str, ca_file: str, world: ProbeWorld) -> Place:
    """Where the settings point.

    Args:
        url: An address, or a path on the deployment's target.
        url_env: Name of the variable that holds it instead.
        bearer_env: See :class:`Place`.
        ca_file: See :class:`Place`.
        world: The outside.

    Raises:
        ProbeProblem: If a variable is not set, or there is no target.
    """
    if url_env:
        url = variable(url_env, world, secret=False).strip()
    if url.startswith("/"):
        target = world.deployment.target if world.deployment else None
        if not target:
            raise ProbeProblem(f"{url} is a path, and no environment with a target was chosen")
        url = target.rstrip("/") + url
    hide_password(url, world)
    return Place(url=url.rstrip("/"), bearer_env=bearer_env, ca_file=ca_file)
