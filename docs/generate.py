"""Write every generated text of the documentation anew; ``--check`` only says what is stale.

Generated are: the table of settings in each gate's, probe's and pack's page, the list of gates, the
options of the command line, the JSON schema of the configuration, and the matrix of release checks.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import inspect
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import msgspec

from release_gate.api import AnyGate
from release_gate.cli.root import ROOT as TOP
from release_gate.plan.schema import json_schema
from release_gate.subjects.canary import settings as canary
from release_gate.subjects.packs import registry as packs
from release_gate.subjects.packs.csrf import Token
from release_gate.subjects.packs.hostile_input import Endpoint
from release_gate.subjects.packs.making import InstancesSettings, PackSettings
from release_gate.subjects.services.log_settings import Heartbeat
from release_gate.subjects.services.log_sources import Source
from release_gate.subjects.services.log_times import Times
from release_gate.subjects.services.registry import PROBES

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
BEGIN, END = "<!-- generated: {} -->", "<!-- end -->"
REQUIRED = object()
NOTE = "<!-- Written by `nox -s generate`; do not edit. -->\n"


def gates() -> Iterator[tuple[str, AnyGate]]:
    """Every bundled gate, by the name of its file."""
    for path in sorted((ROOT / "gates").glob("*.py")):
        yield path.stem, load(path).GATE


def load(path: Path) -> ModuleType:
    """Import one gate file under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"documented_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def arguments(documented: type) -> dict[str, str]:
    """What the ``Args`` section of a class's docstring says of each field."""
    text = inspect.getdoc(documented) or ""
    section = text.partition("Args:\n")[2]
    found: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        entry = re.match(r"^    (\w+): (.*)$", line)
        if entry:
            name = entry[1]
            found[name] = entry[2]
        elif line.startswith("        ") and name:
            found[name] += " " + line.strip()
        elif line.strip():
            break
    return found


def settings_table(settings: type[msgspec.Struct], *, inherited: bool = True) -> str:
    """Markdown table of a kind's keys; without those of its base if they stand elsewhere."""
    said = arguments(settings)
    rows = ["| key | type | default | meaning |", "|---|---|---|---|"]
    own = inspect.get_annotations(settings)
    for field in msgspec.structs.fields(settings):
        if not inherited and field.name not in own:
            continue
        default: Any = field.default
        if default is msgspec.NODEFAULT:
            default = field.default_factory() if callable(field.default_factory) else REQUIRED
        meaning = said.get(field.name)
        if not meaning:
            raise SystemExit(
                f"{settings.__module__}.{settings.__name__}.{field.name}: no Args entry"
            )
        shown = toml(default)
        kind = written_type(settings, field.name).replace("|", "\\|")
        explained = meaning.replace("|", "\\|")
        rows.append(f"| `{field.encode_name}` | `{kind}` | {shown} | {explained} |")
    return "\n".join(rows) + "\n"


def written_type(settings: type[msgspec.Struct], name: str) -> str:
    """A key's type as the class, or the one that it comes from, writes it."""
    found = (inspect.get_annotations(one) for one in settings.__mro__)
    return next((str(one[name]) for one in found if name in one), "")


def toml(value: object) -> str:
    """A default as it would be written in the configuration."""
    if value is REQUIRED:
        return "required"
    if value is None or value is msgspec.UNSET:
        return "not set"
    if isinstance(value, msgspec.Struct):
        return "`{}`"
    return f"`{json.dumps(list(value) if isinstance(value, tuple | frozenset) else value)}`"


def filled(text: str, name: str, content: str) -> str:
    """The text with the named generated part replaced."""
    begin = BEGIN.format(name)
    if begin not in text:
        raise SystemExit(f"no place marked {begin}")
    head, _, rest = text.partition(begin)
    _, end, tail = rest.partition(END)
    if not end:
        raise SystemExit(f"{begin} has no {END}")
    return f"{head}{begin}\n{content}{END}{tail}"


def gate_pages() -> Iterator[tuple[Path, str]]:
    """Each gate's page with its table of settings."""
    for name, gate in gates():
        page = REFERENCE / "gates" / f"{name}.md"
        yield page, filled(page.read_text("utf-8"), "settings", settings_table(gate.settings))


def probe_pages() -> Iterator[tuple[Path, str]]:
    """Each probe's page with its table of settings, and those of the tables below it."""
    below: dict[str, dict[str, type[msgspec.Struct]]] = {
        "logs": {"source": Source, "heartbeat": Heartbeat, "time": Times}
    }
    for probe in PROBES:
        page = REFERENCE / "probes" / f"{probe.name}.md"
        text = page.read_text("utf-8")
        for mark, kind in {"settings": probe.settings, **below.get(probe.name, {})}.items():
            text = filled(text, mark, settings_table(kind))
        yield page, text


def packs_page() -> tuple[Path, str]:
    """The page of the packs with the table of each."""
    page = REFERENCE / "packs.md"
    text = page.read_text("utf-8")
    tables: dict[str, type[msgspec.Struct]] = {
        "common": PackSettings,
        "instances": InstancesSettings,
        **{pack.name: pack.settings for pack in packs.PACKS},
        **{probe.name: probe.settings for probe in packs.PROBES},
        "endpoint": Endpoint,
        "token": Token,
    }
    for mark, kind in tables.items():
        text = filled(text, mark, settings_table(kind, inherited=False))
    return page, text


def canary_page() -> tuple[Path, str]:
    """The page of the canary with its tables."""
    page = REFERENCE / "canary.md"
    text = page.read_text("utf-8")
    tables: dict[str, type[msgspec.Struct]] = {
        "settings": canary.CanarySettings,
        "steps": canary.StepKeys,
        "rules": canary.RuleKeys,
        "metrics": canary.MetricKeys,
        "traffic": canary.TrafficKeys,
        "action": canary.ActionKeys,
    }
    for mark, kind in tables.items():
        text = filled(text, mark, settings_table(kind))
    return page, text


def gate_index() -> tuple[Path, str]:
    """The list of gates."""
    rows = [
        "# Gates\n",
        "| gate | what it checks | phase | without configuration |",
        "|---|---|---|---|",
    ]
    rows += [
        f"| [`{gate.kind}`]({name}.md) | {gate.title} | {gate.phase} | "
        f"{'expected where it applies' if gate.default else 'off'} |"
        for name, gate in gates()
    ]
    return REFERENCE / "gates" / "index.md", NOTE + "\n".join(rows) + "\n"


def command_line() -> tuple[Path, str]:
    """Every command with its options, from the commands themselves."""
    top = TOP
    shown: dict[str, Any] = {**top.context_settings, "terminal_width": 88}
    context = click.Context(top, info_name="release-gate", **shown)
    parts = [NOTE + "# Command line\n", f"```\n{top.get_help(context)}\n```\n"]
    for path, command, parent in commands(top, context):
        inner = click.Context(command, info_name=path.split()[-1], parent=parent)
        parts.append(f"## {path}\n\n```\n{command.get_help(inner)}\n```\n")
    return REFERENCE / "cli.md", "\n".join(parts)


def commands(
    top: click.Command, context: click.Context, prefix: str = "release-gate"
) -> Iterator[tuple[str, click.Command, click.Context]]:
    """All commands below a group, depth first."""
    if not isinstance(top, click.Group):
        return
    for name in top.list_commands(context):
        command = top.get_command(context, name)
        if command is None:
            raise SystemExit(f"{prefix} {name} is listed and cannot be loaded")
        yield f"{prefix} {name}", command, context
        inner = click.Context(command, info_name=name, parent=context)
        yield from commands(command, inner, f"{prefix} {name}")


def schema() -> tuple[Path, str]:
    """JSON schema of the configuration."""
    text = json.dumps(json_schema(canary=canary.CanarySettings), indent=2, sort_keys=True) + "\n"
    return REFERENCE / "release-gate.schema.json", text


def marked_tests() -> Iterator[tuple[str, str, str]]:
    """Row id, colour and test of every ``release_check`` marker."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith("release_check"):
                    row, colour = (ast.literal_eval(argument) for argument in mark.args)
                    place = path.relative_to(ROOT).as_posix()
                    yield row, colour, f"`{place}::{node.name}`"


def release_checks() -> tuple[Path, str]:
    """Which release checks are shown green and red, and by which tests."""
    titles: dict[str, str] = tomllib.loads((REFERENCE / "release-checks.toml").read_text("utf-8"))
    tests: dict[str, dict[str, list[str]]] = {}
    for row, colour, name in marked_tests():
        tests.setdefault(row, {}).setdefault(colour, []).append(name)
    if unknown := sorted(set(tests) - set(titles)):
        raise SystemExit(f"release checks without a title in release-checks.toml: {unknown}")
    rows = [
        NOTE + "# Release checks",
        "",
        "Each row is one thing that people check by hand before a release, with the",
    ]
    rows += ["tests that show it green on a good input and red on a bad one.", ""]
    rows += ["| id | check | green | red |", "|---|---|---|---|"]
    for row in sorted(tests):
        green, red = ("<br>".join(sorted(tests[row].get(c, []))) for c in ("green", "red"))
        rows.append(f"| {row} | {titles[row]} | {green} | {red} |")
    return REFERENCE / "release-checks.md", "\n".join(rows) + "\n"


def everything() -> Iterator[tuple[Path, str]]:
    """All generated files."""
    yield from gate_pages()
    yield from probe_pages()
    yield packs_page()
    yield canary_page()
    yield gate_index()
    yield command_line()
    yield schema()
    yield release_checks()


def main() -> int:
    """Write, or with ``--check`` compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    only_check = parser.parse_args().check
    stale = [
        (path, text)
        for path, text in everything()
        if not path.is_file() or path.read_text("utf-8") != text
    ]
    for path, text in stale:
        name = path.relative_to(ROOT).as_posix()
        print(f"{'stale' if only_check else 'written'}: {name}")
        if not only_check:
            path.write_text(text, "utf-8")
    return 1 if only_check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
