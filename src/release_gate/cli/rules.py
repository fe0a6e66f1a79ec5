"""What the wrapped tools themselves, and the built-in gates, say about their rules."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from release_gate.cli.own_rules import OWN_RULES
from release_gate.errors import ToolProblem
from release_gate.ports import Runner, Toolkit
from release_gate.subjects.secrets.findings import rule_id


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A rule of a tool.

    Args:
        id: As findings name it.
        tool: Whose it is.
        title: One line.
        text: What the tool says of it; Markdown, may be empty.
        url: Its page; may be empty.
    """

    id: str
    tool: str
    title: str
    text: str = ""
    url: str = ""


def rule_book(runner: Runner, toolkit: Toolkit) -> Mapping[str, tuple[Rule, ...]]:
    """All rules that the tools of the toolkit and the built-in gates know, by id in lower case.

    Args:
        runner: Starts ruff; the others are asked in this process.
        toolkit: Where the tools are.

    Raises:
        ToolProblem: If a tool does not answer in a way that is understood.
    """
    book: dict[str, tuple[Rule, ...]] = {}
    rules = (*_ruff(runner, toolkit), *_bandit(), *_mypy(), *_detect_secrets(), *_own())
    for rule in rules:
        for key in {rule.id.lower(), *([rule.title.lower()] if rule.tool == "ruff" else [])}:
            book[key] = (*book.get(key, ()), rule)
    return book


def _ruff(runner: Runner, toolkit: Toolkit) -> Iterable[Rule]:
    argv = [str(toolkit.python), "-m", "ruff", "rule", "--all", "--output-format", "json"]
    done = runner.run(argv, timeout=60)
    try:
        rules = [_ruff_rule(one) for one in json.loads(done.stdout) if one["code"]]
    except (ValueError, TypeError, KeyError) as error:
        what = f"ruff did not list its rules (exit {done.exit_code}): {error!r}"
        raise ToolProblem(what, done.log) from error
    if not rules:
        raise ToolProblem(f"ruff did not list its rules (exit {done.exit_code})", done.log)
    return rules


def _ruff_rule(one: Mapping[str, Any]) -> Rule:
    return Rule(
        id=one["code"],
        tool="ruff",
        title=one["name"],
        text=one["explanation"].strip(),
        url=f"https://docs.astral.sh/ruff/rules/{one['name']}/",
    )


def _bandit() -> Iterable[Rule]:
    # By name, since bandit has no types; and here, since it is slow and rarely needed.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a deprecation within bandit is none of the user's
        docs_utils = import_module("bandit.core.docs_utils")
        manager = import_module("bandit.core.extension_loader").MANAGER
    plugins = {key: one.name for key, one in manager.plugins_by_id.items()}
    calls = {key: one["name"] for key, one in manager.blacklist_by_id.items()}
    return [
        Rule(id=key, tool="bandit", title=name, url=docs_utils.get_url(key))
        for key, name in sorted({**plugins, **calls}.items())
    ]


def _mypy() -> Iterable[Rule]:
    from mypy.errorcodes import error_codes  # noqa: PLC0415 - slow, rarely needed

    page = "https://mypy.readthedocs.io/en/stable/_refs.html#code-"
    return [
        Rule(id=name, tool="mypy", title=code.description, url=page + name)
        for name, code in sorted(error_codes.items())
    ]


def _detect_secrets() -> Iterable[Rule]:
    """Its types of secret, under the ids that the gate gives them."""
    # By name, since detect-secrets has no types; and here, since it is rarely needed.
    plugins = import_module(
        "detect_secrets.core.plugins.util"
    ).get_mapping_from_secret_type_to_class()
    return [
        Rule(
            id=rule_id(kind),
            tool="detect-secrets",
            title=kind,
            text=" ".join((plugin.__doc__ or "").split()),
        )
        for kind, plugin in sorted(plugins.items())
    ]


def _own() -> Iterable[Rule]:
    return [
        Rule(id=one.id, tool="release-gate", title=one.title, text=f"Gate {one.gate}. {one.advice}")
        for one in OWN_RULES
    ]
