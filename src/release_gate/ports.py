"""What release-gate needs of the outside world, as protocols of few methods.

:mod:`release_gate.adapters` implements them; tests bring their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from release_gate.model import BaseRef
from release_gate.policy import Author


class Clock(Protocol):
    """Wall clock and stopwatch."""

    def now(self) -> datetime:
        """The present, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds since some fixed point; never runs backwards."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Completed:
    """A child process that ended by itself.

    Args:
        argv: What was run.
        exit_code: Raw exit code; negative for a signal on POSIX.
        stdout: All of standard output.
        stderr: All of standard error.
        duration_s: Seconds by the monotonic clock.
        log: Where both streams were written as well.
    """

    argv: tuple[str, ...]
    exit_code: int
    stdout: bytes
    stderr: bytes
    duration_s: float
    log: Path


class Runner(Protocol):
    """Starts other programs for one gate: own process group, deadline, log, cancellation."""

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        timeout: float | None = None,
        stdin: bytes | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> Completed:
        """Run a program to its end, without a shell.

        Args:
            argv: Program and arguments.
            cwd: Working folder; default: the project's root.
            env: Changes to the environment; ``None`` takes a variable away.
            timeout: Seconds, on top of the gate's own deadline.
            stdin: Bytes for standard input; default: closed.
            on_line: Called with each line of either stream as it comes, from another thread.

        Raises:
            ToolMissing: If the program cannot be started.
            DeadlineExceeded: If it had to be ended.
            Interrupted: If the whole run is being ended.
            ToolProblem: If its output exceeds what can be held.
        """


CHANNEL = "RELEASE_GATE_CHANNEL"
"""Variable that tells a hosted child where its evidence goes: ``fd:NUMBER`` or ``file:PATH``."""


class HostRunner(Protocol):
    """Starts the child process that a foreign gate runs in; every runner of a gate is one."""

    def run_with_channel(
        self,
        argv: Sequence[str],
        payload: bytes,
        *,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        timeout: float | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> tuple[Completed, bytes]:
        """Run a program that answers on a channel of its own, apart from its output.

        The child finds the channel in the variable :data:`CHANNEL`: ``fd:NUMBER`` is a
        descriptor open for writing (POSIX; keep it from grandchildren with
        ``os.set_inheritable``), ``file:PATH`` an empty file to write to (Windows).

        Args:
            argv: Program and arguments.
            payload: Bytes for standard input.
            cwd: Working folder; default: the project's root.
            env: Changes to the environment; ``None`` takes a variable away.
            timeout: Seconds, on top of the gate's own deadline.
            on_line: Called with each line of either output stream.

        Returns:
            What :meth:`Runner.run` returns, and all bytes that came through the channel.

        Raises:
            ToolMissing, DeadlineExceeded, Interrupted, ToolProblem: As :meth:`Runner.run`.
        """


FileKind = Literal["file", "symlink", "submodule", "other"]


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class FileEntry:
    """One entry of the file list, taken once before anything runs.

    Args:
        path: POSIX path relative to the root; bytes that are not UTF-8 are surrogate-escaped.
        tracked: Whether git tracks it (``False`` without git).
        size: Bytes at the time of the listing.
        kind: What it is, without following links.
        blob: Git's object id of its content as it lies on disk; empty if it cannot be read.
    """

    path: str
    tracked: bool
    size: int
    kind: FileKind = "file"
    blob: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """The environment that was chosen: where the release runs, and what may be done to it.

    Args:
        name: As configured.
        target: Base URL of the service; ``None`` where nothing says.
        production: Whether checks that write need ``allow_writes``.
        allow_writes: Whether they may.
        hosts: Names, addresses and networks that may be asked besides the target's own host.
        ca_file: Certificates that are trusted besides the public ones; relative to the root.
        proxy: Address of an HTTP proxy.
    """

    name: str
    target: str | None = None
    production: bool = False
    allow_writes: bool = False
    hosts: tuple[str, ...] = ()
    ca_file: str | None = None
    proxy: str | None = None


T = TypeVar("T")


class TomlFile(Protocol):
    """A TOML file of the project, with a line for every complaint."""

    @property
    def values(self) -> Mapping[str, Any]:
        """Its content."""

    def decode(self, kind: type[T]) -> T:
        """Its content as a settings type.

        Raises:
            ConfigError: If a key is unknown or a value is not allowed.
        """

    def error(self, what: str, *, remedy: str = "") -> Exception:
        """A configuration error at the key that the message begins with (``check[2].needs``)."""


class Project(Protocol):
    """The user's project as seen once, before anything runs."""

    @property
    def root(self) -> Path:
        """Absolute path of the folder of the configuration file."""

    @property
    def name(self) -> str:
        """Name for people."""

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """Tracked and untracked, not ignored; sorted by path."""

    @property
    def pyproject(self) -> Mapping[str, Any]:
        """The parsed ``pyproject.toml``; empty where there is none."""

    @property
    def source(self) -> tuple[str, ...]:
        """Folders or files that ship, relative to the root; as configured or detected."""

    @property
    def requires_python(self) -> str | None:
        """The project's own ``requires-python``."""

    @property
    def deployment(self) -> Deployment | None:
        """The chosen environment; ``None`` if none was."""

    def path(self, relative: str) -> Path:
        """Absolute path of a file of the list."""

    def read_bytes(self, relative: str) -> bytes:
        """Content of a file.

        Raises:
            FileNotFoundError: If it went away since the listing.
        """

    def read_toml(self, relative: str) -> TomlFile:
        """A TOML file.

        Raises:
            ConfigError: If it is not there or cannot be read.
        """


class Base(Protocol):
    """The commit that differences are taken against."""

    @property
    def ref(self) -> BaseRef:
        """Its name and object id."""

    def read(self, relative: str) -> bytes | None:
        """Content of a file at the base, under its old name if git sees a rename; or ``None``."""

    def changed_lines(self) -> Mapping[str, frozenset[int]]:
        """For each file of the head that differs: the one-based lines that are new or changed."""

    def old_path(self, relative: str) -> str | None:
        """Its name at the base; ``None`` if it was not there."""


class Snapshot(Protocol):
    """The files of one commit, limited to the root."""

    @property
    def commit(self) -> str:
        """Full object id."""

    def read(self, relative: str) -> bytes | None:
        """Content of a file under this very name, renames aside; ``None`` if it is not there."""

    def files(self) -> tuple[FileEntry, ...]:
        """All files, sorted by path; sizes are not known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RepositoryState:
    """What git says of the checkout.

    Args:
        commit: Full object id of HEAD; ``None`` before the first commit.
        dirty: Whether anything below the root differs from HEAD, untracked files included.
        branch: Short name; ``None`` when detached.
        shallow: Whether history is cut off.
        committed_at: Commit time of HEAD, aware; ``None`` before the first commit.
    """

    commit: str | None
    dirty: bool
    branch: str | None
    shallow: bool
    committed_at: datetime | None


class Repository(Protocol):
    """The version control around the root; every answer is limited to the root."""

    def state(self) -> RepositoryState | None:
        """``None`` where the root is in no git work tree."""

    def files(self) -> tuple[FileEntry, ...]:
        """The file list: tracked and untracked, not ignored; a walk where there is no git."""

    def resolve(self, ref: str) -> str | None:
        """Object id of the commit that a name stands for; ``None`` if there is none."""

    def merge_base(self, ref: str) -> str | None:
        """Best common ancestor of HEAD and ``ref``; ``None`` if there is none."""

    def base(self, ref: BaseRef) -> Base:
        """Differences against a resolved commit."""

    def snapshot(self, commit: str) -> Snapshot:
        """The files of a resolved commit."""


LineAuthors = tuple[Author | None, ...]
"""Author of each line of a file; ``None`` where nobody can say."""


class Authorship(Protocol):
    """Who wrote what, as the version control tells."""

    def line_authors(self, relative: str, commit: str | None = None) -> LineAuthors | None:
        """Author of each line of a file; ``None`` without version control.

        Args:
            relative: The file.
            commit: The commit to look at; ``None``: the file as it lies there, where lines that
                are not committed are by whoever works here.
        """

    def present_author(self) -> Author | None:
        """Who would be the author of a commit made now; ``None`` if nobody knows."""

    def authors_since(self, commit: str | None) -> frozenset[str]:
        """Addresses of all who wrote what is judged.

        Args:
            commit: Where the change begins, itself not counted; ``None``: the last commit alone.
        """


SignatureCheck = Callable[[bytes, str, str], str]
"""``check(payload, signature, who)``: why it does not prove that ``who`` wrote it, or nothing."""


class ProjectEnvironment(Protocol):
    """The Python environment with the user's project and its dependencies."""

    def python(self) -> Path:
        """Its interpreter; found or, on first use, built.

        Raises:
            ProjectEnvironmentProblem: If there is none and none can be built.
        """

    def origin(self) -> str:
        """How it was or would be found, for people; builds nothing."""


class Toolkit(Protocol):
    """The Python environment in which release-gate and the scanners are installed."""

    @property
    def python(self) -> Path:
        """Its interpreter."""

    @property
    def python_version(self) -> tuple[int, int]:
        """Major and minor."""

    def version(self, distribution: str) -> str | None:
        """Installed version of a distribution, by its metadata; ``None`` if it is not there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What ``collect`` gets to work with.

    Args:
        gate_id: Id under which the gate is configured.
        project: The project, with the plan's file list.
        base: ``None`` where base features are not available.
        runner: Bound to this gate's log and deadline.
        toolkit: Where the scanners are.
        project_environment: Where tests, migrations and import resolution happen.
        work: An empty folder outside the project; removed after the run.
        artifacts: Folder for files left for people; ``artifacts/GATE/`` of the output folder.
        progress: Shows a short text on the gate's live line; thread-safe.
        clock: Injected.
        environment: The process environment as injected; never ``os.environ``.
        secret_key: Key for hashes that identify secrets.
        paths: The files that ``--path`` narrows the run to; empty: all.
        hide: Takes a value that must appear in no log from now on.
        stopping: Whether the run is being ended: nothing new is to be begun.
    """

    gate_id: str
    project: Project
    base: Base | None
    runner: Runner
    toolkit: Toolkit
    project_environment: ProjectEnvironment
    work: Path
    artifacts: Path
    progress: Callable[[str], None]
    clock: Clock
    environment: Mapping[str, str]
    secret_key: bytes
    paths: tuple[str, ...] = ()
    hide: Callable[[str], None] = lambda _secret: None
    stopping: Callable[[], bool] = lambda: False

    @property
    def deployment(self) -> Deployment | None:
        """The chosen environment; ``None`` if none was."""
        return self.project.deployment
