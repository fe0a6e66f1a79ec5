from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from release_gate.adapters.git import GitRepository
from release_gate.errors import RepositoryProblem
from release_gate.model import BaseRef
from release_gate.ports import FileEntry
from unit.adapters.repo import Repo

pytestmark = pytest.mark.unit

posix = pytest.mark.skipif(sys.platform == "win32", reason="names and files that Windows has not")


def listed(root: Path, environment: dict[str, str]) -> dict[str, FileEntry]:
    return {one.path: one for one in GitRepository(root, environment).files()}


def blob(content: bytes) -> str:
    done = subprocess.run(
        ["git", "hash-object", "--no-filters", "--stdin"],
        input=content,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


def base(repo: Repo, environment: dict[str, str], ref: str = "HEAD") -> Any:
    repository = GitRepository(repo.root, environment)
    commit = repository.resolve(ref)
    assert commit is not None
    return repository.base(BaseRef(ref=ref, commit=commit))


# --- where there is no git


def test_without_a_repository_there_is_no_state(tmp_path: Path, environment: Any) -> None:
    repository = GitRepository(tmp_path, environment)
    assert [
        repository.state(),
        repository.resolve("HEAD"),
        repository.merge_base("main"),
    ] == [None, None, None]


def test_a_repository_without_git_installed_is_an_error(repo: Repo) -> None:
    repo.write("a.py")
    repo.commit()
    with pytest.raises(RepositoryProblem, match="git is not on PATH"):
        GitRepository(repo.root, {"PATH": "/nowhere"}).state()


def test_a_folder_without_git_installed_and_without_a_repository_is_walked(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    repository = GitRepository(tmp_path, {"PATH": "/nowhere"})
    assert repository.state() is None
    assert [one.path for one in repository.files()] == ["a.py"]


def test_a_git_that_lies_in_the_project_is_not_run(repo: Repo) -> None:
    repo.write("git", "#!/bin/sh\ntouch ran\n")
    (repo.root / "git").chmod(0o755)
    with pytest.raises(RepositoryProblem, match="git is not on PATH"):
        GitRepository(repo.root, {"PATH": f".{os.pathsep}{os.pathsep}bin"}).state()
    assert not (repo.root / "ran").exists()


def test_a_folder_that_the_repository_around_it_ignores_is_in_none(
    repo: Repo, environment: Any
) -> None:
    repo.write(".gitignore", "scratch/\n")
    repo.write("scratch/a.py")
    repo.commit()
    repository = GitRepository(repo.root / "scratch", environment)
    assert repository.state() is None
    assert [one.path for one in repository.files()] == ["a.py"]


def test_the_walk_leaves_out_caches_environments_and_build_output(
    tmp_path: Path, environment: Any
) -> None:
    kept = ["a.py", "src/build/b.py", "src/c.py", ".hidden"]
    left = [
        ".git/config.d/x",
        "__pycache__/a.pyc",
        "src/__pycache__/c.pyc",
        ".venv/x.py",
        "node_modules/x/y.js",
        "build/x.py",
        "dist/x.whl",
        ".mypy_cache/x",
    ]
    for name in [*kept, *left]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x\n")
    shutil.rmtree(tmp_path / ".git")
    for name, content in {
        "env/pyvenv.cfg": "",
        "env/x.py": "",
        "out/.gitignore": "# by a tool\n*\n",
        "out/x.py": "",
        "cache/CACHEDIR.TAG": "",
        "half/.gitignore": "*.pyc\n",
        "half/kept.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    found = listed(tmp_path, environment)
    assert sorted([*kept, "half/.gitignore", "half/kept.py"]) == list(found)
    assert not any(one.tracked for one in found.values())
    assert blob(b"x\n") == found["a.py"].blob


def test_a_root_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RepositoryProblem, match="cannot be listed"):
        GitRepository(tmp_path / "nowhere", {"PATH": ""}).files()


# --- state


def test_before_the_first_commit(repo: Repo, environment: Any) -> None:
    repo.write("a.py")
    repository = GitRepository(repo.root, environment)
    state = repository.state()
    assert state is not None
    assert (
        state.commit,
        state.committed_at,
        state.branch,
        state.dirty,
        state.shallow,
    ) == (None, None, "main", True, False)
    assert repository.resolve("HEAD") is None
    assert repository.merge_base("HEAD") is None
    assert [one.path for one in repository.files()] == ["a.py"]


def test_a_clean_commit(repo: Repo, environment: Any) -> None:
    repo.write("a.py")
    commit = repo.commit()
    repository = GitRepository(repo.root, environment)
    state = repository.state()
    assert state is not None
    assert (commit, False, "main") == (state.commit, state.dirty, state.branch)
    assert state.committed_at is not None
    assert state.committed_at.tzinfo is not None
    repo.git("checkout", "--quiet", "--detach")
    detached = repository.state()
    assert detached is not None
    assert detached.branch is None


@pytest.mark.parametrize("change", ["modified", "untracked", "deleted", "staged"])
def test_dirty_in_each_way(repo: Repo, environment: Any, change: str) -> None:
    repo.write("sub/a.py")
    repo.write("other/a.py")
    repo.commit()
    repo.git("config", "status.showUntrackedFiles", "no")
    if change == "deleted":
        (repo.root / "sub/a.py").unlink()
    else:
        repo.write("sub/b.py" if change == "untracked" else "sub/a.py", "y\n")
    if change == "staged":
        repo.git("add", "--all")
    states = [GitRepository(repo.root / one, environment).state() for one in ("sub", "other")]
    assert [one is not None and one.dirty for one in states] == [True, False]


def test_ignored_files_do_not_make_dirty(repo: Repo, environment: Any) -> None:
    repo.write(".gitignore", "*.log\n")
    repo.commit()
    repo.write("x.log")
    state = GitRepository(repo.root, environment).state()
    assert state is not None
    assert not state.dirty


def test_a_shallow_clone_says_so(repo: Repo, environment: Any, tmp_path: Path) -> None:
    first = repo.commit()
    repo.commit()
    repo.git("clone", "--quiet", "--depth", "1", repo.root.as_uri(), str(tmp_path / "clone"))
    repository = GitRepository(tmp_path / "clone", environment)
    state = repository.state()
    assert state is not None
    assert state.shallow
    assert (repository.resolve("HEAD^"), repository.resolve(first)) == (None, None)


def test_a_broken_repository_is_an_error_and_not_none(repo: Repo, environment: Any) -> None:
    repo.write("a.py")
    repo.commit()
    (repo.root / ".git" / "HEAD").write_text("rubbish")
    with pytest.raises(RepositoryProblem, match="not a git repository"):
        GitRepository(repo.root, environment).state()
    with pytest.raises(RepositoryProblem):
        GitRepository(repo.root, environment).files()


def test_a_head_whose_commit_is_missing_is_an_error(repo: Repo, environment: Any) -> None:
    commit = repo.commit()
    (repo.root / ".git" / "objects" / commit[:2] / commit[2:]).unlink()
    with pytest.raises(RepositoryProblem) as caught:
        GitRepository(repo.root, environment).state()
    assert "git fsck" in caught.value.remedy


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away"
)
def test_a_repository_of_someone_else_has_a_remedy(
    repo: Repo, environment: dict[str, str], tmp_path: Path
) -> None:
    repo.commit()
    for place in (repo.root, repo.root / ".git"):
        os.chown(place, 12345, 12345)
    environment["GIT_CONFIG_GLOBAL"] = str(tmp_path / "none")
    environment.pop("SUDO_UID", None)
    with pytest.raises(RepositoryProblem, match="refuses") as caught:
        GitRepository(repo.root, environment).state()
    assert "safe.directory" in caught.value.remedy


# --- the file list


def test_tracked_and_untracked_but_not_ignored(repo: Repo, environment: Any) -> None:
    repo.write(".gitignore", "*.log\n")
    repo.write("src/a.py", "print(1)\n")
    repo.commit()
    repo.write("src/b.py", "print(2)\n")
    repo.write("x.log")
    found = listed(repo.root, environment)
    assert list(found) == [".gitignore", "src/a.py", "src/b.py"]
    assert (found["src/a.py"].tracked, found["src/b.py"].tracked) == (True, False)
    assert (9, blob(b"print(2)\n")) == (found["src/b.py"].size, found["src/b.py"].blob)


def test_the_list_is_limited_to_the_root(repo: Repo, environment: Any) -> None:
    repo.write("service/a.py")
    repo.write("other/b.py")
    repo.commit()
    repo.write("service/c.py")
    assert list(listed(repo.root / "service", environment)) == ["a.py", "c.py"]


@posix
def test_odd_names(repo: Repo, environment: Any) -> None:
    names = [b"with space.py", b'quo"te.py', b"new\nline.py", "grün.py".encode(), b"by\xfftes.py"]
    for name in names:
        repo.write(name)
    repo.commit()
    repo.write(b"un\ntracked\xfe.py")
    found = listed(repo.root, environment)
    expected = [name.decode("utf-8", "surrogateescape") for name in names]
    assert sorted([*expected, "un\ntracked\udcfe.py"]) == list(found)
    assert {blob(b"x\n")} == {one.blob for one in found.values()}


@posix
def test_links_are_entries_and_not_followed(repo: Repo, environment: Any, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.py").write_text("x")
    repo.write("a/b.py")
    (repo.root / "loop").symlink_to("loop")
    (repo.root / "up").symlink_to("..")
    (repo.root / "file").symlink_to("a/b.py")
    repo.commit()
    shutil.rmtree(repo.root / "a")
    (repo.root / "a").symlink_to(tmp_path / "outside")
    found = listed(repo.root, environment)
    assert {name: one.kind for name, one in found.items()} == {
        "a": "symlink",
        "file": "symlink",
        "loop": "symlink",
        "up": "symlink",
    }
    assert blob(b"loop") == found["loop"].blob


@posix
def test_the_walk_follows_no_links_either(tmp_path: Path) -> None:
    (tmp_path / "up").symlink_to(".")
    found = listed(tmp_path, {"PATH": ""})
    assert list(found) == ["up"]


def test_what_is_deleted_on_disk_is_left_out(repo: Repo, environment: Any) -> None:
    repo.write("a.py")
    repo.write("b.py")
    repo.write("c/d.py")
    repo.commit()
    (repo.root / "a.py").unlink()
    (repo.root / "b.py").unlink()
    repo.write("b.py/now/a/folder.py")
    shutil.rmtree(repo.root / "c")
    repo.write("c")
    assert list(listed(repo.root, environment)) == ["b.py/now/a/folder.py", "c"]


def test_a_sparse_checkout_that_hides_tracked_files_is_an_error(
    repo: Repo, environment: Any
) -> None:
    repo.write("a/x.py")
    repo.write("b/x.py")
    repo.commit()
    repo.git("sparse-checkout", "set", "--cone", "a")
    with pytest.raises(RepositoryProblem, match=r"b/x\.py is tracked and left out") as caught:
        listed(repo.root, environment)
    assert "git sparse-checkout disable" in caught.value.remedy


def test_submodules_and_repositories_inside_are_not_entered(
    repo: Repo, environment: Any, tmp_path: Path
) -> None:
    shutil.copytree(repo.root, tmp_path / "library")
    library = Repo(tmp_path / "library")
    library.write("inner.py")
    commit = library.commit()
    repo.git("submodule", "--quiet", "add", library.root.as_uri(), "vendor/library")
    repo.commit()
    nested = repo.root / "nested"
    nested.mkdir()
    Repo(nested).write("deep.py")
    found = listed(repo.root, environment)
    assert list(found) == [".gitmodules", "nested", "vendor/library"]
    assert ("submodule", True, commit) == (
        found["vendor/library"].kind,
        found["vendor/library"].tracked,
        found["vendor/library"].blob,
    )
    assert (
        found["nested"].kind,
        found["nested"].tracked,
        found["nested"].blob,
    ) == ("submodule", False, "")


@posix
def test_what_is_no_file_is_named_and_not_opened(repo: Repo, environment: Any) -> None:
    repo.write("a.py")
    repo.commit()
    (repo.root / "a.py").unlink()
    os.mkfifo(repo.root / "a.py")
    assert (
        listed(repo.root, environment)["a.py"].kind,
        listed(repo.root, environment)["a.py"].blob,
    ) == ("other", "")


@posix
def test_the_walk_names_what_is_no_file(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        assert listed(tmp_path, {"PATH": ""})["socket"].kind == "other"


def test_ids_are_of_the_bytes_on_disk(repo: Repo, environment: Any) -> None:
    repo.write(".gitattributes", "*.py text eol=crlf\n")
    repo.write("a.py", b"one\r\ntwo\r\n")
    repo.commit()
    stored = repo.git("rev-parse", "HEAD:a.py")
    found = listed(repo.root, environment)["a.py"]
    assert blob(b"one\r\ntwo\r\n") == found.blob != stored


def test_a_large_file_has_gits_id(repo: Repo, environment: Any) -> None:
    content = b"0123456789abcdef" * 200_000
    repo.write("large.bin", content)
    repo.commit()
    found = listed(repo.root, environment)["large.bin"]
    assert (repo.git("rev-parse", "HEAD:large.bin"), len(content)) == (found.blob, found.size)


def test_a_repository_with_the_other_hash(tmp_path: Path, environment: Any) -> None:
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.invalid"]
    subprocess.run([*git, "init", "-q", "--object-format=sha256", "."], cwd=tmp_path, check=True)
    (tmp_path / "a.py").write_text("x\n")
    subprocess.run([*git, "add", "-A"], cwd=tmp_path, check=True)
    staged = subprocess.run(
        [*git, "rev-parse", ":a.py"], cwd=tmp_path, check=True, capture_output=True
    )
    assert staged.stdout.decode().strip() == listed(tmp_path, environment)["a.py"].blob


def test_a_file_in_conflict_stands_once(repo: Repo, environment: Any) -> None:
    repo.write("a.py", "one\n")
    repo.commit()
    repo.git("checkout", "--quiet", "-b", "side")
    repo.write("a.py", "two\n")
    repo.commit()
    repo.git("checkout", "--quiet", "main")
    repo.write("a.py", "three\n")
    repo.commit()
    with pytest.raises(AssertionError):
        repo.git("merge", "side")
    assert list(listed(repo.root, environment)) == ["a.py"]
    assert {"a.py"} == set(base(repo, environment).changed_lines())


def test_what_python_writes_is_no_part_of_the_project(repo: Repo, environment: Any) -> None:
    repo.write("src/a.py")
    repo.write("kept/__pycache__/tracked.py")
    repo.commit()
    repo.write("src/__pycache__/a.pyc")
    repo.write("src/orders.egg-info/PKG-INFO")
    assert list(listed(repo.root, environment)) == ["kept/__pycache__/tracked.py", "src/a.py"]


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
def test_a_folder_that_cannot_be_listed_is_an_error(repo: Repo, environment: Any) -> None:
    repo.write("closed/a.py")
    (repo.root / "closed").chmod(0)
    try:
        with pytest.raises(RepositoryProblem, match="closed"):
            listed(repo.root, environment)
    finally:
        (repo.root / "closed").chmod(0o755)


def test_a_folder_that_git_could_not_open_is_an_error(
    repo: Repo, environment: dict[str, str], tmp_path: Path
) -> None:
    real = shutil.which("git")
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(
        f'#!/bin/sh\ncase "$*" in *--others*) echo "warning: could not open directory \'shut/\': '
        f'Permission denied" >&2 ;; esac\nexec {real} "$@"\n'
    )
    fake.chmod(0o755)
    environment["PATH"] = f"{fake.parent}{os.pathsep}{environment['PATH']}"
    with pytest.raises(RepositoryProblem, match="the folder shut/ cannot be listed"):
        listed(repo.root, environment)


def test_variables_of_a_hook_do_not_lead_elsewhere(
    repo: Repo, environment: dict[str, str], tmp_path: Path
) -> None:
    repo.write("a.py")
    repo.commit()
    environment |= {"GIT_DIR": str(tmp_path), "GIT_INDEX_FILE": str(tmp_path / "none")}
    assert list(listed(repo.root, environment)) == ["a.py"]


def test_nothing_that_the_repository_names_is_run(
    repo: Repo, environment: Any, tmp_path: Path
) -> None:
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    evil.chmod(0o755)
    repo.write("a.py")
    repo.commit()
    repo.write("a.py", "y\n")
    repo.write(".gitattributes", "*.py diff=evil\n")
    for key in ("core.fsmonitor", "diff.external", "diff.evil.textconv", "diff.evil.command"):
        repo.git("config", key, str(evil))
    repository = GitRepository(repo.root, environment)
    repository.state()
    repository.files()
    assert {".gitattributes", "a.py"} == set(base(repo, environment).changed_lines())
    assert not (tmp_path / "ran").exists()


def test_reading_leaves_no_trace_in_the_repository(repo: Repo, environment: Any) -> None:
    repo.write("a.py")
    repo.commit()
    os.utime(repo.root / "a.py", (1, 1))
    index = (repo.root / ".git" / "index").read_bytes()
    GitRepository(repo.root, environment).state()
    assert index == (repo.root / ".git" / "index").read_bytes()


# --- commits


def test_names_of_commits(repo: Repo, environment: Any) -> None:
    first = repo.commit()
    repo.git("tag", "--annotate", "v1", "--message", "one")
    second = repo.commit()
    repository = GitRepository(repo.root, environment)
    assert [first, first, second, None, None, None, None] == [
        repository.resolve(one)
        for one in ("v1", "HEAD^", "main", "nowhere", "--help", "HEAD:", "a\0b")
    ]


def test_the_merge_base(repo: Repo, environment: Any) -> None:
    fork = repo.commit()
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit("on the side")
    repo.git("checkout", "--quiet", "main")
    repo.commit("on main")
    repository = GitRepository(repo.root, environment)
    assert (fork, None) == (repository.merge_base("side"), repository.merge_base("nowhere"))
    repo.git("checkout", "--quiet", "--orphan", "apart")
    repo.commit("apart")
    assert repository.merge_base("main") is None


# --- the base


def test_lines_that_differ_from_the_base(repo: Repo, environment: Any) -> None:
    repo.write("a.py", "1\n2\n3\n4\n")
    repo.write("same.py")
    repo.write("gone.py")
    repo.write("shorter.py", "1\n2\n3\n")
    repo.write("committed.py", "1\n")
    first = repo.commit()
    repo.write("committed.py", "1\n2\n")
    repo.commit()
    repo.write("a.py", "1\nnew\n3\n4\nend")
    repo.write("shorter.py", "1\n3\n")
    repo.write("staged.py", "1\n2\n")
    repo.git("add", "staged.py")
    repo.write("untracked.py", "1\r\n2\n3")
    (repo.root / "gone.py").unlink()
    made = base(repo, environment, first)
    assert {
        "a.py": frozenset({2, 5}),
        "committed.py": frozenset({2}),
        "shorter.py": frozenset(),
        "staged.py": frozenset({1, 2}),
        "untracked.py": frozenset({1, 2, 3}),
    } == made.changed_lines()
    assert made.deleted() == ("gone.py",)
    assert [
        made.read(one) for one in ("a.py", "same.py", "gone.py", "untracked.py", "nowhere.py")
    ] == [b"1\n2\n3\n4\n", b"x\n", b"x\n", None, None]


def test_a_renamed_file_is_read_under_its_old_name(repo: Repo, environment: Any) -> None:
    content = "".join(f"line {n}\n" for n in range(40))
    repo.write("old.py", content)
    repo.write("moved.py", content * 2)
    first = repo.commit()
    repo.git("mv", "old.py", "new.py")
    repo.git("mv", "moved.py", "there.py")
    repo.write("new.py", content + "more\n")
    made = base(repo, environment, first)
    assert {"new.py": frozenset({41}), "there.py": frozenset()} == made.changed_lines()
    assert made.renames() == {"new.py": "old.py", "there.py": "moved.py"}
    assert ("old.py", content.encode()) == (made.old_path("new.py"), made.read("new.py"))
    assert made.deleted() == ()


@posix
def test_differences_in_files_with_odd_names(repo: Repo, environment: Any) -> None:
    names = [b"with space.py", b'quo"te\ttab.py', b"new\nline.py", b"by\xfftes.py"]
    for name in names:
        repo.write(name)
    first = repo.commit()
    for name in names:
        repo.write(name, "x\ny\n")
    made = base(repo, environment, first)
    decoded = [name.decode("utf-8", "surrogateescape") for name in names]
    assert {name: frozenset({2}) for name in decoded} == made.changed_lines()
    assert [made.read(name) for name in decoded] == [b"x\n"] * 4


def test_differences_are_limited_to_the_root(repo: Repo, environment: Any) -> None:
    repo.write("service/a.py")
    repo.write("other/b.py")
    first = repo.commit()
    repo.write("service/a.py", "y\n")
    repo.write("other/b.py", "y\n")
    repo.write("service/c.py", "y\n")
    made = GitRepository(repo.root / "service", environment).base(BaseRef(ref="x", commit=first))
    assert {"a.py": frozenset({1}), "c.py": frozenset({1})} == made.changed_lines()
    assert (made.read("a.py"), made.read("b.py"), made.read("other/b.py")) == (b"x\n", None, None)


@posix
def test_binary_files_links_and_modes_have_no_lines_but_differ(
    repo: Repo, environment: Any
) -> None:
    repo.write("data.bin", b"\0\1\2")
    repo.write("run.sh", "x\n")
    repo.write("was.py", "x\n")
    first = repo.commit()
    repo.write("data.bin", b"\0\1\3")
    (repo.root / "run.sh").chmod(0o755)
    (repo.root / "was.py").unlink()
    (repo.root / "was.py").symlink_to("run.sh")
    (repo.root / "untracked").symlink_to("/etc/passwd")
    made = base(repo, environment, first)
    assert {
        "data.bin": frozenset(),
        "run.sh": frozenset(),
        "untracked": frozenset(),
        "was.py": frozenset({1}),
    } == made.changed_lines()
    assert made.read("data.bin") == b"\0\1\2"


def test_settings_of_the_user_do_not_change_the_differences(repo: Repo, environment: Any) -> None:
    repo.write("a.py", "1\n2\n3\n4\n5\n6\n")
    first = repo.commit()
    repo.write("a.py", "1\nx\n3\n4\nx\n6\n")
    for key, value in {
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "diff.context": "9",
        "diff.interHunkContext": "9",
        "diff.wordRegex": ".",
        "color.ui": "always",
        "core.quotePath": "true",
        "diff.submodule": "log",
        "diff.renames": "false",
    }.items():
        repo.git("config", key, value)
    assert {"a.py": frozenset({2, 5})} == base(repo, environment, first).changed_lines()


def test_line_endings_that_git_mends_are_no_difference(repo: Repo, environment: Any) -> None:
    repo.write(".gitattributes", "*.py text eol=crlf\n")
    repo.write("a.py", b"one\r\ntwo\r\n")
    first = repo.commit()
    repo.write("a.py", b"one\r\nthree\r\n")
    assert {"a.py": frozenset({2})} == base(repo, environment, first).changed_lines()


def test_a_file_that_goes_away_meanwhile_has_no_lines(
    repo: Repo, environment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit()
    repo.write("untracked.py")
    made = base(repo, environment)
    assert made.ref.ref == "HEAD"

    def gone(_: Path) -> bytes:
        raise FileNotFoundError(2, "x")

    monkeypatch.setattr("release_gate.adapters.git.read_file", gone)
    assert made.changed_lines() == {"untracked.py": frozenset()}


def test_a_submodule_has_no_content_at_the_base(
    repo: Repo, environment: Any, tmp_path: Path
) -> None:
    shutil.copytree(repo.root, tmp_path / "library")
    Repo(tmp_path / "library").commit()
    repo.git("submodule", "--quiet", "add", (tmp_path / "library").as_uri(), "library")
    repo.commit()
    made = base(repo, environment)
    assert (made.old_path("library"), made.read("library")) == (None, None)


def test_an_answer_that_is_neither_yes_nor_no_is_an_error(
    repo: Repo, environment: dict[str, str], tmp_path: Path
) -> None:
    commit = repo.commit()
    real = shutil.which("git")
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\ncase "$*" in *merge-base*) exit 128 ;; esac\nexec {real} "$@"\n')
    fake.chmod(0o755)
    environment["PATH"] = f"{fake.parent}{os.pathsep}{environment['PATH']}"
    with pytest.raises(RepositoryProblem, match="git merge-base failed: exit 128"):
        GitRepository(repo.root, environment).merge_base(commit)


def test_a_base_without_a_commit_is_refused(repo: Repo, environment: Any) -> None:
    with pytest.raises(RepositoryProblem, match="a commit"):
        GitRepository(repo.root, environment).base(BaseRef(ref="main", commit=None))


def test_a_base_whose_objects_are_missing_is_an_error(repo: Repo, environment: Any) -> None:
    repo.write("a.py", "only here\n")
    first = repo.commit()
    made = base(repo, environment, first)
    assert made.old_path("a.py") == "a.py"
    stored = repo.git("rev-parse", "HEAD:a.py")
    (repo.root / ".git" / "objects" / stored[:2] / stored[2:]).unlink()
    with pytest.raises(RepositoryProblem, match="cannot read the object"):
        made.read("a.py")
    gone = GitRepository(repo.root, environment).base(BaseRef(ref="x", commit="0" * 40))
    with pytest.raises(RepositoryProblem, match="git diff failed"):
        gone.changed_lines()


def test_a_base_that_was_closed_can_be_read_again(repo: Repo, environment: Any) -> None:
    repo.write("a.py", "one\n")
    repo.write("empty.py", "")
    first = repo.commit()
    made = base(repo, environment, first)
    assert made.read("a.py") == b"one\n"
    made.close()
    assert [made.read("empty.py"), made.read("a.py")] == [b"", b"one\n"]
    made.close()


def test_what_python_writes_beside_the_source_makes_no_tree_dirty(repo: Repo) -> None:
    repo.write("a.py")
    repo.commit()
    repo.write("src/thing.egg-info/PKG-INFO")
    state = GitRepository(repo.root, dict(os.environ)).state()
    assert state is not None
    assert state.dirty is False
    repo.write("src/other.txt")
    again = GitRepository(repo.root, dict(os.environ)).state()
    assert again is not None
    assert again.dirty is True


def test_text_that_a_change_calls_binary_has_its_lines_all_the_same(
    repo: Repo, environment: dict[str, str]
) -> None:
    repo.write("a.py", "x = 1\n")
    first = repo.commit()
    repo.write(".gitattributes", "*.py -diff\n")
    repo.write("a.py", "x = 1\ny = 2\n")
    repo.commit()

    assert base(repo, environment, first).changed_lines()["a.py"] == frozenset({2})
