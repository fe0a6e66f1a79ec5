"""Evidence of earlier runs, kept so that unchanged input is not paid for twice.

Only evidence is kept, never a verdict. An entry is one file named by its key; whatever is
wrong with it makes it a miss.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from release_gate.model import Artifact, Evidence
from release_gate.plan.types import Plan, PlannedGate
from release_gate.run.cache_key import SCHEMA, cache_key
from release_gate.run.codec import CodecError, decode, encode


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceCache:
    """A folder of evidence by key.

    Args:
        folder: Made on first use; private to the user.
        output: Where artifacts that entries refer to must still lie.
        version: Of release-gate.
        secret_key: Key for hashes that identify secrets; evidence holds such hashes.
        environment: The process environment as injected.
        most: Entries kept; the ones not used for longest go first.
        largest: Bytes of the largest entry that is kept.
    """

    folder: Path
    output: Path
    version: str
    secret_key: bytes
    environment: dict[str, str]
    most: int = 200
    largest: int = 8_000_000

    def load(self, plan: Plan, gate: PlannedGate) -> Evidence | None:
        """Evidence for exactly the same input, or ``None``."""
        key = self._key(plan, gate)
        if key is None:
            return None
        try:
            evidence = _read(self._entry(key), key)
        except (OSError, ValueError, CodecError):
            return None  # cut off, unreadable or of another version: collect again
        if not all(self._is_there(one) for one in evidence.artifacts):
            return None
        self._mark_used(key)
        return evidence

    def store(self, plan: Plan, gate: PlannedGate, evidence: Evidence) -> None:
        """Keep evidence that is whole; a full or read-only disk only costs the reuse."""
        key = None if evidence.problems else self._key(plan, gate)
        if key is None:
            return
        text = json.dumps({"schema": SCHEMA, "key": key, "evidence": encode(evidence)})
        if len(text) > self.largest:
            return
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self._entry(key), text)
            self._forget_oldest()
        except OSError:
            return

    def _key(self, plan: Plan, gate: PlannedGate) -> str | None:
        return cache_key(
            plan,
            gate,
            version=self.version,
            secret_key=self.secret_key,
            environment=self.environment,
        )

    def _entry(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def _is_there(self, artifact: Artifact) -> bool:
        path = self.output / artifact.path
        return path.is_file() and sha256(path.read_bytes()).hexdigest() == artifact.sha256

    def _mark_used(self, key: str) -> None:
        try:
            os.utime(self._entry(key))
        except OSError:
            return  # only the order of removal depends on it

    def _forget_oldest(self) -> None:
        entries = sorted(self.folder.glob("*.json"), key=lambda one: one.stat().st_mtime)
        for entry in entries[: -self.most]:
            entry.unlink(missing_ok=True)


def _read(entry: Path, key: str) -> Evidence:
    kept: Any = json.loads(entry.read_text("utf-8"))
    if not isinstance(kept, dict) or kept.keys() != {"schema", "key", "evidence"}:
        raise ValueError("not an entry")
    if kept["schema"] != SCHEMA or kept["key"] != key or not isinstance(kept["evidence"], str):
        raise ValueError("an entry of another version or name")
    return decode(kept["evidence"])


def _write(entry: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=entry.parent, prefix=entry.stem, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).replace(entry)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
