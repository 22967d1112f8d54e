"""How a layer is computed: functions of tensors, the same form for every family.

Images are (n, channels, height, width), vectors (n, features). What follows from layer
and shapes alone is worked out once, when the function is made.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch

from mirada.engines.torch.ranks import Ranks
from mirada.network import AvgPool2d, Conv2d, MaxPool2d
from mirada.network.layer import Shape
from mirada.network.window import Sides, Window

__all__ = ["Build", "Compute", "Inputs", "Moment", "Own", "sides_of"]

Inputs = tuple[torch.Tensor, ...]
"""What a layer takes; one tensor, except for joins."""

Own = Mapping[str, torch.Tensor]
"""A layer's parameters by their short names."""


class Moment(NamedTuple):
    """When a layer is computed, and where.

    `step` is a whole number in a tensor, so that a recorded step (see `graph`) reads
    each time the one that is then in there. With `moves` running statistics move.
    `ranks` are the processes that share the batch, where there are several.
    """

    step: torch.Tensor
    training: bool = False
    moves: bool = False
    seed: int = 0
    place: int = 0
    ranks: Ranks | None = None


Compute = Callable[[Inputs, Own, Moment], torch.Tensor]
"""The output of a layer; one that holds constants is a module."""

Build = Callable[[Any, tuple[Shape, ...]], Compute]
"""From a layer and the shapes of its inputs to the function that computes it."""


def sides_of(
    layer: Conv2d | MaxPool2d | AvgPool2d, shape: Shape
) -> tuple[tuple[Window, Window], Sides]:
    """The windows over an image of a shape, and their padding.

    Left, right, top, bottom, in the order of `torch.nn.functional.pad`.
    """
    windows = layer.windows(shape)
    rows, columns = windows
    return windows, (columns.start, columns.end, rows.start, rows.end)
