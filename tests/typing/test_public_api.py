"""The public types, as a strict type checker of a user sees them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

USE = Path(__file__).with_name("public_api.py")
ROOT = Path(__file__).parents[2]


def mypy(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "use.py").write_text(text, "utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-incremental"]
    environment = {"MYPYPATH": str(ROOT / "src"), "PATH": ""}
    return subprocess.run(
        [*command, "use.py"],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_gate_of_a_third_party_type_checks(tmp_path: Path) -> None:
    done = mypy(tmp_path, USE.read_text("utf-8"))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("-> Evidence:", "-> int:", "arg-type"),
        ('Examined(unit="files", count=1)', 'Examined(unit="files", count="1")', "arg-type"),
        ('kind="own"', 'sort="own"', "call-arg"),
        ("settings.most, int", "settings.least, int", "attr-defined"),
        ('["true"]', '"true", "x"', "call-arg"),
    ],
)
def test_a_wrong_use_is_an_error(tmp_path: Path, right: str, wrong: str, code: str) -> None:
    text = USE.read_text("utf-8")
    assert right in text
    done = mypy(tmp_path, text.replace(right, wrong))
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"[{code}]" in done.stdout
