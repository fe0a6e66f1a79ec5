"""Says what the project environment holds; runs there, standard library only.

Usage: ``python worker_probe.py RESULT``. The result is a file and not standard output, because
start-up files of the environment may print.
"""

from __future__ import annotations

import importlib.util
import json
import sys

NAMES = ("coverage", "pytest", "pytest-cov", "pytest-xdist")


def _version(name: str) -> str | None:
    try:
        from importlib import metadata  # noqa: PLC0415 - Python 3.7 has none

        return metadata.version(name)
    except Exception:  # noqa: BLE001 - whatever goes wrong, it is not usable there
        return None


def main(result: str) -> None:
    """Write the facts as one JSON object."""
    facts = {
        "python": list(sys.version_info[:3]),
        "implementation": sys.implementation.name,
        "prefix": sys.prefix,
        "importable": {
            name: importlib.util.find_spec(name) is not None for name in ("coverage", "pytest")
        },
        "versions": {name: _version(name) for name in NAMES},
    }
    with open(result, "w", encoding="ascii") as stream:  # noqa: PTH123 - old interpreters
        json.dump(facts, stream)


if __name__ == "__main__":
    main(sys.argv[1])
