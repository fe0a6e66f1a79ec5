"""What the user probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Collection

_SHORTEST = 3


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known word that is most like the given one, or ``None``."""
    plain = {one.replace("_", "-").lower(): one for one in sorted(known)}
    asked = word.replace("_", "-").lower()
    found = difflib.get_close_matches(asked, plain, n=1, cutoff=0.6)
    if not found and len(asked) >= _SHORTEST:
        found = [one for one in plain if one.startswith(asked)]
    return plain[found[0]] if found else None


def did_you_mean(word: str, known: Collection[str]) -> str:
    """``; did you mean "lint"?``, or nothing."""
    meant = nearest(word, known)
    return f'; did you mean "{meant}"?' if meant else ""


def there_are(known: Collection[str]) -> str:
    """``There are lint, types.`` for a remedy."""
    return f"There are {', '.join(sorted(known))}." if known else "There are none."
