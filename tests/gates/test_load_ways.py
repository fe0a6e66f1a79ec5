"""How the load gets to its target: certificates, proxies, what ends it, what is refused."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.api import Deployment, Evidence, ToolProblem
from release_gate.errors import Interrupted
from release_gate.judge.decide import decide
from release_gate.judge.types import GateResult, Verdict
from release_gate.model import Collected
from release_gate.subjects.blip import meter
from release_gate.subjects.blip.settings import BlipSettings
from release_gate.subjects.load import own
from release_gate.subjects.load.sending import Volley
from release_gate.subjects.load.settings import LoadSettings
from release_gate.testing import context, project
from support import judging
from support.servers.tls import chain
from support.servers.web import Reply, web
from support.switching import switching

pytestmark = pytest.mark.gates

QUICK = {"rate": 50, "duration": "1s", "max-error-rate": 10, "max-lag": "3s"}


def settings(**keys: Any) -> LoadSettings:
    return msgspec.convert({**QUICK, **keys}, LoadSettings)


def sent(root: Path, where: Deployment | None, chosen: LoadSettings, **changes: Any) -> Evidence:
    return own.run(context(project(root, {}, deployment=where), **changes), chosen)


def failed(evidence: Evidence) -> float:
    return next(one.value for one in evidence.metrics if one.name == "error-rate")


def verdict(evidence: Evidence) -> GateResult:
    collected = [Collected(gate_id="load", evidence=evidence)]
    return decide(judging.docket(judging.gate("load")), collected, judging.INPUTS).gates[0]


def test_a_private_authority_is_trusted_where_it_is_named(tmp_path: Path) -> None:
    made = chain()
    (tmp_path / "ca.pem").write_bytes(made.ca)
    with web({"/": Reply()}, tls=made.server) as server:
        target = f"https://127.0.0.1:{server.port}"
        known = Deployment(name="staging", target=target, ca_file="ca.pem")
        unknown = Deployment(name="staging", target=target)
        rates = [failed(sent(tmp_path, where, settings())) for where in (known, unknown)]
    assert rates == [0, 100]


def test_a_certificate_that_is_not_verified_is_inconclusive(tmp_path: Path) -> None:
    with web({"/": Reply()}, tls=chain().server) as server:
        where = Deployment(name="staging", target=f"https://127.0.0.1:{server.port}")
        chosen = settings(requests=[{"path": "/", "verify": False}])
        evidence = sent(tmp_path, where, chosen)
    assert "tls-not-verified" in [one.name for one in evidence.limitations]
    assert (failed(evidence), verdict(evidence).verdict) == (0, Verdict.INCONCLUSIVE)


def test_a_private_authority_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    where = Deployment(name="staging", target="https://127.0.0.1:9", ca_file="gone.pem")
    with pytest.raises(ToolProblem, match=r"gone\.pem cannot be read"):
        sent(tmp_path, where, settings())


def test_the_password_of_a_proxy_stands_in_no_output(tmp_path: Path) -> None:
    with switching() as service:
        proxy = f"http://user:pr0xy-secret-77@127.0.0.1:{service.port}"
        where = Deployment(name="staging", target="http://behind.example.org", proxy=proxy)
        evidence = sent(tmp_path, where, settings())
    assert failed(evidence) == 0
    assert "pr0xy-secret-77" not in repr(evidence)


@pytest.mark.parametrize("where", [None, Deployment(name="staging")])
def test_without_a_target_nothing_is_sent(tmp_path: Path, where: Deployment | None) -> None:
    with pytest.raises(ToolProblem, match="no environment with a target"):
        sent(tmp_path, where, settings())
    ctx = context(project(tmp_path, {}, deployment=where))
    with pytest.raises(ToolProblem, match="no environment with a target"):
        meter.run(ctx, BlipSettings())


def test_a_run_that_is_ended_has_no_evidence(tmp_path: Path) -> None:
    with switching() as service:
        where = Deployment(name="staging", target=service.url)
        stop = threading.Event()
        threading.Timer(0.3, stop.set).start()
        with pytest.raises(Interrupted):
            sent(tmp_path, where, settings(duration="60s"), stopping=stop.is_set)
        ctx = context(project(tmp_path, {}, deployment=where), stopping=stop.is_set)
        with pytest.raises(Interrupted):
            meter.run(ctx, BlipSettings())
        assert service.served < 200


def test_a_request_with_an_address_of_its_own_has_no_control(tmp_path: Path) -> None:
    with switching() as service:
        where = Deployment(name="staging", target=service.url, hosts=("127.0.0.1",))
        chosen = settings(requests=[{"url": service.url}], versus={"control": service.url})
        with pytest.raises(ToolProblem, match="has no control"):
            sent(tmp_path, where, chosen)
        assert service.served == 0


def test_nothing_sent_is_never_a_pass(tmp_path: Path) -> None:
    ctx = context(project(tmp_path, {}))
    evidence = own.evidence(ctx, settings(), Volley(shots=()))
    assert [one.name for one in evidence.limitations] == ["no-samples"]
    assert verdict(evidence).verdict is Verdict.ERROR
