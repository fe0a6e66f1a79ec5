"""Real servers for tests, each private to one session: a free port, a folder that goes away.

Where a program is not installed the tests that need it are skipped, and say so.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_PATIENCE_S = 30.0
KNOWN_WORD = "only-for-tests"


@dataclass(frozen=True, kw_only=True)
class Server:
    """Something that listens on the loopback interface."""

    port: int
    folder: Path
    url: str


def dsn(word: str, place: str, user: str = "app", scheme: str = "postgresql") -> str:
    """The URL of a database that is asked with a password."""
    return f"{scheme}://{user}:{word}@{place}"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def program(*names: str) -> str:
    """The first of these that is installed; skips the test if none is."""
    for name in names:
        found = sorted(Path("/").glob(name[1:])) if name.startswith("/") else []
        path = str(found[-1]) if found else shutil.which(name)
        if path:
            return path
    pytest.skip(f"{names[0].rpartition('/')[2]} is not installed")


@contextmanager
def private_folder(user: str | None) -> Iterator[Path]:
    """A short path (sockets end at 107 bytes) that belongs to the server's user."""
    folder = Path(tempfile.mkdtemp(prefix="rg-", dir="/tmp"))
    try:
        if user:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def other_user() -> str | None:
    """Whom to run as where we are root, which PostgreSQL and PgBouncer refuse."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@contextmanager
def running(
    argv: list[str],
    folder: Path,
    ready: Callable[[], bool],
    user: str | None = None,
    end: signal.Signals = signal.SIGTERM,
) -> Iterator[None]:
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            argv, stdout=output, stderr=subprocess.STDOUT, cwd=folder, user=user
        )
    try:
        until = time.monotonic() + _PATIENCE_S
        while not ready():
            if process.poll() is not None or time.monotonic() > until:
                said = (folder / "output").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{argv[0]} does not come up: {said}")
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(end)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def listens(port: int) -> bool:
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def postgres_server() -> Iterator[Server]:
    """A cluster of its own; over TCP with a password, over its socket without."""
    initdb = program("/usr/lib/postgresql/*/bin/initdb", "initdb")
    server = str(Path(initdb).with_name("postgres"))
    user = other_user()
    with private_folder(user) as folder:
        secret = folder / "secret"
        secret.write_text(KNOWN_WORD)
        if user:
            shutil.chown(secret, user)
        data, port = folder / "data", free_port()
        made = [initdb, "-D", str(data), "-U", "probe", "--pwfile", str(secret), "-E", "UTF8"]
        made += ["--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync", "--locale=C"]
        subprocess.run(made, check=True, capture_output=True, user=user, cwd=folder)
        argv = [server, "-D", str(data), "-p", str(port), "-k", str(folder)]
        argv += ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        url = dsn(KNOWN_WORD, f"127.0.0.1:{port}/postgres", "probe")
        with running(argv, folder, lambda: _takes_queries(url), user, signal.SIGINT):
            yield Server(port=port, folder=folder, url=url)


def _takes_queries(url: str) -> bool:
    import psycopg  # noqa: PLC0415 - only where a server is wanted

    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def pooler(database: Server) -> Iterator[Server]:
    """PgBouncer in front of a PostgreSQL."""
    bouncer = program("pgbouncer", "/usr/sbin/pgbouncer")
    user = other_user()
    with private_folder(user) as folder:
        port = free_port()
        (folder / "users").write_text(f'"probe" "{KNOWN_WORD}"\n')
        target = f"host=127.0.0.1 port={database.port} dbname=postgres"
        lines = [
            "[databases]",
            f"orders = {target} user=probe password={KNOWN_WORD} pool_size=4",
            "[pgbouncer]",
            "listen_addr = 127.0.0.1",
            f"listen_port = {port}",
            "unix_socket_dir =",
            "auth_type = plain",
            f"auth_file = {folder / 'users'}",
            "admin_users = probe",
            "pool_mode = transaction",
        ]
        (folder / "ini").write_text("\n".join(lines) + "\n")
        for name in ("users", "ini"):
            if user:
                shutil.chown(folder / name, user)
        with running([bouncer, str(folder / "ini")], folder, lambda: listens(port), user):
            url = f"postgresql://probe:{KNOWN_WORD}@127.0.0.1:{port}/pgbouncer"
            yield Server(port=port, folder=folder, url=url)


@contextmanager
def redis_server(*options: str) -> Iterator[Server]:
    """A Redis with a password, nothing saved."""
    binary = program("redis-server", "valkey-server")
    with private_folder(None) as folder:
        port = free_port()
        argv = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", "."]
        argv += ["--requirepass", KNOWN_WORD, "--unixsocket", str(folder / "s"), *options]
        with running(argv, folder, lambda: listens(port)):
            yield Server(port=port, folder=folder, url=f"redis://:{KNOWN_WORD}@127.0.0.1:{port}/0")


@contextmanager
def prometheus_server(scraped_port: int, alertmanager_port: int | None = None) -> Iterator[Server]:
    """Prometheus that scrapes one service each second, with a watchdog and a critical rule."""
    binary = program("prometheus")
    with private_folder(None) as folder:
        port = free_port()
        (folder / "rules.yml").write_text(_RULES)
        alerting = ""
        if alertmanager_port:
            target = f'{{static_configs: [{{targets: ["127.0.0.1:{alertmanager_port}"]}}]}}'
            alerting = f"alerting: {{alertmanagers: [{target}]}}\n"
        (folder / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
            f"rule_files: [{folder / 'rules.yml'}]\n{alerting}"
            "scrape_configs:\n"
            f'  - {{job_name: app, static_configs: [{{targets: ["127.0.0.1:{scraped_port}"]}}]}}\n'
        )
        argv = [binary, f"--config.file={folder / 'prometheus.yml'}"]
        argv += [f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}"]
        # An alert that comes up before Alertmanager was found is sent again after this.
        argv += ["--rules.alert.resend-delay=1s"]
        with running(argv, folder, lambda: listens(port)):
            yield Server(port=port, folder=folder, url=f"http://127.0.0.1:{port}")


_RULES = """\
groups:
  - name: app
    interval: 1s
    rules:
      - {alert: Watchdog, expr: vector(1), labels: {severity: none}}
      - {alert: AppBroken, expr: app_broken == 1, labels: {severity: critical}}
"""


@contextmanager
def alertmanager_server() -> Iterator[Server]:
    """Alertmanager without any receiver."""
    binary = program("prometheus-alertmanager", "alertmanager")
    with private_folder(None) as folder:
        port = free_port()
        (folder / "am.yml").write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
        argv = [binary, f"--config.file={folder / 'am.yml'}", f"--storage.path={folder / 'data'}"]
        argv += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
        with running(argv, folder, lambda: listens(port)):
            yield Server(port=port, folder=folder, url=f"http://127.0.0.1:{port}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def pgbouncer(postgres: Server) -> Iterator[Server]:
    with pooler(postgres) as server:
        yield server


@pytest.fixture(scope="session")
def redis() -> Iterator[Server]:
    with redis_server() as server:
        yield server


@pytest.fixture
def servers() -> Iterator[ExitStack]:
    """Closes at the end of the test whatever it started."""
    with ExitStack() as stack:
        yield stack


@contextmanager
def mariadb_server() -> Iterator[Server]:
    """A MariaDB with one account."""
    install = program("mariadb-install-db", "mysql_install_db")
    server = program("mariadbd", "/usr/sbin/mariadbd")
    user = other_user()
    with private_folder(user) as folder:
        data, port = folder / "data", free_port()
        options = ["--no-defaults", f"--datadir={data}"]
        # Without its test database there is no anonymous account either, which would come first.
        made = [install, *options, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(made, check=True, capture_output=True, user=user, cwd=folder)
        (folder / "init.sql").write_text(
            "CREATE DATABASE test;\n"
            f"CREATE USER probe IDENTIFIED BY '{KNOWN_WORD}';\n"
            "GRANT ALL ON test.* TO probe;\n"
        )
        argv = [server, *options, f"--port={port}", "--bind-address=127.0.0.1"]
        argv += [f"--socket={folder / 's'}", f"--pid-file={folder / 'pid'}"]
        argv += [f"--init-file={folder / 'init.sql'}"]
        with running(argv, folder, lambda: listens(port), user):
            url = f"mysql+pymysql://probe:{KNOWN_WORD}@127.0.0.1:{port}/test"
            yield Server(port=port, folder=folder, url=url)
