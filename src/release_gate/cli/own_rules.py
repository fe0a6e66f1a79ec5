"""Rules that are release-gate's own: no tool has a page for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnRule:
    """A rule of one of the built-in gates.

    Args:
        id: As findings name it.
        gate: Kind of the gate that reports it.
        title: What it means, one line.
        advice: What to do about it.
    """

    id: str
    gate: str
    title: str
    advice: str


_LINT = (
    OwnRule(
        id="unformatted",
        gate="lint",
        title="the formatter would change the file",
        advice="Run ruff format, or black where the project uses it, and commit the result.",
    ),
    OwnRule(
        id="invalid-syntax",
        gate="lint",
        title="the file is no Python that every release named by requires-python can run",
        advice="Mend the line, or raise requires-python where the syntax is meant.",
    ),
)
_COVERAGE = (
    OwnRule(
        id="test-failed",
        gate="coverage",
        title="a test failed",
        advice="Run it alone: the finding says how. Within max-failed it is information only.",
    ),
    OwnRule(
        id="test-error",
        gate="coverage",
        title="a test could not be set up or torn down",
        advice="Look at its fixtures: the finding names the line.",
    ),
    OwnRule(
        id="test-command-failed",
        gate="coverage",
        title="the project's own test command ended with another exit code than 0",
        advice="Run the command by hand; the gate's log holds what it printed.",
    ),
    OwnRule(
        id="required-test-missing",
        gate="coverage",
        title="a test named by required-tests is not there",
        advice="Mend the name, or bring the test back.",
    ),
    OwnRule(
        id="required-test-deselected",
        gate="coverage",
        title="a test named by required-tests was deselected",
        advice="Take the option away that leaves it out: -k, -m, or a plug-in's.",
    ),
    OwnRule(
        id="required-test-not-run",
        gate="coverage",
        title="a test named by required-tests was collected and not run",
        advice="The run stopped early: see what came before it.",
    ),
    OwnRule(
        id="required-test-skipped",
        gate="coverage",
        title="a test named by required-tests was skipped",
        advice="Give it what it needs, or allow it: max-skipped in its entry.",
    ),
    OwnRule(
        id="required-test-not-passed",
        gate="coverage",
        title="a test named by required-tests ran and did not pass",
        advice="Mend it; an expected failure does not count as passed.",
    ),
    OwnRule(
        id="required-test-too-few",
        gate="coverage",
        title="fewer tests passed under an entry of required-tests than it asks for",
        advice="Bring the tests back, or lower min-passed in that entry.",
    ),
    OwnRule(
        id="unmeasured-module",
        gate="coverage",
        title="a file that ships is neither measured nor left out by name",
        advice="Name its package in coverage's source, or leave it out with omit.",
    ),
    OwnRule(
        id="changed-line-not-covered",
        gate="coverage",
        title="lines changed since the base are run by no test",
        advice="Test them; changed-fail-under makes a limit of it.",
    ),
    OwnRule(
        id="threshold-lowered",
        gate="coverage",
        title="the project's coverage settings ask for less than at the base",
        advice="Nothing to mend if it is meant; it is shown so that someone looks at it.",
    ),
    OwnRule(
        id="omission-added",
        gate="coverage",
        title="the project's coverage settings leave out more files than at the base",
        advice="Nothing to mend if it is meant; it is shown so that someone looks at it.",
    ),
    OwnRule(
        id="source-removed",
        gate="coverage",
        title="the project's coverage settings no longer name a source that the base names",
        advice="Nothing to mend if it is meant; it is shown so that someone looks at it.",
    ),
)
_SECRETS = (
    OwnRule(
        id="stale-ignore-pattern",
        gate="secrets",
        title="a pattern that leaves files out matches none any more",
        advice="Take it out of exclude-files or of the native baseline.",
    ),
    OwnRule(
        id="ignored-source",
        gate="secrets",
        title="a pattern leaves out a file that ships",
        advice="Narrow the pattern; a false positive is better marked on its line.",
    ),
    OwnRule(
        id="path-not-ignored",
        gate="secrets",
        title="a path of must-exclude is read, or is not there",
        advice="Add a pattern to exclude-files, or take the path out of must-exclude.",
    ),
)
_DEPENDENCIES = (
    OwnRule(
        id="lock-out-of-step",
        gate="dependencies",
        title="the lock is not that of the project file",
        advice="Write the lock anew with the tool it is of, and commit it.",
    ),
)

_CHECKLIST = (
    OwnRule(
        id="item-open",
        gate="checklist",
        title="an item of the checklist is not answered yet",
        advice="The finding says what is missing: release-gate sign-off ITEM --decision go.",
    ),
    OwnRule(
        id="item-no-go",
        gate="checklist",
        title="somebody said no-go, a gate failed, or now is no time for a release",
        advice="Mend the cause; who said no-go takes it back with a later go.",
    ),
    OwnRule(
        id="item-void",
        gate="checklist",
        title="an item was signed for another state of the release",
        advice="Look at what changed since, and sign it again.",
    ),
    OwnRule(
        id="item-overdue",
        gate="checklist",
        title="a recurring drill or scan is older than it may be",
        advice="Hold it, and sign it: release-gate sign-off ITEM --decision go.",
    ),
)

_POLICY_CHANGE = tuple(
    OwnRule(
        id=name,
        gate="policy-change",
        title=title,
        advice="Take it back, or have somebody else approve it: a waiver on the base branch for "
        "this very finding, or a sign-off. What only tightens needs nothing.",
    )
    for name, title in (
        ("policy-setting", "a key of the configuration is not as at the base"),
        ("policy-moved", "the configuration stands in another file, or is gone"),
        ("policy-applies", "a gate applied at the base and no longer does"),
        ("policy-file", "a gate file or a template has another content than at the base"),
        ("policy-baseline", "the baseline is not as at the base"),
        ("policy-waiver", "a waiver is not as at the base"),
        ("policy-tool-setting", "a tool's own setting is not as at the base"),
    )
)

_CANARY = tuple(
    OwnRule(
        id=f"canary-{name}",
        gate="canary",
        title=title,
        advice="The table of rules in its report has the numbers, the course what was done. The "
        "limits stand in [tool.release-gate.canary.rules]; docs/how-to/canary.md explains them.",
    )
    for name, title in (
        ("consecutive-failures", "too many rounds of checks in a row did not pass"),
        ("failure-rate", "too many of the last rounds of checks did not pass"),
        ("fatal", "a check of which one failure is enough did not pass"),
        ("error-rate", "more requests failed than may, even by the lower 95 % bound"),
        ("p50", "half of the requests take longer than may be"),
        ("p95", "the 95th percentile is above its limit, even by its lower bound"),
        ("p99", "the 99th percentile is above its limit, even by its lower bound"),
        ("p95-ratio", "the 95th percentile is that much worse than the control's"),
        ("mean-ratio", "the mean time is that much worse than the control's"),
        ("metric", "a number was outside of its limits for its rounds"),
        ("action", "a command or webhook of the roll-out failed"),
        ("deadline", "a step was still not decided at its deadline"),
        ("interrupt", "the roll-out was interrupted"),
        ("abort", "the roll-out was aborted by hand"),
    )
)

OWN_RULES = (
    *_LINT,
    *_COVERAGE,
    *_SECRETS,
    *_DEPENDENCIES,
    *_CHECKLIST,
    *_POLICY_CHANGE,
    *_CANARY,
)
