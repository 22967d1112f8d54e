"""The words of `mirada size`: lengths along one or two axes, ranges, paddings."""

import re
from collections.abc import Sequence
from typing import Any

import click

from mirada.cli.command import Command
from mirada.cli.kinds import WholeNumber
from mirada.errors import UsageError
from mirada.network.window import SAME

__all__ = ["AxesType", "Length", "Padding", "PaddingType", "Sides", "SizeCommand"]

Length = int | tuple[int, int] | range
"""One number, one for each axis (height, width), or all that may be tried."""

Sides = tuple[int, int]
Padding = Sides | tuple[Sides, Sides] | str
"""Start and end, the same for each axis (height, width), or the name of a "same"."""

_NUMBER = "[0-9]{1,9}"
_ONE = re.compile(rf"{_NUMBER}(,{_NUMBER})?", re.ASCII)
_EACH = re.compile(rf"{_NUMBER}x{_NUMBER}", re.ASCII)
_FOUR = re.compile(rf"{_NUMBER}(,{_NUMBER}){{3}}", re.ASCII)
_LARGEST = 2**31 - 1


class AxesType(click.ParamType):  # type: ignore[type-arg]
    """A whole number from 1 on, two as 280x320, or with `ranged` a range as 3..7."""

    name = "number"

    def __init__(self, option: str, *, ranged: bool = False, least: int = 1) -> None:
        self.option, self.ranged = option, ranged
        self.each = WholeNumber(option, least, _LARGEST)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Length:
        """The number, the pair (height, width) or the range, else `UsageError`."""
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]
        if self.ranged and value.count("..") == 1:
            first, last = (self._one(word) for word in value.split(".."))
            if first > last:
                raise UsageError(
                    "range-order",
                    "{option} takes a range from the smaller number to the larger, as "
                    "in 3..7; got {value!r}.",
                    option=self.option,
                    value=value[:60],
                )
            return range(first, last + 1)
        if value.count("x") == 1:
            height, width = (self._one(word) for word in value.split("x"))
            return height, width
        return self._one(value)

    def _one(self, word: str) -> int:
        return self.each.convert(word, None, None)


class PaddingType(click.ParamType):  # type: ignore[type-arg]
    """One padding, two as 1,2, one an axis as 1x2, four as 0,1,0,1, or a "same"."""

    name = "padding"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Padding:
        """The padding at start and end, for each axis, or the name of a "same"."""
        if isinstance(value, tuple) or value in SAME:
            return value  # type: ignore[no-any-return]
        if _EACH.fullmatch(value):
            height, width = map(int, value.split("x"))
            return (height, height), (width, width)
        sides = [int(side) for side in re.findall(_NUMBER, value)]
        if _FOUR.fullmatch(value):
            return (sides[0], sides[1]), (sides[2], sides[3])
        if not _ONE.fullmatch(value):
            raise UsageError(
                "padding-option",
                "--padding must be one whole number, two (start and end), one for "
                "height and width as 1x2, four (top, bottom, left, right), or one of "
                "{known}; got {value!r}.",
                known=", ".join(SAME),
                value=value[:60],
            )
        return sides[0], sides[-1]


class SizeCommand(Command):
    """The command whose `--padding` takes one number or two."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the words after writing two paddings as one word."""
        return super().parse_args(ctx, self.paired(args))

    def paired(self, words: Sequence[str]) -> list[str]:
        """The words with `--padding 1 2` as `--padding 1,2`.

        A second number belongs to the padding where the input's size stands elsewhere.
        """
        places = [i for i, word in enumerate(words) if word == "--padding"]
        if len(places) != 1:
            return list(words)
        at = places[0] + 1
        pair, rest = words[at : at + 2], [*words[: at - 1], *words[at + 2 :]]
        both = len(pair) == 2 and all(word.isdecimal() for word in pair)
        if not both or not self._lengths(rest):
            return list(words)
        return [*words[:at], ",".join(pair), *words[at + 2 :]]

    def _lengths(self, words: Sequence[str]) -> list[str]:
        """The words that are neither options nor their values."""
        valued = {
            name
            for param in self.params
            if isinstance(param, click.Option) and not param.is_flag
            for name in param.opts
        }
        before = ["", *words]
        return [
            word
            for word, last in zip(words, before, strict=False)
            if not word.startswith("-") and "=" not in word and last not in valued
        ]
