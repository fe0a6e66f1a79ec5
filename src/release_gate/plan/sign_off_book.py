"""What the judge of a checklist is given: items, sign-offs with their proof, and the authors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from release_gate.checklists import (
    SIGN_OFFS,
    Checklist,
    ChecklistInputs,
    Signed,
    SignOff,
    subject_name,
)
from release_gate.errors import ChecklistError, ConfigError, SignOffError
from release_gate.files import read_file
from release_gate.model import Subject
from release_gate.plan.checklist import parse_checklist
from release_gate.plan.ci_identity import actor
from release_gate.plan.sign_offs import parse_sign_offs, payload
from release_gate.policy import Author, same_person
from release_gate.ports import (
    Authorship,
    Base,
    FileEntry,
    LineAuthors,
    Repository,
    SignatureCheck,
)
from release_gate.trust import POLICY_CHANGE

_PROOFLESS = "nothing proves that it is theirs: neither a signature nor the commit of its line"


def read_text(root: Path, file: str, error: type[ConfigError]) -> str | None:
    """Text of a file with plain line ends; ``None`` if there is none.

    Args:
        root: Absolute.
        file: Relative to the root.
        error: What to raise.

    Raises:
        ConfigError: Of the given type, if it is there and cannot be read as text.
    """
    place = root / file
    try:
        if not place.resolve().is_relative_to(root.resolve()):
            raise error("it is a link that leads out of the root", file=file)
        return read_file(place).decode("utf-8").replace("\r\n", "\n")
    except FileNotFoundError as missing:
        if place.is_symlink():  # not to be passed by: something was meant
            raise error("it is a link that leads nowhere", file=file) from missing
        return None
    except UnicodeDecodeError as wrong:
        raise error("it is not UTF-8", file=file) from wrong
    except (OSError, RuntimeError) as wrong:
        reason = getattr(wrong, "strerror", None) or str(wrong)
        raise error(f"it cannot be read: {reason}", file=file) from wrong


def read_checklist_text(root: Path, file: str) -> str | None:
    """Text of the checklist; ``None`` if there is none.

    Raises:
        ChecklistError: If it is there and cannot be read as text.
    """
    return read_text(root, file, ChecklistError)


def files_of(
    entries: tuple[FileEntry, ...], base: Base | None
) -> Callable[[tuple[str, ...], bool], Mapping[str, str]]:
    """Finds the files that an item is about, with the digest that git gives their content.

    Args:
        entries: The file list.
        base: What changes are taken against; without one every file counts as changed.
    """
    listed = {one.path: one.blob for one in entries if one.kind == "file"}

    def find(patterns: tuple[str, ...], changed: bool) -> Mapping[str, str]:  # noqa: FBT001 - a port's shape
        matched = {
            path: blob
            for path, blob in listed.items()
            if any(fnmatchcase(path, pattern) for pattern in patterns)
        }
        if not changed or base is None:
            return matched
        differing = base.changed_lines().keys()
        return {
            path: blob
            for path, blob in matched.items()
            if path in differing or base.old_path(path) is None
        }

    return find


def signed_of(
    root: Path,
    file: Path | None,
    environment: Mapping[str, str],
    authorship: Authorship | None,
    check: SignatureCheck | None,
    repository: Repository | None = None,
) -> tuple[Signed, ...]:
    """All sign-offs, each with what speaks for its identity.

    Args:
        root: Absolute.
        file: A file that whoever runs this hands in, and vouches for; ``None``: the root's own,
            whose lines are believed as far as git knows who wrote them.
        environment: The process environment as injected.
        authorship: Who wrote which line.
        check: Verifies signatures.
        repository: Says which lines are committed: of the others whoever works here vouches.

    Raises:
        SignOffError: If the file cannot be used.
        RepositoryProblem: If git cannot say who wrote it.
    """
    if file is not None:
        text = read_text(file.parent, file.name, SignOffError)
        if text is None:
            raise SignOffError("there is no such file", file=file.name)
        found = parse_sign_offs(text, file.name)
        return tuple(_handed_in(one, check) for one in found)
    text = read_text(root, SIGN_OFFS, SignOffError)
    if text is None:
        return ()
    found = parse_sign_offs(text, SIGN_OFFS)
    lines = authorship.line_authors(SIGN_OFFS) if authorship is not None else None
    before = _committed(repository)
    here = actor(environment)
    return tuple(
        _by_line(one, lines[number] if lines and number < len(lines) else None, check)
        if one in before
        else _by_place(one, here, authorship.present_author() if authorship else None, check)
        for number, one in enumerate(found, start=1)
    )


def _committed(repository: Repository | None) -> frozenset[SignOff]:
    """The sign-offs of the last commit; those of a file that cannot be used there are none."""
    head = repository.resolve("HEAD") if repository is not None else None
    content = repository.snapshot(head).read(SIGN_OFFS) if repository and head else None
    try:
        return frozenset(parse_sign_offs((content or b"").decode("utf-8"), SIGN_OFFS))
    except (SignOffError, UnicodeDecodeError):
        return frozenset()


def signed_at(
    content: bytes | None,
    file: str,
    authors: LineAuthors | None,
    check: SignatureCheck | None,
) -> tuple[Signed, ...]:
    """All sign-offs of a commit, each with what speaks for its identity.

    Args:
        content: Of the file there; ``None``: it has none.
        file: What messages call it.
        authors: Who wrote which line.
        check: Verifies signatures.

    Raises:
        SignOffError: If the file cannot be used.
    """
    if content is None:
        return ()
    try:
        text = content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise SignOffError("it is not UTF-8", file=file) from error
    found = parse_sign_offs(text, file)
    return tuple(
        _by_line(one, authors[at] if authors and at < len(authors) else None, check)
        for at, one in enumerate(found, start=1)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Signing:
    """The sign-offs of a run, and who wrote what is judged.

    Args:
        signed: All of them, with their proof.
        authors: Addresses of the authors.
        file: What messages call the file of the sign-offs.
    """

    signed: tuple[Signed, ...] = ()
    authors: frozenset[str] = frozenset()
    file: str = SIGN_OFFS

    def approvals(self, text: str | None, file: str) -> ChecklistInputs | None:
        """Who may approve changes of policy, by a checklist, and who did.

        Args:
            text: Of the checklist; ``None`` where there is none: nobody may.
            file: Its name, for messages.

        Raises:
            ChecklistError: If it cannot be used.
        """
        if text is None:
            return None
        checklist = parse_checklist(text, file, _no_files)
        return ChecklistInputs(
            checklist=checklist, signed=self.signed, authors=self.authors, subject=""
        )

    def inputs(self, checklist: Checklist, subject: Subject) -> ChecklistInputs:
        """Everything that the judge of a checklist is given.

        Raises:
            SignOffError: If somebody signed an item that the checklist does not have.
        """
        known = {one.id for one in checklist.items} | {POLICY_CHANGE}
        for one in self.signed:
            if one.sign_off.item not in known:
                raise SignOffError(
                    f'"{one.sign_off.item}" is signed, and {checklist.file} has no such item',
                    file=self.file,
                    remedy="Take the line out, or put the item back.",
                )
        return ChecklistInputs(
            checklist=checklist,
            signed=self.signed,
            authors=self.authors,
            subject=subject_name(subject),
        )


def _no_files(patterns: tuple[str, ...], changed: bool) -> Mapping[str, str]:  # noqa: FBT001 - a port's shape
    del patterns, changed
    return {}


def _handed_in(one: SignOff, check: SignatureCheck | None) -> Signed:
    if one.signature:
        return _by_signature(one, check)
    return Signed(sign_off=one, proof="environment")


def _by_line(one: SignOff, author: Author | None, check: SignatureCheck | None) -> Signed:
    """A committed line is believed if its author is who it names."""
    if one.signature:
        return _by_signature(one, check)
    if author is not None and _is(one.who, author):
        return Signed(sign_off=one, proof="commit")
    doubt = _PROOFLESS if author is None else f"its line is by {author.email}"
    return Signed(sign_off=one, proof="none", doubt=doubt)


def _by_place(
    one: SignOff, here: str | None, author: Author | None, check: SignatureCheck | None
) -> Signed:
    """A line that is not committed is believed if it names whoever works here."""
    if one.signature:
        return _by_signature(one, check)
    if here == one.who or (here is None and author is not None and _is(one.who, author)):
        return Signed(sign_off=one, proof="environment")
    return Signed(sign_off=one, proof="none", doubt=_PROOFLESS)


def _is(who: str, author: Author) -> bool:
    bare = f"@{who.partition(':')[2]}" if ":" in who else who
    return same_person(bare, author.email)


def _by_signature(one: SignOff, check: SignatureCheck | None) -> Signed:
    doubt = (
        "signatures cannot be checked here"
        if check is None
        else check(payload(one), one.signature, one.who)
    )
    if doubt:
        return Signed(sign_off=one, proof="none", doubt=doubt)
    return Signed(sign_off=one, proof="signature")
