"""Development sessions, and release-gate's own gate on itself."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import nox

from release_gate.nox_sessions import register

nox.options.sessions = ["tests"]
nox.options.default_venv_backend = "none"
nox.options.error_on_missing_interpreters = True

ROOT = Path(__file__).parent
PYTHON = sys.executable

register()


def pytest(session: nox.Session, *arguments: str) -> None:
    """Run pytest with the interpreter that runs nox."""
    session.run(PYTHON, "-m", "pytest", *arguments)


@nox.session
def tests(session: nox.Session) -> None:
    """The whole test suite."""
    workers = [] if "-n" in session.posargs else ["-n", "2", "--dist", "worksteal"]
    pytest(session, *workers, *session.posargs)


@nox.session
def long(session: nox.Session) -> None:
    """The tests of laws with 2,000 generated examples each, newly drawn."""
    laws = ("-m", "hypothesis", "--hypothesis-profile", "long", "-n", "2")
    pytest(session, *laws, *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Mutation testing of the judge, on a copy; name modules to try only those."""
    session.run(PYTHON, "tests/mutation/mutants.py", *session.posargs)


@nox.session
def demo(session: nox.Session) -> None:
    """Gate a good and a faulty state of the example service, then two deployments of it."""
    session.run(PYTHON, "examples/demo.py", *session.posargs)


@nox.session(name="smoke-example")
def smoke_example(session: nox.Session) -> None:
    """Start the example service, ask it its release checks, stop it."""
    session.run(PYTHON, "examples/smoke_example.py", *session.posargs)


@nox.session
def generate(session: nox.Session) -> None:
    """Write every generated file anew; with --check only say what is stale."""
    session.run(PYTHON, "docs/generate.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Timings, as ratios measured in one run."""
    session.run(PYTHON, "bench/startup.py", *session.posargs)


@nox.session
def real(session: nox.Session) -> None:
    """Gate the sources of published packages and compare with the stock tools."""
    session.run(PYTHON, "tests/real/packages.py", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Renew the hashed requirement file; it names no host."""
    uv = shutil.which("uv", path=str(Path(PYTHON).parent)) or "uv"
    compile_lock = [uv, "pip", "compile", "pyproject.toml", "--group", "dev", "--universal"]
    written = ["--python-version", "3.11", "--output-file", "requirements/dev.txt"]
    header = ["--no-annotate", "--custom-compile-command", "nox -s lock"]
    session.run(*compile_lock, "--generate-hashes", *header, *written, *session.posargs)
