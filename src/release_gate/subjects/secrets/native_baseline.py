"""The ``.secrets.baseline`` of detect-secrets: its settings, and what people said of its entries.

Format: https://github.com/Yelp/detect-secrets, ``docs/design.md`` and
``detect_secrets/core/baseline.py`` of release 1.5. It is read and never written.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from release_gate.errors import BaselineError
from release_gate.model import Finding
from release_gate.subjects.secrets.findings import finding_for

FILE = ".secrets.baseline"
_VERSION = re.compile(r"1\.\d+(\.\d+)?([.+-].*)?")
_DIGEST = re.compile(r"[0-9a-f]{40}")
_REMEDY = f"Take {FILE} from the base branch, or write it anew: detect-secrets scan > {FILE}"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class NativeEntry:
    """One secret that the native baseline knows.

    Args:
        path: Repository-relative POSIX path.
        kind: Type of secret in detect-secrets' words.
        hashed_secret: detect-secrets' own hash, 40 hex digits.
        line: One-based line when the baseline was written; 0 where it was left out.
        is_secret: What the audit said; ``None``: not audited.
    """

    path: str
    kind: str
    hashed_secret: str
    line: int
    is_secret: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NativeBaseline:
    """A parsed ``.secrets.baseline``.

    Args:
        version: Release of detect-secrets that wrote it.
        plugins_used: Plugin settings, each with at least ``name``.
        filters_used: Filter settings, each with at least ``path``.
        entries: Sorted, each once.
    """

    version: str
    plugins_used: tuple[dict[str, Any], ...]
    filters_used: tuple[dict[str, Any], ...]
    entries: tuple[NativeEntry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """An entry as a finding, to be fingerprinted for our own baseline.

    Args:
        finding: As the gate would report it.
        label: ``false-positive`` (audited as none), ``confirmed`` (audited as a secret) or
            ``accepted`` (not audited).
    """

    finding: Finding
    label: str


def parse(content: bytes, file: str = FILE) -> NativeBaseline:
    """Read a native baseline; every part must be usable.

    Args:
        content: Content of the file.
        file: Its name, for messages.

    Raises:
        BaselineError: If it is empty, cut off, no JSON, of another major version, or if
            any part has the wrong shape.
    """
    if not content.strip():
        raise _error("it is empty", file)
    try:
        document = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once)
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are both of it
        raise _error(f"it is cut off or no JSON: {error}", file) from error
    if not isinstance(document, dict):
        raise _error("it must hold one JSON object", file)
    version = document.get("version")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise _error(f"version {version!r} is not known, only 1.x", file)
    return NativeBaseline(
        version=version,
        plugins_used=_settings(document, "plugins_used", "name", file),
        filters_used=_settings(document, "filters_used", "path", file),
        entries=_entries(document.get("results"), file),
    )


def runs_code(native: NativeBaseline | None) -> bool:
    """Whether it names plug-ins or filters that are not detect-secrets' own.

    Args:
        native: The native baseline, where there is one.
    """
    rows = (*native.plugins_used, *native.filters_used) if native else ()
    paths = [str(row["path"]) for row in rows if "path" in row]
    return any(not path.startswith("detect_secrets.") for path in paths)


def imported(native: NativeBaseline, secret_key: bytes) -> tuple[Imported, ...]:
    """The entries as findings, in the order of the file, for our own baseline.

    Args:
        native: A parsed native baseline.
        secret_key: Key for the hashes that identify secrets; the new baseline's salt.
    """
    return tuple(
        Imported(
            finding=finding_for(
                kind=entry.kind,
                path=entry.path,
                lines=(entry.line,) if entry.line else (),
                hashed_secret=entry.hashed_secret,
                secret_key=secret_key,
                confirmed=entry.is_secret is True,
            ),
            label=_LABELS[entry.is_secret],
        )
        for entry in native.entries
    )


_LABELS = {True: "confirmed", False: "false-positive", None: "accepted"}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    if twice:
        raise ValueError(f'key "{twice[0]}" stands twice')
    return dict(pairs)


def _settings(
    document: dict[str, Any], key: str, name: str, file: str
) -> tuple[dict[str, Any], ...]:
    rows = document.get(key)
    if not isinstance(rows, list) or not all(
        isinstance(row, dict) and isinstance(row.get(name), str) for row in rows
    ):
        raise _error(f'"{key}" must be a list of objects with "{name}"', file)
    if key == "plugins_used" and not rows:
        raise _error('"plugins_used" is empty: nothing would be looked for', file)
    for row in rows:
        _check_patterns(row, file)
    return tuple(rows)


def _check_patterns(row: dict[str, Any], file: str) -> None:
    path = row.get("path", "")
    if not isinstance(path, str) or not path.startswith("detect_secrets.filters.regex."):
        return
    patterns = row.get("pattern")
    if not isinstance(patterns, list) or not all(isinstance(one, str) for one in patterns):
        raise _error(f'"pattern" of {path} must be a list of patterns', file)
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise _error(f"pattern {pattern!r} of {path} is none: {error}", file) from error


def _entries(results: object, file: str) -> tuple[NativeEntry, ...]:
    if not isinstance(results, dict):
        raise _error('"results" must be an object', file)
    entries: set[NativeEntry] = set()
    for path, rows in results.items():
        if not isinstance(rows, list):
            raise _error(f'"results" of {path} must be a list', file)
        entries.update(_entry(path, row, file) for row in rows)
    return tuple(sorted(entries, key=lambda e: (e.path, e.kind, e.hashed_secret, e.line)))


def _entry(path: str, row: object, file: str) -> NativeEntry:
    if not isinstance(row, dict):
        raise _error(f'an entry of "results" of {path} must be an object', file)
    kind, digest = row.get("type"), row.get("hashed_secret")
    line, is_secret = row.get("line_number", 0), row.get("is_secret")
    if not isinstance(kind, str) or not kind:
        raise _error(f'an entry of {path} has no "type"', file)
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise _error(f'an entry of {path} has no "hashed_secret" of 40 hex digits', file)
    if isinstance(line, bool) or not isinstance(line, int) or line < 0:
        raise _error(f'"line_number" of an entry of {path} must be a number', file)
    if is_secret is not None and not isinstance(is_secret, bool):
        raise _error(f'"is_secret" of an entry of {path} must be true, false or absent', file)
    return NativeEntry(
        path=path.replace("\\", "/"),
        kind=kind,
        hashed_secret=digest,
        line=line,
        is_secret=is_secret,
    )


def _error(what: str, file: str) -> BaselineError:
    return BaselineError(
        f"the baseline of detect-secrets cannot be used: {what}", file=file, remedy=_REMEDY
    )
