"""The stored form of a report: ``gate.json``, schema version 1.

Every field is required, so that a file that lost one is refused and never
filled up with a default. Fields may be added in version 1; then they get a
default and the reader of this version still refuses what it does not know.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from release_gate.judge.types import State, Verdict, WaiverStatus
from release_gate.model import KeyKind, Severity, ToolHome
from release_gate.trust import PolicyMode

SCHEMA_VERSION = 1

Count = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
Exact = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]+(\.[0-9]+|/0*[1-9][0-9]*)?$(?!\n)")]
"""A number without rounding: decimal (``79.5``) or, where that would not end, ``1/3``."""


class Stored(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all stored forms."""


class StoredSkipped(Stored, frozen=True):
    """Something that was not read.

    Args:
        what: The file, package or test.
        reason: Why, in a few words.
        allowed_by: The setting that permits it, or null.
    """

    what: str
    reason: str
    allowed_by: str | None


class StoredExamined(Stored, frozen=True):
    """How much a gate really read.

    Args:
        unit: Plural noun, as in `files`.
        count: How many were read.
        planned: How many were to be read, or null.
        skipped: What was left out, and why.
        reused: How many of `count` came from the tool's own cache.
    """

    unit: str
    count: Count
    planned: Count | None
    skipped: tuple[StoredSkipped, ...]
    reused: Count


class StoredTool(Stored, frozen=True):
    """A tool that ran.

    Args:
        name: Distribution name.
        version: As the tool itself reported it.
        command: Arguments, with `{python}`, `{root}` and `{tmp}` in place of paths.
        exit_code: The raw one.
        home: Where it is installed.
    """

    name: str
    version: str
    command: tuple[str, ...]
    exit_code: int
    home: ToolHome


class StoredIdentity(Stored, frozen=True):
    """What the fingerprint is computed from.

    Args:
        kind: Which kind of key it is.
        key: Parts of the key; a keyed hash for a secret.
    """

    kind: KeyKind
    key: tuple[str, ...]


class StoredFinding(Stored, frozen=True):
    """One thing wrong, and what policy says of it.

    Args:
        tool: Tool that reported it.
        rule_id: The tool's own id of the rule.
        severity: `unknown` counts as high.
        state: `new`, `known` (in the baseline) or `waived`.
        enforced: Whether it blocks.
        message: One line.
        path: Repository-relative POSIX path, or null.
        line: One-based, or null.
        column: One-based, or null.
        fingerprint: Hex SHA-256, version 1.
        identity: What the fingerprint is computed from.
        excerpt: The flagged source; empty for secrets.
        why: Why it matters; may be empty.
        fix: How to mend it; may be empty.
        reproduce: A command that shows the same finding; may be empty.
        since: How long it has been there, for people; empty if not known.
        waiver_id: The waiver that covers it, or null.
        waiver_note: Waivers that name it and do not cover it, and why; may be empty.
        help_url: The rule's page; may be empty.
        aliases: Other ids of the same thing (CVE, GHSA).
        in_change: Whether its line was changed since the base; null if not known.
        always_blocks: No baseline can accept it.
        published: Day on which its advisory was published; empty if there is none.
        fixable: Whether a release that fixes it is known; null if not asked.
    """

    tool: str
    rule_id: str
    severity: Severity
    state: State
    enforced: bool
    message: str
    path: str | None
    line: int | None
    column: int | None
    fingerprint: str
    identity: StoredIdentity
    excerpt: str
    why: str
    fix: str
    reproduce: str
    since: str
    waiver_id: str | None
    waiver_note: str
    help_url: str
    aliases: tuple[str, ...]
    in_change: bool | None
    always_blocks: bool
    published: str
    fixable: bool | None


class StoredLimit(Stored, frozen=True):
    """What a metric must keep to; both bounds are included.

    Args:
        at_least: Exact lower bound as text (`79.5`, `1/3`), or null.
        at_most: Exact upper bound as text, or null.
        origin: The setting it comes from.
        advice: What to do when it is missed.
        optional: Whether the metric may be absent.
        on_bounds: Whether the metric's bounds are compared in place of its value.
    """

    at_least: Exact | None
    at_most: Exact | None
    origin: str
    advice: str
    optional: bool
    on_bounds: bool


class StoredMetric(Stored, frozen=True):
    """A named number.

    Args:
        name: Unique within the gate.
        value: Null where nothing could be measured (0 of 0, not a number).
        unit: `%`, `s`, `tests` and so on.
        ratio: Numerator and denominator of a share, or null; limits are compared with these.
        limit: What it must keep to, or null.
        met: Whether it does; null without a limit, without a number, or if the bounds do not
            settle it.
        n: Sample size, or null.
        low: Lower 95 % bound, or null.
        high: Upper 95 % bound, or null.
        more: How many more samples would settle it against its limit, or null.
    """

    name: str
    value: float | None
    unit: str
    ratio: tuple[int, int] | None
    limit: StoredLimit | None
    met: bool | None
    n: int | None
    low: float | None
    high: float | None
    more: Count | None


class StoredProblem(Stored, frozen=True):
    """Something that kept the evidence from being whole.

    Args:
        what: What happened.
        remedy: What to do next; may be empty.
        path: Repository-relative POSIX path, or null.
        log: Log of the tool, relative to the output folder, or null.
        slug: Section of the page of errors.
    """

    what: str
    remedy: str
    path: str | None
    log: str | None
    slug: str


class StoredLimitation(Stored, frozen=True):
    """Something true that caps the verdict.

    Args:
        name: Kebab-case name known to policy.
        detail: What exactly.
    """

    name: str
    detail: str


class StoredSuppression(Stored, frozen=True):
    """A comment in the source that takes findings away.

    Args:
        tool: Whose comment it is.
        directive: The comment's word, as in `noqa`.
        path: Repository-relative POSIX path.
        line: One-based.
        rules: Rules it names; empty means all.
        since_base: Whether it was added since the base; null without one.
    """

    tool: str
    directive: str
    path: str
    line: int
    rules: tuple[str, ...]
    since_base: bool | None


class StoredArtifact(Stored, frozen=True):
    """A file left for people.

    Args:
        path: Relative to the output folder.
        media_type: MIME type.
        sha256: Hex digest of its content.
        size: Bytes.
    """

    path: str
    media_type: str
    sha256: str
    size: Count


class StoredTable(Stored, frozen=True):
    """Rows shown beside the findings.

    Args:
        title: What the rows are.
        columns: Column heads.
        rows: Cells as text.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class StoredFact(Stored, frozen=True):
    """Something named that evidence depends on.

    Args:
        name: Of a setting, a variable, a source of data.
        value: As text; of a variable only a short digest.
    """

    name: str
    value: str


class StoredSurroundings(Stored, frozen=True):
    """What a gate's evidence depends on, so that two runs can be compared.

    Args:
        settings: Settings in force.
        variables: Environment variables that it reads.
        files: Hex digest over the files that it was to read; empty for none.
    """

    settings: tuple[StoredFact, ...]
    variables: tuple[StoredFact, ...]
    files: str


class StoredWaiver(Stored, frozen=True):
    """A waiver of the gate in this environment, and what became of it.

    Args:
        id: The waiver's id.
        status: `in-force`; else what speaks against it: `expired`, `not-yet`, `unusable`,
            `conflict`, `too-many`, `not-covering`, `not-needed`, `no-match`, `not-seen`.
        findings: How many findings of the gate it covers.
        note: Why it does not hold, or when it ends; may be empty.
        type: Why it is one, as in `not-exploitable`.
        reason: As its owner wrote it.
        mitigation: What keeps the damage small meanwhile; may be empty.
        owner: Whose it is.
        approver: Who allowed it.
        created: First day, UTC.
        expires: Last day, UTC; it ends at 24:00.
        days_left: Days from the day judged at to the last one; below 0 once it has ended.
        tracking: Where the work on it is followed; may be empty.
    """

    id: str
    status: WaiverStatus
    findings: Count
    note: str
    type: str
    reason: str
    mitigation: str
    owner: str
    approver: str
    created: str
    expires: str
    days_left: int
    tracking: str


class StoredGate(Stored, frozen=True):
    """One gate's verdict with all that led to it.

    Args:
        id: Name of its table in the configuration.
        kind: Kind of gate.
        title: One line for people.
        phase: Phase it ran in.
        verdict: `pass`, `fail`, `error`, `inconclusive` or `skipped`.
        reason: Why, one line.
        enforce: `false`: shown, never decides.
        started_at: UTC, ISO 8601; empty if it did not start.
        duration_s: Seconds.
        cached: Whether the evidence was reused from an earlier run.
        examined: What was read; null where no evidence came.
        tools: What ran.
        findings: New first, then by severity, path and line.
        metrics: Measured numbers with their limits.
        problems: What kept the evidence from being whole.
        limitations: What caps the verdict.
        suppressions: Comments in the source that hide findings.
        artifacts: Files left for people.
        tables: Rows to show.
        notes: Short facts for the gate's line.
        waivers: Waivers of this gate, in the order of their file.
        data: Data from outside that it judged by, with its date or digest.
        surroundings: What its evidence depends on.
    """

    id: str
    kind: str
    title: str
    phase: str
    verdict: Verdict
    reason: str
    enforce: bool
    started_at: str
    duration_s: Seconds
    cached: bool
    examined: StoredExamined | None
    tools: tuple[StoredTool, ...]
    findings: tuple[StoredFinding, ...]
    metrics: tuple[StoredMetric, ...]
    problems: tuple[StoredProblem, ...]
    limitations: tuple[StoredLimitation, ...]
    suppressions: tuple[StoredSuppression, ...]
    artifacts: tuple[StoredArtifact, ...]
    tables: tuple[StoredTable, ...]
    notes: tuple[str, ...]
    waivers: tuple[StoredWaiver, ...]
    data: tuple[StoredFact, ...]
    surroundings: StoredSurroundings


class StoredArtifactDigest(Stored, frozen=True):
    """A built thing that the release consists of.

    Args:
        name: File or image name.
        sha256: Hex digest.
    """

    name: str
    sha256: str


class StoredSubject(Stored, frozen=True):
    """What was judged.

    Args:
        repository: Name for people.
        commit: Full object id; null without git.
        dirty: Whether files differ from the commit; null without git.
        tree: Digest over the file list and its contents.
        version: The project's version, or null.
        environment: The chosen environment, or null.
        artifacts: Digests of built things.
    """

    repository: str
    commit: str | None
    dirty: bool | None
    tree: str
    version: str | None
    environment: str | None
    artifacts: tuple[StoredArtifactDigest, ...]


class StoredBase(Stored, frozen=True):
    """What differences were taken against.

    Args:
        ref: Its name; null without a base.
        commit: Its object id, or null.
        note: How it was found, or why there is none.
    """

    ref: str | None
    commit: str | None
    note: str


class StoredNotApplicable(Stored, frozen=True):
    """A gate that was left out.

    Args:
        id: The gate.
        reason: Why.
    """

    id: str
    reason: str


class StoredFixed(Stored, frozen=True):
    """An accepted finding that no longer occurs.

    Args:
        gate_id: Gate that had reported it.
        rule_id: Its rule.
        path: Repository-relative POSIX path; empty where there was none.
        fingerprint: Hex SHA-256, version 1.
        message: With digits masked; may be empty.
        label: `accepted`, `false-positive` or `confirmed`.
        reason: Why it was accepted after the first time; may be empty.
    """

    gate_id: str
    rule_id: str
    path: str
    fingerprint: str
    message: str
    label: str
    reason: str


class StoredToolInfo(Stored, frozen=True):
    """Who judged.

    Args:
        name: This program.
        version: Its version.
        python: Version of its interpreter.
        platform: Operating system and machine.
    """

    name: str
    version: str
    python: str
    platform: str


class StoredPolicy(Stored, frozen=True):
    """Where the policy in force was read from.

    Args:
        mode: `base`: the trusted commit; `approved`: the files judged, each change of policy
            being approved; `adopting`: the files judged, the trusted commit having no policy
            yet; `head`: the files judged, there being no trusted commit.
        commit: The trusted commit, or null.
        note: Which commit that is, or why there is none.
    """

    mode: PolicyMode
    commit: str | None
    note: str


class StoredNeed(Stored, frozen=True):
    """What must have passed before.

    Args:
        kind: `phase` or `environment`.
        name: Its name.
    """

    kind: Literal["phase", "environment"]
    name: str


class StoredJoined(Stored, frozen=True):
    """A report that went into this one.

    Args:
        name: Of its file.
        phase: Its phase.
        environment: Its environment, or null.
        started_at: UTC, ISO 8601.
        verdict: Its own.
        gates: Ids of the gates that it brought; none if it was only needed.
    """

    name: str
    phase: str
    environment: str | None
    started_at: str
    verdict: str
    gates: tuple[str, ...]


class StoredReport(Stored, frozen=True):
    """The whole result.

    Args:
        schema_version: 1; a reader refuses any other.
        verdict: Worst of the enforced gates: `fail`, then `error`, `inconclusive`, `pass`.
        reason: Why, one line.
        partial: Only some of the expected gates were asked for.
        subject: What was judged.
        base: What differences were taken against.
        phase: Name of the phase.
        effective_time: The moment that policy judged at, ISO 8601.
        policy_digest: SHA-256 over configuration and policy files.
        tool: Who judged.
        started_at: UTC, ISO 8601.
        duration_s: Seconds.
        expected: Ids of the gates that had to give a verdict.
        not_applicable: Gates left out, and why.
        gates: One result for each expected gate.
        fixed: Accepted findings that no longer occur.
        problems: What kept the run as a whole from being judged.
        notes: Facts about the run.
        planned: Ids of all gates that the phase expects, also in a part.
        paths: What the run was narrowed to; empty: everything.
        needs: What must have passed before.
        policy: Where the policy in force was read from.
        replayed: Whether `effective_time` was given and is not the time of the run.
        joined: The reports that were merged into this one.
    """

    schema_version: Literal[1]
    verdict: Verdict
    reason: str
    partial: bool
    subject: StoredSubject
    base: StoredBase
    phase: str
    effective_time: str
    policy_digest: str
    tool: StoredToolInfo
    started_at: str
    duration_s: Seconds
    expected: tuple[str, ...]
    not_applicable: tuple[StoredNotApplicable, ...]
    gates: tuple[StoredGate, ...]
    fixed: tuple[StoredFixed, ...]
    problems: tuple[StoredProblem, ...]
    notes: tuple[str, ...]
    planned: tuple[str, ...]
    paths: tuple[str, ...]
    needs: tuple[StoredNeed, ...]
    policy: StoredPolicy
    replayed: bool
    joined: tuple[StoredJoined, ...]


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of ``gate.json``."""
    schema = msgspec.json.schema(StoredReport)
    for form in schema["$defs"].values():
        if "description" in form:
            # The first line: the rest of a docstring is indented as the version of Python likes.
            form["description"] = form["description"].partition("\n")[0]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
