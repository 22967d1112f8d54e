"""Text on pictures: letters with their accents, numbers for what the font lacks."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mirada.data.lettering import line_height, write_line

INK, PAPER = (0, 0, 0), (255, 255, 255)


def drawn(text: str, room: int = 400) -> np.ndarray:
    """Where a line leaves ink."""
    image = Image.new("RGB", (500, 40), PAPER)
    write_line(ImageDraw.Draw(image), (8, 8), text, 14, INK, PAPER, room)
    return np.asarray(image.convert("L")) < 128


@pytest.mark.parametrize("pair", ["nñ", "uü", "aá", "ií", "EÉ", "aà", "oô"])
def test_accents_are_seen(pair: str) -> None:
    plain, accented = map(drawn, pair)
    assert (plain != accented).any()
    below = slice(8 + 8, None)
    assert (plain[below] == accented[below]).all()  # only what is above differs


def test_two_names_never_look_the_same() -> None:
    names = ["gato", "猫", "犬", "\u202egato", "g\nato", "\ud800", "<b>gato</b>", ""]
    assert len({drawn(name).tobytes() for name in names}) == len(names)


def test_a_long_line_ends_in_dots() -> None:
    cut, whole = (
        drawn("a very long name of a file", 80),
        drawn("a very long name of a file"),
    )
    ends = [int(np.argwhere(ink)[:, 1].max()) for ink in (cut, whole)]
    assert 60 < ends[0] <= 8 + 80 < ends[1]


def test_lines_are_apart() -> None:
    assert line_height(11) < line_height(14) < line_height(18)
