"""The tables of a canary in the configuration: of every environment, chosen or not."""

from __future__ import annotations

from release_gate.plan.configuration import Configuration
from release_gate.plan.decoding import decode
from release_gate.plan.document import Document
from release_gate.subjects.canary.settings import CanarySettings

TABLE = "canary"


def table_of(configuration: Configuration, environment: str | None) -> Document:
    """The table, with an environment's own keys in place of the others.

    Args:
        configuration: As the user wrote it.
        environment: Known to be configured; ``None``: none was chosen.
    """
    table = configuration.document.table(TABLE)
    if environment is None or not configuration.keys.environments[environment].canary:
        return table
    return table.overlaid(configuration.document.table("environments", environment, TABLE))


def check_tables(configuration: Configuration) -> None:
    """Refuse a table that cannot be used, long before anybody rolls out by it.

    Args:
        configuration: As the user wrote it.

    Raises:
        ConfigError: With file and line.
    """
    environments = configuration.keys.environments
    chosen = [name for name, one in environments.items() if one.canary]
    if configuration.keys.canary or chosen:
        for name in (None, *chosen):
            decode(table_of(configuration, name), CanarySettings)
