"""Weights in eight bits, symmetric, with a scale for every output channel.

The weight w of output channel c becomes the whole number q = round(w / s[c]) from -127
to 127 with s[c] = max |w| / 127, and counts as q s[c] from then on. Source: Jacob et
al., "Quantization and training of neural networks for efficient integer-arithmetic-only
inference", CVPR 2018, section 2.1; Krishnamoorthi, arXiv 1806.08342, section 2.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.network import Conv2d, ConvTranspose2d, Linear, Network
from mirada.training import Model
from mirada.training.model import Parameters

__all__ = ["Int8", "int8_parameters", "int8_scales", "rounded_to_int8"]

_MOST = 127


@dataclass(frozen=True)
class Int8:
    """A model whose weights are eight bits wide, and what that costs.

    `model` has the weights as they count then. On `images` that the run did not see,
    `accuracy` is the share it answers rightly, `float32_accuracy` that of the weights
    as they were, `agreement` the share of the same answers; None where nothing was
    there to measure on.
    """

    model: Model
    images: int = 0
    accuracy: float | None = None
    float32_accuracy: float | None = None
    agreement: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The measurement as JSON holds it."""
        return {name: value for name, value in vars(self).items() if name != "model"}


def int8_scales(
    network: Network, parameters: Parameters
) -> dict[str, NDArray[np.float32]]:
    """The scale of every weight that is rounded, in the shape of its parameter."""
    found = {}
    for node in network.nodes:
        name = f"{node.name}.weight"
        if isinstance(node.layer, Conv2d | ConvTranspose2d | Linear):
            weight = parameters[name]
            axis = 1 if isinstance(node.layer, ConvTranspose2d) else 0
            others = tuple(n for n in range(weight.ndim) if n != axis)
            most = np.abs(weight).max(axis=others, keepdims=True)
            scale = np.where(most > 0, most / np.float32(_MOST), np.float32(1.0))
            # Smaller than any normal number it would not divide.
            least = np.finfo(np.float32).tiny
            shape = weight.shape
            found[name] = np.broadcast_to(np.maximum(scale, least), shape)
    return found


def int8_parameters(network: Network, parameters: Parameters) -> Parameters:
    """The parameters with weights as they count when they are eight bits wide."""
    found: Mapping[str, NDArray[np.float32]] = {
        name: np.clip(np.rint(parameters[name] / scale), -_MOST, _MOST) * scale
        for name, scale in int8_scales(network, parameters).items()
    }
    return {**parameters, **found}


def rounded_to_int8(model: Model) -> Model:
    """The model with weights as they count when they are eight bits wide."""
    return replace(model, parameters=int8_parameters(model.network, model.parameters))
