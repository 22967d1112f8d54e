"""What a new network's parameters are: a function of its description and the seed."""

from collections.abc import Callable, Iterator, Mapping
from math import prod, sqrt

import numpy as np
from numpy.typing import NDArray

from mirada.network import BatchNorm2d, Network, Node, Parameter
from mirada.randomness import Purpose, key, philox

__all__ = ["initial_parameters"]

Floats = NDArray[np.float32]
Draw = Callable[[Parameter, int, int], Floats]
_PIECE = 2**16


def initial_parameters(network: Network, seed: int) -> dict[str, Floats]:
    """Every parameter and statistic of a new network, by its full name.

    Draws are keyed by the parameter's index in `network.parameters`.

    "lecun-uniform" is PyTorch's default, U(-a, a) for weight and bias with
    a = 1 / sqrt(fan_in). "he" and "glorot" weights have the standard deviation
    sqrt(2 / fan_in) and sqrt(2 / (fan_in + fan_out)), uniform or normal, and biases
    of 0 (arXiv 1502.01852; Glorot and Bengio, AISTATS 2010). "dirac" passes the input
    on: filter k is 1 in the middle of channel k and 0 elsewhere, as far as there are
    channels; the filters beyond begin as "lecun-uniform" (arXiv 2404.00498).
    "whitening" begins so, too, until a training has looked at its images.

    >>> from mirada.network import Linear
    >>> network = Network("tiny", (4,), (Linear(2),))
    >>> initial_parameters(network, 0)["linear1.bias"]
    array([-0.17506294, -0.2860021 ], dtype=float32)
    """
    found, index = dict[str, Floats](), 0
    for node in network.nodes:
        for parameter in node.layer.parameters(*network.input_shapes(node)):
            values = _initial(node, parameter, seed, index)
            found[f"{node.name}.{parameter.name}"] = values.reshape(parameter.shape)
            index += 1
    return found


def _initial(node: Node, parameter: Parameter, seed: int, index: int) -> Floats:
    if isinstance(node.layer, BatchNorm2d):
        ones = parameter.name in ("weight", "running_var")
        return np.full(parameter.shape, ones, np.float32)
    kind = str(getattr(node.layer, "init", "zeros"))
    if parameter.role == "bias" and kind != "lecun-uniform":
        return np.zeros(parameter.shape, np.float32)
    return _DRAWS[kind](parameter, seed, index)


def _uniform(variance: Callable[[Parameter], float]) -> Draw:
    """U(-a, a) with the variance a**2 / 3."""

    def draw(parameter: Parameter, seed: int, index: int) -> Floats:
        bound = sqrt(3.0 * variance(parameter))
        values = np.empty(prod(parameter.shape), np.float32)
        for start, stop in _pieces(len(values)):
            numbers = _numbers(seed, index, start, stop)
            values[start:stop] = bound * (2.0 * numbers - 1.0)
        return values

    return draw


def _normal(variance: Callable[[Parameter], float]) -> Draw:
    """N(0, variance), pairs of one radius and one angle as in `randomness.normal`."""

    def draw(parameter: Parameter, seed: int, index: int) -> Floats:
        deviation = sqrt(variance(parameter))
        pairs = -(-prod(parameter.shape) // 2)
        values = np.empty((2, pairs), np.float32)
        for start, stop in _pieces(pairs):
            radius = np.sqrt(-2.0 * np.log1p(-_numbers(seed, index, start, stop)))
            turns = _numbers(seed, index, pairs + start, pairs + stop)
            angle = 2.0 * np.pi * turns
            values[0, start:stop] = deviation * radius * np.cos(angle)
            values[1, start:stop] = deviation * radius * np.sin(angle)
        return values.ravel()[: prod(parameter.shape)]

    return draw


def _pieces(count: int) -> Iterator[tuple[int, int]]:
    """Ends of pieces that stay in the cache; a layer may have a hundred million."""
    for start in range(0, count, _PIECE):
        yield start, min(start + _PIECE, count)


def _numbers(seed: int, index: int, start: int, stop: int) -> NDArray[np.float64]:
    """Part of the numbers in [0, 1) of `randomness.uniform(..., sample=index)`."""
    blocks = np.arange(start // 4, -(-stop // 4))
    words = philox((blocks, index, 0, 0), key(seed, Purpose.INITIALIZE)).ravel()
    skipped = start // 4 * 4
    return words[start - skipped : stop - skipped].astype(np.float64) * 2.0**-32


def _zeros(parameter: Parameter, seed: int, index: int) -> Floats:
    return np.zeros(parameter.shape, np.float32)


def _dirac(parameter: Parameter, seed: int, index: int) -> Floats:
    """The identity as far as it goes, by the first two axes; the rest is drawn."""
    values = _uniform(_lecun)(parameter, seed, index).reshape(parameter.shape)
    filters, channels, *kernel = parameter.shape
    middle = tuple(length // 2 for length in kernel)
    for place in range(min(filters, channels)):
        values[place] = 0.0
        values[(place, place, *middle)] = 1.0
    return values


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
    "dirac": _dirac,
    "whitening": _uniform(_lecun),
}
