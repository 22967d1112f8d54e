"""Nothing unsound is ever taken from the cache, and no disk stops a compilation."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mirada.compiler import cache

KEY = "0" * 64


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIRADA_CACHE", str(tmp_path / "mine"))
    cache.take_notices()
    return tmp_path / "mine" / "objects"


def test_what_was_stored_is_found(folder: Path) -> None:
    assert cache.load(KEY) is None
    cache.store(KEY, b"payload")
    assert cache.load(KEY) == b"payload"
    assert cache.load("1" * 64) is None
    cache.store(KEY, b"another")
    assert cache.load(KEY) == b"another"
    assert [path.name for path in folder.iterdir()] == [KEY]


def noticed() -> str:
    """The one thing that was wrong since this was last asked."""
    (notice,) = cache.take_notices()
    assert not cache.take_notices(), "it is told once"
    return str(notice)


def test_nothing_is_said_of_a_sound_cache(folder: Path) -> None:
    for _ in range(2):
        cache.load(KEY)
        cache.store(KEY, b"payload")
    assert not cache.take_notices() and cache.obstacle(folder) is None


def test_an_empty_payload_is_one(folder: Path) -> None:
    cache.store(KEY, b"")
    assert cache.load(KEY) == b""


def test_the_folder_is_private(folder: Path) -> None:
    cache.store(KEY, b"payload")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / KEY).stat().st_mode & 0o077 == 0


def test_the_environment_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIRADA_CACHE", "/somewhere")
    assert cache.cache_folder() == Path("/somewhere/objects")
    monkeypatch.setenv("MIRADA_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", "/else")
    assert cache.cache_folder() == Path("/else/mirada/objects")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/somebody")
    assert cache.cache_folder() == Path("/somebody/.cache/mirada/objects")


def test_a_home_that_xdg_does_not_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIRADA_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    monkeypatch.setenv("HOME", "/somebody")
    assert cache.cache_folder() == Path("/somebody/.cache/mirada/objects")


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("MIRADA_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    found = cache.cache_folder()
    assert found.is_relative_to(tempfile.gettempdir())
    assert str(os.getuid()) in str(found)


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o750])
def test_a_folder_that_others_enter_is_not_used(folder: Path, mode: int) -> None:
    cache.store(KEY, b"payload")
    folder.chmod(mode)
    assert not cache.usable(folder)
    assert cache.load(KEY) is None
    cache.store("1" * 64, b"payload")
    assert not (folder / ("1" * 64)).exists()
    said = noticed()
    assert f"{folder} is another user's, is a link or is open to others" in said
    assert f"chmod 700 {folder}" in said and "MIRADA_CACHE" in said
    folder.chmod(0o700)
    assert cache.load(KEY) == b"payload"


def test_a_folder_of_another_user_is_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.store(KEY, b"payload")
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    assert cache.load(KEY) is None and "another user's" in noticed()


def test_a_link_to_a_folder_is_not_used(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir(mode=0o700)
    folder.parent.mkdir()
    folder.symlink_to(target)
    cache.store(KEY, b"payload")
    assert not list(target.iterdir())
    assert cache.load(KEY) is None and "is a link" in noticed()


def test_a_file_in_place_of_the_folder_is_no_error(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_bytes(b"")
    cache.store(KEY, b"payload")
    assert cache.load(KEY) is None
    assert f"{folder} cannot be written (File exists)" in noticed()


def test_a_link_in_place_of_a_file_is_not_followed(
    folder: Path, tmp_path: Path
) -> None:
    cache.store(KEY, b"payload")
    (folder / KEY).rename(tmp_path / "moved")
    (folder / KEY).symlink_to(tmp_path / "moved")
    assert cache.load(KEY) is None


def test_every_damaged_byte_is_noticed(folder: Path) -> None:
    cache.store(KEY, b"some machine code")
    sound = (folder / KEY).read_bytes()
    for place in range(len(sound)):
        damaged = bytearray(sound)
        damaged[place] ^= 1 << place % 8
        (folder / KEY).write_bytes(damaged)
        assert cache.load(KEY) is None
        assert not (folder / KEY).exists(), "it is not looked at twice"
        assert f"{folder / KEY} was damaged" in noticed()


def test_every_truncation_and_any_addition_is_noticed(folder: Path) -> None:
    cache.store(KEY, b"some machine code")
    sound = (folder / KEY).read_bytes()
    for size in range(len(sound)):
        (folder / KEY).write_bytes(sound[:size])
        assert cache.load(KEY) is None
    (folder / KEY).write_bytes(sound + b"\0")
    assert cache.load(KEY) is None


def test_a_file_does_not_stand_for_another(folder: Path) -> None:
    cache.store(KEY, b"payload")
    (folder / KEY).rename(folder / ("1" * 64))
    assert cache.load("1" * 64) is None


def test_something_else_in_place_of_a_file(folder: Path) -> None:
    cache.store(KEY, b"payload")
    (folder / KEY).unlink()
    (folder / KEY).mkdir()
    assert cache.load(KEY) is None
    cache.store(KEY, b"payload")
    assert cache.load(KEY) is None
    assert [path.name for path in folder.iterdir()] == [KEY], "nothing is left behind"


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "spoil",
    [lambda path: path.chmod(0o620), pipe],
    ids=["others may write to it", "a pipe"],
)
def test_a_file_that_is_not_ours_alone(
    folder: Path, spoil: Callable[[Path], object]
) -> None:
    cache.store(KEY, b"payload")
    spoil(folder / KEY)
    assert cache.load(KEY) is None and "was damaged" in noticed()
    cache.store(KEY, b"payload")
    assert cache.load(KEY) == b"payload"


def test_a_file_of_another_user(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.store(KEY, b"payload")
    cache.usable(folder)
    owner = os.getuid()
    monkeypatch.setattr(cache, "_private_folder", lambda: folder)
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    assert cache.load(KEY) is None


def test_a_file_too_large_to_be_ours_is_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_MOST_BYTES", 40)
    cache.store(KEY, b"12345678")
    assert cache.load(KEY) == b"12345678"
    cache.store(KEY, b"123456789")
    assert cache.load(KEY) is None


def test_a_disk_that_refuses_is_no_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.usable(folder)

    def full(*given: object, **named: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        cache.store(KEY, b"payload")
    assert "cannot be written (No space left on device)" in noticed()
    with monkeypatch.context() as patched:
        patched.setattr("tempfile.mkstemp", full)
        cache.store(KEY, b"payload")
    assert "cannot be written (No space left on device)" in noticed()
    assert not list(folder.iterdir())


def test_only_the_last_used_are_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_MOST_FILES", 3)
    names = [str(number) * 64 for number in range(5)]
    for age, name in enumerate(names[:3]):
        cache.store(name, b"payload")
        os.utime(folder / name, (1000 + age, 1000 + age))
    assert cache.load(names[0]) == b"payload"
    cache.store(names[3], b"payload")
    assert sorted(path.name for path in folder.iterdir()) == [names[0], *names[2:4]]
