"""Convolution and transposed convolution.

PyTorch pads both sides alike. Where they differ, the image is padded before, and what
a transposed convolution gives is cut after.
"""

import torch
from torch.nn import functional

from mirada.engines.torch.layer import Compute, Inputs, Moment, Own, sides_of
from mirada.network import Conv2d, ConvTranspose2d
from mirada.network.layer import Shape

__all__ = ["conv", "conv_transpose"]


def conv(layer: Conv2d, shapes: tuple[Shape, ...]) -> Compute:
    """Filters slide over the image."""
    _, sides = sides_of(layer, shapes[0])
    left, right, top, bottom = sides
    alike = left == right and top == bottom
    rest = layer.stride, (top, left) if alike else 0, layer.dilation, layer.groups

    def compute(inputs: Inputs, own: Own, moment: Moment) -> torch.Tensor:
        image = inputs[0] if alike else functional.pad(inputs[0], sides)
        return functional.conv2d(image, own["weight"], own.get("bias"), *rest)

    return compute


def conv_transpose(layer: ConvTranspose2d, shapes: tuple[Shape, ...]) -> Compute:
    """Every pixel writes the kernel, times its value, into its window."""
    top, bottom, left, right = layer.sides
    alike = left == right and top == bottom
    _, height, width = layer.output(shapes[0])
    rest = (
        *(layer.stride, (top, left) if alike else 0, layer.output_padding),
        *(layer.groups, layer.dilation),
    )

    def compute(inputs: Inputs, own: Own, moment: Moment) -> torch.Tensor:
        weight, bias = own["weight"], own.get("bias")
        whole = functional.conv_transpose2d(inputs[0], weight, bias, *rest)
        if alike:
            return whole
        return whole[:, :, top : top + height, left : left + width]

    return compute
