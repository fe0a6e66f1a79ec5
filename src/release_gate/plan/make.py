"""The plan: everything that is settled before anything runs. It executes no code of the project."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from release_gate.api import Origin
from release_gate.errors import NothingToDo, UsageError
from release_gate.model import BaseRef, NotApplicable, Subject
from release_gate.plan.configuration import DEFAULT_PHASE, Configuration, read_configuration
from release_gate.plan.deployment import deployment
from release_gate.plan.discovery import Catalogue, discover
from release_gate.plan.expected import Choices, all_gate_ids, check, choose, known_phases, pick
from release_gate.plan.facts import python_is_too_old
from release_gate.plan.judging import Scene, judging
from release_gate.plan.narrow import narrow
from release_gate.plan.needs import check_needs, needs
from release_gate.plan.policy import baseline_file, policy_digest
from release_gate.plan.project import listed, tree_digest
from release_gate.plan.request import PlanRequest, World
from release_gate.plan.settle import Settler, shown
from release_gate.plan.sign_off_book import Signing, signed_of
from release_gate.plan.suggest import did_you_mean, there_are
from release_gate.plan.surroundings import Surroundings, look_around
from release_gate.plan.trusted import Bench, find_trusted_base, policy_notes, trusted_policy
from release_gate.plan.types import Plan, PlannedGate
from release_gate.plan.waiver_book import JUDGING_GATES, oddities
from release_gate.plan.waivers import waiver_policy
from release_gate.ports import ProjectEnvironment, RepositoryState, Toolkit
from release_gate.trust import POLICY_CHANGE

__all__ = ["PlanRequest", "World", "make_plan"]


def make_plan(request: PlanRequest, world: World) -> Plan:
    """Settle which gates run, on what, with which tools and settings, and why not the rest.

    Args:
        request: What the user asks for.
        world: The outside world.

    Raises:
        UsageError: If an option names something that does not exist.
        ConfigError: If the configuration, the baseline or a gate file cannot be used.
        NothingToDo: If no gate is left: a run of nothing is not a pass.
        RepositoryProblem: If history that was asked for is not in the clone.
    """
    head = read_configuration(request.root, request.config, request.environment)
    catalogue = _catalogue(request, head, world)
    state = world.repository.state()
    files = listed(world.repository.files(), request.output)
    found = find_trusted_base(request, world, head, state)
    base_ref = found.ref
    signing = _signing(request, world, base_ref)
    trusted = trusted_policy(
        Bench(
            request=request,
            world=world,
            head=head,
            project=look_around(request.root, head, files).project,
            state=state,
            found=found,
            built_in={kind: one.gate for kind, one in catalogue.built_in.items()},
            phase=DEFAULT_PHASE if request.phase is None else request.phase,
            effective_time=request.effective_time or world.clock.now(),
            signing=signing,
        )
    )
    configuration = trusted.configuration
    if configuration is not head:
        catalogue = _catalogue(request, configuration, world)
    phase = _phase(request, configuration, catalogue)
    _check_environment(request, configuration)
    check_needs(configuration, known_phases(configuration, catalogue))
    choices = choose(configuration, catalogue, phase)
    surroundings = look_around(request.root, configuration, files)
    project = replace(
        surroundings.project,
        deployment=deployment(configuration, request.environment, world.environment),
    )
    settler = Settler(project=project, toolkit=world.toolkit)
    every, not_applicable = _settle(settler, choices)
    gates = every
    if request.gates:
        gates, not_applicable = _settle(
            settler, _picked(request, configuration, catalogue, choices)
        )
    judges_policy = trusted.ruling is not None and (
        POLICY_CHANGE in request.gates or not (request.gates or request.paths)
    )
    if not gates and not (judges_policy and request.gates):
        raise _nothing(phase, not_applicable)
    subject = _subject(request, state, surroundings)
    base = None if base_ref.commit is None else world.repository.base(base_ref)
    planned = (
        *(one.gate_id for one in every),
        *([] if trusted.ruling is None else [POLICY_CHANGE]),
    )
    last = judging(
        configuration,
        trusted.checklist,
        signing,
        Scene(
            phase=phase,
            environment=request.environment,
            gate_ids=all_gate_ids(configuration, catalogue),
            planned=planned,
            subject=subject,
            files=project.files,
            base=base,
        ),
    )
    return Plan(
        project=project,
        subject=subject,
        base_ref=base_ref,
        base=base,
        phase=phase,
        environment=request.environment,
        gates=gates,
        not_applicable=not_applicable,
        partial=bool(request.gates or request.paths),
        paths=narrow(request.root, request.paths, project.files),
        project_environment=_project_environment(request, configuration, world),
        toolkit=world.toolkit,
        config_file=configuration.file,
        policy_digest=policy_digest(
            configuration, trusted.baseline, trusted.waiver_text, trusted.checklist
        ),
        baseline_file=baseline_file(configuration),
        baseline_text=trusted.baseline,
        waivers=trusted.waivers,
        waiver_policy=waiver_policy(configuration.keys.waiver_policy),
        policy=trusted.source,
        ruling=trusted.ruling,
        judges_policy=judges_policy,
        planned=(*planned, *last.last),
        judging=last,
        needs=needs(configuration, phase, request.environment),
        effective_time=request.effective_time,
        replay_is_error=request.ci,
        dirty_is_error=request.ci and not (request.allow_dirty or configuration.keys.allow_dirty),
        templates=configuration.keys.templates,
        origins=tuple(_origins(configuration, surroundings, base_ref)),
        notes=(*_notes(state, base_ref, configuration), *policy_notes(trusted.source)),
        warnings=(
            *_warnings(world.toolkit, surroundings, gates),
            *oddities(
                trusted.waivers,
                {*all_gate_ids(configuration, catalogue), *JUDGING_GATES},
                configuration.keys.environments,
            ),
        ),
    )


def _signing(request: PlanRequest, world: World, base: BaseRef) -> Signing:
    signed = signed_of(
        request.root,
        request.sign_offs,
        world.environment,
        world.authorship,
        world.signatures,
        world.repository,
    )
    if not signed or world.authorship is None:
        return Signing(signed=signed)
    return Signing(signed=signed, authors=world.authorship.authors_since(base.commit))


def _catalogue(request: PlanRequest, configuration: Configuration, world: World) -> Catalogue:
    catalogue = discover(request.root, configuration, entry_points=world.entry_points)
    check(configuration, catalogue)
    return catalogue


def _phase(request: PlanRequest, configuration: Configuration, catalogue: Catalogue) -> str:
    phase = DEFAULT_PHASE if request.phase is None else request.phase
    known = known_phases(configuration, catalogue)
    if phase not in known:
        raise UsageError(
            f'there is no phase "{phase}"{did_you_mean(phase, known)}', remedy=there_are(known)
        )
    return phase


def _check_environment(request: PlanRequest, configuration: Configuration) -> None:
    name, known = request.environment, configuration.keys.environments
    if name is not None and name not in known:
        what = f'there is no environment "{name}"{did_you_mean(name, known)}'
        raise UsageError(what, remedy=there_are(known))


def _picked(
    request: PlanRequest, configuration: Configuration, catalogue: Catalogue, choices: Choices
) -> Choices:
    wanted = [one for one in request.gates if one != POLICY_CHANGE]
    picked = pick(choices, wanted, all_gate_ids(configuration, catalogue))
    return Choices(expected=picked)


def _settle(
    settler: Settler, choices: Choices
) -> tuple[tuple[PlannedGate, ...], tuple[NotApplicable, ...]]:
    settled = [settler.settle(choice) for choice in choices.expected]
    gates = tuple(one for one in settled if isinstance(one, PlannedGate))
    left_out = tuple(one for one in settled if isinstance(one, NotApplicable))
    return gates, (*left_out, *choices.not_expected())


def _nothing(phase: str, left_out: tuple[NotApplicable, ...]) -> NothingToDo:
    why = "; ".join(f"{one.gate_id}: {one.reason}" for one in left_out)
    what = f"there is no gate to run in phase {phase}" + (f" ({why})" if why else "")
    return NothingToDo(what, remedy='Name the gates of this phase with "expected".')


def _subject(
    request: PlanRequest, state: RepositoryState | None, surroundings: Surroundings
) -> Subject:
    return Subject(
        repository=surroundings.project.name,
        commit=state.commit if state else None,
        dirty=state.dirty if state else None,
        tree=tree_digest(surroundings.project.files),
        version=surroundings.facts.version,
        environment=request.environment,
        artifacts=request.artifacts,
    )


def _project_environment(
    request: PlanRequest, configuration: Configuration, world: World
) -> ProjectEnvironment:
    return world.find_environment(
        root=request.root,
        pyproject=configuration.pyproject,
        requested=request.project_python,
        configured=configuration.keys.project_python,
    )


def _origins(
    configuration: Configuration, surroundings: Surroundings, base_ref: BaseRef
) -> Iterator[Origin]:
    source, facts = surroundings.source, surroundings.facts
    yield Origin(name="source", value=shown(list(source.paths)), origin=source.origin)
    if facts.requires_python:
        yield Origin(
            name="requires-python", value=facts.requires_python, origin=facts.python_origin
        )
    if source.tests:
        yield Origin(name="tests", value=shown(list(source.tests)), origin="detected")
    for name in (
        "expected",
        "gate-files",
        "project-python",
        "templates",
        "baseline",
        "waivers",
        "allow-dirty",
    ):
        value = getattr(configuration.keys, name.replace("-", "_"))
        if value is not None:
            place = configuration.document.origin((name,))
            yield Origin(name=name, value=shown(value), origin=place)
    yield Origin(name="base", value=base_ref.ref or "none", origin=base_ref.note)


def _notes(
    state: RepositoryState | None, base_ref: BaseRef, configuration: Configuration
) -> Iterator[str]:
    if state is None:
        yield "not a git repository: no commit, no base, and nothing is known as new"
    elif base_ref.commit is None:
        yield base_ref.note
    if configuration.file is None:
        yield "no configuration: the default gates that apply are expected"


def _warnings(
    toolkit: Toolkit, surroundings: Surroundings, gates: tuple[PlannedGate, ...]
) -> Iterator[str]:
    requires, origin = surroundings.facts.requires_python, surroundings.facts.python_origin
    if requires:
        too_old = python_is_too_old(toolkit.python_version, requires)
        ours = ".".join(str(part) for part in toolkit.python_version)
        if too_old is None:
            yield f"{origin} cannot be read: {requires!r}"
        elif too_old:
            yield (
                f"the scanners run on Python {ours}, and the project requires {requires}: what "
                "is newer in its syntax cannot be read; install release-gate on a newer Python"
            )
    if not surroundings.source.paths:
        yield "no Python that ships was found; say where it is with the key source"
    for gate in gates:
        yield from (f"{gate.gate_id}: {text}" for text in gate.inputs.warnings)
