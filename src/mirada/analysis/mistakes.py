"""The misunderstandings that lead to a wrong number: their names and what they are.

`mirada check` and `mirada quiz` call the same mistake the same.
"""

from collections.abc import Mapping

from mirada.errors import Phrase

__all__ = ["MISTAKES", "MISTAKE_NAMES", "UNKNOWN"]

UNKNOWN = "unknown"
"""What a mistake is called that none of these is."""

MISTAKE_NAMES: Mapping[str, Phrase] = {
    "channels-forgotten": Phrase("channels forgotten"),
    "bias-once": Phrase("bias counted once"),
    "bias-forgotten": Phrase("bias forgotten"),
    "padding-once": Phrase("padding counted once"),
    "padding-forgotten": Phrase("padding forgotten"),
    "floor-missed": Phrase("rounding missed"),
    "same-misread": Phrase("'same' misread"),
    "stride-on-filter": Phrase("stride under the filter only"),
    "flatten-order": Phrase("flattened wrongly"),
    "pooling-has-parameters": Phrase("pooling given parameters"),
    "kernel-not-squared": Phrase("kernel not squared"),
    "batch-counted": Phrase("batch counted"),
    UNKNOWN: Phrase("not recognised"),
}
"""Those that a table may show, in a few words: the likelier first."""

MISTAKES: Mapping[str, Phrase] = {
    "bias-added-last": Phrase(
        "the bias was added after ReLU; it belongs to the sum, before it"
    ),
    "bias-counted": Phrase("the biases were counted; a MAC is one weight at work"),
    "bias-forgotten": Phrase("the bias was forgotten"),
    "bias-once": Phrase(
        "one bias was counted for the whole layer; every filter, every neuron has its "
        "own"
    ),
    "bias-per-channel": Phrase(
        "the bias was added once for every channel; a filter adds it once, to the sum"
    ),
    "channels-forgotten": Phrase(
        "the channels of the input were forgotten; a filter reaches through all of them"
    ),
    "corner-moved": Phrase(
        "another window was taken: row and column are those of the output, counted "
        "from 1"
    ),
    "depth-kept": Phrase(
        "the channels of the input were kept; the output has one channel for every "
        "filter"
    ),
    "depth-multiplied": Phrase(
        "channels were multiplied by filters; one filter adds its channels up to one "
        "map"
    ),
    "dilation-forgotten": Phrase(
        "the dilation was forgotten; the window spans D*(F - 1) + 1 pixels"
    ),
    "field-added": Phrase(
        "the sizes of the filters were added up; a layer adds only what lies around "
        "its centre, F - 1"
    ),
    "field-last": Phrase("only the last layer was looked at"),
    "floor-missed": Phrase("the result was not rounded as asked"),
    "floor-taken": Phrase("the result was rounded down, not up"),
    "gradient-unblocked": Phrase(
        "the gradient was passed on everywhere; where ReLU gave zero, nothing passes"
    ),
    "groups-forgotten": Phrase(
        "the groups were forgotten; a filter sees only the channels of its group"
    ),
    "input-bias": Phrase(
        "the inputs were given a bias too; only neurons that compute have one"
    ),
    "jump-forgotten": Phrase(
        "the earlier strides were forgotten; after a stride of 2, one step is two "
        "pixels of the image"
    ),
    "kernel-flipped": Phrase(
        "the kernel was turned by 180 degrees; what layers compute is a "
        "cross-correlation, which does not turn it"
    ),
    "kernel-not-flipped": Phrase(
        "the kernel was not turned by 180 degrees; true convolution turns it, "
        "cross-correlation does not"
    ),
    "kernel-not-squared": Phrase("F was used instead of F*F"),
    "last-pixel-read": Phrase(
        "the last row and column were read although no whole window fits there"
    ),
    "logarithm-of-ten": Phrase("the logarithm to base 10 was taken, not the natural"),
    "max-for-mean": Phrase("the largest value was taken, not the mean"),
    "mean-for-max": Phrase("the mean was taken, not the largest value"),
    "mean-not-divided": Phrase("the sum was not divided by the number of values"),
    "neurons-counted": Phrase("neurons were counted, not weights and biases"),
    "not-normalized": Phrase("the exponential was not divided by the sum of all"),
    "order-swapped": Phrase("the two steps were done in the other order"),
    "padding-as-zero": Phrase(
        "the padding was taken as zeros; for a maximum it never wins (minus infinity)"
    ),
    "padding-forgotten": Phrase("the padding is left out"),
    "padding-once": Phrase("the padding is added on one side only, but it is on both"),
    "padding-total": Phrase("this is the padding of both sides together"),
    "places-forgotten": Phrase(
        "these are the products of one window; they are computed at every place of the "
        "output"
    ),
    "places-multiplied": Phrase(
        "the size of the image was multiplied in; the same filter is used at every "
        "place"
    ),
    "places-of-input": Phrase(
        "the size of the input was used; a window gives one number of the output"
    ),
    "plus-one-forgotten": Phrase("the + 1 at the end was forgotten"),
    "pooling-has-parameters": Phrase(
        "pooling was given parameters; it has nothing to learn"
    ),
    "probability-for-loss": Phrase("this is the probability itself, not its -ln"),
    "relu-forgotten": Phrase("ReLU was forgotten; what is below zero becomes zero"),
    "rounded-too-early": Phrase("it was rounded to fewer decimals than asked for"),
    "same-misread": Phrase(
        "the size was taken as kept; without padding every window has to fit inside"
    ),
    "same-lower": Phrase(
        "the odd zero was put at the start, as ONNX's SAME_LOWER does"
    ),
    "scores-shared": Phrase(
        "the scores themselves were divided by their sum; softmax takes the "
        "exponential first"
    ),
    "sides-swapped": Phrase("height and width were swapped"),
    "sign-lost": Phrase(
        "the sign was dropped; ReLU does not make positive what is below zero, but zero"
    ),
    "sign-of-gradient": Phrase(
        "ReLU was applied to the gradients; what counts is the sign of the inputs"
    ),
    "size-grown-only": Phrase("only the stride was counted, not the window"),
    "slope-everywhere": Phrase(
        "all numbers were multiplied by the slope; only those below zero are"
    ),
    "slope-forgotten": Phrase("the slope was forgotten: this is plain ReLU"),
    "stride-forgotten": Phrase("the stride was forgotten"),
    "stride-on-filter": Phrase(
        "the stride divides the filter only, but it divides the whole of "
        "I - F + P_start + P_end"
    ),
    "transposed-as-convolution": Phrase(
        "the formula of plain convolution was used; transposed convolution enlarges"
    ),
    "zero-left-out": Phrase("sums that are zero were left out; they stay zero"),
}
"""Those of exercises in a clause: what was done, and what is right."""
