"""Whether a measurement covers what it was meant to cover, before its share means anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from release_gate.model import Finding, Identity, Problem, Severity
from release_gate.subjects.source.python_files import below
from release_gate.subjects.source.text import counted
from release_gate.subjects.testrun.config import CoverageConfig
from release_gate.subjects.testrun.measured import MeasuredFile, Measurement
from release_gate.subjects.testrun.scope import Scope

NO_DATA = "coverage collected no data: no line of the measured source was run"
NO_DATA_REMEDY = (
    "Check source in coverage's settings, and that the tests import the checkout and not an "
    "installed copy."
)
INSTALLED = (
    "Install the project there in editable mode, or map the copies with [tool.coverage.paths]."
)


def problems(
    measurement: Measurement, config: CoverageConfig, scope: Scope, root: Path
) -> list[Problem]:
    """Why the measurement does not stand for the source.

    Args:
        measurement: What was covered.
        config: The project's own settings.
        scope: What was to be measured.
        root: The project's root.
    """
    found = []
    if measurement.outside:
        first = PurePosixPath(measurement.outside[0].replace("\\", "/")).name
        files = counted(len(measurement.outside), "measured files")
        what = f"not the checkout's: {files} ({first}, …)"
        found.append(Problem(what=what, remedy=INSTALLED))
    strays = _strays(measurement, scope)
    if strays:
        files = counted(len(strays), "files")
        what = f"measured, and outside of the source: {files} ({strays[0]}, …)"
        remedy = "Name what is to be measured: [tool.coverage.run] source = [...]."
        found.append(Problem(what=what, remedy=remedy))
    if not any(measured.executed_lines for measured in measurement.files.values()):
        return [*found, Problem(what=NO_DATA, remedy=NO_DATA_REMEDY)]
    for unit in _never_imported(measurement, config, scope, root):
        what = f"{unit} is to be measured and was never imported"
        remedy = f"Test it, or omit it by name. If it is tested: {INSTALLED}"
        found.append(Problem(what=what, remedy=remedy))
    return found


def _strays(measurement: Measurement, scope: Scope) -> list[str]:
    """Measured files outside of the folders that coverage was told to measure."""
    shipped = set(scope.shipped)
    modules = {f"{entry}.py" for entry in scope.source}
    return [
        path
        for path in measurement.files
        if scope.source and path not in shipped | modules and not below(path, scope.source)
    ]


def _never_imported(
    measurement: Measurement, config: CoverageConfig, scope: Scope, root: Path
) -> list[str]:
    files = measurement.files
    units: dict[str, list[str]] = {}
    for entry in (*config.source, *config.folders, *scope.source):
        if (root / entry).is_dir():
            units |= _packages_below(files, entry)
        else:
            units[entry] = _of_module(files, entry)
    units |= {name: _of_module(files, name) for name in config.packages}
    return sorted(unit for unit, paths in units.items() if not _alive(files, paths))


def _alive(files: Mapping[str, MeasuredFile], paths: list[str]) -> bool:
    """Whether any line of these files ran, or there was none to run."""
    if not paths:
        return False
    statements = sum(files[path].summary.num_statements for path in paths)
    return statements == 0 or any(files[path].executed_lines for path in paths)


def _packages_below(files: Mapping[str, MeasuredFile], folder: str) -> dict[str, list[str]]:
    """The folder itself where it is a package, else the packages in it, with their files."""
    top = PurePosixPath(folder)
    inside = [path for path in files if below(path, (folder,))]
    if str(top / "__init__.py") in files:
        return {folder: inside}
    packages: dict[str, list[str]] = {}
    for path in inside:
        inner = PurePosixPath(path).relative_to(top)
        if len(inner.parts) > 1:
            packages.setdefault(str(top / inner.parts[0]), []).append(path)
    return packages


def _of_module(files: Mapping[str, MeasuredFile], name: str) -> list[str]:
    """Files of a package or module by its dotted name, wherever its folder lies."""
    parts = tuple(name.split("."))
    found = []
    for path in files:
        folders = PurePosixPath(path).with_suffix("").parts
        spans = (folders[i : i + len(parts)] for i in range(len(folders)))
        if parts in spans:
            found.append(path)
    return found


def unmeasured(measurement: Measurement, scope: Scope) -> list[Finding]:
    """Shipped files that were neither measured nor left out by name."""
    missing = sorted(set(scope.shipped) - set(scope.omitted) - set(measurement.files))
    return [
        Finding(
            tool="coverage",
            rule_id="unmeasured-module",
            severity=Severity.MEDIUM,
            message=f"{path} ships and is neither measured nor omitted by name",
            identity=Identity(kind="item", key=(path,)),
            path=path,
            fix="Add it to coverage's source (a folder needs an __init__.py, or "
            "include_namespace_packages), or name it in omit.",
        )
        for path in missing
    ]
