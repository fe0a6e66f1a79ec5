"""Which rules are in force for a file: "All checks passed!" may mean that none is.

``select = []``, ``ignore = ["ALL"]`` and per-file-ignores of everything leave ruff nothing to
look for, and it says so nowhere. ``--show-settings`` prints the rules of a settings file with
all that it extends; the log of ``--verbose`` names what is ignored for one file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from release_gate.api import Context, ToolProblem
from release_gate.subjects.lint.settings import RuffSettings, ruling
from release_gate.subjects.source import commands
from release_gate.subjects.source.batches import argument

_ENABLED = re.compile(r"^linter\.rules\.enabled = \[(.*?)\]$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"^\t([\w-]+)(?: \([A-Z]+\d+\))?,$", re.MULTILINE)
_EXTENSION = re.compile(r"^linter\.extension = ExtensionMapping\(\{(.*)\}\)$", re.MULTILINE)
_FOREIGN = re.compile(r'"(?:py|pyi|pyw)": (?!Python)')
_PLAIN = re.compile(r"[^a-z0-9]")


def name_of(text: str) -> str:
    """A rule's name as both outputs have it in common: ``unused-import``, ``UnusedImport``."""
    return _PLAIN.sub("", text.lower())


def in_force(
    ctx: Context,
    files: Sequence[str],
    *,
    options: Sequence[str],
    settings: Sequence[RuffSettings],
    env: Mapping[str, str | None],
) -> dict[str, frozenset[str]]:
    """Names of the rules by settings file; those of the command line alone under no name.

    Args:
        ctx: The gate's context.
        files: What is going to be linted.
        options: Where the rules come from.
        settings: The project's settings files.
        env: Changes to the environment.

    Raises:
        ToolProblem: If ruff does not say it.
    """
    examples: dict[str, str] = {}
    for path in files:
        # One that is gone would say nothing of the settings; the run itself names it.
        if ctx.project.path(path).is_file():
            examples.setdefault(file_of(settings, path), path)
    return {
        file: _shown(ctx, path, options=options, env=env) for file, path in sorted(examples.items())
    }


def file_of(settings: Sequence[RuffSettings], path: str) -> str:
    """The settings file that rules over a file; empty if none does."""
    rules = ruling(settings, path)
    return rules.file if rules else ""


def _shown(
    ctx: Context, path: str, *, options: Sequence[str], env: Mapping[str, str | None]
) -> frozenset[str]:
    kept = [option for option in options if option != "--force-exclude"]
    command = ["check", "--show-settings", *kept, "--", argument(path)]
    done = commands.module(ctx, "ruff", command, known=(0,), env=env)
    text = done.stdout.decode("utf-8", "replace").replace("\r\n", "\n")
    enabled = _ENABLED.search(text)
    if enabled is None:
        raise ToolProblem("ruff does not say which rules are in force", done.log)
    mapped = _EXTENSION.search(text)
    if mapped and _FOREIGN.search(mapped[1]):
        return frozenset()  # source that is taken for another language is not linted
    return frozenset(name_of(name) for name in _NAME.findall(enabled[1]))
