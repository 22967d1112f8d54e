"""The pictures that `mirada convolve` writes: maps as PNG, figures as SVG."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.cli.convolve_input import Given
from mirada.cli.output import Column, show, show_table
from mirada.data.naming import shown_path
from mirada.errors import Phrase, StorageError, UsageError
from mirada.inspection.sliding import Sliding
from mirada.inspection.terms import number_text
from mirada.language import translate
from mirada.tasks.sliding_picture import slide_of
from mirada.training.disk import require_file, write_whole
from mirada.views.filtered import Panel, filtered_figure
from mirada.views.png import png_bytes
from mirada.views.shades import clipped, signed, stretched
from mirada.views.sliding import sliding_figure
from mirada.views.svg import write

__all__ = [
    "SHOWN",
    "Picture",
    "figure_of",
    "photo_pictures",
    "show_pictures",
    "write_pictures",
]

SHOWN: Mapping[str, Phrase] = {
    "signed": Phrase("blue is negative, white is 0, orange is positive"),
    "clipped": Phrase("below 0 is black, above 255 is white"),
    "stretched": Phrase("the least value is black, the largest white"),
}
"""How a map becomes a picture."""

MOST_SHOWN, MOST_CHANNELS, MOST_MOVES = 20, 4, 100
_COLOURS = ("red", "green", "blue")

Pixels = NDArray[np.uint8]
Numbers = NDArray[Any]


class Picture(NamedTuple):
    """A map that is written: its file, what it is, its pixels, how they show it.

    `span` is its smallest and its largest number.
    """

    file: str
    about: Phrase
    pixels: Pixels
    way: str
    span: tuple[str, str]


def photo_pictures(found: Sliding, way: str | None) -> list[Picture]:
    """The output of a photo as a picture, and what it was added up from.

    Of an RGB photo also the map of each channel and, where all three have the same
    kernel that keeps the brightness, the three maps as one colour picture.
    """
    maps, kernel = found.per_channel, found.kernel
    result = Phrase("the output")
    if len(maps) == 1:
        values = maps[0] if kernel is None else found.output
        return [_picture("result", result, values, way or _way(kernel))]
    first = None if kernel is None else kernel[:1]
    each = way or _way(first)
    pictures = [_channel(at, values, each) for at, values in enumerate(maps)]
    if kernel is None or _keeps_colour(kernel):
        pictures.insert(0, _coloured(maps))
    if kernel is not None:
        result = Phrase("the output: the sum of the three maps, as a layer makes it")
        pictures.insert(
            0, _picture("result", result, found.output, way or _way(kernel))
        )
    return pictures


def _keeps_colour(kernel: Numbers) -> bool:
    same = all(np.array_equal(one, kernel[0]) for one in kernel)
    return same and _way(kernel[:1]) == "clipped"


def _way(kernel: Numbers | None) -> str:
    """How the map of a kernel is best seen, by what it makes of an even area.

    One that keeps the brightness gives an image again, as pooling does; one that gives
    0 a signed map.
    """
    total = 1.0 if kernel is None else float(kernel.sum())
    if abs(total - 1.0) < 1e-6:
        return "clipped"
    return "signed" if abs(total) < 1e-6 else "stretched"


def _channel(at: int, values: Numbers, way: str) -> Picture:
    about = Phrase("the map of channel {number}", number=at)
    return _picture(_COLOURS[at], about, values, way)


def _coloured(maps: Numbers) -> Picture:
    about = Phrase("the three maps as one picture in colour")
    pixels = clipped(np.moveaxis(maps, 0, 2))
    return Picture("colour.png", about, pixels, "clipped", _span(maps))


def _picture(name: str, about: Phrase, values: Numbers, way: str) -> Picture:
    made = {"signed": signed, "clipped": clipped, "stretched": stretched}[way]
    pixels = made(values.astype(np.float64))
    return Picture(f"{name}.png", about, pixels, way, _span(values))


def _span(values: Numbers) -> tuple[str, str]:
    return number_text(float(values.min())), number_text(float(values.max()))


def figure_of(
    given: Given,
    found: Sliding,
    title: str,
    kind: str,
    pictures: list[Picture],
    at: tuple[int, int],
    *,
    moves: bool,
) -> bytes:
    """The figure of a photo and its maps, or of a window sliding over numbers.

    Raises UsageError (`figure-large`, `figure-moves`).
    """
    if given.is_photo:
        photo = np.moveaxis(given.values, 0, 2).astype(np.uint8)
        panels = [Panel(translate("image"), photo)]
        panels += [Panel(one.file.removesuffix(".png"), one.pixels) for one in pictures]
        kernel = None if found.kernel is None else found.kernel[0]
        figure = filtered_figure(title, panels, kernel)
    else:
        _require_small(given, found, moves=moves)
        figure = sliding_figure(slide_of(found, title, kind), at, moves=moves)
    return (write(figure) + "\n").encode()


def _require_small(given: Given, found: Sliding, *, moves: bool) -> None:
    rows, columns = found.height.window, found.width.window
    channels, height, width = given.values.shape
    height, width = height + rows.start + rows.end, width + columns.start + columns.end
    if max(height, width) > MOST_SHOWN or channels > MOST_CHANNELS:
        raise UsageError(
            "figure-large",
            "A figure of a sliding window has room for {channels} channels of {most} "
            "rows and columns, padding included; these are {came}. Leave out "
            "--out and --animate, or give fewer numbers.",
            most=MOST_SHOWN,
            channels=MOST_CHANNELS,
            came=f"{channels}x{height}x{width}",
        )
    if moves and len(found.places) > MOST_MOVES:
        raise UsageError(
            "figure-moves",
            "--animate shows up to {most} windows; these are {count}. Use a larger "
            "stride, or give fewer numbers.",
            most=MOST_MOVES,
            count=len(found.places),
        )


def write_pictures(
    folder: Path, pictures: list[Picture], figure: bytes, source: Path | None
) -> list[str]:
    """Writes the pictures and the figure into the folder; their paths as text.

    `source` is the file that was read, which is never written over. Raises UsageError
    (`convolve-over-image`), StorageError (`convolve-folder`, and those of
    `write_whole`).
    """
    files = {one.file: png_bytes(one.pixels) for one in pictures}
    files["figure.svg"] = figure
    for name in files:
        if source is not None and _is_same_file(folder / name, source):
            raise UsageError(
                "convolve-over-image",
                "'{path}' is the image itself, and would be written over. Name another "
                "folder with --out.",
                path=shown_path(folder / name),
            )
        require_file(folder / name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            "convolve-folder",
            "The folder '{folder}' cannot be made ({reason}). Name another with --out.",
            folder=shown_path(folder),
            reason=error.strerror or str(error),
        ) from None
    for name, content in files.items():
        write_whole(folder / name, [content])
    return [shown_path(folder / name) for name in files]


def _is_same_file(one: Path, other: Path) -> bool:
    return one.exists() and one.samefile(other)


def show_pictures(pictures: Sequence[Picture]) -> None:
    """What is in each picture, and how its numbers became colours."""
    show()
    columns = (
        Column(translate("Picture")),
        Column(translate("What it is")),
        Column(translate("Smallest"), numbers=True),
        Column(translate("Largest"), numbers=True),
        Column(translate("Shown")),
    )
    show_table(columns, ((one.file, one.about, *one.span, one.way) for one in pictures))
    for way in dict.fromkeys(one.way for one in pictures):
        show(f"{way}: {SHOWN[way]}")
