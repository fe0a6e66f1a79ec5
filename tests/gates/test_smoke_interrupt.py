"""Ctrl-C during a journey: the clean-ups run, commands among them, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from support.servers.web import Asked, Reply, web

pytestmark = pytest.mark.gates

TOML = """
[project]
name = "probed"
version = "1"

[tool.release-gate.environments.staging]
target-variable = "TARGET"

[[tool.release-gate.gates.smoke.checks]]
name = "create"
http = { path = "/orders", method = "POST" }
expect = [{ on = "status", equals = 201 }]
capture = { order = { on = "json", path = "$.id" } }

[[tool.release-gate.gates.smoke.checks]]
name = "done"
http = { path = "/orders/${order}" }
[tool.release-gate.gates.smoke.checks.poll]
until = [{ on = "json", path = "$.state", equals = "COMPLETED" }]
interval = "100ms"

[[tool.release-gate.gates.smoke.checks]]
name = "delete"
finally = true
http = { path = "/orders/${order}", method = "DELETE" }
expect = [{ on = "status", equals = 204 }]

[[tool.release-gate.gates.smoke.checks]]
name = "sweep"
finally = true
command = { argv = ["touch", "swept"] }
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are sent to groups there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_undoes_what_it_began(tmp_path: Path, number: signal.Signals) -> None:
    polled = threading.Event()
    deleted: list[str] = []

    def respond(asked: Asked) -> Reply:
        if asked.method == "POST":
            return Reply(status=201, json={"id": 7})
        if asked.method == "DELETE":
            deleted.append(asked.path)
            return Reply(status=204)
        polled.set()
        return Reply(json={"state": "RUNNING"})

    (tmp_path / "pyproject.toml").write_text(TOML, "utf-8")
    command = [sys.executable, "-m", "release_gate", "run", "--root", str(tmp_path)]
    where = ["--phase", "post-deploy", "--environment", "staging"]
    with web(respond) as server:
        run = subprocess.Popen(
            [*command, *where],
            env={**os.environ, "TARGET": server.url},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert polled.wait(60)
        run.send_signal(number)
        _, said = run.communicate(timeout=60)
    assert run.returncode == 130
    assert f"interrupted by {number.name}" in said.decode()
    assert deleted == ["/orders/7"]
    assert (tmp_path / "swept").exists()
    assert not (tmp_path / "build/release-gate/gate.json").exists()
