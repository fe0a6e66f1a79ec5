"""The secrets gate with the real detect-secrets.

The secrets here are put together at run time, so that no scanner finds them in this file.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release_gate.api import Evidence, FileEntry
from release_gate.errors import BaselineError, ConfigError, ToolProblem
from release_gate.judge.baseline import Baseline
from release_gate.judge.decide import decide
from release_gate.judge.fingerprints import fingerprints
from release_gate.judge.matching import entry_for
from release_gate.judge.types import GateResult, State, Verdict
from release_gate.model import BaseRef, Collected, Severity
from release_gate.subjects.secrets import native_baseline
from release_gate.testing import FolderProject, collect, context, project
from support import judging

pytestmark = pytest.mark.gates

ROOT = Path(__file__).resolve().parents[2]
KEY = b"a fixed key for tests"
AWS = "AKIA" + "Q3J7ZK5XW2P8M4TX"
OTHER_AWS = "AKIA" + "V9D2RB6YH1N5C8SW"
PASSWORD = "correct-horse-" + "battery9"
PRIVATE = "-----BEGIN RSA PRIVATE" + " KEY-----"


def _load() -> Any:
    spec = importlib.util.spec_from_file_location(
        "gate_under_test_secrets", ROOT / "gates/secrets.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


gate = _load()
GATE = gate.GATE


def settings(**keys: Any) -> Any:
    """Settings as the configuration file would give them."""
    table = {k.replace("_", "-"): v for k, v in keys.items()}
    return msgspec.convert(table, gate.SecretsSettings)


def run(root: Path, files: Mapping[str, str | bytes], **keys: Any) -> Evidence:
    return collect(GATE, root, files, settings(**keys), secret_key=KEY)


def judged(evidence: Evidence, baseline: Baseline | None = None) -> GateResult:
    docket = judging.docket(judging.gate("secrets"))
    inputs = replace(judging.INPUTS, baseline=baseline)
    return decide(docket, (Collected(gate_id="secrets", evidence=evidence),), inputs).gates[0]


def accepted(evidence: Evidence) -> Baseline:
    pairs = zip(evidence.findings, fingerprints(evidence.findings), strict=True)
    return Baseline(salt="s", entries=tuple(entry_for("secrets", f, d) for f, d in pairs))


def stock(root: Path, *arguments: str) -> dict[str, Any]:
    """detect-secrets as its own command line runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "detect_secrets", "scan", "--no-verify", *arguments],
        cwd=root,
        capture_output=True,
        check=True,
    )
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def native(root: Path, *arguments: str, audit: Mapping[str, bool] | None = None) -> str:
    """A native baseline of all files, its entries audited by type of secret."""
    document = stock(root, "--all-files", *arguments, ".")
    for rows in document["results"].values():
        for row in rows:
            if audit and row["type"] in audit:
                row["is_secret"] = audit[row["type"]]
    return json.dumps(document)


def test_files_without_secrets_pass(tmp_path: Path) -> None:
    evidence = run(tmp_path, {"src/a.py": "x = 1\n", "README.md": "hello\n"})
    assert (evidence.examined.count, evidence.examined.planned) == (2, 2)
    assert judged(evidence).verdict == Verdict.PASS


@pytest.mark.release_check("A10", "red")
def test_a_secret_fails_and_its_value_appears_nowhere(tmp_path: Path) -> None:
    evidence = run(tmp_path, {"src/a.py": f'x = 1\nkey = "{AWS}"\n'})
    (finding,) = evidence.findings
    assert (finding.rule_id, finding.severity, finding.path, finding.line, finding.message) == (
        "aws-access-key",
        Severity.HIGH,
        "src/a.py",
        2,
        "AWS Access Key",
    )
    assert judged(evidence).verdict == Verdict.FAIL
    assert AWS not in repr(evidence)


def test_neither_value_nor_hash_is_in_the_log(tmp_path: Path) -> None:
    the_project = project(tmp_path, {"a.py": f'password = "{PASSWORD}"\nk = "{AWS}"\n'})
    ctx = context(the_project, secret_key=KEY)
    evidence = GATE.collect(ctx, settings())
    log = b"".join(path.read_bytes() for path in ctx.work.parent.glob("*.log"))
    assert len(evidence.findings) == 2
    assert AWS.encode() not in log
    assert PASSWORD.encode() not in log


def test_findings_are_those_of_the_stock_tool(tmp_path: Path) -> None:
    files = {
        "a.py": f'key = "{AWS}"\npassword = "{PASSWORD}"\nagain = "{AWS}"\n',
        "b/c.yaml": f"db:\n  password: {PASSWORD}\n",
        "d.txt": f"{PRIVATE}\nhttps://user:{PASSWORD}@example.org/\n",
    }
    evidence = run(tmp_path, files)
    results = stock(tmp_path, "--all-files", ".")["results"]
    expected = sorted(
        (name, row["type"], row["line_number"]) for name, rows in results.items() for row in rows
    )
    assert len(expected) >= 5
    assert {(name, kind) for name, kind, _ in expected} == {
        (one.path, one.message) for one in evidence.findings
    }
    assert len(expected) == len(evidence.findings)


def test_many_files_in_several_workers_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"d/{n:03}.py": f'key = "{AWS}"\n' if n % 20 == 0 else "x = 1\n" for n in range(130)}
    found = []
    for count in (1, 3):
        monkeypatch.setattr("os.cpu_count", lambda count=count: count)
        monkeypatch.setattr("release_gate.subjects.secrets.scan._FILES_THAT_PAY", 40)
        found.append(run(tmp_path, files))
    assert found[0] == found[1]
    assert [f"d/{n:03}.py" for n in range(0, 130, 20)] == [o.path for o in found[0].findings]


def test_patterns_of_both_sources_are_in_force(tmp_path: Path) -> None:
    line = f'key = "{AWS}"\n'
    project(tmp_path, {"docs/a.md": line, "old/b.py": line, "c.py": line})
    text = native(tmp_path, "--exclude-files", "^docs/")
    evidence = run(tmp_path, {".secrets.baseline": text}, exclude_files=["^old/"])
    assert [one.path for one in evidence.findings] == ["c.py"]


PLUGIN = """\
import re
from detect_secrets.constants import VerifiedResult
from detect_secrets.plugins.base import RegexBasedDetector

class Mine(RegexBasedDetector):
    secret_type = "Mine"
    denylist = [re.compile("mine-[0-9]+")]

    def analyze_line(self, filename, line, line_number=0, **more):
        if line.startswith("break"):
            raise ValueError(line)
        return super().analyze_line(filename=filename, line=line, line_number=line_number, **more)

    def verify(self, secret):
        return VerifiedResult.VERIFIED_TRUE if "1" in secret else VerifiedResult.VERIFIED_FALSE
"""
MINE = {"plugins_used": [{"name": "Mine", "path": "file://plugin.py"}]}


def test_a_plugin_that_breaks_on_a_file_names_the_file_and_not_its_content(
    tmp_path: Path,
) -> None:
    project(tmp_path, {"plugin.py": PLUGIN, "a.txt": "break mine-2\n"})
    evidence = run(tmp_path, {".secrets.baseline": _with(native(tmp_path), **MINE)})
    (skipped,) = [one for one in evidence.examined.skipped if one.what == "a.txt"]
    assert skipped.reason == "it could not be read: detect-secrets raised ValueError"
    assert skipped.allowed_by is None
    assert judged(evidence).verdict == Verdict.ERROR


def test_what_a_provider_confirms_is_critical_when_it_is_asked(tmp_path: Path) -> None:
    project(tmp_path, {"plugin.py": PLUGIN, "a.txt": "mine-1\nmine-2\n"})
    text = _with(native(tmp_path), **MINE)
    asked = run(tmp_path, {".secrets.baseline": text}, verify=True)
    assert [(o.severity, o.always_blocks) for o in asked.findings] == [(Severity.CRITICAL, True)]
    assert "providers asked" in asked.notes
    quiet = run(tmp_path, {".secrets.baseline": text})
    assert [one.severity for one in quiet.findings] == [Severity.HIGH, Severity.HIGH]


def test_untracked_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text(f'key = "{AWS}"\n')
    entries = (FileEntry(path="new.py", tracked=False, size=30),)
    ctx = context(FolderProject(root=tmp_path, files=entries), secret_key=KEY)
    assert len(GATE.collect(ctx, settings()).findings) == 1


@pytest.mark.parametrize(
    "name", ["schlüssel.py", "a b.py", "-rf", 'it\'s "x".py', "new\nline.py", "back\\slash.py"]
)
def test_files_of_any_name_are_read(tmp_path: Path, name: str) -> None:
    evidence = run(tmp_path, {name: f'key = "{AWS}"\n'})
    assert [name] == [one.path for one in evidence.findings]


def test_names_that_are_not_utf_8_are_read(tmp_path: Path) -> None:
    name = b"caf\xe9.py".decode("utf-8", "surrogateescape")
    try:
        (tmp_path / name).write_text(f'key = "{AWS}"\n')
    except OSError:
        pytest.skip("this file system takes no such name")
    evidence = run(tmp_path, {})
    assert [name] == [one.path for one in evidence.findings]


def test_what_the_tool_leaves_out_without_a_word_is_named(tmp_path: Path) -> None:
    evidence = run(
        tmp_path,
        {
            "a.py": "x = 1\n",
            "image.svg": "<svg/>",
            "package-lock.json": "{}",
            "uv.lock": "version = 1\n",
            "data.dat": b"\x00\x01\xff\xfe",
            "latin.txt": b"caf\xe9\n",
            "wide.txt": "secret\n".encode("utf-16"),
            "swagger/api.json": "{}",
        },
    )
    assert {one.what: one.allowed_by for one in evidence.examined.skipped} == {
        "image.svg": "allow-skipped: file-type",
        "package-lock.json": "allow-skipped: lock-file",
        "uv.lock": "allow-skipped: lock-file",
        "data.dat": "allow-skipped: binary",
        "latin.txt": None,
        "wide.txt": None,
        "swagger/api.json": None,
    }
    assert evidence.examined.count == 1
    result = judged(evidence)
    assert result.verdict == Verdict.ERROR
    assert {"latin.txt", "wide.txt", "swagger/api.json"} == {one.path for one in result.problems}


def test_every_reason_can_be_allowed_or_refused_by_setting(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a.py": "x = 1\n", "l.txt": b"caf\xe9\n", "i.svg": "<svg/>"}
    evidence = run(tmp_path, files, allow_skipped=["not-utf-8"])
    assert [(one.what, one.allowed_by) for one in evidence.examined.skipped] == [
        ("i.svg", None),
        ("l.txt", "allow-skipped: not-utf-8"),
    ]


def test_a_file_that_went_away_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    entries = tuple(FileEntry(path=name, tracked=True, size=1) for name in ("a.py", "gone.py"))
    ctx = context(FolderProject(root=tmp_path, files=entries))
    every = settings(allow_skipped=list(gate.reading.WORDS))
    evidence = GATE.collect(ctx, every)
    assert [(o.what, o.allowed_by) for o in evidence.examined.skipped] == [("gone.py", None)]
    assert judged(evidence).verdict == Verdict.ERROR


def test_a_file_that_cannot_be_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.py").write_text("x = 1\n")
    entries = tuple(FileEntry(path=name, tracked=True, size=1) for name in ("a.py", "folder"))
    evidence = GATE.collect(context(FolderProject(root=tmp_path, files=entries)), settings())
    assert [one.what for one in evidence.examined.skipped] == ["folder"]
    assert judged(evidence).verdict == Verdict.ERROR


def test_nothing_read_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolProblem, match="read none of 1 file "):
        run(tmp_path, {"a.svg": "<svg/>"})
    with pytest.raises(ToolProblem, match="read none of 0 files"):
        GATE.collect(context(FolderProject(root=tmp_path, files=())), settings())


def test_no_files_no_gate(tmp_path: Path) -> None:
    assert GATE.applies(project(tmp_path, {}), settings()) == "there are no files"


def test_a_folder_outside_of_git_is_read(tmp_path: Path) -> None:
    evidence = run(tmp_path, {"deep/er/a.py": f'key = "{AWS}"\n'})
    assert len(evidence.findings) == 1


def test_only_the_named_paths_are_read(tmp_path: Path) -> None:
    the_project = project(tmp_path, {"a.py": f'k = "{AWS}"\n', "b.py": f'k = "{AWS}"\n'})
    evidence = GATE.collect(context(the_project, paths=("b.py",)), settings())
    assert [one.path for one in evidence.findings] == ["b.py"]
    assert evidence.examined.planned == 1


def test_providers_are_not_asked_unless_wanted(tmp_path: Path) -> None:
    inputs = GATE.inputs(project(tmp_path, {"a.py": ""}), settings())
    assert inputs.reusable
    assert not inputs.warnings
    asking = GATE.inputs(project(tmp_path, {"a.py": ""}), settings(verify=True))
    assert not asking.reusable
    assert asking.warnings == ("providers are asked over the network",)


# The baseline.


@pytest.mark.release_check("A10", "green")
def test_an_accepted_secret_stays_known_when_it_moves(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    before = run(tmp_path / "1", {"a.py": f'key = "{AWS}"\n'})
    after = run(tmp_path / "2", {"a.py": f'\n\n# moved\nkey = "{AWS}"\n'})
    result = judged(after, accepted(before))
    assert result.verdict == Verdict.PASS
    assert [one.state for one in result.findings] == [State.KNOWN]


def test_a_real_key_in_place_of_an_accepted_one_is_new(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    before = run(tmp_path / "1", {"a.py": f'key = "{AWS}"\n'})
    after = run(tmp_path / "2", {"a.py": f'key = "{OTHER_AWS}"\n'})
    result = judged(after, accepted(before))
    assert result.verdict == Verdict.FAIL
    assert [one.state for one in result.findings] == [State.NEW]
    assert len(result.fixed) == 1


def test_the_same_secret_in_another_file_is_new(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    line = f'key = "{AWS}"\n'
    before = run(tmp_path / "1", {"a.py": line})
    after = run(tmp_path / "2", {"a.py": line, "b.py": line})
    states = {one.finding.path: one.state for one in judged(after, accepted(before)).findings}
    assert states == {"a.py": State.KNOWN, "b.py": State.NEW}


def test_one_secret_many_times_in_a_file_is_one_finding(tmp_path: Path) -> None:
    evidence = run(tmp_path, {"a.py": f'key = "{AWS}"\n' * 300})
    (finding,) = evidence.findings
    assert finding.line == 1
    assert "on line 2, 3, 4, 5, 6 and 294 more" in finding.why


def test_two_runs_give_the_same_evidence(tmp_path: Path) -> None:
    files = {"a.py": f'key = "{AWS}"\npassword = "{PASSWORD}"\n'}
    assert run(tmp_path, files) == run(tmp_path, files)


# The native baseline.


def test_imported_entries_are_the_findings_of_the_gate(tmp_path: Path) -> None:
    files = {"a.py": f'key = "{AWS}"\npassword = "{PASSWORD}"\n'}
    project(tmp_path, files)
    text = native(tmp_path)
    evidence = run(tmp_path, {".secrets.baseline": text})
    imported = native_baseline.imported(native_baseline.parse(text.encode()), KEY)
    assert {(f.path, f.rule_id, f.identity) for f in evidence.findings} == {
        (one.finding.path, one.finding.rule_id, one.finding.identity) for one in imported
    }
    both = [one.finding for one in imported]
    pairs = zip(both, fingerprints(both), strict=True)
    baseline = Baseline(salt="s", entries=tuple(entry_for("secrets", f, d) for f, d in pairs))
    assert judged(evidence, baseline).verdict == Verdict.PASS


@pytest.mark.release_check("A10", "red")
def test_an_entry_confirmed_as_a_secret_blocks_whatever_the_baseline_says(tmp_path: Path) -> None:
    project(tmp_path, {"a.py": f'key = "{AWS}"\n'})
    text = native(tmp_path, audit={"AWS Access Key": True})
    evidence = run(tmp_path, {".secrets.baseline": text})
    (finding,) = evidence.findings
    assert (finding.severity, finding.always_blocks) == (Severity.CRITICAL, True)
    assert judged(evidence, accepted(evidence)).verdict == Verdict.FAIL


def test_a_confirmed_secret_blocks_after_its_file_was_renamed(tmp_path: Path) -> None:
    project(tmp_path, {"a.py": f'key = "{AWS}"\n'})
    text = native(tmp_path, audit={"AWS Access Key": True})
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    evidence = run(tmp_path, {".secrets.baseline": text})
    assert [(one.path, one.always_blocks) for one in evidence.findings] == [("b.py", True)]


def test_a_confirmed_secret_in_a_file_that_is_not_read_is_not_gone(tmp_path: Path) -> None:
    project(tmp_path, {"a.py": f'key = "{AWS}"\n', "b.py": "x = 1\n"})
    text = native(tmp_path, audit={"AWS Access Key": True})
    evidence = run(tmp_path, {".secrets.baseline": text}, exclude_files=["^a"])
    confirmed = [one for one in evidence.findings if one.always_blocks]
    assert [(one.path, one.line) for one in confirmed] == [("a.py", None)]


def test_a_confirmed_secret_that_was_taken_out_is_gone(tmp_path: Path) -> None:
    project(tmp_path, {"a.py": f'key = "{AWS}"\n'})
    text = native(tmp_path, audit={"AWS Access Key": True})
    evidence = run(tmp_path, {".secrets.baseline": text, "a.py": "x = 1\n"})
    assert evidence.findings == ()


def test_settings_of_the_native_baseline_are_used(tmp_path: Path) -> None:
    files = {"src/a.py": f'key = "{AWS}"\npassword = "{PASSWORD}"\n', "docs/b.md": f"{AWS}\n"}
    project(tmp_path, files)
    text = native(tmp_path, "--disable-plugin", "KeywordDetector", "--exclude-files", "^docs/")
    evidence = run(tmp_path, {".secrets.baseline": text})
    assert [(o.path, o.rule_id) for o in evidence.findings] == [("src/a.py", "aws-access-key")]
    assert {one.what: one.allowed_by for one in evidence.examined.skipped} == {
        "docs/b.md": "allow-skipped: excluded",
        ".secrets.baseline": "allow-skipped: baseline",
    }
    assert evidence.notes[0].startswith("settings of .secrets.baseline: ")


def test_the_native_baseline_is_never_written_and_takes_no_new_secret_in(tmp_path: Path) -> None:
    project(tmp_path, {"a.py": "x = 1\n"})
    text = native(tmp_path)
    evidence = run(tmp_path, {".secrets.baseline": text, "a.py": f'key = "{AWS}"\n'})
    assert text == (tmp_path / ".secrets.baseline").read_text()
    assert [one.path for one in evidence.findings] == ["a.py"]
    assert judged(evidence).verdict == Verdict.FAIL


@pytest.mark.parametrize("text", ["", "{", "{}"])
def test_a_native_baseline_that_cannot_be_used_is_a_configuration_error(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(BaselineError):
        run(tmp_path, {"a.py": "x = 1\n", ".secrets.baseline": text})


def test_a_named_native_baseline_that_is_not_there_is_a_configuration_error(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigError, match=r"there is no file old\.baseline"):
        run(tmp_path, {"a.py": "x = 1\n"}, native_baseline="old.baseline")


def _with(text: str, **changes: Any) -> str:
    return json.dumps({**json.loads(text), **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"plugins_used": [{"name": "NoSuchPlugin"}]},
        {"plugins_used": [{"name": "Mine", "path": "file://gone.py"}]},
        {"filters_used": [{"path": "no.such.filter"}]},
        {"filters_used": [{"path": "file://gone.py::f"}]},
    ],
)
def test_plugins_and_filters_that_cannot_be_loaded_are_an_error(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    project(tmp_path, {"a.py": "x = 1\n"})
    text = _with(native(tmp_path), **changes)
    with pytest.raises(ToolProblem, match="exit code 1"):
        run(tmp_path, {".secrets.baseline": text})


def test_filters_that_hide_everything_are_an_error(tmp_path: Path) -> None:
    project(tmp_path, {"a.py": f'key = "{AWS}"\n'})
    text = native(tmp_path, "--exclude-lines", ".*")
    with pytest.raises(ToolProblem, match="does not find a planted example"):
        run(tmp_path, {".secrets.baseline": text})


def test_a_plugin_of_the_project_may_print(tmp_path: Path) -> None:
    plugin = (
        "import re\n"
        "from detect_secrets.plugins.base import RegexBasedDetector\n"
        "print('hello from a plugin')\n"
        "class Mine(RegexBasedDetector):\n"
        "    secret_type = 'Mine'\n"
        "    denylist = [re.compile('mine-[0-9]+')]\n"
    )
    project(tmp_path, {"plugin.py": plugin, "a.txt": "mine-12345\n"})
    text = _with(native(tmp_path), plugins_used=[{"name": "Mine", "path": "file://plugin.py"}])
    evidence = run(tmp_path, {".secrets.baseline": text})
    assert [(one.path, one.message) for one in evidence.findings] == [("a.txt", "Mine")]


# Ignore patterns and comments.


@pytest.mark.release_check("A11", "green")
def test_patterns_that_match_and_hide_no_source_pass(tmp_path: Path) -> None:
    evidence = run(
        tmp_path,
        {"src/a.py": "x = 1\n", "docs/a.md": f"{AWS}\n"},
        exclude_files=["^docs/"],
        must_exclude=["docs"],
    )
    assert judged(evidence).verdict == Verdict.PASS


@pytest.mark.release_check("A11", "red")
def test_patterns_that_are_stale_or_hide_source_fail(tmp_path: Path) -> None:
    evidence = run(
        tmp_path,
        {"src/a.py": "x = 1\n", "docs/a.md": "x\n", "b.py": "x = 1\n"},
        exclude_files=["^old/", "a[.]py$"],
        must_exclude=["docs"],
    )
    assert {"stale-ignore-pattern", "ignored-source", "path-not-ignored"} == {
        one.rule_id for one in evidence.findings
    }
    assert judged(evidence).verdict == Verdict.FAIL


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="is no pattern"):
        settings(exclude_files=["("])


class ChangedBase:
    """A base since which two lines are new."""

    ref = BaseRef(ref="main", commit="0" * 40)

    def read(self, relative: str) -> bytes | None:
        return None

    def changed_lines(self) -> Mapping[str, frozenset[int]]:
        return {"a.py": frozenset({2, 4})}

    def old_path(self, relative: str) -> str | None:
        return relative


def test_allowlist_comments_are_counted_and_new_ones_told(tmp_path: Path) -> None:
    text = (
        f'a = "{AWS}"  # pragma: allowlist secret\n'
        f'b = "{OTHER_AWS}"  # pragma: allowlist secret\n'
        "# pragma: allowlist nextline secret\n"
        f'password = "{PASSWORD}"\n'
    )
    evidence = collect(GATE, tmp_path, {"a.py": text, "b.py": "x = 'pragma'\n"}, base=ChangedBase())
    assert evidence.findings == ()
    assert [(one.path, one.line, one.since_base) for one in evidence.suppressions] == [
        ("a.py", 1, False),
        ("a.py", 2, True),
        ("a.py", 4, True),
    ]


def test_without_a_base_nobody_knows_which_comments_are_new(tmp_path: Path) -> None:
    evidence = run(tmp_path, {"a.py": f'a = "{AWS}"  # pragma: allowlist secret\n'})
    assert [one.since_base for one in evidence.suppressions] == [None]


def test_the_own_baseline_is_left_out_by_name(tmp_path: Path) -> None:
    line = json.dumps({"fingerprint": "ab12" * 16})
    evidence = run(tmp_path, {"a.py": "x = 1\n", "release-gate-baseline.jsonl": line + "\n"})
    assert evidence.findings == ()
    assert [one.what for one in evidence.examined.skipped] == ["release-gate-baseline.jsonl"]


def test_the_plan_knows_plugins_and_patterns(tmp_path: Path) -> None:
    the_project = project(tmp_path, {"a.py": "x = 1\n"})
    inputs = GATE.inputs(the_project, settings(exclude_files=["^docs/"]))
    assert [(one.name, one.value, one.origin) for one in inputs.origins] == [
        ("plugins", "all", "default of detect-secrets"),
        ("exclude-files", "^docs/", "exclude-files"),
    ]
    assert GATE.limits(settings(), the_project) == ()
