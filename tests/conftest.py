"""For all tests: how many examples laws draw, and which children are measured.

A law draws a seeded sample here, and many examples in ``nox -s long``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from support.measuring import measure_only_our_code

# No deadline: timings belong in benchmarks.
settings.register_profile("sample", derandomize=True, deadline=None)
settings.register_profile("long", max_examples=2000, deadline=None)
settings.load_profile("sample")


@pytest.fixture(scope="session", autouse=True)
def _only_our_code_is_measured() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        measure_only_our_code(patch)
        yield
