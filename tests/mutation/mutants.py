"""Mutation testing of the judge: whatever may be changed without a test noticing is named.

Works on a copy, so that no mutant ever lies in the checkout. Survivors that are listed in
``survivors.toml``, each with its reason, are allowed; any other one, and a listed one that no
longer survives, makes the exit code 1::

    python tests/mutation/mutants.py [MODULE …]
"""

from __future__ import annotations

import ast
import difflib
import json
import shutil
import subprocess
import sys
import tempfile
import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LISTED = Path(__file__).with_name("survivors.toml")
PACKAGE = "src/release_gate/judge"
MODULES = (
    "verdicts",
    "outcome",
    "limits",
    "states",
    "budgets",
    "leeway",
    "ratchets",
    "fingerprints",
    "waivers",
    "waiver_rules",
)
"""The verdict table, the rules of waivers and of budgets, and what they stand on."""

COPIED = ("src", "tests/support", "tests/conftest.py", "tests/unit/judge")
# Reads the sources as its examples: there they would be full of mutants, and it is slow.
LEFT_OUT = ("test_edit_scripts.py",)
SURVIVED = {0: "survived", 33: "no test reaches it"}


@dataclass(frozen=True, kw_only=True, order=True)
class Mutant:
    """A change that no test noticed.

    Args:
        module: Its module.
        was: The lines that were changed.
        now: The lines in their place.
    """

    module: str
    was: str
    now: str


def main(arguments: Sequence[str]) -> int:
    """Mutate the modules and say what survived."""
    modules = tuple(arguments) or MODULES
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder)
        _prepare(copy, modules)
        _run(copy)
        counts, survivors = _results(copy, modules)
    allowed = {one: reason for one, reason in _listed() if one.module in modules}
    unlisted = [one for one in survivors if one not in allowed]
    stale = [one for one in sorted(allowed) if one not in survivors]
    for module in modules:
        left = sum(one.module == module for one in survivors)
        _say(f"{module}: {counts[module]} mutants, {left} survived")
    for one in unlisted:
        _say(f"\nnot listed: {one.module}\n- {one.was}\n+ {one.now}")
    for one in stale:
        _say(f"\nlisted and no longer there: {one.module}\n- {one.was}\n+ {one.now}")
    return 1 if unlisted or stale else 0


def _prepare(copy: Path, modules: Sequence[str]) -> None:
    for name in COPIED:
        source, target = ROOT / name, copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", *LEFT_OUT))
        else:
            shutil.copy(source, target)
    settings = {
        "source_paths": ["src"],
        "only_mutate": [f"{PACKAGE}/{module}.py" for module in modules],
        "pytest_add_cli_args_test_selection": ["tests/unit/judge"],
        "pytest_add_cli_args": ["-p", "no:cacheprovider"],
    }
    # A list of strings is the same in JSON and in TOML.
    table = "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    own = (ROOT / "pyproject.toml").read_text("utf-8")
    (copy / "pyproject.toml").write_text(f"{own}\n[tool.mutmut]\n{table}", "utf-8")


def _run(copy: Path) -> None:
    log = copy / "mutmut.log"
    with log.open("wb") as stream:
        done = subprocess.run(
            [sys.executable, "-m", "mutmut", "run"],
            cwd=copy,
            stdout=stream,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        said = log.read_text("utf-8", "replace").replace("\r", "\n").splitlines()
        raise SystemExit("\n".join([*said[-40:], f"mutmut ended with {done.returncode}"]))


def _results(copy: Path, modules: Sequence[str]) -> tuple[dict[str, int], list[Mutant]]:
    """How many mutants each module had, and those that live; without any it is no result."""
    counts, survivors = {}, []
    for module in modules:
        file = copy / "mutants" / PACKAGE / f"{module}.py.meta"
        codes: dict[str, int | None] = json.loads(file.read_text("utf-8"))["exit_code_by_key"]
        unknown = sorted(name for name, code in codes.items() if code is None)
        if not codes or unknown:
            raise SystemExit(f"{module}: {len(codes)} mutants, {len(unknown)} of them not tried")
        counts[module] = len(codes)
        alive = [name for name, code in codes.items() if code in SURVIVED]
        functions = _functions(file.with_suffix(""))
        survivors += [_shown(functions, module, name) for name in alive]
    return counts, sorted(set(survivors))


def _functions(file: Path) -> dict[str, list[str]]:
    """Source of every function of a mutated module, by name; those of classes too."""
    text = file.read_text("utf-8")
    return {
        node.name: textwrap.dedent(ast.get_source_segment(text, node, padded=True) or "").split(
            "\n"
        )
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
    }


def _shown(functions: Mapping[str, Sequence[str]], module: str, name: str) -> Mutant:
    """What the mutant changed; mutmut keeps it beside the original under another name."""
    own = name.rpartition(".")[2]
    original, _, _ = own.rpartition("__mutmut_")
    before, after = functions[f"{original}__mutmut_orig"], functions[own]
    # The first line holds the name, which always differs.
    lines = list(difflib.unified_diff(before[1:], after[1:], n=0, lineterm=""))[2:]
    return Mutant(module=module, was=_changed(lines, "-"), now=_changed(lines, "+"))


def _changed(lines: Sequence[str], sign: str) -> str:
    return " ".join(line[1:].strip() for line in lines if line.startswith(sign))


def _listed() -> Iterator[tuple[Mutant, str]]:
    for row in tomllib.loads(LISTED.read_text("utf-8")).get("survivor", []):
        reason = row.pop("reason")
        if not reason.strip():
            raise SystemExit(f"a survivor of {row['module']} is listed without a reason")
        yield Mutant(**row), reason


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
