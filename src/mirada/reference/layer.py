"""The law of a layer: functions of float64 arrays, the same for every family.

Images are (n, channels, height, width), vectors (n, features). A law keeps nothing
between forward and backward: the backward function is given the inputs again and
computes from them what it needs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Arrays", "Inputs", "Moment", "Rule", "no_statistics"]

Array = NDArray[np.float64]
"""An array of the reference, always float64."""

Arrays = Mapping[str, Array]
"""Arrays by name, such as a layer's "weight" and "bias"."""

Inputs = tuple[Array, ...]
"""What a layer takes; one array, except for joins."""

L = TypeVar("L")


@dataclass(frozen=True)
class Moment:
    """When a layer is computed, and where: what random numbers depend on.

    `step` counts the steps of the run from 0, `place` is the layer's position in
    `Network.nodes`.
    """

    training: bool = False
    seed: int = 0
    step: int = 0
    place: int = 0


def no_statistics(layer: Any, inputs: Inputs, parameters: Arrays) -> dict[str, Array]:
    """What most layers keep of a batch: nothing."""
    return {}


@dataclass(frozen=True)
class Rule(Generic[L]):
    """What a kind of layer computes.

    `forward` gives the output. `backward` takes the gradient of the loss by that
    output last, and gives the gradients by every input and by every learned
    parameter. `statistics` gives the running statistics after a training batch.
    """

    forward: Callable[[L, Inputs, Arrays, Moment], Array]
    backward: Callable[
        [L, Inputs, Arrays, Moment, Array], tuple[Inputs, dict[str, Array]]
    ]
    statistics: Callable[[L, Inputs, Arrays], dict[str, Array]] = no_statistics
