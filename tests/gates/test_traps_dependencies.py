"""What pip-audit passes over: editable installs, empty environments, ignored advisories."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.errors import ToolProblem
from release_gate.judge.baseline import Baseline
from release_gate.judge.decide import decide
from release_gate.judge.fingerprints import fingerprints
from release_gate.judge.matching import entry_for
from release_gate.judge.types import GateResult, State, Verdict
from release_gate.model import Collected, Evidence
from release_gate.testing import FixedClock, ThisEnvironment, collect
from support import installing, judging, osv
from support.source_gates import load

pytestmark = pytest.mark.gates

gate = load("dependencies")
GATE = gate.GATE
NOW = FixedClock(moment=datetime(2026, 1, 2, tzinfo=UTC))
DECLARED = {"pyproject.toml": '[project]\nname = "app"\ndependencies = ["cog"]\n'}
VULNERABLE = osv.record(package="cog")
HASH = "--hash=sha256:" + "a" * 64


def run(root: Path, python: Path | None, files: Mapping[str, str], **keys: Any) -> Evidence:
    """Collect with a made-up advisory on cog below 2.0; it is the real pip-audit that looks."""
    root.mkdir(exist_ok=True)
    (root / "osv.zip").write_bytes(osv.zipped(osv.WITNESS, VULNERABLE))
    table = {"advisories": "osv.zip", **{k.replace("_", "-"): v for k, v in keys.items()}}
    chosen = msgspec.convert(table, gate.DependenciesSettings)
    more: dict[str, Any] = (
        {"project_environment": ThisEnvironment(executable=python)} if python else {}
    )
    return collect(GATE, root, files, chosen, clock=NOW, environment={}, **more)


def judged(evidence: Evidence, baseline: Baseline | None = None) -> GateResult:
    docket = judging.docket(judging.gate("dependencies"))
    inputs = replace(judging.INPUTS, baseline=baseline)
    return decide(docket, (Collected(gate_id="dependencies", evidence=evidence),), inputs).gates[0]


def skipped(evidence: Evidence) -> list[tuple[str, str, str | None]]:
    return [(one.what, one.reason, one.allowed_by) for one in evidence.examined.skipped]


# An editable install in the environment that ships.


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where three packages are developed: the project itself and two that it needs."""
    folder = tmp_path_factory.mktemp("sources")
    installing.package(folder / "app", "app", "1.0")
    installing.package(folder / "cog", "cog", "1.0")
    installing.package(folder / "lib", "lib", "3.0")
    return folder


@pytest.fixture(scope="module")
def mixed(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project and lib as editable, cog from a wheel that was built of it."""
    folder = tmp_path_factory.mktemp("mixed") / "env"
    editable = [word for name in ("app", "lib") for word in ("-e", str(sources / name))]
    return installing.environment(folder, *editable, str(sources / "cog"))


def test_an_editable_install_is_named_and_the_rest_is_audited(tmp_path: Path, mixed: Path) -> None:
    evidence = run(tmp_path / "p", mixed, DECLARED)
    assert skipped(evidence) == [
        ("app", "part of the project itself", "it is no dependency"),
        ("lib", "installed as editable", None),
    ]
    assert (evidence.examined.count, evidence.examined.planned) == (1, 3)
    assert [one.message.split(":")[0] for one in evidence.findings] == ["cog 1.0"]
    assert [tool.name for tool in evidence.tools] == ["pip-audit"]
    result = judged(evidence)
    assert result.verdict == Verdict.ERROR
    assert "lib" in " ".join(one.what for one in result.problems)


def test_an_editable_install_that_may_stay_unaudited_is_still_named(
    tmp_path: Path, mixed: Path
) -> None:
    evidence = run(tmp_path / "p", mixed, DECLARED, allow_unaudited=["Lib"])
    assert ("lib", "installed as editable", "allow-unaudited") in skipped(evidence)
    assert judged(evidence).verdict == Verdict.FAIL


def test_an_environment_of_editable_installs_alone_is_an_error(
    tmp_path: Path, sources: Path
) -> None:
    python = installing.environment(tmp_path / "env", "-e", str(sources / "lib"))
    with pytest.raises(ToolProblem, match="the project environment pins no package"):
        run(tmp_path / "p", python, DECLARED, allow_unaudited=["lib"])


def test_an_environment_in_which_nothing_is_installed_is_an_error(tmp_path: Path) -> None:
    python = installing.environment(tmp_path / "env")
    with pytest.raises(ToolProblem, match="the project environment pins no package"):
        run(tmp_path / "p", python, DECLARED)


def test_an_editable_install_of_the_old_kind_is_named(tmp_path: Path, sources: Path) -> None:
    """As ``setup.py develop`` leaves it: a way to the source, where an egg-info folder lies."""
    python = installing.environment(tmp_path / "env", str(sources / "lib"))
    old = tmp_path / "cog"
    (old / "cog.egg-info").mkdir(parents=True)
    (old / "cog.egg-info/PKG-INFO").write_text("Metadata-Version: 2.1\nName: cog\nVersion: 1.0\n")
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())
    (site / "easy-install.pth").write_text(f"{old}\n")
    evidence = run(tmp_path / "p", python, DECLARED)
    assert skipped(evidence) == [("cog", "installed as editable", None)]
    assert judged(evidence).verdict == Verdict.ERROR


def test_a_lock_is_audited_whatever_is_installed(tmp_path: Path, mixed: Path) -> None:
    files = {**DECLARED, "requirements.txt": f"cog==2.0 {HASH}\n"}
    evidence = run(tmp_path / "p", mixed, files)
    assert (evidence.examined.count, skipped(evidence), evidence.findings) == (1, [], ())
    assert judged(evidence).verdict == Verdict.PASS


# Exit code 1 is both a finding and an error; a finding that is accepted is not hidden.


def test_a_finding_that_is_accepted_is_shown_as_known(tmp_path: Path) -> None:
    files = {"requirements.txt": f"cog==1.0 {HASH}\n"}
    evidence = run(tmp_path / "p", None, files)
    assert [tool.exit_code for tool in evidence.tools] == [1]
    assert judged(evidence).verdict == Verdict.FAIL
    pairs = zip(evidence.findings, fingerprints(evidence.findings), strict=True)
    entries = tuple(entry_for("dependencies", finding, digest) for finding, digest in pairs)
    result = judged(evidence, Baseline(salt="s", entries=entries))
    assert result.verdict == Verdict.PASS
    assert [(one.finding.rule_id, one.state) for one in result.findings] == [
        ("CVE-2025-0001", State.KNOWN)
    ]
    assert not [word for tool in evidence.tools for word in tool.command if "ignore" in word]


def test_lines_without_a_version_are_never_resolved(tmp_path: Path) -> None:
    """Resolved today, ``cog`` would be 2.0, and what ships may be another."""
    files = {"requirements.txt": f"cog==2.0 {HASH}\nsprocket>=1\n"}
    with pytest.raises(ToolProblem, match=r"requirements.txt:2: sprocket is not pinned"):
        run(tmp_path / "p", None, files, locks=["requirements.txt"])
