"""Which windows give the size I want: the formula of `size` turned round.

For a kernel F, a stride S and a dilation D the formula leaves S totals of padding:

    (O - 1)S + D(F - 1) + 1 - I  <=  P_start + P_end  <  OS + D(F - 1) + 1 - I

All of them up to half a window at each end are given, the simplest window first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from mirada.analysis.size import WindowSize, whole
from mirada.analysis.transposed import TransposedSize
from mirada.errors import UsageError
from mirada.network.window import Window, same_padding

__all__ = ["Within", "transposed_giving", "windows_giving"]

_MOST_TRIED = 200_000

Size = TypeVar("Size", WindowSize, TransposedSize)
Sides = tuple[int, int]


@dataclass(frozen=True)
class Within:
    """Where to look: kernels, strides and dilations to try, and what is fixed.

    Without `padding` every total up to half a window at each end is tried; an odd one
    has its larger half at the end (the other way round gives the same size).
    `output_padding` is of transposed convolutions; None tries all there are. `pool`
    keeps to what pooling allows, `ceil` rounds up.
    """

    kernels: range = range(1, 12)
    strides: range = range(1, 9)
    dilations: range = range(1, 2)
    padding: Sides | str | None = None
    output_padding: int | None = None
    ceil: bool = False
    pool: bool = False


def windows_giving(I: int, O: int, within: Within = Within()) -> tuple[WindowSize, ...]:
    """Every window within bounds that makes O of an input of I, the simplest first.

    Windows that read every pixel come before those that step over some, symmetric
    padding before uneven; then less padding, less dilation, exact before rounded,
    smaller kernels, smaller strides. Where O is 1 no step is taken: only the smallest
    stride is given. Raises `UsageError` where the bounds are too wide.

    >>> found = windows_giving(32, 28)
    >>> [(size.window.size, size.window.start) for size in found[:4]]
    [(5, 0), (7, 1), (9, 2), (11, 3)]
    """
    I, O = whole("input", I, 1), whole("want", O, 1)
    _check_patience(within)
    sizes = (WindowSize(I, window) for window in _windows(I, O, within))
    return _sorted([size for size in sizes if size.output == O])


def transposed_giving(
    I: int, O: int, within: Within = Within()
) -> tuple[TransposedSize, ...]:
    """Every transposed convolution within bounds that makes O of I, the simplest first.

    The order is that of `windows_giving`; windows that overlap evenly come before the
    others, no output padding before some.

    >>> first = transposed_giving(14, 28)[0]
    >>> first.window.size, first.window.stride, first.formula
    (2, 2, '2*(14 - 1) + 2 - 0 - 0 + 0 = 28')
    """
    I, O = whole("input", I, 1), whole("want", O, 1)
    _check_patience(within)
    return _sorted(list(_transposed(I, O, within)))


def _check_patience(within: Within) -> None:
    kernels, strides, dilations = within.kernels, within.strides, within.dilations
    paddings = min(strides[-1] + 1, dilations[-1] * kernels[-1] + 1)
    count = len(kernels) * len(strides) * len(dilations) * paddings
    if count > _MOST_TRIED:
        raise UsageError(
            "solve-too-wide",
            "These bounds leave about {count} windows to try, more than {most}. "
            "Narrow the kernel, the stride or the dilation.",
            count=count,
            most=_MOST_TRIED,
        )


def _triples(O: int, within: Within) -> Iterator[tuple[int, int, int]]:
    """Every kernel, stride and dilation; once where one of them changes nothing."""
    strides = within.strides[:1] if O == 1 else within.strides
    for size in within.kernels:
        for dilation in within.dilations[:1] if size == 1 else within.dilations:
            for stride in strides:
                yield size, stride, dilation


def _windows(I: int, O: int, within: Within) -> Iterator[Window]:
    for size, stride, dilation in _triples(O, within):
        span = dilation * (size - 1) + 1
        least = (O - 1) * stride + span - I
        # Rounding up, one more step may end past the input and be left out again.
        first, last = least - within.ceil * (stride - 1), least + stride
        for start, end in _sides(I, (size, stride, dilation), first, last, within):
            window = Window(size, stride, start, end, dilation, within.ceil)
            if not within.pool or _pools(window, I):
                yield window


def _sides(
    I: int, triple: tuple[int, int, int], first: int, last: int, within: Within
) -> Iterator[Sides]:
    """The paddings to try for a window, whose totals are from `first` to `last`."""
    size, stride, dilation = triple
    if isinstance(within.padding, str):
        if within.padding != "same-torch" or stride == 1:
            yield same_padding(I, size, stride, dilation, within.padding)
    elif within.padding is not None:
        yield within.padding
    else:
        half = _half(size, 1 if within.pool else dilation)
        for total in range(max(first, 0), min(last, 2 * half) + 1):
            yield total // 2, total - total // 2


def _half(size: int, dilation: int) -> int:
    return (dilation * (size - 1) + 1) // 2


def _pools(window: Window, length: int) -> bool:
    padding = max(window.start, window.end)
    return padding <= window.size // 2 and not window.blind(length)


def _transposed(I: int, O: int, within: Within) -> Iterator[TransposedSize]:
    # One pixel is spread once: the stride changes nothing then.
    for size, stride, dilation in _triples(I, within):
        half, extras = _half(size, dilation), range(max(stride, dilation))
        if within.output_padding is not None:
            wanted = within.output_padding
            extras = range(wanted, min(wanted + 1, extras.stop))
        for extra in extras:
            total = stride * (I - 1) + dilation * (size - 1) + 1 + extra - O
            sides = within.padding or (total // 2, total - total // 2)
            assert not isinstance(sides, str)
            small = within.padding or (total >= 0 and max(sides) <= half)
            if small and sum(sides) == total:
                window = Window(size, stride, *sides, dilation)
                yield TransposedSize(I, window, extra)


def _sorted(found: list[Size]) -> tuple[Size, ...]:
    return tuple(sorted(found, key=_complexity))


def _complexity(size: WindowSize | TransposedSize) -> tuple[int, ...]:
    """What `windows_giving` sorts by."""
    w = size.window
    if isinstance(size, TransposedSize):
        apart, uneven = size.overlap == "holes", size.overlap == "uneven"
        extra = size.output_padding
    else:
        apart, uneven = size.gaps is not None, size.exact.denominator > 1
        extra = 0
    padding = w.start + w.end
    sides = (apart, w.start != w.end, extra, padding, w.dilation)
    return (*sides, uneven, w.size, w.stride)
