"""What `mirada size` is asked: its options, held to each other."""

from dataclasses import dataclass, fields
from typing import NamedTuple

import click

from mirada.analysis import (
    Same,
    TransposedSize,
    WindowSize,
    pool_size,
    same_meanings,
    transposed_size,
    window_size,
)
from mirada.cli.size_words import Length, Padding, Sides
from mirada.errors import Phrase, UsageError

__all__ = ["Along", "Asked"]


class Along(NamedTuple):
    """The answer along one axis: the size, and the meanings of "same" if asked."""

    size: WindowSize | TransposedSize
    meanings: tuple[Same, ...]


@dataclass(frozen=True)
class Asked:
    """The words of one call; None is what was not given."""

    length: Length
    kernel: Length | None = None
    stride: Length | None = None
    padding: Padding | None = None
    dilation: Length | None = None
    output_padding: Length | None = None
    ceil: bool = False
    pool: bool = False
    transposed: bool = False
    same: bool = False

    def check(self) -> None:
        """Refuses options that contradict each other."""
        if self.transposed and self.pool:
            raise _contradiction(
                "--transposed", "--pool", Phrase("a pooling does not enlarge")
            )
        if self.transposed and self.ceil:
            reason = Phrase("nothing is divided, so nothing is rounded")
            raise _contradiction("--transposed", "--ceil", reason)
        if self.transposed and (self.same or isinstance(self.padding, str)):
            reason = Phrase("'same' is told of windows that do not enlarge")
            raise _contradiction("--transposed", "same", reason)
        if self.output_padding is not None and not self.transposed:
            raise UsageError(
                "output-padding-alone",
                "--output-padding belongs to a transposed convolution. Add "
                "--transposed, or leave it out.",
            )

    @property
    def ranges(self) -> list[str]:
        """The options that were given a range."""
        return self._given(range)

    @property
    def pairs(self) -> list[str]:
        """The options that were given a number for each axis."""
        nested = isinstance(self.padding, tuple) and isinstance(self.padding[0], tuple)
        plain = [name for name in self._given(tuple) if name != "padding"]
        return [*plain, *(["padding"] if nested else [])]

    def _given(self, kind: type) -> list[str]:
        return [f.name for f in fields(self) if isinstance(getattr(self, f.name), kind)]

    def answers(self) -> tuple[Along, ...]:
        """The answer along the one axis, or along height and width.

        Raises `UsageError` for what only --want takes, and what `window_size` does.
        """
        if self.ranges:
            raise UsageError(
                "range-without-want",
                "--{option} takes a range only to search for a size: add --want, or "
                "give one number.",
                option=self.ranges[0].replace("_", "-"),
            )
        if self.kernel is None:
            context = click.get_current_context(silent=True)
            raise click.MissingParameter(
                ctx=context, param_hint="'--kernel'", param_type="option"
            )
        return tuple(self._along(axis) for axis in ((0, 1) if self.pairs else (0,)))

    def _along(self, axis: int) -> Along:
        length, kernel = self.number("length", axis, 1), self.number("kernel", axis, 1)
        stride = self.number("stride", axis, kernel if self.pool else 1)
        dilation = self.number("dilation", axis, 1)
        sides = self.sides(axis)
        start, end = (sides, None) if isinstance(sides, str) else sides
        is_same = self.same or isinstance(sides, str)
        meanings = same_meanings(length, kernel, stride, dilation) if is_same else ()
        if self.transposed:
            assert not isinstance(start, str)
            extra = self.number("output_padding", axis, 0)
            size: WindowSize | TransposedSize = transposed_size(
                length, kernel, stride, start, end, dilation, output_padding=extra
            )
        else:
            function = pool_size if self.pool else window_size
            size = function(
                length, kernel, stride, start, end, dilation, ceil=self.ceil
            )
        return Along(size, meanings)

    def number(self, name: str, axis: int, default: int) -> int:
        """The number of that name along an axis."""
        value = getattr(self, name)
        if value is None:
            return default
        return int(value[axis]) if isinstance(value, tuple) else int(value)

    def sides(self, axis: int) -> Sides | str:
        """The padding along an axis."""
        if self.padding is None:
            return 0, 0
        if isinstance(self.padding, str):
            return self.padding
        first, second = self.padding
        if isinstance(first, tuple) and isinstance(second, tuple):
            return (first, second)[axis]
        assert isinstance(first, int) and isinstance(second, int)
        return first, second


def _contradiction(one: str, other: str, reason: Phrase) -> UsageError:
    return UsageError(
        "size-options",
        "{one} and {other} contradict each other: {reason}. Leave one of them out.",
        one=one,
        other=other,
        reason=reason,
    )
