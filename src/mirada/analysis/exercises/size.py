"""Exercises on the output size of a window: the lecture's formula, forwards."""

from fractions import Fraction

from mirada.analysis.exercises.answer import Number, Size
from mirada.analysis.exercises.draw import Draw
from mirada.analysis.exercises.exercise import Exercise, slips
from mirada.analysis.exercises.window import (
    FORMULA,
    explain_size,
    window_given,
    window_slips,
)
from mirada.analysis.exercises.wording import padding_words, square
from mirada.analysis.size import WindowSize, window_size
from mirada.errors import Phrase
from mirada.network.window import Window

__all__ = ["KINDS", "TOPIC"]

TOPIC = "size"
_HINT = Phrase("{formula}, rounded down where it is not whole.", formula=FORMULA)


def _asked(kind: str, level: int, size: WindowSize, question: Phrase) -> Exercise:
    answer = Size((size.output, size.output))
    return Exercise(
        TOPIC,
        kind,
        level,
        question,
        answer,
        explain_size(size),
        _HINT,
        slips(answer, *window_slips(size)),
        given=window_given(size),
    )


def _convolved(kind: str, level: int, size: WindowSize) -> Exercise:
    w = size.window
    question = Phrase(
        "A filter of {kernel} slides over an image of {image} pixels, {padding} and "
        "with a stride of {stride}. What is the size of the output?",
        kernel=square(w.size),
        image=square(size.length),
        padding=padding_words(w.start, w.end),
        stride=w.stride,
    )
    return _asked(kind, level, size, question)


def _valid(draw: Draw, level: int) -> Exercise:
    kernel = draw.one((2, 3, 5))
    length = draw.one((6, 7, 8, 9, 10, 12, 16, 20, 28, 32))
    return _convolved("valid", level, window_size(length, kernel))


def _halved(draw: Draw, level: int) -> Exercise:
    kernel = draw.one((2, 2, 3, 4))
    size = window_size(kernel * draw.whole(3, 16), kernel, kernel)
    question = Phrase(
        "Max pooling with windows of {kernel} and a stride of {stride} is applied to "
        "maps of {image} pixels. What is the size of the output?",
        kernel=square(kernel),
        stride=kernel,
        image=square(size.length),
    )
    return _asked("pooling", level, size, question)


def _kept(draw: Draw, level: int) -> Exercise:
    kernel = draw.one((3, 5))
    length = draw.one((5, 7, 8, 10, 12, 14, 28, 32))
    padding = draw.whole(1, kernel // 2)
    return _convolved("padding", level, window_size(length, kernel, 1, padding))


def _exact(draw: Draw, level: int) -> Exercise:
    kernel, stride = draw.one((3, 5, 7)), draw.whole(2, 4)
    padding, output = draw.whole(1, kernel // 2), draw.whole(5, 30)
    length = stride * (output - 1) + kernel - 2 * padding
    return _convolved("stride", level, window_size(length, kernel, stride, padding))


def _rectangle(draw: Draw, level: int) -> Exercise:
    height, width = draw.one(((280, 320), (24, 32), (48, 64), (120, 160), (9, 16)))
    tall, wide = draw.one(((1, 2), (2, 1), (3, 5), (5, 3), (1, 3)))
    rows, columns = window_size(height, tall), window_size(width, wide)
    answer = Size((rows.output, columns.output))
    return Exercise(
        TOPIC,
        "rectangle",
        level,
        Phrase(
            "A filter of height {tall} and width {wide} slides over an image of height "
            "{height} and width {width}, without padding and with a stride of 1. What "
            "is the size of the output, height x width?",
            tall=tall,
            wide=wide,
            height=height,
            width=width,
        ),
        answer,
        (
            FORMULA,
            Phrase("height: {formula}", formula=rows.formula),
            Phrase("width: {formula}", formula=columns.formula),
        ),
        Phrase("The formula is used twice: once for the height, once for the width."),
        slips(
            answer,
            ("sides-swapped", (columns.output, rows.output)),
            ("plus-one-forgotten", (rows.output - 1, columns.output - 1)),
            ("same-misread", (height, width)),
        ),
        given={
            "height": window_given(rows),
            "width": window_given(columns),
        },
    )


def _floored(draw: Draw, level: int) -> Exercise | None:
    kernel, stride = draw.one((3, 5, 7, 11)), draw.whole(2, 4)
    padding = draw.whole(0, kernel // 2)
    length = draw.one((*range(20, 40), 64, 112, 224, 227))
    size = window_size(length, kernel, stride, padding)
    return None if size.exact.denominator == 1 else _convolved("floor", level, size)


def _ceiled(draw: Draw, level: int) -> Exercise | None:
    kernel = draw.one((2, 3, 4))
    stride, length = draw.whole(2, kernel), draw.whole(7, 60)
    size = window_size(length, kernel, stride, ceil=True)
    if size.output == size.floor:
        return None
    answer = Size((size.output, size.output))
    return Exercise(
        TOPIC,
        "ceil",
        level,
        Phrase(
            "Max pooling with windows of {kernel} and a stride of {stride} is applied "
            "to maps of {image} pixels, rounding up (ceil). What is the size of the "
            "output?",
            kernel=square(kernel),
            stride=stride,
            image=square(length),
        ),
        answer,
        explain_size(size),
        Phrase("{formula}, rounded up this time.", formula=FORMULA),
        slips(
            answer,
            ("floor-taken", size.floor),
            ("plus-one-forgotten", size.output - 1),
            ("floor-missed", size.exact),
        ),
        given=window_given(size),
    )


def _dilated(draw: Draw, level: int) -> Exercise:
    kernel, dilation, stride = draw.one((3, 5)), draw.whole(2, 4), draw.whole(1, 2)
    padding, length = draw.whole(0, 4), draw.whole(24, 64)
    size = window_size(length, kernel, stride, padding, D=dilation)
    plain = window_size(length, kernel, stride, padding)
    answer = Size((size.output, size.output))
    return Exercise(
        TOPIC,
        "dilation",
        level,
        Phrase(
            "A filter of {kernel} with a dilation of {dilation} slides over an image "
            "of {image} pixels, {padding} and with a stride of {stride}. What is the "
            "size of the output?",
            kernel=square(kernel),
            dilation=dilation,
            image=square(length),
            padding=padding_words(padding, padding),
            stride=stride,
        ),
        answer,
        explain_size(size),
        Phrase("With dilation D the filter spans D*(F - 1) + 1 pixels instead of F."),
        slips(answer, ("dilation-forgotten", plain.output), *window_slips(size)),
        given=window_given(size),
    )


def _asymmetric(draw: Draw, level: int) -> Exercise:
    kernel, stride = draw.one((2, 3, 4, 5)), draw.whole(1, 3)
    start, more = draw.whole(0, 2), draw.whole(1, 2)
    length = draw.whole(7, 40)
    size = window_size(length, kernel, stride, start, start + more)
    return _convolved("asymmetric", level, size)


def _transposed(draw: Draw, level: int) -> Exercise:
    kernel, stride = draw.one((2, 3, 4)), draw.whole(2, 3)
    padding, length = draw.whole(0, 1), draw.whole(4, 32)
    output = stride * (length - 1) + kernel - 2 * padding
    answer = Size((output, output))
    plain = Window(kernel, stride, padding, padding)
    return Exercise(
        TOPIC,
        "transposed",
        level,
        Phrase(
            "A transposed convolution enlarges maps of {image} pixels: filters of "
            "{kernel}, stride {stride}, padding {padding}. What is the size of the "
            "output?",
            image=square(length),
            kernel=square(kernel),
            stride=stride,
            padding=padding,
        ),
        answer,
        (
            "O = S*(I - 1) + F - P_start - P_end",
            f"O = {stride}*({length} - 1) + {kernel} - {padding} - {padding} "
            f"= {output}",
        ),
        Phrase("It runs the formula backwards: O = S*(I - 1) + F - P_start - P_end."),
        slips(
            answer,
            ("transposed-as-convolution", plain.output(length)),
            ("padding-forgotten", output + 2 * padding),
            ("padding-once", output + padding),
            ("size-grown-only", stride * length),
        ),
        given=window_given(WindowSize(length, plain)),
    )


def _unread(draw: Draw, level: int) -> Exercise | None:
    kernel, stride = draw.one((3, 5, 7)), draw.whole(3, 6)
    size = window_size(draw.whole(20, 80), kernel, stride)
    if not size.dropped:
        return None
    reached = (size.output - 1) * stride + kernel
    answer = Number(Fraction(size.dropped))
    return Exercise(
        TOPIC,
        "unread",
        level,
        Phrase(
            "A filter of {kernel} slides over an image of {image} pixels, without "
            "padding and with a stride of {stride}. How many columns at the right edge "
            "does no window read?",
            kernel=square(kernel),
            image=square(size.length),
            stride=stride,
        ),
        answer,
        (
            *explain_size(size),
            Phrase(
                "the last window starts at {start} and ends at {end}",
                start=f"({size.output} - 1)*{stride} = {reached - kernel}",
                end=f"{reached - kernel} + {kernel} = {reached}",
            ),
            f"{size.length} - {reached} = {size.dropped}",
        ),
        Phrase("Where does the last window that fits whole come to its end?"),
        given=window_given(size),
    )


KINDS = {
    1: (_valid, _halved, _kept),
    2: (_exact, _rectangle),
    3: (_floored, _asymmetric, _dilated, _ceiled, _transposed, _unread),
}
"""What makes the exercises of each level."""
