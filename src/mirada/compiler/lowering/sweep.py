"""Which pixels the taps of a kernel read, along one axis, when values are gathered.

A window that slides reads forwards: output q sees tap k at q*S + k*D - P. The other
direction, an image enlarged, or a gradient on its way back, is gathered as well: there
position i = q*S + r is seen by the taps k for which i + P - k*D is a multiple of S, and
these are the same for all positions with the same r. So both are runs of positions
that see the same taps, at steady distances.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from typing import NamedTuple

from mirada.compiler.ir import Expr
from mirada.network.window import Window

__all__ = ["Margins", "Sweep", "enlarging", "margins", "sliding"]


@dataclass(frozen=True)
class Sweep:
    """`count` positions first + step*q; tap j of each reads at + at_step*j + stride*q.

    Tap j is entry kernel + kernel_step*j of the kernel. `first`, `kernel` and `at` are
    expressions where a sweep stands for several (`phases`).
    """

    count: int
    taps: int
    first: int | Expr = 0
    step: int = 1
    kernel: int | Expr = 0
    kernel_step: int = 1
    at: int | Expr = 0
    at_step: int = 1
    stride: int = 1

    @property
    def reach(self) -> tuple[int, int]:
        """The first and the last pixel that any position reads."""
        assert isinstance(self.at, int)
        last = self.at + self.at_step * (self.taps - 1)
        moved = self.stride * (self.count - 1)
        return min(self.at, last), max(self.at, last) + moved


class Margins(NamedTuple):
    """Pixels of border that an image needs around it."""

    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0


def sliding(window: Window, count: int) -> tuple[Sweep, ...]:
    """The windows of a convolution, `count` of them.

    >>> sliding(Window(3, 2, 1, 1), 4)[0].reach
    (-1, 7)
    """
    at, far, stride = -window.start, window.dilation, window.stride
    return (Sweep(count, window.size, at=at, at_step=far, stride=stride),)


def enlarging(window: Window, length: int) -> tuple[Sweep, ...]:
    """The `length` pixels that windows lie over, each seen by some windows.

    >>> [(run.first, run.step, run.taps) for run in enlarging(Window(3, 2, 1, 1), 7)]
    [(0, 2, 1), (1, 2, 2)]
    """
    stride, dilation = window.stride, window.dilation
    between = stride // gcd(stride, dilation)
    runs = []
    for r in range(min(stride, length)):
        reads = (r + window.start - k * dilation for k in range(window.size))
        seen = [k for k, read in enumerate(reads) if read % stride == 0]
        kernel = seen[0] if seen else 0
        run = Sweep(
            count=-(-(length - r) // stride),
            taps=len(seen),
            first=r,
            step=stride,
            kernel=kernel,
            kernel_step=between,
            at=(r + window.start - kernel * dilation) // stride,
            at_step=-(between * dilation) // stride,
        )
        runs.append(run)
    return tuple(runs)


def margins(
    rows: Sequence[Sweep], columns: Sequence[Sweep], height: int, width: int
) -> Margins:
    """The border that an image of height x width needs for what is read of it."""
    return Margins(*_margin(rows, height), *_margin(columns, width))


def _margin(runs: Sequence[Sweep], length: int) -> tuple[int, int]:
    reached = [run.reach for run in runs if run.taps]
    before = max((-low for low, _ in reached), default=0)
    after = max((high - length + 1 for _, high in reached), default=0)
    return max(before, 0), max(after, 0)
