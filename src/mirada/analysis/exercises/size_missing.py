"""Exercises on output sizes, backwards: which kernel, stride or padding was it?"""

from fractions import Fraction

from mirada.analysis.exercises.answer import Number, Size
from mirada.analysis.exercises.draw import Draw
from mirada.analysis.exercises.exercise import Exercise, slips
from mirada.analysis.exercises.size import TOPIC
from mirada.analysis.exercises.window import window_given
from mirada.analysis.exercises.wording import padding_words, square
from mirada.analysis.same import same_meanings
from mirada.analysis.size import WindowSize, window_size
from mirada.errors import Phrase
from mirada.network.window import Window

__all__ = ["KINDS"]


def _kernel(draw: Draw, level: int) -> Exercise:
    kernel, padding = draw.one((2, 3, 4, 5, 7, 9)), draw.whole(0, 2)
    size = window_size(draw.whole(12, 64), kernel, 1, padding)
    answer = Size((kernel, kernel))
    sides = f"{size.length} + {padding} + {padding} - {size.output}"
    return Exercise(
        TOPIC,
        "kernel-missing",
        level,
        Phrase(
            "An image of {image} pixels gives maps of {maps}, {padding} and with a "
            "stride of 1. What is the size of the filters?",
            image=square(size.length),
            maps=square(size.output),
            padding=padding_words(padding, padding),
        ),
        answer,
        (
            "F = I + P_start + P_end - O + 1",
            f"F = {sides} + 1 = {kernel}",
            Phrase("check: {formula}", formula=size.formula),
        ),
        Phrase("With a stride of 1: O = I - F + P_start + P_end + 1. Solve for F."),
        slips(
            answer,
            ("plus-one-forgotten", kernel - 1),
            ("padding-once", kernel - padding),
            ("padding-forgotten", kernel - 2 * padding),
        ),
        given=window_given(size),
    )


def _padding(draw: Draw, level: int) -> Exercise:
    kernel = draw.one((3, 5, 7, 9, 11))
    padding = draw.whole(1, kernel // 2)
    size = window_size(draw.whole(12, 64), kernel, 1, padding)
    answer = Number(Fraction(padding))
    total = f"({size.output} - {size.length} + {kernel} - 1)"
    return Exercise(
        TOPIC,
        "padding-missing",
        level,
        Phrase(
            "Filters of {kernel} with a stride of 1 are to make maps of {maps} out of "
            "an image of {image} pixels. What padding is needed on each side?",
            kernel=square(kernel),
            maps=square(size.output),
            image=square(size.length),
        ),
        answer,
        (
            "P = (O - I + F - 1)/2",
            f"P = {total}/2 = {padding}",
            Phrase("check: {formula}", formula=size.formula),
        ),
        Phrase("With a stride of 1: O = I - F + 2*P + 1. Solve for P."),
        slips(answer, ("padding-total", 2 * padding)),
        given=window_given(size),
    )


def _stride(draw: Draw, level: int) -> Exercise | None:
    kernel, stride = draw.one((3, 5, 7)), draw.whole(2, 5)
    padding, length = draw.whole(0, kernel // 2), draw.whole(16, 64)
    size = window_size(length, kernel, stride, padding)
    strides = range(1, length + 2 * padding + 1)
    windows = [Window(kernel, each, padding, padding) for each in strides]
    fitting = [w.stride for w in windows if w.output(length) == size.output]
    if fitting != [stride]:
        return None
    reach = length + 2 * padding - kernel
    answer = Number(Fraction(stride))
    return Exercise(
        TOPIC,
        "stride-missing",
        level,
        Phrase(
            "Filters of {kernel} make maps of {maps} out of an image of {image} "
            "pixels, {padding}; the size is rounded down. What is the stride?",
            kernel=square(kernel),
            maps=square(size.output),
            image=square(length),
            padding=padding_words(padding, padding),
        ),
        answer,
        (
            f"{length} - {kernel} + {padding} + {padding} = {reach}",
            Phrase(
                "{reach}/S + 1, rounded down, is {output} where S is from {low} to "
                "{high}: only {stride} is whole",
                reach=reach,
                output=size.output,
                low=_shown(Fraction(reach, size.output), above=True),
                high=_shown(Fraction(reach, size.output - 1), above=False),
                stride=stride,
            ),
            Phrase("check: {formula}", formula=size.formula),
        ),
        Phrase("Solve the formula for S, then try the whole numbers near it."),
        slips(answer, ("padding-forgotten", (length - kernel) // (size.output - 1))),
        given=window_given(size),
    )


def _shown(bound: Fraction, *, above: bool) -> str:
    """A bound with two decimals, rounded towards the inside."""
    scaled = bound * 100
    inside = scaled.numerator // scaled.denominator + above
    return f"{inside / 100:.2f}"


def _same(draw: Draw, level: int) -> Exercise | None:
    kernel, stride = draw.one((2, 3, 5, 7)), draw.whole(1, 3)
    length = draw.one((*range(5, 33), 112, 224))
    same = same_meanings(length, kernel, stride)[0]
    if same.start == same.end or same.output is None:
        return None
    answer = Number(Fraction(same.end))
    window = Window(kernel, stride, same.start, same.end)
    return Exercise(
        TOPIC,
        "same",
        level,
        Phrase(
            "TensorFlow's 'same' pads an image of {image} pixels for filters of "
            "{kernel} with a stride of {stride}. How many zeros are put at the end (at "
            "the right edge)?",
            image=square(length),
            kernel=square(kernel),
            stride=stride,
        ),
        answer,
        (
            f"O = ceil({length}/{stride}) = {same.output}",
            "P_start + P_end = max((O - 1)*S + F - I, 0)",
            f"P_start + P_end = {same.formula}",
            Phrase(
                "the odd zero stands at the end: {start} at the start, {end} at the "
                "end",
                start=same.start,
                end=same.end,
            ),
        ),
        Phrase(
            "'same' makes O = ceil(I/S); the padding is what that takes in all, and an "
            "odd zero goes to the end."
        ),
        slips(
            answer,
            ("same-lower", same.start),
            ("padding-total", same.start + same.end),
        ),
        given=window_given(WindowSize(length, window)),
    )


KINDS = {1: (), 2: (_kernel, _padding), 3: (_stride, _same)}
"""What makes the exercises of each level."""
