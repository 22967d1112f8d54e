"""A table of labels and the files beside it make one data set."""

import lzma
import os
import unicodedata
import zipfile
from pathlib import Path

import pytest

from mirada.data.sources import load
from mirada.errors import DataError
from tests.data.packing import Entry, png, tar, zip_of
from tests.data.pictures import picture
from tests.refusal import refuses


def images(root: Path, *names: str | bytes) -> Path:
    """A folder with different images of these names."""
    for number, name in enumerate(names):
        path = os.path.join(os.fsencode(root), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            picture(number).save(stream, "PNG")
    return root


def write(root: Path, text: str | bytes, name: str = "labels.csv") -> Path:
    """A table in a folder."""
    path = root / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_table_gives_classes_parts_and_groups(tmp_path: Path) -> None:
    images(tmp_path, "img/1.png", "img/2.png", "img/3.png")
    text = (
        "file,label,split,group\n"
        "img/2.png,10,test,ann\n"
        "img/1.png,9,train,bob\n"
        "img/3.png,9,train,\n"
    )
    table = write(tmp_path, text)
    for source in (table, tmp_path):
        data = load(source)
        assert data.classes == ("9", "10") and data.labels.tolist() == [1, 0, 0]
        assert data.names == ("img/2.png", "img/1.png", "img/3.png")
        assert data.given is not None and data.given.tolist() == [2, 0, 0]
        assert data.groups == ("ann", "bob", "img/3.png")
        assert not data.skipped


def test_a_table_goes_before_the_folders(tmp_path: Path) -> None:
    images(tmp_path, "one/1.png", "two/2.png")
    write(tmp_path, "photo,url\nx,y\n", "sources.csv")
    assert load(tmp_path).classes == ("one", "two")
    write(tmp_path, "file\tlabel\none/1.png\tcat\ntwo/2.png\tdog\n", "labels.tsv")
    data = load(tmp_path)
    assert data.classes == ("cat", "dog")
    assert "labels.tsv'" in str(data.notes[0]) and "labels are" in str(data.notes[0])


def test_two_tables_are_one_too_many(tmp_path: Path) -> None:
    images(tmp_path, "1.png")
    for name in ("a.csv", "b.tsv"):
        write(tmp_path, "file,label\n1.png,cat\n", name)
    with refuses(DataError, "tables-many", "2 tables of labels ('a.csv', 'b.tsv')"):
        load(tmp_path)
    assert load(tmp_path / "a.csv").classes == ("cat",)


def test_the_only_table_says_what_it_lacks(tmp_path: Path) -> None:
    images(tmp_path, "img/1.png")
    write(tmp_path, "file,labell\nimg/1.png,cat\n")
    with refuses(DataError, "table-column-missing", "Did you mean 'labell'?"):
        load(tmp_path)


def test_files_that_are_not_there_are_left_out(tmp_path: Path) -> None:
    images(tmp_path, "1.png", "more/2.png", "more/3.png")
    (tmp_path / "link.png").symlink_to("1.png")
    (tmp_path / "linked").symlink_to("more")
    os.mkfifo(tmp_path / "pipe.png")
    names = (
        "1.png",
        "more/2.png",
        "gone.png",
        "link.png",
        "linked/2.png",
        "pipe.png",
        "more",
    )
    rows = "".join(f"{name},cat\n" for name in names)
    data = load(write(tmp_path, "file,label\n" + rows))
    assert data.names == ("1.png", "more/2.png")
    assert {skip.name: skip.reason.code for skip in data.skipped} == {
        "gone.png": "table-file-missing",
        "link.png": "file-not-plain",
        "linked/2.png": "file-not-plain",
        "pipe.png": "file-not-plain",
        "more": "file-not-plain",
    }
    missing = {skip.name: str(skip.reason) for skip in data.skipped}["gone.png"]
    assert "line 4, column 'file': the file 'gone.png' is not there" in missing
    assert any("1 other files beside the images" in str(note) for note in data.notes)


def test_nothing_usable_tells_the_first_reason(tmp_path: Path) -> None:
    with refuses(DataError, "no-images", "line 2, column 'file'", "is not there"):
        load(write(tmp_path, "file,label\n1.png,cat\n"))


def test_names_are_found_as_other_systems_spell_them(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "café.png")
    images(tmp_path, "cats/1.png", decomposed, b"ni\xf1o.png", " spaced .png")
    text = 'file,label\ncats\\1.png,a\ncafé.png,b\nniño.png,c\n" spaced .png",d\n'
    data = load(write(tmp_path, text.encode("latin-1")))
    assert data.classes == ("a", "b", "c", "d") and not data.skipped
    assert len(data.names) == 4


def test_two_spellings_of_one_file_must_agree(tmp_path: Path) -> None:
    images(tmp_path, "cats/1.png", "2.png")
    text = "file,label\ncats/1.png,a\ncats\\1.png,b\n2.png,c\n"
    data = load(write(tmp_path, text))
    assert data.names == ("cats/1.png", "2.png")
    assert [skip.reason.code for skip in data.skipped] == ["table-rows-conflict"]
    assert "lines 2 and 3" in str(data.skipped[0].reason)


@pytest.mark.parametrize("top", ["", "set/"])
@pytest.mark.parametrize("kind", ["zip", "tar", "xz"])
def test_a_table_in_an_archive(tmp_path: Path, top: str, kind: str) -> None:
    text = (
        b"file,label,group\nimg/2.png,b,x\nimg/1.png,a,y\nimg/9.png,a,y\n../3.png,a,\n"
    )
    files = [
        (f"{top}img/1.png", png(1)),
        (f"{top}labels.csv", text),
        (f"{top}img/2.png", png(2)),
        (f"{top}img/3.png", png(3)),
    ]
    path = tmp_path / "set.bin"
    if kind == "zip":
        path.write_bytes(zip_of(*files, method=zipfile.ZIP_STORED))
    else:
        packed = tar(*(Entry(name, data) for name, data in files))
        path.write_bytes(lzma.compress(packed) if kind == "xz" else packed)
    data = load(path)
    pairs = dict(zip(data.names, data.labels.tolist(), strict=True))
    assert pairs == {f"{top}img/1.png": 0, f"{top}img/2.png": 1}
    assert data.classes == ("a", "b") and set(data.groups or ()) == {"x", "y"}
    codes = {skip.name: skip.reason.code for skip in data.skipped}
    assert codes == {
        "img/9.png": "table-file-missing",
        "../3.png": "table-path-outside",
    }
    assert any("1 other files" in str(note) for note in data.notes)
