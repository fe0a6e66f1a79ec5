"""What the user probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Collection

_SHORTEST = 3
_LOOSE = 0.6


def nearest(word: str, known: Collection[str], *, cutoff: float = _LOOSE) -> str | None:
    """The known word that is most like the given one, or ``None``.

    Args:
        word: As written.
        known: Words that would do.
        cutoff: How alike they must be, from 0 to 1; a beginning of three letters also counts
            where this is left alone.
    """
    plain = {one.replace("_", "-").lower(): one for one in sorted(known)}
    asked = word.replace("_", "-").lower()
    found = difflib.get_close_matches(asked, plain, n=1, cutoff=cutoff)
    if not found and cutoff == _LOOSE and len(asked) >= _SHORTEST:
        found = [one for one in plain if one.startswith(asked)]
    return plain[found[0]] if found else None


def did_you_mean(word: str, known: Collection[str]) -> str:
    """``; did you mean "lint"?``, or nothing."""
    meant = nearest(word, known)
    return f'; did you mean "{meant}"?' if meant else ""


def there_are(known: Collection[str]) -> str:
    """``There are lint, types.`` for a remedy."""
    return f"There are {', '.join(sorted(known))}." if known else "There are none."
