"""Batch normalization."""

import numpy as np

from mirada.network import BatchNorm2d
from mirada.reference.layer import Array, Arrays, Inputs, Moment, Rule

__all__ = ["BATCH_NORM"]

_PIXELS = (0, 2, 3)
"""The axes of a channel's statistics: images, rows, columns."""


def _channels(values: Array) -> Array:
    """One value a channel, against (n, c, h, w)."""
    return values[:, None, None]


def _moments(inputs: Inputs, parameters: Arrays, moment: Moment) -> tuple[Array, Array]:
    """The mean and variance of each channel that this moment normalizes by."""
    if moment.training:
        return inputs[0].mean(axis=_PIXELS), inputs[0].var(axis=_PIXELS)
    return parameters["running_mean"], parameters["running_var"]


def _forward(
    layer: BatchNorm2d, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Array:
    mean, variance = _moments(inputs, parameters, moment)
    scale = parameters["weight"] / np.sqrt(variance + layer.epsilon)
    centred = inputs[0] - _channels(mean)
    return np.asarray(centred * _channels(scale) + _channels(parameters["bias"]))


def _backward(
    layer: BatchNorm2d,
    inputs: Inputs,
    parameters: Arrays,
    moment: Moment,
    gradient: Array,
) -> tuple[Inputs, dict[str, Array]]:
    """In training, mean and variance depend on every pixel and pass gradients too.

    With z = (x - mean) / deviation, the gradient by x is
    weight / deviation * (g - mean of g - z * mean of g z); in inference only the
    first term is there.
    """
    mean, variance = _moments(inputs, parameters, moment)
    deviation = np.sqrt(variance + layer.epsilon)
    normal = (inputs[0] - _channels(mean)) / _channels(deviation)
    passed = gradient
    if moment.training:
        passed = passed - _channels(gradient.mean(axis=_PIXELS))
        passed = passed - normal * _channels((gradient * normal).mean(axis=_PIXELS))
    by_images = passed * _channels(parameters["weight"] / deviation)
    return (by_images,), {
        "weight": (gradient * normal).sum(axis=_PIXELS),
        "bias": gradient.sum(axis=_PIXELS),
    }


def _statistics(
    layer: BatchNorm2d, inputs: Inputs, parameters: Arrays
) -> dict[str, Array]:
    """The running statistics, moved by `momentum` towards the batch's.

    The running variance takes the unbiased one, divided by count - 1 (PyTorch's form;
    of a single pixel, where PyTorch refuses, the variance is 0).
    """
    n, _, ih, iw = inputs[0].shape
    count = n * ih * iw
    variance = inputs[0].var(axis=_PIXELS) * count / max(count - 1, 1)
    batch = {"running_mean": inputs[0].mean(axis=_PIXELS), "running_var": variance}
    kept = 1.0 - layer.momentum
    return {
        name: kept * parameters[name] + layer.momentum * value
        for name, value in batch.items()
    }


BATCH_NORM = Rule(_forward, _backward, _statistics)
