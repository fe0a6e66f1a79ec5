"""Which kinds of gates there are; nothing of the user's is executed to know it."""

from __future__ import annotations

import hashlib
import sys
from importlib import metadata
from pathlib import Path

import pytest

from release_gate.errors import GateFileError
from release_gate.plan.bundled import NAMESPACE, bundled_gates
from release_gate.plan.configuration import read_configuration
from release_gate.plan.discovery import Catalogue, discover, installed_entry_points
from release_gate.plan.gate_source import GateSource, read_gate_source
from release_gate.plan.hosted import hosted_gate, is_hosted

pytestmark = pytest.mark.unit

OWN_GATE = """
raise SystemExit("planning must not run me")
GATE: Gate = Gate(kind="todo", title="No TODO left", phase="post-deploy", collect=collect)
"""
BUILT_IN = """
from __future__ import annotations
from release_gate.api import Evidence, Examined, Gate, Inputs, Settings

class MySettings(Settings, frozen=True, kw_only=True):
    {key}: int = 3

GATE = Gate(
    kind="{kind}",
    title="A gate",
    settings=MySettings,
    applies=lambda project, settings: None,
    collect=lambda ctx, settings: Evidence(examined=Examined(unit="files", count=1)),
    limits=lambda settings, project: (),
    inputs=lambda project, settings: Inputs(files=()),
)
"""


def discovered(root: Path, *entry_points: metadata.EntryPoint) -> Catalogue:
    ours = {"lint": hosted_gate(kind="lint", title="Lint", phase="pre-release")}
    configuration = read_configuration(root)
    return discover(root, configuration, entry_points=lambda: entry_points, bundled=ours)


def with_gate_file(root: Path, content: str = OWN_GATE, configuration: str = "") -> Path:
    (root / "checks").mkdir()
    (root / "checks" / "todo.py").write_text(content)
    (root / "release-gate.toml").write_text(f"gate-files = ['checks/todo.py']\n{configuration}")
    return root


def test_every_built_in_gate_loads_under_a_stable_name_once() -> None:
    gates = bundled_gates()

    assert list(gates) == sorted(gates)
    assert {"lint", "types", "security", "coverage", "secrets", "dependencies"} <= gates.keys()
    module = sys.modules[f"{NAMESPACE}.lint"]
    assert gates["lint"] is module.GATE
    assert gates["lint"].settings.__module__ == module.__name__
    assert bundled_gates()["lint"] is gates["lint"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("broken_one", "1 / 0\n", "cannot be loaded: ZeroDivisionError"),
        ("broken_two", "x = (\n", "cannot be loaded: SyntaxError"),
        ("without", "GATE = 3\n", "defines no GATE"),
        ("named", BUILT_IN.format(kind="other", key="a"), "calls itself other"),
        ("greedy", BUILT_IN.format(kind="greedy", key="max"), "a key that every gate has: max"),
    ],
)
def test_a_broken_built_in_gate_is_an_error(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    (tmp_path / f"{name}.py").write_text(content)

    with pytest.raises(GateFileError, match=f"{name}.py: the built-in gate .*{message}"):
        bundled_gates(tmp_path)

    assert f"{NAMESPACE}.broken_one" not in sys.modules


def test_a_gate_file_is_known_by_its_text_alone(tmp_path: Path) -> None:
    kind = discovered(with_gate_file(tmp_path)).own["todo"]

    assert (kind.home, kind.file) == ("file", "checks/todo.py")
    assert (kind.gate.title, kind.gate.phase) == ("No TODO left", "post-deploy")
    assert is_hosted(kind.gate)
    assert kind.sha256 == hashlib.sha256(OWN_GATE.encode()).hexdigest()


@pytest.mark.parametrize("content", ["", "x = (", "\0", "GATE = make()", "GATE = 3", "other = 1"])
def test_a_gate_file_that_says_nothing_is_called_after_its_name(
    tmp_path: Path, content: str
) -> None:
    kind = discovered(with_gate_file(tmp_path, content)).own["todo"]

    assert (kind.gate.title, kind.gate.phase) == ("Gate of checks/todo.py", "pre-release")


def test_the_last_gate_of_a_file_counts() -> None:
    source = b"GATE = Gate(kind='a')\nGATE = Gate(kind='b', title=f'x', **more)\nx = 3\nimport a\n"

    assert read_gate_source(source) == GateSource(kind="b")


def test_files_that_merely_lie_there_are_no_gates(tmp_path: Path) -> None:
    (tmp_path / "gates").mkdir()
    (tmp_path / "gates" / "todo.py").write_text(OWN_GATE)

    assert dict(discovered(tmp_path).own) == {}


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ("gate-files = ['a.py']", "1: the gate file a.py cannot be read: No such file"),
        ("gate-files = [\n'.']", "2: the gate file . cannot be read: Is a directory"),
        ("gate-files = ['todo.py',\n'other.py']", "2: other.py and todo.py both define the gate"),
        ("gate-files = ['named.py']", '1: named.py takes the name of the built-in gate "lint"'),
        ("gate-files = ['Odd Name.py']", '1: the gate file Odd Name.py is of kind "Odd Name",'),
        ("gate-files = ['out.py']", "1: the gate file out.py leads out of the root"),
        ("gate-files = ['loop.py']", "1: the gate file loop.py cannot be read"),
    ],
)
def test_a_gate_file_that_cannot_be_used_is_named_with_its_line(
    tmp_path: Path, configuration: str, message: str
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "todo.py").write_text(OWN_GATE)
    (root / "other.py").write_text(OWN_GATE)
    (root / "named.py").write_text("GATE = Gate(kind='lint')")
    (root / "Odd Name.py").write_text("")
    (tmp_path / "outside.py").write_text("")
    (root / "out.py").symlink_to(tmp_path / "outside.py")
    (root / "loop.py").symlink_to(root / "loop.py")
    (root / "release-gate.toml").write_text(configuration)

    with pytest.raises(GateFileError) as caught:
        discovered(root)

    assert caught.value.what.startswith(f"release-gate.toml:{message}")


def test_a_built_in_name_is_taken_only_on_purpose(tmp_path: Path) -> None:
    with_gate_file(tmp_path, "GATE = Gate(kind='lint')", "[gates.lint]\noverride = true\n")

    catalogue = discovered(tmp_path)

    assert catalogue.own["lint"].file == "checks/todo.py"
    found = [catalogue.find("lint"), catalogue.find("lint", override=True)]
    assert [kind.home for kind in found if kind] == ["bundled", "file"]
    assert catalogue.find("nope") is None


def test_installed_gates_are_known_by_their_entry_point(tmp_path: Path) -> None:
    entry = metadata.EntryPoint(name="licences", value="x:GATE", group="release_gate.gates")
    odd = metadata.EntryPoint(name="Odd Name", value="x:GATE", group="release_gate.gates")

    catalogue = discovered(tmp_path, entry, odd, entry)

    assert list(catalogue.installed) == ["licences"]
    kind = catalogue.installed["licences"]
    assert (kind.home, kind.gate.title) == ("entry-point", "Gate of an unnamed package")
    assert "licences" in catalogue.names()


def test_entry_points_of_this_environment_are_read() -> None:
    assert [one for one in installed_entry_points() if one.group != "release_gate.gates"] == []
