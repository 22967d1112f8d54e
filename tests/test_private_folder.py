"""Only what this user alone may write is taken from the cache folder."""

import os
from pathlib import Path

import pytest

from mirada.private_folder import cache_folder, is_private, open_ours


def test_each_kind_has_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIRADA_CACHE", "/somewhere")
    assert cache_folder("pixels") == Path("/somewhere/pixels")
    monkeypatch.delenv("MIRADA_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/else")
    assert cache_folder("pixels") == Path("/else/mirada/pixels")


def test_a_folder_is_made_private(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert is_private(folder) and folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o750)
    assert not is_private(folder)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert not is_private(tmp_path / "link")
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="File exists"):
        is_private(tmp_path / "file")


def test_only_plain_files_of_ours_are_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    with open_ours(path) as stream:
        assert stream.read() == b"content"
    (tmp_path / "link").symlink_to(path)
    os.mkfifo(tmp_path / "pipe")
    for other in ("link", "pipe", "none"):
        with pytest.raises(OSError):
            open_ours(tmp_path / other)
    path.chmod(0o666)
    with pytest.raises(PermissionError, match="not a plain file of this user alone"):
        open_ours(path)
    path.chmod(0o600)
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    with pytest.raises(PermissionError):
        open_ours(path)
