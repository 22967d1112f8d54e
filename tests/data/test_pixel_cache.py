"""Decoded pixels are kept, found again, and never trusted when they are not sound."""

import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mirada.data import listed, pixel_cache, pixel_file
from mirada.data.dataset import Dataset
from mirada.data.decoding import decode
from mirada.data.limits import Limits
from mirada.data.listing import Listing
from mirada.data.pixel_cache import PixelCache, pixel_key
from mirada.data.pixel_file import DamagedError, Decoded
from mirada.data.pool import Decoders
from mirada.data.request import Request
from mirada.data.scan import scan
from mirada.data.sources import load
from mirada.errors import DataError, Phrase
from mirada.language import use_language
from tests.data.pictures import image_folder, picture

KEY = "0" * 64


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache's folder; everything is worth keeping, and settled at once."""
    monkeypatch.setenv("MIRADA_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("MIRADA_PIXEL_CACHE_BYTES", raising=False)
    monkeypatch.setattr(listed, "_WORTH_SECONDS", 0.0)
    monkeypatch.setattr(pixel_cache, "_SETTLED_NS", 0)
    return tmp_path / "cache" / "pixels"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    root = image_folder(tmp_path / "photos", {"cat": 3, "dog": 2})
    (root / "cat" / "001.png").write_bytes(b"broken")
    (root / "dog" / "shopping.txt").write_text("list")
    return root


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def some(value: int = 7, count: int = 5) -> Decoded:
    images = np.full((count, 4, 3, 3), value, dtype=np.uint8)
    refused = {1: DataError("image-mode", "Stored as '{mode}'.", mode="x")}
    return Decoded(images, refused, (Phrase("{n} files", n=2),), "abc")


@pytest.fixture
def decoding_counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every time that images are decoded."""
    real, times = Decoders.decode, []

    def counted(self: Decoders, *given: object, **named: object) -> Iterator[object]:
        times.append(1)
        return real(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Decoders, "decode", counted)
    return times


def same(a: Dataset, b: Dataset) -> bool:
    return (
        np.array_equal(a.images, b.images)
        and a.labels.tolist() == b.labels.tolist()
        and (a.classes, a.names, a.notes) == (b.classes, b.names, b.notes)
        and [(s.name, str(s.reason)) for s in a.skipped]
        == [(s.name, str(s.reason)) for s in b.skipped]
        and a.fingerprint == b.fingerprint
    )


def test_a_folder_is_decoded_once(
    folder: Path, photos: Path, decoding_counted: list[int]
) -> None:
    first = load(photos)
    again = load(photos)
    assert len(decoding_counted) == 1 and len(entries(folder)) == 1
    assert same(first, again) and len(again.skipped) == 2
    assert "fingerprint" in vars(again), "it need not be computed"
    del vars(again)["fingerprint"]
    assert again.fingerprint == first.fingerprint
    use_language("es")
    assert same(first, again), "refusals keep both languages"


def test_cached_images_are_a_read_only_map(folder: Path, photos: Path) -> None:
    load(photos)
    images = load(photos).images
    assert not images.flags.writeable and not images.flags.owndata
    with pytest.raises(ValueError):
        images[0] = 0
    (path,) = folder.iterdir()
    assert pixel_file.is_in_use(path)
    del images
    assert not pixel_file.is_in_use(path)


def test_refusals_name_the_folder_as_it_is_given_now(
    folder: Path,
    photos: Path,
    monkeypatch: pytest.MonkeyPatch,
    decoding_counted: list[int],
) -> None:
    load(photos)
    monkeypatch.chdir(photos.parent)
    skipped = load("photos").skipped
    assert len(decoding_counted) == 1
    assert "'photos/cat/001.png' is not" in str(skipped[0].reason)


def touched(path: Path) -> None:
    found = path.stat()
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns + 1))


def rewritten(path: Path) -> None:
    """Other pixels, the same length, and the times that it had."""
    found = path.stat()
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def removed(path: Path) -> None:
    path.unlink()


def added(path: Path) -> None:
    picture(9).save(path.with_name("zzz.png"))


def renamed(path: Path) -> None:
    path.rename(path.with_name("zzz.png"))


@pytest.mark.parametrize("change", [touched, rewritten, removed, added, renamed])
def test_data_that_changed_is_another_entry(
    folder: Path, photos: Path, change: object
) -> None:
    before = pixel_key(scan(photos, Limits()), Request())
    assert callable(change)
    change(photos / "cat" / "000.png")
    after = pixel_key(scan(photos, Limits()), Request())
    assert before and after and before != after


@pytest.mark.parametrize(
    "request_",
    [
        Request(size=(8, 8)),
        Request(channels=1),
        Request(resize="squash"),
        Request(limits=Limits(pixels=10**6)),
    ],
)
def test_how_it_is_decoded_belongs_to_the_key(
    folder: Path, photos: Path, request_: Request
) -> None:
    listing = scan(photos, Limits())
    assert pixel_key(listing, request_) != pixel_key(listing, Request())
    assert pixel_key(listing, Request(threads=3)) == pixel_key(listing, Request())


def modules_behind(name: str) -> set[str]:
    """The module of that name in `data`, and all of `data` that it imports."""
    known, waiting = set(), {name}
    while waiting:
        known.add(name := waiting.pop())
        source = (Path(pixel_cache.__file__).parent / f"{name}.py").read_text("utf-8")
        waiting |= set(re.findall(r"^from mirada\.data\.(\w+) import", source, re.M))
        waiting -= known
    return known


def test_so_does_the_code_that_makes_pixels(
    folder: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = scan(photos, Limits())
    before = pixel_key(listing, Request())
    deciding = modules_behind("decoding") | modules_behind("automatic_size")
    assert deciding - {"encoded", "limits", "naming"} == set(pixel_cache._MODULES)
    monkeypatch.setattr(pixel_cache, "_code", lambda: "another")
    assert pixel_key(listing, Request()) != before


def test_files_changed_a_moment_ago_are_not_settled(
    folder: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pixel_cache, "_SETTLED_NS", 3600 * 10**9)
    assert pixel_key(scan(photos, Limits()), Request()) is None
    load(photos)
    assert not folder.exists()


def test_a_file_that_is_gone_has_no_key(folder: Path, photos: Path) -> None:
    listing = scan(photos, Limits())
    (photos / "cat" / "000.png").unlink()
    assert pixel_key(listing, Request()) is None


def test_files_that_change_while_they_are_decoded_are_not_kept(
    folder: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Listing.encoded

    def changing(self: Listing) -> Iterator[object]:
        touched(photos / "dog" / "000.png")
        return real(self)

    monkeypatch.setattr(Listing, "encoded", changing)
    load(photos)
    assert not folder.exists() or not entries(folder)


def test_it_can_be_switched_off(
    folder: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(photos, cache=False)
    load(photos, limits=Limits(cache_bytes=0))
    monkeypatch.setenv("MIRADA_PIXEL_CACHE_BYTES", "0")
    load(photos)
    assert not folder.exists()


def test_what_costs_little_is_not_kept(
    folder: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listed, "_WORTH_SECONDS", 3600.0)
    load(photos)
    assert entries(folder) == []


def every_damage_is_noticed(path: Path) -> int:
    """How many damaged versions of an entry were tried; each must be refused."""
    sound = path.read_bytes()
    head = 16 + 16 + 32
    used = (
        *range(0, head + 40),
        *(len(sound) - 1 - n for n in range(0, 5 * 4 * 3 * 3)),
    )
    cases = [sound[:size] for size in (0, 10, 40, 4096, len(sound) - 1)]
    cases += [sound + b"\0", b"another file altogether", b"\0" * len(sound)]
    for place in used:
        damaged = bytearray(sound)
        damaged[place] ^= 1 << place % 8
        cases.append(bytes(damaged))
    for content in cases:
        path.write_bytes(content)
        with pytest.raises(DamagedError):
            pixel_file.read(path, path.name)
    path.write_bytes(sound)
    assert pixel_file.read(path, path.name).images.shape == (5, 4, 3, 3)
    return len(cases)


def test_every_damage_is_noticed(folder: Path) -> None:
    assert PixelCache(Limits()).store(KEY, some())
    assert every_damage_is_noticed(folder / KEY) > 280


def test_planted_trust_in_pixels_is_noticed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    PixelCache(Limits()).store(KEY, some())
    monkeypatch.setattr(pixel_file, "_check", lambda pixels, sums: None)
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        every_damage_is_noticed(folder / KEY)


def test_of_a_large_file_pieces_are_checked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pixel_file, "_PIECE", 1)
    PixelCache(Limits()).store(KEY, some(count=20))
    assert pixel_file.read(folder / KEY, KEY).images.sum() == 20 * 36 * 7
    content = bytearray((folder / KEY).read_bytes())
    content[-1] ^= 1
    (folder / KEY).write_bytes(content)
    with pytest.raises(DamagedError):
        pixel_file.read(folder / KEY, KEY)


def test_a_damaged_entry_is_told_removed_and_made_again(
    folder: Path, photos: Path, decoding_counted: list[int]
) -> None:
    first = load(photos)
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    second = load(photos)
    assert len(decoding_counted) == 2 and first.fingerprint == second.fingerprint
    assert f"decoded images in {path} were damaged" in str(second.notes[-1])
    assert same(first, load(photos)) and len(decoding_counted) == 2


def test_an_entry_does_not_stand_for_another(folder: Path) -> None:
    cache = PixelCache(Limits())
    cache.store(KEY, some())
    (folder / KEY).rename(folder / ("1" * 64))
    assert cache.load("1" * 64) is None and cache.load(KEY) is None


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o755])
def test_a_folder_that_others_enter_is_not_used(
    folder: Path, photos: Path, mode: int
) -> None:
    load(photos)
    folder.chmod(mode)
    data = load(photos)
    said = str(data.notes[-1])
    assert f"not kept, because {folder} is another user's" in said
    assert f"chmod 700 {folder}" in said and len(data.notes) == 3
    folder.chmod(0o700)


def test_a_link_in_place_of_an_entry_is_not_followed(
    folder: Path, tmp_path: Path
) -> None:
    cache = PixelCache(Limits())
    cache.store(KEY, some())
    (folder / KEY).rename(tmp_path / "moved")
    (folder / KEY).symlink_to(tmp_path / "moved")
    assert cache.load(KEY) is None and len(cache.notices) == 1


@pytest.mark.parametrize("call", ["write", "replace", "mkstemp", "disk_usage"])
def test_a_full_disk_is_no_reason_to_stop(
    folder: Path, photos: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*given: object, **named: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    places = {
        "write": (pixel_file, "write"),
        "replace": (os, "replace"),
        "mkstemp": (tempfile, "mkstemp"),
        "disk_usage": (shutil, "disk_usage"),
    }
    monkeypatch.setattr(*places[call], full)
    data = load(photos)
    assert len(data) == 4 and entries(folder) == []
    said = str(data.notes[-1])
    assert f"not kept in {folder} (No space left on device)" in said


def test_a_disk_nearly_full_is_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 300

    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage)
    cache = PixelCache(Limits())
    assert not cache.store(KEY, some()) and len(cache.notices) == 1


def test_what_was_used_longest_ago_goes_first(folder: Path) -> None:
    size = 4096 + some().images.nbytes
    cache = PixelCache(Limits(cache_bytes=3 * size))
    keys = [str(number) * 64 for number in range(4)]
    for age, key in enumerate(keys[:3]):
        assert cache.store(key, some(age))
        os.utime(folder / key, (1000 + age, 1000 + age))
    assert cache.load(keys[0]) is not None
    assert cache.store(keys[3], some(3))
    assert entries(folder) == [keys[0], keys[2], keys[3]]
    assert not cache.store(KEY, some(count=10**4)), "larger than all of it"


def test_what_is_mapped_by_a_living_process_stays(folder: Path) -> None:
    cache = PixelCache(Limits(cache_bytes=2 * (4096 + some().images.nbytes)))
    keys = [str(number) * 64 for number in range(3)]
    for age, key in enumerate(keys[:2]):
        cache.store(key, some(age))
        os.utime(folder / key, (1000 + age, 1000 + age))
    held = pixel_file.read(folder / keys[0], keys[0])
    assert cache.store(keys[2], some(2))
    assert entries(folder) == [keys[0], keys[2]]
    assert held.images.max() == 0


def test_what_an_ended_run_left_behind_goes(folder: Path) -> None:
    cache = PixelCache(Limits())
    cache.store(KEY, some())
    for name, moment in ((".part-old", 1000.0), (".part-new", None)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, None if moment is None else (moment, moment))
    cache.store("1" * 64, some())
    assert entries(folder) == [".part-new", KEY, "1" * 64]


RUN = """
import sys
from mirada.data import listed, pixel_cache
from mirada.data.sources import load
listed._WORTH_SECONDS = 0.0
pixel_cache._SETTLED_NS = 0
for _ in range(3):
    data = load(sys.argv[1], size=16)
    print(data.fingerprint, len(data.notes))
"""


def test_many_runs_start_at_once(folder: Path, photos: Path) -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", RUN, str(photos)],
            stdout=subprocess.PIPE,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        for _ in range(6)
    ]
    said = {line for run in runs for line in run.communicate()[0].splitlines()}
    assert all(run.returncode == 0 for run in runs)
    assert len(said) == 1 and len(entries(folder)) == 1


def test_the_pixels_kept_are_those_of_decode(folder: Path, photos: Path) -> None:
    load(photos, size=9, channels=1)
    images = load(photos, size=9, channels=1).images
    here = decode(photos / "cat" / "002.png", (9, 9), channels=1)
    assert np.array_equal(images[1], here)


def test_what_is_not_sealed_is_not_kept(folder: Path) -> None:
    cache = PixelCache(Limits())
    assert not cache.store(KEY, some(), lambda: None)
    assert entries(folder) == [] and not cache.notices
    assert cache.store(KEY, some(), lambda: "f" * 64)
    kept = cache.load(KEY)
    assert kept is not None and kept.fingerprint == "f" * 64
    assert (kept.images == some().images).all()
