"""Dropout, which drops the same elements on every engine.

Element e (in c, h, w order) of image i of the layer at place l is kept when word e % 4
of philox((e // 4, i, step, l)) is at least floor(p * 2**32), as `reference.dropout` has
it.
"""

from math import floor, prod

import torch

from mirada.engines.torch.layer import Compute, Inputs, Moment, Own
from mirada.engines.torch.randomness import philox
from mirada.network import Dropout
from mirada.network.layer import Shape
from mirada.randomness import Purpose, key

__all__ = ["dropout", "kept"]


def kept(
    layer: Dropout, shape: tuple[int, ...], moment: Moment, first: int = 0
) -> torch.Tensor:
    """Which elements of a batch of `shape` (n, ...) are kept, as bool.

    `first` is the place of its first image in the whole batch.
    """
    count, device = prod(shape[1:]), moment.step.device
    blocks = torch.arange(-(-count // 4), device=device)
    images = torch.arange(first, first + shape[0], device=device)[:, None]
    place = torch.full((), moment.place, dtype=torch.int64, device=device)
    counter = blocks, images, moment.step, place
    words = philox(counter, key(moment.seed, Purpose.DROPOUT))
    least = floor(layer.p * 2**32)
    by_word = torch.stack([word >= least for word in words], dim=-1)
    return by_word.reshape(shape[0], -1)[:, :count].reshape(shape)


def dropout(layer: Dropout, shapes: tuple[Shape, ...]) -> Compute:
    """In training, zero or x / (1 - p); else x itself."""
    scale = 1.0 / (1.0 - layer.p)

    def compute(inputs: Inputs, own: Own, moment: Moment) -> torch.Tensor:
        (values,) = inputs
        if not moment.training:
            # A tensor of its own, by which a gradient of its own is asked.
            return values.view_as(values)
        mask = kept(layer, tuple(values.shape), moment)
        return values * (mask * scale).to(values.dtype)

    return compute
