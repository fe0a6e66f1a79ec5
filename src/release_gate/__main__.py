"""``python -m release_gate`` is the same as ``release-gate``."""

from __future__ import annotations

import sys

from release_gate.cli import main

if __name__ == "__main__":
    sys.exit(main())
