"""What misunderstandings make of the size that a sliding window gives.

`padding-once`        (I - F + P)/S + 1
`padding-forgotten`   (I - F)/S + 1
`floor-missed`        the formula not rounded, or rounded the other way
`same-misread`        "same" with a padding of 1, of F//2 or none; the size kept; I/S
`stride-on-filter`    I + 2P - F/S + 1
`channels-forgotten`  the channels of the input kept, or one map a filter and channel
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import ceil, floor
from typing import NamedTuple

from mirada.analysis.arithmetic import number
from mirada.analysis.checking.slip import Slip, substitution
from mirada.analysis.mistakes import MISTAKES, UNKNOWN
from mirada.analysis.size_reading import Amounts
from mirada.errors import Phrase
from mirada.network import AvgPool2d, Conv2d, Layer, MaxPool2d
from mirada.network.window import Window

__all__ = ["Along", "Choice", "Pads", "formula_of", "paddings", "window_slips"]

_MOST_KINDS = 2


class Choice(NamedTuple):
    """One way to take one part of the arithmetic: right, or a mistake with its why."""

    kind: str = ""
    why: Phrase | None = None


class Pads(NamedTuple):
    """How a person pads: for height and for width the numbers that are added."""

    choice: Choice
    pads: tuple[tuple[int, ...], tuple[int, ...]]


class Along(NamedTuple):
    """The size along one axis, and how it came about."""

    value: Fraction
    formula: str


def window_slips(
    layer: Conv2d | MaxPool2d | AvgPool2d, shape: Amounts
) -> Iterator[Slip]:
    """Every slip at the size of a convolution or a pooling on this image."""
    windows = layer.windows(tuple(map(int, shape)))
    axes = list(zip(shape[1:], windows, strict=True))
    sizes = [
        *_slid(layer, axes),
        *_kept(layer, axes),
        *_left_out(axes),
    ]
    for (choices, along), channels in product(sizes, _channels(layer, shape)):
        made = [*choices, channels[0]]
        kinds = tuple(choice.kind for choice in made if choice.kind)
        if len(kinds) > _MOST_KINDS or (UNKNOWN in kinds and len(kinds) > 1):
            continue
        whys = tuple(choice.why for choice in made if choice.why is not None)
        value = (Fraction(channels[1]), *(axis.value for axis in along))
        yield Slip(kinds, value, formula_of(along), whys)


def formula_of(along: Sequence[Along]) -> str:
    """The formulas along both axes, once where they are the same."""
    return ", ".join(dict.fromkeys(axis.formula for axis in along if axis.formula))


_Axes = Sequence[tuple[Fraction, Window]]
_Made = tuple[tuple[Choice, ...], tuple[Along, ...]]


def _slid(layer: Layer, axes: _Axes) -> Iterator[_Made]:
    """The formula with every way of padding, dividing and rounding."""
    for padding in paddings(layer, [window for _, window in axes]):
        for division, rounding, take in _roundings(axes[0][1]):
            if division.kind and all(window.stride == 1 for _, window in axes):
                continue
            yield (
                (padding.choice, division, rounding),
                tuple(
                    _along(length, window, pads, bool(division.kind), take)
                    for (length, window), pads in zip(axes, padding.pads, strict=True)
                ),
            )


def _along(
    length: Fraction, window: Window, pads: tuple[int, ...], is_under: bool, take: str
) -> Along:
    padded, span, stride = length + sum(pads), window.span, window.stride
    terms = "".join(f" + {pad}" for pad in pads)
    if is_under:
        exact = padded - Fraction(span, stride) + 1
        left = f"{number(length)}{terms} - {span}/{stride} + 1"
    else:
        exact = (padded - span) / stride + 1
        left = f"({number(length)} - {span}{terms})/{stride} + 1"
    value = _rounded(exact, take)
    reach = length + (pads[0] if pads else 0)
    if take == "ceil" and window.ceil and value > 1 and (value - 1) * stride >= reach:
        value -= 1
    return Along(value, substitution(left, exact, value))


def _rounded(exact: Fraction, take: str) -> Fraction:
    if take == "exact":
        return exact
    return Fraction(floor(exact) if take == "floor" else ceil(exact))


def paddings(layer: Layer, windows: Sequence[Window]) -> Iterator[Pads]:
    """The right padding, and what is taken for it."""
    height, width = windows
    yield Pads(Choice(), ((height.start, height.end), (width.start, width.end)))
    if isinstance(getattr(layer, "padding", None), str):
        yield from _same_paddings(height, width)
    if any(window.start or window.end for window in windows):
        once = _known("padding-once")
        yield Pads(once, ((height.start,), (width.start,)))
        yield Pads(once, ((height.end,), (width.end,)))
        yield Pads(_known("padding-forgotten"), ((), ()))


def _known(kind: str) -> Choice:
    return Choice(kind, MISTAKES[kind])


def _same_paddings(height: Window, width: Window) -> Iterator[Pads]:
    def padded(pads: tuple[int, int], why: Phrase) -> Pads:
        return Pads(Choice("same-misread", why), ((pads[0],) * 2, (pads[1],) * 2))

    one = Phrase(
        "'same' is taken for a padding of 1, but it is as much as the filter needs to "
        "keep the size"
    )
    yield padded((1, 1), one)
    half = Phrase("'same' is taken for half the filter on both sides")
    yield padded((height.span // 2, width.span // 2), half)
    yield padded(((height.span - 1) // 2, (width.span - 1) // 2), half)
    none = Phrase("'same' is taken for no padding")
    yield Pads(Choice("same-misread", none), ((), ()))


def _roundings(window: Window) -> Iterator[tuple[Choice, Choice, str]]:
    """Division, rounding and how to round; under the filter anything may be rounded."""
    right, other = ("ceil", "floor") if window.ceil else ("floor", "ceil")
    yield Choice(), Choice(), right
    unrounded = Phrase("a size is whole, so what the formula gives has to be rounded")
    yield Choice(), Choice("floor-missed", unrounded), "exact"
    up = Phrase("it is rounded up, but what fills no window is left out")
    down = Phrase("it is rounded down, but this layer rounds up (ceil)")
    wrong = Choice("floor-missed", down if window.ceil else up)
    yield Choice(), wrong, other
    for take in ("exact", "floor", "ceil"):
        yield _known("stride-on-filter"), Choice(), take


def _kept(layer: Layer, axes: _Axes) -> Iterator[_Made]:
    """The size as "same" gives it, or is thought to."""
    lengths = [length for length, _ in axes]
    if isinstance(getattr(layer, "padding", None), str):
        why = Phrase("'same' is taken for 'the size stays', but the stride divides it")
    else:
        why = Phrase("the size is kept, as only 'same' padding with stride 1 does")
    kept = tuple(Along(length, "") for length in lengths)
    yield (Choice("same-misread", why),), kept
    for sign, rounded in (("ceil", ceil), ("floor", floor)):
        made = []
        for length, window in axes:
            value = Fraction(rounded(length / window.stride))
            text = f"{sign}({number(length)}/{window.stride}) = {value}"
            made.append(Along(value, text))
        why = Phrase("only the stride is looked at, as 'same' padding allows")
        if isinstance(getattr(layer, "padding", None), str):
            why = Phrase("'same' rounds the size divided by the stride up, not down")
        elif sign == "floor" or all(window.stride == 1 for _, window in axes):
            continue
        yield (Choice("same-misread", why),), tuple(made)


def _left_out(axes: _Axes) -> Iterator[_Made]:
    """Slips without a name of their own: told, but not counted as a known mistake."""
    whys = {
        "stride": Phrase("the stride is left out"),
        "one": Phrase("the 1 at the end of the formula is left out"),
        "dilation": Phrase("the dilation is left out"),
    }
    for part, why in whys.items():
        made = []
        for length, window in axes:
            stride = 1 if part == "stride" else window.stride
            span = window.size if part == "dilation" else window.span
            end = 0 if part == "one" else 1
            exact = (length - span + window.start + window.end) / stride + end
            value = Fraction(floor(exact))
            above = f"({number(length)} - {span} + {window.start} + {window.end})"
            left = f"{above}/{stride}" + (" + 1" if end else "")
            made.append(Along(value, substitution(left, exact, value)))
        yield (Choice(UNKNOWN, why),), tuple(made)


def _channels(
    layer: Conv2d | MaxPool2d | AvgPool2d, shape: Amounts
) -> Iterator[tuple[Choice, Fraction | int]]:
    """The channels of the output, and what is taken for them."""
    one = Phrase("only one map is counted, but pooling keeps every channel")
    if not isinstance(layer, Conv2d):
        yield Choice(), shape[0]
        yield Choice("channels-forgotten", one), 1
        return
    filters = layer.out_channels
    yield Choice(), filters
    kept = Phrase(
        "the channels of the input are kept, but each of the {count} filters makes one "
        "channel of the output",
        count=filters,
    )
    yield Choice("channels-forgotten", kept), shape[0]
    each = Phrase(
        "a map is counted for every filter and channel, but a filter adds its channels "
        "up to one map"
    )
    yield Choice("channels-forgotten", each), shape[0] * filters
    one = Phrase(
        "only one map is counted, but there are {count} filters", count=filters
    )
    yield Choice("channels-forgotten", one), 1
