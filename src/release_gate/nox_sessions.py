"""The front door: two lines in a noxfile give ``nox -s gate`` and a session for each gate.

Sessions run in nox's own process. Nox turns whatever a session raises, and any exit code of
a child, into 1; only ``SystemExit`` passes through unchanged, so that 2, 3 and 130 stay what
they are. A pass returns, because leaving nox would take the sessions after it along.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import nox
import nox.registry

from release_gate.cli import main
from release_gate.cli.terminal import complain
from release_gate.errors import ReleaseGateError, UsageError

_CHAIN = "gate"
_REPORT = "report"
_CANARY = "canary"
# The name that nox gives to the noxfile's module.
_NOXFILE_MODULE = "user_nox_module"
_FAIL = 1
_USAGE = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class _Door:
    name: str
    help: str
    arguments: tuple[str, ...]
    default: bool = False


def register(prefix: str = "", only: Collection[str] | None = None) -> None:
    """Add the sessions ``gate``, one for each gate, ``canary`` and ``report`` to a noxfile.

    ``canary`` is there where the configuration has one; ``nox -s canary -- resume`` goes on.

    A name that the noxfile itself defines, above or below the call, is left alone; ours is
    then ``gate-NAME``. Never raises: what is wrong is said by the session, with exit code 2.

    Args:
        prefix: Put before every name.
        only: The only ones to add, named without the prefix.
    """
    noxfile = _noxfile()
    taken = _taken(noxfile)
    try:
        names = (only,) if isinstance(only, str) else only
        doors = list(_wanted(list(_doors(noxfile.parent)), names))
    except Exception as error:  # noqa: BLE001 - a noxfile that raises has no sessions at all
        _add(_free(prefix + _CHAIN, taken), "May this release go out?", _refusal(error))
        return
    for door in doors:
        _add(_free(prefix + door.name, taken), door.help, _opening(door), default=door.default)


def _doors(root: Path) -> Iterator[_Door]:
    yield _Door(
        name=_CHAIN,
        help="May this release go out? Runs every gate and gives one verdict.",
        arguments=("run",),
        default=True,
    )
    for gate_id, title in sorted(_gates(root).items()):
        name = f"gate-{gate_id}" if gate_id in {_CHAIN, _REPORT, _CANARY} else gate_id
        yield _Door(name=name, help=title, arguments=("run", "--gate", gate_id))
    if _has_canary(root):
        yield _Door(
            name=_CANARY,
            help="Roll out in steps: watch, then promote or roll back.",
            arguments=("canary",),
        )
    yield _Door(
        name=_REPORT,
        help="Write the report again from the last run's gate.json.",
        arguments=("report",),
    )


def _gates(root: Path) -> Mapping[str, str]:
    from release_gate.cli.wiring import gate_titles  # noqa: PLC0415 - after the noxfile is known

    return gate_titles(root)


def _has_canary(root: Path) -> bool:
    from release_gate.cli.wiring import has_canary  # noqa: PLC0415 - after the noxfile is known

    return has_canary(root)


def _wanted(doors: list[_Door], only: Collection[str] | None) -> Iterator[_Door]:
    names = [one.name for one in doors]
    unknown = sorted(set(only or ()) - set(names))
    if unknown:
        what = f"register(only=...) names {', '.join(unknown)}, which is no gate"
        raise UsageError(what, remedy=f"there are {', '.join(names)}")
    yield from (one for one in doors if only is None or one.name in only)


def _opening(door: _Door) -> Callable[[nox.Session], None]:
    def session(session: nox.Session) -> None:
        code = main([*door.arguments, *session.posargs])
        if code == _FAIL:
            # The same exit code as SystemExit(1), and the sessions after this one still run.
            session.error("the verdict is fail")
        if code:
            raise SystemExit(code)

    return session


def _refusal(error: Exception) -> Callable[[nox.Session], None]:
    told = str(error) if isinstance(error, ReleaseGateError) else f"{type(error).__name__}: {error}"

    def session(_session: nox.Session) -> None:
        complain(f"release-gate: the sessions could not be made: {told}")
        raise SystemExit(_USAGE)

    return session


def _add(
    name: str, text: str, function: Callable[[nox.Session], None], *, default: bool = True
) -> None:
    function.__doc__ = text
    nox.session(name=name, venv_backend="none", default=default)(function)


def _free(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name = f"gate-{name}"
    return name


def _taken(noxfile: Path) -> frozenset[str]:
    """Names of the noxfile's own sessions: those made so far, and those further down in it."""
    try:
        later = frozenset(_defined(ast.parse(noxfile.read_bytes())))
    except (OSError, SyntaxError, ValueError):
        later = frozenset()  # nox itself will say what is wrong with the noxfile
    return later | frozenset(nox.registry.get())


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if _is_session(decorator):
                    yield _given_name(decorator) or node.name


def _is_session(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        node = node.func
    return (isinstance(node, ast.Attribute) and node.attr == "session") or (
        isinstance(node, ast.Name) and node.id == "session"
    )


def _given_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return None


def _noxfile() -> Path:
    """The noxfile that is being loaded, through whatever it calls us by."""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - the caller of register
    caller = frame
    while frame is not None and frame.f_globals.get("__name__") != _NOXFILE_MODULE:
        frame = frame.f_back
    found = frame or caller
    return Path(found.f_code.co_filename if found else "noxfile.py").absolute()
