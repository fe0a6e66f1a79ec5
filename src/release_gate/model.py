"""The values that gates produce: evidence, and what it is made of.

Everything here is frozen, keyword-only and holds no verdict, no limit and no
state of a finding: those belong to :mod:`release_gate.judge`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Literal


class Severity(StrEnum):
    """How bad a finding is; ``unknown`` counts as high."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """Position for sorting, 0 is worst; ``unknown`` sorts with high."""
        return _RANK[self]


_RANK = {
    Severity.CRITICAL: 0,
    Severity.HIGH: 1,
    Severity.UNKNOWN: 1,
    Severity.MEDIUM: 2,
    Severity.LOW: 3,
    Severity.INFO: 4,
}


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Skipped:
    """Something a gate was meant to read and did not.

    Args:
        what: The file, package or test that was not read.
        reason: Why, in a few words.
        allowed_by: The setting that permits it; ``None`` makes the gate ``error``.
    """

    what: str
    reason: str
    allowed_by: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """How much a gate really read.

    Args:
        unit: Plural noun, as in ``files`` or ``packages``.
        count: How many were read, as established from the tool's own output.
        planned: How many it was meant to read; fewer than that and not skipped is an error.
        skipped: What was left out, and why.
        reused: How many of ``count`` were taken from the tool's own cache.
    """

    unit: str
    count: int
    planned: int | None = None
    skipped: tuple[Skipped, ...] = ()
    reused: int = 0


KeyKind = Literal["code", "dependency", "secret", "infrastructure", "web", "benchmark", "item"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """What makes a finding the same finding tomorrow; never a line, time or tool version.

    Args:
        kind: Which kind of key ``key`` is.
        key: For code: the flagged line without white space and its enclosing symbol;
            for a dependency: purl and alias group; for a secret: a keyed hash.
    """

    kind: KeyKind
    key: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing wrong, as a tool saw it.

    Args:
        tool: Name of the tool that reported it.
        rule_id: The tool's own id of the rule.
        severity: As mapped by the gate's kind.
        message: One line, safe to show; a secret never stands here.
        identity: What the fingerprint is computed from.
        path: Repository-relative POSIX path; ``None`` where there is no file.
        line: One-based first line.
        column: One-based column.
        excerpt: The flagged source line or lines; empty for secrets.
        why: Why it matters, one sentence; may be empty.
        fix: How to mend it, one sentence or a command; may be empty.
        reproduce: One command that shows the same finding.
        help_url: The rule's page.
        aliases: Other ids of the same thing (CVE, GHSA).
        in_change: Whether the flagged line was changed since the base; ``None``: not known.
        always_blocks: A finding that no baseline can accept (a confirmed secret).
        published: Day on which the advisory behind it was published, ISO 8601; empty: none.
        fixable: Whether a release that fixes it is known; ``None``: not asked.
    """

    tool: str
    rule_id: str
    severity: Severity
    message: str
    identity: Identity
    path: str | None = None
    line: int | None = None
    column: int | None = None
    excerpt: str = ""
    why: str = ""
    fix: str = ""
    reproduce: str = ""
    help_url: str = ""
    aliases: tuple[str, ...] = ()
    in_change: bool | None = None
    always_blocks: bool = False
    published: str = ""
    fixable: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """A named number.

    Args:
        name: Kebab-case name, unique within the gate.
        value: The number in ``unit``.
        unit: ``%``, ``s``, ``lines``, ``tests`` and so on.
        ratio: Numerator and denominator where ``value`` is a share; limits are then
            compared exactly (159 of 200 is 79.5 %, not 80 %).
        n: Sample size where the value was sampled.
        low: Its lower 95 % bound; ``None``: unknown, or nothing bounds it.
        high: Its upper 95 % bound, likewise.
        more: How many more samples would settle on which side of its limit it lies, if they are
            like the ones so far; ``None``: not known.
    """

    name: str
    value: float
    unit: str
    ratio: tuple[int, int] | None = None
    n: int | None = None
    low: float | None = None
    high: float | None = None
    more: int | None = None

    @property
    def is_number(self) -> bool:
        """Whether the value can be compared at all (not NaN, not infinite, 0/0)."""
        if self.ratio is not None:
            return self.ratio[1] > 0 and math.isfinite(self.value)
        return math.isfinite(self.value)

    def exact(self) -> Fraction:
        """The value without rounding, in ``unit``.

        Raises:
            ValueError: If the value is not a number.
        """
        if not self.is_number:
            raise ValueError(f"{self.name} is not a number: {self.value}")
        if self.ratio is None:
            return Fraction(str(self.value))
        return Fraction(*self.ratio) * (100 if self.unit == "%" else 1)


def percentage(name: str, part: int, whole: int) -> Metric:
    """A share in percent that keeps its exact fraction; 0 of 0 is not a number."""
    value = 100 * part / whole if whole else math.nan
    return Metric(name=name, value=value, unit="%", ratio=(part, whole))


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """What a metric must keep to; policy compares, gates only state it.

    Args:
        metric: Name of the metric.
        at_least: Lower bound in the metric's unit, included.
        at_most: Upper bound in the metric's unit, included.
        origin: The setting it comes from.
        advice: What to do when it is missed.
        optional: Whether the metric may be absent (changed-line coverage without a base).
        on_bounds: Whether the metric's bounds are compared in place of its value: met if both are
            inside, missed if both are outside, not settled if the limit lies between them.
    """

    metric: str
    at_least: Fraction | None = None
    at_most: Fraction | None = None
    origin: str = ""
    advice: str = ""
    optional: bool = False
    on_bounds: bool = False


ToolHome = Literal["toolkit", "project", "system"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolRun:
    """A tool that ran, as proven by its own output.

    Args:
        name: Distribution name.
        version: As the tool itself reported it.
        command: With ``{python}``, ``{root}`` and ``{tmp}`` in place of paths.
        exit_code: The raw one.
        home: Which environment it ran from.
    """

    name: str
    version: str
    command: tuple[str, ...]
    exit_code: int
    home: ToolHome = "toolkit"


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something that kept the evidence from being whole: makes the gate ``error``."""

    what: str
    remedy: str = ""
    path: str | None = None
    log: str | None = None
    slug: str = "evidence-not-whole"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limitation:
    """Something true that caps the verdict; a table in policy says to what.

    Args:
        name: Kebab-case name that the table knows; an unknown name caps at ``error``.
        detail: What exactly, one sentence.
    """

    name: str
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Suppression:
    """A comment in the source that takes findings away before anyone sees them.

    Args:
        tool: Whose comment it is.
        directive: ``noqa``, ``type: ignore``, ``nosec``, ``pragma: allowlist secret``.
        path: Repository-relative POSIX path.
        line: One-based line.
        rules: The rules it names; empty: all of them.
        since_base: Whether it was added since the base; ``None``: no base.
    """

    tool: str
    directive: str
    path: str
    line: int
    rules: tuple[str, ...] = ()
    since_base: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """A file that a gate leaves for people, under the output folder's ``artifacts/``."""

    path: str
    media_type: str
    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows a gate wants to show beside its findings (coverage per file)."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Fact:
    """Something named that evidence depends on.

    Args:
        name: Of a setting, a variable, a source of data.
        value: As text; of a variable only a short digest.
    """

    name: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What a gate's evidence depends on, recorded so that two runs can be compared.

    Args:
        settings: Settings in force, sorted by name.
        variables: Environment variables that it reads, each with a short digest.
        files: Hex digest over paths and object ids of the files that it was to read.
    """

    settings: tuple[Fact, ...] = ()
    variables: tuple[Fact, ...] = ()
    files: str = ""


NO_SURROUNDINGS = Surroundings()


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What a gate saw. It holds no verdict, no limit and no state.

    Args:
        examined: What was read; policy makes ``count == 0`` an error.
        notes: Short facts for the gate's line on the screen (``advisories of 2026-10-19``).
        data: Data from outside that it judged by, with its date or digest.
    """

    examined: Examined
    findings: tuple[Finding, ...] = ()
    metrics: tuple[Metric, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    tools: tuple[ToolRun, ...] = ()
    problems: tuple[Problem, ...] = ()
    limitations: tuple[Limitation, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    data: tuple[Fact, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Collected:
    """What came of one gate's ``collect``: its evidence, or why there is none.

    Args:
        gate_id: Whose it is.
        evidence: ``None`` if ``collect`` did not return any.
        problem: Set exactly when ``evidence`` is ``None``.
        started_at: Wall clock, UTC, ISO 8601.
        duration_s: Seconds by the monotonic clock.
        cached: Whether the evidence was reused from an earlier run.
    """

    gate_id: str
    evidence: Evidence | None
    problem: Problem | None = None
    started_at: str = ""
    duration_s: float = 0.0
    cached: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ArtifactDigest:
    """A built thing that the release consists of."""

    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What was judged.

    Args:
        repository: Name for people, never a path of this machine.
        commit: Full object id; ``None`` without git or without a commit.
        dirty: Whether tracked or untracked files differ from the commit; ``None`` without git.
        tree: Digest over the file list and its contents' identity.
        version: The project's version where known.
        environment: Name of the environment, where one was chosen.
        artifacts: Digests of built artefacts.
    """

    repository: str
    commit: str | None
    dirty: bool | None
    tree: str
    version: str | None = None
    environment: str | None = None
    artifacts: tuple[ArtifactDigest, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseRef:
    """What differences are taken against.

    Args:
        ref: As the user or the CI named it; ``None`` without a base.
        commit: Its object id.
        note: How it was found, or why there is none.
    """

    ref: str | None
    commit: str | None
    note: str = ""


NO_BASE = BaseRef(ref=None, commit=None, note="no base")


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedTool:
    """A tool the plan says will run from the toolkit, and its version."""

    name: str
    version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NotApplicable:
    """A gate that is left out, and why."""

    gate_id: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """How many new findings of each severity are allowed; absent severities: any number.

    The default allows none of any severity but ``info``.

    Args:
        allowed: The most, by severity.
        mitigated: Severities of which every finding, known ones too, needs a waiver with a
            mitigation; all of them count.
    """

    allowed: dict[Severity, int] = field(
        default_factory=lambda: {s: 0 for s in Severity if s is not Severity.INFO}
    )
    mitigated: frozenset[Severity] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratchet:
    """A metric that may only get better than the best value it has reached.

    Args:
        metric: Name of the metric; ``findings`` counts all findings of the gate.
        tolerance: How far it may fall behind, in its unit.
        better: Which way is better; ``None``: as the metric's name or limit says.
    """

    metric: str
    tolerance: Fraction = Fraction(0)
    better: Literal["higher", "lower"] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Leeway:
    """Days from an advisory's publication in which it does not block yet.

    Args:
        with_fix: Where a release that fixes it is known.
        without_fix: Where none is.
    """

    with_fix: int = 0
    without_fix: int = 0
