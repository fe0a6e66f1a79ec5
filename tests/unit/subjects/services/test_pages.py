"""The examples of each probe's page, and what a check expects that says nothing itself."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from release_gate.subjects.services.registry import PROBES
from release_gate.subjects.smoke.settings import CheckFile

pytestmark = pytest.mark.unit

PAGES = Path(__file__).parents[4] / "docs" / "reference" / "probes"
NAMES = tuple(probe.name for probe in PROBES)
_EXAMPLE = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_probes_are_sorted_and_each_has_a_page() -> None:
    assert list(NAMES) == sorted(NAMES)
    assert {f"{name}.md" for name in NAMES} <= {path.name for path in PAGES.glob("*.md")}


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_page_can_be_used(name: str) -> None:
    examples = _EXAMPLE.findall((PAGES / f"{name}.md").read_text("utf-8"))
    assert examples
    for example in examples:
        checks = msgspec.convert(tomllib.loads(example), CheckFile).check
        assert checks
        assert {check.probe().name for check in checks} == {name}


@pytest.mark.parametrize("probe", PROBES, ids=NAMES)
def test_a_page_names_everything_that_is_offered(probe: object) -> None:
    (found,) = [one for one in PROBES if one is probe]
    page = (PAGES / f"{found.name}.md").read_text("utf-8")
    assert [name for name in sorted(found.offered) if f"`{name}`" not in page] == []


@pytest.mark.parametrize("probe", PROBES, ids=NAMES)
def test_what_is_usually_expected_can_be_asked_for(probe: object) -> None:
    (found,) = [one for one in PROBES if one is probe]
    assert all(one["on"] in found.offered and len(one) > 1 for one in found.usual)


@pytest.mark.parametrize("table", ['sql = { dsn-env = "D", query = "select 1" }',
                                   'metrics = { scrape = "/metrics", series = "up" }'])  # fmt: skip
def test_a_check_of_a_mere_value_has_to_say_what_it_expects(table: str) -> None:
    toml = f'[[check]]\nname = "x"\n{table}\n'
    with pytest.raises(msgspec.ValidationError, match="expect is missing"):
        msgspec.convert(tomllib.loads(toml), CheckFile)


def test_a_check_whose_settings_say_it_all_expects_that() -> None:
    toml = '[[check]]\nname = "x"\nenv = { set = ["A"] }\n'
    (check,) = msgspec.convert(tomllib.loads(toml), CheckFile).check
    assert [(one.on, dict(one.operands())) for one in check.expect] == [("checked", {"greater": 0})]


@pytest.mark.parametrize("probe", PROBES, ids=NAMES)
def test_no_host_port_or_variable_can_be_filled_in(probe: object) -> None:
    (found,) = [one for one in PROBES if one is probe]
    keys = {name.partition(".")[0] for name in found.fillable}
    assert keys <= {"parameters", "key", "argv", "trace", "holds"}
