"""Reports made by hand, one for each situation that a reader can meet."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from release_gate.judge.baseline import BaselineEntry
from release_gate.judge.types import (
    GateResult,
    JudgedFinding,
    JudgedMetric,
    Report,
    State,
    ToolInfo,
    Verdict,
    WaiverStatus,
    WaiverUse,
)
from release_gate.model import (
    NO_BASE,
    Artifact,
    ArtifactDigest,
    BaseRef,
    Examined,
    Finding,
    Identity,
    Limit,
    Limitation,
    Metric,
    NotApplicable,
    Problem,
    Severity,
    Skipped,
    Subject,
    Suppression,
    Table,
    ToolRun,
    percentage,
)

COMMIT = "3f2a91c0d4b7e6f8a1b2c3d4e5f60718293a4b5c"
BASE = "9d1e0fb2a3c4d5e6f708192a3b4c5d6e7f809102"
DIGEST = "5e" * 32


def finding(**changes: Any) -> JudgedFinding:
    """A shell injection, new and enforced."""
    judged: dict[str, Any] = {
        name: changes.pop(name)
        for name in ("state", "enforced", "since", "waiver_id", "waiver_note", "fingerprint")
        if name in changes
    }
    values: dict[str, Any] = {
        "tool": "bandit",
        "rule_id": "B602",
        "severity": Severity.HIGH,
        "message": "subprocess call with shell=True identified, security issue.",
        "identity": Identity(kind="code", key=("subprocess.call(cmd,shell=True)", "export")),
        "path": "src/orders/export.py",
        "line": 41,
        "column": 5,
        "excerpt": "    subprocess.call(cmd, shell=True)",
        "why": "shell=True with a value from outside runs whatever the caller sends.",
        "fix": 'pass a list: subprocess.run(["zip", path], check=True)',
        "reproduce": "release-gate run --gate security --path src/orders/export.py",
        "help_url": "https://bandit.readthedocs.io/en/1.9.4/plugins/b602.html",
        "in_change": True,
    }
    defaults: dict[str, Any] = {
        "fingerprint": "a1" * 32,
        "state": State.NEW,
        "enforced": True,
        "since": "this change",
    }
    return JudgedFinding(finding=Finding(**{**values, **changes}), **{**defaults, **judged})


def known(**changes: Any) -> JudgedFinding:
    """A finding that the baseline holds."""
    values: dict[str, Any] = {
        "state": State.KNOWN,
        "enforced": False,
        "since": "",
        "in_change": False,
    }
    return finding(**{**values, **changes})


def waiver(**changes: Any) -> WaiverUse:
    """A waiver that covers one finding and ends in twelve days."""
    values: dict[str, Any] = {
        "id": "W-2026-001",
        "status": WaiverStatus.IN_FORCE,
        "findings": 1,
        "note": "ends in 12 days",
        "type": "risk-accepted",
        "reason": "the export runs in a container of its own until the rewrite",
        "mitigation": "no network in there",
        "owner": "dev@example.invalid",
        "approver": "lead@example.invalid",
        "created": "2025-12-20",
        "expires": "2026-01-14",
        "days_left": 12,
        "tracking": "https://example.invalid/issues/7",
    }
    return WaiverUse(**{**values, **changes})


def gate(gate_id: str, **changes: Any) -> GateResult:
    """A gate that passed on 96 files."""
    values: dict[str, Any] = {
        "kind": gate_id,
        "title": f"Title of {gate_id}",
        "phase": "pre-release",
        "verdict": Verdict.PASS,
        "reason": "nothing new",
        "started_at": "2026-01-02T03:04:05+00:00",
        "duration_s": 0.31,
        "examined": Examined(unit="files", count=96, planned=96),
        "tools": (
            ToolRun(
                name="ruff",
                version="0.14.2",
                command=("{python}", "-m", "ruff", "check", "--output-format", "json"),
                exit_code=0,
            ),
        ),
    }
    return GateResult(gate_id=gate_id, **{**values, **changes})


def coverage(part: int, whole: int, *, at_least: Fraction, **changes: Any) -> GateResult:
    """A coverage gate whose verdict follows from its share."""
    metric = percentage("coverage", part, whole)
    met = metric.exact() >= at_least
    limit = Limit(
        metric="coverage",
        at_least=at_least,
        origin="fail-under in pyproject.toml",
        advice="Test the lines of the table below.",
    )
    values: dict[str, Any] = {
        "title": "Tests pass and cover the code",
        "verdict": Verdict.PASS if met else Verdict.FAIL,
        "reason": "nothing new" if met else "coverage misses its limit",
        "duration_s": 11.84,
        "metrics": (
            JudgedMetric(metric=metric, limit=limit, met=met),
            JudgedMetric(metric=Metric(name="tests", value=214, unit="tests")),
        ),
        "tables": (
            Table(
                title="Coverage per file",
                columns=("file", "lines", "missing", "covered"),
                rows=(
                    ("src/orders/export.py", "48", "31", "35.4 %"),
                    ("src/orders/pricing.py", "120", "0", "100 %"),
                ),
            ),
        ),
        "notes": ("214 tests, 1 skipped", "changed lines 94 %"),
        "tools": (
            ToolRun(
                name="coverage",
                version="7.11.0",
                command=("{python}", "-m", "coverage", "run", "-m", "pytest"),
                exit_code=0,
                home="project",
            ),
        ),
    }
    return gate("coverage", **{**values, **changes})


def report(*gates: GateResult, **changes: Any) -> Report:
    """A report over these gates; the verdict has to be given where it is not a pass."""
    values: dict[str, Any] = {
        "verdict": Verdict.PASS,
        "reason": f"{len(gates)} gates passed",
        "partial": False,
        "subject": Subject(
            repository="orders",
            commit=COMMIT,
            dirty=False,
            tree="7c" * 32,
            version="1.8.0",
            environment=None,
            artifacts=(),
        ),
        "base": BaseRef(ref="origin/main", commit=BASE, note="merge base with origin/HEAD"),
        "phase": "pre-release",
        "effective_time": "2026-01-02T03:04:05+00:00",
        "policy_digest": DIGEST,
        "tool": ToolInfo(
            name="release-gate", version="0.1.0", python="3.11.9", platform="linux x86_64"
        ),
        "started_at": "2026-01-02T03:04:05+00:00",
        "duration_s": 12.41,
        "expected": tuple(item.gate_id for item in gates),
        "not_applicable": (),
        "gates": gates,
    }
    return Report(**{**values, **changes})


def passing() -> Report:
    """Everything passed; some findings are accepted."""
    return report(
        gate("lint", title="Code is linted and formatted", duration_s=0.12),
        gate("types", title="Types check", examined=Examined(unit="files", count=96, reused=95)),
        gate(
            "security",
            title="No insecure code",
            findings=(
                known(line=12, fingerprint="b1" * 32),
                known(line=80, fingerprint="b2" * 32, rule_id="B404", severity=Severity.LOW),
                known(line=90, fingerprint="b3" * 32, state=State.WAIVED, waiver_id="W-2026-001"),
            ),
            reason="nothing new, 2 known, 1 waived",
            cached=True,
            waivers=(
                waiver(),
                waiver(
                    id="W-2026-002",
                    status=WaiverStatus.NO_MATCH,
                    findings=0,
                    note="it matches nothing: take it out",
                    mitigation="",
                ),
            ),
            suppressions=(
                Suppression(tool="bandit", directive="nosec", path="src/orders/a.py", line=3),
                Suppression(
                    tool="bandit",
                    directive="nosec",
                    path="src/orders/export.py",
                    line=17,
                    rules=("B404",),
                    since_base=True,
                ),
            ),
        ),
        coverage(1049, 1200, at_least=Fraction(80)),
        gate(
            "dependencies",
            title="No known vulnerable dependency",
            examined=Examined(
                unit="packages",
                count=61,
                planned=62,
                skipped=(
                    Skipped(what="orders", reason="the project itself", allowed_by="built in"),
                ),
            ),
            notes=("advisories of 2026-01-02 05:12",),
            duration_s=1.9,
            fixed=(
                BaselineEntry(
                    gate_id="dependencies",
                    rule_id="PYSEC-2025-1",
                    path="",
                    fingerprint="c1" * 32,
                    message="jinja# #.#",
                ),
            ),
            artifacts=(
                Artifact(
                    path="artifacts/dependencies/audit.json",
                    media_type="application/json",
                    sha256="d1" * 32,
                    size=20_480,
                ),
            ),
        ),
        not_applicable=(NotApplicable(gate_id="migrations", reason="there is no alembic.ini"),),
    )


def failing() -> Report:
    """Two gates block, one could not be judged, one is only shown."""
    return report(
        gate("lint", title="Code is linted and formatted"),
        gate(
            "security",
            title="No insecure code",
            verdict=Verdict.FAIL,
            reason="1 new finding blocks",
            findings=(
                finding(waiver_note="W-2025-017: ended on 2026-01-01"),
                finding(
                    rule_id="B101",
                    severity=Severity.INFO,
                    message="Use of assert detected.",
                    enforced=False,
                    line=7,
                    fingerprint="a2" * 32,
                    excerpt="assert cmd",
                ),
                known(line=12, fingerprint="b1" * 32),
            ),
            waivers=(
                waiver(
                    id="W-2025-017",
                    status=WaiverStatus.EXPIRED,
                    findings=0,
                    note="ended on 2026-01-01",
                    expires="2026-01-01",
                    days_left=-1,
                ),
            ),
        ),
        # 79.996 %: two digits would say 80.
        coverage(19_999, 25_000, at_least=Fraction(80)),
        gate(
            "dependencies",
            title="No known vulnerable dependency",
            verdict=Verdict.ERROR,
            reason="the advisory source answered for 0 of 61 packages",
            examined=None,
            tools=(),
            problems=(
                Problem(
                    what="the advisory source answered for 0 of 61 packages",
                    remedy=(
                        "A scan without data is not a pass. Set RELEASE_GATE_ADVISORIES to an "
                        "archive of OSV entries, or allow the live service."
                    ),
                    log="logs/dependencies.log",
                    slug="advisories-missing",
                ),
            ),
        ),
        gate(
            "secrets",
            title="No new secret",
            verdict=Verdict.FAIL,
            enforce=False,
            reason="1 new finding blocks",
            findings=(
                finding(
                    tool="detect-secrets",
                    rule_id="Secret Keyword",
                    message="a value that looks like a key",
                    path="src/orders/settings.toml",
                    line=8,
                    column=None,
                    excerpt="",
                    why="",
                    fix="Take the key out, revoke it, and read it from the environment.",
                    help_url="",
                    fingerprint="e1" * 32,
                    identity=Identity(kind="secret", key=("f0" * 32,)),
                ),
            ),
        ),
        verdict=Verdict.FAIL,
        reason="2 gates block, 1 gate could not be judged",
        duration_s=14.2,
        subject=Subject(
            repository="orders",
            commit=COMMIT,
            dirty=True,
            tree="7c" * 32,
            version="1.8.0",
            environment="production",
            artifacts=(ArtifactDigest(name="orders-1.8.0-py3-none-any.whl", sha256="ab" * 32),),
        ),
    )


def unjudged() -> Report:
    """A run that could not be judged: a tool gave nothing, and the tree changed."""
    return report(
        gate("lint"),
        gate(
            "types",
            verdict=Verdict.ERROR,
            reason="mypy ended with exit code 2 and one more",
            problems=(
                Problem(what="mypy ended with exit code 2", slug="tool-problem"),
                Problem(
                    what="not examined: src/orders/broken.py (does not parse)",
                    path="src/orders/broken.py",
                    remedy="Mend it, or leave it out in the configuration by name.",
                    slug="not-examined",
                ),
            ),
        ),
        verdict=Verdict.ERROR,
        reason="1 gate could not be judged, lint changed src/orders/a.py during the run",
        problems=(
            Problem(
                what="lint changed src/orders/a.py during the run",
                remedy="A gate only reads. Run the fixer yourself, then the gate again.",
                path="src/orders/a.py",
                slug="tree-changed",
            ),
        ),
    )


def inconclusive() -> Report:
    """Too little to say."""
    rate = Metric(name="error-rate", value=0.0, unit="%", n=600, low=0.0, high=0.5)
    limit = Limit(metric="error-rate", at_most=Fraction(1, 10), origin="max-error-rate")
    return report(
        gate("lint"),
        gate(
            "canary",
            verdict=Verdict.INCONCLUSIVE,
            reason="600 requests without an error say no more than at most 0.5 %",
            examined=Examined(unit="requests", count=600),
            metrics=(
                JudgedMetric(metric=rate, limit=limit, met=True),
                JudgedMetric(metric=Metric(name="p95", value=math.nan, unit="s", n=0)),
            ),
            limitations=(
                Limitation(
                    name="too-few-samples",
                    detail="600 requests without an error say no more than at most 0.5 %",
                ),
            ),
        ),
        verdict=Verdict.INCONCLUSIVE,
        reason="1 gate could not be judged",
        base=NO_BASE,
    )


def skipped() -> Report:
    """One gate skipped on purpose, two that do not apply, no git."""
    return report(
        gate("lint", examined=Examined(unit="files", count=1)),
        gate(
            "types",
            verdict=Verdict.SKIPPED,
            reason="skipped by configuration: typed from 2.0 on",
            examined=None,
            tools=(),
            started_at="",
            duration_s=0.0,
        ),
        reason="1 gate passed",
        not_applicable=(
            NotApplicable(gate_id="migrations", reason="there is no alembic.ini"),
            NotApplicable(gate_id="dependencies", reason="there is no lock file"),
        ),
        subject=Subject(
            repository="scripts", commit=None, dirty=None, tree="7c" * 32, version=None
        ),
        base=NO_BASE,
        notes=("not a git repository: no base, no changed lines",),
    )


def partial() -> Report:
    """Only one gate was asked for, and it passed."""
    return report(gate("lint"), partial=True, reason="1 gate passed")


def nothing() -> Report:
    """No gate at all: never a pass."""
    return report(
        verdict=Verdict.ERROR,
        reason="no gate was judged: a run of nothing is not a pass",
    )


HOSTILE = (
    "<script>document.title='owned'</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><b onmouseover=alert(1)>",
    "{{7*7}}{% raw %}",
    "[click](javascript:alert(1)) ![x](https://evil.example/p.png) https://evil.example/",
    "</details></table>| a | b |\n|---|---|\n# head\n- item @octocat #123",
    "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link\x1b]8;;\x07 \x9b31m",
    "=cmd|' /C calc'!A0",
    "::add-mask::orders\n::stop-commands::pause\n  ::error::x\n##[add-mask]y ##vso[task.complete]",
    "\u202egnp.exe\u202c \u2066isolated\u2069 \u200bzero",
    "nul\x00byte bell\x07 back\x08space carriage\rreturn",
    "lone \udcff surrogate \ud800",
    "```\nfence\n``` `tick` <!-- comment --> &amp; \\",
)


def _infect(value: Any, text: str) -> Any:
    """The same value with the text in every field that holds free text."""
    if type(value) is str:
        return text
    if isinstance(value, tuple):
        return tuple(_infect(item, text) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kept = {"kind"} if isinstance(value, Identity) else set()
        changes = {
            f.name: _infect(getattr(value, f.name), text)
            for f in dataclasses.fields(value)
            if f.name not in kept | {"home", "mode"}
        }
        return dataclasses.replace(value, **changes)
    return value


def infected(text: str) -> Report:
    """A failing report with one text in every field."""
    return _with_ids(_infect(failing(), text), text)


def _with_ids(value: Report, text: str) -> Report:
    ids = [f"{text}{index}" for index, _ in enumerate(value.gates)]
    gates = tuple(
        dataclasses.replace(item, gate_id=name) for item, name in zip(value.gates, ids, strict=True)
    )
    return dataclasses.replace(value, gates=gates, expected=tuple(ids))


def hostile() -> Report:
    """Every hostile text in every field, in one report."""
    return infected("\n".join(HOSTILE))


@functools.cache  # it is frozen, and takes long to make
def huge() -> Report:
    """Thirty thousand new findings, a few of them grave and far down the list."""
    order = list(Severity)
    findings = tuple(
        finding(
            line=index + 1,
            path=f"src/orders/module_{index % 300:03d}.py",
            severity=Severity.CRITICAL if index % 9_000 == 8_999 else order[1 + index % 4],
            fingerprint=f"{index:064x}",
            message=f"finding number {index}",
        )
        for index in range(30_000)
    )
    ranked = tuple(sorted(findings, key=lambda item: item.finding.severity.rank))
    return report(
        gate(
            "security",
            verdict=Verdict.FAIL,
            reason="30000 new findings block",
            findings=ranked,
            examined=Examined(unit="files", count=300),
        ),
        gate("lint"),
        verdict=Verdict.FAIL,
        reason="1 gate blocks",
    )


SAMPLES: dict[str, Callable[[], Report]] = {
    "pass": passing,
    "fail": failing,
    "error": unjudged,
    "inconclusive": inconclusive,
    "skipped": skipped,
    "partial": partial,
    "nothing": nothing,
    "hostile": hostile,
    "huge": huge,
}
