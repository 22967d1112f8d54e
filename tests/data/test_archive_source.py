"""An archive is loaded as the folder that it would be unpacked to."""

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mirada.data import archive
from mirada.data.archive import read_archive
from mirada.data.archive_listing import archive_listing
from mirada.data.dataset import Dataset
from mirada.data.limits import Limits
from mirada.data.sources import load
from mirada.errors import DataError
from tests.data.packing import Entry, Piece, pax, png, record, tar, zip_file, zip_of
from tests.data.pictures import idx_set, image_folder
from tests.refusal import refuses
from tests.shared import shared_data

Pack = Callable[[Path, Path], Path]


def _tar(mode: str) -> Pack:
    def pack(folder: Path, path: Path) -> Path:
        with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
            archive.add(folder, folder.name)
        return path

    return pack


def _zip(folder: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder.parent))
    return path


PACKS: dict[str, Pack] = {
    "zip": _zip,
    "tar": _tar("w"),
    "tar.gz": _tar("w:gz"),
    "tar.bz2": _tar("w:bz2"),
    "tar.xz": _tar("w:xz"),
    "tgz": _tar("w:gz"),
}


def same(one: Dataset, two: Dataset) -> bool:
    """Whether both have the same images with the same labels, in any order."""
    orders = [
        sorted(range(len(data)), key=lambda n: data.names[n].split("/")[-2:])
        for data in (one, two)
    ]
    return (
        one.classes == two.classes
        and np.array_equal(one.images[orders[0]], two.images[orders[1]])
        and np.array_equal(one.labels[orders[0]], two.labels[orders[1]])
    )


@pytest.mark.parametrize("kind", PACKS)
def test_class_folders_are_loaded_from_any_archive(tmp_path: Path, kind: str) -> None:
    folder = image_folder(tmp_path / "set", {"cat": 3, "dog": 2})
    data = load(PACKS[kind](folder, tmp_path / f"set.{kind}"))
    assert same(data, load(folder)) and not data.skipped and data.given is None
    assert sorted(os.listdir(tmp_path)) == ["set", f"set.{kind}"]


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.xz"])
def test_parts_are_kept(tmp_path: Path, kind: str) -> None:
    for part in ("train", "valid", "test"):
        image_folder(tmp_path / "set" / part, {"cat": 2, "dog": 1})
    data = load(PACKS[kind](tmp_path / "set", tmp_path / f"set.{kind}"))
    assert data.given is not None and sorted(data.given) == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert data.classes == ("cat", "dog")


def test_a_zip_gives_the_same_dataset_as_its_folder(tmp_path: Path) -> None:
    """Sorted by name, whatever the order in the zip; so fingerprints agree."""
    folder = image_folder(tmp_path / "set", {"cat": 3, "dog": 2})
    files = [
        (str(p.relative_to(tmp_path)), p.read_bytes()) for p in folder.rglob("*.png")
    ]
    (tmp_path / "a.zip").write_bytes(zip_of(*sorted(files, reverse=True)))
    assert load(tmp_path / "a.zip").fingerprint == load(folder).fingerprint


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
@pytest.mark.parametrize("zipped", [True, False])
def test_idx_files_are_loaded_from_archives(
    tmp_path: Path, kind: str, zipped: bool
) -> None:
    folder = idx_set(tmp_path / "set", zipped=zipped)
    data = load(PACKS[kind](folder, tmp_path / f"set.{kind}"))
    assert data.fingerprint == load(folder).fingerprint


def test_an_npz_is_loaded_from_an_archive(tmp_path: Path) -> None:
    out = io.BytesIO()
    np.savez(out, x=np.zeros((4, 5, 5), np.uint8), y=[0, 1, 0, 1])
    packed = tar(Entry("set/README", b"text"), Entry("set/data.npz", out.getvalue()))
    (tmp_path / "a.tar").write_bytes(packed)
    assert load(tmp_path / "a.tar").images.shape == (4, 5, 5, 1)
    limits = Limits(file_bytes=len(out.getvalue()) - 1)
    (tmp_path / "b.zip").write_bytes(zip_of(("data.npz", out.getvalue())))
    with refuses(DataError, "no-images", "data.npz' has"):
        load(tmp_path / "b.zip", limits=limits)


def test_arrays_in_archives_are_bounded_together(tmp_path: Path) -> None:
    folder = idx_set(tmp_path / "set", zipped=False)
    path = _zip(folder, tmp_path / "set.zip")
    with refuses(DataError, "archive-arrays-large", "1 MB together", "Unpack it"):
        load(path, limits=Limits(file_bytes=150))


def test_hidden_and_loose_files_are_left_out(tmp_path: Path) -> None:
    entries = [
        Entry("set/cat/1.png"),
        Entry("set/dog/1.png", png(1)),
        Entry("set/cat/._1.png", b"junk"),
        Entry("__MACOSX/set/cat/._1.png", b"junk"),
        Entry(".git/config", b"x"),
        Entry("set/README", b"text"),
        Entry("set/dog/", b"", b"5"),
    ]
    (tmp_path / "a.tar").write_bytes(tar(*entries))
    data = load(tmp_path / "a.tar")
    assert data.classes == ("cat", "dog") and len(data) == 2
    assert {skip.name: skip.reason.code for skip in data.skipped} == {
        "set/cat/._1.png": "file-hidden",
        "__MACOSX/set/cat/._1.png": "file-hidden",
        ".git/config": "file-hidden",
        "set/README": "file-without-class",
    }


def test_names_that_differ_in_capitals_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(
        tar(Entry("cat/1.png"), Entry("Cat/1.png", png(1)))
    )
    data = load(tmp_path / "a.tar")
    assert data.classes == ("Cat", "cat")
    assert any("1 names in the archive differ" in str(note) for note in data.notes)


@pytest.mark.parametrize(
    ("build", "code", "words"),
    [
        (
            lambda: tar(Entry("../a.png")),
            "archive-name-outside",
            "leads out of the folder",
        ),
        (
            lambda: tar(pax(record(b"path", b"a/" * 99 + b"b")), Entry("c")),
            "archive-name-refused",
            "lies more than 64 folders",
        ),
        (lambda: tar(Entry(".")), "archive-name-refused", "it is empty"),
        (
            lambda: tar(Entry("a/b", b"", b"1")),
            "archive-hard-link",
            "--hard-dereference",
        ),
        (lambda: tar(Entry("a/b", kind=b"S")), "archive-entry-kind", "a sparse file"),
        (lambda: tar(Entry("a/b", kind=b"V")), "archive-entry-kind", "type 'V'"),
        (
            lambda: tar(Entry("a/b.tar")),
            "archive-nested",
            "only the outer one is opened",
        ),
        (
            lambda: zip_file([Piece(b"a/b", flags=1)]),
            "archive-entry-encrypted",
            "passwords",
        ),
        (
            lambda: zip_file([Piece(b"a/b", method=14)]),
            "archive-entry-packing",
            "method 14",
        ),
        (
            lambda: zip_file([Piece(b"a/b", crc=1)]),
            "archive-entry-damaged",
            "size and checksum",
        ),
        (
            lambda: zip_file([Piece(b"a/b", size=9)]),
            "archive-entry-sizes",
            "announces 9",
        ),
        (lambda: tar(Entry("a/b", b"")), "file-empty", "is empty (0 bytes)"),
    ],
)
def test_reasons_against_entries_are_told(
    tmp_path: Path, build: Callable[[], bytes], code: str, words: str
) -> None:
    (tmp_path / "a").write_bytes(build())
    (reason, *_) = archive_listing(read_archive(tmp_path / "a", Limits())).skipped
    assert reason.reason.code == code and words in str(reason.reason)
    with refuses(DataError, "no-images", words):
        load(tmp_path / "a")


def test_the_second_of_two_names_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(tar(Entry("a/1.png"), Entry("a/1.png", png(1))))
    data = load(tmp_path / "a")
    (skip,) = data.skipped
    assert skip.reason.code == "archive-name-twice"
    assert "more than once; the first is used" in str(skip.reason)


@pytest.mark.parametrize(
    ("build", "code", "words"),
    [
        (
            lambda: tar(Entry("a/b"), end=b""),
            "archive-truncated",
            ("between two", "1 entries came whole"),
        ),
        (
            lambda: tar(Entry("a/b"), Entry("a/c"))[:2000],
            "archive-truncated",
            ("cut off at 'a/c'", "1 entries"),
        ),
        (
            lambda: lzma.compress(tar(Entry("a/b")))[:-40],
            "archive-truncated",
            ("is cut off",),
        ),
        (
            lambda: tar(Entry("a/b")) + tar(Entry("a/b")),
            "archive-more-data",
            ("goes on after its end",),
        ),
        (
            lambda: gzip.compress(b"no tar" * 200),
            "archive-damaged",
            ("after 0 entries there is no header",),
        ),
        (
            lambda: tar(Entry("a", b"", b"x", size=2**21)),
            "archive-header-large",
            ("announces 2097152 bytes",),
        ),
        (
            lambda: zip_of(("a/b", b"c"))[:-5],
            "archive-truncated-zip",
            ("no directory at its end",),
        ),
        (
            lambda: bz2.compress(b"x" * 2000)[:-8] + bytes(8),
            "archive-damaged",
            ("cannot be unpacked",),
        ),
    ],
)
def test_refusals_of_archives_are_told(
    tmp_path: Path, build: Callable[[], bytes], code: str, words: tuple[str, ...]
) -> None:
    (tmp_path / "a").write_bytes(build())
    with refuses(DataError, code, *words):
        load(tmp_path / "a")


def test_limits_of_archives_can_be_set(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(
        gzip.compress(tar(Entry("a/1.png"), Entry("b/1.png")))
    )
    assert len(load(tmp_path / "a.gz")) == 2
    with refuses(DataError, "archive-bomb", "unpacks to more than 0 MB"):
        load(tmp_path / "a.gz", limits=Limits(archive_bytes=1000))
    with refuses(DataError, "archive-endless", "more than 1 entries"):
        load(tmp_path / "a.gz", limits=Limits(files=1))
    (tmp_path / "a.zip").write_bytes(zip_of(("a/1.png", b"1"), ("b/1.png", b"2")))
    with refuses(DataError, "archive-too-many", "announces 2 entries; at most 1"):
        load(tmp_path / "a.zip", limits=Limits(files=1))


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_an_archive_that_changes_is_noticed(tmp_path: Path, kind: str) -> None:
    folder = image_folder(tmp_path / "set", {"cat": 2})
    path = PACKS[kind](folder, tmp_path / "a")
    listing = archive_listing(read_archive(path, Limits()))
    os.utime(path, (1, 1))
    with refuses(DataError, "archive-changed", "was changed while it was being read"):
        list(listing.encoded())


def test_large_compressed_archives_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = image_folder(tmp_path / "set", {"cat": 3, "dog": 2})
    path = PACKS["tar.gz"](folder, tmp_path / "a")
    monkeypatch.setattr(archive, "_MOST_KEPT", 500)
    listing = archive_listing(read_archive(path, Limits()))
    assert listing.in_sequence
    contents = list(listing.encoded())
    assert len(contents) == 5 and contents == list(listing.encoded())
    assert list(listing.sampled(2)) == contents[:2]
    assert same(load(path), load(folder))


def test_cifar10_is_loaded_from_its_archive() -> None:
    path = shared_data("cifar10-jpeg") / "cifar10-jpeg.tar.xz"
    listing = archive_listing(read_archive(path, Limits()))
    assert len(listing.files) == 60_000 and not listing.skipped and listing.has_parts
    assert len({file.label for file in listing.files}) == 10
    sample = list(listing.sampled(100))
    assert all(content.data[:2] == b"\xff\xd8" for content in sample)  # type: ignore[union-attr]
