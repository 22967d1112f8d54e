"""One line of text on a picture, with the font that comes with Pillow.

That font knows the letters of ASCII. Accents are drawn over their letters with signs of
it; what it lacks altogether is written as its number, so no two names look the same.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache

from PIL import Image, ImageDraw, ImageFont

__all__ = ["line_height", "write_line"]

_LINE = 1.4
_MARKS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0308": "..",
    "\u030a": "o",
}
_SLANTS = {"'": 0.08, "`": -0.08}  # drawn as lines, half their run in font sizes
_DOTTED = "ij"
_DOTS = "..."


def line_height(size: int) -> int:
    """The pixels from one line to the next of a font size."""
    return round(size * _LINE)


def write_line(
    draw: ImageDraw.ImageDraw,
    corner: tuple[int, int],
    text: str,
    size: int,
    ink: tuple[int, int, int],
    paper: tuple[int, int, int],
    room: int,
) -> None:
    """Writes a line of text into so many pixels of room, with dots where it is cut."""
    font = _font(size)
    letters = list(_letters(text))
    if _length(letters, font) > room:
        while letters and _length([*letters, (_DOTS, "")], font) > room:
            letters.pop()
        letters += [(_DOTS, "")]
    draw.text(corner, "".join(base for base, _ in letters), ink, font)
    written = ""
    for base, mark in letters:
        if mark:
            left = corner[0] + font.getlength(written)
            middle = left + font.getlength(base) / 2
            _draw_mark(draw, (middle, corner[1]), base, mark, size, (ink, paper))
        written += base


def _letters(text: str) -> Iterator[tuple[str, str]]:
    """Each letter with the mark over it, or the number of what cannot be drawn.

    >>> list(_letters("ñ1猫"))
    [('n', '~'), ('1', ''), ('\\\\u732b', '')]
    """
    for sign in unicodedata.normalize("NFC", text):
        apart = unicodedata.normalize("NFD", sign)
        base, mark = apart[:1], apart[1:]
        if " " <= base <= "~" and (mark in _MARKS or not mark):
            yield base, _MARKS.get(mark, "")
        else:
            yield sign.encode("unicode_escape").decode("ascii"), ""


def _draw_mark(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    base: str,
    mark: str,
    size: int,
    colours: tuple[tuple[int, int, int], tuple[int, int, int]],
) -> None:
    """A mark over a letter whose middle and line are at `place`."""
    font, (middle, top) = _font(size), place
    ink, paper = colours
    letter = _ink("x" if base in _DOTTED else base, font)
    if base in _DOTTED:  # the mark takes the place of the dot
        dot = _ink(base, font)
        half = (dot[2] - dot[0]) / 2
        box = (middle - half, top + dot[1], middle + half, top + letter[1] - 1)
        draw.rectangle(box, fill=paper)
    if mark in _SLANTS:
        run, rise = _SLANTS[mark] * size, 0.2 * size
        below = top + letter[1] - 2
        draw.line((middle - run, below, middle + run, below - rise), ink, 1)
        return
    bounds = _ink(mark, font)
    left = middle - (bounds[0] + bounds[2]) / 2
    draw.text((left, top + letter[1] - 1 - bounds[3]), mark, ink, font)


def _ink(
    sign: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> tuple[int, int, int, int]:
    """Where a sign leaves ink: `getbbox` counts from the base line on."""
    room = 64
    canvas = Image.new("L", (2 * room, 2 * room))
    ImageDraw.Draw(canvas).text((room, room), sign, 255, font)
    left, top, right, bottom = canvas.getbbox() or (room, room, room, room)
    return left - room, top - room, right - room, bottom - room


def _length(
    letters: list[tuple[str, str]], font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> float:
    return font.getlength("".join(base for base, _ in letters))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
