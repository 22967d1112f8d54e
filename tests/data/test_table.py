"""Every fault of a table of labels has its line, its column and what to do."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.data.dataset import Part
from mirada.data.encoded import Content
from mirada.data.limits import Limits
from mirada.data.table import Row, Table, is_label_table, read_table
from mirada.errors import DataError
from tests.refusal import refuses


def table(text: str | bytes, limits: Limits | None = None) -> Table:
    """The table of a text."""
    data = text.encode() if isinstance(text, str) else text
    return read_table(Content("labels.csv", data), limits or Limits())


def reasons(found: Table) -> dict[str, str]:
    """What was left out, with the words of its reason."""
    return {skip.name: str(skip.reason) for skip in found.skipped}


def codes(found: Table) -> dict[str, str]:
    """What was left out, with the code of its reason."""
    return {skip.name: skip.reason.code for skip in found.skipped}


@pytest.mark.parametrize(
    "header", ["file,label", "path,class", "Image , Label", "FILENAME,CLASS"]
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_rows_are_read_whatever_the_separator(header: str, separator: str) -> None:
    text = f"{header}\ncats/1.png,cat\n\n./dogs//1.png, dog \n"
    assert table(text.replace(",", separator)).rows == [
        Row(2, "cats/1.png", "cat", Part.TRAIN, None),
        Row(4, "dogs/1.png", "dog", Part.TRAIN, None),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_parts_groups_and_other_columns(end: str) -> None:
    lines = [
        "id,file,split,label,group,note",
        "1,a.png,train,cat,ann,",
        '2,b.png,Valid,cat,,"a, b"',
        "3,c.png,test,dog,bob,x,,",
    ]
    assert table(end.join(lines)).rows == [
        Row(2, "a.png", "cat", Part.TRAIN, "ann"),
        Row(3, "b.png", "cat", Part.VALIDATION, None),
        Row(4, "c.png", "dog", Part.TEST, "bob"),
    ]


def test_quotes_hold_separators_quotes_and_line_ends() -> None:
    found = table('file,label\n"a,b.png","say ""hi"""\n"c\nd.png",cat\ne.png,cat')
    assert [row.file for row in found.rows] == ["a,b.png", "c\nd.png", "e.png"]
    assert found.rows[0].label == 'say "hi"'
    assert [row.line for row in found.rows] == [2, 3, 5]


_TEXT = "file,label\nniño.png,año\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings_are_known(encoding: str) -> None:
    found = table(_TEXT.encode(encoding))
    assert found.rows == [Row(2, "niño.png", "año", Part.TRAIN, None)]
    told = ["line 2" in str(note) and "Latin-1" in str(note) for note in found.notes]
    assert told == ([True] if encoding == "latin-1" else [])


def test_a_mark_that_lies_is_refused() -> None:
    words = ("'labels.csv', line 2, column 3: ", "not UTF-8", "Save it again")
    with refuses(DataError, "table-encoding", *words):
        table(b"\xef\xbb\xbf" + _TEXT.encode("latin-1"))
    with refuses(DataError, "table-encoding", "not UTF-16"):
        table(b"\xff\xfea")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("image_nam,label", ("file|path|image|filename", "Did you mean 'image_nam'?")),
        ("file,labell", ("no column label|class", "Did you mean 'labell'? Rename it")),
        ("a.png,cat", ("'a.png', 'cat'", "Write a first line such as file,label")),
        ("file", ("columns 1 to 1", "no column label|class")),
    ],
)
def test_a_missing_column_is_named(header: str, words: tuple[str, ...]) -> None:
    assert not is_label_table(header.encode())
    with refuses(DataError, "table-column-missing", "labels.csv', line 1", *words):
        table(f"{header}\na.png,cat\n")


@pytest.mark.parametrize("again", ["label", "Class", "path"])
def test_a_column_that_says_the_same_is_refused(again: str) -> None:
    words = ("line 2, column 3", f"'{again}' says the same as column")
    with refuses(DataError, "table-column-twice", *words):
        table(f"\nfile,label,{again}\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_table_is_known_by_its_first_bytes(encoding: str) -> None:
    data = "file,label,año\n".encode(encoding)
    assert all(is_label_table(data[:end]) for end in range(len(data) - 4, len(data)))


def test_an_empty_table_is_refused() -> None:
    with refuses(DataError, "table-empty", "line 1, column 1", "file,label"):
        table("\n\n")
    with refuses(DataError, "file-empty", "is empty (0 bytes)"):
        table("")


def test_what_changes_the_meaning_of_rows_refuses_the_table() -> None:
    good = "file,label\na.png,cat\n"
    with refuses(DataError, "table-zero-byte", "line 3, column 2", "no text"):
        table(good + "b\0.png,cat\n")
    with refuses(DataError, "table-line-long", "line 3, column 65536"):
        table(good + "b" * 2**16 + ",cat\n")
    with refuses(DataError, "table-ragged", "line 3, column 3", "has 3 cells", "has 2"):
        table(good + "b.png,cat,dog\n")
    with refuses(DataError, "table-ragged", "line 4, column 2", "has 1 cells"):
        table(good + "\nb.png\n")
    with refuses(DataError, "table-quotes", "line 3", "do not match"):
        table(good + '"b.png,cat\nc.png,cat\n')
    with refuses(DataError, "table-quotes", "line 3", "write a quote within quotes"):
        table(good + '"b.png"x,cat\n')


def test_rows_are_bounded() -> None:
    text = "file,label\n" + "".join(f"{k}.png,cat\n" for k in range(4))
    assert len(table(text, Limits(files=4)).rows) == 4
    with refuses(DataError, "table-rows-too-many", "line 5, column 1", "more than 3"):
        table(text, Limits(files=3))
    with refuses(DataError, "file-too-large", "has 51 bytes; at most 10"):
        table(text, Limits(file_bytes=10))


def test_a_fault_of_one_row_leaves_out_its_image() -> None:
    found = table(
        "Path;Class;Set\n"
        "a.png;cat;train\n"
        ";cat;train\n"
        "b.png; ;train\n"
        "../c.png;cat;train\n"
        "d.png;cat;holdout\n"
    )
    assert [row.file for row in found.rows] == ["a.png"]
    words = reasons(found)
    assert codes(found) == {
        "labels.csv:3": "table-file-empty",
        "b.png": "table-label-empty",
        "../c.png": "table-path-outside",
        "d.png": "table-part-unknown",
    }
    assert "line 3, column 'Path': there is no file name" in words["labels.csv:3"]
    assert "line 4, column 'Class': the label of 'b.png' is empty" in words["b.png"]
    assert "line 5, column 'Path'" in words["../c.png"]
    assert "leads out of the folder" in words["../c.png"]
    assert "line 6, column 'Set': 'holdout' is no part" in words["d.png"]


@pytest.mark.parametrize(
    "name",
    [
        "/a.png",
        "a/../../b.png",
        "..",
        "C:\\a.png",
        "c:/a.png",
        "\\\\host\\a.png",
        "a\\..\\b",
    ],
)
def test_names_that_lead_out_are_not_used(name: str) -> None:
    found = table(f"file,label\n{name},cat\n")
    assert list(codes(found).values()) == ["table-path-outside"] and not found.rows


def test_rows_that_contradict_each_other_leave_out_the_image() -> None:
    found = table(
        "file,label,split,group\n"
        "a.png,cat,train,x\n"
        "b.png,cat,train,x\n"
        "./a.png,dog,train,x\n"
        "b.png,cat,test,x\n"
        "c.png,cat,train,x\n"
        "c.png,cat,train,y\n"
        "d.png,cat,train,x\n"
    )
    assert [row.file for row in found.rows] == ["d.png"]
    assert set(codes(found).values()) == {"table-rows-conflict"}
    words = reasons(found)
    assert "lines 2 and 4, column 'label'" in words["a.png"]
    assert "said to be 'cat' and 'dog'. Delete the wrong row" in words["a.png"]
    assert "column 'split': 'b.png' is said to be 'train' and 'test'" in words["b.png"]
    assert "column 'group'" in words["c.png"]


def test_rows_that_say_the_same_twice_are_one() -> None:
    found = table("file,label\na.png,cat\na.png,cat\n./a.png,cat\nb.png,cat\n")
    assert [row.file for row in found.rows] == ["a.png", "b.png"] and not found.skipped
    (note,) = found.notes
    assert "2 rows of 'labels.csv' name an image a second time" in str(note)


_CELL = (
    st.text(
        st.characters(
            exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="/\\:"
        ),
        min_size=1,
        max_size=20,
    )
    .map(str.strip)
    .filter(lambda text: text not in ("", ".", ".."))
)


@given(st.dictionaries(_CELL, _CELL, min_size=1), st.sampled_from(",;\t|"))
def test_any_table_that_is_written_is_read(
    labels: dict[str, str], separator: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerows([("file", "label"), *labels.items()])
    found = table(out.getvalue())
    assert {row.file: row.label for row in found.rows} == labels and not found.skipped


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_are_refused(data: bytes) -> None:
    is_label_table(data)
    for head in (b"", b"file,label\n", b"file;label;split\n"):
        try:
            found = table(head + data)
        except DataError as error:
            assert str(error)
        else:
            assert all(row.file and row.label for row in found.rows)
