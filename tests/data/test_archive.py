"""No archive writes, explodes, or is used otherwise than another program would."""

import bz2
import gzip
import io
import lzma
import os
import sys
import tarfile
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from mirada.data import archive, archive_member, archive_stream, archive_zip
from mirada.data.archive import read_archive
from mirada.data.archive_listing import archive_listing
from mirada.data.limits import Limits
from mirada.data.npz import load_npz
from mirada.data.request import Request
from mirada.data.table import is_label_table
from mirada.errors import DataError, MiradaError
from tests.data.hostile_archives import HOSTILE
from tests.data.outcome import Hostile
from tests.data.packing import Entry, png, tar, zip_of
from tests.refusal import refuses

_MOST_BYTES = 128 * 2**20
_FORBIDDEN = (
    *("os.mkdir", "os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir"),
    *("os.chmod", "os.truncate", "os.mkfifo", "os.system", "os.exec", "exec"),
    *("subprocess.Popen", "pickle.find_class", "socket.connect", "shutil.copyfile"),
)
_seen: list[str] | None = None


def _watch(event: str, details: tuple[object, ...]) -> None:
    if _seen is None:
        return
    if event in _FORBIDDEN:
        _seen.append(event)
    if event == "open" and isinstance(details[2], int):
        writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        if details[2] & writing:
            _seen.append(f"open {details[0]!r} for writing")


for _codec in ("cp437", "utf-8-sig", "utf-16"):
    "".encode(_codec)  # else these would be imported within `nothing_done`
sys.addaudithook(_watch)  # for good: it does nothing outside `nothing_done`


@contextmanager
def nothing_done() -> Iterator[None]:
    """The block writes no file, starts nothing, and runs no code that it loads."""
    global _seen
    _seen = []
    try:
        yield
        assert not _seen, _seen
    finally:
        _seen = None


def outcome(path: Path) -> tuple[str, list[str], dict[str, str]]:
    """What comes of an archive: its refusal, or what is used and what is left out."""
    try:
        listing = archive_listing(read_archive(path, Limits()))
        contents = list(listing.encoded())
        assert [content.name for content in contents] == [f.name for f in listing.files]  # type: ignore[union-attr]
    except DataError as error:
        return error.code, [], {}
    skipped = {skip.name: skip.reason.code for skip in listing.skipped}
    assert len(skipped) == len(listing.skipped)
    return "", sorted(file.name for file in listing.files), skipped


def check(case: Hostile, folder: Path) -> None:
    """The archive has its outcome, at no cost, and leaves no trace."""
    path = folder / "hostile.bin"
    path.write_bytes(case.build())
    path.chmod(0o444)
    before = sorted(os.walk(folder.parent))
    tracemalloc.start()
    try:
        with nothing_done():
            found = outcome(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == (case.refused, sorted(case.used), dict(case.skipped))
    assert peak < _MOST_BYTES
    assert sorted(os.walk(folder.parent)) == before


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.name)
def test_hostile_archives_do_no_harm(case: Hostile, tmp_path: Path) -> None:
    folder = tmp_path / "inner" / "data"
    folder.mkdir(parents=True)
    check(case, folder)


def test_there_are_enough_cases() -> None:
    assert len({case.name for case in HOSTILE}) == len(HOSTILE) >= 45


def _case(name: str) -> Hostile:
    return next(case for case in HOSTILE if case.name == name)


def test_a_reader_that_unpacks_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = archive._listed

    def unpacking(stream: object, path: Path, *rest: object) -> object:
        with tarfile.open(path) as inner:
            inner.extractall(path.parent, filter="data")
        return real(stream, path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(archive, "_listed", unpacking)
    with pytest.raises(AssertionError, match=r"mkdir|writing"):
        check(_case("twice the same name"), tmp_path)


def test_a_reader_without_bounds_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (archive_stream, archive_zip):
        monkeypatch.setattr(module, "allowed_bytes", lambda packed, limits: 2**60)
    for name in ("a gzip bomb", "zip: announces four gigabytes"):
        with pytest.raises(AssertionError):
            check(_case(name), tmp_path)
        (tmp_path / "hostile.bin").unlink()


def test_a_reader_that_takes_any_name_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_member, "_require_inside", lambda name: None)
    for name in ("slip", "zip: backslash slip"):
        with pytest.raises(AssertionError):
            check(_case(name), tmp_path)
        (tmp_path / "hostile.bin").unlink()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a giant dictionary", ("more than 128 MB of memory", "'xz -9' or less")),
        ("zip: two at one place", ("share the same bytes", "Do not use it")),
        ("zip: outside the file", ("an entry is not where the directory says",)),
        ("zip: two names", ("contradict each other", "'cat/1.png'")),
        ("zip: fewer than there are", ("another length than it says",)),
        ("zip: more than there are", ("ends before its last entry",)),
        ("zip: one of several volumes", ("one of several volumes",)),
        ("zip: one after another", ("two archives in one file?",)),
        ("zip: something before", ("bytes before its first entry",)),
        ("zip: two ends", ("ends in two ways at once",)),
        ("zip: 64-bit end that lies of its place", ("64-bit directory is not where",)),
        ("zip: a 64-bit size that is not there", ("a 64-bit size is missing",)),
        ("a hundred thousand empty streams", ("far too many streams",)),
        ("a negative size", ("negative or too large",)),
        ("a size of letters", ("a size is not a number",)),
        ("a pax line that goes on", ("a pax header is not right",)),
        ("one name for all entries", ("one name or one size",)),
    ],
)
def test_refusals_say_what_is_wrong(
    tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    case = _case(name)
    (tmp_path / "a").write_bytes(case.build())
    with refuses(DataError, case.refused, "'", *words):
        read_archive(tmp_path / "a", Limits())


_FILES = [(f"set/{name}/{n}.png", png(n)) for name in ("cat", "dog") for n in range(3)]
_ARRAYS = {"x": np.zeros((9, 8, 8), np.uint8), "y": np.arange(9) % 2}


def _sound() -> dict[str, bytes]:
    """Sound files of every kind that is read here."""
    plain = tar(*(Entry(name, data) for name, data in _FILES))
    arrays = io.BytesIO()
    np.savez_compressed(arrays, **_ARRAYS)  # type: ignore[arg-type]
    rows = "file,label,split\n" + "".join(f"{name},cat,train\n" for name, _ in _FILES)
    return {
        "zip": zip_of(*_FILES),
        "tar": plain,
        "tar.gz": gzip.compress(plain),
        "tar.bz2": bz2.compress(plain),
        "tar.xz": lzma.compress(plain),
        "npz": arrays.getvalue(),
        "table.zip": zip_of(("labels.csv", rows.encode()), *_FILES),
    }


def _mutated(data: bytes, draw: np.random.Generator) -> bytes:
    """The data with bytes changed, cut out, or written twice."""
    out = bytearray(data)
    for _ in range(int(draw.integers(1, 4))):
        place = int(draw.integers(len(out)))
        length = int(draw.integers(1, 40))
        what = draw.integers(5)
        if what < 2:
            out[place] = draw.choice([0, 1, 0x7F, 0x80, 0xFF, int(draw.integers(256))])
        elif what == 2:
            out[place : place + length] = draw.bytes(length)
        elif what == 3:
            del out[place : place + length]
        else:
            out[place:place] = out[place : place + length]
        if not out:
            break
    return bytes(out)


@pytest.mark.parametrize("kind", sorted(_sound()))
def test_mutated_files_are_read_or_refused(kind: str, tmp_path: Path) -> None:
    """Nothing but a refusal of ours comes out, and nothing happens meanwhile."""
    data, path = _sound()[kind], tmp_path / "a"
    draw = np.random.default_rng(zlib.crc32(kind.encode()))
    read = refused = 0
    for _ in range(150):
        path.write_bytes(_mutated(data, draw))
        with nothing_done():
            try:
                if kind == "npz":
                    load_npz(str(path), Request(limits=Limits(dataset_bytes=10**8)))
                elif kind == "table.zip":
                    found = read_archive(path, Limits())
                    contents = found.contents([m.number for m in found.files()])
                    is_label_table(b"".join(contents)[:9999])
                else:
                    list(archive_listing(read_archive(path, Limits())).encoded())
                read += 1
            except MiradaError as error:
                assert error.code and str(error)
                refused += 1
    assert refused > 10 and read + refused == 150
