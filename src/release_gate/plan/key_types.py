"""What keys of the configuration are made of."""

from __future__ import annotations

from typing import Annotated

import msgspec

from release_gate.plan.decoding import NAME_PATTERN

Text = Annotated[str, msgspec.Meta(pattern=r"\S")]
Name = Annotated[str, msgspec.Meta(pattern=f"^{NAME_PATTERN.pattern}$")]
Count = Annotated[int, msgspec.Meta(ge=0)]
Names = Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]
Paths = Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]


class Keys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Base of all tables."""
