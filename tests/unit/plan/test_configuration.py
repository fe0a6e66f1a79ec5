"""What the configuration may say, and what each mistake in it gets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import msgspec
import pytest

from release_gate.api import Settings
from release_gate.errors import ConfigError, UnknownKey
from release_gate.model import Budget, Severity
from release_gate.plan.configuration import Configuration, read_configuration

pytestmark = pytest.mark.unit


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    id: str
    min_passed: int = 1


class CoverageSettings(Settings, frozen=True, kw_only=True):
    fail_under: float | None = None
    required: tuple[str | Named, ...] = ()
    style: Literal["line", "branch"] = "line"
    variables: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.fail_under is not None and self.fail_under > 100:
            raise ValueError(f"fail-under is a share, not {self.fail_under:g}")


def read(root: Path, text: str, file: str = "release-gate.toml") -> Configuration:
    (root / file).write_text(text, encoding="utf-8", newline="")
    return read_configuration(root)


def refusal(root: Path, text: str, file: str = "release-gate.toml") -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read(root, text, file)
    return caught.value


def gate_refusal(root: Path, table: str) -> ConfigError:
    configuration = read(root, f"[tool.release-gate.gates.coverage]\n{table}", "pyproject.toml")
    with pytest.raises(ConfigError) as caught:
        configuration.tables["coverage"].decode(CoverageSettings)
    return caught.value


def test_without_any_file_everything_is_at_its_default(tmp_path: Path) -> None:
    configuration = read_configuration(tmp_path)

    assert configuration.file is None
    assert configuration.keys.baseline == "release-gate-baseline.jsonl"
    assert dict(configuration.tables) == {}


def test_a_pyproject_without_our_table_is_no_configuration(tmp_path: Path) -> None:
    configuration = read(tmp_path, '[project]\nname = "shop"\n', "pyproject.toml")

    assert configuration.file is None
    assert configuration.pyproject == {"project": {"name": "shop"}}


def test_both_places_at_once_are_refused(tmp_path: Path) -> None:
    (tmp_path / "release-gate.toml").write_text("")

    error = refusal(tmp_path, "\n[tool.release-gate]\n", "pyproject.toml")

    assert error.what == (
        "pyproject.toml:2: there is also a release-gate.toml: only one of them may hold the "
        "configuration"
    )


def test_the_same_keys_stand_in_either_place(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    keys = 'expected = ["lint"]\n[{}gates.lint]\nmax = 3\n'

    first = read(one, "[tool.release-gate]\n" + keys.format("tool.release-gate."), "pyproject.toml")
    second = read(other, keys.format(""))

    assert first.keys == second.keys
    assert first.canonical() == second.canonical()


@pytest.mark.release_check("A06", "red")
def test_an_unknown_key_is_named_with_its_line_its_table_and_the_nearest(tmp_path: Path) -> None:
    error = gate_refusal(tmp_path, "\n\nfail_under = 80\n")

    assert isinstance(error, UnknownKey)
    assert str(error) == (
        'pyproject.toml:4: unknown key "fail_under" in [tool.release-gate.gates.coverage]; '
        'did you mean "fail-under"? (config-unknown-key)'
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sorce = ['src']\n", '1: unknown key "sorce" in the top level; did you mean "source"?'),
        ("\n[gate.lint]\n", '2: unknown key "gate" in the top level; did you mean "gates"?'),
        (
            "[environments.production]\nurl = 'x'\n",
            '2: unknown key "url" in [environments.production]',
        ),
        ("[phases.day-1]\nexpect = []\n", '2: unknown key "expect" in [phases.day-1]; did you'),
        (
            "[gates.lint]\nmax = { critcal = 1 }\n",
            '2: unknown key "critcal" in [gates.lint.max]; did you mean "critical"?',
        ),
        (
            "gates.lint.max.hgh = 1\n",
            '1: unknown key "hgh" in [gates.lint.max]; did you mean "high"?',
        ),
    ],
)
def test_unknown_keys_of_every_table(tmp_path: Path, text: str, message: str) -> None:
    error = refusal(tmp_path, text)

    assert isinstance(error, UnknownKey)
    assert error.what.startswith(f"release-gate.toml:{message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source = 'src'\n", '1: "source" in the top level must be a list, not a string'),
        ("source = []\n", '1: "source" in the top level must not be empty'),
        ("source = [\n  'a',\n  ' ',\n]\n", '3: "source[1]" in the top level must not be empty'),
        ("expected = []\n", '1: "expected" in the top level must not be empty'),
        ("expected = ['lint', 3]\n", '1: "expected[1]" in the top level must be a string, not an'),
        ("expected = ['Lint']\n", '1: "expected[0]" in the top level is no name: lower-case'),
        ("expected = ['a', 'b',\n 'a']\n", '2: "a" is expected twice'),
        ("[phases.x]\nexpected = ['a', 'a']\n", '2: "a" is expected twice'),
        ("allow-dirty = 'no'\n", '1: "allow-dirty" in the top level must be true or false, not a'),
        ("allow-dirty = 0\n", '1: "allow-dirty" in the top level must be true or false, not an'),
        ("templates = ''\n", '1: "templates" in the top level must not be empty'),
        ("gates = 3\n", '1: "gates" in the top level must be a table, not an integer'),
        ("[[gates]]\n", '1: "gates" in the top level must be a table, not a list'),
        ("[gates]\nlint = 3\n", '2: "gates.lint" in the top level must be a table, not an integer'),
        ('[gates."no name"]\n', '1: "no name" in [gates] is no name: lower-case'),
        ("[gates.lint]\nmax = -1\n", '2: "max" in [gates.lint] must be at least 0'),
        ("[gates.lint]\nmax = '3'\n", '2: "max" in [gates.lint] must be an integer or a table, '),
        ("[gates.lint]\nmax = true\n", '2: "max" in [gates.lint] must be an integer or a table, '),
        ("[gates.lint]\nmax = 1.5\n", '2: "max" in [gates.lint] must be an integer or a table, '),
        ("[gates.lint]\nmax.low = -1\n", '2: "max.low" in [gates.lint] must be at least 0'),
        ("[gates.lint]\nskip-reason = ' '\n", '2: "skip-reason" in [gates.lint] must not be empty'),
        ("[gates.lint]\nskip-reason = true\n", '2: "skip-reason" in [gates.lint] must be a string'),
        ("[gates.lint]\nkind = ''\n", '2: "kind" in [gates.lint] is no name'),
        ("[gates.lint]\n\ndeadline = '10 parsecs'\n", '3: deadline must be like "90s", "10m" or'),
        ("[gates.lint]\ndeadline = 0\n", "2: deadline must be more than 0"),
        ("[gates.lint]\ndeadline = '0m'\n", "2: deadline must be more than 0"),
        ("[gates.lint]\ndeadline = -3\n", "2: deadline must be more than 0"),
        ("[gates.lint]\ndeadline = 1" + "0" * 400, "2: deadline must be more than 0 and at most"),
        ("[gates.lint]\ndeadline = inf\n", '2: "gates.lint.deadline" must be a finite number'),
        ("[gates.lint]\nx = [1, { y = -nan }]\n", '2: "gates.lint.x[1].y" must be a finite number'),
        ("source = ['/src']\n", '1: "source": "/src" is absolute'),
        ("source = ['C:/src']\n", '1: "source": "C:/src" is absolute'),
        ("source = [\n'src',\n'a/../..']\n", '3: "source": "a/../.." leads out of the root'),
        ("gate-files = ['..\\\\x.py']\n", '1: "gate-files": "..\\\\x.py" leads out of the root'),
        ('source = ["a\\u0000b"]\n', '1: "source": a path cannot hold a NUL'),
        ("baseline = '/b'\n", '1: "baseline": "/b" is absolute'),
        ("expected = ['a']\n[phases.pre-release]\n", '2: "expected" of the top level is already'),
    ],
)
def test_wrong_values_are_named_with_file_line_and_key(
    tmp_path: Path, text: str, message: str
) -> None:
    error = refusal(tmp_path, text)

    assert error.what.startswith(f"release-gate.toml:{message}")
    assert error.exit_code == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1\nb =\n", r"release-gate\.toml:2: not TOML: .+"),
        ("a = 1\na = 2\n", r"release-gate\.toml:2: not TOML: .+"),
        ("a = 1\n\n[x", r"release-gate\.toml:3: not TOML: .+"),
        ("a = " + "[" * 20_000, r"release-gate\.toml: not TOML: nested too deeply"),
        ("a = " + "9" * 5000, r"release-gate\.toml: not TOML: .*digits.*"),
    ],
)
def test_what_is_no_toml_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    assert re.fullmatch(message, refusal(tmp_path, text).what, re.DOTALL)


def test_a_broken_pyproject_is_an_error_even_where_we_have_a_file_of_our_own(
    tmp_path: Path,
) -> None:
    (tmp_path / "release-gate.toml").write_text("")

    assert refusal(tmp_path, "[project\n", "pyproject.toml").file == "pyproject.toml"


def test_text_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"a = 1\nb = '\xff'\n")

    with pytest.raises(ConfigError, match=r"pyproject\.toml:2: not UTF-8"):
        read_configuration(tmp_path)


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").mkdir()

    with pytest.raises(ConfigError, match=r"pyproject\.toml: cannot be read"):
        read_configuration(tmp_path)


def test_a_tool_that_is_no_table_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, "tool = 3\n", "pyproject.toml")

    assert error.what == "pyproject.toml:1: [tool] must be a table"


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_byte_order_mark_and_line_ends_move_no_line(
    tmp_path: Path, prefix: bytes, end: str
) -> None:
    text = f"# one{end}[gates.lint]{end}x = '''{end}{end}'''{end}mxa = 1{end}"
    (tmp_path / "release-gate.toml").write_bytes(prefix + text.encode())
    table = read_configuration(tmp_path).tables["lint"]

    with pytest.raises(UnknownKey) as caught:
        table.decode(CoverageSettings)

    assert caught.value.line == 3


def test_a_file_named_by_the_user_takes_the_place_of_the_roots_own(tmp_path: Path) -> None:
    (tmp_path / "release-gate.toml").write_text("expected = ['types']\n")
    (tmp_path / "strict.toml").write_text("expected = ['lint']\n")

    configuration = read_configuration(tmp_path, tmp_path / "strict.toml")

    assert configuration.file == "strict.toml"
    assert configuration.keys.expected == ("lint",)


def test_a_named_file_outside_of_the_root_is_called_by_its_name_only(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "shared.toml").write_text("")

    assert read_configuration(root, tmp_path / "shared.toml").file == "shared.toml"


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: there is no such file"):
        read_configuration(tmp_path, tmp_path / "none.toml")


def test_a_named_pyproject_needs_our_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")

    with pytest.raises(ConfigError, match=r"there is no table \[tool\.release-gate\]"):
        read_configuration(tmp_path, tmp_path / "pyproject.toml")


def test_a_named_pyproject_with_our_table_is_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.release-gate]\nsource = ['lib']\n")

    configuration = read_configuration(tmp_path, tmp_path / "pyproject.toml")

    assert configuration.keys.source == ("lib",)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("fail-under = '80'\n", ':2: "fail-under" in [{}] must be a number, not a string'),
        ("fail-under = 101\n", ":2: fail-under is a share, not 101 in [{}]"),
        ("required = [{}]\n", ':2: "required[0].id" is missing in [{}]'),
        (
            "required = [\n  'a',\n  { id = 'b', min_passed = 1 },\n]\n",
            ':4: unknown key "min_passed" in [{}.required[1]]; did you mean "min-passed"?',
        ),
        ("required = [3]\n", ':2: "required[0]" in [{}] must be a string or a table, not an int'),
        ("style = 'lines'\n", ":2: \"style\" in [{}] must be one of 'branch', 'line', not 'lines'"),
        (
            "variables = { A = '', B = 1 }\n",
            ':2: "variables.B" in [{}] must be a string, not an integer',
        ),
        ("dead-line = 3\n", ':2: unknown key "dead-line" in [{}]; did you mean "deadline"?'),
        ("zzz = 3\n", ':2: unknown key "zzz" in [{}]'),
    ],
)
def test_a_kinds_own_keys_are_checked_as_strictly(tmp_path: Path, table: str, message: str) -> None:
    error = gate_refusal(tmp_path, table)

    expected = message.replace("{}", "tool.release-gate.gates.coverage", 1)
    if "{}]]" in message or "{}.required" in message:
        expected = message.replace("{}", "tool.release-gate.gates.coverage")
    assert error.what.startswith(f"pyproject.toml{expected}")


def test_an_unknown_key_without_a_likeness_gets_the_list(tmp_path: Path) -> None:
    error = gate_refusal(tmp_path, "zzz = 3\n")

    assert error.remedy.startswith("Known are deadline, enforce, fail-under, kind, leeway, max")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {s: 0 for s in Severity if s is not Severity.INFO}),
        ("max = 3", {s: 3 for s in Severity if s is not Severity.INFO}),
        (
            "max = { low = 5 }",
            {s: 0 for s in Severity if s is not Severity.INFO} | {Severity.LOW: 5},
        ),
        (
            "max.info = 1\nmax.unknown = 2",
            dict.fromkeys(Severity, 0) | {Severity.INFO: 1, Severity.UNKNOWN: 2},
        ),
    ],
)
def test_severities_that_max_does_not_name_stay_at_none(
    tmp_path: Path, text: str, expected: dict[Severity, int]
) -> None:
    table = read(tmp_path, f"[gates.lint]\n{text}\n").tables["lint"]

    assert table.common.budget() == Budget(allowed=expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("'90s'", 90.0), ("'10m'", 600.0), ("'1.5h'", 5400.0), ("45", 45.0), ("0.5", 0.5)],
)
def test_deadlines(tmp_path: Path, text: str, expected: float) -> None:
    table = read(tmp_path, f"[gates.lint]\ndeadline = {text}\n").tables["lint"]

    assert table.common.deadline_s() == expected


def test_every_value_knows_where_it_stands(tmp_path: Path) -> None:
    text = "[tool.release-gate]\nsource = ['src']\n[tool.release-gate.gates.lint]\n\nmax = 1\n"
    configuration = read(tmp_path, text, "pyproject.toml")
    table = configuration.tables["lint"]

    assert configuration.document.origin(("source",)) == "pyproject.toml:2"
    assert configuration.document.origin(("baseline",)) == "default"
    assert table.document.origin(("max",)) == "pyproject.toml:5"


def test_the_kind_of_a_table_is_its_name_unless_it_says_another(tmp_path: Path) -> None:
    configuration = read(tmp_path, "[gates.lint]\n[gates.trivy]\nkind = 'scan-report'\n")

    kinds = {gate_id: table.kind for gate_id, table in configuration.tables.items()}
    assert kinds == {"lint": "lint", "trivy": "scan-report"}


def test_layout_and_comments_do_not_change_what_the_policy_is(tmp_path: Path) -> None:
    one = read(tmp_path, "expected = ['lint'] # why\n[gates.lint]\nmax = 1\n").canonical()

    assert read(tmp_path, "gates = { lint = { max = 1 } }\nexpected=['lint']").canonical() == one
    assert read(tmp_path, "gates = { lint = { max = 2 } }\nexpected=['lint']").canonical() != one


@pytest.mark.parametrize("name", ["release_gate", "release-gat", "release-gates", "Release-Gate"])
def test_a_table_whose_name_is_nearly_ours_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.ruff]\n\n[tool.{name}]\nsource = []\n")
    with pytest.raises(
        UnknownKey, match=r"pyproject\.toml:3: .*did you mean \[tool\.release-gate\]"
    ):
        read_configuration(tmp_path)


@pytest.mark.parametrize("name", ["release", "semantic_release", "gate", "releaser"])
def test_the_table_of_another_tool_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.{name}]\nx = 1\n")
    assert read_configuration(tmp_path).file is None


def test_a_file_whose_name_is_nearly_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "release_gate.toml").write_text('expected = ["lint"]\n')
    with pytest.raises(UnknownKey, match=r"did you mean release-gate\.toml"):
        read_configuration(tmp_path)
