"""Kernels that are known by name: what each does to an image, and where it is from."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.errors import Phrase, UsageError
from mirada.inspection.gabor import gabor
from mirada.near_names import did_you_mean

__all__ = ["KERNELS", "Kernel", "named_kernel"]

Numbers = NDArray[Any]


class Kernel(NamedTuple):
    """A kernel (height, width) with a sentence of what it does and its source.

    `options` are the names of what shapes it.
    """

    name: str
    values: Numbers
    about: Phrase
    source: str
    options: tuple[str, ...] = ()


class _Known(NamedTuple):
    """A kernel before its numbers are known: `make` takes the options it names."""

    make: Callable[..., Numbers]
    options: tuple[str, ...]
    about: Phrase
    source: str


def _fixed(*rows: tuple[int, ...]) -> Callable[[], Numbers]:
    return lambda: np.array(rows, np.int64)


def _box(side: int = 3) -> Numbers:
    return np.full((side, side), 1.0 / side**2)


def _gaussian(side: int = 5, sigma: float = 1.0) -> Numbers:
    """exp(-(x^2 + y^2)/(2 sigma^2)), scaled to the sum 1."""
    away = np.arange(side) - (side - 1) / 2
    along = np.exp(-(away**2) / (2 * sigma**2))
    whole = np.multiply.outer(along, along)
    return np.asarray(whole / whole.sum())


def _gabor(
    side: int = 9,
    angle: float = 0.0,
    wavelength: float = 4.0,
    sigma: float | None = None,
) -> Numbers:
    """A Gabor filter whose envelope is 0.56 wavelengths wide: one octave of bandwidth.

    Its mean is taken off, so that even areas give 0.
    """
    width = 0.56 * wavelength if sigma is None else sigma
    found = gabor(
        side, side, angle=np.deg2rad(angle), wavelength=wavelength, sigma=width
    )
    return np.asarray(found - found.mean())


_GOODFELLOW = (
    "Goodfellow, Bengio, Courville, Deep learning (2016), section 9.2, figure 9.6"
)
_GONZALEZ = "Gonzalez, Woods, Digital image processing, 4th edition (2018), chapter 3"
_SOBEL = "Sobel, Feldman, A 3x3 isotropic gradient operator for image processing (1968)"
_GIMP = "GIMP manual, section Convolution matrix"

_LEFT = _Known(
    _fixed((-1, 1)),
    (),
    Phrase("subtracts the left neighbour from each pixel: vertical edges stay"),
    _GOODFELLOW,
)

_KNOWN: Mapping[str, _Known] = {
    "identity": _Known(
        _fixed((0, 0, 0), (0, 1, 0), (0, 0, 0)),
        (),
        Phrase("gives the image back as it is"),
        _GONZALEZ,
    ),
    "sharpen": _Known(
        _fixed((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
        (),
        Phrase("adds to each pixel what sets it apart from its four neighbours"),
        _GIMP,
    ),
    "edges": _LEFT,
    "left-neighbour": _LEFT,
    "sobel-x": _Known(
        _fixed((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
        (),
        Phrase("measures how fast it gets brighter to the right: vertical edges"),
        _SOBEL,
    ),
    "sobel-y": _Known(
        _fixed((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
        (),
        Phrase("measures how fast it gets brighter downwards: horizontal edges"),
        _SOBEL,
    ),
    "laplacian": _Known(
        _fixed((0, 1, 0), (1, -4, 1), (0, 1, 0)),
        (),
        Phrase("adds up both second derivatives: edges in every direction"),
        _GONZALEZ,
    ),
    "outline": _Known(
        _fixed((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
        (),
        Phrase("compares each pixel with its eight neighbours: outlines stay"),
        _GONZALEZ,
    ),
    "emboss": _Known(
        _fixed((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
        (),
        Phrase("makes it look raised, lit from the upper left"),
        _GIMP,
    ),
    "blur": _Known(
        _box,
        ("side",),
        Phrase("takes the mean of the window: a box blur"),
        _GONZALEZ,
    ),
    "gaussian": _Known(
        _gaussian,
        ("side", "sigma"),
        Phrase("takes a mean in which near pixels count more: a soft blur"),
        _GONZALEZ,
    ),
    "gabor": _Known(
        _gabor,
        ("side", "angle", "wavelength", "sigma"),
        Phrase("answers to stripes of one direction and one width"),
        "Daugman, JOSA A 2 (1985), 1160-1169",
    ),
}

KERNELS = tuple(_KNOWN)
"""The names that `named_kernel` knows."""


def named_kernel(name: str, **options: float | None) -> Kernel:
    """The kernel of a name; an option that is None is the kernel's own.

    `side` is its height and width in pixels (blur, gaussian, gabor), `sigma` the width
    of the bell (gaussian, gabor), `angle` (degrees) and `wavelength` (pixels) are those
    of the stripes (gabor). Raises UsageError (`kernel-unknown`, `kernel-options`).

    >>> named_kernel("edges").values.tolist()
    [[-1, 1]]
    """
    known = _KNOWN.get(name)
    if known is None:
        raise UsageError(
            "kernel-unknown",
            "There is no kernel {name!r}. Known are {known}; or write its rows, as in "
            "'1 0 1; 0 1 0; 1 0 1'. {hint}",
            name=name[:60],
            known=", ".join(KERNELS),
            hint=did_you_mean(name, KERNELS, 1, 0.6),
        )
    given = {option: value for option, value in options.items() if value is not None}
    foreign = sorted(given.keys() - set(known.options))
    if foreign:
        raise UsageError(
            "kernel-options",
            "The kernel {name!r} takes no {foreign}. {taken}",
            name=name,
            foreign=", ".join(f"--{option}" for option in foreign),
            taken=_taken(known),
        )
    values = known.make(**given)
    return Kernel(name, values, known.about, known.source, known.options)


def _taken(known: _Known) -> Phrase:
    if not known.options:
        return Phrase("Its numbers are fixed.")
    options = ", ".join(f"--{option}" for option in known.options)
    return Phrase("It takes {options}.", options=options)
