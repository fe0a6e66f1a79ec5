"""What has to pass before: a phase after another, an environment after the one before it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from release_gate.plan.configuration import Configuration
from release_gate.plan.suggest import did_you_mean, there_are
from release_gate.trust import Need


def needs(configuration: Configuration, phase: str, environment: str | None) -> tuple[Need, ...]:
    """What has to pass before a run.

    Args:
        configuration: In force.
        phase: The phase that runs.
        environment: The chosen environment.
    """
    keys = configuration.keys
    own = keys.phases.get(phase)
    found = [Need(kind="phase", name=name) for name in (own.after or () if own else ())]
    chosen = keys.environments.get(environment) if environment is not None else None
    if chosen is not None and chosen.after is not None:
        found.append(Need(kind="environment", name=chosen.after))
    return tuple(found)


def check_needs(configuration: Configuration, phases: Collection[str]) -> None:
    """Refuse needs that nothing can meet.

    Args:
        configuration: As the user wrote it.
        phases: All that a run can be asked for.

    Raises:
        ConfigError: If a phase or an environment needs one that does not exist, or in the end
            itself.
    """
    keys = configuration.keys
    wanted = {name: tuple(one.after or ()) for name, one in keys.phases.items()}
    _check(configuration, "phases", wanted, phases)
    before = {
        name: tuple([one.after] if one.after else []) for name, one in keys.environments.items()
    }
    _check(configuration, "environments", before, keys.environments)


def _check(
    configuration: Configuration,
    table: str,
    after: Mapping[str, tuple[str, ...]],
    known: Collection[str],
) -> None:
    for name, wanted in after.items():
        path = (table, name, "after")
        for one in wanted:
            if one not in known:
                what = (
                    f'"after" names {one}, which is none of the {table}{did_you_mean(one, known)}'
                )
                raise configuration.document.error(what, path, remedy=there_are(known))
        if name in _all_before(name, after):
            what = f'"after" of {name} leads back to {name}'
            raise configuration.document.error(what, path)


def _all_before(name: str, after: Mapping[str, tuple[str, ...]]) -> set[str]:
    found: set[str] = set()
    waiting = list(after[name])
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += after.get(one, ())
    return found
