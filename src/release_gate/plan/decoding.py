"""Values of a TOML table into a settings type, and msgspec's complaints into ours."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from release_gate.errors import ConfigError, UnknownKey
from release_gate.plan.document import Document, dotted
from release_gate.plan.suggest import did_you_mean
from release_gate.plan.toml_lines import KeyPath

S = TypeVar("S", bound=msgspec.Struct)

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at (?P<key>`key` in )?`\$(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+)\]|\[\.\.\.\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`", re.DOTALL)
_TYPE = re.compile(r"Expected `(?P<expected>[^`]+)`, got `(?P<got>[^`]+)`")
_LEAST = re.compile(r"Expected `\w+` (?P<bound>[<>]=?) (?P<number>\S+)")
_EMPTY = re.compile(r"Expected `\w+` (?:of length >= 1|matching regex '\\\\S')")
_ENUM = re.compile(r"Invalid enum value (?P<value>.*)", re.DOTALL)

# How msgspec's own complaints begin; all others are a type's, and may begin with a key.
_MSGSPEC = ("Expected ", "Invalid ", "Object ", "Number ", "Integer ", "Float ")

_WORDS = {
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "datetime": "a date with a time",
    "date": "a date",
    "time": "a time",
}
_BOUNDS = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than"}


def decode(
    document: Document,
    kind: type[S],
    values: Mapping[str, Any] | None = None,
    *,
    also_known: Collection[str] = (),
) -> S:
    """The table as a settings type.

    Args:
        document: The table.
        kind: The type; unknown keys are refused.
        values: The part of the table that is meant; default: all of it.
        also_known: Keys of the table that are read elsewhere, for suggestions.

    Raises:
        UnknownKey: If nothing reads a key.
        ConfigError: If a value has the wrong type or is not allowed.
    """
    given = dict(document.values if values is None else values)
    try:
        return msgspec.convert(given, kind, strict=True)
    except msgspec.ValidationError as error:
        complaint = _Complaint(document=document, kind=kind, given=given, also_known=also_known)
        raise complaint.of(str(error)) from error


class _Complaint(msgspec.Struct, frozen=True, kw_only=True):
    document: Document
    kind: type[msgspec.Struct]
    given: dict[str, Any]
    also_known: Collection[str]

    def of(self, message: str) -> ConfigError:
        found = _PLACE.match(message)
        what, path = (found["what"], self._path(found["path"], message)) if found else (message, ())
        if unknown := _UNKNOWN.fullmatch(what):
            return self._unknown(path, unknown["name"])
        if missing := _MISSING.fullmatch(what):
            text = f'"{dotted((*path, missing["name"]))}" is missing in {self.document.label()}'
            return self.document.error(text, path)
        if found and found["key"]:
            return self._wrong_key(path, what)
        if not path:
            # Raised by the type's own check; it begins with the key that it is about.
            return self.document.error(
                f"{what} in {self.document.label()}", begun(what, self.given)
            )
        if not what.startswith(_MSGSPEC):
            path = (*path, *begun(what, _value(self.given, path)))
        text = f'"{dotted(path)}" in {self.document.label()} {self._must(path, what)}'
        return self.document.error(text, path)

    def _path(self, text: str | None, message: str) -> KeyPath:
        path: KeyPath = ()
        for step in _STEP.finditer(text or ""):
            if step["name"] is not None:
                path = (*path, step["name"])
            elif step["index"] is not None:
                path = (*path, int(step["index"]))
            else:
                entry = self._entry(path, message)
                if entry is None:
                    break
                path = (*path, entry)
        return path

    def _entry(self, path: KeyPath, message: str) -> str | None:
        """The key of a dict, which msgspec does not name: alone it gives the same message."""
        table = _value(self.given, path)
        for name in table:
            try:
                msgspec.convert(_replaced(self.given, path, {name: table[name]}), self.kind)
            except msgspec.ValidationError as error:
                if str(error) == message:
                    return str(name)
        return None

    def _unknown(self, path: KeyPath, name: str) -> UnknownKey:
        if path:
            known: set[str] = set(_known(_type_at(self.kind, path)))
        else:
            known = {*_known(self.kind), *self.also_known}
        table = self.document.label(path)
        return UnknownKey(
            f'unknown key "{name}" in {table}{did_you_mean(name, known)}',
            file=self.document.file,
            line=self.document.line((*path, name)),
            remedy="" if did_you_mean(name, known) else f"Known are {', '.join(sorted(known))}.",
        )

    def _wrong_key(self, path: KeyPath, what: str) -> ConfigError:
        for name in _value(self.given, path):
            if not NAME_PATTERN.fullmatch(name):
                text = f'"{name}" in {self.document.label(path)} is no name: {NAME_RULE}'
                return self.document.error(text, (*path, name))
        return self.document.error(f"{what} in {self.document.label(path)}", path)

    def _must(self, path: KeyPath, what: str) -> str:
        if wrong := _TYPE.fullmatch(what):
            kinds = [one for one in wrong["expected"].split(" | ") if one != "null"]
            expected = " or ".join(_WORDS.get(one, one) for one in kinds)
            return f"must be {expected}, not {_WORDS.get(wrong['got'], wrong['got'])}"
        if _EMPTY.fullmatch(what):
            return "must not be empty"
        if bound := _LEAST.fullmatch(what):
            return f"must be {_BOUNDS[bound['bound']]} {bound['number']}"
        if "matching regex" in what:
            return f"is no name: {NAME_RULE}"
        if enum := _ENUM.fullmatch(what):
            allowed = _allowed(_type_at(self.kind, path))
            hint = f"must be one of {', '.join(allowed)}, not " if allowed else "must not be "
            return hint + enum["value"]
        return f"is not allowed: {what}"


def begun(message: str, values: Any) -> KeyPath:
    """The key that a message begins with (``max``, ``checks[2].expect[0]``), as far as it is there.

    Args:
        message: Of a type's own check, or of a gate's.
        values: The table.
    """
    path: KeyPath = ()
    rest = message
    while True:
        steps: Iterable[tuple[str | int, str]] = ()
        if isinstance(values, Mapping):
            lead = "." if path else ""
            longest = sorted(map(str, values), key=len, reverse=True)
            steps = ((key, f"{lead}{key}") for key in longest)
        elif isinstance(values, list | tuple):
            steps = ((index, f"[{index}]") for index in range(len(values)))
        step = next((one for one in steps if rest.startswith(one[1])), None)
        if step is None:
            return path
        path, rest, values = (*path, step[0]), rest[len(step[1]) :], values[step[0]]


NAME_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NAME_RULE = 'lower-case letters and digits, joined by "-"'


def _value(given: Any, path: KeyPath) -> Any:
    for step in path:
        given = given[step]
    return given


def _replaced(given: Any, path: KeyPath, value: Any) -> Any:
    """A copy in which another value stands at a path."""
    if not path:
        return value
    copy: Any = list(given) if isinstance(given, list) else dict(given)
    copy[path[0]] = _replaced(given[path[0]], path[1:], value)
    return copy


def _type_at(kind: type[msgspec.Struct], path: KeyPath) -> list[msgspec.inspect.Type]:
    """All types that a value at a path may have."""
    found = _members(msgspec.inspect.type_info(kind))
    for step in path:
        inner: list[msgspec.inspect.Type] = []
        for one in found:
            if isinstance(one, msgspec.inspect.StructType):
                inner += [f.type for f in one.fields if f.encode_name == step]
            elif isinstance(one, msgspec.inspect.DictType):
                inner.append(one.value_type)
            elif isinstance(one, msgspec.inspect.VarTupleType | msgspec.inspect.ListType):
                inner.append(one.item_type)
        found = [member for one in inner for member in _members(one)]
    return found


def _members(kind: msgspec.inspect.Type) -> list[msgspec.inspect.Type]:
    return list(kind.types) if isinstance(kind, msgspec.inspect.UnionType) else [kind]


def _known(kind: type[msgspec.Struct] | list[msgspec.inspect.Type]) -> list[str]:
    types = kind if isinstance(kind, list) else _members(msgspec.inspect.type_info(kind))
    structs = [one for one in types if isinstance(one, msgspec.inspect.StructType)]
    return [field.encode_name for one in structs for field in one.fields]


def _allowed(types: list[msgspec.inspect.Type]) -> list[str]:
    values: list[Any] = []
    for one in types:
        if isinstance(one, msgspec.inspect.LiteralType):
            values += one.values
        elif isinstance(one, msgspec.inspect.EnumType):
            values += [member.value for member in one.cls]
    return [f"{value!r}" for value in values]
