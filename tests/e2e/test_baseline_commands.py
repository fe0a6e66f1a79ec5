"""``release-gate baseline`` from the command line: shrinking, growing, ratchets, taking over."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

Scratch = Any

# One finding and one metric for every line of a file.
LINES = """\
lines = (ctx.project.root / "found.txt").read_text().split()
    if "broken" in lines: return None
    from dataclasses import replace
    found = tuple(replace(finding(), rule_id=one, severity=SEVERITY) for one in lines)
    metric = Metric(name="speed", value=float(len(lines)), unit="x")
    return Evidence(examined=Examined(unit="files", count=1), findings=found, metrics=(metric,))
"""
FILE = "release-gate-baseline.jsonl"


@pytest.fixture
def ready(scratch: Scratch) -> Scratch:
    scratch.gate("one", LINES.replace("SEVERITY", "Severity.HIGH"))
    scratch.write("found.txt", "A B")
    scratch.ready()
    assert scratch.run("baseline", "create").returncode == 0
    return scratch


def accepted(scratch: Scratch, key: str = "rule_id") -> list[str]:
    shown = json.loads(scratch.run("baseline", "show", "--json").stdout)
    return sorted(one[key] for one in shown["entries"])


@pytest.mark.release_check("A36", "green")
@pytest.mark.release_check("A36", "red")
def test_a_repeated_scan_is_red_only_for_what_was_not_there_before(ready: Scratch) -> None:
    assert ready.run("run").returncode == 0
    ready.write("found.txt", "B A")
    assert ready.run("run").returncode == 0
    ready.write("found.txt", "A B C")
    assert ready.run("run").returncode == 1
    states = {one["rule_id"]: one["state"] for one in ready.report()["gates"][0]["findings"]}
    assert states == {"A": "known", "B": "known", "C": "new"}


def test_an_update_only_takes_out_what_no_longer_occurs(ready: Scratch) -> None:
    ready.write("found.txt", "B C")
    done = ready.run("baseline", "update")
    assert done.returncode == 0, done.stderr
    assert "- one  A" in done.stdout
    assert "1 taken out, 0 added, 1 accepted" in done.stdout
    assert accepted(ready) == ["B"]
    assert ready.run("run").returncode == 1


def test_growth_needs_a_reason_which_stands_in_the_line(ready: Scratch) -> None:
    ready.write("found.txt", "A B C")
    before = (ready.root / FILE).read_bytes()
    for refused in (["--allow-new"], ["--allow-new", "--reason", "why"], ["--reason", "so it is"]):
        assert ready.run("baseline", "update", *refused).returncode == 2
    assert (ready.root / FILE).read_bytes() == before
    done = ready.run("baseline", "update", "--allow-new", "--reason", "it goes in May")
    assert done.returncode == 0, done.stderr
    assert accepted(ready) == ["A", "B", "C"]
    assert (ready.root / FILE).read_text().count("it goes in May") == 1
    assert ready.run("run").returncode == 0


def test_a_gate_that_cannot_be_judged_keeps_its_entries(ready: Scratch) -> None:
    ready.write("found.txt", "broken")
    done = ready.run("baseline", "update")
    assert done.returncode == 3
    assert "keeps its entries" in done.stderr
    assert accepted(ready) == ["A", "B"]


def test_an_update_of_some_files_or_of_no_baseline_is_refused(ready: Scratch) -> None:
    done = ready.run("baseline", "update", "--path", "a.py")
    assert (done.returncode, "--path" in done.stderr) == (2, True)
    (ready.root / FILE).unlink()
    assert ready.run("baseline", "update").returncode == 2


def test_a_broken_baseline_can_be_replaced_as_a_whole(ready: Scratch) -> None:
    (ready.root / FILE).write_text("<<<<<<< HEAD\n")
    done = ready.run("baseline", "create")
    assert (done.returncode, "a merge left" in done.stderr) == (2, True)
    assert ready.run("baseline", "create", "--force", "--gate", "one").returncode == 2
    assert ready.run("baseline", "create", "--force").returncode == 0
    assert accepted(ready) == ["A", "B"]


def test_a_renamed_file_without_a_base_stays_known(ready: Scratch) -> None:
    ready.write(
        "gates/one.py", (ready.root / "gates/one.py").read_text().replace('"a.py"', '"b.py"')
    )
    ready.git("mv", "a.py", "b.py")
    assert ready.run("run").returncode == 0, ready.report()["reason"]
    ready.write("a.py", "")
    assert ready.run("run").returncode == 1


RATCHET = (
    "[tool.release-gate.gates.one]\nmax = { high = 9 }\n"
    'ratchet = { speed = { better = "higher", tolerance = 1 }, findings = 1 }\n'
)


def test_a_ratchet_tightens_and_never_goes_back_by_itself(scratch: Scratch) -> None:
    scratch.gate("one", LINES.replace("SEVERITY", "Severity.INFO"))
    scratch.write("found.txt", "A B C")
    scratch.ready(extra=RATCHET)
    unset = scratch.run("run")
    assert unset.returncode == 3
    assert "has no value yet" in unset.stdout
    assert scratch.run("baseline", "create").returncode == 0
    assert scratch.run("run").returncode == 0
    scratch.write("found.txt", "A B C D")
    assert scratch.run("run").returncode == 0
    assert scratch.run("baseline", "update").returncode == 0
    assert marks(scratch) == {"findings": "3", "speed": "4"}
    scratch.write("found.txt", "A B")
    assert scratch.run("run").returncode == 1
    assert "speed misses its limit (ratchet: it was 4 before)" in scratch.report()["reason"] or (
        "speed misses its limit" in scratch.report()["gates"][0]["reason"]
    )
    assert scratch.run("baseline", "update").returncode == 0
    assert marks(scratch) == {"findings": "2", "speed": "4"}
    loose = ("baseline", "update", "--allow-new", "--reason", "the old machine is gone")
    assert scratch.run(*loose).returncode == 0
    assert marks(scratch) == {"findings": "2", "speed": "2"}
    assert scratch.run("run").returncode == 0


def marks(scratch: Scratch) -> dict[str, str]:
    shown = json.loads(scratch.run("baseline", "show", "--json").stdout)
    return {one["metric"]: one["value"] for one in shown["ratchets"]}


def test_a_negative_tolerance_is_a_configuration_error(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.ready(extra="[tool.release-gate.gates.one]\nratchet = { speed = -1 }\n")
    done = scratch.run("run")
    assert done.returncode == 2
    assert "ratchet of speed" in done.stderr


SHELL = "import subprocess\n\n\ndef run(text):\n    {first}\n    {second}\n"
CALLS = {
    "first": "subprocess.call(text, shell=True)",
    "second": "subprocess.Popen(text, shell=True)",
}


def test_what_a_baseline_of_bandit_names_is_accepted_and_nothing_else(scratch: Scratch) -> None:
    scratch.write("src/a.py", SHELL.format(**CALLS))
    scratch.configure(expected=["security"])
    scratch.git("init", "--quiet")
    stock = subprocess.run(
        [sys.executable, "-m", "bandit", "-q", "-r", "src", "-f", "json"],
        cwd=scratch.root,
        env=scratch.environment,
        capture_output=True,
        check=False,
    )
    report = json.loads(stock.stdout)
    report["results"] = [one for one in report["results"] if one["test_id"] == "B602"][:1]
    report["results"].append({**report["results"][0], "test_id": "B999"})
    scratch.write("bandit.json", json.dumps(report))
    done = scratch.run("baseline", "import", "bandit.json")
    assert done.returncode == 0, done.stderr
    assert "no longer found: B999" in done.stdout
    assert accepted(scratch) == ["B602"]
    assert scratch.run("run").returncode == 1
    states = [one["state"] for one in scratch.report()["gates"][0]["findings"]]
    assert states.count("known") == 1
    assert "new" in states


def test_what_a_baseline_of_mypy_names_is_accepted(scratch: Scratch) -> None:
    scratch.write("src/a.py", 'x: int = "a"\ny: int = "b"\n')
    scratch.configure(expected=["types"])
    scratch.git("init", "--quiet")
    line = 'Incompatible types in assignment (expression has type "str", variable has type "int")'
    scratch.write("mypy-baseline.txt", f"src/a.py:0: error: {line}  [assignment]\n")
    python = ("--project-python", sys.executable)
    done = scratch.run("baseline", "import", "mypy-baseline.txt", *python)
    assert done.returncode == 0, done.stderr
    assert accepted(scratch) == ["assignment"]
    scratch.run("run", *python)
    states = [one["state"] for one in scratch.report()["gates"][0]["findings"]]
    assert sorted(states) == ["known", "new"]


@pytest.mark.parametrize("text", ["", "{}", "{", '{"results": [], "metrics": {}}'])
def test_a_foreign_baseline_that_cannot_be_used_takes_nothing_over(
    scratch: Scratch, text: str
) -> None:
    scratch.gate("one")
    scratch.write("foreign.json", text)
    scratch.ready()
    done = scratch.run("baseline", "import", "foreign.json", "--gate", "one")
    assert done.returncode == 2
    assert "foreign.json" in done.stderr
    assert not (scratch.root / FILE).exists()


def test_a_format_that_fits_no_gate_asks_for_one(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.write("log.sarif", '{"version": "2.1.0", "runs": [{"results": []}]}')
    scratch.ready()
    done = scratch.run("baseline", "import", "log.sarif")
    assert (done.returncode, "--gate ID" in done.stderr) == (2, True)
    assert scratch.run("baseline", "import", "log.sarif", "--gate", "one").returncode == 0


@pytest.mark.release_check("A10", "green")
@pytest.mark.release_check("A10", "red")
def test_the_baseline_grows_only_for_secrets_that_were_audited(scratch: Scratch) -> None:
    scratch.write("conf.py", "x = 1\n")
    scratch.configure(expected=["secrets"])
    scratch.git("init", "--quiet")
    assert scratch.run("baseline", "create").returncode == 0
    prefix = "AKIA"
    made_up = f"{prefix}QWERTYUIOPASDFGH"
    scratch.write("conf.py", f'x = "{made_up}"\n')
    grow = ("baseline", "update", "--allow-new", "--reason", "made up for a test")
    refused = scratch.run(*grow)
    assert (refused.returncode, "may be a real secret" in refused.stderr) == (2, True)
    assert accepted(scratch) == []
    assert scratch.run("run").returncode == 1
    assert scratch.run(*grow, "--label", "false-positive").returncode == 0
    assert accepted(scratch, "label") == ["false-positive"]
    assert scratch.run("run").returncode == 0


@pytest.mark.release_check("A08", "green")
@pytest.mark.release_check("A08", "red")
def test_bandit_findings_are_judged_against_the_accepted_ones(scratch: Scratch) -> None:
    scratch.write("src/a.py", SHELL.format(**CALLS))
    scratch.configure(expected=["security"])
    scratch.git("init", "--quiet")
    assert scratch.run("run").returncode == 1
    assert scratch.run("baseline", "create").returncode == 0
    scratch.write("src/a.py", "# moved\n\n" + SHELL.format(**CALLS))
    assert scratch.run("run").returncode == 0
    scratch.write("src/b.py", "import os\nos.system(input())\n")
    assert scratch.run("run").returncode == 1
