"""Certificates: real chains, made for the test."""

from __future__ import annotations

import ssl
import warnings
from pathlib import Path
from typing import Any

import pytest

from release_gate.adapters.clock import SystemClock
from release_gate.judge.types import Verdict
from release_gate.subjects.probes.outcome import Outcome
from release_gate.testing import judge
from support.checks import deployment, outcome, settings_of, smoke_gate
from support.servers.tls import Chain, chain
from support.servers.web import Reply, web

pytestmark = pytest.mark.gates

CHECK = """
[[checks]]
name = "certificate"
timeout = "5s"
http = { path = "/" }
expect = [
  { on = "status", equals = 200 },
  { on = "certificate", name = "days-left", greater = 14 },
  { on = "certificate", name = "tls", greater-equal = 1.2 },
]
"""


def asked(
    folder: Path, made: Chain, host: str = "127.0.0.1", toml: str = CHECK, **more: Any
) -> Outcome:
    with web({"/": Reply()}, tls=made.server) as server:
        place = deployment(f"https://{host}:{server.port}", **more)
        return outcome(folder, toml, place, files={"ca.pem": made.ca})


@pytest.mark.release_check("D16", "green")
def test_a_certificate_of_the_private_authority_passes(tmp_path: Path) -> None:
    assert asked(tmp_path, chain(), ca_file="ca.pem").state == "passed"


@pytest.mark.release_check("D16", "red")
def test_one_near_its_end_fails(tmp_path: Path) -> None:
    one = asked(tmp_path, chain(days=5.5), ca_file="ca.pem")
    assert one.state == "failed"
    assert "certificate days-left: expected more than 14, actual 5" in one.reason


@pytest.mark.release_check("D16", "red")
@pytest.mark.parametrize(
    ("made", "host", "ca", "said"),
    [
        pytest.param(lambda: chain(days=-1), "127.0.0.1", "ca.pem", "expired", id="expired"),
        pytest.param(chain, "127.0.0.1", None, "self-signed", id="unknown authority"),
        pytest.param(
            lambda: chain("example.com"), "127.0.0.1", "ca.pem", "not valid for", id="other name"
        ),
    ],
)
def test_one_that_is_not_valid_fails_with_the_reason(
    tmp_path: Path, made: Any, host: str, ca: str | None, said: str
) -> None:
    one = asked(tmp_path, made(), host, ca_file=ca)
    assert one.state == "failed"
    assert "certificate not valid" in one.reason
    assert said in one.reason.replace("self signed", "self-signed").replace(
        "unable to get local issuer certificate", "self-signed"
    ).replace("IP address mismatch, certificate is", "")


def test_an_old_version_of_tls_is_not_spoken(tmp_path: Path) -> None:
    made = chain()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made.server.minimum_version = ssl.TLSVersion.TLSv1
        made.server.maximum_version = ssl.TLSVersion.TLSv1_1
    made.server.set_ciphers("ALL:@SECLEVEL=0")
    one = asked(tmp_path, made, ca_file="ca.pem")
    assert one.state == "failed"
    assert "the TLS handshake failed" in one.reason


def test_an_instance_is_asked_with_the_name_in_the_handshake(tmp_path: Path) -> None:
    made = chain("app.example.com")
    with web({"/": Reply()}, tls=made.server) as server:
        toml = CHECK.replace("timeout", f'instances = ["127.0.0.1:{server.port}"]\ntimeout')
        place = deployment("https://app.example.com", ca_file="ca.pem")
        one = outcome(tmp_path, toml, place, files={"ca.pem": made.ca})
    assert one.state == "passed"
    assert server.sni == ["app.example.com"]
    assert server.asked[0].headers["host"] == "app.example.com"


UNVERIFIED = """
[[checks]]
name = "health"
http = { path = "/", verify = false }
expect = [{ on = "status", equals = 200 }]
"""


@pytest.mark.parametrize(
    ("environment", "verdict"),
    [
        ("local", Verdict.PASS),
        ("staging", Verdict.INCONCLUSIVE),
        ("localhost", Verdict.INCONCLUSIVE),
    ],
)
def test_without_verification_only_local_can_pass(
    tmp_path: Path, environment: str, verdict: Verdict
) -> None:
    with web({"/": Reply()}, tls=chain("elsewhere.example").server) as server:
        place = deployment(server.url, name=environment)
        settings = settings_of(UNVERIFIED)
        result = judge(smoke_gate(), tmp_path, {}, settings, deployment=place, clock=SystemClock())
    assert result.verdict is verdict
