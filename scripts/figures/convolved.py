"""Kernels on numbers and on pictures, most of it as `mirada convolve` draws it."""

from collections.abc import Sequence
from contextlib import chdir, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada import load
from mirada.cli import main
from mirada.inspection.kernels import named_kernel
from mirada.language import current_language
from mirada.views.grid import Grid, grid_panel
from mirada.views.shades import clipped, signed
from mirada.views.svg import Element, element, figure
from scripts.figures.orientation import answer
from scripts.figures.walls import Row, Tile, wall
from scripts.figures.words import said

__all__ = ["SLIDING", "colours", "convolved", "filtered", "impulse"]

_CROSS = "1 0 1; 0 1 0; 1 0 1"
_IMAGE = "1 1 1 0 0; 0 1 1 1 0; 0 0 1 1 1; 0 0 1 1 0; 0 1 1 0 0"
_GREEN = "1 0 0 0 0; 1 1 0 0 1; 1 1 1 1 1; 0 1 1 1 0; 0 0 1 0 0"
_BLUE = "; ".join(["1 1 1 1 1"] * 5)
_SHARPEN = "0 -1 0; -1 5 -1; 0 -1 0"
_MIDDLE = "0 0 0; 0 1 0; 0 0 0"

SLIDING = {
    "sliding": (_IMAGE, "--kernel", _CROSS, "--animate"),
    "padded": (
        *(_IMAGE, "--kernel", _CROSS),
        *("--padding", "1", "--stride", "2", "--animate"),
    ),
    "channels": (
        " | ".join((_IMAGE, _GREEN, _BLUE)),
        *("--kernel", _CROSS, "--kernel", _SHARPEN, "--kernel", _MIDDLE),
        *("--bias", "1", "--animate"),
    ),
    "pooled": (
        "1 1 2 4; 5 6 7 8; 3 2 1 0; 1 2 3 4",
        *("--pool", "max", "--kernel", "2", "--animate"),
    ),
}
"""What is typed after `mirada convolve` for each figure that it draws."""


def convolved(words: Sequence[str]) -> str:
    """The figure that the command writes, in the language in use."""
    with TemporaryDirectory() as folder, chdir(folder), redirect_stdout(StringIO()):
        language = ["--quiet", "--lang", current_language()]
        code = main([*language, "convolve", *words, "--out", "drawn"])
        assert code == 0
        return Path("drawn", "figure.svg").read_text("utf-8")


def meadow() -> NDArray[np.uint8]:
    """The picture (48, 64, 3) that chapter 5 paints: a sun over a meadow."""
    y, x = np.mgrid[:48, :64]
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:] = 120, 180, 240
    picture[y > 32] = 60, 150, 70
    picture[(y - 16) ** 2 + (x - 46) ** 2 < 100] = 250, 210, 40
    return picture


def filtered() -> Element:
    """The first of the digits, and four maps of it, each as large as it is."""
    digit = load("digits").images[0]
    image = digit[..., 0].astype(np.float64)

    def under(name: str) -> NDArray[np.float64]:
        kernel: NDArray[Any] = named_kernel(name).values
        rows, columns = kernel.shape
        frame = ((rows // 2, (rows - 1) // 2), (columns // 2, (columns - 1) // 2))
        return answer(np.pad(image, frame), kernel)

    tiles = [Tile(digit, 112, said("image", "imagen"))]
    tiles += [Tile(signed(under(n)), 112, n) for n in ("edges", "sobel-x")]
    tiles += [Tile(clipped(under(n)), 112, n) for n in ("sharpen", "blur")]
    title = said("A digit under four kernels", "Un dígito bajo cuatro filtros")
    about = said(
        "edges and sobel-x show where it gets brighter or darker to the right; sharpen "
        "makes the strokes harder, blur softer.",
        "edges y sobel-x muestran dónde se aclara u oscurece hacia la derecha; sharpen "
        "endurece los trazos, blur los suaviza.",
    )
    return wall("filtered", title, about, [Row("", tiles)])


def colours() -> Element:
    """The edges kernel on every channel of a picture, and the sum, in one scale."""
    picture = meadow()
    kernel = named_kernel("edges").values
    channels = np.moveaxis(picture.astype(np.float64), 2, 0)
    maps = [answer(channel, kernel) for channel in channels]
    names = (said("red", "rojo"), said("green", "verde"), said("blue", "azul"))
    largest = max(float(np.abs(found).max()) for found in maps)
    rows = [
        Row("", [Tile(picture, 160, said("image", "imagen"))]),
        Row(
            said("the map of each channel", "el mapa de cada canal"),
            [
                Tile(signed(found, largest), 160, name)
                for name, found in zip(names, maps, strict=True)
            ],
        ),
        Row(
            said("their sum, in the same colours", "su suma, en los mismos colores"),
            [Tile(signed(np.sum(maps, axis=0), largest), 160)],
        ),
    ]
    title = said(
        "One kernel on three channels, and the sum",
        "Un filtro sobre tres canales, y la suma",
    )
    about = said(
        "The outline of a yellow sun on a blue sky is strong in red and stronger, with "
        "the other sign, in blue; in the sum little is left.",
        "El contorno de un sol amarillo en un cielo azul es fuerte en rojo y más "
        "fuerte, con el otro signo, en azul; en la suma queda poco.",
    )
    return wall("colours", title, about, rows)


def impulse() -> Element:
    """A single 1 under a kernel of nine different numbers: turned, or as it is."""
    image = np.zeros((5, 5), dtype=int)
    image[2, 2] = 1
    kernel = np.arange(1, 10).reshape(3, 3)
    correlation = answer(image.astype(float), kernel.astype(float))
    convolution = answer(image.astype(float), kernel[::-1, ::-1].astype(float))
    grids = (
        Grid(image, 16, 34, said("image", "imagen")),
        Grid(kernel, 206, 64, said("kernel", "filtro")),
        Grid(correlation, 336, 64, said("correlation", "correlación"), largest=9),
        Grid(convolution, 466, 64, said("convolution", "convolución"), largest=9),
    )
    title = said(
        "A single 1 shows which of the two a program computes",
        "Un solo 1 muestra cuál de las dos calcula un programa",
    )
    about = said(
        "The correlation of a single 1 with the numbers 1 to 9 gives 9 to 1, the "
        "kernel turned; the convolution gives it as it is.",
        "La correlación de un solo 1 con los números del 1 al 9 da del 9 al 1, el "
        "filtro girado; la convolución lo da tal cual.",
    )
    words = element("text", title, class_="ink title", x=16, y=22)
    return figure("impulse", (576, 216), title, about, words, *map(grid_panel, grids))
