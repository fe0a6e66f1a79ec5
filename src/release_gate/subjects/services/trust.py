"""Which certificate authorities are believed: those that the probe ``http`` believes too."""

from __future__ import annotations

import ssl

from release_gate.subjects.probes.contract import ProbeProblem, ProbeWorld


def authorities(world: ProbeWorld, ca_file: str) -> bytes | None:
    """Certificates to believe besides the public ones, as PEM.

    Args:
        world: Its deployment may name a file of them.
        ca_file: Relative to the project; instead of the deployment's, where given.

    Raises:
        ProbeProblem: If the file cannot be read.
    """
    name = ca_file or (world.deployment.ca_file if world.deployment else None)
    if not name:
        return None
    try:
        return (world.root / name).read_bytes()
    except OSError as error:
        raise ProbeProblem(
            f"ca-file: {name} cannot be read: {error.strerror}",
            remedy="It is relative to the root of the project.",
        ) from None


def trusting(world: ProbeWorld, ca_file: str = "") -> ssl.SSLContext:
    """A context that verifies chain, name and dates.

    Args:
        world: See :func:`authorities`.
        ca_file: See :func:`authorities`.

    Raises:
        ProbeProblem: If the file cannot be read, or holds no certificate.
    """
    from release_gate.subjects.http.transport import tls_context  # noqa: PLC0415 - imports httpx

    return tls_context(verify=True, ca=authorities(world, ca_file))
