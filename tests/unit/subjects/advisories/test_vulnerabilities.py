from __future__ import annotations

import pytest

from release_gate.model import Severity
from release_gate.subjects.advisories.osv import Advisory, advisories, convert
from release_gate.subjects.advisories.pip_audit import Vulnerability
from release_gate.subjects.advisories.vulnerabilities import (
    Place,
    finding,
    fixed_in,
    groups,
    unreported,
)
from support import osv

pytestmark = pytest.mark.unit

PLACE = Place(path="uv.lock", line=3, why="", upgrade="uv lock -P {name}=={version}")


def advisory(id_: str, *aliases: str, fixed: str | None = "2.0") -> Advisory:
    (found,) = advisories(convert(osv.record(id_, aliases=aliases, fixed=fixed)))
    return found


def vulnerability(id_: str, *aliases: str) -> Vulnerability:
    return Vulnerability(id=id_, fix_versions=(), aliases=aliases, description=f"about {id_}")


def test_whoever_shares_an_id_is_the_same_also_over_a_third() -> None:
    reported = [vulnerability("A", "CVE-1"), vulnerability("B", "CVE-2")]
    records = [advisory("A", "CVE-1"), advisory("B", "CVE-2"), advisory("C", "CVE-1", "CVE-2")]
    (group,) = groups(reported, records)
    assert group.ids == {"A", "B", "C", "CVE-1", "CVE-2"}
    assert group.description == "about A"
    assert len(group.records) == 3


def test_different_vulnerabilities_stay_apart() -> None:
    found = groups([vulnerability("A", "CVE-1"), vulnerability("B")], [])
    assert [{"B"}, {"A", "CVE-1"}] == [set(one.ids) for one in found]


def test_records_that_were_not_reported_are_told() -> None:
    records = [advisory("A", "CVE-1"), advisory("B")]
    assert unreported([vulnerability("CVE-1")], records) == ("B",)
    assert unreported([], []) == ()


@pytest.mark.parametrize(
    ("version", "fixes", "expected"),
    [
        ("1.0", ("2.0",), "2.0"),
        ("1.0", ("2.0", "2.5"), "2.5"),
        ("1.0", (None,), None),
        ("1.0", ("2.0", None), None),
        ("1.0", ("2.0-n653",), None),
        ("2.0rc1", ("2.0",), "2.0"),
    ],
)
def test_the_fix_is_the_lowest_release_that_none_affects(
    version: str, fixes: tuple[str | None, ...], expected: str | None
) -> None:
    records = [advisory(f"A-{i}", fixed=fixed) for i, fixed in enumerate(fixes)]
    assert expected == fixed_in(version, records)


def test_a_result_without_its_record_is_of_unknown_severity() -> None:
    (group,) = groups([vulnerability("PYSEC-1")], [])
    found = finding("cog", "1.0", group, PLACE, gate_id="dependencies")
    assert found.severity == Severity.UNKNOWN
    assert found.help_url == "https://osv.dev/vulnerability/PYSEC-1"
    assert found.fix.startswith("No release is known")


def test_the_command_that_upgrades_is_named() -> None:
    (group,) = groups([vulnerability("A")], [advisory("A")])
    found = finding("cog", "1.0", group, PLACE, gate_id="dependencies")
    assert found.fix == "upgrade to 2.0: uv lock -P cog==2.0"
    plain = Place(path=None, line=None, why="", upgrade="")
    assert finding("cog", "1.0", group, plain, gate_id="d").fix == "upgrade to 2.0 or later"
