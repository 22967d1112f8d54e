"""Small ICC profiles written from the few numbers that a PNG file gives.

A grey profile is a white and a curve; a colour profile is three primaries and a curve.
Source: ICC.1:2022, sections 7 (header), 9.2 (tags), 10.18 (`para`), 10.31 (`XYZ `).
"""

import struct
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "SRGB_CHROMATICITY",
    "SRGB_CURVE",
    "Curve",
    "colour_profile",
    "gamma_curve",
    "grey_profile",
]

Curve = tuple[float, ...]  # (g,), or the five numbers of a curve with a linear foot

SRGB_CURVE: Curve = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
SRGB_CHROMATICITY = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)

_D50 = (0.9642, 1.0, 0.8249)
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_NEAR_SRGB = 0.05  # libpng's threshold: what differs less is meant to be 1/2.2


def gamma_curve(gamma: float) -> Curve:
    """The curve from samples to light of a PNG `gAMA` (sample = light ** gamma).

    1/2.2 within 5 % is how sRGB is written in a `gAMA`, and gives the curve of sRGB.
    Source: PNG (third edition), section 11.3.2.2.

    >>> gamma_curve(0.5)
    (2.0,)
    """
    return SRGB_CURVE if abs(gamma * 2.2 - 1) < _NEAR_SRGB else (1 / gamma,)


def grey_profile(curve: Curve) -> bytes:
    """An ICC profile for grey samples.

    >>> len(grey_profile((1.0,)))
    192
    """
    return _profile(b"GRAY", {b"wtpt": _xyz(_D50), b"kTRC": _curve(curve)})


def colour_profile(curve: Curve, chromaticity: Sequence[float]) -> bytes:
    """An ICC profile for red, green and blue.

    `chromaticity` is x and y of white, red, green and blue, as in a PNG `cHRM`. Raises
    `numpy.linalg.LinAlgError` or ZeroDivisionError where these span no colours.
    """
    white, *primaries = (_light(x, y) for x, y in _pairs(chromaticity))
    columns = np.array(primaries).T
    columns = _to_d50(white) @ (columns * np.linalg.solve(columns, white))
    tags = {b"wtpt": _xyz(_D50)}
    for letter, column in zip(b"rgb", columns.T, strict=True):
        tags[bytes([letter]) + b"XYZ"] = _xyz(column.tolist())
        tags[bytes([letter]) + b"TRC"] = _curve(curve)
    return _profile(b"RGB ", tags)


def _pairs(numbers: Sequence[float]) -> list[tuple[float, float]]:
    return list(zip(numbers[0::2], numbers[1::2], strict=True))


def _light(x: float, y: float) -> NDArray[np.float64]:
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _to_d50(white: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chromatic adaptation by Bradford's cone responses (ICC.1:2022, annex E.3)."""
    scale = (_BRADFORD @ np.array(_D50)) / (_BRADFORD @ white)
    return np.asarray(np.linalg.inv(_BRADFORD) @ np.diag(scale) @ _BRADFORD)


def _fixed(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(n * 65536) for n in numbers))


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(*values)


def _curve(curve: Curve) -> bytes:
    kind = 0 if len(curve) == 1 else 3
    return b"para" + struct.pack(">IHH", 0, kind, 0) + _fixed(*curve)


def _profile(space: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    place = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", place + len(body), len(content))
        body += content
    head = struct.pack(
        ">I4xI4s4s4s12x4s28x",
        place + len(body),
        0x04400000,
        b"mntr",
        space,
        b"XYZ ",
        b"acsp",
    )
    return (head + _fixed(*_D50)).ljust(128, b"\0") + table + body
