"""What the project environment holds, asked of itself before anything is run in it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

import msgspec

from release_gate.errors import ToolProblem
from release_gate.ports import Context

WORKER = Path(__file__).with_name("worker_probe.py")


class _Importable(msgspec.Struct, frozen=True, kw_only=True):
    coverage: bool
    pytest: bool


class _Versions(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    coverage: str | None
    pytest: str | None
    pytest_cov: str | None
    pytest_xdist: str | None


class _Facts(msgspec.Struct, frozen=True, kw_only=True):
    python: tuple[int, int, int]
    implementation: str
    prefix: str
    importable: _Importable
    versions: _Versions


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """The project environment, as far as a test run needs to know it.

    Args:
        python: Its interpreter.
        python_version: Major and minor.
        prefix: Its folder.
        pytest: Version of pytest there; ``None``: not there.
        pytest_cov: Version of the plug-in that would measure a second time.
        coverage: Version of coverage that will be used.
        lent: Folder with the toolkit's coverage where the environment has none of its own.
    """

    python: Path
    python_version: tuple[int, int]
    prefix: Path
    pytest: str | None
    pytest_cov: str | None
    coverage: str
    lent: Path | None = None


def ask(ctx: Context) -> Environment:
    """Look at the project environment.

    Raises:
        ProjectEnvironmentProblem: If there is none.
        ToolProblem: If it does not answer, or has no coverage and none can be lent.
    """
    python = ctx.project_environment.python()
    result = ctx.work / "environment.json"
    done = ctx.runner.run([str(python), str(WORKER), str(result)], cwd=ctx.work)
    try:
        facts = msgspec.json.decode(result.read_bytes(), type=_Facts)
    except (OSError, msgspec.MsgspecError) as error:
        raise ToolProblem(
            f"the project's interpreter did not say what it holds (exit {done.exit_code})",
            done.log,
            remedy="Check that it starts: the environment may be broken or half built.",
        ) from error
    own = facts.versions.coverage if facts.importable.coverage else None
    lent = None if own else _lend(ctx, facts)
    return Environment(
        python=python,
        python_version=facts.python[:2],
        prefix=Path(facts.prefix),
        pytest=facts.versions.pytest if facts.importable.pytest else None,
        pytest_cov=facts.versions.pytest_cov,
        coverage=own or metadata.version("coverage"),
        lent=lent,
    )


def _lend(ctx: Context, facts: _Facts) -> Path:
    """Copy the toolkit's coverage into a folder that only this run's ``sys.path`` names."""
    spec = util.find_spec("coverage")
    same = facts.python[:2] == ctx.toolkit.python_version and facts.implementation == "cpython"
    if not same or spec is None or spec.origin is None:
        version = ".".join(map(str, facts.python[:2]))
        raise ToolProblem(
            f"the project environment (Python {version}) has no coverage",
            remedy="Add coverage to the project's test dependencies and install them there.",
        )
    folder = ctx.work / "lent"
    shutil.copytree(
        Path(spec.origin).parent, folder / "coverage", ignore=shutil.ignore_patterns("__pycache__")
    )
    return folder
