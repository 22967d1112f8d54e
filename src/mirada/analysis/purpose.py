"""What each kind of layer is and does, and why it learns or does not."""

from collections.abc import Mapping

from mirada.errors import Phrase
from mirada.network import Conv2d, ConvTranspose2d, Layer, Linear

__all__ = ["DOES", "WHY", "does", "why"]

_WITHOUT_BIAS: Mapping[str, Phrase] = {
    "conv": Phrase(
        "convolution: slides its filters over the image; each output is the sum of "
        "products of one window with one filter (the filter is not flipped: strictly a "
        "cross-correlation)"
    ),
    "convtranspose": Phrase(
        "transposed convolution: spreads every input pixel over a window, weighted by "
        "its filters, and adds up where windows overlap: the image grows"
    ),
    "linear": Phrase(
        "fully connected: makes each output a weighted sum of every input"
    ),
}

DOES: Mapping[str, Phrase] = {
    "conv": Phrase(
        "convolution: slides its filters over the image; each output is the sum of "
        "products of one window with one filter, plus a bias (the filter is not "
        "flipped: strictly a cross-correlation)"
    ),
    "convtranspose": Phrase(
        "transposed convolution: spreads every input pixel over a window, weighted by "
        "its filters, adds up where windows overlap, plus a bias: the image grows"
    ),
    "maxpool": Phrase(
        "pooling: keeps the largest value of each window, channel by channel"
    ),
    "avgpool": Phrase("pooling: takes the mean of each window, channel by channel"),
    "globalavgpool": Phrase(
        "pooling: takes the mean of each channel over the whole image"
    ),
    "relu": Phrase("activation: sets what is below zero to zero and keeps the rest"),
    "relu6": Phrase(
        "activation: sets what is below zero to zero and what is above six to six"
    ),
    "leakyrelu": Phrase(
        "activation: makes what is below zero small and keeps the rest"
    ),
    "sigmoid": Phrase("activation: presses each value between 0 and 1"),
    "tanh": Phrase("activation: presses each value between -1 and 1"),
    "gelu": Phrase(
        "activation: keeps a value by the probability that a normal one is below it"
    ),
    "silu": Phrase("activation: multiplies each value by its own sigmoid"),
    "hardsigmoid": Phrase(
        "activation: presses each value between 0 and 1 by straight lines"
    ),
    "hardswish": Phrase("activation: multiplies each value by its own hard sigmoid"),
    "softmax": Phrase("turns scores into probabilities that sum to 1"),
    "batchnorm": Phrase(
        "normalization: brings each channel to mean 0 and deviation 1, then scales and "
        "shifts it"
    ),
    "dropout": Phrase("in training, drops values at random; afterwards, does nothing"),
    "flatten": Phrase("lays the image out as one vector, channel by channel"),
    "linear": Phrase(
        "fully connected: makes each output a weighted sum of every input, plus a bias"
    ),
    "upsample": Phrase("enlarges the image by a fixed rule"),
    "add": Phrase("join: adds its inputs, element by element"),
    "multiply": Phrase(
        "join: multiplies its inputs, element by element; an input of one pixel is a "
        "gate for each channel"
    ),
    "concat": Phrase("join: stacks the channels of its inputs"),
}
"""By kind; of layers with a bias where they have the choice."""

WHY: Mapping[str, Phrase] = {
    "conv": Phrase(
        "training finds the numbers of each filter; every place of the image uses the "
        "same ones, so the size of the image does not count"
    ),
    "convtranspose": Phrase(
        "training finds the numbers of each filter; every pixel is spread with the "
        "same ones, so the size of the image does not count"
    ),
    "linear": Phrase(
        "every output has a weight of its own for every input, so the size of the "
        "input counts"
    ),
    "batchnorm": Phrase(
        "training finds a scale and a shift for each channel; mean and deviation are "
        "measured"
    ),
    "maxpool": Phrase(
        "the largest value is found by comparing; there is no weight to choose"
    ),
    "avgpool": Phrase("in a mean every value has the same fixed weight"),
    "globalavgpool": Phrase("in a mean every value has the same fixed weight"),
    "relu": Phrase("max(0, x) is the same for every value; there is nothing to choose"),
    "relu6": Phrase("it is one fixed function, the same for every value"),
    "leakyrelu": Phrase("its slope is given in the description"),
    "sigmoid": Phrase("it is one fixed function, the same for every value"),
    "tanh": Phrase("it is one fixed function, the same for every value"),
    "gelu": Phrase("it is one fixed function, the same for every value"),
    "silu": Phrase("it is one fixed function, the same for every value"),
    "hardsigmoid": Phrase("it is one fixed function, the same for every value"),
    "hardswish": Phrase("it is one fixed function, the same for every value"),
    "softmax": Phrase(
        "exponentials and their sum are fixed; the scores come from before"
    ),
    "dropout": Phrase("what is dropped is drawn at random, not chosen"),
    "flatten": Phrase("the numbers stay the same, only their arrangement changes"),
    "upsample": Phrase("new pixels are copied or interpolated by a fixed rule"),
    "add": Phrase("a plain sum has no weights"),
    "multiply": Phrase("a plain product has no weights"),
    "concat": Phrase("the numbers stay the same, only their arrangement changes"),
}
"""By kind, why the layer learns or does not."""


def does(layer: Layer) -> Phrase:
    """What a layer is and does.

    >>> from mirada.network import ReLU
    >>> str(does(ReLU()))
    'activation: sets what is below zero to zero and keeps the rest'
    """
    if isinstance(layer, Conv2d | ConvTranspose2d | Linear) and not layer.bias:
        return _WITHOUT_BIAS[layer.kind]
    return DOES[layer.kind]


def why(layer: Layer) -> Phrase:
    """Why a layer learns what it learns, or learns nothing.

    >>> from mirada.network import Flatten
    >>> str(why(Flatten()))
    'the numbers stay the same, only their arrangement changes'
    """
    return WHY[layer.kind]
