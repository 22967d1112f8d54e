"""`mirada size`: the output size of one window, with the substitution, and back."""

from typing import Any

from mirada.cli.command import argument, as_command, json_option, option
from mirada.cli.output import show_json, show_lines
from mirada.cli.size_asked import Asked
from mirada.cli.size_text import lines, plain, show_meanings
from mirada.cli.size_want import show_wanted
from mirada.cli.size_words import AxesType, Length, PaddingType, SizeCommand
from mirada.errors import Phrase

__all__ = ["command"]


@as_command(
    "size",
    kind=SizeCommand,
    details=Phrase(
        "O = (I - F + P_start + P_end)/S + 1. The formula has no rounding rule: the "
        "exact value is printed, then what rounding makes of it and which pixels that "
        "leaves out. Two axes are written height x width, as everywhere in mirada: an "
        "image 320 wide and 280 high is 280x320."
    ),
    examples=(
        "mirada size 32 --kernel 5",
        "mirada size 224 --kernel 11 --stride 4 --padding 2",
        "mirada size 5 --kernel 2 --padding 0 1",
        "mirada size 224 kernel=7 stride=2 padding=same",
        "mirada size 280x320 --kernel 1x2",
        "mirada size 28 --kernel 2 --pool",
        "mirada size 14 --kernel 2 --stride 2 --transposed",
        "mirada size 28 --want 14",
        "mirada size 28 --want 14 --kernel 3..5 --stride 2",
        "mirada size 10 --kernel 3 --stride 2 --ceil --json",
    ),
)
@argument(
    "length",
    Phrase("Size of the input, in pixels: one number, or height x width."),
    metavar="I",
    type=AxesType("I"),
)
@option(
    "--kernel",
    type=AxesType("--kernel", ranged=True),
    metavar="F",
    about=Phrase("Size of the window; needed unless --want is given."),
)
@option(
    "--stride",
    type=AxesType("--stride", ranged=True),
    metavar="S",
    about=Phrase(
        "Pixels from one window to the next; 1 unless given, for --pool the window."
    ),
)
@option(
    "--padding",
    type=PaddingType(),
    metavar="P | PS PE",
    about=Phrase(
        "Zeros at both ends, or at start and end; 1x2 for height and width; 'same' in "
        "its meanings: same, same-upper, same-lower, same-torch."
    ),
)
@option(
    "--dilation",
    type=AxesType("--dilation", ranged=True),
    metavar="D",
    about=Phrase("Pixels from one of the window's taps to the next; 1 unless given."),
)
@option("--ceil", is_flag=True, about=Phrase("Round up, as some poolings do."))
@option(
    "--pool",
    is_flag=True,
    about=Phrase(
        "A pooling: its stride is its window unless given; it learns nothing."
    ),
)
@option(
    "--transposed",
    is_flag=True,
    about=Phrase("A transposed convolution, which enlarges."),
)
@option(
    "--output-padding",
    type=AxesType("--output-padding", least=0),
    metavar="N",
    about=Phrase("Pixels added at the end of what --transposed gives."),
)
@option(
    "--same",
    is_flag=True,
    about=Phrase("Show the three meanings of 'same' for this window."),
)
@option(
    "--want",
    type=AxesType("--want"),
    metavar="O",
    about=Phrase(
        "The output size that is wanted: every window that gives it, the simplest "
        "first. --kernel, --stride, --padding and --dilation then narrow the search, "
        "to one value or to a range as 3..7."
    ),
)
@json_option()
def command(want: Length | None, as_json: bool, **given: Any) -> None:
    """Prints what the formula gives for one window, or the windows for one size."""
    asked = Asked(**given)
    asked.check()
    if want is not None:
        show_wanted(asked, want, as_json=as_json)
        return
    answers = asked.answers()
    if as_json:
        show_json(plain(asked, answers))
        return
    show_lines(lines(asked, answers))
    for along in dict.fromkeys(answers):
        if along.meanings:
            show_meanings(along.meanings)
