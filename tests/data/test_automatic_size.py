"""The automatic size follows the stated rule."""

import pytest

from mirada.data.automatic_size import choose_channels, choose_size
from mirada.data.decoding import Header


@pytest.mark.parametrize(
    ("sizes", "wanted"),
    [
        ([(28, 28)] * 3, (28, 28)),
        ([(60, 90)] * 3, (60, 90)),
        ([(96, 96)] * 3, (96, 96)),
        ([(97, 97)] * 3, (64, 64)),
        ([(480, 640)] * 3, (64, 64)),
        ([(70, 500), (20, 20), (65, 64)], (64, 64)),
        ([(63, 500), (20, 20), (65, 64)], (32, 32)),
        ([(5, 5), (6, 6)], (32, 32)),
        ([], (32, 32)),
    ],
)
def test_the_size_follows_the_shorter_sides(
    sizes: list[tuple[int, int]], wanted: tuple[int, int]
) -> None:
    size, why = choose_size([Header(h, w, True) for h, w in sizes])
    assert size == wanted
    assert f"{wanted[0]}x{wanted[1]}" in str(why)


def test_one_image_in_colour_makes_colour() -> None:
    grey, colour = Header(8, 8, False), Header(8, 8, True)
    assert choose_channels([grey, grey])[0] == 1
    assert choose_channels([grey, colour])[0] == 3
    assert choose_channels([])[0] == 3
