"""Runs pip-audit on exact pins and reads its answer without trust.

pip-audit ends with 0 where it audited nothing and with 1 both for findings and
for its own errors, so that neither says anything. Every round therefore holds a
canary, a pin that is known to be vulnerable: its finding must be in the output.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import Version

from release_gate.errors import ToolProblem
from release_gate.model import ToolRun
from release_gate.ports import Completed, Context
from release_gate.subjects.source import commands

TOOL = "pip-audit"
_FINDINGS = 1
# Only our own server is asked, on loopback: no proxy may stand in between.
_ENVIRONMENT = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
_OPTIONS = (
    *("-s", "osv", "-f", "json", "--desc", "on", "--aliases", "on"),
    *("--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "120"),
)
Question = tuple[str, str]
Key = tuple[str, Version]


class Vulnerability(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``dependencies[].vulns[]``."""

    id: str
    fix_versions: tuple[str, ...]
    aliases: tuple[str, ...]
    description: str


class Dependency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``dependencies[]``: audited, or skipped with a reason."""

    name: str
    version: str | None = None
    vulns: tuple[Vulnerability, ...] | None = None
    skip_reason: str | None = None


class _Output(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    dependencies: tuple[Dependency, ...]
    fixes: tuple[object, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """What one run of pip-audit said, the canary taken out.

    Args:
        tool: The run.
        audited: Vulnerabilities by question; one entry for every pin that was audited.
        skipped: Reason by normalised name.
    """

    tool: ToolRun
    audited: dict[Question, tuple[Vulnerability, ...]]
    skipped: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Auditor:
    """How pip-audit is run.

    Args:
        ctx: The gate's context.
        version: Version of pip-audit, by its own word.
        url: Our server.
    """

    ctx: Context
    version: str
    url: str

    def audit(self, pins: Sequence[Question], canary: Question, number: int) -> Round:
        """One round: pins of different packages.

        Args:
            pins: Normalised name and version of each.
            canary: A pin of another package that must be reported.
            number: Of the round, for file names.

        Raises:
            ToolProblem: If the output is missing, empty, cut off or of another shape, if
                exit code and output disagree, or if the canary is not in it.
        """
        work = self.ctx.work
        question, answer = work / f"round-{number}.txt", work / f"round-{number}.json"
        lines = [f"{name}=={version}\n" for name, version in (*pins, canary)]
        question.write_text("".join(lines), encoding="utf-8", newline="\n")
        files = ["-r", str(question), "-o", str(answer), "--cache-dir", str(work / "cache")]
        done = commands.module(
            self.ctx, "pip_audit", [*files, "--osv-url", self.url, *_OPTIONS], env=_ENVIRONMENT
        )
        output = _read(answer, done)
        tool = commands.tool_run(self.ctx, TOOL, done, version=self.version)
        return _without_canary(_round(output, _without_port(tool), done), canary, done)


def version_of(ctx: Context) -> str:
    """The version that pip-audit says it has.

    Raises:
        ToolProblem: If it says none.
    """
    return commands.version(ctx, "pip_audit")


def _without_port(tool: ToolRun) -> ToolRun:
    # The port is another one in each run, the evidence must not be.
    command = tuple(re.sub(r"^http://127\.0\.0\.1:\d+", "{loopback}", one) for one in tool.command)
    return replace(tool, command=command)


def rounds(pins: Sequence[Question]) -> list[list[Question]]:
    """Pins in as few rounds as needed, each package at most once in a round.

    A universal lock may hold one package in several versions; a requirements file may not.
    """
    result: list[dict[str, str]] = []
    for name, version in sorted(set(pins)):
        free = next((one for one in result if name not in one), None)
        if free is None:
            free = {}
            result.append(free)
        free[name] = version
    return [list(one.items()) for one in result]


def _read(answer: Path, done: Completed) -> _Output:
    try:
        content = answer.read_bytes()
    except FileNotFoundError:
        content = b""
    if not content.strip():
        raise _problem(f"it wrote no result: {commands.last_words(done)}", done)
    try:
        output = msgspec.json.decode(content, type=_Output)
    except ValueError as error:  # msgspec.DecodeError and ValidationError are both of it
        raise _problem(f"its result is cut off or of another shape: {error}", done) from error
    vulnerable = any(one.vulns for one in output.dependencies)
    if done.exit_code != (_FINDINGS if vulnerable else 0):
        raise _problem(f"exit code {done.exit_code} contradicts its result", done)
    return output


def _round(output: _Output, tool: ToolRun, done: Completed) -> Round:
    audited: dict[Question, tuple[Vulnerability, ...]] = {}
    skipped: dict[str, str] = {}
    for one in output.dependencies:
        name = canonicalize_name(one.name)
        if one.skip_reason is not None:
            skipped[name] = one.skip_reason
        elif one.version is None or one.vulns is None:
            raise _problem(f"{name} was neither audited nor skipped", done)
        else:
            audited[name, one.version] = one.vulns
    return Round(tool=tool, audited=audited, skipped=skipped)


def _without_canary(done_round: Round, canary: Question, done: Completed) -> Round:
    known = normalised(canary)
    found = {key: vulns for key, vulns in done_round.audited.items() if normalised(key) == known}
    if not any(found.values()):
        raise ToolProblem(
            f"{TOOL} did not report {canary[0]} {canary[1]}, which is known to be vulnerable",
            done.log,
            remedy="Read the log: it was told to ignore it, or reads the answers in another way.",
        )
    rest = {key: vulns for key, vulns in done_round.audited.items() if key not in found}
    return Round(tool=done_round.tool, audited=rest, skipped=done_round.skipped)


def normalised(question: Question) -> Key:
    """A question in a form that compares by meaning: 1.0 and 1.0.0 are one version."""
    return question[0], Version(question[1])


def _problem(what: str, done: Completed) -> ToolProblem:
    return ToolProblem(f"{TOOL} cannot be trusted: {what}", done.log, remedy="Read the log.")
