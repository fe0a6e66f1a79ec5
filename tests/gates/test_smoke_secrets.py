"""Tokens that checks send, receive, capture or fail with: in no output, in no form."""

# ruff: noqa: E501 - inline tables of TOML cannot be broken

from __future__ import annotations

import base64
import html
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from release_gate.adapters.clock import SystemClock
from release_gate.testing import collect
from support.checks import deployment, settings_of, smoke_gate
from support.servers.web import Asked, Reply, web

pytestmark = pytest.mark.gates

# Characters that every way of writing treats in its own way.
TAIL = '+/ "ü&=%<x>'
PLACES = (
    *("header", "query", "body", "capture", "dsn", "exception", "answer", "basic", "form"),
    "written",
)
CANARIES = {place: f"canary-{place}-4711{'' if place == 'dsn' else TAIL}" for place in PLACES}
CANARIES["header"] = "canary-header-4711+/="
CANARIES["written"] = "canary-written-4711"
CANARIES["basic"] = "canary-basic-4711"

TOML = """
[project]
name = "probed"
version = "1"

[tool.release-gate.environments.staging]
target-variable = "TARGET"
hosts = ["localhost"]

[[tool.release-gate.gates.smoke.checks]]
name = "login"
http = { path = "/login", method = "POST", json = { password = "${env:BODY}" } }
expect = [{ on = "status", equals = 200 }]
capture = { ticket = { on = "json", path = "$.ticket", secret = true } }

[[tool.release-gate.gates.smoke.checks]]
name = "header"
http = { path = "/echo", headers = { Authorization = "Bearer ${env:HEADER}" } }
expect = [{ on = "json", path = "$.headers.authorization", equals = "nothing" }]

[[tool.release-gate.gates.smoke.checks]]
name = "query"
http = { path = "/echo", query = { q = "${env:QUERY}" } }
expect = [{ on = "body", contains = "nothing of it" }]

[[tool.release-gate.gates.smoke.checks]]
name = "capture"
http = { path = "/echo/${ticket}", query = { t = "${ticket}" } }
expect = [{ on = "json", path = "$.path", equals = "nothing" }, { on = "status", equals = "${ticket}" }]

[[tool.release-gate.gates.smoke.checks]]
name = "form"
http = { path = "/echo", method = "POST", form = { f = "${env:FORM}" } }
expect = [{ on = "json", path = "$.body", equals = "nothing" }]

[[tool.release-gate.gates.smoke.checks]]
name = "basic"
http = { path = "/echo", auth = { scheme = "basic", variable = "BASIC" } }
expect = [{ on = "json", path = "$.headers.authorization", matches = "^nothing$" }]

[[tool.release-gate.gates.smoke.checks]]
name = "exception"
http = { path = "/echo", headers = { X-Bad = "${env:EXCEPTION}" } }
expect = [{ on = "status", equals = 200 }]

[[tool.release-gate.gates.smoke.checks]]
name = "answer"
http = { path = "/answer" }
expect = [{ on = "json", path = "$.access_token", absent = true }, { on = "status", equals = 201 }]

[[tool.release-gate.gates.smoke.checks]]
name = "written"
http = { path = "/echo", method = "POST", headers = { Cookie = "sid=canary-written-4711" }, query = { token = "canary-written-4711" }, json = { password = "canary-written-4711" } }
expect = [{ on = "json", path = "$.headers.cookie", equals = "nothing" }]

[[tool.release-gate.gates.smoke.checks]]
name = "dsn"
sql = { dsn-env = "DSN", query = "SELECT 1" }
expect = [{ on = "rows", path = "$", length = 1 }]
"""


def respond(asked: Asked) -> Reply:
    if asked.path == "/login":
        return Reply(json={"ticket": CANARIES["capture"]})
    if asked.path == "/answer":
        token = CANARIES["answer"].replace(" ", "").replace('"', "")
        return Reply(json={"access_token": token}, headers={"Set-Cookie": f"sid={token}; Path=/"})
    return Reply(
        status=500,
        json={
            "path": asked.path,
            "query": dict(asked.query),
            "headers": dict(asked.headers),
            "body": asked.body.decode(),
        },
    )


def forms(canary: str) -> Iterator[bytes]:
    raw = canary.encode()
    yield raw
    yield from (text.encode() for text in (quote(raw, safe=""), quote(raw), quote_plus(raw)))
    yield from (json.dumps(canary)[1:-1].encode(), html.escape(canary).encode())
    yield json.dumps(json.dumps(canary)[1:-1])[1:-1].encode()
    for before in (b"", b"u:", b"x"):
        packed = base64.b64encode(before + raw)
        yield packed[4:-4]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Everything that a run leaves and says, by name."""
    root = tmp_path_factory.mktemp("probed")
    (root / "pyproject.toml").write_text(TOML, "utf-8")
    with web(respond) as server:
        environment = {
            **os.environ,
            "TARGET": server.url,
            "BODY": CANARIES["body"],
            "HEADER": CANARIES["header"],
            "QUERY": CANARIES["query"],
            "FORM": CANARIES["form"],
            "BASIC": f"user:{CANARIES['basic']}",
            "EXCEPTION": f"{CANARIES['exception']}\nx",
            "DSN": f"postgresql://user:{CANARIES['dsn']}@localhost:1/none",
        }
        command = [sys.executable, "-m", "release_gate", "run", "--root", str(root)]
        where = ["--phase", "post-deploy", "--environment", "staging", "--verbose"]
        done = subprocess.run([*command, *where], env=environment, capture_output=True, check=False)
        asked = repr(server.asked)
        plans = [
            subprocess.run(
                [sys.executable, "-m", "release_gate", "plan", "--root", str(root), *where, *more],
                env=environment,
                capture_output=True,
                check=True,
            ).stdout
            for more in ((), ("--requests",), ("--json",))
        ]
    assert done.returncode == 3, done.stderr.decode()
    for place in ("header", "form", "body"):
        assert CANARIES[place].partition("+")[0] in asked  # it was sent
    found = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in (root / "build").rglob("*")
        if path.is_file()
    }
    return {
        **found,
        "standard output": done.stdout,
        "standard error": done.stderr,
        "plan": b"".join(plans),
    }


def test_the_outputs_tell_of_every_check(outputs: dict[str, bytes]) -> None:
    report = json.loads(outputs["build/release-gate/gate.json"])
    text = json.dumps(report)
    assert all(f'"{place}: ' in text for place in ("header", "query", "capture", "form", "basic"))
    assert "[redacted]" in text
    assert "build/release-gate/artifacts/smoke/checks.json" in outputs


@pytest.mark.parametrize("place", PLACES)
def test_no_canary_is_in_any_output_in_any_form(outputs: dict[str, bytes], place: str) -> None:
    canary = CANARIES[place]
    if place == "answer":
        canary = canary.replace(" ", "").replace('"', "")
    leaks = [
        (name, form)
        for name, content in outputs.items()
        for form in {*forms(canary), f"canary-{place}".encode()}
        if form in content
    ]
    assert leaks == []


def test_a_secret_that_a_cut_would_halve_is_hidden_whole(tmp_path: Path) -> None:
    toml = """
    [[checks]]
    name = "long"
    http = { path = "/", headers = { Authorization = "${env:KEY}" } }
    expect = [{ on = "body", equals = "short" }]
    """
    key = "canary-" + "k" * 80
    found = set()
    for before in range(150, 650, 25):
        body = ("x" * before + key + "y" * 3000).encode()
        with web({"/": Reply(body=body)}) as server:
            seen = collect(
                smoke_gate(),
                tmp_path,
                {},
                settings_of(toml),
                deployment=deployment(server.url),
                clock=SystemClock(),
                environment={"KEY": key},
            )
        found |= {"canary" in repr(seen), len(seen.findings)}
    assert found == {False, True}


def test_tokens_that_an_answer_hands_out_are_hidden_although_nobody_marked_them(
    tmp_path: Path,
) -> None:
    token = "canary-handed-out-4711"
    reply = Reply(
        status=302,
        headers={
            "Location": f"/next?a=b&access_token={token}1",
            "Set-Cookie": f"sid={token}2; Path=/",
        },
        json={"refresh_token": f"{token}3", "cookie": f"{token}2", "note": "ordinary words"},
    )
    toml = """
    [[checks]]
    name = "login"
    http = { path = "/" }
    expect = [
      { on = "redirect", name = "location", equals = "/home" },
      { on = "body", equals = "nothing" },
    ]
    """
    with web({"/": reply}) as server:
        seen = collect(
            smoke_gate(),
            tmp_path,
            {},
            settings_of(toml),
            deployment=deployment(server.url),
            clock=SystemClock(),
        )
    assert token not in repr(seen)
    assert "ordinary words" in repr(seen)
    assert "access_token=[redacted]" in repr(seen)
