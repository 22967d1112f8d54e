"""What a new network's parameters are: a function of its description and the seed."""

from collections.abc import Callable, Mapping
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from mirada.network import BatchNorm2d, Network, Node, Parameter
from mirada.randomness import Purpose, normal, uniform

__all__ = ["initial_parameters"]

Floats = NDArray[np.float32]
Draw = Callable[[Parameter, int, int], NDArray[np.float64]]


def initial_parameters(network: Network, seed: int) -> dict[str, Floats]:
    """Every parameter and statistic of a new network, by its full name.

    Draws are keyed by the parameter's index in `network.parameters`.

    "lecun-uniform" is PyTorch's default, U(-a, a) for weight and bias with
    a = 1 / sqrt(fan_in). "he" and "glorot" weights have the standard deviation
    sqrt(2 / fan_in) and sqrt(2 / (fan_in + fan_out)), uniform or normal, and biases
    of 0 (arXiv 1502.01852; Glorot and Bengio, AISTATS 2010).

    >>> from mirada.network import Linear
    >>> network = Network("tiny", (4,), (Linear(2),))
    >>> initial_parameters(network, 0)["linear1.bias"]
    array([-0.17506294, -0.2860021 ], dtype=float32)
    """
    found, index = dict[str, Floats](), 0
    for node in network.nodes:
        for parameter in node.layer.parameters(*network.input_shapes(node)):
            values = _initial(node, parameter, seed, index)
            shaped = values.reshape(parameter.shape).astype(np.float32)
            found[f"{node.name}.{parameter.name}"] = shaped
            index += 1
    return found


def _initial(
    node: Node, parameter: Parameter, seed: int, index: int
) -> NDArray[np.float64]:
    if isinstance(node.layer, BatchNorm2d):
        ones = parameter.name in ("weight", "running_var")
        return np.full(parameter.shape, float(ones))
    kind = str(getattr(node.layer, "init", "zeros"))
    if parameter.role == "bias" and kind != "lecun-uniform":
        return np.zeros(parameter.shape)
    return _DRAWS[kind](parameter, seed, index)


def _uniform(variance: Callable[[Parameter], float]) -> Draw:
    """U(-a, a) with the variance a**2 / 3."""

    def draw(parameter: Parameter, seed: int, index: int) -> NDArray[np.float64]:
        bound = sqrt(3.0 * variance(parameter))
        count = int(np.prod(parameter.shape))
        draws = uniform(seed, Purpose.INITIALIZE, count, sample=index)
        return bound * (2.0 * draws - 1.0)

    return draw


def _normal(variance: Callable[[Parameter], float]) -> Draw:
    def draw(parameter: Parameter, seed: int, index: int) -> NDArray[np.float64]:
        count = int(np.prod(parameter.shape))
        draws = normal(seed, Purpose.INITIALIZE, count, sample=index)
        return sqrt(variance(parameter)) * draws

    return draw


def _zeros(parameter: Parameter, seed: int, index: int) -> NDArray[np.float64]:
    return np.zeros(parameter.shape)


def _lecun(parameter: Parameter) -> float:
    return 1.0 / (3.0 * parameter.fan_in)


def _he(parameter: Parameter) -> float:
    return 2.0 / parameter.fan_in


def _glorot(parameter: Parameter) -> float:
    return 2.0 / (parameter.fan_in + parameter.fan_out)


_DRAWS: Mapping[str, Draw] = {
    "lecun-uniform": _uniform(_lecun),
    "he-uniform": _uniform(_he),
    "he-normal": _normal(_he),
    "glorot-uniform": _uniform(_glorot),
    "glorot-normal": _normal(_glorot),
    "zeros": _zeros,
}
