"""A file is read; whatever only looks like one is refused without waiting for it."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.files import read_file

pytestmark = pytest.mark.unit

posix = pytest.mark.skipif(sys.platform == "win32", reason="kinds of files that POSIX has")


@given(content=st.binary(max_size=300))
def test_a_file_is_read_byte_by_byte(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "a")
        place.write_bytes(content)
        assert content == read_file(place)


@posix
def test_a_file_behind_a_link_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x\r\n")
    (tmp_path / "b").symlink_to("a")
    assert read_file(tmp_path / "b") == b"x\r\n"


@posix
@pytest.mark.parametrize("through", ["itself", "a link"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, through: str) -> None:
    place = tmp_path / "pipe"
    os.mkfifo(place)
    if through == "a link":
        (tmp_path / "link").symlink_to("pipe")
        place = tmp_path / "link"
    with pytest.raises(OSError, match="it is a pipe"):
        read_file(place)


@posix
def test_a_device_and_a_socket_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="it is a device"):
        read_file(Path("/dev/zero"))
    # Names of sockets must be short.
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{short}/s")
        with pytest.raises(OSError, match=r"No such device|it is a socket"):
            read_file(Path(short, "s"))


def test_what_is_not_there_and_what_is_a_folder_say_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "none")
    with pytest.raises(IsADirectoryError if os.name != "nt" else PermissionError):
        read_file(tmp_path)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors in /proc")
def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"")
    before = descriptors()
    for name in ("pipe", ".", "none") * 5:
        with pytest.raises(OSError):  # noqa: PT011 - which one is asked above
            read_file(tmp_path / name)
        assert read_file(tmp_path / "file") == b""
    assert before == descriptors()
