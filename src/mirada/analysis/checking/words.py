"""What is said of a cell: the mistake with its arithmetic, and what is right."""

from collections.abc import Sequence

from mirada.analysis.checking.slip import Slip
from mirada.analysis.size import WindowSize
from mirada.analysis.size_reading import size_text
from mirada.analysis.summary import LayerSummary, Summary
from mirada.errors import Phrase
from mirada.network import (
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    Network,
    Node,
)

__all__ = ["right_parameters", "right_size", "right_total", "rounding", "told_slips"]

_MOST_TERMS = 12


def told_slips(slips: Sequence[Slip]) -> Phrase:
    """One sentence for the mistakes that give what was written."""
    reasons = [_reason(slip) for slip in slips[:3]]
    match reasons:
        case [one]:
            return Phrase("Likely: {reason}.", reason=one)
        case [one, other]:
            return Phrase("Either {one}; or {other}.", one=one, other=other)
    one, other, third = reasons
    return Phrase(
        "Either {one}; or {other}; or {third}.", one=one, other=other, third=third
    )


def _reason(slip: Slip) -> Phrase:
    if len(slip.whys) > 1:
        one, other = slip.whys
        if not slip.formula:
            return Phrase("two mistakes at once ({one}; {other})", one=one, other=other)
        return Phrase(
            "{formula}, by two mistakes at once ({one}; {other})",
            formula=slip.formula,
            one=one,
            other=other,
        )
    if not slip.formula:
        return slip.whys[0]
    return Phrase("{formula}: {why}", formula=slip.formula, why=slip.whys[0])


def rounding(sizes: Sequence[WindowSize]) -> Phrase | None:
    """What rounding did along one axis or both, None where nothing was rounded."""
    found = list(dict.fromkeys(size.rounding for size in sizes if size.rounding))
    if not found:
        return None
    if len(found) == 1:
        return Phrase("{sentence}.", sentence=found[0])
    return Phrase("{one}; {other}.", one=found[0], other=found[1])


def right_size(network: Network, node: Node, row: LayerSummary) -> Phrase:
    """The right size of a layer with its substitution."""
    shape, inputs = row.output_shape, network.input_shapes(node)
    values: dict[str, object] = {
        "count": shape[0],
        "formula": ", ".join(dict.fromkeys(size.formula for size in row.sizes)),
        "rounded": _rounded(row.windows),
    }
    match node.layer:
        case Conv2d():
            return Phrase(
                "Right: {formula}{rounded}, and one channel for each of the {count} "
                "filters.",
                **values,
            )
        case ConvTranspose2d():
            return Phrase(
                "Right: {formula}, and one channel for each of the {count} filters.",
                **values,
            )
        case GlobalAvgPool2d():
            return Phrase("Right: one mean for each of the {count} channels.", **values)
        case Flatten():
            product = "*".join(map(str, (*inputs[0][1:], inputs[0][0])))
            values["formula"] = f"{product} = {shape[0]}"
            return Phrase("Right: {formula}, every number of the image.", **values)
        case Linear():
            return Phrase(
                "Right: one number for each of the {count} neurons.", **values
            )
        case Concat():
            stacked = " + ".join(str(other[0]) for other in inputs)
            values["formula"] = f"{stacked} = {shape[0]}"
            return Phrase("Right: the channels are stacked, {formula}.", **values)
    if row.sizes:
        return Phrase(
            "Right: {formula}{rounded}, and pooling keeps the {count} channels.",
            **values,
        )
    if shape == inputs[0]:
        return Phrase("Right: this layer keeps the size of its input.")
    return Phrase(
        "Right: {kind} makes {shape} of {input}.",
        kind=node.layer.text(),
        shape=size_text(shape),
        input=size_text(inputs[0]),
    )


def _rounded(sizes: Sequence[WindowSize]) -> object:
    found = [size for size in sizes if size.rounding is not None]
    if not found:
        return ""
    return Phrase(" ({rounding})", rounding=found[0].rounding)


def right_parameters(node: Node, row: LayerSummary) -> Phrase:
    """The right count of parameters of a layer with its substitution."""
    count = row.parameters
    values = {"formula": count.formula, "count": row.output_shape[0]}
    match node.layer:
        case Conv2d() | ConvTranspose2d():
            if not count.biases:
                return Phrase(
                    "Right: {formula}, the weights of {count} filters; this layer has "
                    "no bias.",
                    **values,
                )
            return Phrase(
                "Right: {formula}, the weights and one bias for each of the {count} "
                "filters.",
                **values,
            )
        case Linear():
            if not count.biases:
                return Phrase(
                    "Right: {formula}, one weight an input for each of the {count} "
                    "neurons; this layer has no bias.",
                    **values,
                )
            return Phrase(
                "Right: {formula}, one weight an input and one bias for each of the "
                "{count} neurons.",
                **values,
            )
        case BatchNorm2d():
            return Phrase(
                "Right: {formula}, a scale and a shift for each of the {count} "
                "channels.",
                **values,
            )
    return Phrase("Right is 0: this layer has nothing to learn.")


def right_total(summary: Summary) -> Phrase:
    """The right sum of all parameters, with its terms where they are few."""
    counts = [row.parameters.total for row in summary.layers if row.parameters.total]
    total = summary.totals.parameters
    if not 1 < len(counts) <= _MOST_TERMS:
        return Phrase("Right: the layers sum up to {total}.", total=total)
    terms = " + ".join(map(str, counts))
    return Phrase("Right: {formula}.", formula=f"{terms} = {total}")
