"""A canary as it will be carried out: settings, checks and actions, all refused in time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import msgspec

from release_gate.errors import ConfigError
from release_gate.ports import Deployment, Project
from release_gate.subjects.canary.doing import action_suite
from release_gate.subjects.canary.record import Intent, Kind
from release_gate.subjects.canary.settings import ActionKeys, CanarySettings
from release_gate.subjects.probes.contract import ProbeProblem
from release_gate.subjects.probes.durations import seconds
from release_gate.subjects.probes.planned import Suite
from release_gate.subjects.probes.reach import reach_of
from release_gate.subjects.smoke.reading import suite_of
from release_gate.subjects.smoke.settings import SmokeSettings, used_packs

ACTIONS: tuple[Kind, ...] = ("set-weight", "promote", "rollback")


@dataclass(frozen=True, kw_only=True, slots=True)
class CanaryPlan:
    """Everything that is settled before anything is asked or switched.

    Args:
        settings: As configured.
        suite: The checks of a round.
        canary: Where what is new is asked.
        control: Where what it is compared with is asked; ``None``: nothing is compared.
        acting: Where actions go.
        digest: Of all that decides.
    """

    settings: CanarySettings
    suite: Suite
    canary: Deployment | None
    control: Deployment | None
    acting: Deployment | None
    digest: str

    @property
    def shown(self) -> Iterator[str]:
        """What would be done, in lines without secrets."""
        settings = self.settings
        yield f"canary {_address(self.canary)}, control {_address(self.control)}"
        yield f"each {settings.interval}, at most {settings.time_limit} a round:"
        yield from (f"    {line}" for line in self.suite.shown)
        for metric in settings.metrics:
            yield f"    metric {metric.name}"
        for one in settings.steps:
            yield f"weight {one.weight:g} %: hold {one.hold}, {one.min_requests} requests"
        for name in ACTIONS:
            action = action_of(settings, name)
            if action is not None:
                suite = action_suite(action, trial(name), self.acting)
                yield f"{name}:"
                yield from (f"    {line}" for line in suite.shown)


def plan_canary(
    project: Project,
    settings: CanarySettings,
    gate: SmokeSettings,
    *,
    variables: tuple[str | None, str | None] = (None, None),
    rolls_out: bool,
) -> CanaryPlan:
    """Settle everything, and refuse what cannot be carried out.

    Args:
        project: With the chosen environment.
        settings: Of the canary.
        gate: Of the gate whose checks are used where the canary has none.
        variables: Addresses of canary and control out of the environment.
        rolls_out: Whether traffic is switched: then there must be a way back.

    Raises:
        ConfigError: With the key in front.
    """
    if rolls_out:
        _refuse_half(settings)
    own = bool(settings.checks or settings.files or used_packs(settings.packs))
    suite = suite_of(project, settings if own else _timed(gate, settings))
    _refuse_blind(settings, suite)
    _refuse_endless(settings)
    place = project.deployment
    canary = _at(place, variables[0] or settings.canary)
    control_address = variables[1] or settings.control
    control = _at(place, control_address) if control_address else None
    _refuse_no_control(settings, control)
    _refuse_nowhere(suite, canary)
    acting = replace(place, production=False) if place else Deployment(name="canary")
    for name in ACTIONS:
        _check_action(settings, name, acting)
    parts = [msgspec.json.encode(settings), *(line.encode() for line in suite.shown)]
    parts += [_address(one).encode() for one in (canary, control, place)]
    return CanaryPlan(
        settings=settings,
        suite=suite,
        canary=canary,
        control=control,
        acting=acting,
        digest=_digest(parts),
    )


def action_of(settings: CanarySettings, name: Kind) -> ActionKeys | None:
    """The configured action of a kind."""
    by_name = {
        "set-weight": settings.set_weight,
        "promote": settings.promote,
        "rollback": settings.rollback,
    }
    return by_name[name]


def trial(name: Kind) -> Intent:
    """An intent that is only looked at."""
    return Intent(at="", key="KEY", action=name, step=0, weight=0.0)


def _refuse_half(settings: CanarySettings) -> None:
    if not settings.steps:
        raise ConfigError("steps is missing: a canary needs at least one step")
    if settings.rollback is None:
        raise ConfigError(
            "rollback is missing: a canary needs a way back",
            remedy="Write [tool.release-gate.canary.rollback] with a command or a webhook.",
        )
    if settings.set_weight is None and settings.promote is None:
        raise ConfigError("set-weight or promote is missing: nothing would ever be switched")


def _refuse_blind(settings: CanarySettings, suite: Suite) -> None:
    deciding = [one for one in suite.checks if one.keys.enforce]
    if not deciding:
        raise ConfigError(
            "checks: there is none that decides",
            remedy=f"Write [[tool.release-gate.canary.checks]], or checks of {settings.checks_of}.",
        )
    names = {one.keys.name for one in deciding}
    for place, name in enumerate(settings.rules.fatal):
        if not any(one == name or one.startswith(f"{name}/") for one in names):
            there = ", ".join(sorted(names))
            what = f'rules.fatal[{place}]: there is no check "{name}" that decides'
            raise ConfigError(what, remedy=f"There are {there}.")


def _refuse_endless(settings: CanarySettings) -> None:
    """A step that ends before its rules can say anything would always roll back."""
    rules, interval_s = settings.rules, seconds(settings.interval, "interval")
    for place, step in enumerate(settings.steps):
        most = int(step.deadline_s / interval_s) + 1
        if rules.failure_rate is not None and most < rules.least:
            raise ConfigError(
                f"steps[{place}].deadline leaves time for {most} rounds, and failure-rate needs "
                f"{rules.least}: it could never be promoted",
                remedy="Make hold or deadline longer, interval shorter, or rules.least smaller.",
            )


def _refuse_no_control(settings: CanarySettings, control: Deployment | None) -> None:
    rules = settings.rules
    if control is None and (rules.p95_ratio is not None or rules.mean_ratio is not None):
        raise ConfigError(
            "control: rules compare with it, and its variable is not set",
            remedy=f"Set {settings.control_variable}, or write control.",
        )


def _refuse_nowhere(suite: Suite, canary: Deployment | None) -> None:
    needing = [one.name for one in suite.checks if getattr(one.settings, "path", None)]
    if needing and (canary is None or canary.target is None):
        raise ConfigError(
            f"canary: there is no address to ask, and {needing[0]} needs one",
            remedy="Set canary, or name an environment with --environment that has a target.",
        )


def _check_action(settings: CanarySettings, name: Kind, acting: Deployment) -> None:
    action = action_of(settings, name)
    if action is None:
        return
    try:
        action_suite(action, trial(name), acting)
        if action.webhook is not None and action.webhook.url is not None:
            reach_of(acting).check(urlsplit(action.webhook.url).hostname or "", ())
    except (ConfigError, ProbeProblem) as error:
        raise ConfigError(f"{name}: {error.what}", remedy=error.remedy) from error
    except msgspec.ValidationError as error:
        raise ConfigError(f"{name}: {error}") from error
    if action.webhook is not None and action.webhook.path is not None and acting.target is None:
        raise ConfigError(f"{name}.webhook.path needs an environment with a target")


def _timed(gate: SmokeSettings, settings: CanarySettings) -> SmokeSettings:
    return msgspec.structs.replace(gate, time_limit=settings.time_limit)


def _at(place: Deployment | None, address: str | None) -> Deployment | None:
    if address is None:
        return place
    found = place or Deployment(name="canary")
    return replace(found, target=address.rstrip("/"))


def _address(place: Deployment | None) -> str:
    return (place.target if place else None) or "none"


def _digest(parts: list[bytes]) -> str:
    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(f"{len(part)}:".encode() + part)
    return hasher.hexdigest()
