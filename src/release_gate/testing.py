r"""Helpers for authors of gates: run one gate on a folder and look at its evidence.

evidence = collect(GATE, tmp_path, {"src/app.py": "import os\n"})
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from release_gate.api import AnyGate, Base, Completed, Context, Evidence, FileEntry, Settings
from release_gate.errors import DeadlineExceeded, ToolMissing, ToolProblem
from release_gate.judge.baseline import Baseline
from release_gate.judge.decide import decide
from release_gate.judge.types import Docket, DocketGate, GateResult, PolicyInputs, ToolInfo
from release_gate.model import Budget, Collected, PlannedTool, Problem, Subject
from release_gate.plan.toml_source import TomlSource, read_toml
from release_gate.ports import Deployment


@dataclass(frozen=True, kw_only=True)
class FixedClock:
    """A clock that stands still."""

    moment: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def now(self) -> datetime:
        """Always the same moment."""
        return self.moment

    def monotonic(self) -> float:
        """Always zero."""
        return 0.0


@dataclass(frozen=True, kw_only=True)
class DirectRunner:
    """Runs a program and waits; no process group, no live log."""

    root: Path
    log: Path

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
        """See :meth:`release_gate.ports.Runner.run`."""
        variables = {**os.environ, **(env or {})}
        started = time.monotonic()
        try:
            done = subprocess.run(  # noqa: S603 - a test helper that runs what the gate runs
                [*argv],
                cwd=cwd or self.root,
                env={k: v for k, v in variables.items() if v is not None},
                input=stdin or b"",
                capture_output=True,
                timeout=timeout,
                check=False,
            )
        except FileNotFoundError as error:
            raise ToolMissing(f"{argv[0]} could not be started: {error}") from error
        except subprocess.TimeoutExpired as error:
            raise DeadlineExceeded(f"{argv[0]} took longer than {timeout} s") from error
        with self.log.open("ab") as log:
            log.write(done.stdout + done.stderr)
        for line in (done.stdout + done.stderr).decode(errors="replace").splitlines():
            if on_line:
                on_line(line)
        return Completed(
            argv=tuple(argv),
            exit_code=done.returncode,
            stdout=done.stdout,
            stderr=done.stderr,
            duration_s=time.monotonic() - started,
            log=self.log,
        )


@dataclass(frozen=True, kw_only=True)
class FolderProject:
    """A project made of all files below a folder."""

    root: Path
    name: str = "example"
    files: tuple[FileEntry, ...] = ()
    pyproject: Mapping[str, Any] = field(default_factory=dict)
    source: tuple[str, ...] = ("src",)
    requires_python: str | None = None
    deployment: Deployment | None = None

    def path(self, relative: str) -> Path:
        """Absolute path of a file of the list."""
        return self.root / relative

    def read_bytes(self, relative: str) -> bytes:
        """Content of a file."""
        return (self.root / relative).read_bytes()

    def read_toml(self, relative: str) -> TomlSource:
        """A TOML file."""
        return read_toml(self.root / relative, relative)


@dataclass(frozen=True, kw_only=True)
class ThisToolkit:
    """The interpreter that runs the tests."""

    python: Path = Path(sys.executable)
    python_version: tuple[int, int] = sys.version_info[:2]

    def version(self, distribution: str) -> str | None:
        """Installed version by metadata."""
        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            return None


@dataclass(frozen=True, kw_only=True)
class ThisEnvironment:
    """The interpreter that runs the tests, as the project's environment."""

    executable: Path = Path(sys.executable)

    def python(self) -> Path:
        """The interpreter."""
        return self.executable

    def origin(self) -> str:
        """For people."""
        return "the environment of the tests"


def project(root: Path, files: Mapping[str, str | bytes], **facts: Any) -> FolderProject:
    """Write files below a folder and list everything that lies there.

    Args:
        root: An existing folder.
        files: Content by relative POSIX path.
        facts: Other fields of :class:`FolderProject`; ``pyproject`` is read where there is one.
    """
    for name, content in files.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    if "pyproject" not in facts and (root / "pyproject.toml").is_file():
        import tomllib  # noqa: PLC0415 - only where there is something to read

        facts["pyproject"] = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    listed = sorted(p for p in root.rglob("*") if p.is_file() or p.is_symlink())
    entries = tuple(
        FileEntry(
            path=p.relative_to(root).as_posix(),
            tracked=True,
            size=p.lstat().st_size,
            kind="symlink" if p.is_symlink() else "file",
        )
        for p in listed
        if ".git" not in p.relative_to(root).parts
    )
    return FolderProject(root=root, files=entries, **facts)


def context(the_project: FolderProject, *, base: Base | None = None, **changes: Any) -> Context:
    """A context for one gate on a folder, with the interpreter of the tests."""
    work = Path(tempfile.mkdtemp(prefix="release-gate-test-"))
    (work / "artifacts").mkdir()
    (work / "work").mkdir()
    values: dict[str, Any] = {
        "gate_id": "gate",
        "project": the_project,
        "base": base,
        "runner": DirectRunner(root=the_project.root, log=work / "gate.log"),
        "toolkit": ThisToolkit(),
        "project_environment": ThisEnvironment(),
        "work": work / "work",
        "artifacts": work / "artifacts",
        "progress": lambda _text: None,
        "clock": FixedClock(),
        "environment": dict(os.environ),
        "secret_key": b"a fixed key for tests",
    }
    return Context(**{**values, **changes})


def collect(
    gate: AnyGate,
    root: Path,
    files: Mapping[str, str | bytes],
    settings: Settings | None = None,
    **changes: Any,
) -> Evidence:
    """Run one gate on files written below ``root`` and return its evidence.

    Args:
        gate: The gate.
        root: An existing, empty folder.
        files: Content by relative POSIX path.
        settings: Default: the kind's defaults.
        changes: Fields of :class:`release_gate.api.Context` to replace, and ``deployment``.
    """
    the_project = project(root, files, deployment=changes.pop("deployment", None))
    return gate.collect(context(the_project, **changes), settings or gate.settings())


def judge(
    gate: AnyGate,
    root: Path,
    files: Mapping[str, str | bytes],
    settings: Settings | None = None,
    *,
    baseline: Baseline | None = None,
    budget: Budget | None = None,
    **changes: Any,
) -> GateResult:
    """Run one gate as :func:`collect` does and judge what it saw as a run would.

    Args:
        gate: The gate.
        root: An existing, empty folder.
        files: Content by relative POSIX path.
        settings: Default: the kind's defaults.
        baseline: Accepted findings.
        budget: Allowed new findings; default: none of any severity but ``info``.
        changes: Fields of :class:`release_gate.api.Context` to replace, and ``deployment``.
    """
    the_project = project(root, files, deployment=changes.pop("deployment", None))
    chosen = settings or gate.settings()
    try:
        evidence = gate.collect(context(the_project, **changes), chosen)
        collected = Collected(gate_id=gate.kind, evidence=evidence)
    except ToolProblem as error:
        problem = Problem(what=error.what, remedy=error.remedy, slug=error.slug)
        collected = Collected(gate_id=gate.kind, evidence=None, problem=problem)
    versions = {name: ThisToolkit().version(name) for name in gate.tools}
    planned = DocketGate(
        gate_id=gate.kind,
        kind=gate.kind,
        title=gate.title,
        inapplicable=gate.applies(the_project, chosen),
        budget=budget or Budget(),
        limits=gate.limits(chosen, the_project),
        tools=tuple(PlannedTool(name=n, version=v or "not installed") for n, v in versions.items()),
    )
    docket = Docket(
        gates=(planned,),
        subject=Subject(repository=the_project.name, commit=None, dirty=None, tree=""),
        phase=gate.phase,
        tool=ToolInfo(name="release-gate", version="", python="", platform=""),
    )
    policy = PolicyInputs(effective_time=FixedClock().now(), baseline=baseline)
    return decide(docket, [collected], policy).gates[0]
