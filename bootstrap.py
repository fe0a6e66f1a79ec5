"""Make the development environment and run nox in it: ``python3 bootstrap.py -s tests``.

Needs nothing but Python, git and a package index. The environment is ``.venv``; it is made
once for each state of the lock and of this interpreter, and a marker written last proves
that it is whole.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
HOME = ROOT / ".venv"
LOCK = ROOT / "requirements" / "dev.txt"
MARKER = HOME / "bootstrap-complete"
SCRIPTS = HOME / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
OLDEST = (3, 11)


def state() -> str:
    """What the environment is made from."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version.encode()]
    return hashlib.sha256(b"\0".join([*parts, os.fsencode(ROOT)])).hexdigest()


def make() -> None:
    """Install the hashed lock, then release-gate itself, editable."""
    print(f"bootstrap: making .venv with Python {sys.version.split()[0]}", flush=True)
    venv.EnvBuilder(clear=True, with_pip=True, symlinks=os.name != "nt").create(HOME)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    for arguments in (
        ["--require-hashes", "--no-deps", "-r", str(LOCK)],
        ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)],
    ):
        subprocess.run([*pip, *arguments], check=True)
    MARKER.write_text(state(), encoding="utf-8")


def main() -> int:
    """Make the environment if need be, then hand over to nox."""
    if sys.version_info < OLDEST:
        print("release-gate needs Python 3.11 or newer", file=sys.stderr)
        return 2
    if not MARKER.is_file() or MARKER.read_text(encoding="utf-8") != state():
        make()
    if sys.argv[1:] == ["--only-environment"]:
        return 0
    # One word is kept short: with no arguments nox runs its default sessions.
    command = [str(PYTHON), "-m", "nox", *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
