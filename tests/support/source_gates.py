"""What the tests of lint, types and security share: loading a gate, a base, a meddling runner."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from release_gate.api import Completed
from release_gate.model import BaseRef
from release_gate.testing import DirectRunner

ROOT = Path(__file__).resolve().parents[2]

# Names that tools have tripped over; a name that no file system takes is left out by its test.
HOSTILE_NAMES = (
    "src/with space.py",
    "src/-dash.py",
    "src/@at.py",
    "src/it's.py",
    "src/größe_日本.py",
    "-top.py",
    "@top.py",
)
POSIX_NAMES = ('src/quo"te.py', "src/new\nline.py", "src/star*.py")


def load(kind: str) -> ModuleType:
    """The module of a bundled gate, from the checkout."""
    name = f"gate_under_test_{kind}"
    spec = importlib.util.spec_from_file_location(name, ROOT / "gates" / f"{kind}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True, kw_only=True)
class ChangedSince:
    """A base against which the given lines are new."""

    lines: Mapping[str, frozenset[int]] = field(default_factory=dict)
    ref: BaseRef = field(default_factory=lambda: BaseRef(ref="main", commit="0" * 40))

    def read(self, relative: str) -> bytes | None:
        return None

    def changed_lines(self) -> Mapping[str, frozenset[int]]:
        return self.lines

    def old_path(self, relative: str) -> str | None:
        return relative


@dataclass(frozen=True, kw_only=True)
class Meddling:
    """Runs the real tool and spoils something before or after it."""

    root: Path
    log: Path
    before: Callable[[Sequence[str]], None] = lambda _argv: None
    after: Callable[[Completed], Completed] = lambda done: done

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        timeout: float | None = None,
        stdin: bytes | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> Completed:
        if "--version" not in argv:
            self.before(argv)
        inner = DirectRunner(root=self.root, log=self.log)
        done = inner.run(argv, cwd=cwd, env=env, timeout=timeout, stdin=stdin, on_line=on_line)
        return done if "--version" in argv else self.after(done)
