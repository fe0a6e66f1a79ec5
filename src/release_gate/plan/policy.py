"""The files that policy is read from, and their digest."""

from __future__ import annotations

import hashlib
from pathlib import Path

from release_gate.errors import BaselineError
from release_gate.files import read_file
from release_gate.plan.configuration import Configuration
from release_gate.plan.paths import inside


def baseline_file(configuration: Configuration) -> str:
    """The baseline's place, relative to the root."""
    return inside(configuration.keys.baseline)


def read_baseline(root: Path, file: str) -> str | None:
    """Text of the baseline with plain line ends; ``None`` if there is none.

    Args:
        root: Absolute.
        file: Relative to the root.

    Raises:
        BaselineError: If it is there and cannot be read as text.
    """
    place = root / file
    try:
        if not place.resolve().is_relative_to(root.resolve()):
            raise BaselineError("the baseline is a link that leads out of the root", file=file)
        return read_file(place).decode("utf-8").replace("\r\n", "\n")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise BaselineError("the baseline is not UTF-8", file=file) from error
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BaselineError(f"the baseline cannot be read: {reason}", file=file) from error


def policy_digest(
    configuration: Configuration,
    baseline: str | None,
    waivers: str | None = None,
    checklist: str | None = None,
) -> str:
    """Hex SHA-256 over the settings and the files of policy, length-prefixed.

    Args:
        configuration: Its values count, not their layout.
        baseline: Text of the baseline; no file differs from an empty one.
        waivers: Text of the file of waivers, likewise.
        checklist: Text of the checklist, likewise.
    """
    files = (baseline, waivers, checklist)
    texts = (b"-" if text is None else b"+" + text.encode() for text in files)
    parts = [configuration.canonical(), *texts]
    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(f"{len(part)}:".encode() + part)
    return hasher.hexdigest()
