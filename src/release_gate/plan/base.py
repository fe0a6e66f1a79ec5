"""What differences are taken against: asked for, named by the CI, or found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from release_gate.errors import RepositoryProblem, UsageError
from release_gate.model import BaseRef
from release_gate.ports import Repository, RepositoryState

# Variables: https://docs.github.com/actions/reference/workflows-and-actions/variables,
# https://docs.gitlab.com/ci/variables/predefined_variables/,
# https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/,
# https://learn.microsoft.com/azure/devops/pipelines/build/variables
_HEADS = "refs/heads/"
_DEEPER = {
    "GitHub": "In the checkout step set fetch-depth: 0.",
    "GitLab": "In the job's variables set GIT_DEPTH to 0.",
    "Bitbucket": "In bitbucket-pipelines.yml set clone: depth: full.",
    "Azure": "In the checkout step set fetchDepth: 0.",
}
_KEY = 'the key "base"'
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FETCH = "Fetch the history: git fetch --unshallow origin."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    """A base that must be found, once it was named.

    Args:
        refs: Names to try, in this order.
        by: Who named it.
        remedy: How to get the history in a shallow clone.
    """

    refs: tuple[str, ...]
    by: str
    remedy: str = _FETCH


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundBase:
    """A base, and what policy needs to know of it.

    Args:
        ref: What differences are taken against.
        tip: The commit that the base branch stands at; ``None`` without a base.
        is_default: Whether HEAD is on the default branch: policy is then read from HEAD.
        by_key: Whether only a key of the configuration that is judged named it.
    """

    ref: BaseRef
    tip: str | None = None
    is_default: bool = False
    by_key: bool = False


def choose_base(
    repository: Repository,
    state: RepositoryState | None,
    environment: Mapping[str, str],
    *,
    asked: str | None = None,
    configured: str | None = None,
    default_branch: str | None = None,
) -> BaseRef:
    """What differences are taken against; see :func:`find_base`."""
    return find_base(
        repository,
        state,
        environment,
        asked=asked,
        configured=configured,
        default_branch=default_branch,
    ).ref


def find_base(
    repository: Repository,
    state: RepositoryState | None,
    environment: Mapping[str, str],
    *,
    asked: str | None = None,
    configured: str | None = None,
    default_branch: str | None = None,
) -> FoundBase:
    """The base: ``--base``, the CI's change, the key ``base``, else where the branch began.

    A base that was named and is not there is an error; one that nobody named is only noted.

    Args:
        repository: Around the root.
        state: What it says of the checkout; ``None`` without git.
        environment: The process environment.
        asked: ``--base``.
        configured: The key ``base``.
        default_branch: The key ``default-branch``.

    Raises:
        UsageError: If ``--base`` names nothing.
        RepositoryProblem: If history that is needed is not in the clone.
    """
    if state is None:
        if asked is not None:
            raise UsageError(f"--base {asked}: this is not a git repository")
        return FoundBase(ref=_none("not a git repository"))
    if state.commit is None:
        return FoundBase(ref=_none("there is no commit yet"))
    wanted = _asked(asked) or _of_ci(environment) or _configured(configured)
    if wanted is not None:
        return _found(repository, state, wanted)
    begun = _begun(repository, state, environment.get("CI_DEFAULT_BRANCH") or default_branch)
    if begun.ref.commit is None and state.shallow:
        # What is not in the clone may well be there: this is not "no base" but "cannot know".
        raise RepositoryProblem(
            f"{begun.ref.note}, and this clone is shallow",
            remedy=f"{_FETCH} To judge without differences: --base HEAD.",
        )
    return begun


def _asked(ref: str | None) -> _Wanted | None:
    if ref is None:
        return None
    _check(ref, "--base")
    return _Wanted(refs=(ref, f"origin/{ref}"), by="--base")


def _configured(ref: str | None) -> _Wanted | None:
    if ref is None:
        return None
    _check(ref, _KEY)
    return _Wanted(refs=(ref, f"origin/{ref}"), by=_KEY)


def _of_ci(environment: Mapping[str, str]) -> _Wanted | None:
    for system, refs in _named_by_ci(environment):
        named = tuple(ref for ref in refs if ref)
        if named:
            for ref in named:
                _check(ref, f"the environment of {system}")
            return _Wanted(refs=named, by=system, remedy=_DEEPER[system])
    return None


def _named_by_ci(variables: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    if variables.get("GITHUB_ACTIONS") == "true":
        yield "GitHub", _branch(variables.get("GITHUB_BASE_REF", ""))
    if variables.get("GITLAB_CI") == "true":
        commit = variables.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "")
        target = variables.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")
        yield "GitLab", (commit, *_branch(target))
    if variables.get("BITBUCKET_BUILD_NUMBER"):
        commit = variables.get("BITBUCKET_PR_DESTINATION_COMMIT", "")
        target = variables.get("BITBUCKET_PR_DESTINATION_BRANCH", "")
        yield "Bitbucket", (*_branch(target), commit)
    if variables.get("TF_BUILD"):
        yield "Azure", _branch(variables.get("SYSTEM_PULLREQUEST_TARGETBRANCH", ""))


def _branch(name: str) -> tuple[str, ...]:
    name = name.removeprefix(_HEADS)
    return (f"origin/{name}", name) if name else ()


def _check(ref: str, where: str) -> None:
    """What begins with a dash is an option to git, and no name holds white space."""
    if ref.startswith("-") or not ref.strip() or any(c.isspace() or c < " " for c in ref):
        raise UsageError(f"{ref!r} in {where} is not the name of a commit")


def _found(repository: Repository, state: RepositoryState, wanted: _Wanted) -> FoundBase:
    name = wanted.refs[0]
    for ref in wanted.refs:
        if repository.resolve(ref) is None:
            continue
        commit = repository.merge_base(ref)
        if commit is not None:
            return FoundBase(
                ref=BaseRef(ref=ref, commit=commit, note=f"named by {wanted.by}"),
                tip=_tip(repository, ref, wanted.refs),
                by_key=wanted.by == _KEY,
            )
        what = f"HEAD and {ref}, named by {wanted.by}, have no common commit here"
        raise RepositoryProblem(what, remedy=wanted.remedy if state.shallow else "")
    if state.shallow:
        what = f"{name}, named by {wanted.by}, is not in this shallow clone"
        raise RepositoryProblem(what, remedy=wanted.remedy)
    if wanted.by == "--base":
        raise UsageError(f"--base {name}: there is no such commit")
    what = f"{name}, named by {wanted.by}, is not in this clone"
    raise RepositoryProblem(what, remedy="Fetch it: git fetch origin.")


def _tip(repository: Repository, ref: str, refs: tuple[str, ...]) -> str | None:
    """Where the branch stands: some systems name the commit that a change began at first."""
    branches = [one for one in refs if not _OBJECT_ID.fullmatch(one)]
    tips = (repository.resolve(one) for one in (*branches, ref))
    return next((tip for tip in tips if tip is not None), None)


def _begun(repository: Repository, state: RepositoryState, default_branch: str | None) -> FoundBase:
    """Where this branch left the default branch; on that branch itself, its first parent."""
    candidates = ["origin/HEAD"]
    if default_branch and not default_branch.startswith("-"):
        candidates += [f"origin/{default_branch}", default_branch]
    for ref in candidates:
        if repository.resolve(ref) is None:
            continue
        commit = repository.merge_base(ref)
        if commit is None:
            return FoundBase(ref=_none(f"HEAD and {ref} have no common commit in this clone"))
        if commit == state.commit:
            return FoundBase(ref=_first_parent(repository), is_default=True)
        return FoundBase(
            ref=BaseRef(ref=ref, commit=commit, note=f"where this branch left {ref}"),
            tip=repository.resolve(ref),
        )
    why = "git names no default branch (origin/HEAD); name a base with --base"
    return FoundBase(ref=_none(why))


def _first_parent(repository: Repository) -> BaseRef:
    commit = repository.resolve("HEAD^")
    if commit is not None:
        return BaseRef(ref="HEAD^", commit=commit, note="the first parent, on the default branch")
    return _none("HEAD has no parent here")


def _none(why: str) -> BaseRef:
    return BaseRef(ref=None, commit=None, note=f"no base: {why}")
