"""Which policy is in force: nobody blesses their own change.

With a base the policy of the base holds; what a change does to it is shown, and needs approval.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec

from release_gate.api import AnyGate
from release_gate.errors import RepositoryProblem
from release_gate.plan.applied import no_longer
from release_gate.plan.base import FoundBase, find_base
from release_gate.plan.checklist import FILE as CHECKLIST
from release_gate.plan.configuration import Configuration, configuration_at
from release_gate.plan.paths import inside, relative_to_root
from release_gate.plan.policy_side import State, judging_files, side_of
from release_gate.plan.project import PlannedProject
from release_gate.plan.request import PlanRequest, World
from release_gate.plan.sign_off_book import Signing
from release_gate.plan.state_files import CommitFiles, WorkFiles, folders_above
from release_gate.plan.tool_settings import tool_files_above
from release_gate.plan.waiver_book import waiver_book
from release_gate.plan.waivers import waiver_policy
from release_gate.policy import WaiverBook
from release_gate.ports import RepositoryState
from release_gate.trust import PolicyMode, PolicySides, PolicySource, Ruling

_SHORT = 7
# Keys that say where things lie in the tree that is judged: the base's would not fit it.
_OF_THE_TREE = ("source", "templates", "project-python")


@dataclass(frozen=True, kw_only=True, slots=True)
class Trusted:
    """The policy in force.

    Args:
        configuration: Of it.
        baseline: Text of its baseline; ``None`` without one.
        waiver_text: Text of its file of waivers; ``None`` without one.
        waivers: Its waivers, with who wrote them.
        checklist: Text of its checklist; ``None`` without one.
        source: Where it was read from.
        ruling: What is to be done about changes of it; ``None``: there is nothing to change.
    """

    configuration: Configuration
    baseline: str | None
    waiver_text: str | None
    waivers: WaiverBook | None
    checklist: str | None
    source: PolicySource
    ruling: Ruling | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """What the question is decided by.

    Args:
        request: What the user asks for.
        world: The outside world.
        head: The configuration of the files that are judged.
        project: As these files say.
        state: What git says of the checkout.
        found: The base.
        built_in: The kinds of gates that are ours.
        phase: The phase that runs.
        effective_time: The moment to judge at.
        signing: Sign-offs, and who wrote what is judged.
    """

    request: PlanRequest
    world: World
    head: Configuration
    project: PlannedProject
    state: RepositoryState | None
    found: FoundBase
    built_in: Mapping[str, AnyGate]
    phase: str
    effective_time: datetime
    signing: Signing

    def work(self) -> State:
        """The files that are judged."""
        files = WorkFiles(root=self.request.root, entries=self.project.files)
        return State(
            configuration=self.head, files=files, root=self.request.root, above=self._above()
        )

    def at(self, commit: str) -> State:
        """A commit, with the configuration that stands in it."""
        snapshot = self.world.repository.snapshot(commit)
        label, config = self._label(commit), self.request.config
        name = None if config is None else relative_to_root(self.request.root, config)
        if config is not None and not config.is_relative_to(self.request.root):
            # Where the repository has it, a change can touch it; else whoever calls us brings it.
            name = Path(os.path.relpath(config, self.request.root)).as_posix()
            there = self.head
            if snapshot.read(name) is not None:
                there = configuration_at(snapshot, label, name, self.request.environment)
        else:
            there = configuration_at(snapshot, label, name, self.request.environment)
        files = CommitFiles(snapshot=snapshot)
        return State(configuration=there, files=files, label=label, above=self._above())

    def _above(self) -> tuple[str, ...]:
        """Settings of tools above the root that the tools may read."""
        return tool_files_above(folders_above(self.request.root))

    def _label(self, commit: str) -> str:
        """As git would name it."""
        if self.found.is_default:
            return "HEAD"
        is_tip = commit == self.found.tip and self.found.ref.ref != commit
        return (self.found.ref.ref or commit) if is_tip else commit[:_SHORT]


def find_trusted_base(
    request: PlanRequest, world: World, head: Configuration, state: RepositoryState | None
) -> FoundBase:
    """The base, where a change cannot name its own.

    The key ``base`` counts as it stands where the branch left the default branch.

    Args:
        request: With ``--base``.
        world: The outside world.
        head: The configuration of the files that are judged.
        state: What git says of the checkout.

    Raises:
        UsageError: If ``--base`` names nothing.
        RepositoryProblem: If history that is needed is not in the clone.
    """

    def find(configured: str | None, default_branch: str | None) -> FoundBase:
        return find_base(
            world.repository,
            state,
            world.environment,
            asked=request.base,
            configured=configured,
            default_branch=default_branch,
        )

    found = find(head.keys.base, head.keys.default_branch)
    if not found.by_key:
        return found
    try:
        without = find(None, head.keys.default_branch)
    except RepositoryProblem:  # a shallow clone: nothing else is known than what the key says
        return found
    commits = _commits(without, state)
    if commits is None or without.is_default:
        return replace(found, is_default=without.is_default)
    there = configuration_at(world.repository.snapshot(commits[1]), commits[1][:_SHORT]).keys
    if there.base == head.keys.base:
        return found
    return find(there.base, there.default_branch)


def trusted_policy(bench: Bench) -> Trusted:
    """The policy in force.

    Args:
        bench: What the question is decided by.

    Raises:
        ConfigError: If the configuration, the baseline or the waivers cannot be used, here or
            at the base.
        RepositoryProblem: If the base cannot be read.
    """
    work = bench.work()
    commits = _commits(bench.found, bench.state)
    if commits is None:
        return _of(bench, work, PolicySource(mode="head", note=bench.found.ref.note))
    before = bench.at(commits[0])
    trusted = before if commits[1] == commits[0] else bench.at(commits[1])
    sides = _sides(bench, before, work, trusted)
    source = PolicySource(mode="base", commit=commits[1], note=_note(bench.found))
    if not sides.before.is_there and not sides.trusted.is_there:
        mode: PolicyMode = "adopting" if sides.after.is_there else "base"
        return _of(bench, work, replace(source, mode=mode))
    if not sides.trusted.is_there:
        trusted, sides = before, replace(sides, trusted=sides.before)
    book = _book(bench, trusted, commits[0] if trusted is before else commits[1])
    policy = waiver_policy(trusted.configuration.keys.waiver_policy)
    ruling = bench.world.rule(
        sides,
        waivers=book,
        waiver_policy=policy,
        environment=bench.request.environment,
        effective_time=bench.effective_time,
        approvals=bench.signing.approvals(trusted.checklist(), trusted.named(CHECKLIST)),
    )
    mine = _of(bench, work, replace(source, mode="approved"))
    if ruling.approved and _went_nowhere(before, trusted):
        # Unchanged, the files on disk and the base's are the same.
        mode = "approved" if ruling.changed else "base"
        return replace(mine, source=replace(source, mode=mode), ruling=ruling)
    return Trusted(
        configuration=_fitting(trusted.configuration, bench.head),
        baseline=before.baseline() if sides.before.is_there else trusted.baseline(),
        waiver_text=trusted.waivers(),
        waivers=book,
        checklist=trusted.checklist(),
        source=source,
        ruling=ruling,
    )


def _went_nowhere(before: State, trusted: State) -> bool:
    """Whether the base branch has the policy that it had where the change began."""
    return trusted is before or (
        (before.configuration.canonical(), before.waivers(), before.checklist())
        == (trusted.configuration.canonical(), trusted.waivers(), trusted.checklist())
    )


def _sides(bench: Bench, before: State, work: State, trusted: State) -> PolicySides:
    judging = judging_files((before, work, trusted))
    lost = no_longer(
        bench.project,
        before.configuration,
        bench.world.repository.snapshot(_first(_commits(bench.found, bench.state))),
        bench.built_in,
        bench.phase,
    )
    first = side_of(before, judging, bench.built_in, {})
    last = first if trusted is before else side_of(trusted, judging, bench.built_in, {})
    return PolicySides(
        before=first, after=side_of(work, judging, bench.built_in, lost), trusted=last
    )


def _first(commits: tuple[str, str] | None) -> str:
    if commits is None:
        raise AssertionError("there is a base")
    return commits[0]


def _of(bench: Bench, state: State, source: PolicySource) -> Trusted:
    """The policy of the work tree, whole."""
    return Trusted(
        configuration=state.configuration,
        baseline=state.baseline(),
        waiver_text=state.waivers(),
        waivers=_book(bench, state, None),
        checklist=state.checklist(),
        source=source,
    )


def _book(bench: Bench, state: State, commit: str | None) -> WaiverBook | None:
    file = inside(state.configuration.keys.waivers)
    return waiver_book(state.waivers(), file, bench.world.authorship, commit)


def _fitting(trusted: Configuration, head: Configuration) -> Configuration:
    """The base's configuration for the tree that is judged; what it says of places is the head's.

    Each such change is shown, and blocks, like any other.
    """
    names = [name.replace("-", "_") for name in _OF_THE_TREE]
    places = {name: getattr(head.keys, name) for name in names}
    return replace(
        trusted, keys=msgspec.structs.replace(trusted.keys, **places), pyproject=head.pyproject
    )


def _commits(found: FoundBase, state: RepositoryState | None) -> tuple[str, str] | None:
    """Where the change began, and the trusted commit; on the default branch HEAD is both."""
    if found.is_default and state is not None and state.commit is not None:
        return state.commit, state.commit
    if found.ref.commit is None:
        return None
    return found.ref.commit, found.tip or found.ref.commit


def _note(found: FoundBase) -> str:
    return "HEAD, on the default branch" if found.is_default else found.ref.note


def policy_notes(source: PolicySource) -> Iterator[str]:
    """What the reader of a report is told about where policy came from."""
    where = f"{source.commit[:_SHORT]} ({source.note})" if source.commit else source.note
    if source.mode == "adopting":
        yield f"adopting: {where} has no policy yet, so that of this change holds"
    elif source.mode == "approved":
        yield f"every change of policy since {where} is approved or tightens: it holds"
