"""A planted example: proof that the plugins and filters in force can find anything at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from release_gate.errors import ToolProblem
from release_gate.subjects.secrets.findings import TOOL
from release_gate.subjects.secrets.scan import FileReport

# Plugins that know their secrets by form alone, without limits that a project may set.
PROVEN_BY = frozenset({"AWSKeyDetector", "PrivateKeyDetector"})


def plant(folder: Path) -> Path:
    """Write the example and return its path; put together here so that no scan finds it."""
    file = folder / "planted-example.txt"
    identifier = "AKIA" + "Q3J7ZK5XW2P8M4TN"
    header = "-----BEGIN RSA PRIVATE" + " KEY-----"
    file.write_text(f"{identifier}\n{header}\n", encoding="utf-8", newline="\n")
    return file


def check(report: FileReport, plugins: Iterable[str]) -> None:
    """Refuse a scan that does not find the example.

    Raises:
        ToolProblem: If it was read, a plugin that knows it was loaded, and it was not found.
    """
    if report.state == "read" and not report.secrets and PROVEN_BY.intersection(plugins):
        raise ToolProblem(
            f"{TOOL} does not find a planted example: its filters hide everything",
            remedy="Look at the line and secret patterns among the project's filters.",
        )
