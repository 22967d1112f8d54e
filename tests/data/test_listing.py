"""A listing gives images in their order, all of them or some."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from mirada.data.dataset import Part
from mirada.data.encoded import Content, Encoded
from mirada.data.listing import Found, Listing, class_order, groups_known
from mirada.data.sources import load
from mirada.errors import DataError
from tests.data.pictures import image_folder


def listing(count: int, *, in_sequence: bool = False) -> Listing:
    """A listing of so many images that are no files."""

    def read(files: Sequence[Found]) -> Iterator[Encoded]:
        return (Content(file.name, b"%d" % file.place) for file in files)

    found = Listing(Path("set"), 100, reader=read, in_sequence=in_sequence)
    for number in range(count):
        found.add("", "a", Part.TRAIN, name=f"{number}", place=number)
    return found


def test_all_are_read_in_order_and_again() -> None:
    found = listing(5)
    for _ in range(2):
        assert [content.data for content in found.encoded()] == [  # type: ignore[union-attr]
            b"0",
            b"1",
            b"2",
            b"3",
            b"4",
        ]


@pytest.mark.parametrize(
    ("count", "in_sequence", "names"),
    [(10, False, "0369"), (10, True, "0123"), (3, False, "012"), (0, True, "")],
)
def test_some_are_spread_where_that_is_cheap(
    count: int, in_sequence: bool, names: str
) -> None:
    some = listing(count, in_sequence=in_sequence).sampled(4)
    assert "".join(content.name for content in some) == names  # type: ignore[union-attr]


def test_classes_are_in_the_order_of_names_or_numbers() -> None:
    assert class_order(["b", "a", "B"]) == ("B", "a", "b")
    assert class_order(["10", "9", "1", "01"]) == ("01", "1", "9", "10")
    assert class_order(["10", "9", "x"]) == ("10", "9", "x")
    assert class_order(["²", "10"]) == ("10", "²")


def test_numbered_folders_are_in_the_order_of_numbers(tmp_path: Path) -> None:
    image_folder(tmp_path, {"10": 1, "9": 1, "1": 1})
    assert load(tmp_path).classes == ("1", "9", "10")


def test_groups_are_known_where_one_is() -> None:
    plain = Found("", "one", "a", Part.TRAIN)
    grouped = Found("", "two", "a", Part.TRAIN, "ann")
    assert groups_known([plain, plain]) is None
    assert groups_known([plain, grouped]) == ("one", "ann")


def test_names_that_are_given_stay_as_they_are() -> None:
    found = Listing(Path("set"), 9)
    found.add("set/a\\b", "l\n", Part.TRAIN, group="g\n")
    found.add("set/a", "l", Part.TRAIN, name="x\\n")
    found.leave("set/c\\d", DataError("left", "left"))
    found.leave("", DataError("left", "left"), name="")
    assert [file.name for file in found.files] == ["a\\\\b", "x\\n"]
    assert found.files[0].label == "l\\n" and found.files[0].group == "g\\n"
    assert [skip.name for skip in found.skipped] == ["c\\\\d", ""]
