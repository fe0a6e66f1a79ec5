"""Who may import whom, held over the real import graph."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "release_gate"
BOTTOM = {
    "__init__",
    "checklists",
    "errors",
    "files",
    "json_lines",
    "model",
    "policy",
    "ports",
    "redact",
    "scores",
    "trust",
}
WIRING = {"cli", "nox_sessions", "__main__", "testing"}

# For each room: the rooms it may import from, besides itself and the bottom.
ALLOWED: dict[str, set[str]] = {
    "__init__": set(),
    "model": set(),
    "policy": set(),
    "trust": set(),
    "checklists": set(),
    "scores": set(),
    "json_lines": set(),
    "errors": set(),
    "ports": set(),
    "redact": set(),
    "files": set(),
    "api": set(),
    "assets": set(),
    "adapters": set(),
    "judge": set(),
    "subjects": {"api"},
    "plan": {"api", "assets"},
    "run": {"api", "plan", "judge"},
    "report": {"judge", "assets"},
}

# Which subject may use which other subject; acyclic.
SUBJECTS: dict[str, set[str]] = {
    "source": set(),
    "lint": {"source"},
    "mypy": {"source"},
    "bandit": {"source"},
    "testrun": {"source"},
    "secrets": {"source"},
    "locks": {"source"},
    "advisories": {"source", "locks"},
    "probes": set(),
    "http": {"probes"},
    "services": {"probes", "http"},
    "statistics": set(),
    "accepted": set(),
    "load": {"statistics", "http", "probes"},
    "blip": {"load", "http", "probes"},
    "packs": {"probes", "http", "services"},
    "smoke": {"probes", "http", "services", "packs"},
    "canary": {"probes", "http", "services", "smoke", "statistics"},
}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(SOURCE.rglob("*.py")):
        name = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        yield name, path


def imported(path: Path) -> Iterator[str]:
    """Dotted names below ``release_gate`` (without it) and top-level names of others."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            if node.module == "release_gate":
                yield from (f"release_gate.{alias.name}" for alias in node.names)
            elif node.module:
                yield node.module


def room(module: str) -> str:
    return module.split(".", maxsplit=1)[0]


def own_imports(path: Path) -> Iterator[str]:
    for name in imported(path):
        if name == "release_gate":
            yield "__init__"
        elif name.startswith("release_gate."):
            yield name.removeprefix("release_gate.")


def test_every_room_is_known_to_this_test() -> None:
    rooms = {room(name) for name, _ in modules()}
    assert rooms == set(ALLOWED) | WIRING


def test_each_room_imports_only_what_it_may() -> None:
    wrong = [
        f"{name} imports {target}"
        for name, path in modules()
        if room(name) not in WIRING
        for target in own_imports(path)
        if room(target) not in ALLOWED[room(name)] | BOTTOM | {room(name)}
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", ["adapters", "run", "cli"])
def test_no_two_modules_import_one_another(folder: str) -> None:
    """Not even for their types: what both need belongs in a module of its own."""
    known = {name.removesuffix(".__init__"): path for name, path in modules()}
    targets = {name: set(own_imports(path)) & set(known) for name, path in known.items()}
    circles = [
        f"{name} and {target}"
        for name, wanted in targets.items()
        for target in wanted
        if room(name) == folder and name < target and name in targets[target]
    ]
    assert circles == []


def test_the_bottom_imports_nothing_above_it() -> None:
    order = [
        "__init__",
        "json_lines",
        "files",
        "errors",
        "redact",
        "model",
        "policy",
        "checklists",
        "scores",
        "trust",
        "ports",
    ]
    wrong = [
        f"{name} imports {target}"
        for name, path in modules()
        if room(name) in BOTTOM
        for target in own_imports(path)
        if order.index(room(target)) > order.index(room(name))
    ]
    assert wrong == []


def test_subjects_import_one_another_by_the_declared_list() -> None:
    folders = {
        path.name for path in (SOURCE / "subjects").iterdir() if (path / "__init__.py").is_file()
    }
    assert folders == set(SUBJECTS)
    wrong = [
        f"{name} imports {target}"
        for name, path in modules()
        if room(name) == "subjects" and "." in name and name != "subjects.__init__"
        for target in own_imports(path)
        if room(target) == "subjects"
        and target.split(".")[1] not in SUBJECTS[name.split(".")[1]] | {name.split(".")[1]}
    ]
    assert wrong == []


def test_the_declared_list_of_subjects_has_no_cycle() -> None:
    done: set[str] = set()
    while ready := {name for name, needs in SUBJECTS.items() if needs <= done} - done:
        done |= ready
    assert done == set(SUBJECTS)


def test_gate_files_import_only_the_api_and_subjects() -> None:
    files = sorted((ROOT / "gates").glob("*.py"))
    assert files
    wrong = [
        f"{path.name} imports {target}"
        for path in files
        for target in own_imports(path)
        if room(target) not in {"api", "subjects"}
    ]
    assert wrong == []


def users_of(*packages: str) -> set[str]:
    return {
        name
        for name, path in modules()
        if any(name_.split(".")[0] in packages for name_ in imported(path))
    }


def test_only_templating_imports_jinja2() -> None:
    assert users_of("jinja2") == {"report.templating"}


def test_only_adapters_and_workers_start_processes() -> None:
    starters = {
        name
        for name in users_of("subprocess", "multiprocessing", "pty")
        if room(name) != "adapters" and "worker" not in name
    }
    assert starters == {"testing"}


def test_only_the_sessions_import_nox() -> None:
    assert users_of("nox") == {"nox_sessions"}


def calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_only_cli_sessions_and_reporters_write_to_standard_output() -> None:
    writers = {
        name
        for name, path in modules()
        for call in calls(path)
        if call in {"print", "click.echo", "sys.stdout.write", "sys.stdout.buffer.write"}
    }
    allowed = {
        name
        for name in writers
        if room(name) in {"cli", "nox_sessions"}
        or name.startswith("report.reporters")
        or "worker" in name
    }
    assert writers == allowed


def test_nobody_changes_directory() -> None:
    movers = {name for name, path in modules() for call in calls(path) if call == "os.chdir"}
    assert movers == set()


@pytest.mark.parametrize("name", ["time.time", "datetime.now", "random.random", "uuid.uuid4"])
def test_clocks_and_chance_are_injected(name: str) -> None:
    users = {module for module, path in modules() for call in calls(path) if call == name}
    assert {user for user in users if room(user) not in {"adapters", "testing"}} == set()


def test_the_judge_imports_nothing_that_reaches_outside() -> None:
    reaching = {"os", "pathlib", "subprocess", "socket", "io", "shutil", "tempfile", "time"}
    wrong = [
        f"{name} imports {target}"
        for name, path in modules()
        if room(name) == "judge"
        for target in imported(path)
        if target.split(".")[0] in reaching
    ]
    assert wrong == []


def test_each_gate_has_its_test_and_its_page() -> None:
    gates = {path.stem for path in (ROOT / "gates").glob("*.py")}
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests/gates").glob("test_*.py")}
    pages = {path.stem for path in (ROOT / "docs/reference/gates").glob("*.md")} - {"index"}
    assert gates - tests == set()
    assert gates == pages
