"""Pack ``rate-limit``: of so many requests at once exactly the allowed number is served."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from release_gate.subjects.packs.making import PackSettings, Path, Status, Table, http_check
from release_gate.subjects.probes.contract import Pack

_TOO_MANY = 429
# Seconds, or a date (RFC 9110, 10.2.3); "0" tells nobody to wait.
_LATER = (
    r"^([1-9][0-9]*|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT)$"
)


class RateLimitSettings(PackSettings, frozen=True, kw_only=True):
    """Keys of ``packs.rate-limit``.

    Args:
        path: What is asked; nothing else may use up the same limit in the meantime.
        method: How.
        json: Body, as JSON.
        requests: How many are sent at the same moment.
        served: How many of them are served, exactly; all others are refused.
        status: Of one that is served.
        refused: Of one that is refused.
        retry_after: Whether refusals must say when to come again.
        writes: ``false`` for a POST that changes nothing.
    """

    path: Path
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    json: Any = msgspec.UNSET
    requests: Annotated[int, msgspec.Meta(ge=2, le=50)] = 20
    served: Annotated[int, msgspec.Meta(ge=1)] = 10
    status: Status = 200
    refused: Status = _TOO_MANY
    retry_after: bool = True
    writes: bool | None = None

    def __post_init__(self) -> None:
        """Refuse a limit that is never reached.

        Raises:
            ValueError: If all are to be served, or served and refused look the same.
        """
        super().__post_init__()
        if self.served >= self.requests:
            raise ValueError("served must be below requests: the limit would not be reached")
        if self.status == self.refused:
            raise ValueError("status and refused are the same")


def _checks(settings: RateLimitSettings) -> tuple[Table, ...]:
    request: dict[str, Any] = {
        "path": settings.path,
        "method": settings.method,
        "at-once": settings.requests,
    }
    if settings.json is not msgspec.UNSET:
        request["json"] = settings.json
    if settings.writes is not None:
        request["writes"] = settings.writes
    refused = settings.requests - settings.served
    turned_away = f"$[?@.status == {settings.refused}]"
    expected: list[dict[str, Any]] = [
        {"on": "answers", "path": f"$[?@.status == {settings.status}]", "count": settings.served},
        {"on": "answers", "path": turned_away, "count": refused},
    ]
    if settings.retry_after:
        later = f"{turned_away}.header['retry-after'][0]"
        # The count, since refusals without the header match nothing.
        expected.append({"on": "answers", "path": later, "count": refused, "matches": _LATER})
    return (http_check(settings, "", request, expected),)


PACK: Pack[RateLimitSettings] = Pack(name="rate-limit", settings=RateLimitSettings, checks=_checks)
