"""The answer of an exercise by other means: windows walked, arrays made, sets followed.

Nothing of `mirada.analysis` is used: networks run through the reference, windows are
counted one by one, weights are arrays whose elements are counted.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.network import BatchNorm2d, Conv2d, Layer, Linear, Network
from mirada.network.text import read_node
from mirada.reference import forward, initial_parameters

__all__ = ["solved"]

Given = Mapping[str, Any]
Floats = NDArray[np.float64]


def solved(topic: str, kind: str, given: Given) -> Any:
    """The answer as JSON has it; approximate where it is rounded."""
    return _SOLVERS[topic](kind, given)


def _starts(given: Given) -> list[int]:
    """Where each window starts, the input being from 0 to its length."""
    before, after = given["padding"]
    span = given["dilation"] * (given["kernel"] - 1) + 1
    starts = [-before]
    while starts[-1] + given["stride"] + span <= given["input"] + after:
        starts.append(starts[-1] + given["stride"])
    if given["ceil"] and starts[-1] + span < given["input"] + after:
        starts.append(starts[-1] + given["stride"])
    return starts


def _size(kind: str, given: Given) -> Any:
    if "layers" in given:
        return _flow(kind, given)
    if kind == "rectangle":
        return [len(_starts(given["height"])), len(_starts(given["width"]))]
    if kind == "transposed":
        return [_painted(given)] * 2
    if kind == "unread":
        reached: int = _starts(given)[-1] + given["kernel"]
        return given["input"] - reached
    if kind == "same":
        return _same_end(given)
    searched: Mapping[str, tuple[str, Sequence[Any]]] = {
        "kernel-missing": ("kernel", range(1, given["input"] + 1)),
        "stride-missing": ("stride", range(1, 2 * given["input"])),
        "padding-missing": ("padding", [[p, p] for p in range(given["kernel"])]),
    }
    if kind not in searched:
        return [len(_starts(given))] * 2
    name, options = searched[kind]
    count = len(_starts(given))
    found = [o for o in options if len(_starts({**given, name: o})) == count]
    (only,) = found
    if name == "padding":
        return only[0]
    return [only, only] if name == "kernel" else only


def _painted(given: Given) -> int:
    """How many places the windows of all inputs reach, less what is cut off."""
    reached = {
        place * given["stride"] + tap
        for place in range(given["input"])
        for tap in range(given["kernel"])
    }
    cut: int = sum(given["padding"])
    return 1 + int(max(reached)) - cut


def _same_end(given: Given) -> int:
    """The end of the least padding that gives ceil(I/S) windows."""
    wanted = math.ceil(given["input"] / given["stride"])
    for total in range(given["kernel"]):
        sides = [total // 2, total - total // 2]
        if len(_starts({**given, "padding": sides})) == wanted:
            return sides[1]
    raise AssertionError(given)


def _network(given: Given) -> Network:
    layers = [read_node(text) for text in given["layers"]]
    return Network("exercise", tuple(given["input"]), layers)


def _outputs(given: Given) -> list[Floats]:
    """What every layer gives, by the reference, on a random image."""
    network = _network(given)
    image = np.random.default_rng(1).normal(size=(1, *network.input))
    parameters = initial_parameters(network, 0)
    found = forward(network, parameters, image)
    return [np.asarray(found[node.name][0]) for node in network.nodes]


def _flow(kind: str, given: Given) -> Any:
    last = _outputs(given)[-1]
    if kind == "flatten":
        return last.size
    channels, height, width = last.shape
    return [height, width, channels]


def _weights(layer: Layer, shape: Sequence[int]) -> tuple[list[Floats], int]:
    """The arrays that a layer learns, and how many products one output number takes."""
    if isinstance(layer, Conv2d):
        fan = (shape[0] // layer.groups, *layer.kernel_size)
        arrays = [np.zeros((layer.out_channels, *fan))]
        return arrays + [np.zeros(layer.out_channels)] * layer.bias, math.prod(fan)
    if isinstance(layer, Linear):
        arrays = [np.zeros((layer.out_features, shape[0]))]
        return [*arrays, np.zeros(layer.out_features)], shape[0]
    if isinstance(layer, BatchNorm2d):
        return [np.zeros(shape[0]), np.zeros(shape[0])], 0
    return [], 0


def _walk(given: Given) -> list[tuple[int, int, int]]:
    """Parameters, numbers of the output, and products of each, layer by layer."""
    outputs = _outputs(given)
    shapes = [given["input"], *(output.shape for output in outputs)]
    layers = [read_node(text).layer for text in given["layers"]]
    rows = []
    for layer, shape, output in zip(layers, shapes, outputs, strict=False):
        arrays, products = _weights(layer, shape)
        rows.append((sum(a.size for a in arrays), output.size, products))
    return rows


def _parameters(kind: str, given: Given) -> int:
    if "sizes" in given:
        pairs = zip(given["sizes"], given["sizes"][1:], strict=False)
        return sum(np.zeros((b, a)).size + b for a, b in pairs)
    if kind == "as-dense":
        outputs = _outputs(given)[-1].size
        return outputs * math.prod(given["input"]) + outputs
    if kind == "filters-missing":
        layer = read_node(given["layers"][0]).layer
        assert isinstance(layer, Conv2d)
        return layer.out_channels
    return sum(parameters for parameters, _, _ in _walk(given))


def _macs(kind: str, given: Given) -> int:
    rows = _walk(given)
    if kind == "one-output":
        return rows[0][2]
    return sum(numbers * products for _, numbers, products in rows)


def _field(kind: str, given: Given) -> Any:
    if kind == "layers-missing":
        return len(given["layers"])
    first, second = _seen(given, 0), _seen(given, 1)
    if kind == "jump":
        return min(second) - min(first)
    return [max(first) - min(first) + 1] * 2


def _seen(given: Given, place: int) -> set[int]:
    """The pixels along one axis that one output of the last layer reads."""
    seen = {place}
    for text in reversed(given["layers"]):
        layer: Any = read_node(text).layer
        stride = (layer.stride or layer.kernel_size)[0]
        taps = [tap * layer.dilation[0] for tap in range(layer.kernel_size[0])]
        seen = {at * stride + tap for at in seen for tap in taps}
    return seen


def _convolution(kind: str, given: Given) -> Any:
    kernels = np.array(given["kernels"])
    if given["turned"]:
        kernels = kernels[:, ::-1, ::-1]
    sides, stride = given["padding"], given["stride"]
    images = np.pad(np.array(given["images"]), ((0, 0), (sides,) * 2, (sides,) * 2))
    windows = np.lib.stride_tricks.sliding_window_view(
        images, kernels.shape[1:], axis=(1, 2)
    )[:, ::stride, ::stride]
    output = np.einsum("cyxij,cij->yx", windows, kernels) + given["bias"]
    if kind in ("whole", "impulse"):
        return output.tolist()
    return output[given["row"], given["column"]]


def _pooling(kind: str, given: Given) -> Any:
    sides, size, stride = given["padding"], given["kernel"], given["stride"]
    matrix = np.pad(
        np.array(given["matrix"], float), sides, constant_values=-float("inf")
    )
    windows = np.lib.stride_tricks.sliding_window_view(matrix, (size, size))
    take = np.max if given["pooling"] == "max" else np.mean
    output = take(windows[::stride, ::stride], axis=(2, 3))
    if "row" in given:
        return output[given["row"], given["column"]]
    return output[0, 0] if kind == "global" else output.tolist()


def _softmax(kind: str, given: Given) -> float:
    if kind == "rest":
        return 1 - math.fsum(given["shares"])
    if kind == "ratio":
        high, low = given["scores"]
        return math.exp(high) / math.exp(low)
    if kind == "logarithms":
        scores = np.log(np.array(given["exponentials"], np.longdouble))
    else:
        scores = np.array(given["scores"], np.longdouble)
    powers = np.exp(scores - np.mean(scores))
    share = float(powers[given["class"] - 1] / powers.sum())
    return -math.log(share) if kind == "loss" else share


def _relu(kind: str, given: Given) -> Any:
    if kind == "neuron":
        total = np.dot(given["inputs"], given["weights"]) + given["bias"]
        return np.maximum(total, 0)
    matrix = np.array(given["matrix"], float)
    if kind == "order":
        kept = np.maximum(matrix, 0).mean()
        return kept if given["relu_first"] else np.maximum(matrix.mean(), 0)
    if kind == "gradient":
        return (np.array(given["arriving"]) * (matrix[0] > 0)).tolist()
    if kind == "leaky":
        return np.where(matrix > 0, matrix, matrix * given["slope"])[0].tolist()
    output = np.maximum(matrix + given.get("bias", 0), 0)
    if kind == "zeros":
        return np.count_nonzero(output == 0)
    return output.tolist() if len(output) > 1 else output[0].tolist()


_SOLVERS: Mapping[str, Callable[[str, Given], Any]] = {
    "convolution": _convolution,
    "size": _size,
    "parameters": _parameters,
    "relu": _relu,
    "pooling": _pooling,
    "softmax": _softmax,
    "receptive-field": _field,
    "macs": _macs,
}
