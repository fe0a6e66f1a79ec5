"""Runs in the project's interpreter: names every installed distribution, as a JSON line each."""

import json
import sys
from importlib import metadata


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
        }
        sys.stdout.write(json.dumps(row) + "\n")
        count += 1
    sys.stdout.write(json.dumps({"end": True, "count": count}) + "\n")


if __name__ == "__main__":
    main()
