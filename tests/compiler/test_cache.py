"""Nothing unsound is ever taken from the cache, and no disk stops a compilation."""

import os
from pathlib import Path

import pytest

from mirada.compiler import cache

KEY = "0" * 64


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIRADA_CACHE", str(tmp_path / "mine"))
    return tmp_path / "mine" / "objects"


def test_what_was_stored_is_found(folder: Path) -> None:
    assert cache.load(KEY) is None
    cache.store(KEY, b"payload")
    assert cache.load(KEY) == b"payload"
    assert cache.load("1" * 64) is None
    cache.store(KEY, b"another")
    assert cache.load(KEY) == b"another"
    assert [path.name for path in folder.iterdir()] == [KEY]


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


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o750])
def test_a_folder_that_others_enter_is_not_used(folder: Path, mode: int) -> None:
    cache.store(KEY, b"payload")
    folder.chmod(mode)
    assert not cache.usable(folder)
    assert cache.load(KEY) is None
    cache.store("1" * 64, b"payload")
    assert not (folder / ("1" * 64)).exists()
    folder.chmod(0o700)
    assert cache.load(KEY) == b"payload"


def test_a_folder_of_another_user_is_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.store(KEY, b"payload")
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    assert cache.load(KEY) is None


def test_a_link_to_a_folder_is_not_used(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir(mode=0o700)
    folder.parent.mkdir()
    folder.symlink_to(target)
    cache.store(KEY, b"payload")
    assert not list(target.iterdir())
    assert cache.load(KEY) is None


def test_a_file_in_place_of_the_folder_is_no_error(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_bytes(b"")
    cache.store(KEY, b"payload")
    assert cache.load(KEY) is None


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


def test_a_disk_that_refuses_is_no_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.usable(folder)

    def full(*given: object, **named: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        cache.store(KEY, b"payload")
    with monkeypatch.context() as patched:
        patched.setattr("tempfile.mkstemp", full)
        cache.store(KEY, b"payload")
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
