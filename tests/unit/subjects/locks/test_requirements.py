from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.subjects.locks import requirements
from release_gate.subjects.locks.types import Lock, LockProblem, Pin

pytestmark = pytest.mark.unit

HASH = "--hash=sha256:" + "a" * 64


def read(files: Mapping[str, str | bytes], name: str = "requirements.txt") -> Lock:
    def content(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(path)
        text = files[path]
        return text if isinstance(text, bytes) else text.encode()

    return requirements.parse(name, content)


def pins(text: str) -> list[tuple[str, str, int | None]]:
    return [(p.name, p.version, p.line) for p in read({"requirements.txt": text}).pins]


def test_a_hashed_file_with_continuations_and_comments() -> None:
    text = f"""\
# written by a tool
--index-url https://index.example/simple
Some_Package[extra,b]==1.0 \\
    {HASH} \\
    {HASH}
    # via other
other==2.0.post1 ; python_version < "3" {HASH}  # a comment

last===3 {HASH}
"""
    assert pins(text) == [("some-package", "1.0", 3), ("other", "2.0.post1", 7), ("last", "3", 9)]


def test_markers_are_taken_off() -> None:
    text = f"a==1 ; sys_platform == 'win32' {HASH}\na==2 ; sys_platform != 'win32' {HASH}\n"
    assert pins(text) == [("a", "1", 1), ("a", "2", 2)]


def test_windows_line_ends_and_a_byte_order_mark() -> None:
    content = ("\ufeffa==1 \\\r\n    " + HASH + "\r\nb==2\r\n").encode()
    lock = read({"requirements.txt": content})
    assert [(p.name, p.version) for p in lock.pins] == [("a", "1"), ("b", "2")]


def test_comments_tell_why_a_package_is_there() -> None:
    lock = read(
        {
            "requirements.txt": "flask==3.0\n    # via -r requirements.in\n"
            "jinja2==3.1  # via flask\n"
            "markupsafe==2.1\n    # via\n    #   flask\n    #   jinja2\n"
            "own==1\n    # via app (pyproject.toml)\n"
            "plain==1\n"
        }
    )
    by_name = {pin.name: pin for pin in lock.pins}
    assert by_name["flask"].direct is True
    assert by_name["jinja2"] == Pin(
        name="jinja2", version="3.1", line=3, required_by=("flask",), direct=False
    )
    assert by_name["markupsafe"].required_by == ("flask", "jinja2")
    assert by_name["own"].direct is True
    assert by_name["plain"].direct is None


def test_included_files_are_read_from_beside_the_including_one() -> None:
    lock = read(
        {
            "requirements/all.txt": "-r base.txt\n--requirement=more/x.txt\n-c ../limits.txt\n",
            "requirements/base.txt": "a==1\n",
            "requirements/more/x.txt": "-r../base.txt\nb==2\n",
            "limits.txt": "a<2\n",
        },
        "requirements/all.txt",
    )
    assert [pin.name for pin in lock.pins] == ["a", "a", "b"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("-e ./lib", "./lib"),
        ("--editable=git+https://example.org/x", "git+https://example.org/x"),
        ("git+https://user:token@example.org/x.git@v1", "git+https://***@example.org/x.git@v1"),
        ("https://example.org/x-1.0.whl", "https://example.org/x-1.0.whl"),
        ("./wheels/x-1.0-py3-none-any.whl", "./wheels/x-1.0-py3-none-any.whl"),
        ("x-1.0.tar.gz", "x-1.0.tar.gz"),
        ("../lib", "../lib"),
        ("file:///srv/x", "file:///srv/x"),
        ("Thing @ https://example.org/thing.zip", "thing"),
    ],
)
def test_what_has_no_version_is_named(line: str, name: str) -> None:
    lock = read({"requirements.txt": f"{line}\n"})
    assert [name] == [one.name for one in lock.unpinned]
    assert lock.pins == ()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "requires nothing"),
        ("# only a comment\n\n", "requires nothing"),
        ("a>=1\n", "requirements.txt:1: a is not pinned"),
        ("a\n", "not pinned"),
        ("a==1.*\n", "not pinned"),
        ("a==1,!=1.1\n", "not pinned"),
        ("a==banana!\n", "no requirement"),
        ("a===banana\n", "no version of PEP 440"),
        ("two words\n", "no requirement"),
        ("--surprise x\n", "an option that is not known"),
        ("-r missing.txt\n", "missing.txt: there is no such file"),
        ("-c missing.txt\n", "missing.txt: there is no such file"),
        ("-r requirements.txt\n", "includes itself"),
        ("-r ../../etc/x.txt\n", "outside of the root"),
        ("-r https://example.org/x.txt\n", "outside of the root"),
        (f"a==1 {HASH[:-3]}\n", "a hash is cut off"),
        (f"a==1 \\\n    {HASH} \\\n", "a hash is cut off"),
        ("a==1 --hash=sha256:\n", "a hash is cut off"),
        ("a==1 \\", "a hash is cut off"),
        (b"a==1 # caf\xe9\n", "not UTF-8"),
    ],
)
def test_a_file_that_is_no_lock_is_refused(text: str | bytes, what: str) -> None:
    with pytest.raises(LockProblem, match=what.replace("?", r"\?")):
        read({"requirements.txt": text})


def test_a_missing_file_is_refused() -> None:
    with pytest.raises(LockProblem, match="no such file"):
        read({})


def test_hashes_make_a_lock() -> None:
    assert requirements.is_hashed(f"a==1 {HASH}".encode())
    assert not requirements.is_hashed(b"a==1\n")


names = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,8}", fullmatch=True)
versions = st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,2}){0,3}", fullmatch=True)


@given(st.lists(st.tuples(names, versions), min_size=1, max_size=8), st.booleans(), st.booleans())
def test_every_pin_comes_back(rows: list[tuple[str, str]], hashed: bool, windows: bool) -> None:
    tail = f" \\\n    {HASH}" if hashed else ""
    text = "".join(f"{name}=={version}{tail}\n    # via x\n" for name, version in rows)
    if windows:
        text = text.replace("\n", "\r\n")
    assert [(name.lower(), version) for name, version in rows] == [
        (name, version) for name, version, _ in pins(text)
    ]
