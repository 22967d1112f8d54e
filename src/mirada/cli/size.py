"""`mirada size`: the output size of one window, with the substitution."""

import re
from collections.abc import Sequence
from typing import Any

import click

from mirada.analysis import Same, WindowSize, same_meanings, window_size
from mirada.cli.command import Command, argument, as_command, json_option, option
from mirada.cli.kinds import WholeNumber
from mirada.cli.output import Column, show, show_json, show_table
from mirada.errors import Phrase, UsageError
from mirada.language import translate
from mirada.network.window import SAME

__all__ = ["PaddingType", "SizeCommand", "command"]

Padding = tuple[int, int] | str

_PADDING = re.compile(r"[0-9]{1,9}(,[0-9]{1,9})?", re.ASCII)


class PaddingType(click.ParamType):  # type: ignore[type-arg]
    """One padding, two as 1,2, or a "same"."""

    name = "padding"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Padding:
        """The padding at start and end, or the name of a "same"."""
        if isinstance(value, tuple) or value in SAME:
            return value  # type: ignore[no-any-return]
        if not _PADDING.fullmatch(value):
            raise UsageError(
                "padding-option",
                "--padding must be one whole number, two (start and end), or one of "
                "{known}; got {value!r}.",
                known=", ".join(SAME),
                value=value[:60],
            )
        sides = [int(side) for side in value.split(",")]
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


def _number(option: str) -> WholeNumber:
    return WholeNumber(option, 1, 2**31 - 1)


@as_command(
    "size",
    kind=SizeCommand,
    details=Phrase(
        "O = (I - F + P_start + P_end)/S + 1. The formula has no rounding rule: the "
        "exact value is printed, then what rounding makes of it and which pixels that "
        "leaves out."
    ),
    examples=(
        "mirada size 32 --kernel 5",
        "mirada size 224 --kernel 11 --stride 4 --padding 2",
        "mirada size 5 --kernel 2 --padding 0 1",
        "mirada size 224 kernel=7 stride=2 padding=same",
        "mirada size 10 --kernel 3 --stride 2 --ceil --json",
    ),
)
@argument(
    "length", Phrase("Size of the input, in pixels."), metavar="I", type=_number("I")
)
@option(
    "--kernel",
    required=True,
    type=_number("--kernel"),
    metavar="F",
    about=Phrase("Size of the window."),
)
@option(
    "--stride",
    default=1,
    type=_number("--stride"),
    metavar="S",
    about=Phrase("Pixels from one window to the next; 1 unless given."),
)
@option(
    "--padding",
    default=(0, 0),
    type=PaddingType(),
    metavar="P | PS PE",
    about=Phrase(
        "Zeros at both ends, or at start and end; 'same' in its meanings: same, "
        "same-upper, same-lower, same-torch."
    ),
)
@option(
    "--dilation",
    default=1,
    type=_number("--dilation"),
    metavar="D",
    about=Phrase("Pixels from one of the window's taps to the next; 1 unless given."),
)
@option("--ceil", is_flag=True, about=Phrase("Round up, as some poolings do."))
@json_option()
def command(
    length: int,
    kernel: int,
    stride: int,
    padding: Padding,
    dilation: int,
    ceil: bool,
    as_json: bool,
) -> None:
    """Prints what the formula gives for one window."""
    start, end = (padding, None) if isinstance(padding, str) else padding
    size = window_size(length, kernel, stride, start, end, dilation, ceil=ceil)
    same = isinstance(padding, str)
    meanings = same_meanings(length, kernel, stride, dilation) if same else ()
    if as_json:
        kinds = {"same": [_same_plain(m) for m in meanings]} if same else {}
        show_json({**size.to_dict(), **kinds})
        return
    _show(size)
    if meanings:
        _show_meanings(meanings)


def _show(size: WindowSize) -> None:
    window = size.window
    formula = "(I - F + P_start + P_end)/S + 1"
    if window.dilation > 1:
        formula = "(I - (D*(F - 1) + 1) + P_start + P_end)/S + 1"
    show(f"O = {formula}")
    show(f"O = {size.formula}")
    if size.rounding is not None:
        show(size.rounding)
    show(translate("Output: {size}").format(size=size.output))


def _show_meanings(meanings: Sequence[Same]) -> None:
    show()
    show(translate("'same' has three meanings:"))
    columns = (
        Column(translate("Name")),
        Column(translate("Where")),
        Column(translate("Padding"), numbers=True),
        Column(translate("Output"), numbers=True),
        Column(translate("Total padding")),
    )
    show_table(columns, map(_meaning, meanings))
    if meanings[0].unclamped < 0:
        show(
            translate(
                "Without the max, formula sheets get {total}: a padding is never "
                "negative, so 0 is used."
            ).format(total=meanings[0].unclamped)
        )


def _meaning(same: Same) -> tuple[str, ...]:
    output = translate("stride 1 only") if same.output is None else str(same.output)
    return same.mode, same.spoken_by, f"{same.start}|{same.end}", output, same.formula


def _same_plain(same: Same) -> dict[str, object]:
    return {
        "mode": same.mode,
        "spoken_by": same.spoken_by,
        "padding": [same.start, same.end],
        "unclamped": same.unclamped,
        "output": same.output,
        "formula": same.formula,
    }
