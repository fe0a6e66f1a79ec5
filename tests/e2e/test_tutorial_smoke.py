"""The tutorial's smoke test, taken from the page, on a service that is good and on bad ones."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from support.servers.web import Asked, Reply, web

pytestmark = pytest.mark.e2e

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial" / "smoke-test.md").read_text("utf-8")
IDENTITY = ("-c", "user.name=tests", "-c", "user.email=tests@example.invalid")
HEADERS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Content-Security-Policy": "default-src 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
}


def blocks(language: str) -> list[str]:
    fences = re.finditer(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [fence[2] for fence in fences if fence[1] == language]


class Service:
    """What the page's reader is said to have."""

    def __init__(self, version: str, status: int, state: str) -> None:
        self.version = version
        self.status = status
        self.state = state
        self.deleted: list[str] = []

    def __call__(self, asked: Asked) -> Reply:
        request_id = asked.headers.get("x-request-id", str(uuid.uuid4()))
        headers = {**HEADERS, "X-Request-ID": request_id}
        if asked.method == "DELETE":
            self.deleted.append(asked.path)
            return Reply(status=204, headers=headers)
        if asked.path == "/health":
            body: dict[str, Any] = {"status": "ok", "version": self.version}
            return Reply(status=self.status, json=body, headers=headers)
        if asked.method == "POST":
            return Reply(status=201, json={"id": 7}, headers=headers)
        return Reply(json={"state": self.state}, headers=headers)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of the page, in a repository."""
    environment, health, packs, journey, _production = blocks("toml")
    (tmp_path / "release-gate.toml").write_text(environment.replace("tool.release-gate.", ""))
    (tmp_path / "release-checks").mkdir()
    (tmp_path / "release-checks" / "health.toml").write_text(health)
    (tmp_path / "release-checks" / "service.toml").write_text(packs + journey)
    return tmp_path


def run(folder: Path, command: str, target: str) -> subprocess.CompletedProcess[str]:
    config = folder / "release-gate.toml"
    config.write_text(re.sub(r'target = ".*"', f'target = "{target}"', config.read_text()))
    for arguments in (["init", "-q"], ["add", "--all"], ["commit", "-qm", "x", "--allow-empty"]):
        subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, check=True)
    program, *rest = shlex.split(command)
    assert program == "release-gate"
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        [sys.executable, "-m", "release_gate", *rest],
        cwd=folder,
        env={**environment, "RELEASE": "1.4.2"},
        capture_output=True,
        text=True,
        check=False,
    )


def commands() -> Mapping[str, str]:
    plan, judge = (block.strip() for block in blocks(""))
    return {"plan": plan, "run": judge}


def test_the_plan_shows_every_request_and_sends_none(folder: Path) -> None:
    with web(Service("1.4.2", 200, "COMPLETED")) as server:
        done = run(folder, commands()["plan"], server.url)
        assert server.asked == []
    assert done.returncode == 0, done.stdout + done.stderr
    for line in ("GET /health", "POST /orders", "DELETE /orders/${order}", "version/running"):
        assert line in done.stdout


@pytest.mark.parametrize(
    ("version", "status", "state", "code", "said"),
    [
        ("1.4.2", 200, "COMPLETED", 0, "PASS"),
        ("1.4.1", 200, "COMPLETED", 1, 'expected "1.4.2", actual "1.4.1"'),
        ("1.4.2", 503, "COMPLETED", 1, "health: status: expected 200, actual 503"),
        ("1.4.2", 200, "FAILED", 1, "a terminal state"),
    ],
)
def test_the_run_says_what_the_page_says(
    folder: Path, version: str, status: int, state: str, code: int, said: str
) -> None:
    service = Service(version, status, state)
    with web(service) as server:
        done = run(folder, commands()["run"], server.url)
    assert done.returncode == code, done.stdout + done.stderr
    stored = json.loads((folder / "build" / "release-gate" / "gate.json").read_text("utf-8"))
    messages = [one["message"] for gate in stored["gates"] for one in gate["findings"]]
    assert said in "\n".join([*messages, done.stdout])
    assert service.deleted == ["/orders/7"]
