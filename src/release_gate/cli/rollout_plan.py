"""From the configuration to a canary that can be carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from release_gate.cli.canary_tables import TABLE, table_of
from release_gate.cli.wiring import Kit
from release_gate.errors import ConfigError, ReleaseGateError, RepositoryProblem, UsageError
from release_gate.model import Subject
from release_gate.plan.configuration import Configuration, read_configuration
from release_gate.plan.decoding import begun, decode
from release_gate.plan.deployment import deployment
from release_gate.plan.document import Document
from release_gate.plan.policy import policy_digest
from release_gate.plan.project import DEFAULT_OUTPUT, PlannedProject, listed, tree_digest
from release_gate.plan.suggest import did_you_mean, there_are
from release_gate.plan.surroundings import look_around
from release_gate.subjects.canary.planned import CanaryPlan, plan_canary
from release_gate.subjects.canary.settings import CanarySettings, address_problem
from release_gate.subjects.smoke.settings import SmokeSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class Rollout:
    """A canary or a watch, and what it is about.

    Args:
        plan: What is asked, decided and done.
        project: Without the chosen environment.
        subject: What is rolled out.
        policy_digest: Of the configuration in force.
        dirty_is_error: Whether a dirty tree cannot be judged.
    """

    plan: CanaryPlan
    project: PlannedProject
    subject: Subject
    policy_digest: str
    dirty_is_error: bool


Change = Callable[[CanarySettings], CanarySettings]


def plan_rollout(kit: Kit, *, rolls_out: bool, change: Change = lambda one: one) -> Rollout:
    """Read the configuration and settle everything.

    Args:
        kit: The outside.
        rolls_out: Whether traffic is switched.
        change: What a command makes of the settings.

    Raises:
        ConfigError: With file and line.
        UsageError: If the environment does not exist.
    """
    wish = kit.wish
    configuration = read_configuration(
        kit.root, wish.config.absolute() if wish.config else None, wish.environment
    )
    known = configuration.keys.environments
    if wish.environment is not None and wish.environment not in known:
        what = (
            f'there is no environment "{wish.environment}"{did_you_mean(wish.environment, known)}'
        )
        raise UsageError(what, remedy=there_are(known))
    files = listed(kit.repository.files(), _output(kit))
    around = look_around(kit.root, configuration, files)
    place = deployment(configuration, wish.environment, kit.environment)
    document = table_of(configuration, wish.environment)
    settings = change(decode(document, CanarySettings))
    gate, gate_document = _gate(configuration, settings)
    try:
        plan = plan_canary(
            replace(around.project, deployment=place),
            settings,
            gate,
            variables=_addresses(kit, settings, document),
            rolls_out=rolls_out,
        )
    except ConfigError as error:
        raise _placed(error, document, gate_document) from error
    state = kit.repository.state()
    subject = Subject(
        repository=around.project.name,
        commit=state.commit if state else None,
        dirty=state.dirty if state else None,
        tree=tree_digest(files),
        version=around.facts.version,
        environment=wish.environment,
    )
    return Rollout(
        plan=plan,
        project=around.project,
        subject=subject,
        policy_digest=_policy_digest(kit, configuration),
        dirty_is_error=kit.ci and not (wish.allow_dirty or configuration.keys.allow_dirty),
    )


def refuse_dirty(rollout: Rollout) -> None:
    """Before anything is switched; never before a way back is taken.

    Raises:
        RepositoryProblem: If the work tree is dirty where it must not be.
    """
    if rollout.dirty_is_error and rollout.subject.dirty:
        raise RepositoryProblem(
            "the work tree differs from the commit: nobody could say what was rolled out",
            remedy="Commit the changes, or set allow-dirty = true.",
        )


def _policy_digest(kit: Kit, configuration: Configuration) -> str:
    """As every other run of this commit has it, so that reports can be merged."""
    try:
        return kit.plan().policy_digest
    except ReleaseGateError:
        # No gate to plan, or no base to compare with: neither must stand in the way of a way back.
        return policy_digest(configuration, None)


def _gate(
    configuration: Configuration, settings: CanarySettings
) -> tuple[SmokeSettings, Document | None]:
    table = configuration.tables.get(settings.checks_of)
    if table is None:
        return SmokeSettings(), None
    if table.kind != "smoke":
        raise configuration.document.error(
            f'"checks-of": {settings.checks_of} is of kind {table.kind}, not smoke', (TABLE,)
        )
    found: SmokeSettings = table.decode(SmokeSettings)
    return found, table.document


def _addresses(
    kit: Kit, settings: CanarySettings, document: Document
) -> tuple[str | None, str | None]:
    found = []
    for key, name in (
        ("canary-variable", settings.canary_variable),
        ("control-variable", settings.control_variable),
    ):
        value = kit.environment.get(name, "") if name else ""
        if value and (problem := address_problem(value)):
            raise document.error(f'"{key}": the address in {name} {problem}', (key,))
        found.append(value or None)
    return found[0], found[1]


def _placed(error: ConfigError, *documents: Document | None) -> ConfigError:
    """The error with the line of the key that it begins with."""
    if error.file:
        return error
    there = [one for one in documents if one is not None]
    named = (one for one in there if begun(error.what, one.values))
    document = next(named, there[0])
    return ConfigError(
        f"{error.what} in {document.label()}",
        file=document.file,
        line=document.line(begun(error.what, document.values)),
        remedy=error.remedy,
    )


def _output(kit: Kit) -> str | None:
    """The folder of all outputs where ours lies in it: the same file list as every other run."""
    inside = kit.output_inside
    if inside is not None and f"{inside}/".startswith(f"{DEFAULT_OUTPUT}/"):
        return DEFAULT_OUTPUT
    return inside
