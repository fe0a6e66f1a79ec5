"""Start the example service with its database, ask it all its release checks, stop it."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from demo import FAULTS, HERE, scratch
from service import project_python, running


def deployed(folder: Path, faults: tuple[str, ...] = (), gates: tuple[str, ...] = ()) -> int:
    """Serve the example's code with faults, and judge it by the checks of the good one.

    Args:
        folder: For everything that is written; the report is below its ``orders``.
        faults: Overlays of ``examples/faults`` that the deployed version has.
        gates: Ids of the gates to run; default: all that are for deployed services.

    Returns:
        Exit code of the run.
    """
    scratch(folder / "orders")
    code = folder / "deployed"
    shutil.rmtree(code, ignore_errors=True)
    shutil.copytree(folder / "orders", code, ignore=shutil.ignore_patterns(".git"))
    for fault in faults:
        shutil.copytree(FAULTS / fault, code, dirs_exist_ok=True)
    run = folder / "run"
    shutil.rmtree(run, ignore_errors=True)
    with running(code, project_python(), run) as service:
        command = [sys.executable, "-m", "release_gate", "run", "--phase", "post-deploy"]
        command += ["--environment", "running"]
        command += [part for gate in gates for part in ("--gate", gate)]
        variables = {**os.environ, **service.variables()}
        return subprocess.run(command, cwd=folder / "orders", env=variables, check=False).returncode


def main() -> int:
    """The exit code of the run: 0 if every check passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=HERE.parent / "build" / "smoke-example")
    parser.add_argument(
        "--fault", action="append", default=[], help="an overlay of examples/faults"
    )
    parser.add_argument("--gate", action="append", help="only this gate")
    arguments = parser.parse_args()
    gates = tuple(arguments.gate or ())
    return deployed(arguments.folder, tuple(arguments.fault), gates)


if __name__ == "__main__":
    raise SystemExit(main())
