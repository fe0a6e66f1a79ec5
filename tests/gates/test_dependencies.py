"""The dependencies gate with the real pip-audit, advisories made up or served from loopback."""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.api import Evidence, Finding
from release_gate.errors import ConfigError, ToolProblem
from release_gate.judge.decide import decide
from release_gate.judge.types import GateResult, Verdict
from release_gate.model import Collected, Severity
from release_gate.testing import FixedClock, ThisEnvironment, collect, context, project
from support import judging, osv

pytestmark = pytest.mark.gates

ROOT = Path(__file__).resolve().parents[2]
HASH = "--hash=sha256:" + "a" * 64
NOW = FixedClock(moment=datetime(2026, 1, 2, tzinfo=UTC))


def _load() -> Any:
    spec = importlib.util.spec_from_file_location(
        "gate_under_test_dependencies", ROOT / "gates/dependencies.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


gate = _load()
GATE = gate.GATE


def settings(**keys: Any) -> Any:
    """Settings as the configuration file would give them."""
    table = {k.replace("_", "-"): v for k, v in keys.items()}
    return msgspec.convert(table, gate.DependenciesSettings)


def lock(*pins: str) -> str:
    return "".join(f"{pin} {HASH}\n" for pin in pins)


def run(
    root: Path,
    files: Mapping[str, str | bytes],
    *records: dict[str, Any],
    archive: bytes | None = None,
    **keys: Any,
) -> Evidence:
    """Collect with an archive of made-up records beside the project."""
    (root / "osv.zip").write_bytes(
        osv.zipped(osv.WITNESS, *records) if archive is None else archive
    )
    chosen = settings(**{"advisories": "osv.zip", **keys})
    return collect(GATE, root, files, chosen, clock=NOW, environment={})


def judged(evidence: Evidence) -> GateResult:
    docket = judging.docket(judging.gate("dependencies"))
    report = decide(docket, (Collected(gate_id="dependencies", evidence=evidence),), judging.INPUTS)
    return report.gates[0]


def of_rule(evidence: Evidence, rule_id: str) -> list[Finding]:
    return [one for one in evidence.findings if one.rule_id == rule_id]


@pytest.mark.release_check("A13", "green")
def test_pins_without_a_known_vulnerability_pass(tmp_path: Path) -> None:
    evidence = run(tmp_path, {"requirements.txt": lock("sprocket==2.0", "cog==1.0")}, osv.record())
    assert (evidence.examined.count, evidence.examined.planned) == (2, 2)
    assert evidence.findings == ()
    assert judged(evidence).verdict == Verdict.PASS
    assert evidence.notes[0] == "advisories of 2026-01-01"


@pytest.mark.release_check("A13", "red")
def test_a_vulnerable_pin_fails_and_says_what_to_do(tmp_path: Path) -> None:
    text = f"cog==1.0 {HASH}\nsprocket==1.0 {HASH}\n    # via cog\n"
    evidence = run(tmp_path, {"requirements.txt": text}, osv.record())
    (finding,) = evidence.findings
    assert (finding.rule_id, finding.severity, finding.path, finding.line) == (
        "CVE-2025-0001",
        Severity.HIGH,
        "requirements.txt",
        2,
    )
    assert finding.message == "sprocket 1.0: sprocket turns the wrong way"
    assert finding.fix.startswith("upgrade to 2.0")
    assert finding.why == "It comes with cog → sprocket."
    assert finding.aliases == ("GHSA-aaaa-bbbb-cccc", "PYSEC-2025-1")
    assert finding.help_url == "https://osv.dev/vulnerability/PYSEC-2025-1"
    assert judged(evidence).verdict == Verdict.FAIL


def test_the_tool_is_proven_by_its_own_output(tmp_path: Path) -> None:
    evidence = run(tmp_path, {"requirements.txt": lock("cog==1.0")})
    (tool,) = evidence.tools
    assert (tool.name, tool.exit_code) == ("pip-audit", 1)
    assert tool.version.startswith("2.")
    assert not [word for word in tool.command if str(tmp_path) in word or "127.0.0.1" in word]
    assert "--ignore-vuln" not in tool.command


def test_variables_of_the_machine_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PIP_AUDIT_FORMAT": "columns",
        "PIP_AUDIT_OUTPUT": str(tmp_path / "elsewhere"),
        "PIP_AUDIT_VULNERABILITY_SERVICE": "pypi",
        "PIP_AUDIT_DESC": "off",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    evidence = run(tmp_path, {"requirements.txt": lock("sprocket==1.0")}, osv.record())
    assert len(evidence.findings) == 1


def test_modules_of_the_project_are_not_imported_in_place_of_the_tools_own(
    tmp_path: Path,
) -> None:
    files = {"requirements.txt": lock("cog==1.0"), "requests.py": "raise SystemExit('taken')\n"}
    assert run(tmp_path, files).examined.count == 1


def test_two_runs_give_the_same_evidence(tmp_path: Path) -> None:
    files = {"requirements.txt": lock("sprocket==1.0", "cog==1.0")}
    assert run(tmp_path, files, osv.record()) == run(tmp_path, files, osv.record())


def test_a_pin_for_another_platform_is_audited(tmp_path: Path) -> None:
    text = lock(
        "sprocket==1.0 ; sys_platform == 'no-such-platform'",
        "sprocket==1.5 ; sys_platform != 'no-such-platform'",
        "cog==1.0 ; python_version < '3'",
    )
    evidence = run(tmp_path, {"requirements.txt": text}, osv.record())
    assert evidence.examined.count == 3
    assert [one.line for one in of_rule(evidence, "CVE-2025-0001")] == [1, 2]
    assert len(evidence.tools) == 2


def test_severity_comes_from_the_advisory_else_it_is_unknown(tmp_path: Path) -> None:
    evidence = run(
        tmp_path,
        {"requirements.txt": lock("sprocket==1.0", "cog==1.0", "gear==1.0")},
        osv.record(vector=osv.LOW),
        osv.record("PYSEC-2025-2", "cog", aliases=(), vector=None),
        osv.record("PYSEC-2025-3", "gear", aliases=(), vector="CVSS:3.1/rubbish"),
    )
    assert {one.message.split()[0]: one.severity for one in evidence.findings} == {
        "sprocket": Severity.LOW,
        "cog": Severity.UNKNOWN,
        "gear": Severity.UNKNOWN,
    }
    assert judged(evidence).verdict == Verdict.FAIL


def test_one_vulnerability_of_several_records_is_one_finding(tmp_path: Path) -> None:
    evidence = run(
        tmp_path,
        {"requirements.txt": lock("sprocket==1.0")},
        osv.record("PYSEC-2025-1", aliases=["CVE-2025-0001"], fixed="2.0", vector=None),
        osv.record("GHSA-aaaa-bbbb-cccc", aliases=["CVE-2025-0001"], fixed="2.1"),
        osv.record("GHSA-dddd-eeee-ffff", aliases=[], fixed=None, vector=osv.LOW),
    )
    assert [o.rule_id for o in evidence.findings] == ["CVE-2025-0001", "GHSA-dddd-eeee-ffff"]
    first, second = evidence.findings
    assert first.severity == Severity.HIGH
    assert first.fix.startswith("upgrade to 2.1")
    assert first.identity.key == ("pkg:pypi/sprocket", "CVE-2025-0001")
    assert second.fix.startswith("No release is known to fix it")


def test_withdrawn_advisories_are_left_out(tmp_path: Path) -> None:
    evidence = run(
        tmp_path,
        {"requirements.txt": lock("sprocket==1.0")},
        osv.record(withdrawn="2026-01-01T00:00:00Z"),
    )
    assert evidence.findings == ()


def test_packages_without_a_version_are_named_and_not_passed(tmp_path: Path) -> None:
    files = {"requirements.txt": "cog==1.0\n-e ./lib\nthing @ https://example.org/thing.zip\n"}
    evidence = run(tmp_path, files, locks=["requirements.txt"])
    assert [(one.what, one.allowed_by) for one in evidence.examined.skipped] == [
        ("./lib", None),
        ("thing", None),
    ]
    assert judged(evidence).verdict == Verdict.ERROR


def test_packages_may_stay_unaudited_by_name(tmp_path: Path) -> None:
    files = {"requirements.txt": "cog==1.0\nThing @ https://example.org/thing.zip\n"}
    evidence = run(tmp_path, files, locks=["requirements.txt"], allow_unaudited=["THING"])
    assert [one.allowed_by for one in evidence.examined.skipped] == ["allow-unaudited"]
    assert judged(evidence).verdict == Verdict.PASS


def _problem(root: Path, *args: Any, **keys: Any) -> ToolProblem:
    with pytest.raises(ToolProblem) as caught:
        run(root, *args, **keys)
    return caught.value


def test_unpinned_lines_are_an_error(tmp_path: Path) -> None:
    what = _problem(tmp_path, {"requirements.txt": "cog>=1\n"}, locks=["requirements.txt"]).what
    assert what == "requirements.txt:1: cog is not pinned to one version"


def test_an_empty_lock_is_an_error(tmp_path: Path) -> None:
    what = _problem(tmp_path, {"requirements.txt": ""}, locks=["requirements.txt"]).what
    assert what == "requirements.txt: it requires nothing"


def test_a_missing_lock_is_an_error(tmp_path: Path) -> None:
    what = _problem(tmp_path, {"a.txt": ""}, locks=["gone/requirements.txt"]).what
    assert what == "gone/requirements.txt: there is no such file"


def test_a_lock_of_the_project_alone_is_an_error(tmp_path: Path) -> None:
    text = 'version = 1\n[[package]]\nname = "app"\nversion = "1"\nsource = { virtual = "." }\n'
    what = _problem(tmp_path, {"uv.lock": text}).what
    assert what == "uv.lock pins no package that can be looked up"


@pytest.mark.parametrize(
    ("archive", "what"),
    [
        (b"", "cut off or no zip"),
        (osv.zipped(), "holds no record"),
        (osv.zipped(osv.record())[:-30], "cut off or no zip"),
    ],
)
def test_an_archive_that_cannot_be_used_is_an_error(
    tmp_path: Path, archive: bytes, what: str
) -> None:
    problem = _problem(tmp_path, {"requirements.txt": lock("cog==1.0")}, archive=archive)
    assert what in problem.what
    assert "(set by advisories)" in problem.what


def test_an_archive_that_knows_only_the_pins_proves_nothing(tmp_path: Path) -> None:
    only = osv.zipped(osv.record())
    problem = _problem(tmp_path, {"requirements.txt": lock("sprocket==2.0")}, archive=only)
    assert "nothing proves that it was read" in problem.what


def test_an_old_archive_caps_the_verdict(tmp_path: Path) -> None:
    old = osv.record(modified="2024-10-10T00:00:00Z", published=None)
    witness = {**osv.WITNESS, "modified": "2024-01-01T00:00:00Z", "published": None}
    evidence = run(
        tmp_path, {"requirements.txt": lock("cog==1.0")}, archive=osv.zipped(witness, old)
    )
    (limitation,) = evidence.limitations
    assert limitation.name == "advisories-too-old"
    assert "2024-10-10, 449 days ago; advisories-max-age allows 7 days" in limitation.detail
    assert judged(evidence).verdict == Verdict.INCONCLUSIVE


def test_a_fixed_archive_is_allowed_on_purpose_and_said(tmp_path: Path) -> None:
    witness = {**osv.WITNESS, "modified": "2024-01-01T00:00:00Z", "published": None}
    evidence = run(
        tmp_path,
        {"requirements.txt": lock("cog==1.0")},
        archive=osv.zipped(witness),
        advisories_max_age="any",
    )
    assert evidence.limitations == ()
    assert evidence.notes[0] == "fixed archive of 2024-01-01"


def test_the_environment_names_an_archive_before_the_settings(tmp_path: Path) -> None:
    osv.write(tmp_path / "other.zip", osv.record())
    variables = {
        "RELEASE_GATE_ADVISORIES": "other.zip",
        "RELEASE_GATE_ADVISORIES_MAX_AGE": "any",
    }
    evidence = collect(
        GATE,
        tmp_path,
        {"requirements.txt": lock("sprocket==1.0")},
        settings(advisories="missing.zip"),
        clock=NOW,
        environment=variables,
    )
    assert len(evidence.findings) == 1
    assert evidence.notes[0] == "fixed archive of 2026-01-01"


def test_an_age_that_is_none_is_refused() -> None:
    for age in ("", "7", "7 days", "-1d", "0d", "soon"):
        with pytest.raises(msgspec.ValidationError, match="is no age"):
            settings(advisories_max_age=age)


def test_an_age_in_the_environment_that_is_none_is_a_configuration_error(tmp_path: Path) -> None:
    osv.write(tmp_path / "osv.zip")
    with pytest.raises(ConfigError, match="RELEASE_GATE_ADVISORIES_MAX_AGE"):
        collect(
            GATE,
            tmp_path,
            {"requirements.txt": lock("cog==1.0")},
            settings(advisories="osv.zip"),
            clock=NOW,
            environment={"RELEASE_GATE_ADVISORIES_MAX_AGE": "old"},
        )


# The live service, played by a stand-in on loopback.


class StandIn:
    """A service on loopback that answers each question with what a function says."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.questions: list[dict[str, Any]] = []


@contextmanager
def stand_in(answer: Any) -> Iterator[tuple[StandIn, str]]:
    state = StandIn(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.questions.append(question)
            status, body = state.answer(question)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state, f"http://127.0.0.1:{server.server_address[1]}/v1/query"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def live(root: Path, url: str, *pins: str) -> Evidence:
    chosen = settings(osv_url=url)
    files = {"requirements.txt": lock(*pins)}
    return collect(GATE, root, files, chosen, clock=NOW, environment={})


def knowing(*records: dict[str, Any]) -> Any:
    """Answers like the live service: by name, whatever the version."""

    def answer(question: dict[str, Any]) -> tuple[int, bytes]:
        name = question["package"]["name"]
        found = [one for one in records if one["affected"][0]["package"]["name"] == name]
        return 200, json.dumps({"vulns": found} if found else {}).encode()

    return answer


JINJA = osv.record("PYSEC-2014-8", "jinja2", aliases=["CVE-2014-1402"], fixed="2.7.2")


def test_a_live_source_is_asked_for_every_pin(tmp_path: Path) -> None:
    with stand_in(knowing(JINJA, osv.record())) as (state, url):
        evidence = live(tmp_path, url, "sprocket==1.0", "cog==1.0")
    assert {("sprocket", "1.0"), ("cog", "1.0"), ("jinja2", "2.4.1")} == {
        (one["package"]["name"], one["version"]) for one in state.questions
    }
    (finding,) = evidence.findings
    assert (finding.rule_id, finding.severity) == ("CVE-2025-0001", Severity.HIGH)
    assert evidence.notes[0] == "live advisories"
    assert evidence.examined.count == 2


def test_a_project_that_pins_the_canary_gets_another_one(tmp_path: Path) -> None:
    django = osv.record("PYSEC-2010-1", "django", aliases=(), fixed="1.3")
    with stand_in(knowing(JINJA, django)) as (_, url):
        evidence = live(tmp_path, url, "jinja2==2.4.1")
    assert [one.rule_id for one in evidence.findings] == ["CVE-2014-1402"]


def test_a_source_without_data_is_an_error_and_not_a_pass(tmp_path: Path) -> None:
    with stand_in(knowing()) as (_, url), pytest.raises(ToolProblem) as caught:
        live(tmp_path, url, "cog==1.0", "sprocket==1.0")
    assert "answered for 0 of 2 packages" in caught.value.what
    assert "RELEASE_GATE_ADVISORIES" in caught.value.remedy


@pytest.mark.parametrize(
    ("status", "body", "what"),
    [
        (503, b"", "it answered 503"),
        (302, b"", "it answered 302"),
        (200, b"", "cut off or no JSON"),
        (200, b"<html>sign in</html>", "cut off or no JSON"),
        (200, b'{"vulns": [{"id": "X"', "cut off or no JSON"),
        (200, b'{"error": "no"}', "not that of an OSV service"),
    ],
)
def test_a_source_that_fails_is_an_error(
    tmp_path: Path, status: int, body: bytes, what: str
) -> None:
    with stand_in(lambda _q: (status, body)) as (_, url), pytest.raises(ToolProblem) as caught:
        live(tmp_path, url, "cog==1.0")
    assert "did not answer for 1 package:" in caught.value.what
    assert what in caught.value.what


def test_a_source_that_fails_for_one_package_is_an_error(tmp_path: Path) -> None:
    def answer(question: dict[str, Any]) -> tuple[int, bytes]:
        if question["package"]["name"] == "cog":
            return 500, b""
        return 200, json.dumps({"vulns": [JINJA]}).encode()

    with stand_in(answer) as (_, url), pytest.raises(ToolProblem, match="it answered 500"):
        live(tmp_path, url, "cog==1.0", "sprocket==1.0")


def test_a_source_that_cannot_be_reached_is_an_error(tmp_path: Path) -> None:
    with stand_in(knowing()) as (_, url):
        pass
    with pytest.raises(ToolProblem, match="cannot be reached"):
        live(tmp_path, url, "cog==1.0")


@pytest.mark.parametrize("url", ["osv.example", "ftp://x/y", "https://user:pw@osv.example/q"])
def test_an_address_that_is_none_is_a_configuration_error(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="osv-url"):
        live(tmp_path, url, "cog==1.0")


# No lock: what is installed.


def test_without_a_lock_the_project_environment_is_audited(tmp_path: Path) -> None:
    files = {"pyproject.toml": '[project]\nname = "release-gate"\ndependencies = ["pytest"]\n'}
    record = osv.record(package="pytest", fixed=None)
    evidence = run(tmp_path, files, record)
    (finding,) = evidence.findings
    assert finding.path is None
    assert finding.message.startswith("pytest ")
    assert evidence.examined.count > 20
    assert "no lock: the installed environment was audited" in evidence.notes
    assert ("release-gate", "it is no dependency") in [
        (one.what, one.allowed_by) for one in evidence.examined.skipped
    ]


def test_an_environment_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    osv.write(tmp_path / "osv.zip")
    the_project = project(
        tmp_path, {"pyproject.toml": '[project]\nname = "app"\ndependencies = ["x"]\n'}
    )
    gone = ThisEnvironment(executable=tmp_path / "venv/bin/python")
    ctx = context(the_project, clock=NOW, environment={}, project_environment=gone)
    with pytest.raises(ToolProblem):
        GATE.collect(ctx, settings(advisories="osv.zip"))


# The lock in step with the project file.


def _step(root: Path, dependencies: str, **keys: Any) -> Evidence:
    files = {
        "pyproject.toml": f'[project]\nname = "app"\ndependencies = [{dependencies}]\n',
        "requirements.txt": lock("cog==1.0"),
    }
    return run(root, files, **keys)


@pytest.mark.release_check("A14", "green")
def test_a_lock_in_step_with_the_project_passes(tmp_path: Path) -> None:
    evidence = _step(tmp_path, '"cog>=1"')
    assert evidence.findings == ()
    assert judged(evidence).verdict == Verdict.PASS


@pytest.mark.release_check("A14", "red")
def test_a_lock_out_of_step_fails(tmp_path: Path) -> None:
    evidence = _step(tmp_path, '"cog>=2", "sprocket"')
    assert {
        "cog 1.0 is pinned, cog>=2 is required",
        "sprocket is required and not in the lock",
    } == {one.message for one in of_rule(evidence, "lock-out-of-step")}
    assert judged(evidence).verdict == Verdict.FAIL


def test_the_comparison_can_be_left_out_and_says_so(tmp_path: Path) -> None:
    evidence = _step(tmp_path, '"cog>=2"', lock_check=False)
    assert evidence.findings == ()
    assert "lock not compared with pyproject.toml: lock-check is off" in evidence.notes


# What the plan is told.


def test_it_applies_where_something_is_locked_or_declared(tmp_path: Path) -> None:
    reason = "there is no lock file and no file declares dependencies"
    assert GATE.applies(project(tmp_path, {"a.py": ""}), settings()) == reason
    assert GATE.applies(project(tmp_path, {"uv.lock": ""}), settings()) is None
    dynamic = {"pyproject.toml": '[project]\nname = "a"\ndynamic = ["dependencies"]\n'}
    assert GATE.applies(project(tmp_path, dynamic), settings()) is None


@pytest.mark.parametrize(
    ("name", "content", "applies"),
    [
        ("requirements.txt", "cog\n", True),
        ("requirements.txt", "\ufeff# nothing yet\n\n", False),
        ("requirements/dev.txt", "-r base.txt\n", True),
        ("Pipfile.lock", "{}", True),
        ("setup.py", "setup(install_requires=['cog'])\n", True),
        ("setup.py", "setup()\n", False),
    ],
)
def test_it_applies_where_a_file_without_hashes_asks_for_packages(
    tmp_path: Path, name: str, content: str, applies: bool
) -> None:
    reason = GATE.applies(project(tmp_path, {name: content}), settings())
    assert (reason is None) == applies


def test_the_plan_knows_locks_and_variables(tmp_path: Path) -> None:
    the_project = project(tmp_path, {"uv.lock": "", "requirements.txt": lock("a==1")})
    inputs = GATE.inputs(the_project, settings())
    assert inputs.files == ("requirements.txt", "uv.lock")
    assert "RELEASE_GATE_ADVISORIES" in inputs.variables
    assert not inputs.reusable
    assert GATE.limits(settings(), the_project) == ()
