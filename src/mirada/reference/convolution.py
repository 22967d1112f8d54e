"""Convolution and transposed convolution.

In the sums below n is the image, g the group, i and o a channel of the group that
goes in or comes out, y and x a row and a column.
"""

from typing import Any

import numpy as np

from mirada.network import Conv2d, ConvTranspose2d
from mirada.reference.layer import Array, Arrays, Inputs, Moment, Rule
from mirada.reference.window import Grid

__all__ = ["CONV", "CONV_TRANSPOSE"]


def _grouped(images: Array, groups: int) -> Array:
    """(n, channels, h, w) as (n, groups, channels of a group, h, w)."""
    n, channels, height, width = images.shape
    return images.reshape(n, groups, channels // groups, height, width)


def _ungrouped(images: Array) -> Array:
    n, groups, channels, height, width = images.shape
    return images.reshape(n, groups * channels, height, width)


def _kernels(weight: Array, groups: int) -> Array:
    """A weight as (groups, its first axis in a group, its second, kh, kw)."""
    return weight.reshape(groups, -1, *weight.shape[1:])


def _biased(images: Array, parameters: Arrays) -> Array:
    if "bias" not in parameters:
        return images
    return np.asarray(images + parameters["bias"][:, None, None])


def _with_bias(weight: Array, parameters: Arrays, gradient: Array) -> dict[str, Array]:
    """The gradients by weight and bias; a bias is added to every pixel."""
    found = {"weight": weight.reshape(parameters["weight"].shape)}
    if "bias" in parameters:
        found["bias"] = gradient.sum(axis=(0, 2, 3))
    return found


def _conv(layer: Conv2d, inputs: Inputs, parameters: Arrays, moment: Moment) -> Array:
    """y[o, oh, ow] = b[o] + sum of w[o, i, kh, kw] * x[i, tap (kh, kw) of (oh, ow)]."""
    images = _grouped(inputs[0], layer.groups)
    kernels = _kernels(parameters["weight"], layer.groups)
    grid = Grid.over(images, layer.windows(inputs[0].shape[1:]))
    output: Any = 0.0
    for (kh, kw), seen in grid.taps(grid.canvas(images)):
        output = output + np.einsum("ngiyx,goi->ngoyx", seen, kernels[..., kh, kw])
    return _biased(_ungrouped(output), parameters)


def _conv_backward(
    layer: Conv2d, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Array
) -> tuple[Inputs, dict[str, Array]]:
    """Every product of the forward sum gives its gradient to both of its factors."""
    images = _grouped(inputs[0], layer.groups)
    kernels = _kernels(parameters["weight"], layer.groups)
    grid = Grid.over(images, layer.windows(inputs[0].shape[1:]))
    arriving = _grouped(gradient, layer.groups)
    canvas = grid.canvas(images)
    by_canvas, by_kernels = np.zeros_like(canvas), np.zeros_like(kernels)
    for (kh, kw), seen in grid.taps(canvas):
        by_kernels[..., kh, kw] = np.einsum("ngoyx,ngiyx->goi", arriving, seen)
    for (kh, kw), seen in grid.taps(by_canvas):
        seen += np.einsum("ngoyx,goi->ngiyx", arriving, kernels[..., kh, kw])
    by_images = _ungrouped(grid.inner(by_canvas))
    return (by_images,), _with_bias(by_kernels, parameters, gradient)


def _transposed_grid(layer: ConvTranspose2d, inputs: Inputs) -> Grid:
    """The windows over the output, one for every pixel of the input."""
    _, _, ih, iw = inputs[0].shape
    _, oh, ow = layer.output(inputs[0].shape[1:])
    return Grid(layer.windows(inputs[0].shape[1:]), (oh, ow), (ih, iw))


def _transpose(
    layer: ConvTranspose2d, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Array:
    """Every pixel of the input writes the kernel, times its value, into its window."""
    images = _grouped(inputs[0], layer.groups)
    kernels = _kernels(parameters["weight"], layer.groups)
    grid = _transposed_grid(layer, inputs)
    group = layer.out_channels // layer.groups
    canvas = grid.canvas(np.zeros((len(images), layer.groups, group, *grid.shape)))
    for (kh, kw), seen in grid.taps(canvas):
        seen += np.einsum("ngiyx,gio->ngoyx", images, kernels[..., kh, kw])
    return _biased(_ungrouped(grid.inner(canvas)), parameters)


def _transpose_backward(
    layer: ConvTranspose2d,
    inputs: Inputs,
    parameters: Arrays,
    moment: Moment,
    gradient: Array,
) -> tuple[Inputs, dict[str, Array]]:
    """The gradient by the input is a convolution of the gradient by the output."""
    images = _grouped(inputs[0], layer.groups)
    kernels = _kernels(parameters["weight"], layer.groups)
    grid = _transposed_grid(layer, inputs)
    canvas = grid.canvas(_grouped(gradient, layer.groups))
    by_images, by_kernels = np.zeros_like(images), np.zeros_like(kernels)
    for (kh, kw), seen in grid.taps(canvas):
        by_kernels[..., kh, kw] = np.einsum("ngiyx,ngoyx->gio", images, seen)
        by_images += np.einsum("ngoyx,gio->ngiyx", seen, kernels[..., kh, kw])
    return (_ungrouped(by_images),), _with_bias(by_kernels, parameters, gradient)


CONV = Rule(_conv, _conv_backward)
CONV_TRANSPOSE = Rule(_transpose, _transpose_backward)
