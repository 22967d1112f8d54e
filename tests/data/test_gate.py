"""Only plain files come in; everything else is refused by what it is."""

import os
import socket
from pathlib import Path

import pytest

from mirada.data.gate import (
    list_folder,
    open_plain,
    read_plain,
    require_plain,
    require_source,
)
from mirada.errors import DataError
from tests.refusal import refuses


def test_a_plain_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"content")
    assert read_plain(path, 7) == b"content"
    with open_plain(path) as stream:
        assert stream.read(3) == b"con"


def test_size_is_bounded_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"content")
    with refuses(DataError, "file-too-large", "a.bin", "7 bytes", "at most 6"):
        read_plain(path, 6)
    path.write_bytes(b"")
    with refuses(DataError, "file-empty", "a.bin", "0 bytes"):
        read_plain(path, 6)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with refuses(DataError, "file-missing", "gone.png' does not exist"):
        open_plain(tmp_path / "gone.png")
    with refuses(DataError, "file-unreadable", "cannot be read"):
        open_plain("nul\0byte.png")


def test_links_pipes_sockets_and_devices_are_refused(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "folder").mkdir()
    with refuses(DataError, "file-not-plain", "link' is a symbolic link"):
        open_plain(tmp_path / "link")
    with refuses(DataError, "file-not-plain", "folder' is a folder"):
        open_plain(tmp_path / "folder")
    with refuses(DataError, "file-not-plain", "is a device", "only plain files"):
        open_plain(os.devnull)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_nobody_writes_to_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with refuses(DataError, "file-not-plain", "pipe' is a pipe"):
        open_plain(tmp_path / "pipe")


def test_a_socket_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        mode = os.lstat("socket").st_mode
    with refuses(DataError, "file-not-plain", "socket' is a socket"):
        require_plain("socket", mode)


def test_a_file_exchanged_for_a_link_is_still_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").write_bytes(b"secret")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    looked_at = os.lstat(tmp_path / "real")
    monkeypatch.setattr(os, "lstat", lambda path: looked_at)
    with refuses(DataError, "file-unreadable", "link' cannot be read"):
        open_plain(tmp_path / "link")


def test_folders_are_listed_in_order(tmp_path: Path) -> None:
    for name in ("b", "a", "C"):
        (tmp_path / name).touch()
    assert [entry.name for entry in list_folder(tmp_path)] == ["C", "a", "b"]
    with refuses(DataError, "folder-unreadable", "gone' cannot be read"):
        list_folder(tmp_path / "gone")


def test_a_source_must_be_there(tmp_path: Path) -> None:
    assert require_source(tmp_path) == tmp_path
    (tmp_path / "linked").symlink_to(tmp_path)
    assert require_source(tmp_path / "linked") == tmp_path.resolve()
    (tmp_path / "file.txt").touch()
    assert require_source(tmp_path / "file.txt").is_file()
    with refuses(DataError, "source-missing", "does not exist", "'digits'"):
        require_source(tmp_path / "file.txt" / "inner")
    with refuses(DataError, "file-unreadable", "cannot be read"):
        require_source("nul\0byte")
