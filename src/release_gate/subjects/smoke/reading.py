"""All checks of a project, from the gate's table and from files, as one suite."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from release_gate.errors import ConfigError
from release_gate.ports import Project
from release_gate.subjects.probes import schemas
from release_gate.subjects.probes.durations import seconds
from release_gate.subjects.probes.expectation import Each, Operators
from release_gate.subjects.probes.keys import CheckKeys
from release_gate.subjects.probes.order import Source, simple_error
from release_gate.subjects.probes.planned import Suite, plan_suite
from release_gate.subjects.probes.reach import reach_of
from release_gate.subjects.smoke.registry import PACKS
from release_gate.subjects.smoke.settings import (
    DEFAULT_FILES,
    Check,
    CheckFile,
    PackKeys,
    SmokeSettings,
    used_packs,
)

Fault = Callable[..., Any]


def suite_of(project: Project, settings: SmokeSettings) -> Suite:
    """Every check, in order, or why they cannot run.

    Args:
        project: Its files, and where the release runs.
        settings: Of the gate.

    Raises:
        ConfigError: With file and line.
    """
    try:
        reach_of(project.deployment)
    except ValueError as error:
        raise ConfigError(f"{error}, in the table of the environment") from error
    sources = tuple(sources_of(project, settings))
    for source in sources:
        _check_schemas(project, source)
        _check_instances(source)
    return plan_suite(
        sources,
        project.deployment,
        at_once=settings.at_once,
        time_limit_s=seconds(settings.time_limit, "time-limit"),
    )


def sources_of(project: Project, settings: SmokeSettings) -> Iterator[Source]:
    """Every check with its place: of the table, of its packs, then of the files by name."""
    for position, keys in enumerate(settings.checks):
        yield Source(keys=keys, place=f"checks[{position}]", error=simple_error)
    yield from _of_packs(settings.packs, simple_error)
    for name in check_files(project, settings):
        file = project.read_toml(name)
        content = file.decode(CheckFile)
        if not content.check and not used_packs(content.packs):
            raise ConfigError("there is no check in it", file=name, remedy="Write [[check]].")
        for position, keys in enumerate(content.check):
            yield Source(keys=keys, place=f"check[{position}]", error=file.error)
        yield from _of_packs(content.packs, file.error)


def check_files(project: Project, settings: SmokeSettings) -> tuple[str, ...]:
    """Names of the files with checks.

    Raises:
        ConfigError: If a pattern that was written matches nothing, or git ignores what it matches.
    """
    listed = [entry.path for entry in project.files if entry.kind == "file"]
    found: set[str] = set()
    for position, pattern in enumerate(settings.files):
        matching = {name for name in listed if fnmatchcase(name, pattern)}
        if not matching and settings.files != DEFAULT_FILES:
            raise ConfigError(f'files[{position}]: no file matches "{pattern}"')
        found |= matching
        _refuse_ignored(project, pattern, matching)
    return tuple(sorted(found))


def schema_reader(project: Project) -> Callable[[str], Mapping[str, Any]]:
    """Reads schemas by their file; they were checked when the suite was planned.

    Args:
        project: Whose files.
    """
    kept: dict[str, Mapping[str, Any]] = {}

    def read(name: str) -> Mapping[str, Any]:
        if name not in kept:
            kept[name] = msgspec.json.decode(project.read_bytes(name), type=dict[str, Any])
        return kept[name]

    return read


def schema_files(suite: Suite) -> tuple[str, ...]:
    """Files of schemas that checks name."""
    keys = {id(one.keys): one.keys for one in suite.checks}.values()
    return tuple(sorted({name for one in keys for _, name in _named_schemas(one)}))


def _refuse_ignored(project: Project, pattern: str, matching: set[str]) -> None:
    """A file that lies there and that git ignores would be checks that nobody runs."""
    if pattern.startswith("/") or ".." in pattern.split("/"):
        raise ConfigError(f'files: "{pattern}" must be relative to the root')
    for path in sorted(project.root.glob(pattern)):
        name = path.relative_to(project.root).as_posix()
        if name not in matching and path.is_file():
            raise ConfigError(
                "it holds checks, but is not in the file list: git ignores it, or it is a link",
                file=name,
            )


def _of_packs(packs: PackKeys, error: Fault) -> Iterator[Source]:
    for name, position, settings in used_packs(packs):
        prefix = name if position == 0 else f"{name}-{position + 1}"
        tables = PACKS[name].checks(settings)
        if not tables:
            raise error(f"packs.{name} makes no check")
        captures = {capture for table in tables for capture in table.get("capture", {})}
        for table in tables:
            try:
                keys = _pack_check(_renamed(table, prefix, captures), prefix)
            except msgspec.ValidationError as broken:
                raise error(f"packs.{name}: {broken}") from broken
            yield Source(keys=keys, place=f"packs.{name}", error=error, pack=name)


def _pack_check(table: Mapping[str, Any], prefix: str) -> CheckKeys:
    """A check that a pack made."""
    own: dict[str, Any] = {"name": f"{prefix}/{table['name']}" if table["name"] else prefix}
    if "needs" in table:
        own["needs"] = [f"{prefix}/{name}" for name in table["needs"]]
    return msgspec.convert({**table, **own}, Check, strict=True)


def _renamed(value: Any, prefix: str, captures: set[str]) -> Any:
    """The same with the pack's captures under names of their own."""
    if isinstance(value, str):
        return re.sub(
            r"\$\{(?P<name>[a-z0-9-]+)\}",
            lambda m: f"${{{prefix}-{m['name']}}}" if m["name"] in captures else m[0],
            value,
        )
    if isinstance(value, Mapping):
        renamed = {key: _renamed(inner, prefix, captures) for key, inner in value.items()}
        if value.get("on") == "capture" and value.get("name") in captures:
            renamed["name"] = f"{prefix}-{value['name']}"
        if isinstance(value.get("capture"), Mapping):
            renamed["capture"] = {f"{prefix}-{k}": v for k, v in renamed["capture"].items()}
        return renamed
    if isinstance(value, list | tuple):
        return [_renamed(inner, prefix, captures) for inner in value]
    return value


def _check_instances(source: Source) -> None:
    for position, address in enumerate(source.keys.instances):
        try:
            reach_of(None, (address,))
        except ValueError as error:
            where = f"{source.place}.instances[{position}]"
            raise source.error(f'{where}: "{address}" is no host or address') from error


def _check_schemas(project: Project, source: Source) -> None:
    listed = {entry.path for entry in project.files}
    for place, name in _named_schemas(source.keys):
        where = f"{source.place}.{place}.schema"
        if name not in listed:
            raise source.error(f"{where}: there is no file {name}")
        try:
            schemas.check(msgspec.json.decode(project.read_bytes(name), type=dict[str, Any]))
        except (msgspec.MsgspecError, ValueError) as error:
            raise source.error(f"{where}: {name} holds no JSON Schema: {error}") from error


def _named_schemas(keys: CheckKeys) -> Iterator[tuple[str, str]]:
    for place, one in keys.expectations():
        for schema in _schemas_of(one):
            yield place, schema


def _schemas_of(operators: Operators) -> Iterator[str]:
    if isinstance(operators.schema, str):
        yield operators.schema
    if isinstance(operators.each, Each):
        yield from _schemas_of(operators.each)
