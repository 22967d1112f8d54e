"""Any file name and any class name goes through every source, as text."""

import csv
import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from mirada.data.naming import shown
from mirada.data.sources import load
from tests.data.packing import Entry, Piece, pax, png, record, tar, zip_file
from tests.data.pictures import picture

NAMES = (
    b"plain",
    "gato con tildes áéñ".encode(),
    "\u202egnp.exe".encode(),
    "日本語 🐱".encode(),
    b"<script>alert(1)</script>".replace(b"/", b"\xe2\x88\x95"),
    b"line\nend\rtab\t",
    b"\x1b[31mred",
    b"not \xff\xfe utf-8",
    b" spaces at both ends ",
    b"{0} {name!r} %s %d",
    b'quote " comma , semicolon ; bar |',
    b"back\\slash",
    b"'; DROP TABLE images;--",
    b"CON",
    b"-rf",
    b"~root",
    b"n" * 251,
    "ñ".encode() * 125,
)
_SUFFIX = b".png"


def text(name: bytes) -> str:
    """How a name is shown."""
    return shown(os.fsdecode(name))


def paths(names: Sequence[bytes]) -> list[bytes]:
    """A class folder of every name with an image of the same name."""
    return [name + b"/" + name + _SUFFIX for name in names]


def folder(root: Path, names: Sequence[bytes]) -> Path:
    """A folder with a class of every name."""
    for number, path in enumerate(paths(names)):
        full = os.path.join(os.fsencode(root), b"set", path)
        os.makedirs(os.path.dirname(full))
        with open(full, "wb") as stream:
            stream.write(png(number))
    return root / "set"


def packed(root: Path, names: Sequence[bytes]) -> Path:
    """The same as a tar."""
    entries: list[Entry] = []
    for number, path in enumerate(paths(names)):
        entries += [pax(record(b"path", path)), Entry("x", png(number))]
    (root / "set.tar").write_bytes(tar(*entries))
    return root / "set.tar"


def zipped(root: Path, names: Sequence[bytes]) -> Path:
    """The same as a zip."""
    pieces = [
        Piece(path, png(number), flags=0x800)
        for number, path in enumerate(paths(names))
    ]
    (root / "set.zip").write_bytes(zip_file(pieces))
    return root / "set.zip"


def table(root: Path, names: Sequence[bytes]) -> Path:
    """The same as a table of labels, in the bytes of the names."""
    path = folder(root, names) / "labels.csv"
    out = io.StringIO()
    rows = zip(paths(names), names, strict=True)
    cells = [(os.fsdecode(file), os.fsdecode(label)) for file, label in rows]
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("file", "label"), *cells])
    path.write_bytes(os.fsencode(out.getvalue()))
    return path


@pytest.mark.parametrize("source", [folder, packed, zipped])
def test_any_name_goes_through(
    tmp_path: Path, source: Callable[[Path, Sequence[bytes]], Path]
) -> None:
    data = load(source(tmp_path, NAMES))
    assert not data.skipped and len(data) == len(NAMES)
    for number, name in enumerate(NAMES):
        place = data.names.index(f"{text(name)}/{text(name + _SUFFIX)}")
        assert data.classes[data.labels[place]] == text(name)
        assert np.array_equal(data.images[place], np.asarray(picture(number)))
    assert all(line.isprintable() for line in (*data.names, *data.classes))


@pytest.mark.parametrize("latin", [False, True])
def test_any_name_goes_through_a_table(tmp_path: Path, latin: bool) -> None:
    """A table with bytes that are not UTF-8 is Latin-1, and names are found by both."""
    names = [name for name in NAMES if latin or b"\xff" not in name]
    data = load(table(tmp_path, names))
    assert not data.skipped and len(data) == len(names)
    for number, name in enumerate(names):
        place = data.names.index(f"{text(name)}/{text(name + _SUFFIX)}")
        label = name.decode("latin-1" if latin else "utf-8").strip()
        assert data.classes[data.labels[place]] == shown(label)
        assert np.array_equal(data.images[place], np.asarray(picture(number)))
    assert all(line.isprintable() for line in (*data.names, *data.classes))
