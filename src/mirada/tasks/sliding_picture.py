"""A window that slid over numbers, as it is drawn: titles, sums, grids."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from numpy.typing import NDArray

from mirada.errors import Phrase
from mirada.inspection import Arithmetic
from mirada.inspection.sliding import Sliding
from mirada.inspection.terms import factor_text, number_text
from mirada.language import translate
from mirada.views.sliding import Slide

__all__ = ["slide_of", "sliding_title", "sum_lines"]

Numbers = NDArray[Any]
_MOST_TERMS = 49
_SIGNS = {
    "correlation": "⋆",
    "convolution": "∗",
    "max-pooling": "max",
    "mean-pooling": "mean",
}


def sliding_title(kind: str, names: Sequence[str], found: Sliding) -> str:
    """What a figure shows, in a line; `names` are those of its kernel."""
    kinds = {
        "correlation": Phrase("Cross-correlation"),
        "convolution": Phrase("True convolution"),
        "max-pooling": Phrase("Max pooling"),
        "mean-pooling": Phrase("Mean pooling"),
    }
    axes = found.height.window, found.width.window
    words = [str(kinds[kind]), *names]
    words.append(translate("stride {stride}").format(stride=axes[0].stride))
    ends = [f"{w.start}|{w.end}" if w.start != w.end else str(w.start) for w in axes]
    if set(ends) != {"0"}:
        padding = "x".join(dict.fromkeys(ends))
        words.append(translate("padding {padding}").format(padding=padding))
    return ", ".join(words)


def slide_of(found: Sliding, title: str, kind: str) -> Slide:
    """A window that slid, as it is drawn.

    `kind` is "correlation", "convolution", "max-pooling" or "mean-pooling".
    """
    rows, columns = found.height.window, found.width.window
    alone = found.kernel is None or (
        len(found.per_channel) == 1 and not found.bias and found.activation is None
    )
    return Slide(
        title=title,
        sign=_SIGNS[kind],
        image=found.image,
        kernel=found.kernel,
        maps=found.per_channel,
        output=None if alone else found.output,
        window=(rows.size, columns.size),
        stride=(rows.stride, columns.stride),
        padding=(rows.start, rows.end, columns.start, columns.end),
        dilation=(rows.dilation, columns.dilation),
        sums=_sums(found),
        output_caption=_output_caption(found),
    )


def _output_caption(found: Sliding) -> str:
    """What the last grid holds: the output, or what is done to the sum for it."""
    if not found.bias and found.activation is None:
        return translate("output")
    words = translate("sum")
    if found.bias:
        sign = "+" if found.bias > 0 else "-"
        words = f"{words} {sign} {number_text(abs(found.bias))}"
    return words if found.activation is None else f"{found.activation.kind}({words})"


def _sums(found: Sliding) -> list[list[str]]:
    """The lines of every window: of a pooling one a channel."""
    channels = len(found.per_channel) if found.kernel is None else 1
    return [
        [
            line
            for channel in range(channels)
            for line in sum_lines(found.step(row, column, channel))
        ]
        for row, column in found.places
    ]


def sum_lines(step: Arithmetic) -> list[str]:
    """The sum of one window written out, then bias and activation.

    The products of a channel stand in the order of the window: 1*1+1*0+... = 4.
    """
    terms = step.terms
    if terms.weights is None or terms.products is None:
        return [terms.formula]
    lines = list(_written(terms.window, terms.weights))
    sums = terms.products.sum(axis=(1, 2))
    if len(sums) > 1:
        added = "+".join(_factors(map(float, sums)))
        lines.append(f"{added} = {number_text(terms.sum or 0.0)}")
    if terms.bias:
        lines.append(terms.formula)
    if step.activation is not None:
        lines.append(step.activation.formula)
    return lines


def _factors(values: Iterable[float]) -> Iterator[str]:
    """Numbers as they stand in a sum: negative ones but the first in brackets."""
    for place, value in enumerate(values):
        yield factor_text(value) if place else number_text(value)


def _written(window: Numbers, weights: Numbers) -> Iterator[str]:
    for seen, own in zip(window, weights, strict=True):
        total = number_text(float((seen * own).sum()))
        if seen.size > _MOST_TERMS:
            yield translate("sum of {count} products = {total}").format(
                count=seen.size, total=total
            )
            continue
        pairs = zip(_factors(map(float, seen.flat)), own.flat, strict=True)
        products = (f"{x}*{factor_text(w)}" for x, w in pairs)
        yield f"{'+'.join(products)} = {total}"
