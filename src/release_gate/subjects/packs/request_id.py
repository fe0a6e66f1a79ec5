"""Pack ``request-id``: an id that was sent comes back; without one, a fresh UUID does."""

from __future__ import annotations

from release_gate.subjects.packs.making import (
    UUID,
    PackSettings,
    Path,
    Table,
    check_pattern,
    http_check,
)
from release_gate.subjects.probes.contract import Pack


class RequestIdSettings(PackSettings, frozen=True, kw_only=True):
    """Keys of ``packs.request-id``.

    Args:
        path: What is asked.
        header: Name of the header.
        pattern: Regular expression that a fresh id must match; default: a UUID.
    """

    path: Path = "/"
    header: str = "X-Request-ID"
    pattern: str = UUID

    def __post_init__(self) -> None:
        """Refuse what could not be judged."""
        super().__post_init__()
        check_pattern("pattern", self.pattern)


def _checks(settings: RequestIdSettings) -> tuple[Table, ...]:
    of = {"on": "header", "name": settings.header}
    plain = {"path": settings.path}
    sent = {**plain, "headers": {settings.header: "${uuid}"}}
    return (
        http_check(settings, "echoed", sent, [{**of, "equals": "${uuid}"}]),
        http_check(
            settings, "fresh", plain, [{**of, "matches": settings.pattern}], capture={"first": of}
        ),
        http_check(
            settings,
            "another",
            plain,
            [{**of, "matches": settings.pattern, "not-equals": "${first}"}],
        ),
    )


PACK: Pack[RequestIdSettings] = Pack(name="request-id", settings=RequestIdSettings, checks=_checks)
