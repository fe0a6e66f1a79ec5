"""Whether the tree that was judged is still the tree that lies there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from release_gate.model import Problem
from release_gate.ports import FileEntry

_NAMED = 10


def changes(
    before: Sequence[FileEntry], after: Sequence[FileEntry], gates: Iterable[str]
) -> tuple[Problem, ...]:
    """Files that differ from the listing that every gate read.

    Args:
        before: The list of the plan.
        after: The list after the last gate.
        gates: Ids of the gates that ran meanwhile, in the order of the plan.

    Returns:
        One problem for each file up to ten, and one for all further ones.
    """
    then = {one.path: one for one in before}
    now = {one.path: one for one in after}
    differing = sorted(name for name in then.keys() | now.keys() if _differs(then, now, name))
    who = ", ".join(gates)
    problems = [_problem(name, _how(then, now, name), who) for name in differing[:_NAMED]]
    if len(differing) > _NAMED:
        rest = f"{len(differing) - _NAMED} more files changed during the run"
        problems.append(Problem(what=rest, remedy=_REMEDY, slug=_SLUG))
    return tuple(problems)


_SLUG = "changed-during-run"
_REMEDY = "run again while nothing else writes; a gate that writes into the project must not"


def _differs(then: Mapping[str, FileEntry], now: Mapping[str, FileEntry], name: str) -> bool:
    one, other = then.get(name), now.get(name)
    if one is None or other is None:
        return True
    return (one.kind, one.size, one.blob) != (other.kind, other.size, other.blob)


def _how(then: Mapping[str, FileEntry], now: Mapping[str, FileEntry], name: str) -> str:
    if name not in then:
        return "appeared"
    return "disappeared" if name not in now else "changed"


def _problem(name: str, how: str, who: str) -> Problem:
    what = f"{name} {how} during the run of {who or 'no gate'}"
    return Problem(what=what, remedy=_REMEDY, path=name, slug=_SLUG)
