"""What differences are taken against."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from release_gate.errors import ReleaseGateError, RepositoryProblem, UsageError
from release_gate.model import BaseRef
from release_gate.plan.base import choose_base
from release_gate.ports import Repository, RepositoryState

pytestmark = pytest.mark.unit

HEAD, MAIN, PARENT = "a" * 40, "b" * 40, "c" * 40
GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main"}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA": MAIN,
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
}
BITBUCKET = {"BITBUCKET_BUILD_NUMBER": "7", "BITBUCKET_PR_DESTINATION_BRANCH": "main"}
AZURE = {"TF_BUILD": "True", "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"}

Make = Callable[..., Repository]


@pytest.fixture
def on_topic(repository_at: Make, tmp_path: Path) -> Repository:
    return repository_at(
        tmp_path,
        commits={"origin/HEAD": MAIN, "origin/main": MAIN, "v1": MAIN, MAIN: MAIN, "HEAD^": PARENT},
        merge_bases={"origin/HEAD": MAIN, "origin/main": MAIN, "v1": MAIN, MAIN: MAIN},
    )


def test_without_git_there_is_none(on_topic: Repository) -> None:
    assert choose_base(on_topic, None, {}) == BaseRef(
        ref=None, commit=None, note="no base: not a git repository"
    )


def test_a_base_asked_for_without_git_is_an_error(on_topic: Repository) -> None:
    with pytest.raises(UsageError, match="not a git repository"):
        choose_base(on_topic, None, {}, asked="main")


def test_before_the_first_commit_there_is_none(
    on_topic: Repository, state: RepositoryState
) -> None:
    unborn = dataclasses.replace(state, commit=None)

    assert choose_base(on_topic, unborn, GITHUB).note == "no base: there is no commit yet"


def test_what_is_asked_for_comes_first(on_topic: Repository, state: RepositoryState) -> None:
    found = choose_base(on_topic, state, GITHUB, asked="v1", configured="main")

    assert found == BaseRef(ref="v1", commit=MAIN, note="named by --base")


def test_a_branch_that_only_the_remote_has_is_found(
    on_topic: Repository, state: RepositoryState
) -> None:
    assert choose_base(on_topic, state, {}, asked="main").ref == "origin/main"


@pytest.mark.parametrize(
    ("variables", "ref", "by"),
    [
        (GITHUB, "origin/main", "GitHub"),
        (GITLAB, MAIN, "GitLab"),
        ({**GITLAB, "CI_MERGE_REQUEST_DIFF_BASE_SHA": ""}, "origin/main", "GitLab"),
        (BITBUCKET, "origin/main", "Bitbucket"),
        ({**BITBUCKET, "BITBUCKET_PR_DESTINATION_COMMIT": MAIN}, "origin/main", "Bitbucket"),
        (AZURE, "origin/main", "Azure"),
    ],
)
def test_the_change_that_the_ci_judges_names_its_base(
    on_topic: Repository, state: RepositoryState, variables: dict[str, str], ref: str, by: str
) -> None:
    found = choose_base(on_topic, state, variables, configured="v1")

    assert found == BaseRef(ref=ref, commit=MAIN, note=f"named by {by}")


@pytest.mark.parametrize(
    "variables",
    [
        {"GITHUB_BASE_REF": "main"},
        {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": ""},
        {"GITHUB_ACTIONS": "true"},
        {"GITLAB_CI": "true", "CI_COMMIT_BRANCH": "topic"},
        {"TF_BUILD": "True"},
        {"BITBUCKET_BUILD_NUMBER": "7"},
    ],
)
def test_a_ci_that_names_no_base_leaves_it_to_git(
    on_topic: Repository, state: RepositoryState, variables: dict[str, str]
) -> None:
    assert choose_base(on_topic, state, variables).ref == "origin/HEAD"


def test_the_key_comes_after_the_ci(on_topic: Repository, state: RepositoryState) -> None:
    found = choose_base(on_topic, state, {}, configured="v1")

    assert found == BaseRef(ref="v1", commit=MAIN, note='named by the key "base"')


def test_else_it_is_where_the_branch_left(on_topic: Repository, state: RepositoryState) -> None:
    assert choose_base(on_topic, state, {}) == BaseRef(
        ref="origin/HEAD", commit=MAIN, note="where this branch left origin/HEAD"
    )


@pytest.mark.parametrize(
    ("variables", "options"),
    [({}, {"default_branch": "trunk"}), ({"CI_DEFAULT_BRANCH": "trunk"}, {})],
)
def test_without_origin_head_the_default_branch_is_as_named(
    repository_at: Make,
    tmp_path: Path,
    state: RepositoryState,
    variables: dict[str, str],
    options: dict[str, Any],
) -> None:
    repository = repository_at(
        tmp_path, commits={"origin/trunk": MAIN}, merge_bases={"origin/trunk": MAIN}
    )

    assert choose_base(repository, state, variables, **options).ref == "origin/trunk"


def test_on_the_default_branch_it_is_the_first_parent(
    repository_at: Make, tmp_path: Path, state: RepositoryState
) -> None:
    repository = repository_at(
        tmp_path,
        commits={"origin/HEAD": HEAD, "HEAD^": PARENT},
        merge_bases={"origin/HEAD": HEAD},
    )

    found = choose_base(repository, state, {})

    assert found == BaseRef(
        ref="HEAD^", commit=PARENT, note="the first parent, on the default branch"
    )


def test_the_first_commit_has_no_base(
    repository_at: Make, tmp_path: Path, state: RepositoryState
) -> None:
    repository = repository_at(
        tmp_path, commits={"origin/HEAD": HEAD}, merge_bases={"origin/HEAD": HEAD}
    )

    found = choose_base(repository, state, {})

    assert found == BaseRef(ref=None, commit=None, note="no base: HEAD has no parent here")


def test_without_a_remote_there_is_none_and_it_says_so(
    repository_at: Make, tmp_path: Path, state: RepositoryState
) -> None:
    note = choose_base(repository_at(tmp_path), state, {}).note

    assert note == ("no base: git names no default branch (origin/HEAD); name a base with --base")


def test_a_default_branch_of_another_history_is_no_base(
    repository_at: Make, tmp_path: Path, state: RepositoryState
) -> None:
    repository = repository_at(tmp_path, commits={"origin/HEAD": MAIN})

    assert "no common commit" in choose_base(repository, state, {}).note


@pytest.mark.parametrize(
    ("variables", "remedy"),
    [
        (GITHUB, "fetch-depth: 0"),
        (GITLAB, "GIT_DEPTH to 0"),
        (BITBUCKET, "clone: depth: full"),
        (AZURE, "fetchDepth: 0"),
    ],
)
@pytest.mark.parametrize("commits", [{}, {"origin/main": MAIN, MAIN: MAIN}])
def test_a_shallow_clone_without_the_named_base_is_an_error_with_the_remedy(
    repository_at: Make,
    tmp_path: Path,
    state: RepositoryState,
    variables: dict[str, str],
    remedy: str,
    commits: dict[str, str],
) -> None:
    shallow = dataclasses.replace(state, shallow=True)

    with pytest.raises(RepositoryProblem) as caught:
        choose_base(repository_at(tmp_path, commits=commits), shallow, variables)

    assert remedy in caught.value.remedy
    assert caught.value.exit_code == 3


def test_a_shallow_clone_without_a_base_that_was_asked_for_is_an_error(
    repository_at: Make, tmp_path: Path, state: RepositoryState
) -> None:
    shallow = dataclasses.replace(state, shallow=True)

    with pytest.raises(RepositoryProblem, match=r"main, named by --base, is not in this shallow"):
        choose_base(repository_at(tmp_path), shallow, {}, asked="main")


@pytest.mark.parametrize("commits", [{}, {"origin/HEAD": HEAD}, {"origin/HEAD": MAIN}])
def test_a_shallow_clone_in_which_no_base_can_be_found_is_an_error(
    repository_at: Make, tmp_path: Path, state: RepositoryState, commits: dict[str, str]
) -> None:
    shallow = dataclasses.replace(state, shallow=True)

    with pytest.raises(RepositoryProblem, match="shallow") as caught:
        choose_base(repository_at(tmp_path, commits=commits), shallow, {})

    assert "git fetch --unshallow" in caught.value.remedy
    assert "--base HEAD" in caught.value.remedy


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"asked": "nope"}, UsageError, "--base nope: there is no such commit"),
        ({"configured": "nope"}, RepositoryProblem, "nope, named by the key"),
        ({"asked": "other"}, RepositoryProblem, "have no common commit here"),
        ({"asked": "--output=/etc/x"}, UsageError, "is not the name of a commit"),
        ({"asked": ""}, UsageError, "is not the name of a commit"),
        ({"configured": "a b"}, UsageError, "is not the name of a commit"),
        ({"asked": "a\x00b"}, UsageError, "is not the name of a commit"),
    ],
)
def test_a_name_that_stands_for_nothing_is_an_error(
    repository_at: Make,
    tmp_path: Path,
    state: RepositoryState,
    options: dict[str, str],
    kind: type[ReleaseGateError],
    message: str,
) -> None:
    with pytest.raises(kind) as caught:
        choose_base(repository_at(tmp_path, commits={"other": MAIN}), state, {}, **options)

    assert message in caught.value.what


def test_a_hostile_name_from_the_ci_is_refused(
    on_topic: Repository, state: RepositoryState
) -> None:
    variables = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "--upload-pack=x"}

    with pytest.raises(UsageError, match="environment of GitLab"):
        choose_base(on_topic, state, variables)
