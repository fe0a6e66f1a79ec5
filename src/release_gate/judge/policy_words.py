"""How values of the policy are shown to people."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from release_gate.redact import MASK, Redactor, sounds_secret

_LONGEST = 80
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def dotted(path: Sequence[str]) -> str:
    """A key as TOML writes it."""
    return ".".join(part if _BARE.fullmatch(part) else f'"{part}"' for part in path)


def shown(value: Any, path: Sequence[str] = ()) -> str:
    """A value in a few words, without what may be secret.

    Args:
        value: As TOML gives it; ``None`` where there is none.
        path: The key, which may tell that the value is secret.
    """
    if value is None:
        return "not set"
    if any(sounds_secret(part) for part in path[-1:]):
        return MASK
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    text = Redactor().redact(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
