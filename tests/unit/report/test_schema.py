"""The schema and the page of ``gate.json``; ``RELEASE_GATE_UPDATE_GOLDEN=1`` writes both anew."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from release_gate.report import schema, schema_page
from release_gate.report.store import to_bytes

pytestmark = pytest.mark.unit

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
UPDATE = bool(os.environ.get("RELEASE_GATE_UPDATE_GOLDEN"))


def test_the_published_schema_is_up_to_date() -> None:
    file = REFERENCE / "gate-json.schema.json"
    text = json.dumps(schema.json_schema(), indent=2, sort_keys=True) + "\n"
    if UPDATE:
        file.write_text(text, encoding="utf-8", newline="\n")
    assert file.read_text("utf-8") == text


def test_the_tables_of_the_page_are_up_to_date() -> None:
    file = REFERENCE / "gate-json.md"
    page = file.read_text("utf-8")
    between = re.compile(
        r"(?<=: begin -->\n).*?(?=<!-- generated from the stored forms: end -->)", re.DOTALL
    )
    fresh = between.sub(lambda _: "\n" + schema_page.tables(), page)
    if UPDATE:
        file.write_text(fresh, encoding="utf-8", newline="\n")
        page = fresh
    assert fresh == page
    assert "| `verdict` | a verdict |" in page


def test_every_field_is_required() -> None:
    for form in schema.Stored.__subclasses__():
        config = msgspec.inspect.type_info(form)
        assert isinstance(config, msgspec.inspect.StructType)
        assert config.forbid_unknown_fields
        assert [field.name for field in config.fields if not field.required] == []


def missing_and_unknown(value: Any, form: dict[str, Any], forms: dict[str, Any]) -> list[str]:
    """A tiny check by the published schema alone: names of fields, one form after the other."""
    if "$ref" in form:
        return missing_and_unknown(value, forms[form["$ref"].rpartition("/")[2]], forms)
    if "anyOf" in form and value is not None:
        refs = [option for option in form["anyOf"] if option.get("type") != "null"]
        return missing_and_unknown(value, refs[0], forms)
    if isinstance(value, list) and isinstance(form.get("items"), dict):
        return [bad for item in value for bad in missing_and_unknown(item, form["items"], forms)]
    if isinstance(value, dict):
        bad = [*(set(form["required"]) - set(value)), *(set(value) - set(form["properties"]))]
        for name, item in value.items():
            bad += missing_and_unknown(item, form["properties"][name], forms)
        return bad
    return []


def test_reports_have_the_fields_of_the_schema(samples: SimpleNamespace) -> None:
    whole = schema.json_schema()
    for name in ("pass", "fail", "error", "inconclusive", "skipped", "nothing"):
        value = json.loads(to_bytes(samples.SAMPLES[name]()))
        assert missing_and_unknown(value, whole, whole["$defs"]) == []


@pytest.mark.parametrize(
    "where",
    [
        ": schema_version verdict reason partial subject base phase effective_time policy_digest",
        ": tool started_at duration_s expected not_applicable gates fixed",
        "subject: repository commit dirty version environment artifacts",
        "base: ref commit",
        "tool: name version python platform",
        "gates: id kind title phase verdict reason started_at duration_s cached examined tools",
        "gates: findings metrics problems limitations suppressions artifacts waivers",
    ],
)
def test_the_promised_fields_are_there(where: str, samples: SimpleNamespace) -> None:
    value = json.loads(to_bytes(samples.failing()))
    place, _, names = where.rpartition(":")
    inner = value if not place else value[place]
    first = inner[0] if isinstance(inner, list) else inner
    assert set(names.split()) <= set(first)


def test_a_type_without_words_is_an_error() -> None:
    with pytest.raises(ValueError, match="no words"):
        schema_page._type("bytes")
