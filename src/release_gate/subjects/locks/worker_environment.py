"""Runs in the project's interpreter: names every installed distribution, as a JSON line each."""

import json
import sys
from importlib import metadata
from pathlib import Path

# Where installers put what they install; elsewhere it is looked at where it is developed.
INSTALLED = ("site-packages", "dist-packages")


def main() -> None:
    """A line for each distribution, then a footer with their number."""
    count = 0
    for distribution in metadata.distributions():
        names = distribution.metadata.get_all("Name") or [None]
        direct = distribution.read_text("direct_url.json")
        row = {
            "name": names[0],
            "version": distribution.metadata["Version"],
            "direct_url": json.loads(direct) if direct else None,
            "developed": developed(distribution),
        }
        sys.stdout.write(json.dumps(row) + "\n")
        count += 1
    sys.stdout.write(json.dumps({"end": True, "count": count}) + "\n")


def developed(distribution: metadata.Distribution) -> bool:
    """Whether it is an editable install as ``setup.py develop`` makes it, without a record.

    Then a ``.pth`` file leads to the source, and an egg-info folder there holds its metadata.
    """
    folder = Path(str(distribution.locate_file(""))).absolute()
    return folder.name not in INSTALLED and distribution.read_text("METADATA") is None


if __name__ == "__main__":
    main()
