"""The output size of one window along one axis, with its substitution.

    O = (I - F + P_start + P_end)/S + 1,  with dilation F becomes D(F - 1) + 1

The formula has no rounding rule of its own. Floor is the rule here, ceil on request;
what that leaves out is counted and said.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Any

from mirada.analysis.arithmetic import equation, number, plain_number
from mirada.errors import FieldError, Phrase, ShapeError
from mirada.network.field import Whole
from mirada.network.window import SAME, Window, same_padding

__all__ = [
    "WindowSize",
    "formula_text",
    "pool_size",
    "span_text",
    "whole",
    "window_size",
]

SCHEMA = 1
_MOST = 2**31 - 1


@dataclass(frozen=True)
class WindowSize:
    """What the formula gives for one window on an input of `length`.

    >>> size = WindowSize(32, Window(5, stride=2))
    >>> size.formula, size.output, size.dropped
    ('(32 - 5 + 0 + 0)/2 + 1 = 14.5', 14, 1)
    """

    length: int
    window: Window

    @property
    def exact(self) -> Fraction:
        """The formula's value before rounding."""
        return self.window.exact(self.length)

    @property
    def output(self) -> int:
        """The size: rounded down, or up where the window says ceil."""
        return self.window.output(self.length)

    @property
    def floor(self) -> int:
        """The size rounded down."""
        return self._rounded(ceil=False)

    @property
    def ceil(self) -> int:
        """The size rounded up; a last window that starts past the input is left out."""
        return self._rounded(ceil=True)

    def _rounded(self, *, ceil: bool) -> int:
        w = self.window
        same = Window(w.size, w.stride, w.start, w.end, w.dilation, ceil)
        return same.output(self.length)

    @property
    def dropped(self) -> int:
        """How many positions at the end no window reads, padding included."""
        return self.window.dropped(self.length)

    @property
    def dropped_pixels(self) -> int:
        """How many of the dropped positions are pixels of the input, not padding."""
        return max(self.dropped - self.window.end, 0)

    @property
    def needed(self) -> int:
        """The smallest input that gives an output."""
        return self.window.needed()

    @property
    def formula(self) -> str:
        """The formula with the numbers put in and its exact value."""
        w = self.window
        above = f"({self.length} - {span_text(w)} + {w.start} + {w.end})"
        return equation(f"{above}/{w.stride} + 1", self.exact)

    @property
    def rounding(self) -> Phrase | None:
        """What rounding did, and which pixels it leaves out; None of a whole value."""
        w, values = self.window, {"exact": number(self.exact), "output": self.output}
        if self.exact.denominator == 1:
            return None
        if w.ceil and self.output > self.exact:
            return Phrase(
                "{exact} is rounded up to {output}: the last window reaches past the "
                "end",
                **values,
            )
        if w.ceil:
            return Phrase(
                "{exact} would be rounded up, but that window would start past the "
                "input: {output}",
                **values,
            )
        if not self.dropped_pixels:
            return Phrase(
                "{exact} is rounded down to {output}: only padding is left unread",
                **values,
            )
        if self.dropped_pixels == 1:
            return Phrase(
                "{exact} is rounded down to {output}: the last pixel is not read",
                **values,
            )
        return Phrase(
            "{exact} is rounded down to {output}: the last {count} pixels are not read",
            count=self.dropped_pixels,
            **values,
        )

    @property
    def gaps(self) -> Phrase | None:
        """Which pixels inside the input no window reads; None where there are none.

        Those that a dilated window leaves out before the next one comes are not meant.
        """
        w = self.window
        if self.output < 2:
            return None
        if w.stride > w.span:
            return Phrase(
                "the stride is larger than the window: it steps over {count} of every "
                "{stride} pixels",
                count=w.stride - w.span,
                stride=w.stride,
            )
        factor = gcd(w.stride, w.dilation)
        if factor > 1 and w.size > 1:
            return Phrase(
                "stride and dilation share the factor {factor}: only one of every "
                "{factor} pixels is read",
                factor=factor,
            )
        return None

    @property
    def sentences(self) -> tuple[Phrase, ...]:
        """What rounding did, or that there was none; the gaps where there are any."""
        w, gaps = self.window, self.gaps
        is_covered = w.span == w.size and w.stride <= w.size
        if is_covered:
            whole_value = Phrase("exact: nothing is dropped")
        else:
            whole_value = Phrase("exact: nothing is dropped at the end")
        rounding = self.rounding or whole_value
        return (rounding,) if gaps is None else (rounding, gaps)

    def to_dict(self) -> dict[str, Any]:
        """The result as `mirada size --json` prints it."""
        w = self.window
        return {
            "schema": SCHEMA,
            "input": self.length,
            "kernel": w.size,
            "stride": w.stride,
            "padding": [w.start, w.end],
            "dilation": w.dilation,
            "exact": plain_number(self.exact),
            "output": self.output,
            "floor": self.floor,
            "ceil": self.ceil,
            "dropped": self.dropped,
            "dropped_pixels": self.dropped_pixels,
            "smallest_input": self.needed,
            "formula": self.formula,
        }


def span_text(window: Window) -> str:
    """The span of a window in a formula: F, or D*(F - 1) + 1 with its numbers.

    >>> span_text(Window(5)), span_text(Window(5, dilation=2))
    ('5', '(2*(5 - 1) + 1)')
    """
    if window.dilation == 1:
        return str(window.size)
    return f"({window.dilation}*({window.size} - 1) + 1)"


def formula_text(*, dilated: bool = False) -> str:
    """The formula in letters; `dilated` for windows whose taps lie apart.

    >>> formula_text()
    'O = (I - F + P_start + P_end)/S + 1'
    """
    span = "(D*(F - 1) + 1)" if dilated else "F"
    return f"O = (I - {span} + P_start + P_end)/S + 1"


def window_size(
    I: int,
    F: int,
    S: int = 1,
    P_start: int | str = 0,
    P_end: int | None = None,
    D: int = 1,
    *,
    ceil: bool = False,
) -> WindowSize:
    """The size that a window of F gives on an input of I.

    One padding stands for both ends; "same" in one of its meanings computes them.
    Raises `FieldError` for numbers out of range and `ShapeError` where no window fits.

    >>> window_size(224, 7, 2, "same").window.end
    3
    """
    size = whole("kernel", F, 1)
    stride, dilation = whole("stride", S, 1), whole("dilation", D, 1)
    length = whole("input", I, 1)
    if isinstance(P_start, str):
        _check_same(P_start, stride)
        start, end = same_padding(length, size, stride, dilation, P_start)
    else:
        start = whole("padding", P_start, 0)
        end = start if P_end is None else whole("padding", P_end, 0)
    found = WindowSize(length, Window(size, stride, start, end, dilation, ceil))
    if found.output < 1:
        raise ShapeError(
            "size-too-small",
            "The window spans {span} positions, but an input of {length} with its "
            "padding has {have}: {formula}. The smallest input that fits is {needed}; "
            "or use a smaller kernel or more padding.",
            span=found.window.span,
            length=length,
            have=length + start + end,
            formula=found.formula.partition(" = ")[0],
            needed=found.needed,
        )
    return found


def pool_size(
    I: int,
    F: int,
    S: int | None = None,
    P_start: int | str = 0,
    P_end: int | None = None,
    D: int = 1,
    *,
    ceil: bool = False,
) -> WindowSize:
    """The size that a pooling window gives: the stride is the window unless given.

    Raises what `window_size` does, and `ShapeError` where some window would see only
    padding.

    >>> pool_size(28, 2).output, pool_size(112, 3, 2, 1).output
    (14, 56)
    """
    found = window_size(I, F, F if S is None else S, P_start, P_end, D, ceil=ceil)
    w = found.window
    if max(w.start, w.end) > w.size // 2:
        raise ShapeError(
            "size-pool-padding",
            "A pooling pads at most half of its window: {most} for a window of {size}; "
            "got {padding}. With more, some windows would see only padding.",
            most=w.size // 2,
            size=w.size,
            padding=max(w.start, w.end),
        )
    # Padded by half at most, a window can only step over an input shorter than a step.
    if w.dilation > I and w.blind(I):
        raise ShapeError(
            "size-pool-blind",
            "A pooling window of {size} with dilation {dilation} would see only "
            "padding: it steps over an input of {length}. Use less padding or a "
            "smaller dilation.",
            size=w.size,
            dilation=w.dilation,
            length=I,
        )
    return found


def whole(field: str, value: int, low: int) -> int:
    """The value, or `FieldError` where it is no whole number from `low` on."""
    return Whole(low, _MOST).inside(field).check(value)


def _check_same(mode: str, stride: int) -> None:
    if mode not in SAME:
        raise FieldError(
            "size-padding",
            "padding must be numbers or one of {known}; got {value!r}.",
            known=", ".join(SAME),
            value=mode[:60],
        )
    if mode == "same-torch" and stride > 1:
        raise ShapeError(
            "size-same-torch",
            "PyTorch's 'same' exists for stride 1 only; the stride is {stride}. Use "
            "'same' (TensorFlow, ONNX) or numbers.",
            stride=stride,
        )
