"""Which requests can be sent again and again at a pace."""

from __future__ import annotations

import msgspec

from release_gate.subjects.http.settings import HttpSettings


def unsendable(request: HttpSettings) -> str | None:
    """Why a request cannot be sent again and again at a pace; ``None`` if it can."""
    if request.at_once != 1:
        return "at-once is for checks: the rate says how many are sent"
    if "${" in str(msgspec.to_builtins(request)):
        return "${...} is for checks: every request is sent as it stands"
    return None
