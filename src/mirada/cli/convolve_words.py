"""The words of `mirada convolve` whose number varies: `--step`, `--padding`."""

import re
from collections.abc import Sequence
from typing import Any

import click

from mirada.cli.size_words import SizeCommand
from mirada.errors import UsageError

__all__ = ["ConvolveCommand", "StepType"]

_STEP = re.compile(r"[0-9]{1,9},[0-9]{1,9}", re.ASCII)
_EVERY = "all"


class StepType(click.ParamType):  # type: ignore[type-arg]
    """Every window, or the one at a row and a column of the output."""

    name = "step"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int] | str:
        """The word "all" or the place; else `UsageError`."""
        if isinstance(value, tuple) or value == _EVERY:
            return value  # type: ignore[no-any-return]
        if not _STEP.fullmatch(value):
            raise UsageError(
                "step-option",
                "--step stands alone for every window, or takes the row and the column "
                "of one, as in --step 0 2; got {value!r}.",
                value=value[:60],
            )
        row, column = map(int, value.split(","))
        return row, column


class ConvolveCommand(SizeCommand):
    """The command whose `--step` takes two numbers or none, `--padding` one or two."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the words after giving `--step` one value."""
        return super().parse_args(ctx, self.stepped(args))

    def stepped(self, words: Sequence[str]) -> list[str]:
        """The words with `--step 0 2` as `--step 0,2`, and `--step` as `--step all`."""
        found: list[str] = []
        waiting = list(words)
        while waiting:
            word = waiting.pop(0)
            found.append(word)
            if word == "--":
                return [*found, *waiting]
            if word != "--step":
                continue
            pair = waiting[:2]
            if len(pair) == 2 and all(one.isdecimal() for one in pair):
                found.append(",".join(pair))
                del waiting[:2]
            elif not pair or not _STEP.fullmatch(pair[0]):
                found.append(_EVERY)
        return found
