"""What a second run knows of the first: kept evidence, accepted findings."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

Scratch = Any

# Two findings of the same rule, the second only where a file asks for it.
FOUND = (
    "more = (finding('b.py'),) if (ctx.project.root / 'more').exists() else ();"
    " return Evidence(examined=Examined(unit='files', count=1), findings=(finding(), *more))"
)


def cached(scratch: Scratch) -> dict[str, bool]:
    return {one["id"]: one["cached"] for one in scratch.report()["gates"]}


def test_evidence_about_unchanged_input_is_reused_visibly(scratch: Scratch) -> None:
    scratch.write("a.py", '"""Fine."""\n')
    scratch.configure(expected=["lint"])
    scratch.git("init", "--quiet")
    scratch.git("add", "--all")
    scratch.git("commit", "--quiet", "--message", "all")
    assert scratch.run("run").returncode in {0, 1}
    first = scratch.report()
    again = scratch.run("run")
    assert cached(scratch) == {"lint": True}
    assert "(reused)" in again.stderr
    assert scratch.report()["gates"][0]["findings"] == first["gates"][0]["findings"]
    scratch.run("run", "--no-cache")
    assert cached(scratch) == {"lint": False}
    scratch.write("a.py", '"""Fine too."""\n')
    scratch.run("run")
    assert cached(scratch) == {"lint": False}


def test_gates_of_the_users_own_are_run_every_time(scratch: Scratch) -> None:
    scratch.gate("one")
    scratch.ready()
    scratch.run("run")
    scratch.run("run")
    assert cached(scratch) == {"one": False}


def test_accepted_findings_no_longer_block_and_new_ones_do(scratch: Scratch) -> None:
    scratch.gate("one", FOUND)
    scratch.ready()
    assert scratch.run("run").returncode == 1
    done = scratch.run("baseline", "create")
    assert done.returncode == 0, done.stderr
    assert "1 accepted (1 of one)" in done.stdout
    assert scratch.run("run").returncode == 0
    assert scratch.report()["gates"][0]["findings"][0]["state"] == "known"
    scratch.write("more", "x")
    assert scratch.run("run").returncode == 1
    states = [one["state"] for one in scratch.report()["gates"][0]["findings"]]
    assert sorted(states) == ["known", "new"]


def test_baseline_is_not_replaced_unless_told_to(scratch: Scratch) -> None:
    scratch.gate("one", FOUND)
    scratch.ready()
    scratch.run("baseline", "create")
    file = scratch.root / "release-gate-baseline.jsonl"
    before = file.read_bytes()
    scratch.write("more", "x")
    refused = scratch.run("baseline", "create", "--gate", "one")
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert file.read_bytes() == before
    assert scratch.run("baseline", "create", "--gate", "one", "--force").returncode == 0
    assert file.read_text().count("OWN1") == 2
    assert file.read_text().splitlines()[0] == before.decode().splitlines()[0]


def test_what_could_not_be_judged_is_not_accepted(scratch: Scratch) -> None:
    scratch.gate("one", "return None")
    scratch.ready()
    done = scratch.run("baseline", "create")
    assert done.returncode == 3
    assert "Nothing was accepted" in done.stderr
    assert not (scratch.root / "release-gate-baseline.jsonl").exists()


def test_show_lists_what_is_accepted(scratch: Scratch) -> None:
    scratch.gate("one", FOUND)
    scratch.ready()
    assert scratch.run("baseline", "show").returncode == 2
    scratch.run("baseline", "create")
    assert "one  OWN1  a.py" in scratch.run("baseline", "show").stdout
    (entry,) = json.loads(scratch.run("baseline", "show", "--json").stdout)["entries"]
    assert (entry["gate_id"], entry["rule_id"], entry["label"]) == ("one", "OWN1", "accepted")


@pytest.mark.parametrize("text", ["", "{}\n", '{"schema": "release-gate-baseline"', "\xff"])
def test_broken_baseline_is_2_with_file_and_line(scratch: Scratch, text: str) -> None:
    scratch.gate("one")
    scratch.write("release-gate-baseline.jsonl", text)
    scratch.ready()
    done = scratch.run("run")
    assert done.returncode == 2
    assert "release-gate-baseline.jsonl" in done.stderr


def test_native_baseline_of_detect_secrets_is_taken_over(scratch: Scratch) -> None:
    native = {
        "version": "1.5.0",
        "plugins_used": [{"name": "KeywordDetector"}],
        "filters_used": [],
        "results": {
            "a.py": [
                {
                    "type": "Secret Keyword",
                    "filename": "a.py",
                    "hashed_secret": "a" * 40,
                    "is_verified": False,
                    "line_number": 1,
                    "is_secret": False,
                }
            ]
        },
    }
    scratch.configure(expected=["secrets"])
    scratch.write(".secrets.baseline", json.dumps(native))
    scratch.git("init", "--quiet")
    done = scratch.run("baseline", "import", ".secrets.baseline")
    assert done.returncode == 0, done.stderr
    (entry,) = json.loads(scratch.run("baseline", "show", "--json").stdout)["entries"]
    assert (entry["gate_id"], entry["path"], entry["label"]) == (
        "secrets",
        "a.py",
        "false-positive",
    )


def test_explain_knows_the_findings_of_the_last_run(scratch: Scratch) -> None:
    scratch.gate("one", FOUND)
    scratch.ready()
    scratch.run("run")
    finding = scratch.report()["gates"][0]["findings"][0]
    shown = scratch.run("explain", finding["fingerprint"][:8])
    assert shown.returncode == 0, shown.stderr
    assert "OWN1" in shown.stdout
    assert "a.py:1" in scratch.run("explain", "own1").stdout
    assert scratch.run("explain", "OWN2").returncode == 2
