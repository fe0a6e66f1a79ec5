"""JSON Schema, checked without ever fetching anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SHOWN = 3


def check(schema: Mapping[str, Any]) -> None:
    """Refuse a schema that is none.

    Raises:
        ValueError: With the place.
    """
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415 - slow to import, rarely needed

    if not schema:
        raise ValueError("schema: an empty schema allows everything")
    try:
        _kind(schema).check_schema(dict(schema))
    except SchemaError as error:
        raise ValueError(f"schema: {error.json_path}: {error.message}") from error


def broken(schema: Mapping[str, Any], value: Any) -> str:
    """What of a value breaks a schema, for people; empty if nothing does.

    A reference to another document cannot be followed and counts as broken.

    Args:
        schema: Checked before.
        value: Parsed JSON.
    """
    from referencing import Registry  # noqa: PLC0415 - slow to import, rarely needed
    from referencing.exceptions import Unresolvable  # noqa: PLC0415 - as above

    # An empty registry: the default one fetches references from the network.
    validator = _kind(schema)(dict(schema), registry=Registry())
    try:
        errors = sorted(validator.iter_errors(value), key=lambda error: error.json_path)
    except Unresolvable as error:
        return f"the schema refers to {error}, which is not in it"
    texts = [f"{error.json_path}: {error.message}" for error in errors[:_SHOWN]]
    more = len(errors) - len(texts)
    return "; ".join(texts) + (f"; and {more} more" if more > 0 else "")


def _kind(schema: Mapping[str, Any]) -> Any:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow to import, rarely needed
    from jsonschema.validators import validator_for  # noqa: PLC0415 - as above

    return validator_for(schema, default=Draft202012Validator)
