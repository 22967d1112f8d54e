"""The output size of a transposed convolution along one axis.

    O = S(I - 1) + F - P_start - P_end + output_padding,  with dilation F becomes
    D(F - 1) + 1

It is the size of a convolution turned round: nothing is divided, so nothing is rounded.
Where a convolution of stride S gives one size from S different ones, the output padding
says which of them is meant.
Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning",
arXiv 1603.07285, section 4.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Any

from mirada.analysis.arithmetic import equation
from mirada.analysis.size import SCHEMA, span_text, whole
from mirada.errors import Phrase, ShapeError
from mirada.network.window import Window

__all__ = ["TransposedSize", "transposed_size", "transposed_text"]


@dataclass(frozen=True)
class TransposedSize:
    """What a transposed convolution with this window makes of an input of `length`.

    >>> TransposedSize(14, Window(2, stride=2)).formula
    '2*(14 - 1) + 2 - 0 - 0 + 0 = 28'
    """

    length: int
    window: Window
    output_padding: int = 0

    @property
    def output(self) -> int:
        """The size."""
        w = self.window
        grown = w.stride * (self.length - 1) + w.span
        return grown - w.start - w.end + self.output_padding

    @property
    def exact(self) -> Fraction:
        """The size: nothing is divided."""
        return Fraction(self.output)

    @property
    def dropped_pixels(self) -> int:
        """No pixel of the input is left out."""
        return 0

    @property
    def needed(self) -> int:
        """The smallest input that gives an output."""
        w = self.window
        missing = 1 - w.span + w.start + w.end - self.output_padding
        return 1 + max(-(-missing // w.stride), 0)

    @property
    def formula(self) -> str:
        """The formula with the numbers put in and its value."""
        w = self.window
        grown = f"{w.stride}*({self.length} - 1) + {span_text(w)}"
        left = f"{grown} - {w.start} - {w.end} + {self.output_padding}"
        return equation(left, self.output)

    @property
    def origins(self) -> range:
        """The inputs from which a convolution with the same window gives `length`."""
        w = self.window
        least = self.output - self.output_padding
        return range(max(least, 1), least + w.stride)

    @property
    def sentences(self) -> tuple[Phrase, ...]:
        """That nothing is rounded, what the output padding picks, how windows meet."""
        found = [
            Phrase("nothing is divided, so nothing is rounded and nothing dropped")
        ]
        if self.output in self.origins and len(self.origins) > 1:
            found.append(
                Phrase(
                    "a convolution with these numbers gives {length} from {first} to "
                    "{last}: the output padding ({extra}) picks {output}",
                    length=self.length,
                    first=self.origins[0],
                    last=self.origins[-1],
                    extra=self.output_padding,
                    output=self.output,
                )
            )
        values = {"size": self.window.size, "stride": self.window.stride}
        if self.overlap == "holes":
            found.append(
                Phrase(
                    "windows of {size} lie {stride} apart: between them there is "
                    "nothing but the bias",
                    **values,
                )
            )
        elif self.overlap == "uneven":
            found.append(
                Phrase(
                    "{size} is no multiple of the stride {stride}: the windows overlap "
                    "unevenly, which can show as a checkerboard",
                    **values,
                )
            )
        return tuple(found)

    @property
    def overlap(self) -> str:
        """How neighbouring windows meet in the output: "even", "uneven" or "holes".

        Source: Odena, Dumoulin, Olah, "Deconvolution and checkerboard artifacts",
        Distill (2016), DOI 10.23915/distill.00003.
        """
        w = self.window
        if self.length < 2 or w.stride == 1:
            return "even"
        # The taps reach min(F, S/gcd(S, D)) of the S places between two windows.
        if w.size < w.stride or gcd(w.stride, w.dilation) > 1:
            return "holes"
        return "uneven" if w.size % w.stride else "even"

    def to_dict(self) -> dict[str, Any]:
        """The result as `mirada size --transposed --json` prints it."""
        w = self.window
        return {
            "schema": SCHEMA,
            "input": self.length,
            "kernel": w.size,
            "stride": w.stride,
            "padding": [w.start, w.end],
            "output_padding": self.output_padding,
            "dilation": w.dilation,
            "exact": self.output,
            "output": self.output,
            "floor": self.output,
            "ceil": self.output,
            "dropped": 0,
            "dropped_pixels": 0,
            "smallest_input": self.needed,
            "formula": self.formula,
        }


def transposed_text(*, dilated: bool = False) -> str:
    """The formula in letters; `dilated` for windows whose taps lie apart."""
    span = "(D*(F - 1) + 1)" if dilated else "F"
    return f"O = S*(I - 1) + {span} - P_start - P_end + output_padding"


def transposed_size(
    I: int,
    F: int,
    S: int = 1,
    P_start: int = 0,
    P_end: int | None = None,
    D: int = 1,
    *,
    output_padding: int = 0,
) -> TransposedSize:
    """The size that a transposed convolution of window F makes of an input of I.

    One padding stands for both ends; what it says is cut from the result. Raises
    `FieldError` for numbers out of range and `ShapeError` where nothing would be left
    or the output padding is not smaller than the stride or the dilation.

    >>> transposed_size(7, 3, 2, 1, output_padding=1).output
    14
    """
    size, length = whole("kernel", F, 1), whole("input", I, 1)
    stride, dilation = whole("stride", S, 1), whole("dilation", D, 1)
    start = whole("padding", P_start, 0)
    end = start if P_end is None else whole("padding", P_end, 0)
    extra = whole("output_padding", output_padding, 0)
    if extra >= max(stride, dilation):
        raise ShapeError(
            "size-output-padding",
            "The output padding must be smaller than the stride ({stride}) or the "
            "dilation ({dilation}); got {extra}. Use a larger stride or less of it.",
            stride=stride,
            dilation=dilation,
            extra=extra,
        )
    found = TransposedSize(length, Window(size, stride, start, end, dilation), extra)
    if found.output < 1:
        raise ShapeError(
            "size-nothing-left",
            "The padding cuts away all that is made: {formula} is not at least 1. The "
            "smallest input that fits is {needed}; or use less padding.",
            formula=found.formula.partition(" = ")[0],
            needed=found.needed,
        )
    return found
