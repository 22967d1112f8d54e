"""The arithmetic of a window sliding along one axis.

The lecture's formula is O = (I - F + P_start + P_end)/S + 1; with dilation D the
window spans D(F - 1) + 1. The formula has no rounding rule of its own: here floor is
the rule (pixels that no window reaches are dropped), ceil on request.
Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning",
arXiv 1603.07285.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mirada.errors import FieldError
from mirada.network.field import Limit, Whole, shown

__all__ = ["SAME", "Padding", "Sides", "Window", "added", "same_padding"]

SAME = ("same", "same-torch", "same-upper", "same-lower")
Sides = tuple[int, int, int, int]


@dataclass(frozen=True)
class Window:
    """One axis of a kernel, its padding resolved to numbers.

    >>> window = Window(size=5, stride=2)
    >>> window.exact(32), window.output(32), window.dropped(32)
    (Fraction(29, 2), 14, 1)
    """

    size: int
    stride: int = 1
    start: int = 0
    end: int = 0
    dilation: int = 1
    ceil: bool = False

    @property
    def span(self) -> int:
        """The pixels from the first to the last one that the window reads."""
        return self.dilation * (self.size - 1) + 1

    def exact(self, length: int) -> Fraction:
        """The formula before rounding."""
        return Fraction(length + self.start + self.end - self.span, self.stride) + 1

    def output(self, length: int) -> int:
        """How many windows fit; 0 or less when none does.

        With `ceil`, a last window that starts beyond the input and the padding at its
        start is left out (PyTorch's rule).
        """
        exact = self.exact(length)
        if not self.ceil:
            return exact.numerator // exact.denominator
        count = -(-exact.numerator // exact.denominator)
        if count > 1 and (count - 1) * self.stride >= length + self.start:
            count -= 1
        return count

    def dropped(self, length: int) -> int:
        """Positions at the end, padding included, that no window reads."""
        count = self.output(length)
        reach = (count - 1) * self.stride + self.span if count > 0 else 0
        return max(length + self.start + self.end - reach, 0)

    def excess(self, length: int) -> int:
        """How far the last window of ceil mode reaches beyond input and padding.

        >>> Window(2, 2, ceil=True).excess(5), Window(2, 2).excess(5)
        (1, 0)
        """
        reach = (self.output(length) - 1) * self.stride + self.span
        return max(reach - self.start - length - self.end, 0)

    def needed(self) -> int:
        """The smallest length along this axis that gives one output."""
        spare = self.stride - 1 if self.ceil else 0
        return max(self.span - self.start - self.end - spare, 1)

    def blind(self, length: int) -> bool:
        """Whether some window reads only padding.

        >>> Window(2, 1, 1, 1, dilation=3).blind(2), Window(3, 1, 1, 1).blind(2)
        (True, False)
        """
        last = (self.output(length) - 1) * self.stride - self.start
        early = range(-self.start, min(last + 1, 0), self.stride)
        return last >= length or not all(self._meets(at, length) for at in early)

    def _meets(self, at: int, length: int) -> bool:
        """Whether the window that starts at `at`, before the input, reads any of it."""
        tap = -(at // self.dilation)
        return tap < self.size and at + tap * self.dilation < length


def added(one: Sides, other: Sides) -> Sides:
    """Both paddings together, whatever the order of their sides.

    >>> added((1, 0, 1, 0), (0, 2, 0, 2))
    (1, 2, 1, 2)
    """
    a, b, c, d = (x + y for x, y in zip(one, other, strict=True))
    return a, b, c, d


def same_padding(
    length: int, size: int, stride: int, dilation: int, mode: str
) -> tuple[int, int]:
    """The padding (start, end) of "same" in one of its meanings.

    "same" and "same-upper" (TensorFlow, Keras, ONNX) put an odd pixel at the end,
    "same-lower" at the start; "same-torch" pads D(F - 1) whatever the stride, which
    PyTorch allows for stride 1 only.

    >>> same_padding(224, 7, 2, 1, "same"), same_padding(4, 1, 2, 1, "same")
    ((2, 3), (0, 0))
    """
    span = dilation * (size - 1) + 1
    if mode == "same-torch":
        total = span - 1
    else:
        total = max((-(-length // stride) - 1) * stride + span - length, 0)
    small, large = total // 2, total - total // 2
    return (large, small) if mode == "same-lower" else (small, large)


class Padding(Limit["Sides | str"]):
    """Zeros around the input: four sides (top, bottom, left, right) or a "same".

    One number stands for all four, two for (height, width).
    """

    def __init__(self, default: Any = 0, *, same: bool = True) -> None:
        super().__init__(default)
        self.each, self.same = Whole(0, 1024), same

    def __set__(self, instance: object, value: "int | tuple[int, ...] | str") -> None:
        super().__set__(instance, value)

    def check(self, value: Any) -> Sides | str:
        if isinstance(value, str):
            if self.same and value in SAME:
                return value
        elif not isinstance(value, list | tuple):
            return (self.each.inside(self.field).check(value),) * 4
        elif len(value) in (2, 4):
            sides = [self.each.inside(self.field).check(item) for item in value]
            if len(sides) == 2:
                sides = [sides[0], sides[0], sides[1], sides[1]]
            return sides[0], sides[1], sides[2], sides[3]
        raise FieldError(
            "field-padding",
            "{field} must be one number, two (height, width), four (top, bottom, left, "
            "right){same}; got {value}.",
            field=self.field,
            same=", " + ", ".join(SAME) if self.same else "",
            value=shown(value),
        )

    def claims(self, word: str) -> bool:
        return self.same and word in SAME

    def read(self, text: str) -> Sides | str:
        if text in SAME:
            return self.check(text)
        each = self.each.inside(self.field)
        parts = [each.read(part) for part in text.replace("x", ",").split(",")]
        return self.check(parts[0] if len(parts) == 1 else parts)

    def write(self, value: Sides | str) -> str:
        if isinstance(value, str):
            return value
        top, bottom, left, right = value
        if top == bottom and left == right:
            return str(top) if top == left else f"{top}x{left}"
        return ",".join(map(str, value))

    def plain(self, value: Sides | str) -> Any:
        return value if isinstance(value, str) else list(value)

    def control(self) -> Mapping[str, Any]:
        return {
            "type": "padding",
            "each": self.each.control(),
            "same": list(SAME) if self.same else [],
        }
