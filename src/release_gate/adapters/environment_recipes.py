"""How a project says what it needs, and the commands that install it.

In this order: ``uv.lock``, hashed requirement files, ``pylock.toml``, ``poetry.lock``, else
``pyproject.toml`` (with its dependency groups and extras named test, tests, testing or dev)
together with requirement files without hashes. Nothing is added to what the project names.
"""

from __future__ import annotations

import re
import shutil
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from release_gate.errors import ProjectEnvironmentProblem

RecipeKind = Literal["uv", "requirements", "pylock", "poetry", "plain"]
WANTED = ("test", "tests", "testing", "dev")
_REQUIREMENTS = (
    "requirements.txt",
    *(f"requirements{mark}{name}.txt" for name in WANTED for mark in "-_/"),
    *(f"{name}-requirements.txt" for name in WANTED),
)
_SEPARATORS = re.compile(r"[-_.]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """What an environment is built from.

    Args:
        kind: Which form the project chose.
        sources: Files it is read from, relative to the root; the environment is keyed by them.
        installer: ``uv``, ``poetry`` or ``pip``.
        tool: The installer's path; ``None`` for pip, which is the environment's own.
        groups: Dependency groups to install.
        extras: Extras to install.
        requirements: Lines for a requirement file of ours.
        project: Whether the project itself is installed, editable.
    """

    kind: RecipeKind
    sources: tuple[str, ...]
    installer: Literal["uv", "poetry", "pip"]
    tool: Path | None = None
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    project: bool = False

    def describe(self) -> str:
        """For people."""
        unlocked = ", versions not locked" if self.kind == "plain" else ""
        names = [one for one in self.sources if self.kind == "plain" or one != "pyproject.toml"]
        return f"built in the cache folder by {self.installer} from {' and '.join(names)}{unlocked}"


def find_recipe(
    root: Path, pyproject: Mapping[str, Any], environment: Mapping[str, str]
) -> Recipe | None:
    """How to build the project's environment; ``None`` if nothing says what it needs.

    Args:
        root: The project's root.
        pyproject: The parsed ``pyproject.toml``.
        environment: The process environment as injected.
    """
    facts = _Facts(
        root=root,
        pyproject=pyproject,
        uv=_tool("uv", environment),
        poetry=_tool("poetry", environment),
        files=_there(root, _REQUIREMENTS),
        shared=_there(root, ("pyproject.toml", "setup.py", "setup.cfg")),
        project=bool(_table(pyproject, "build-system")) or (root / "setup.py").is_file(),
        extras=_wanted(_table(pyproject, "project", "optional-dependencies")),
        groups=_wanted(_table(pyproject, "dependency-groups")),
    )
    return next((one for form in _FORMS if (one := form(facts)) is not None), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Facts:
    """What lies in the root. ``project``: as for uv, a table [project] alone is no package."""

    root: Path
    pyproject: Mapping[str, Any]
    uv: Path | None
    poetry: Path | None
    files: tuple[str, ...]
    shared: tuple[str, ...]
    project: bool
    extras: tuple[str, ...]
    groups: tuple[str, ...]

    @property
    def installer(self) -> Literal["uv", "pip"]:
        return "uv" if self.uv else "pip"


def _by_uv_lock(facts: _Facts) -> Recipe | None:
    if not _there(facts.root, ("uv.lock",)):
        return None
    return Recipe(
        kind="uv",
        sources=("uv.lock", *facts.shared),
        installer="uv",
        tool=facts.uv,
        groups=facts.groups,
        extras=facts.extras,
    )


def _by_hashed_requirements(facts: _Facts) -> Recipe | None:
    if not any(b"--hash=" in (facts.root / name).read_bytes() for name in facts.files):
        return None
    return Recipe(
        kind="requirements",
        sources=(*facts.files, *facts.shared),
        installer=facts.installer,
        tool=facts.uv,
        project=facts.project,
    )


def _by_pylock(facts: _Facts) -> Recipe | None:
    if not _there(facts.root, ("pylock.toml",)):
        return None
    return Recipe(
        kind="pylock",
        sources=("pylock.toml", *facts.shared),
        installer="uv",
        tool=facts.uv,
        project=facts.project,
    )


def _by_poetry_lock(facts: _Facts) -> Recipe | None:
    if not _there(facts.root, ("poetry.lock",)):
        return None
    sources = ("poetry.lock", *facts.shared)
    return Recipe(kind="poetry", sources=sources, installer="poetry", tool=facts.poetry)


def _by_names_alone(facts: _Facts) -> Recipe | None:
    lines = tuple(_plain(facts.pyproject, facts.groups, project=facts.project))
    if not (facts.files or lines or facts.project):
        return None
    return Recipe(
        kind="plain",
        sources=(*facts.files, *facts.shared),
        installer=facts.installer,
        tool=facts.uv,
        extras=facts.extras,
        requirements=lines,
        project=facts.project,
    )


_FORMS = (_by_uv_lock, _by_hashed_requirements, _by_pylock, _by_poetry_lock, _by_names_alone)


def commands(
    recipe: Recipe, root: Path, base: Path, folder: Path, python: Path
) -> Iterator[tuple[str, ...]]:
    """The commands that build an environment, in order.

    Args:
        recipe: From what.
        root: The project's root, where they run.
        base: Interpreter that the environment is made with.
        folder: Where it is to be.
        python: The interpreter it will have.

    Raises:
        ProjectEnvironmentProblem: If the installer that the project's lock needs is not there.
    """
    if recipe.tool is None and recipe.installer != "pip":
        raise ProjectEnvironmentProblem(
            f"{recipe.sources[0]} can only be installed with {recipe.installer}, "
            "which is not on PATH",
            remedy=f"Install {recipe.installer}, or make .venv yourself, or name an interpreter "
            "with --project-python.",
        )
    if recipe.kind == "uv":
        yield _uv_sync(recipe, base)
        return
    if recipe.installer == "uv":
        yield (str(recipe.tool), "venv", "--quiet", "--python", str(base), str(folder))
        install = (str(recipe.tool), "pip", "install", "--python", str(python))
    else:
        without = ("--without-pip",) if recipe.installer == "poetry" else ()
        yield (str(base), "-I", "-m", "venv", *without, str(folder))
        install = (str(python), "-I", "-m", "pip", "install")
    if recipe.kind == "poetry":
        yield (str(recipe.tool), "install", "--no-interaction")
        return
    yield from _installs(recipe, root, folder, install)


def _installs(
    recipe: Recipe, root: Path, folder: Path, install: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    files = [name for name in recipe.sources if name.endswith(".txt") or name == "pylock.toml"]
    arguments = [part for name in files for part in ("-r", str(root / name))]
    itself = ("-e", f"{root}[{','.join(recipe.extras)}]" if recipe.extras else str(root))
    if recipe.kind == "plain":
        if recipe.requirements:
            arguments += ["-r", str(folder / REQUIREMENTS)]
        yield (*install, *arguments, *(itself if recipe.project else ()))
        return
    hashes = ("--require-hashes",) if recipe.kind == "requirements" else ()
    yield (*install, *hashes, *arguments)
    if recipe.project:
        yield (*install, "--no-deps", *itself)


REQUIREMENTS = "release-gate-requirements.txt"
"""Name, in the environment's folder, of the file that holds :attr:`Recipe.requirements`."""


def _uv_sync(recipe: Recipe, base: Path) -> tuple[str, ...]:
    chosen = [part for name in recipe.groups for part in ("--group", name)]
    chosen += [part for name in recipe.extras for part in ("--extra", name)]
    return (str(recipe.tool), "sync", "--frozen", "--quiet", "--python", str(base), *chosen)


def _plain(pyproject: Mapping[str, Any], groups: Sequence[str], *, project: bool) -> Iterator[str]:
    """Requirement lines of the groups, and of the project where it is not installed itself."""
    if not project:
        yield from _strings(_table(pyproject, "project").get("dependencies", []))
        extras = _table(pyproject, "project", "optional-dependencies")
        for name in _wanted(extras):
            yield from _strings(extras[name])
    table = _table(pyproject, "dependency-groups")
    for name in groups:
        yield from _group(table, name, ())


def _group(table: Mapping[str, Any], name: str, above: tuple[str, ...]) -> Iterator[str]:
    """A dependency group with those it includes (PEP 735)."""
    found = {_normal(key): value for key, value in table.items()}
    if _normal(name) not in found or _normal(name) in above:
        raise _broken(f"the dependency group {name!r} is missing or includes itself")
    content = found[_normal(name)]
    for item in content if isinstance(content, list) else [None]:
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict) and isinstance(item.get("include-group"), str):
            yield from _group(table, item["include-group"], (*above, _normal(name)))
        else:
            raise _broken(f"the dependency group {name!r} holds something else than requirements")


def _wanted(table: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(name for name in table if _normal(name) in WANTED))


def _normal(name: str) -> str:
    return _SEPARATORS.sub("-", name).lower()


def _table(pyproject: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    found: Any = pyproject
    for name in names:
        found = found.get(name, {})
        if not isinstance(found, dict):
            raise _broken(f"[{'.'.join(names)}] in pyproject.toml is no table")
    return dict(found)


def _strings(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _broken("dependencies in pyproject.toml must be lists of strings")
    return value


def _broken(what: str) -> ProjectEnvironmentProblem:
    return ProjectEnvironmentProblem(
        what, remedy="Mend pyproject.toml, or name an interpreter with --project-python."
    )


def _there(root: Path, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if (root / name).is_file())


def _tool(name: str, environment: Mapping[str, str]) -> Path | None:
    """A program on ``PATH``, or beside the toolkit's interpreter."""
    places = (environment.get("PATH", ""), sysconfig.get_path("scripts"))
    found = (shutil.which(name, path=place) for place in places)
    return next((Path(one) for one in found if one and Path(one).is_absolute()), None)
