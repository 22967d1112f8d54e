"""Enlarging by whole numbers, whatever a program calls the rule of its pixels."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from mirada.errors import Phrase
from mirada.importing.graph import Operation, UnfitError
from mirada.importing.reader import Handler, Reader
from mirada.importing.values import Feature, Value
from mirada.network import Upsample

__all__ = ["HANDLERS"]

Floats = NDArray[np.float64]

_ROUNDED: Mapping[str, Callable[[Floats], Floats]] = {
    "floor": np.floor,
    "ceil": np.ceil,
    "round_prefer_floor": lambda place: np.ceil(place - 0.5),
    "round_prefer_ceil": lambda place: np.floor(place + 0.5),
}


def _resize(reader: Reader, operation: Operation) -> Value:
    image = reader.image(operation)
    scale = _scale(reader, operation, image)
    mode = operation.text("mode", "nearest")
    old = operation.kind == "Upsample" or reader.opset < 11
    rule = (
        "asymmetric"
        if old
        else operation.text("coordinate_transformation_mode", "half_pixel")
    )
    nearest = "floor" if old else operation.text("nearest_mode", "round_prefer_floor")
    if mode == "nearest" and all(_repeats(n, rule, nearest) for n in scale):
        return reader.add(Upsample(scale), image)
    centred = rule in ("half_pixel", "pytorch_half_pixel")
    if mode in ("linear", "bilinear") and centred:
        return reader.add(Upsample(scale, "bilinear"), image)
    reason = Phrase(
        "its rule ({mode}, {rule}) is none of mirada's", mode=mode, rule=rule
    )
    raise UnfitError(operation, reason)


def _repeats(scale: int, rule: str, nearest: str) -> bool:
    """Whether each old pixel becomes `scale` new ones, by ONNX's own formulas."""
    new = np.arange(4 * scale)
    if rule == "asymmetric":
        place = new / scale
    elif rule in ("half_pixel", "pytorch_half_pixel"):
        place = (new + 0.5) / scale - 0.5
    else:
        return False
    rounded = _ROUNDED.get(nearest)
    return rounded is not None and np.array_equal(rounded(place), new // scale)


def _scale(reader: Reader, operation: Operation, image: Feature) -> tuple[int, int]:
    """How many times as high and wide, of scales or of sizes."""
    where = 1 if operation.kind == "Upsample" or reader.opset < 11 else 2
    if "scales" in operation.attributes:
        given = [float(n) for n in operation.attributes["scales"] or ()]
    elif reader.has(operation, 3):
        sizes = reader.wholes(operation, 3)
        given = [n / m for n, m in zip(sizes, (sizes[0], *image.shape), strict=False)]
    else:
        given = [float(n) for n in reader.constant(operation, where).reshape(-1)[:5]]
    whole = [round(n) for n in given if np.isfinite(n)]
    if len(given) != 4 or given != whole or whole[:2] != [1, 1]:
        raise UnfitError(operation, Phrase("it does not enlarge by whole numbers"))
    if min(whole) < 1 or max(whole) > 64:
        raise UnfitError(operation, Phrase("it enlarges more than 64 times"))
    return whole[2], whole[3]


HANDLERS: Mapping[str, Handler] = {"Resize": _resize, "Upsample": _resize}
"""What is made of each operator."""
