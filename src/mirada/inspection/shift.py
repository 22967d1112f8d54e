"""What a shift of a few pixels does to every layer and to the answer.

T moves the image, what comes in at the edge repeats the border. Of a layer f,

    change = |f(Tx) - f(x)| / |f(x)|          the same places compared
    error  = |f(Tx) - S f(x)| / |S f(x)|      the map moved alike (S)

S moves a map by the pixels over the layer's jump, to the nearest whole place; places
that came in from outside are left out. A convolution moves along (error about 0:
equivariance); pooling changes less than what it pools (change falls: the "spatial
invariance" that it is used for). Lengths are over all images together. A vector has no
places, and so no error.

Source: Zeiler and Fergus, ECCV 2014, section 4.1; Zhang, "Making convolutional networks
shift-invariant again", ICML 2019, section 3.
"""

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from math import floor
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from mirada.analysis import receptive_fields
from mirada.engines import Engine
from mirada.inspection.reading import Values, require_images, values_of
from mirada.network import INPUT, Network, Shape

__all__ = ["DIRECTIONS", "LayerShift", "Shift", "shift_effects", "shifted"]

Floats = NDArray[np.float32]
Number = TypeVar("Number", bound=np.generic)
Move = tuple[int, int]
Jump = tuple[Fraction, Fraction]

DIRECTIONS = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}
"""Rows and columns that a shift by one pixel moves the image."""


class LayerShift(NamedTuple):
    """What a shift does to one layer; None where there was nothing to divide by."""

    layer: str
    change: float | None
    error: float | None


class Shift(NamedTuple):
    """What one shift does: the network's outputs (n, ...), and every layer."""

    pixels: int
    direction: str
    outputs: Floats
    layers: tuple[LayerShift, ...]


def shifted(images: NDArray[Number], down: int, right: int) -> NDArray[Number]:
    """Images (..., h, w) moved by whole pixels; their border is repeated.

    >>> shifted(np.array([[1, 2, 3]]), 0, 1).tolist()
    [[1, 1, 2]]
    """
    height, width = images.shape[-2:]
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    return images[..., rows[:, None], columns]


def shift_effects(
    engine: Engine,
    images: Floats,
    pixels: Sequence[int] = (1, 2, 3, 4),
    names: Collection[str] | None = None,
) -> tuple[Floats, list[Shift]]:
    """The outputs for the images as they are, and the effect of every shift.

    `names` are the layers that are compared; None stands for all. Every image is
    computed 1 + 4 len(pixels) times.

    >>> from mirada import engines
    >>> from mirada.network import Conv2d, Recipe
    >>> tiny = Network("tiny", (1, 6, 6), (Conv2d(1, 3),))
    >>> engine = engines.create("reference", tiny, Recipe())
    >>> picture = np.random.default_rng(0).normal(size=(1, 1, 6, 6))
    >>> _, found = shift_effects(engine, picture.astype(np.float32), (1,))
    >>> found[3].direction, round(found[3].layers[1].error, 4)
    ('right', 0.0)
    """
    network = engine.network
    require_images(network)
    asked = tuple(network.shapes) if names is None else tuple(names)
    last = network.nodes[-1].name
    wanted = tuple(dict.fromkeys((*asked, last)))
    moves = [(p, d) for p in pixels for d in DIRECTIONS]
    jumps, shapes = _jumps(network, asked), network.shapes
    sums = {
        move: _Sums({n: _places(shapes[n], jumps[n], _move(*move)) for n in asked})
        for move in moves
    }
    outputs: dict[object, list[Floats]] = {None: [], **{move: [] for move in moves}}
    for start, still in values_of(engine, images, wanted):
        piece = images[start : start + len(still[last])]
        outputs[None].append(still[last])
        for move in moves:
            values = engine.activations(shifted(piece, *_move(*move)), wanted)
            sums[move].add(still, values)
            outputs[move].append(values[last])
    none = np.empty((0, *network.output), np.float32)
    joined = {move: np.concatenate([none, *found]) for move, found in outputs.items()}
    return joined[None], [
        Shift(*move, joined[move], tuple(sums[move].found())) for move in moves
    ]


def _move(pixels: int, direction: str) -> Move:
    down, right = DIRECTIONS[direction]
    return pixels * down, pixels * right


class _Sums:
    """Squares of differences and of what they are compared with, layer by layer."""

    def __init__(self, moves: dict[str, Move | None]) -> None:
        self._moves = moves
        self._change = {name: np.zeros(2) for name in moves}
        self._error = {name: np.zeros(2) for name in moves}

    def add(self, still: Values, values: Values) -> None:
        for name, move in self._moves.items():
            before, after = still[name], values[name]
            self._change[name] += _squares(before, after)
            if move is not None:
                self._error[name] += _squares(*_overlap(before, after, move))

    def found(self) -> Iterator[LayerShift]:
        for name, move in self._moves.items():
            error = None if move is None else _share(self._error[name])
            yield LayerShift(name, _share(self._change[name]), error)


def _jumps(network: Network, names: Collection[str]) -> dict[str, Jump | None]:
    """By layer, the pixels from one place of its maps to the next; None of vectors."""
    fields = receptive_fields(network)
    found: dict[str, Jump | None] = dict.fromkeys(names)
    for name in names:
        field = fields.get(name)
        if name == INPUT:
            found[name] = Fraction(1), Fraction(1)
        elif field is not None and len(network.shapes[name]) == 3:
            height, width = field.height.jump, field.width.jump
            if height and width:
                found[name] = height, width
    return found


def _places(shape: Shape, jump: Jump | None, move: Move) -> Move | None:
    """By how many places a map moves along; None where it does not, or moves out."""
    if jump is None:
        return None
    down, right = (_nearest(n / each) for n, each in zip(move, jump, strict=True))
    return (down, right) if abs(down) < shape[1] and abs(right) < shape[2] else None


def _nearest(number: Fraction) -> int:
    """The nearest whole number; a half goes away from zero, alike to all sides."""
    size = floor(abs(number) + Fraction(1, 2))
    return size if number > 0 else -size


def _overlap(before: Floats, after: Floats, move: Move) -> tuple[Floats, Floats]:
    """The part of two maps that a move lays over each other."""
    height, width = before.shape[2:]
    (up, down), (left, right) = (
        (slice(max(0, -n), size - max(0, n)), slice(max(0, n), size - max(0, -n)))
        for n, size in zip(move, (height, width), strict=True)
    )
    return before[:, :, up, left], after[:, :, down, right]


def _squares(before: Floats, after: Floats) -> NDArray[np.float64]:
    squares = np.square(after - before), np.square(before)
    return np.array([each.sum(dtype=np.float64) for each in squares])


def _share(squares: NDArray[np.float64]) -> float | None:
    difference, size = squares.tolist()
    if size:
        return float(np.sqrt(difference / size))
    return None if difference else 0.0
