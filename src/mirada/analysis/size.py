"""The output size of one window along one axis, with its substitution.

    O = (I - F + P_start + P_end)/S + 1,  with dilation F becomes D(F - 1) + 1

The formula has no rounding rule of its own. Floor is the rule here, ceil on request;
what that leaves out is counted and said.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mirada.analysis.arithmetic import equation, number
from mirada.errors import FieldError, Phrase, ShapeError
from mirada.network.field import Whole
from mirada.network.window import SAME, Window, same_padding

__all__ = ["Same", "WindowSize", "same_meanings", "window_size"]

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
        span = str(w.size)
        if w.dilation > 1:
            span = f"({w.dilation}*({w.size} - 1) + 1)"
        above = f"({self.length} - {span} + {w.start} + {w.end})"
        return equation(f"{above}/{w.stride} + 1", self.exact)

    @property
    def rounding(self) -> Phrase | None:
        """What rounding did, None where the exact value is whole."""
        if self.exact.denominator == 1:
            return None
        values = {"exact": number(self.exact), "output": self.output}
        if self.window.ceil and self.output > self.exact:
            return Phrase(
                "{exact} is rounded up to {output}: the last window reaches past the "
                "end",
                **values,
            )
        if self.window.ceil:
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
            "exact": _plain(self.exact),
            "output": self.output,
            "floor": self.floor,
            "ceil": self.ceil,
            "dropped": self.dropped,
            "dropped_pixels": self.dropped_pixels,
            "smallest_input": self.needed,
            "formula": self.formula,
        }


def _plain(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)


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
    size = _whole("kernel", F, 1)
    stride, dilation = _whole("stride", S, 1), _whole("dilation", D, 1)
    length = _whole("input", I, 1)
    if isinstance(P_start, str):
        _check_same(P_start, stride)
        start, end = same_padding(length, size, stride, dilation, P_start)
    else:
        start = _whole("padding", P_start, 0)
        end = start if P_end is None else _whole("padding", P_end, 0)
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


def _whole(field: str, value: int, low: int) -> int:
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


@dataclass(frozen=True)
class Same:
    """What "same" padding means to one framework.

    `unclamped` is the total before it is held at 0: some formula sheets print it and
    so get negative padding. `output` is None where the framework refuses.
    """

    mode: str
    spoken_by: str
    start: int
    end: int
    unclamped: int
    formula: str
    output: int | None


def same_meanings(I: int, F: int, S: int = 1, D: int = 1) -> tuple[Same, ...]:
    """The three meanings of "same" side by side.

    >>> [(s.mode, s.start, s.end, s.output) for s in same_meanings(5, 2)]
    [('same', 0, 1, 5), ('same-lower', 1, 0, 5), ('same-torch', 0, 1, 5)]
    """
    window_size(I, 1, S, D=D)
    _whole("kernel", F, 1)
    return (
        _same("same", "TensorFlow, Keras, ONNX SAME_UPPER", I, F, S, D),
        _same("same-lower", "ONNX SAME_LOWER", I, F, S, D),
        _same("same-torch", "PyTorch", I, F, S, D),
    )


def _same(mode: str, spoken_by: str, I: int, F: int, S: int, D: int) -> Same:
    span = D * (F - 1) + 1
    start, end = same_padding(I, F, S, D, mode)
    if mode == "same-torch":
        output = None if S > 1 else I
        formula = equation(f"{D}*({F} - 1)", start + end)
        return Same(mode, spoken_by, start, end, start + end, formula, output)
    outputs = -(-I // S)
    unclamped = (outputs - 1) * S + span - I
    left = f"max((ceil({I}/{S}) - 1)*{S} + {span} - {I}, 0)"
    formula = equation(left, start + end)
    return Same(mode, spoken_by, start, end, unclamped, formula, outputs)
