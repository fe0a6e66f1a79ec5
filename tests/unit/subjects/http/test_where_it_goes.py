"""Where a request may go, and what goes with it: origins, hosts, addresses, proxies."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import pytest

from release_gate.subjects.http import backend
from release_gate.subjects.probes.outcome import Outcome
from support.checks import deployment, outcome, run
from support.servers.web import Asked, Reply, Web, web

pytestmark = pytest.mark.gates

FIVE = ("authorization", "proxy-authorization", "cookie", "x-api-key", "x-auth-token")
SENT = ", ".join(f'{name} = "Bearer canary-{name}"' for name in FIVE)


def followed(method: str = "GET", more: str = "") -> str:
    return f"""
    [[checks]]
    name = "moved"
    http = {{ path = "/a", method = "{method}", follow = 3, headers = {{ {SENT} }}{more} }}
    expect = [{{ on = "status", equals = 200 }}]
    """


def moving(server: list[Web], status: int = 302, path: str = "/b") -> Reply:
    return Reply(status=status, headers={"Location": f"{server[0].url}{path}"})


def test_credentials_do_not_follow_a_redirect_to_another_origin(tmp_path: Path) -> None:
    with web({"/b": Reply()}) as other, web(lambda _: moving([other])) as first:
        assert outcome(tmp_path, followed(), deployment(first.url)).state == "passed"
    assert set(FIVE) <= first.asked[0].headers.keys()
    (arrived,) = other.asked
    assert "canary" not in str(arrived)
    assert not set(FIVE) & arrived.headers.keys()


def test_credentials_of_an_own_header_do_not_follow_either(tmp_path: Path) -> None:
    toml = followed().replace(
        "follow = 3", 'follow = 3, auth = { scheme = "header", name = "X-Mine", variable = "KEY" }'
    )
    with web({"/b": Reply()}) as other, web(lambda _: moving([other])) as first:
        one = outcome(tmp_path, toml, deployment(first.url), environment={"KEY": "canary-mine"})
    assert one.state == "passed"
    assert first.asked[0].headers["x-mine"] == "canary-mine"
    assert "canary" not in str(other.asked)


def test_they_do_follow_within_the_origin(tmp_path: Path) -> None:
    def respond(asked: Asked) -> Reply:
        if asked.path == "/a":
            return Reply(status=302, headers={"Location": "/b"})
        return Reply()

    with web(respond) as server:
        assert outcome(tmp_path, followed(), deployment(server.url)).state == "passed"
    assert server.asked[1].headers["x-api-key"] == "Bearer canary-x-api-key"


def test_a_body_is_not_sent_on_to_another_origin(tmp_path: Path) -> None:
    with web({"/b": Reply()}) as other, web(lambda _: moving([other], 307)) as first:
        toml = followed("POST", ', json = { password = "canary-body" }')
        one = outcome(tmp_path, toml, deployment(first.url))
    assert one.state == "failed"
    assert "would send the body to another origin" in one.reason
    assert other.asked == []


def test_without_being_told_no_redirect_is_followed(tmp_path: Path) -> None:
    with web({"/b": Reply()}) as other, web(lambda _: moving([other])) as first:
        one = outcome(
            tmp_path, followed().replace("follow = 3", "follow = 0"), deployment(first.url)
        )
    assert "status: expected 200, actual 302" in one.reason
    assert other.asked == []


def test_a_redirect_to_a_host_that_is_not_listed_is_refused(tmp_path: Path) -> None:
    reply = Reply(status=302, headers={"Location": "http://localhost:9/b"})
    with web(lambda _: reply) as first:
        one = outcome(tmp_path, followed(), deployment(first.url))
    assert one.state == "unjudged"
    assert '"localhost" may not be asked' in one.reason
    assert 'Add "localhost" to hosts of environments.staging' in one.remedy


def test_endless_redirects_end(tmp_path: Path) -> None:
    with web(lambda _: Reply(status=302, headers={"Location": "/a"})) as server:
        one = outcome(tmp_path, followed(), deployment(server.url))
    assert (one.state, "more than 3 redirects" in one.reason) == ("failed", True)


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/", "http://u:p@127.0.0.1/"])
def test_a_location_that_is_no_plain_address_is_refused(tmp_path: Path, location: str) -> None:
    with web(lambda _: Reply(status=302, headers={"Location": location})) as server:
        one = outcome(tmp_path, followed(), deployment(server.url))
    assert one.state == "failed"
    assert "Location" in one.reason


PLAIN = """
[[checks]]
name = "plain"
timeout = "2s"
http = { path = "/" }
expect = [{ on = "status", equals = 200 }]
"""


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("http://169.254.169.254", "169.254.169.254 may not be asked"),
        ("http://[fe80::1]", "fe80::1 may not be asked"),
        ("http://[::ffff:169.254.169.254]", "169.254.169.254 may not be asked"),
        ("http://[fd00:ec2::254]", "fd00:ec2::254 may not be asked"),
        ("http://0.0.0.0", "0.0.0.0 may not be asked"),
        ("http://100.100.100.200", "100.100.100.200 may not be asked"),
    ],
)
def test_addresses_that_hand_out_credentials_are_refused(
    tmp_path: Path, target: str, said: str
) -> None:
    one = outcome(tmp_path, PLAIN, deployment(target))
    assert one.state == "unjudged"
    assert said in one.reason


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """A resolver that answers otherwise each time, as one that rebinds does."""
    asked: list[str] = []

    def look_up(host: str, inbox: object) -> None:
        answer = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        inbox.put((answer,))  # type: ignore[attr-defined]  # a queue

    monkeypatch.setattr(backend, "_look_up", look_up)
    return asked


def test_a_name_that_leads_to_such_an_address_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, "169.254.169.254")
    one = outcome(tmp_path, PLAIN, deployment("http://app.example.com"))
    assert one.state == "unjudged"
    assert '169.254.169.254, which "app.example.com" leads to, may not be asked' in one.reason


def test_the_address_that_was_checked_is_the_one_connected_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolving(monkeypatch, "127.0.0.1", "169.254.169.254")
    with web({"/": Reply()}) as server:
        place = deployment(f"http://app.example.com:{server.port}")
        assert outcome(tmp_path, PLAIN, place).state == "passed"
    assert asked == ["app.example.com"]
    assert server.asked[0].headers["host"] == f"app.example.com:{server.port}"


def test_each_instance_is_asked_for_itself_with_the_host_kept(tmp_path: Path) -> None:
    with web({"/": Reply()}) as good, web({"/": Reply(status=500)}) as bad:
        listed = f'instances = ["127.0.0.1:{good.port}", "127.0.0.1:{bad.port}"]\n'
        toml = PLAIN.replace("timeout", f"{listed}timeout")
        result = run(tmp_path, toml, deployment("http://app.example.com"))
    states = {one.check.name: one.state for one in result.outcomes}
    assert states == {
        f"plain@127.0.0.1:{good.port}": "passed",
        f"plain@127.0.0.1:{bad.port}": "failed",
    }
    assert good.asked[0].headers["host"] == "app.example.com"
    assert "status: expected 200, actual 500" in result.outcomes[1].reason


def test_ipv6_is_asked(tmp_path: Path) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with web({"/": Reply()}, family=socket.AF_INET6) as server:
        assert outcome(tmp_path, PLAIN, deployment(server.url)).state == "passed"


def test_proxies_of_the_process_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web({}) as proxy, web({"/": Reply()}) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert outcome(tmp_path, PLAIN, deployment(server.url)).state == "passed"
    assert proxy.asked == []


def test_a_proxy_that_is_configured_is_used(tmp_path: Path) -> None:
    with web({"/": Reply()}) as proxy:
        address = proxy.url.replace("http://", "http://user:canary-password@")
        place = deployment("http://app.example.com", proxy=address)
        assert outcome(tmp_path, PLAIN, place).state == "passed"
    (asked,) = proxy.asked
    assert asked.headers["host"] == "app.example.com"
    assert asked.headers["proxy-authorization"].startswith("Basic ")


def test_no_request_is_logged_at_info(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), web({"/": Reply()}) as server:
        toml = PLAIN.replace('path = "/"', 'path = "/", query = { token = "canary-query" }')
        assert outcome(tmp_path, toml, deployment(server.url)).state == "passed"
    assert server.asked[0].query["token"] == ["canary-query"]
    assert "canary" not in caplog.text


def redirect_check(expect: str) -> str:
    return f"""
    [[checks]]
    name = "https"
    http = {{ path = "/x" }}
    expect = [{{ on = "redirect", {expect} }}]
    """


@pytest.mark.parametrize(
    ("expect", "location", "said"),
    [
        ('name = "same-host", equals = true', "https://127.0.0.1/x", ""),
        ('name = "scheme", equals = "https"', "https://127.0.0.1/x", ""),
        (
            'name = "same-host", equals = true',
            "https://evil.example/x",
            "expected true, actual false",
        ),
        ('name = "scheme", equals = "https"', "/y", 'expected "https", actual "http"'),
        ('name = "scheme", equals = "https"', None, 'expected "https", actual absent'),
    ],
)
def test_a_redirect_is_judged_without_following_it(
    tmp_path: Path, expect: str, location: str | None, said: str
) -> None:
    reply = Reply(status=307, headers={"Location": location} if location else {})
    with web(lambda _: reply) as server:
        one: Outcome = outcome(tmp_path, redirect_check(expect), deployment(server.url))
    assert one.state == ("failed" if said else "passed")
    assert said in one.reason
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "captured", ["../admin", "..", "a/b", "//evil.example", "x?y=1", "x#y", "a b"]
)
def test_what_is_captured_never_leaves_its_place_in_the_path(tmp_path: Path, captured: str) -> None:
    toml = """
    [[checks]]
    name = "make"
    http = { path = "/make" }
    expect = [{ on = "status", equals = 200 }]
    capture = { id = { on = "json", path = "$.id" } }
    [[checks]]
    name = "use"
    http = { path = "/orders/${id}/state" }
    expect = [{ on = "status", equals = 404 }]
    """
    with web({"/make": Reply(json={"id": captured})}) as server:
        run(tmp_path, toml, deployment(server.url))
    rest = [one.path for one in server.asked[1:]]
    assert all(path.startswith("/orders/") and path.endswith("/state") for path in rest)
    assert all(path.count("/") == 3 for path in rest)


@pytest.mark.parametrize(
    ("location", "state"),
    [
        ("/orders/7?full=1", "passed"),
        ("//evil.example/orders/7", "unjudged"),
        ("https://evil.example/", "unjudged"),
        ("\\\\evil.example", "unjudged"),
    ],
)
def test_a_whole_captured_path_stays_on_the_origin(
    tmp_path: Path, location: str, state: str
) -> None:
    toml = """
    [[checks]]
    name = "make"
    http = { path = "/make" }
    expect = [{ on = "status", equals = 200 }]
    capture = { place = { on = "header", name = "Location" } }
    [[checks]]
    name = "use"
    http = { path = "${place}" }
    expect = [{ on = "status", equals = 200 }]
    """
    replies = {"/make": Reply(headers={"Location": location}), "/orders/7": Reply()}
    with web(replies) as server:
        result = run(tmp_path, toml, deployment(server.url))
    assert result.outcomes[1].state == state


def test_a_cookie_that_one_check_was_given_goes_with_no_other(tmp_path: Path) -> None:
    toml = PLAIN + PLAIN.replace('name = "plain"', 'name = "later"\nneeds = ["plain"]')
    with web({"/": Reply(headers={"Set-Cookie": "sid=canary-session-1; Path=/"})}) as server:
        assert run(tmp_path, toml, deployment(server.url)).passed
    assert len(server.asked) == 2
    assert all("cookie" not in asked.headers for asked in server.asked)


def test_only_the_headers_that_are_known_are_sent(tmp_path: Path) -> None:
    with web({"/": Reply()}) as server:
        assert outcome(tmp_path, PLAIN, deployment(server.url)).state == "passed"
    assert server.asked[0].headers == {
        "host": f"127.0.0.1:{server.port}",
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "keep-alive",
        "user-agent": "release-gate",
    }
