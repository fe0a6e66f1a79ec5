"""The closed tables of changes that surely let nothing pass that did not pass before.

What is not in them counts as a loosening: a table that is too short asks for one approval too
many, one that is too long lets somebody bless their own change.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from release_gate.judge.ratchets import direction, is_better
from release_gate.model import Ratchet, Severity

Tightens = Callable[[Any, Any], bool]


def rises(old: Any, new: Any) -> bool:
    """A limit from below went up."""
    return _is_number(old) and _is_number(new) and Fraction(str(new)) >= Fraction(str(old))


def falls(old: Any, new: Any) -> bool:
    """A limit from above went down."""
    return rises(new, old)


def appears_or_rises(old: Any, new: Any) -> bool:
    """As :func:`rises`, for a limit that does not hold where it is not named."""
    return (old is None and _is_number(new)) or rises(old, new)


def appears_or_falls(old: Any, new: Any) -> bool:
    """As :func:`falls`, for a limit that does not hold where it is not named."""
    return (old is None and _is_number(new)) or falls(old, new)


def grows(old: Any, new: Any) -> bool:
    """A list has at least all that it had; it had to be there."""
    return _is_list(old) and _is_list(new) and all(one in new for one in old)


def shrinks(old: Any, new: Any) -> bool:
    """A list has nothing that it did not have."""
    return _is_list(old) and (new is None or grows(new, old))


def becomes_true(old: Any, new: Any) -> bool:
    """A switch that is off by itself went on."""
    return old in (None, False) and new is True


def becomes_false(old: Any, new: Any) -> bool:
    """A switch that is off by itself went off."""
    return old is True and new in (None, False)


def goes_back_to_true(old: Any, new: Any) -> bool:
    """A switch that is on by itself went on."""
    return old is False and new in (None, True)


def vanishes(old: Any, new: Any) -> bool:
    """It is gone."""
    return old is not None and new is None


def is_harmless(old: Any, new: Any) -> bool:  # noqa: ARG001 - one of a table
    """It decides nothing."""
    return True


def budget_shrinks(old: Any, new: Any) -> bool:
    """Of no severity more new findings are allowed than before."""
    before, after = _budget(old), _budget(new)
    if before is None or after is None:
        return False
    return all(
        after[one][0] <= before[one][0] and before[one][1] in ("", after[one][1])
        for one in Severity
    )


# Keys of every gate's table.
_COMMON: Mapping[str, Tightens] = {
    "max": budget_shrinks,
    "enforce": goes_back_to_true,
    "skip-reason": vanishes,
    "deadline": is_harmless,
}

# Keys of the built-in kinds: a kind of somebody else's may mean another thing by the same word.
_BUILT_IN: Mapping[str, Tightens] = {
    "fail-under": rises,
    "use-project-fail-under": goes_back_to_true,
    "changed-fail-under": appears_or_rises,
    "min-tests": appears_or_rises,
    "max-failed": falls,
    "max-skipped": appears_or_falls,
    "max-deselected": appears_or_falls,
    "max-rerun": appears_or_falls,
    "max-suppressions": appears_or_falls,
    "max-new-suppressions": appears_or_falls,
    "required-tests": grows,
}

_TOP: Mapping[tuple[str, ...], Tightens] = {
    ("expected",): grows,
    ("phases", "*", "expected"): grows,
    ("allow-dirty",): becomes_false,
    ("environments", "*", "description"): is_harmless,
    ("environments", "*", "after"): lambda old, new: old is None and new is not None,
    ("phases", "*", "after"): lambda old, new: _is_list(new) and (old is None or grows(old, new)),
    ("waiver-policy", "strict"): becomes_true,
}


def setting_tightens(
    path: Sequence[str],
    old: Any,
    new: Any,
    before: Mapping[str, str],
    after: Mapping[str, str],
) -> bool:
    """Whether a key of our own configuration surely tightens.

    Args:
        path: Of the key.
        old: Its value; ``None``: not there.
        new: Its value now.
        before: Kind of each gate by id, empty for kinds that are not built in.
        after: The same now.
    """
    here = tuple(path)
    if here[:1] == ("environments",) and here[2:3] == ("gates",):
        here = here[2:]
        if old is None or new is None:  # then the gate's own table decides, whatever it says
            return False
    if here[:1] != ("gates",):
        return _among(_TOP, here, old, new)
    if len(here) == 2:  # noqa: PLR2004 - a whole table
        # Of a kind of somebody else's it is not known what ran before: a gate file needs no
        # table, and a table of any name takes the place of what ran without one.
        ours = after.get(here[1], "") != ""
        return old is None and here[1] not in before and ours and _only_adds(new)
    if len(here) != 3 or here[1] not in before:  # noqa: PLR2004 - a key of a table's table
        return False
    built_in = before[here[1]] != "" and before[here[1]] == after.get(here[1])
    table = {**_COMMON, **(_BUILT_IN if built_in else {})}
    return here[2] in table and table[here[2]](old, new)


def _only_adds(table: Any) -> bool:
    return isinstance(table, Mapping) and not table.get("override")


_TOOLS: Mapping[str, Mapping[tuple[str, ...], Tightens]] = {
    "coverage": {
        ("report", "fail_under"): rises,
        ("report", "omit"): shrinks,
        ("run", "omit"): shrinks,
        ("report", "exclude_also"): shrinks,
        ("run", "branch"): becomes_true,
        ("report", "show_missing"): is_harmless,
        ("report", "skip_covered"): is_harmless,
        ("report", "sort"): is_harmless,
        ("html", "*"): is_harmless,
        ("xml", "*"): is_harmless,
        ("lcov", "*"): is_harmless,
    },
    "ruff": {
        ("line-length",): falls,
        ("fix",): is_harmless,
        ("show-fixes",): is_harmless,
        ("unsafe-fixes",): is_harmless,
        ("output-format",): is_harmless,
        ("cache-dir",): is_harmless,
        ("format", "*"): is_harmless,
        ("format", "exclude"): shrinks,  # besides the pattern above: both have to say so
        **{
            (*prefix, key): tightens
            for prefix in ((), ("lint",))
            for key, tightens in (
                ("select", grows),
                ("extend-select", lambda old, new: old is None or grows(old, new)),
                ("ignore", shrinks),
                ("extend-ignore", shrinks),
                ("fixable", is_harmless),
                ("unfixable", is_harmless),
            )
        },
        ("lint", "per-file-ignores", "*"): shrinks,
        ("per-file-ignores", "*"): shrinks,
        ("lint", "extend-per-file-ignores", "*"): shrinks,
        ("exclude",): lambda old, new: _is_list(new) and shrinks(old, new),
        ("extend-exclude",): shrinks,
    },
    "mypy": {
        **{
            (key,): becomes_true
            for key in (
                "strict",
                "check_untyped_defs",
                "disallow_any_generics",
                "disallow_incomplete_defs",
                "disallow_subclassing_any",
                "disallow_untyped_calls",
                "disallow_untyped_decorators",
                "disallow_untyped_defs",
                "extra_checks",
                "no_implicit_reexport",
                "strict_equality",
                "warn_redundant_casts",
                "warn_return_any",
                "warn_unreachable",
                "warn_unused_configs",
                "warn_unused_ignores",
            )
        },
        ("ignore_missing_imports",): becomes_false,
        ("disable_error_code",): shrinks,
        ("enable_error_code",): lambda old, new: old is None or grows(old, new),
        ("pretty",): is_harmless,
        ("show_error_codes",): is_harmless,
        ("cache_dir",): is_harmless,
    },
    "bandit": {("skips",): shrinks, ("exclude_dirs",): shrinks},
    "black": {
        ("line-length",): is_harmless,
        ("target-version",): is_harmless,
        ("preview",): is_harmless,
        ("skip-string-normalization",): is_harmless,
        ("skip-magic-trailing-comma",): is_harmless,
    },
    "pytest": {
        ("ini_options", "markers"): is_harmless,
        ("ini_options", "minversion"): is_harmless,
        ("ini_options", "testpaths"): grows,
        ("ini_options", "xfail_strict"): becomes_true,
    },
    "detect-secrets": {("results", "*"): lambda old, new: vanishes(old, new) or shrinks(old, new)},
}


def tool_tightens(place: str, path: Sequence[str], old: Any, new: Any) -> bool:
    """Whether a setting of a tool surely tightens.

    Args:
        place: Where it stands, with the tool's name last: ``pyproject.toml [tool.ruff] ruff``.
        path: Of the key below that place.
        old: Its value; ``None``: not there.
        new: Its value now.
    """
    return _among(_TOOLS.get(place.rpartition(" ")[2], {}), tuple(path), old, new)


def baseline_tightens(old: Any, new: Any) -> bool:
    """Whether an entry of the baseline is gone, or was found to be a real secret."""
    if old is None or new is None:
        return new is None
    return bool(new.get("label") == "confirmed")


def mark_tightens(metric: str, old: Any, new: Any) -> bool:
    """Whether a ratchet holds at least as much: a mark came, or the one that counts got better.

    Args:
        metric: Its name, which may say which way is better.
        old: Its values; ``None``: there was no mark.
        new: Its values now.
    """
    if old is None or new is None:
        return old is None
    if grows(old["values"], new["values"]):
        return True
    better = direction(Ratchet(metric=metric), ())
    if better is None:
        return False
    strictest = max if better == "higher" else min
    was, now = (strictest(map(Decimal, one["values"])) for one in (old, new))
    return was == now or is_better(now, was, better)


def waiver_tightens(old: Any, new: Any) -> bool:
    """Whether a waiver is gone, ends earlier, or covers fewer findings."""
    if old is None or new is None:
        return new is None
    differing = {key for key in {*old, *new} if old.get(key) != new.get(key)}
    return all(
        (key == "expires" and _is_earlier(old.get(key), new.get(key)))
        or (key == "max-count" and falls(old.get(key), new.get(key)))
        for key in differing
    )


def _is_earlier(old: Any, new: Any) -> bool:
    return type(old) is type(new) and hasattr(old, "isoformat") and bool(new <= old)


def _among(
    table: Mapping[tuple[str, ...], Tightens], path: tuple[str, ...], old: Any, new: Any
) -> bool:
    found = [
        tightens
        for pattern, tightens in table.items()
        if len(pattern) == len(path)
        and all(part in ("*", name) for part, name in zip(pattern, path, strict=True))
    ]
    return bool(found) and all(tightens(old, new) for tightens in found)


def _budget(value: Any) -> Mapping[Severity, tuple[float, str]] | None:
    """Allowed new findings by severity, and on what condition; ``None`` if that is not certain."""
    each: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    if value is not None and not isinstance(value, Mapping):
        if not _is_count(value):
            return None
        each = {one: value for one in Severity if one is not Severity.INFO}
    found: dict[Severity, tuple[float, str]] = {
        one: (math.inf if one is Severity.INFO else 0, "") for one in Severity
    }
    for name, allowed in each.items():
        table = allowed if isinstance(allowed, Mapping) else {"max": allowed}
        known = name in set(Severity) and table.keys() <= {"max", "requires"}
        if not known or not _is_count(table.get("max")):
            return None
        found[Severity(name)] = (table["max"], str(table.get("requires", "")))
    return found


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)
