"""How many examples the tests of laws draw: a seeded sample here, many in ``nox -s long``."""

from __future__ import annotations

from hypothesis import settings

# No deadline: timings belong in benchmarks.
settings.register_profile("sample", derandomize=True, deadline=None)
settings.register_profile("long", max_examples=2000, deadline=None)
settings.load_profile("sample")
