"""310 awkward files mean what `tricky_images.csv` says was seen.

The table was made without this program: the pixels are those of Chromium (each file
drawn on a white canvas), of ImageMagick, or follow from the definition of the file
(column `witness`), and were looked at. `seen` is the mean colour of 4x4 fields, `like`
another file and the mean difference that is allowed, `why` the reason of surprises.
"""

import csv
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mirada.data import pixels as policy
from mirada.data.decoding import decode, probe
from mirada.errors import DataError
from tests.shared import shared_data

TABLE = Path(__file__).with_name("tricky_images.csv")
SIDE = 4

Pixels = NDArray[np.uint8]


class Row(NamedTuple):
    """What one file is, as it was seen."""

    file: str
    outcome: str
    code: str
    height: str
    width: str
    kind: str
    seen: str
    tolerance: str
    like: str
    witness: str
    why: str


def rows() -> Iterator[Row]:
    """The table, a row a file."""
    with TABLE.open(newline="") as stream:
        yield from (Row(**row) for row in csv.DictReader(stream))


def fields(pixels: Pixels) -> NDArray[np.float64]:
    """The mean colour of 4x4 fields, (16, 3); of a tiny image they overlap."""
    height, width, _ = pixels.shape
    means = [
        pixels[top:bottom, left:right].reshape(-1, 3).mean(axis=0)
        for top, bottom in _cuts(height)
        for left, right in _cuts(width)
    ]
    return np.array(means)


def _cuts(length: int) -> list[tuple[int, int]]:
    return [(k * length // SIDE, -(-(k + 1) * length // SIDE)) for k in range(SIDE)]


def colours(text: str) -> NDArray[np.float64]:
    """The colours of `seen`, (16, 3)."""
    return np.array([list(bytes.fromhex(part)) for part in text.split()], dtype=float)


def fault(row: Row, show: Callable[[str], Pixels]) -> str:
    """What is other than the table says, or an empty text."""
    try:
        pixels = show(row.file)
    except DataError as error:
        named = Path(row.file).name in str(error)
        return "" if error.code == row.code and named else f"is refused: {error}"
    if row.outcome == "skipped":
        return f"is used, but should be {row.code}"
    if pixels.shape != (int(row.height), int(row.width), 3):
        return f"has shape {pixels.shape}"
    far = float(np.abs(fields(pixels) - colours(row.seen)).max())
    if far > float(row.tolerance):
        return f"differs by {far:.1f} levels from what {row.witness} shows"
    other, _, most = row.like.partition(" ")
    if other:
        difference = pixels.astype(int) - show(other)
        far = float(np.abs(difference).mean())
        return "" if far <= float(most) else f"is {far:.1f} levels from {other}"
    return ""


@lru_cache(maxsize=1)
def shown_files() -> dict[str, Pixels | DataError]:
    """What each of the files is to us; decoded once."""
    folder = shared_data("tricky-images")
    found: dict[str, Pixels | DataError] = {}
    for row in rows():
        try:
            found[row.file] = decode(folder / row.file)
        except DataError as error:
            found[row.file] = error
    return found


def shown(file: str) -> Pixels:
    """The pixels of one of the files, or the refusal."""
    result = shown_files()[file]
    if isinstance(result, DataError):
        raise result
    return result


def faults(show: Callable[[str], Pixels], prefix: str = "") -> dict[str, str]:
    """The files that are other than the table says, and in what."""
    wrong = {row.file: fault(row, show) for row in rows() if prefix in row.file}
    assert wrong, f"no row holds {prefix!r}"
    return {file: text for file, text in wrong.items() if text}


def test_every_file_has_a_row_and_every_row_a_file() -> None:
    folder = shared_data("tricky-images")
    with (folder / "manifest.csv").open(newline="") as stream:
        listed = [row["file"] for row in csv.DictReader(stream)]
    assert [row.file for row in rows()] == listed
    assert len(listed) == 310
    assert {row.outcome for row in rows()} == {"used", "skipped"}
    assert all(row.why for row in rows() if row.outcome == "skipped")


def test_every_file_is_what_was_seen() -> None:
    assert faults(shown) == {}


def test_headers_tell_grey_from_colour_and_the_size() -> None:
    folder = shared_data("tricky-images")
    for row in rows():
        if row.outcome == "used":
            header = probe(folder / row.file)
            assert header.colour == (row.kind == "colour"), row.file
            sides = {int(row.height), int(row.width)}
            assert {header.height, header.width} == sides, row.file


def test_found_is_used_and_skipped() -> None:
    skipped = sum(isinstance(result, DataError) for result in shown_files().values())
    wanted = [row.outcome for row in rows()]
    assert skipped == wanted.count("skipped") == 31
    assert len(shown_files()) - skipped == wanted.count("used") == 279


def unturned(monkeypatch: pytest.MonkeyPatch) -> str:
    """Plants: the EXIF orientation is ignored."""
    monkeypatch.setattr(policy, "_orientation", lambda image: 1)
    return "orientation"


def clipped(monkeypatch: pytest.MonkeyPatch) -> str:
    """Plants: 16 bits are cut at 255, as Pillow's own conversion does."""

    def cut(image: Image.Image) -> Image.Image:
        return Image.fromarray(np.minimum(np.asarray(image), 255).astype(np.uint8))

    monkeypatch.setattr(policy, "_sixteen_bits", cut)
    return "16"


def over_black(monkeypatch: pytest.MonkeyPatch) -> str:
    """Plants: transparency is dropped, which shows whatever lies under it."""
    monkeypatch.setattr(policy, "_over_white", lambda image: image.convert("RGB"))
    return "pngsuite/b"


def untouched_colours(monkeypatch: pytest.MonkeyPatch) -> str:
    """Plants: gamma and profiles are ignored."""
    monkeypatch.setattr(policy, "to_srgb", lambda image, profile: image)
    return "pngsuite/g"


def still_picture(monkeypatch: pytest.MonkeyPatch) -> str:
    """Plants: the still picture of an animated PNG is taken for its first frame."""
    monkeypatch.setattr(policy, "_first_frame", lambda image: image)
    return "pillow/"


PLANTED = (unturned, clipped, over_black, untouched_colours, still_picture)


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_bug_is_seen(
    plant: Callable[[pytest.MonkeyPatch], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shared_data("tricky-images")
    prefix = plant(monkeypatch)
    wrong = faults(lambda file: decode(folder / file), prefix)
    assert len(wrong) >= 4, wrong


def test_a_used_file_that_should_be_skipped_is_seen() -> None:
    row = next(row for row in rows() if row.outcome == "skipped")
    black = np.zeros((1, 1, 3), dtype=np.uint8)
    assert fault(row, lambda file: black) == "is used, but should be file-empty"
