"""The arithmetic of one output as a person reads it."""

from collections.abc import Sequence

import numpy as np

from mirada.cli.matrix_lines import matrix_lines, side_by_side
from mirada.cli.output import Column, show, show_table
from mirada.errors import Phrase
from mirada.inspection import Arithmetic
from mirada.inspection.terms import Array, Place, number_text
from mirada.language import translate
from mirada.network import INPUT
from mirada.network.layer import shape_text

__all__ = ["place_text", "show_arithmetic"]

_MOST_CHANNELS = 4
"""Of more channels those that add most are shown, and the sum of the rest."""
_MOST_FEATURES = 12
_LARGEST_BLOCK = 12 * 12

_FACTS = {
    "running_mean": Phrase("running mean"),
    "running_var": Phrase("running variance"),
    "epsilon": Phrase("epsilon"),
    "normalized": Phrase("normalized"),
    "scale": Phrase("scale (gamma)"),
    "divisor": Phrase("divisor"),
    "largest": Phrase("largest score, taken off first"),
}


def place_text(place: Place) -> str:
    """A place in words.

    >>> place_text((3, 10, 12)), place_text((7,))
    ('channel 3, row 10, column 12', 'feature 7')
    """
    if len(place) == 1:
        return translate("feature {feature}").format(feature=place[0])
    return translate("channel {channel}, row {row}, column {column}").format(
        channel=place[0], row=place[1], column=place[2]
    )


def show_arithmetic(found: Arithmetic, classes: Sequence[str] = ()) -> None:
    """Prints where the output is, what it reads, and every step to its value.

    `classes` are the names that the scores of a softmax stand for.
    """
    kind = f" ({found.text})" if found.text else ""
    show(
        translate("{layer}{kind} gives {shape}; here {place}").format(
            layer=found.layer,
            kind=kind,
            shape=shape_text(found.shape),
            place=place_text(found.place),
        )
    )
    show()
    if found.terms.exponentials is not None:
        _show_scores(found, found.terms.exponentials, classes)
    elif found.terms.source is None:
        _show_joined(found)
    elif found.terms.window.size == 1 and found.terms.weights is None:
        _show_one(found)
    elif found.terms.window.ndim == 1:
        _show_features(found)
    else:
        _show_channels(found)
    _show_end(found)


def _show_channels(found: Arithmetic) -> None:
    """The window of every channel, or of those that add most to the sum."""
    terms = found.terms
    counted = terms.window if terms.products is None else terms.products
    sums = counted.sum(axis=(1, 2))
    shown = list(range(len(sums)))
    if len(sums) > _MOST_CHANNELS:
        largest = np.argsort(-np.abs(sums), kind="stable")[:_MOST_CHANNELS]
        shown = sorted(map(int, largest))
    for at in shown:
        _show_channel(found, at)
        if len(sums) > 1:
            show(
                translate("Sum of the channel: {sum}").format(sum=number_text(sums[at]))
            )
        show()
    if len(shown) < len(sums):
        rest = float(sums.sum() - sums[shown].sum())
        show(
            translate(
                "The other {count} channels add {sum}; --json prints them all."
            ).format(count=len(sums) - len(shown), sum=number_text(rest))
        )
        show()


def _show_channel(found: Arithmetic, at: int) -> None:
    terms = found.terms
    channels, rows, columns = terms.axes
    if not rows or not columns:
        show(translate("No pixel of the input reaches this place."))
        return
    show(
        translate("Channel {channel} of {source}: {rows}, {columns}").format(
            channel=channels[at],
            source=found.origin((at, 0, 0))[0],
            rows=Phrase("rows {places}", places=_listed(rows)),
            columns=Phrase("columns {places}", places=_listed(columns)),
        )
    )
    if terms.window[at].size > _LARGEST_BLOCK:
        show(translate("(too large to print; --json prints it)"))
        return
    inside = terms.inside[at]
    blocks = [(translate("window"), matrix_lines(terms.window[at], inside))]
    if terms.weights is not None and terms.products is not None:
        weights = matrix_lines(terms.weights[at])
        blocks.append((translate("weights"), weights))
        products = matrix_lines(terms.products[at], inside)
        blocks.append((translate("products"), products))
    show("\n".join(side_by_side(blocks)))
    if not inside.all():
        show(translate("(0) lies on the padding."))


def _listed(places: tuple[int, ...]) -> str:
    """Places one after the other, evenly spaced ones as first and last.

    >>> _listed((2, 3, 4, 5)), _listed((1, 0))
    ('2..5', '1, 0')
    """
    if len(places) > 2 and places == tuple(range(places[0], places[-1] + 1)):
        return f"{places[0]}..{places[-1]}"
    return ", ".join(map(str, places))


def _show_features(found: Arithmetic) -> None:
    """The inputs whose products are largest, and the sum of the others."""
    terms = found.terms
    assert terms.weights is not None and terms.products is not None
    order = np.argsort(-np.abs(terms.products), kind="stable")[:_MOST_FEATURES]
    source = found.sources[0]
    columns = (
        Column(translate("Input")),
        Column(translate("Value"), numbers=True),
        Column(translate("Weight"), numbers=True),
        Column(translate("Product"), numbers=True),
    )
    arrays: tuple[Array, ...] = terms.window, terms.weights, terms.products
    show_table(
        columns,
        (
            (f"{source} {at}", *(number_text(array[at]) for array in arrays))
            for at in map(int, order)
        ),
    )
    rest = len(terms.products) - len(order)
    if rest:
        total = float(terms.products.sum() - terms.products[order].sum())
        show(
            translate(
                "The other {count} inputs add {sum}; --json prints them all."
            ).format(count=rest, sum=number_text(total))
        )
    show()


def _show_scores(
    found: Arithmetic, exponentials: Array, classes: Sequence[str]
) -> None:
    """Every score, its exponential and its share."""
    terms, total = found.terms, found.terms.sum or 1.0
    scores = terms.window.ravel()
    named = len(classes) == len(scores)
    columns = (
        Column(translate("Class") if named else translate("Channel")),
        Column(translate("Score"), numbers=True),
        Column(translate("exp(score - largest)"), numbers=True),
        Column(translate("Share"), numbers=True),
    )
    numbers = zip(scores, exponentials, exponentials / total, strict=True)
    names = classes if named else map(str, range(len(scores)))
    show_table(
        columns,
        (
            (name, *map(number_text, row))
            for name, row in zip(names, numbers, strict=True)
        ),
    )
    show(translate("Sum of the exponentials: {sum}").format(sum=number_text(total)))
    show()


def _show_joined(found: Arithmetic) -> None:
    columns = Column(translate("Input")), Column(translate("Value"), numbers=True)
    values = map(number_text, found.terms.window)
    show_table(columns, zip(found.sources, values, strict=True))
    show()


def _show_one(found: Arithmetic) -> None:
    """The one value that is read, where it stands, and what it is put together with."""
    source, place = found.origin((0,) * found.terms.window.ndim)
    if source != found.layer:
        template = translate("Reads {source}, {place}: {value}")
        value = number_text(found.terms.window.item())
        show(template.format(source=source, place=place_text(place), value=value))
    if found.kind == "flatten" and len(place) == 3:
        show(translate("Laid out channel by channel, row by row."))
    if found.kind == "dropout":
        show(translate("Dropout does nothing outside of training."))
    for name, number in found.terms.facts:
        show(f"{_FACTS[name]}: {number_text(number)}")


def _show_end(found: Arithmetic) -> None:
    """The sum, the bias, the value and the activation after it."""
    terms = found.terms
    if terms.weights is not None and terms.sum is not None:
        total = number_text(terms.sum)
        show(translate("Sum of the products: {sum}").format(sum=total))
        if terms.bias is not None:
            bias = number_text(terms.bias)
            show(translate("Bias: {bias}").format(bias=bias))
    if terms.winners:
        _show_winners(found)
    show(translate("Value: {formula}").format(formula=terms.formula))
    after = found.activation
    if after is not None:
        show(
            translate("Then {layer}: {formula}").format(
                layer=after.layer, formula=after.formula
            )
        )
    if found.layer != INPUT:
        computed = number_text(found.computed)
        show(translate("The engine computed {value}.").format(value=computed))


def _show_winners(found: Arithmetic) -> None:
    winners = found.terms.winners
    place = place_text(found.origin(winners[0])[1])
    show(translate("The largest is at {place}.").format(place=place))
    if len(winners) > 1:
        show(
            translate(
                "{count} values are equally large: in training the first one takes the "
                "gradient."
            ).format(count=len(winners))
        )
