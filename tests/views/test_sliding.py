"""The window that slides: kept figures, windows in their places, motion by classes."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from mirada.language import use_language
from mirada.views.sliding import Slide, sliding_figure
from mirada.views.svg import write
from tests.golden import golden
from tests.views.geometry import parsed, sticking_out, texts, with_class

GOLDEN = Path(__file__).parent / "golden"

IMAGE = np.array([[1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 1]])
KERNEL = np.array([[1, 0], [0, -1]])
MAP = IMAGE[:-1, :-1] - IMAGE[1:, 1:]


def slide() -> Slide:
    """Two channels, the second the negative of the first, a bias and an activation."""
    maps = np.stack([MAP, -MAP])
    sums = [[f"window {y} {x}", "its sum"] for y in range(2) for x in range(3)]
    return Slide(
        title="Cross-correlation, stride 1",
        sign="⋆",
        image=np.stack([IMAGE, -IMAGE]),
        kernel=np.stack([KERNEL, KERNEL]),
        maps=maps,
        output=maps.sum(axis=0) + 1,
        window=(2, 2),
        stride=(1, 1),
        padding=(0, 0, 0, 0),
        dilation=(1, 1),
        sums=sums,
        output_caption="sum + 1",
    )


def test_the_figures_are_the_ones_kept() -> None:
    golden(GOLDEN / "sliding.svg", write(sliding_figure(slide(), (1, 2))) + "\n")
    moving = sliding_figure(slide(), moves=True)
    golden(GOLDEN / "sliding-moving.svg", write(moving) + "\n")


def test_the_window_stands_where_the_output_is_from() -> None:
    for at in ((0, 0), (1, 2)):
        root = parsed(sliding_figure(slide(), at))
        windows, cells = with_class(root, "window-1"), with_class(root, "window-2")
        assert len(windows) == 2 and len(cells) == 3
        x, y = float(windows[0].attrib["x"]), float(windows[0].attrib["y"])
        assert (x, y) == (16 + 30 * at[1], 78 + 30 * at[0])
        assert windows[0].attrib["width"] == "60"
        assert f"window {at[0]} {at[1]}" in texts(root)
        assert sum("window" in text for text in texts(root)) == 1


def test_stride_padding_and_dilation_move_the_window() -> None:
    spread = replace(slide(), stride=(2, 3), padding=(1, 1, 2, 2), dilation=(2, 2))
    root = parsed(sliding_figure(spread, (0, 1)))
    windows = with_class(root, "window-1")
    assert len(windows) == 2 * 4
    places = {(float(x.attrib["x"]), float(x.attrib["y"])) for x in windows[:4]}
    left, top = 16 + 30 * 3, 78
    assert places == {
        (left, top),
        (left + 60, top),
        (left, top + 60),
        (left + 60, top + 60),
    }


def test_pooling_has_no_kernel() -> None:
    maxima = np.array([[[1, 1, 1], [1, 1, 1]]])
    alone = replace(
        slide(),
        sign="max",
        image=IMAGE[None],
        kernel=None,
        maps=maxima,
        output=None,
        output_caption="output",
    )
    root = parsed(sliding_figure(alone))
    assert {"image", "output", "max"} <= set(texts(root))
    assert not {"kernel", "="} & set(texts(root))
    assert len(with_class(root, "window-2")) == 1


def test_nothing_sticks_out_or_lies_on_another() -> None:
    long = slide().maps * 123_456
    for one in (slide(), replace(slide(), maps=long, output=long[0])):
        root = parsed(sliding_figure(one))
        assert not sticking_out(root)
    boxes = [
        tuple(float(x.attrib[n]) for n in ("x", "y", "width", "height"))
        for x in with_class(root, "axis")
    ]
    for place, (x, y, width, height) in enumerate(boxes):
        for left, top, wide, high in boxes[place + 1 :]:
            apart = x + width < left or left + wide < x
            assert apart or y + height < top or top + high < y


def test_motion_reaches_every_number_and_every_sum() -> None:
    text = write(sliding_figure(slide(), moves=True))
    style = text[text.index("@media (prefers-reduced-motion") :]
    assert set(re.findall(r"@keyframes (slide-n-\d+)\{", style)) == {
        f"slide-n-{place}" for place in range(6)
    }
    root = parsed(sliding_figure(slide(), moves=True))
    assert len(with_class(root, "slide-sum")) == 6
    for row in range(2):
        for column in range(3):
            assert len(with_class(root, f"slide-n-{row}-{column}")) == 3
    assert len(with_class(root, "slide-in")) == 2
    assert len(with_class(root, "slide-out")) == 3
    still = write(sliding_figure(slide()))
    assert "animation" not in still and "slide-sum" not in still


def test_in_spanish() -> None:
    use_language("es")
    root = parsed(sliding_figure(slide()))
    assert {"canal 0", "kernel", "mapa 1"} <= set(texts(root))
