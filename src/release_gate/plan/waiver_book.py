"""The waivers of a run, with who wrote them, and what looks odd about them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from release_gate.errors import WaiverError
from release_gate.files import read_file
from release_gate.plan.suggest import did_you_mean
from release_gate.plan.waivers import parse_waivers, with_authors
from release_gate.policy import WaiverBook
from release_gate.ports import Authorship
from release_gate.trust import CHECKLIST, POLICY_CHANGE, READINESS

# Gates that judge others' results: no configuration names them.
JUDGING_GATES = frozenset({POLICY_CHANGE, CHECKLIST, READINESS})


def read_waiver_text(root: Path, file: str) -> str | None:
    """Text of the file of waivers; ``None`` if there is none.

    Args:
        root: Absolute.
        file: Relative to the root.

    Raises:
        WaiverError: If it is there and cannot be read as text.
    """
    place = root / file
    try:
        if not place.resolve().is_relative_to(root.resolve()):
            raise WaiverError("it is a link that leads out of the root", file=file)
        return read_file(place).decode("utf-8")
    except FileNotFoundError as error:
        if place.is_symlink():  # not to be passed by: exceptions were meant
            raise WaiverError("it is a link that leads nowhere", file=file) from error
        return None
    except UnicodeDecodeError as error:
        raise WaiverError("it is not UTF-8", file=file) from error
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise WaiverError(f"it cannot be read: {reason}", file=file) from error


def waiver_book(
    text: str | None, file: str, authorship: Authorship | None, commit: str | None = None
) -> WaiverBook | None:
    """The waivers of a file with who wrote each of them.

    Args:
        text: Of the file; ``None`` where there is none.
        file: Its name relative to the root.
        authorship: Who wrote what; ``None``: nobody can say.
        commit: The commit that the text is from; ``None``: the work tree.

    Raises:
        WaiverError: If an entry cannot be used.
        RepositoryProblem: If git cannot say who wrote it.
    """
    if text is None:
        return None
    book = parse_waivers(text, file)
    if not book.waivers:
        return book
    authors = authorship.line_authors(file, commit) if authorship is not None else None
    return with_authors(book, "this is not a git repository" if authors is None else authors)


def oddities(
    book: WaiverBook | None, gates: Collection[str], environments: Collection[str]
) -> Iterator[str]:
    """Names in waivers that nothing has: they would never match, and nobody would notice.

    Args:
        book: As read.
        gates: Ids of all gates that can be asked for.
        environments: Names of all environments.
    """
    for one in book.waivers if book else ():
        if one.gate not in gates:
            yield (f'waiver {one.id}: there is no gate "{one.gate}"{did_you_mean(one.gate, gates)}')
        for name in one.environments:
            if name not in environments:
                yield (
                    f'waiver {one.id}: there is no environment "{name}"'
                    f"{did_you_mean(name, environments)}"
                )
