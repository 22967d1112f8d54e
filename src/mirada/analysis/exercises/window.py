"""A window's size with the numbers put in, and what goes wrong on the way."""

from fractions import Fraction
from typing import Any

from mirada.analysis.exercises.exercise import Step
from mirada.analysis.size import WindowSize, formula_text
from mirada.network.window import Window

__all__ = ["FORMULA", "explain_size", "window_given", "window_slips"]

FORMULA = formula_text()


def explain_size(size: WindowSize) -> tuple[Step, ...]:
    """The formula, the numbers put in, and what rounding does.

    >>> from mirada.analysis.size import window_size
    >>> [str(step) for step in explain_size(window_size(32, 5))]
    ['O = (I - F + P_start + P_end)/S + 1', 'O = (32 - 5 + 0 + 0)/1 + 1 = 28']
    """
    formula = formula_text(dilated=size.window.dilation > 1)
    rounding = () if size.rounding is None else (size.rounding,)
    return formula, f"O = {size.formula}", *rounding


def window_given(size: WindowSize) -> dict[str, Any]:
    """A window and its input as plain data."""
    w = size.window
    return {
        "input": size.length,
        "kernel": w.size,
        "stride": w.stride,
        "padding": [w.start, w.end],
        "dilation": w.dilation,
        "ceil": w.ceil,
    }


def window_slips(size: WindowSize) -> tuple[tuple[str, Fraction], ...]:
    """What the usual mistakes make of a window, where that is a size."""
    w, length = size.window, size.length
    whole = length + w.start + w.end
    on_filter = whole - Fraction(w.span, w.stride) + 1
    found: list[tuple[str, Fraction | int]] = [
        ("plus-one-forgotten", size.output - 1),
        ("padding-once", _output(length, w, w.start, 0)),
        ("padding-forgotten", _output(length, w, 0, 0)),
        ("stride-forgotten", whole - w.span + 1),
        ("stride-on-filter", on_filter),
        ("stride-on-filter", int(on_filter)),
        ("same-misread", length),
    ]
    if size.exact.denominator > 1:
        found += [("floor-missed", size.exact), ("floor-missed", size.floor + 1)]
    return tuple((name, Fraction(value)) for name, value in found if value > 0)


def _output(length: int, w: Window, start: int, end: int) -> int:
    return Window(w.size, w.stride, start, end, w.dilation, w.ceil).output(length)
