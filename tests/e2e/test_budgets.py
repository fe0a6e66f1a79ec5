"""``medium = { max = 2, requires = "mitigation" }`` in real runs of a real repository."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

Scratch = Any

BODY = """
    import json
    rows = json.loads((ctx.project.root / 'found.json').read_text())
    return Evidence(examined=Examined(unit='alerts', count=1), findings=tuple(
        Finding(tool='zap', rule_id=rule, severity=Severity(severity), message='it is wrong',
                identity=Identity(kind='web', key=('GET', '/orders', rule)))
        for rule, severity in rows.items()))
"""
POLICY = """
[tool.release-gate.waiver-policy]
approvers = ["lead@example.invalid"]
[tool.release-gate.gates.one]
max = { critical = 0, high = 0, medium = { max = 2, requires = "mitigation" } }
"""
WAIVER = """
[[waiver]]
id = "W-2026-00{number}"
type = "fix-deferred"
gate = "one"
match = {{ rule = "{rule}", url = "GET /orders" }}
max-severity = "medium"
reason = "it goes with the rewrite in March"
{mitigation}owner = "dev@example.invalid"
approver = "lead@example.invalid"
created = 2026-01-02
expires = 2026-01-31
"""


def prepare(scratch: Scratch, found: dict[str, str], waived: dict[str, str]) -> None:
    """Findings with their severity, and waivers by rule with their mitigation."""
    scratch.gate("one", BODY.strip())
    scratch.write("found.json", json.dumps(found))
    entries = [
        WAIVER.format(
            number=number,
            rule=rule,
            mitigation=f'mitigation = "{text}"\n' if text else "",
        )
        for number, (rule, text) in enumerate(waived.items(), start=1)
    ]
    scratch.write("release-gate-waivers.toml", "".join(entries))
    scratch.environment |= {"GIT_AUTHOR_NAME": "Dev", "GIT_AUTHOR_EMAIL": "dev@example.invalid"}
    scratch.ready(extra=POLICY)


MITIGATED = dict.fromkeys(("A", "B", "C"), "the proxy drops such requests")


@pytest.mark.parametrize(
    ("found", "waived", "code", "said"),
    [
        ({"A": "medium", "B": "medium"}, MITIGATED, 0, "2 waived"),
        (
            {"A": "medium", "B": "medium", "C": "medium"},
            MITIGATED,
            1,
            "3 medium, 2 allowed with a mitigation",
        ),
        ({"A": "medium", "B": "medium"}, {"A": MITIGATED["A"], "B": ""}, 1, "1 medium without"),
        ({"A": "medium"}, {}, 1, "1 medium without a mitigation"),
        ({"A": "high"}, {}, 1, "1 new finding blocks"),
        ({"A": "info"}, {}, 0, "nothing new"),
    ],
)
def test_mediums_pass_up_to_two_and_each_with_a_mitigation(
    scratch: Scratch, found: dict[str, str], waived: dict[str, str], code: int, said: str
) -> None:
    prepare(scratch, found, waived)
    done = scratch.run("run", "--effective-time", "2026-01-15")
    assert done.returncode == code, done.stdout + done.stderr
    assert said in scratch.report()["gates"][0]["reason"]
    # What was stored bears out what it says.
    again = scratch.run("report")
    assert again.returncode in {0, code}, again.stderr


def test_acceptance_in_the_baseline_is_no_mitigation(scratch: Scratch) -> None:
    prepare(scratch, {"A": "medium"}, {})
    assert scratch.run("baseline", "create").returncode == 0
    assert scratch.run("run").returncode == 1
    (finding,) = scratch.report()["gates"][0]["findings"]
    assert "the baseline accepts it" in finding["waiver_note"]


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ('{ medium = { max = 2, requires = "a note" } }', "mitigation"),
        ("{ medium = { max = 2 } }", "requires"),
        ('{ medium = { max = -1, requires = "mitigation" } }', "at least 0"),
        ('{ medium = "two" }', "medium"),
        ("{ grave = 2 }", "grave"),
    ],
)
def test_a_budget_that_cannot_be_read_is_2(scratch: Scratch, limit: str, said: str) -> None:
    scratch.gate("one")
    scratch.ready(extra=f"[tool.release-gate.gates.one]\nmax = {limit}\n")
    done = scratch.run("run")
    assert done.returncode == 2
    assert said in done.stderr
