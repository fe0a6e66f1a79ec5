"""Which of a project's folders ship, where nobody says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from release_gate.ports import FileEntry

# Top-level folders that hold Python and do not ship. Compare the list that setuptools leaves out:
# https://setuptools.pypa.io/en/latest/userguide/package_discovery.html
_NOT_SHIPPED = frozenset(
    {
        "alembic",
        "bench",
        "benchmark",
        "benchmarks",
        "bin",
        "build",
        "ci",
        "debian",
        "dist",
        "doc",
        "docs",
        "documentation",
        "env",
        "example",
        "examples",
        "exercise",
        "exercises",
        "hack",
        "htmlcov",
        "manpages",
        "migrations",
        "news",
        "newsfragments",
        "node_modules",
        "notebooks",
        "scripts",
        "site",
        "test",
        "tests",
        "tools",
        "unit_test",
        "unit_tests",
        "vendor",
        "venv",
    }
)
_NOT_MODULES = frozenset(
    {
        "bootstrap.py",
        "conftest.py",
        "dodo.py",
        "fabfile.py",
        "noxfile.py",
        "pavement.py",
        "setup.py",
        "tasks.py",
        "toxfile.py",
        "versioneer.py",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What ships.

    Args:
        paths: Folders and modules, relative to the root, sorted.
        origin: How they were found, for people.
        tests: Folders with tests, relative to the root, sorted.
    """

    paths: tuple[str, ...]
    origin: str
    tests: tuple[str, ...] = ()


def detect_source(files: Iterable[FileEntry]) -> Source:
    """The source of a project by its layout.

    A ``src`` folder with Python in it; else the packages at the top and the modules beside
    them; else any other top-level folder with Python in it.

    Args:
        files: The file list.
    """
    python = [
        one.path for one in files if one.kind == "file" and one.path.endswith((".py", ".pyi"))
    ]
    tops = sorted({path.partition("/")[0] for path in python if "/" in path})
    tests = tuple(top for top in tops if _holds_tests(top))
    if "src" in tops:
        return Source(paths=("src",), origin="detected: a src layout", tests=tests)
    folders = [top for top in tops if _ships(top)]
    marked = set(python)
    packages = [top for top in folders if f"{top}/__init__.py" in marked]
    modules = sorted(path for path in python if "/" not in path and _is_module(path))
    if packages or modules:
        paths = tuple(sorted([*packages, *modules]))
        return Source(paths=paths, origin="detected: packages and modules at the top", tests=tests)
    if folders:
        return Source(
            paths=tuple(folders), origin="detected: folders with Python in them", tests=tests
        )
    return Source(paths=(), origin="detected: no Python that ships", tests=tests)


def _ships(top: str) -> bool:
    return not top.startswith((".", "_")) and top.lower() not in _NOT_SHIPPED


def _holds_tests(top: str) -> bool:
    return top.lower() in {"test", "tests", "unit_test", "unit_tests"}


def _is_module(path: str) -> bool:
    name = path.lower()
    is_test = name.startswith("test_") or name.endswith("_test.py")
    return not is_test and name not in _NOT_MODULES and not name.startswith(("_", "."))
