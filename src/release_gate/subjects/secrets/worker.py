"""Runs in the toolkit's interpreter: reads files with detect-secrets, one by one.

The command line of detect-secrets says nothing about a file it could not read
or left out, so its scanning function is called here for each file and the
outcome of each is told. Plugins, filters and hashes are detect-secrets' own.

Input, one JSON object on standard input: ``files`` (names relative to the
working folder), ``plugins_used`` and ``filters_used`` (as in a
``.secrets.baseline``; ``null`` for detect-secrets' defaults), ``exclude_files``
(patterns on top) and ``verify`` (whether providers may be asked). Output, JSON
lines: a header, one line for each file, a footer. No line holds a secret.
"""

from __future__ import annotations

import codecs
import json
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.scan import scan_file
from detect_secrets.filters.allowlist import is_line_allowlisted
from detect_secrets.settings import Settings, get_filters, get_plugins, transient_settings
from detect_secrets.util.code_snippet import get_code_snippet

PROTOCOL = 1
VERIFICATION = "detect_secrets.filters.common.is_ignored_due_to_verification_policies"
EXCLUDE_FILES = "detect_secrets.filters.regex.should_exclude_file"
ALLOWLIST = "detect_secrets.filters.allowlist.is_line_allowlisted"
_UNVERIFIED = 2
_SNIFFED = 8192
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def main() -> None:
    """Read the request, scan, write the answer."""
    request = json.loads(sys.stdin.buffer.read())
    with transient_settings(configuration(request)) as settings:
        plugins, filters = get_plugins(), get_filters()
        if len(filters) != len(settings.filters):
            loaded = {getattr(one, "path", "") for one in filters}
            missing = sorted(set(settings.filters) - loaded)
            raise SystemExit(f"filters that cannot be loaded: {', '.join(missing)}")
        say(
            protocol=PROTOCOL,
            version=metadata.version("detect-secrets"),
            plugins=sorted(type(plugin).__name__ for plugin in plugins),
            filters=sorted(settings.filters),
        )
        for name in request["files"]:
            say(file=name, **outcome(name))
        say(end=True, files=len(request["files"]))


def configuration(request: dict[str, Any]) -> dict[str, Any]:
    """What detect-secrets is set to: the project's own settings or the defaults."""
    plugins = request["plugins_used"]
    if plugins is None:
        known: list[type] = list(get_mapping_from_secret_type_to_class().values())
        plugins = [{"name": plugin.__name__} for plugin in known]
    filters = request["filters_used"]
    if filters is None:
        filters = [{"path": path} for path in sorted(Settings().filters)]
    kept = [one for one in filters if one["path"] != VERIFICATION]
    if request["verify"]:
        kept.append({"path": VERIFICATION, "min_level": _UNVERIFIED})
    if request["exclude_files"]:
        patterns = list(request["exclude_files"])
        for one in kept:
            if one["path"] == EXCLUDE_FILES:
                patterns += one["pattern"]
        kept = [one for one in kept if one["path"] != EXCLUDE_FILES]
        kept.append({"path": EXCLUDE_FILES, "pattern": patterns})
    return {"plugins_used": plugins, "filters_used": kept}


def outcome(name: str) -> dict[str, Any]:
    """What came of one file: ``state`` is read, filtered, binary, not-utf-8 or unreadable."""
    rule = left_out_by(name)
    if rule:
        return {"state": "filtered", "filter": rule}
    try:
        content = Path(name).read_bytes()
    except OSError as error:
        return {"state": "unreadable", "detail": error.strerror or type(error).__name__}
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        is_text = content.startswith(_UTF16) or b"\0" not in content[:_SNIFFED]
        return {"state": "not-utf-8" if is_text else "binary"}
    try:
        found = {
            (secret.type, secret.secret_hash, secret.line_number, bool(secret.is_verified))
            for secret in scan_file(name)
        }
    except Exception as error:  # noqa: BLE001 - told for this file; the others are still read
        # The type alone: a message could quote the line that was being read.
        return {"state": "unreadable", "detail": f"detect-secrets raised {type(error).__name__}"}
    return {
        "state": "read",
        "secrets": [
            {"type": kind, "hash": digest, "line": line, "verified": verified}
            for kind, digest, line, verified in sorted(found)
        ],
        "allowlisted": allowlisted(name, text),
    }


def left_out_by(name: str) -> str:
    """The filter that keeps a file from being read, judged by its name alone; else empty."""
    for one in get_filters():
        if one.injectable_variables == {"filename"} and one(filename=name):
            return "missing" if one.path.endswith(".is_invalid_file") else str(one.path)
    return ""


def allowlisted(name: str, text: str) -> list[int]:
    """One-based lines that an allowlist comment hides from the plugins."""
    if "pragma" not in text or ALLOWLIST not in {one.path for one in get_filters()}:
        return []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")  # as a text file is read
    return [
        number
        for number, line in enumerate(lines, start=1)
        if ("pragma" in line or (number > 1 and "pragma" in lines[number - 2]))
        and is_line_allowlisted(name, line, get_code_snippet(lines, number))
    ]


def say(**fields: Any) -> None:
    """One JSON line, at once."""
    sys.__stdout__.write(json.dumps(fields, sort_keys=True) + "\n")  # type: ignore[union-attr]  # a script has one
    sys.__stdout__.flush()  # type: ignore[union-attr]  # as above


if __name__ == "__main__":
    # Whatever a plugin of the project prints must not stand between our lines.
    sys.stdout = sys.stderr
    main()
