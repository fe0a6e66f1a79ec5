"""release-gate: may this release go out?"""

__version__ = "0.1.0"
