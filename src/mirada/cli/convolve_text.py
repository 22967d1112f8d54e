"""What `mirada convolve` prints of an image, a kernel and every window."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.analysis import WindowSize
from mirada.cli.convolve_input import Given
from mirada.cli.matrix_lines import matrix_lines, side_by_side
from mirada.cli.output import count_text, show
from mirada.errors import Phrase
from mirada.inspection import Arithmetic
from mirada.inspection.kernels import Kernel
from mirada.inspection.sliding import Sliding
from mirada.inspection.terms import number_text
from mirada.language import translate
from mirada.tasks.sliding_picture import sum_lines

__all__ = [
    "show_pooling",
    "show_result",
    "show_steps",
    "show_what",
    "turning",
]

Numbers = NDArray[Any]
"""Longer sums of one slice are not written out."""


def turning(kernel: Numbers, *, flipped: bool) -> tuple[Phrase, Phrase]:
    """Whether the kernel is flipped, and what the other way would give.

    `kernel` (slices, h, w) is as it was given.
    """
    turned = kernel[:, ::-1, ::-1]
    way = (
        Phrase(
            "True convolution: the kernel is flipped in both directions before it "
            "slides."
        )
        if flipped
        else Phrase(
            "Cross-correlation, what networks call convolution: the kernel is not "
            "flipped."
        )
    )
    if np.array_equal(kernel, turned):
        other = Phrase(
            "Flipped, this kernel is the same: correlation and true convolution agree."
        )
    elif np.array_equal(kernel, -turned):
        other = Phrase(
            "Flipped, this kernel is its own negative: the one gives the negative of "
            "the other."
        )
    elif flipped:
        other = Phrase("Without --convolution the numbers would be others.")
    else:
        other = Phrase("With --convolution the numbers would be others.")
    return way, other


def _show_image(given: Given) -> None:
    """Prints the size of the image."""
    channels, height, width = given.values.shape
    template = translate("Image: {height}x{width} (height x width), channels: {count}")
    show(template.format(height=height, width=width, count=channels))


def show_what(
    given: Given,
    found: Sliding,
    kernel: Numbers,
    named: Sequence[Kernel],
    flipped: bool,
) -> None:
    """Prints the image's size, the kernel, which way it slides, and the sizes."""
    _show_image(given)
    for kind in named:
        show(f"{kind.name}: {kind.about} ({kind.source})")
    show(translate("Kernel:"))
    _show_slices(kernel)
    show("\n".join(map(str, turning(kernel, flipped=flipped))))
    if flipped and not np.array_equal(kernel, kernel[:, ::-1, ::-1]):
        show(translate("As it slides:"))
        _show_slices(kernel[:, ::-1, ::-1])
    _show_sizes(found)
    _show_cost(found)


def _show_slices(kernel: Numbers) -> None:
    blocks = [
        (translate("channel {number}").format(number=at), matrix_lines(one))
        for at, one in enumerate(kernel)
    ]
    lines = side_by_side(blocks) if len(blocks) > 1 else blocks[0][1]
    show("\n".join(lines))


def _show_sizes(found: Sliding) -> None:
    """Prints the formula of height and width, and what rounding leaves out."""
    height, width = found.height, found.width
    if height == width:
        show(Phrase("Height and width: {formula}", formula=height.formula))
        roundings = [height.rounding]
    else:
        show(Phrase("Height: {formula}", formula=height.formula))
        show(Phrase("Width: {formula}", formula=width.formula))
        roundings = [height.rounding, width.rounding]
    for rounding in filter(None, roundings):
        show(rounding)


def _show_cost(found: Sliding) -> None:
    """Prints the operations, and the one matrix that would do the same."""
    times, plus = found.operations
    show(
        translate(
            "Operations: {all} ({times} multiplications, {plus} additions)"
        ).format(
            all=count_text(times + plus), times=count_text(times), plus=count_text(plus)
        )
    )
    dense = found.dense
    show(
        translate(
            "As one matrix on the flattened image: {entries} entries, of which "
            "{nonzero} hold a weight"
        ).format(entries=count_text(dense.entries), nonzero=count_text(dense.nonzero))
    )


def show_result(found: Sliding) -> None:
    """Prints every map on the way, and the output."""
    channels = len(found.per_channel)
    if found.kernel is None:
        for channel in range(channels):
            heading = Phrase("Output")
            if channels > 1:
                heading = Phrase("Output of channel {number}", number=channel)
            _show_map(heading, found.output[channel])
        return
    if channels > 1:
        for channel, values in enumerate(found.per_channel):
            _show_map(Phrase("Map of channel {number}", number=channel), values)
        assert found.total is not None
        heading = Phrase("Sum of the {count} maps", count=channels)
        if found.bias or found.activation is not None:
            _show_map(heading, found.total)
    if found.activation is not None and found.biased is not None:
        bias = number_text(found.bias)
        _show_map(Phrase("Sum + bias ({bias})", bias=bias), found.biased)
    _show_map(_output_heading(found), found.output)


def _output_heading(found: Sliding) -> Phrase:
    if found.activation is not None:
        return Phrase("Output, after {activation}", activation=found.activation.kind)
    if found.bias:
        return Phrase("Output: sum + bias ({bias})", bias=number_text(found.bias))
    return Phrase("Output")


def _show_map(heading: Phrase, values: Numbers) -> None:
    """Prints a map (h, w) under its heading."""
    height, width = values.shape
    show()
    show(f"{heading}, {height}x{width}:")
    show("\n".join(matrix_lines(values)))


def show_steps(found: Sliding, places: Sequence[tuple[int, int]], left: int) -> None:
    """Prints the windows at these places; `left` more are not shown."""
    for row, column in places:
        show()
        show(
            translate("Window at row {row}, column {column}:").format(
                row=row, column=column
            )
        )
        for channel in range(len(found.per_channel) if found.kernel is None else 1):
            _show_step(found.step(row, column, channel))
    if left:
        show()
        show(
            translate("{count} more windows; --step ROW COLUMN shows one.").format(
                count=left
            )
        )


def _show_step(step: Arithmetic) -> None:
    """Prints the window of every channel with its sum, then what they make together."""
    terms = step.terms
    lines = sum_lines(step)
    for at in range(len(terms.window)):
        if len(terms.window) > 1:
            show(translate("channel {number}").format(number=at))
        inside = terms.inside[at]
        blocks = [(translate("window"), matrix_lines(terms.window[at], inside))]
        if terms.weights is not None and terms.products is not None:
            blocks.append((translate("kernel"), matrix_lines(terms.weights[at])))
            products = matrix_lines(terms.products[at], inside)
            blocks.append((translate("products"), products))
        show("\n".join(side_by_side(blocks)))
        show(lines[at])
    for line in lines[len(terms.window) :]:
        show(line)


def _ends(size: WindowSize) -> tuple[int, int]:
    return size.window.start, size.window.end


def show_pooling(given: Given, pool: str, found: Sliding) -> None:
    """Prints the image's size, what the pooling does, and the sizes."""
    text = {
        "max": Phrase("Max pooling keeps the largest value of each window."),
        "mean": Phrase("Mean pooling takes the mean of each window."),
    }
    _show_image(given)
    show(text[pool])
    if pool == "mean" and any((*_ends(found.height), *_ends(found.width))):
        show(translate("The zeros of the padding count in the mean."))
    show(translate("Are there parameters to learn? No: 0."))
    _show_sizes(found)
