"""Convolution for large layers: each pass a dense sum, blocked in registers and cache.

The weights are packed before: in panels of as many output channels as a vector holds
for the forward pass, of input channels for the gradient by the input. Both passes are
sweeps over a pixel's taps (`dense_sweep`); the gradient by the weights is a sum over
pixels (`dense_gradient`).

Every kernel takes "part": `wanted` is how many parts there should be at least, the
argument says how many there are. Parts never write the same element.
"""

from math import gcd

from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering.convolution import Taps
from mirada.compiler.lowering.dense_bias import bias_gradient
from mirada.compiler.lowering.dense_gradient import Gradient
from mirada.compiler.lowering.dense_pack import (
    pack,
    pack_turned,
    packed_shape,
    turned_shape,
)
from mirada.compiler.lowering.dense_sweep import Ending, Lattice, Sum, Sweep, sweep
from mirada.compiler.lowering.dense_thin import ThinGradient, thin
from mirada.compiler.lowering.layout import Image
from mirada.compiler.target import Target
from mirada.network.window import Window

__all__ = [
    "bias_gradient",
    "forward",
    "input_gradient",
    "margins",
    "pack",
    "pack_turned",
    "packed_shape",
    "turned_shape",
    "weight_gradient",
]


def forward(
    name: str,
    taps: Taps,
    packed: Buffer,
    bias: Buffer | None,
    other: Image | None,
    relu: bool,
    to: Image,
    target: Target,
    wanted: int = 1,
) -> Kernel:
    """Y = bias + sum over taps of x * w, plus `other`, cut at 0 with `relu`.

    Arguments count and part. NaN stays NaN.
    """
    image = taps.image
    down, across = taps.vertical, taps.horizontal
    column = image.channels
    row = image.columns * column
    nest = [(down.size, down.dilation * row, taps.length)]
    if across.dilation > 1:
        nest = [
            (down.size, down.dilation * row, across.size * taps.length),
            (across.size, across.dilation * column, taps.length),
        ]
    x = Lattice(image, taps.start, *taps.step)
    ending = Ending(bias, None if other is None else _pixels(other), relu)
    rows = (-down.start, down.stride, image.height)
    border = rows if down.size > 1 == down.dilation else None
    total = Sum(_several(nest), taps.length, rows=border)
    work = Sweep(x, _pixels(to), to.height, to.width, total, packed, ending)
    return sweep(name, (work,), wanted, target, image.images)


def _pixels(image: Image) -> Lattice:
    """The pixels of an image, border left out."""
    row = image.columns * image.channels
    start = image.top * row + image.left * image.channels
    return Lattice(image, start, row, image.channels)


def _several(nest: list[tuple[int, int, int]]) -> tuple[tuple[int, int, int], ...]:
    """Loops that turn once left out."""
    return tuple(loop for loop in nest if loop[0] != 1)


def margins(taps: Taps, height: int, width: int) -> tuple[int, int, int, int]:
    """Zeros needed around the output's gradient (top, bottom, left, right).

    The output has so many rows and columns.
    """
    image = taps.image
    top, bottom = _margin(taps.vertical, image.height, height)
    left, right = _margin(taps.horizontal, image.width, width)
    return top, bottom, left, right


def _margin(window: Window, size: int, outputs: int) -> tuple[int, int]:
    """How far the taps of an input pixel reach before and behind the outputs."""
    before, behind = 0, 0
    for phase in _phases(window, size):
        if phase.taps:
            last = phase.offset + phase.pixels - 1 + (phase.taps - 1) * phase.gap
            before, behind = max(before, -phase.offset), max(behind, last - outputs + 1)
    return before, behind


class _Phase:
    """The input pixels first, first + stride, ... and the taps that reach them.

    Pixel number q is reached by outputs q + offset, q + offset + gap, ...; the taps'
    numbers from the last are tap, tap + every, ...
    """

    def __init__(self, window: Window, size: int, first: int) -> None:
        self.first, self.pixels = first, len(range(first, size, window.stride))
        live = [
            flipped
            for flipped in range(window.size)
            if not self._far(window, flipped) % window.stride
        ]
        self.taps = len(live)
        self.tap = live[0] if live else 0
        self.offset = self._far(window, self.tap) // window.stride
        step = gcd(window.stride, window.dilation)
        self.every, self.gap = window.stride // step, window.dilation // step

    def _far(self, window: Window, flipped: int) -> int:
        return self.first + window.start - (window.size - 1 - flipped) * window.dilation


def _phases(window: Window, size: int) -> list[_Phase]:
    return [_Phase(window, size, first) for first in range(min(window.stride, size))]


def input_gradient(
    name: str,
    taps: Taps,
    dy: Image,
    turned: Buffer,
    to: Image,
    add: bool,
    target: Target,
    wanted: int = 1,
) -> Kernel:
    """dx[pixel] = sum over the windows that read it of dy * w; 0 where none does.

    Arguments count and part. With `add`, it is added to what is there. Around dy's
    pixels there are as many zeros as `margins` says.
    """
    works = [
        _phase_work(down, across, taps, dy, turned, to, add)
        for down in _phases(taps.vertical, to.height)
        for across in _phases(taps.horizontal, to.width)
    ]
    live = tuple(work for work in works if work.taps.size or not add)
    return sweep(name, live or tuple(works[:1]), wanted, target, dy.images)


def _phase_work(
    down: _Phase,
    across: _Phase,
    taps: Taps,
    dy: Image,
    turned: Buffer,
    to: Image,
    add: bool,
) -> Sweep:
    """The sweep over the pixels of a phase down and one across."""
    source, goal = _pixels(dy), _pixels(to)
    start = source.start + down.offset * source.down + across.offset * source.across
    width, run = taps.horizontal.size, dy.channels
    nest = [
        (down.taps, down.gap * source.down, down.every * width * run),
        (across.taps, across.gap * source.across, across.every * run),
    ]
    if across.gap == across.every == 1:
        run *= across.taps
        nest.pop()
    alive = down.taps * across.taps > 0
    first = (down.tap * width + across.tap) * dy.channels
    rows = (down.offset, 1, dy.height)
    border = rows if down.taps > 1 == down.gap else None
    total = Sum(_several(nest), run, first, border) if alive else Sum((), 0)
    vertical, horizontal = taps.vertical.stride, taps.horizontal.stride
    x = Lattice(dy, start if alive else source.start, source.down, source.across)
    y = Lattice(
        to,
        goal.start + down.first * goal.down + across.first * goal.across,
        vertical * goal.down,
        horizontal * goal.across,
    )
    ending = Ending(add=add)
    return Sweep(x, y, down.pixels, across.pixels, total, turned, ending)


def weight_gradient(
    name: str,
    taps: Taps,
    dy: Image,
    weight: Buffer,
    target: Target,
    wanted: int = 8,
) -> Kernel:
    """dw[oc, r, t] = sum over images and pixels of dy[oc] * x[window + r + t].

    Arguments count and part; what was in dw before is written over.
    """
    few = thin(taps.length, len(taps.rows), dy.channels, target)
    made = ThinGradient if few else Gradient
    return made(taps, dy, weight, target).kernel(name, wanted)
