"""`mirada convolve`: a kernel, or a pooling window, slid over an image."""

from pathlib import Path

import click

from mirada.cli.command import argument, as_command, json_option, option
from mirada.cli.convolve_files import (
    SHOWN,
    figure_of,
    photo_pictures,
    show_pictures,
    write_pictures,
)
from mirada.cli.convolve_input import (
    Given,
    given_image,
    given_kernel,
    window_size_of,
)
from mirada.cli.convolve_plain import convolve_plain
from mirada.cli.convolve_text import show_pooling, show_result, show_steps, show_what
from mirada.cli.convolve_words import ConvolveCommand, StepType
from mirada.cli.kinds import RealNumber, WholeNumber
from mirada.cli.output import say, show_json
from mirada.cli.size_words import Padding, PaddingType
from mirada.errors import Phrase, UsageError
from mirada.inspection.kernels import KERNELS, Kernel
from mirada.inspection.sliding import ACTIVATIONS, Sliding, slide_kernel, slide_pooling
from mirada.language import translate
from mirada.tasks.sliding_picture import sliding_title

__all__ = ["command"]

_MOST_STEPS = 36
_DEFAULT = Path("convolved")


@as_command(
    "convolve",
    kind=ConvolveCommand,
    details=Phrase(
        "IMAGE is a photo, a text file of numbers (.txt, .csv, .tsv) or the numbers "
        "themselves, rows apart by ';' and channels by '|'. Of several channels the "
        "maps are added up, as a layer does. A photo's maps are written as PNG into "
        "the folder 'convolved', or where --out says; of numbers nothing is written "
        "unless --out asks for the figure."
    ),
    examples=(
        'mirada convolve "1 1 1 0; 0 1 1 1; 0 0 1 1" --kernel "1 0 1; 0 1 0; 1 0 1"',
        'mirada convolve "110; 011; 001" --kernel edges --step',
        'mirada convolve "0 0 0; 0 9 0; 0 0 0" --kernel sobel-x --convolution',
        'mirada convolve "1 1 2 4; 5 6 7 8; 3 2 1 0" --pool max --kernel 2',
        "mirada convolve image.png --kernel sharpen",
        "mirada convolve image.png --kernel gabor --angle 45 --out stripes",
    ),
)
@argument(
    "image", Phrase("A photo, a text file of numbers, or numbers."), metavar="IMAGE"
)
@option(
    "--kernel",
    required=True,
    multiple=True,
    metavar="NAME|ROWS",
    about=Phrase(
        "One of {names}; or its rows, as in '1 0 1; 0 1 0; 1 0 1'. Given several "
        "times: one slice a channel. With --pool: the size of the window.",
        names=", ".join(KERNELS),
    ),
)
@option(
    "--convolution",
    is_flag=True,
    about=Phrase("True convolution: flip the kernel first; else correlation."),
)
@option(
    "--pool",
    type=click.Choice(("max", "mean")),
    about=Phrase("Take the largest or the mean value of each window instead."),
)
@option(
    "--stride",
    type=WholeNumber("--stride", 1, 64),
    metavar="S",
    about=Phrase("Pixels from one window to the next; 1, or the window with --pool."),
)
@option(
    "--padding",
    default=(0, 0),
    type=PaddingType(),
    metavar="P | PS PE",
    about=Phrase("Zeros at both ends, or at start and end, or a 'same'."),
)
@option(
    "--dilation",
    default=1,
    type=WholeNumber("--dilation", 1, 64),
    metavar="D",
    about=Phrase("Pixels from one of the window's taps to the next; 1 unless given."),
)
@option(
    "--bias",
    default=0.0,
    type=RealNumber("--bias", -1e9, 1e9),
    metavar="B",
    about=Phrase("A number that is added to every sum."),
)
@option(
    "--activation",
    type=click.Choice(ACTIVATIONS),
    about=Phrase("The function that follows."),
)
@option(
    "--step",
    type=StepType(),
    metavar="[ROW COLUMN]",
    about=Phrase("Show each window with its products and its sum, or one of them."),
)
@option(
    "--show",
    "way",
    type=click.Choice(tuple(SHOWN)),
    about=Phrase(
        "How a photo's map becomes a picture; else clipped for a kernel that keeps "
        "the brightness, signed for one that takes it away, stretched for others."
    ),
)
@option(
    "--animate",
    is_flag=True,
    about=Phrase("Let the window slide in the figure that --out asks for."),
)
@option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    about=Phrase("The folder for pictures and the figure."),
)
@option(
    "--side",
    type=WholeNumber("--side", 1, 99),
    metavar="N",
    about=Phrase("Height and width of blur, gaussian and gabor, in pixels."),
)
@option(
    "--sigma",
    type=RealNumber("--sigma", 0.1, 100),
    metavar="X",
    about=Phrase("Width of the bell of gaussian and gabor, in pixels."),
)
@option(
    "--angle",
    type=RealNumber("--angle", -360, 360),
    metavar="A",
    about=Phrase("Direction across the stripes of gabor, in degrees."),
)
@option(
    "--wavelength",
    type=RealNumber("--wavelength", 2, 100),
    metavar="X",
    about=Phrase("Pixels from one stripe of gabor to the next."),
)
@json_option()
def command(
    image: str,
    kernel: tuple[str, ...],
    convolution: bool,
    pool: str | None,
    stride: int | None,
    padding: Padding,
    dilation: int,
    bias: float,
    activation: str | None,
    step: tuple[int, int] | str | None,
    way: str | None,
    animate: bool,
    out: Path | None,
    as_json: bool,
    **shaping: float | None,
) -> None:
    """Prints what the window makes of the image, and writes what was asked for."""
    # long because it has an argument for each option.
    shift = int(bias) if bias.is_integer() else bias
    numbers, named, kind = None, list[Kernel](), f"{pool}-pooling"
    if pool is not None:
        _refuse_with_pool(convolution, dilation, bias, activation, shaping)
        size = window_size_of(kernel)
        given = given_image(image)
        found = slide_pooling(given.values, pool, size, stride=stride, padding=padding)
    else:
        kind = "convolution" if convolution else "correlation"
        numbers, named = given_kernel(kernel, **shaping)
        given = given_image(image)
        found = slide_kernel(
            given.values,
            numbers,
            stride=stride or 1,
            padding=padding,
            dilation=dilation,
            bias=shift,
            activation=activation,
            flipped=convolution,
        )
    _require_figure(given, animate, out)
    places, left = _places(found, step)
    steps = [found.step(*place) for place in places]
    pictures = photo_pictures(found, way) if given.is_photo else []
    written: list[str] = []
    if given.is_photo or out is not None:
        at = step if isinstance(step, tuple) else (0, 0)
        names = [one.name for one in named] if len(kernel) == 1 else []
        title = sliding_title(kind, names, found)
        figure = figure_of(given, found, title, kind, pictures, at, moves=animate)
        source = Path(image) if given.name else None
        written = write_pictures(out or _DEFAULT, pictures, figure, source)
    if as_json:
        plain = convolve_plain(given, found, kind, numbers, steps)
        maps = [{"file": one.file, "shown": one.way} for one in pictures]
        show_json({**plain, "maps": maps, "written": written})
        return
    if numbers is None:
        show_pooling(given, pool or "", found)
    else:
        show_what(given, found, numbers, named, convolution)
    show_steps(found, places, left)
    if given.is_photo:
        show_pictures(pictures)
    else:
        show_result(found)
    for path in written:
        say(translate("Written: {path}").format(path=path))


def _places(
    found: Sliding, step: tuple[int, int] | str | None
) -> tuple[list[tuple[int, int]], int]:
    """The windows to show, and how many more there are."""
    if step is None:
        return [], 0
    if isinstance(step, tuple):
        return [step], 0
    places = found.places
    return places[:_MOST_STEPS], max(len(places) - _MOST_STEPS, 0)


def _refuse_with_pool(
    convolution: bool,
    dilation: int,
    bias: float,
    activation: str | None,
    shaping: dict[str, float | None],
) -> None:
    """Pooling has no kernel to flip, nothing to add and nothing to shape."""
    given = {
        "convolution": convolution,
        "dilation": dilation > 1,
        "bias": bias,
        "activation": activation,
        **{name: value is not None for name, value in shaping.items()},
    }
    foreign = [f"--{name}" for name, asked in given.items() if asked]
    if foreign:
        raise UsageError(
            "pool-options",
            "--pool takes --kernel, --stride and --padding; {foreign} says nothing to "
            "it. Leave it out.",
            foreign=", ".join(foreign),
        )


def _require_figure(given: Given, animate: bool, out: Path | None) -> None:
    if animate and given.is_photo:
        raise UsageError(
            "animate-photo",
            "--animate slides the window over numbers; {image!r} is a photo. Give a "
            "small matrix.",
            image=given.name,
        )
    if animate and out is None:
        raise UsageError(
            "animate-where",
            "--animate needs a folder for the figure: add --out, as in --out figures.",
        )
