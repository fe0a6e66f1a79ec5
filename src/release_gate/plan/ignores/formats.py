"""The formats by name, and by the name that their files have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from release_gate.plan.ignores import grype, osv_scanner, pip_audit, snyk, trivy
from release_gate.plan.ignores.types import Ignores, Written
from release_gate.policy import Waiver

READERS: Mapping[str, Callable[[str, str], Ignores]] = {
    "grype": grype.read,
    "osv-scanner": osv_scanner.read,
    "pip-audit": pip_audit.read,
    "snyk": snyk.read,
    "trivy": trivy.read,
    "trivy-yaml": trivy.read_yaml,
}
WRITERS: Mapping[str, Callable[[Sequence[Waiver]], Written]] = {
    "grype": grype.write,
    "osv-scanner": osv_scanner.write,
    "pip-audit": pip_audit.write,
    "snyk": snyk.write,
    "trivy": trivy.write,
}
_NAMES = {
    ".grype.yaml": "grype",
    ".grype.yml": "grype",
    "grype.yaml": "grype",
    "osv-scanner.toml": "osv-scanner",
    ".snyk": "snyk",
    ".trivyignore": "trivy",
    ".trivyignore.yaml": "trivy-yaml",
    ".trivyignore.yml": "trivy-yaml",
}


def format_of(name: str, text: str) -> str | None:
    """The format of a file by its name, else by its content; ``None`` if nothing says.

    Args:
        name: Of the file, without folders.
        text: Its content.
    """
    return _NAMES.get(name) or ("pip-audit" if "--ignore-vuln" in text else None)
