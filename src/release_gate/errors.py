"""Every error a user can meet, with its exit code and the slug of its page.

An error says what happened, where, and what to do next. The slug is the
anchor of the error's section in ``docs/reference/errors.md``.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class ReleaseGateError(Exception):
    """Base of all errors that end a run or a gate with a message.

    Args:
        what: What happened and where, one sentence.
        remedy: What to do next, one or two sentences; may be empty.
    """

    exit_code: ClassVar[int] = 3
    slug: ClassVar[str] = "could-not-judge"

    def __init__(self, what: str, *, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        tail = f"\n  {self.remedy}" if self.remedy else ""
        return f"{self.what} ({self.slug}){tail}"


class UsageError(ReleaseGateError):
    """The command line asks for something that does not exist."""

    exit_code = 2
    slug = "usage"


class ConfigError(ReleaseGateError):
    """The configuration cannot be used as it stands.

    Args:
        what: What is wrong.
        file: The configuration file, relative to the root where possible.
        line: One-based line of the key or of its table, where known.
        remedy: What to write instead.
    """

    exit_code = 2
    slug = "config-invalid"

    def __init__(
        self, what: str, *, file: str = "", line: int | None = None, remedy: str = ""
    ) -> None:
        self.file = file
        self.line = line
        place = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(place + what, remedy=remedy)


class UnknownKey(ConfigError):
    """A key in the configuration that nothing reads."""

    slug = "config-unknown-key"


class BaselineError(ConfigError):
    """The baseline file cannot be used."""

    slug = "baseline-invalid"


class WaiverError(ConfigError):
    """An entry in the file of waivers cannot be used."""

    slug = "waiver-invalid"


class HistoryError(ConfigError):
    """The history of releases cannot be used."""

    slug = "history-invalid"


class ChecklistError(ConfigError):
    """The checklist cannot be used."""

    slug = "checklist-invalid"


class SignOffError(ConfigError):
    """The file of sign-offs cannot be used."""

    slug = "sign-offs-invalid"


class GateFileError(ConfigError):
    """A gate file cannot be loaded or does not define a usable ``GATE``."""

    slug = "gate-file-invalid"


class TemplateProblem(ConfigError):
    """A template is missing or broken; ``gate.json`` does not depend on any."""

    slug = "template-invalid"


class NothingToDo(ReleaseGateError):
    """The plan holds no gate: a run of nothing is not a pass."""

    slug = "nothing-planned"


class RepositoryProblem(ReleaseGateError):
    """Git is there but cannot answer what the run needs to know."""

    slug = "repository"


class ProjectEnvironmentProblem(ReleaseGateError):
    """The project's own Python environment is missing or unusable."""

    slug = "project-environment"


class OutputProblem(ReleaseGateError):
    """The output folder cannot be written; an earlier report is untouched."""

    slug = "output-folder"


class OutputLocked(OutputProblem):
    """Another run is writing to the same output folder."""

    slug = "output-locked"


class ReportProblem(ReleaseGateError):
    """A stored report is missing, cut off, or of an unknown version."""

    slug = "report-unreadable"


class AssetMissing(ReleaseGateError):
    """The installation is incomplete: a folder of built-ins is not there."""

    slug = "installation-incomplete"


class ToolProblem(ReleaseGateError):
    """A tool gave nothing that can be judged.

    Args:
        what: What happened, with the tool's name.
        log: The log that holds the tool's output, where there is one.
        remedy: What to do next.
    """

    slug = "tool-problem"

    def __init__(self, what: str, log: Path | None = None, *, remedy: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.log = log


class ToolMissing(ToolProblem):
    """The executable could not be started."""

    slug = "tool-missing"


class DeadlineExceeded(ToolProblem):
    """A command was still running at its deadline and was ended."""

    slug = "deadline"


class Interrupted(ReleaseGateError):
    """The run was ended by Ctrl-C or by a signal."""

    exit_code = 130
    slug = "interrupted"
