"""A layer in words: what it does, whether it learns, and each number with its sum."""

from collections.abc import Iterator

from mirada.analysis.parameters import ParameterCount
from mirada.analysis.receptive import ReceptiveField
from mirada.analysis.size import WindowSize
from mirada.analysis.summary import LayerSummary
from mirada.errors import Phrase

__all__ = ["explain"]

_WHAT = {
    "conv": Phrase(
        "slides its filters over the image; each output is the sum of products of one "
        "window with one filter, plus a bias (the filter is not flipped: strictly a "
        "cross-correlation)"
    ),
    "convtranspose": Phrase(
        "spreads every input pixel over a window, weighted by its filters, and adds up "
        "where windows overlap: the image grows"
    ),
    "maxpool": Phrase("keeps the largest value of each window, channel by channel"),
    "avgpool": Phrase("takes the mean of each window, channel by channel"),
    "globalavgpool": Phrase("takes the mean of each channel over the whole image"),
    "relu": Phrase("sets what is below zero to zero and keeps the rest"),
    "leakyrelu": Phrase("makes what is below zero small and keeps the rest"),
    "sigmoid": Phrase("presses each value between 0 and 1"),
    "tanh": Phrase("presses each value between -1 and 1"),
    "gelu": Phrase("keeps a value by the probability that a normal one is below it"),
    "silu": Phrase("multiplies each value by its own sigmoid"),
    "softmax": Phrase("turns scores into probabilities that sum to 1"),
    "batchnorm": Phrase(
        "brings each channel to mean 0 and deviation 1, then scales and shifts it"
    ),
    "dropout": Phrase("in training, drops values at random; afterwards, does nothing"),
    "flatten": Phrase("lays the image out as one vector, channel by channel"),
    "linear": Phrase("makes each output a weighted sum of every input, plus a bias"),
    "upsample": Phrase("enlarges the image without learning"),
    "add": Phrase("adds its inputs, element by element"),
    "concat": Phrase("stacks the channels of its inputs"),
}


def explain(row: LayerSummary) -> Iterator[Phrase]:
    """The sentences that explain a layer, in order."""
    yield _WHAT[row.kind]
    yield from _sizes(row.sizes)
    yield _learned(row.parameters)
    if row.fully_connected is not None:
        yield Phrase(
            "a fully connected layer between the same shapes would learn {count}",
            count=row.fully_connected,
        )
    if row.operations.macs:
        yield Phrase(
            "multiplications with their additions: {formula}",
            formula=row.operations.formula,
        )
    if row.receptive_field is not None:
        yield from _field(row.receptive_field)


def _sizes(sizes: tuple[WindowSize, ...]) -> Iterator[Phrase]:
    if not sizes:
        return
    height, width = sizes
    if height == width:
        yield Phrase("height and width: {formula}", formula=height.formula)
        found = [height.rounding]
    else:
        yield Phrase("height: {formula}", formula=height.formula)
        yield Phrase("width: {formula}", formula=width.formula)
        found = [height.rounding, width.rounding]
    yield from (rounding for rounding in found if rounding is not None)


def _learned(count: ParameterCount) -> Phrase:
    if not count.total:
        return Phrase("learns nothing: 0 parameters")
    if count.statistics:
        return Phrase(
            "learns {formula}; {statistics} running statistics are kept, not learned",
            formula=count.formula,
            statistics=count.statistics,
        )
    return Phrase(
        "learns {formula} ({weights} weights and {biases} biases)",
        formula=count.formula,
        weights=count.weights,
        biases=count.biases,
    )


def _field(field: ReceptiveField) -> Iterator[Phrase]:
    height, width = field.height, field.width
    if height.jump is None:
        yield Phrase(
            "one output sees {height}x{width} pixels of the input",
            height=height.size,
            width=width.size,
        )
    else:
        yield Phrase(
            "one output sees {height}x{width} pixels of the input; its neighbour's "
            "field lies {step} further, the first begins at {start}",
            height=height.size,
            width=width.size,
            step=f"{height.jump}x{width.jump}",
            start=f"({height.start}, {width.start})",
        )
    if not field.aligned:
        yield Phrase(
            "its inputs are not aligned: at one place they see different centres"
        )
