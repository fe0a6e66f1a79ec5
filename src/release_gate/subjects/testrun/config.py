"""The project's own coverage settings: which file holds them, and what they say.

Read with coverage's own parser, so that every spelling it accepts is understood as it does.
Which file is in force follows https://coverage.readthedocs.io/en/latest/config.html.
"""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from coverage.config import DEFAULT_EXCLUDE, DEFAULT_PARTIAL, read_coverage_config
from coverage.exceptions import CoverageException

from release_gate.errors import ConfigError
from release_gate.ports import Project

OWN_FILES = (".coveragerc", ".coveragerc.toml")
SHARED_FILES = ("setup.cfg", "tox.ini", "pyproject.toml")


@dataclass(frozen=True, kw_only=True, slots=True)
class CoverageConfig:
    """What a project asks of coverage.

    Args:
        file: Where it stands, relative to the root; ``None``: nowhere, all defaults.
        source: Folders or packages to measure.
        packages: Names of packages to measure (``source_pkgs``).
        folders: Folders to measure (``source_dirs``).
        include: Patterns of files to measure where no source is given.
        report_include: Patterns of files to report.
        omit: Patterns of files left out, of the run and of the report.
        branch: Whether branches are measured.
        namespaces: Whether files in folders without ``__init__.py`` count.
        fail_under: The project's own limit in percent; ``None`` where it states none.
        exclude: Regular expressions of lines and branches that do not count, beyond coverage's
            own.
        plugins: Coverage plug-ins; only the project environment has them.
        remarks: What coverage has to say about the file itself.
    """

    file: str | None = None
    source: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    report_include: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()
    branch: bool = False
    namespaces: bool = False
    fail_under: Fraction | None = None
    exclude: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def names_source(self) -> bool:
        """Whether the project says itself what is to be measured."""
        return bool(self.source or self.packages or self.folders)


def _has_section(name: str, text: str) -> bool:
    """Whether a file that several tools share holds settings of coverage.

    Raises:
        ValueError: If it cannot be parsed.
    """
    if name.endswith(".toml"):
        return bool(tomllib.loads(text).get("tool", {}).get("coverage"))
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(str(error)) from error
    return any(section.startswith("coverage:") for section in parser.sections())


def find(read: Callable[[str], bytes | None]) -> str | None:
    """The file whose settings are in force, as coverage looks for it.

    Args:
        read: Content of a file by its path relative to the root, or ``None``.

    Raises:
        ConfigError: If a candidate cannot be read.
    """
    for name in OWN_FILES:
        if read(name) is not None:
            return name
    for name in SHARED_FILES:
        content = read(name)
        if content is None:
            continue
        try:
            if _has_section(name, content.decode()):
                return name
        except ValueError as error:
            raise ConfigError(f"cannot be read: {error}", file=name) from error
    return None


def parse(file: str, path: Path) -> CoverageConfig:
    """Read one settings file.

    Args:
        file: Its name for people, relative to the root.
        path: Where it lies.

    Raises:
        ConfigError: If coverage itself would refuse it.
    """
    remarks: list[str] = []
    try:
        read = read_coverage_config(str(path), remarks.append)
    except (CoverageException, ValueError, OSError) as error:
        raise ConfigError(f"coverage cannot read its settings: {error}", file=file) from error
    limit = Fraction(str(read.fail_under)) if read.fail_under else None
    usual = {*DEFAULT_EXCLUDE, *DEFAULT_PARTIAL}
    patterns = (*read.exclude_list, *read.partial_list)
    return CoverageConfig(
        file=file,
        source=tuple(read.source or ()),
        packages=tuple(read.source_pkgs),
        folders=tuple(read.source_dirs),
        include=tuple(read.run_include or ()),
        report_include=tuple(read.report_include or ()),
        omit=tuple(dict.fromkeys([*(read.run_omit or ()), *(read.report_omit or ())])),
        branch=bool(read.branch),
        namespaces=bool(read.include_namespace_packages),
        fail_under=limit,
        exclude=tuple(dict.fromkeys(one for one in patterns if one not in usual)),
        plugins=tuple(read.plugins),
        remarks=tuple(remark.replace(str(path), file) for remark in remarks),
    )


def of_project(project: Project, file: str = "") -> CoverageConfig:
    """The settings in force in a project.

    Args:
        project: Only files of its list are looked at.
        file: A settings file named by the user; empty: as coverage looks for it.

    Raises:
        ConfigError: If the file is missing or cannot be read.
    """
    listed = {entry.path for entry in project.files}

    def read(name: str) -> bytes | None:
        return project.read_bytes(name) if name in listed else None

    if file and file not in listed:
        raise ConfigError(
            f"the coverage settings file {file} is not in the project",
            remedy="Name a file of the repository, relative to its root.",
        )
    found = file or find(read)
    return parse(found, project.path(found)) if found else CoverageConfig()


def of_text(file: str, content: bytes, work: Path) -> CoverageConfig:
    """Settings as another commit had them.

    Args:
        file: Its name; the ending says how it is parsed.
        content: Its content.
        work: An existing folder for a copy.

    Raises:
        ConfigError: If coverage would refuse it.
    """
    copy = work / f"base{Path(file).name}"
    copy.write_bytes(content)
    try:
        return parse(file, copy)
    finally:
        copy.unlink()
