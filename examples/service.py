"""The example service as a process: migrated, filled, served on a free port, stopped.

Its dependencies come from the environment that release-gate builds for the example, in its
cache; nothing but the package index is needed, and the database is SQLite.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from release_gate.adapters.clock import SystemClock
from release_gate.adapters.environment import find_project_environment
from release_gate.adapters.paths import cache_folder
from release_gate.adapters.processes import Processes

ORDERS = Path(__file__).resolve().parent / "orders"
STARTS_WITHIN_S = 60.0
_RUNNING = re.compile(r"Uvicorn running on (?P<url>http://127\.0\.0\.1:\d+)")


@dataclass(frozen=True, kw_only=True)
class Service:
    """One that runs.

    Args:
        url: Where it answers.
        database: Its database, as the probe ``sql`` names it.
        admin_key: Key of an administrator.
    """

    url: str
    database: str
    admin_key: str

    def variables(self) -> dict[str, str]:
        """What the example's release checks read."""
        return {
            "ORDERS_URL": self.url,
            "ORDERS_DATABASE": self.database,
            "ORDERS_ADMIN_KEY": self.admin_key,
        }


def project_python(root: Path = ORDERS) -> Path:
    """Interpreter of the example's environment; built in the cache on first use."""
    environment = dict(os.environ)
    return find_project_environment(
        root,
        tomllib.loads((root / "pyproject.toml").read_text("utf-8")),
        environment,
        None,
        None,
        cache_folder(environment),
        Processes(root, environment, SystemClock()),
    ).python()


@contextmanager
def running(code: Path, python: Path, folder: Path, orders: int = 150) -> Iterator[Service]:
    """Serve the code of a folder until the end of the block.

    Args:
        code: The example, or a copy of it with other code.
        python: Interpreter with its dependencies.
        folder: Empty; for the database and the log.
        orders: How many orders there are at the beginning.
    """
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "orders.db"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ORDERS_")},
        # Before the installed copy of the example.
        "PYTHONPATH": str(code / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ENVIRONMENT": "staging",
        "DATABASE_URL": f"sqlite+aiosqlite:///{database}",
    }
    _run(python, ["-m", "alembic", "upgrade", "head"], code, environment)
    _run(python, ["-m", "orders.seed", "--orders", str(orders)], code, environment)
    printed = _run(python, ["-m", "orders.keys", "ops-1"], code, environment)
    key, _, digests = printed.partition("\n")
    environment["ADMIN_KEY_DIGESTS"] = digests.partition("=")[2].strip().strip("'")
    command = [str(python), "-m", "uvicorn", "--factory", "orders.app:create_app"]
    command += ["--host", "127.0.0.1", "--port", "0", "--no-access-log"]
    log = folder / "service.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=code, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield Service(
                url=_url(process, log),
                database=f"sqlite:///{database}",
                admin_key=key.partition(": ")[2].strip(),
            )
        finally:
            _stop(process)


def _run(python: Path, arguments: list[str], code: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [str(python), *arguments],
        cwd=code,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where it serves, once it answers there."""
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        found = _RUNNING.search(log.read_text("utf-8", "replace"))
        if found and _answers(found["url"]):
            return found["url"]
        time.sleep(0.05)
    raise SystemExit(f"the service did not start:\n{log.read_text('utf-8', 'replace')}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/docs", timeout=5) as answer:
            return bool(answer.status)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
