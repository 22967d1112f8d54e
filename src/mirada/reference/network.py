"""A whole network: its layers one after another, and back."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.network import (
    GELU,
    INPUT,
    Add,
    AvgPool2d,
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Hardsigmoid,
    Hardswish,
    Layer,
    LeakyReLU,
    Linear,
    Loss,
    MaxPool2d,
    Multiply,
    Network,
    Node,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    Upsample,
)
from mirada.reference import (
    activation,
    convolution,
    dropout,
    join,
    linear,
    normalization,
    pooling,
    resize,
)
from mirada.reference.layer import Array, Arrays, Inputs, Moment, Rule
from mirada.reference.loss import Labels, Mixed, loss_and_gradient, scored

__all__ = [
    "RULES",
    "Gradients",
    "LossResult",
    "backward",
    "first_not_finite",
    "forward",
    "loss_and_gradients",
    "own_parameters",
    "statistics",
]

RULES: Mapping[type[Layer], Rule[Any]] = {
    Conv2d: convolution.CONV,
    ConvTranspose2d: convolution.CONV_TRANSPOSE,
    MaxPool2d: pooling.MAX_POOL,
    AvgPool2d: pooling.AVG_POOL,
    GlobalAvgPool2d: pooling.GLOBAL_AVG_POOL,
    ReLU: activation.RELU,
    ReLU6: activation.RELU6,
    LeakyReLU: activation.LEAKY_RELU,
    Sigmoid: activation.SIGMOID,
    Tanh: activation.TANH,
    GELU: activation.GELU,
    SiLU: activation.SILU,
    Hardsigmoid: activation.HARDSIGMOID,
    Hardswish: activation.HARDSWISH,
    Softmax: activation.SOFTMAX,
    BatchNorm2d: normalization.BATCH_NORM,
    Dropout: dropout.DROPOUT,
    Flatten: linear.FLATTEN,
    Linear: linear.LINEAR,
    Upsample: resize.UPSAMPLE,
    Add: join.ADD,
    Multiply: join.MULTIPLY,
    Concat: join.CONCAT,
}
"""The law of every kind of layer."""

Numbers = NDArray[np.floating]


class Gradients(NamedTuple):
    """The gradients of one number by everything in a network."""

    parameters: dict[str, Array]
    """By every learned parameter, by its full name."""
    activations: dict[str, Array]
    """By the input and by every layer's output, by name."""


class LossResult(NamedTuple):
    """What one batch tells."""

    loss: float
    gradients: dict[str, Array]
    """By every learned parameter and by "input"."""
    activations: dict[str, Array]
    """The input and every layer's output, by name."""
    by_activations: dict[str, Array]
    """The gradients by these."""


def forward(
    network: Network,
    parameters: Mapping[str, Numbers],
    images: Numbers,
    *,
    training: bool = False,
    seed: int = 0,
    step: int = 0,
    fixed: Collection[str] = (),
) -> dict[str, Array]:
    """The input (n, c, h, w) and the output of every layer, by name, in float64.

    The layers in `fixed` are computed in inference form while the others train.

    >>> network = Network("tiny", (1, 1, 3), (ReLU(), GlobalAvgPool2d()))
    >>> found = forward(network, {}, np.array([[[[-3.0, 1.0, 2.0]]]]))
    >>> found["relu1"].tolist(), found["globalavgpool1"].tolist()
    ([[[[0.0, 1.0, 2.0]]]], [[[[1.0]]]])
    """
    activations = {INPUT: np.asarray(images, np.float64)}
    # What is not finite shows in the activations; it needs no warning on the way.
    with np.errstate(all="ignore"):
        for place, node in enumerate(network.nodes):
            trains = training and node.name not in fixed
            moment = Moment(trains, seed, step, place)
            activations[node.name] = RULES[type(node.layer)].forward(
                node.layer,
                _inputs(node, activations),
                own_parameters(node, parameters),
                moment,
            )
    return activations


def backward(
    network: Network,
    parameters: Mapping[str, Numbers],
    activations: Arrays,
    arriving: Arrays,
    *,
    training: bool = False,
    seed: int = 0,
    step: int = 0,
    fixed: Collection[str] = (),
) -> Gradients:
    """The gradients of a number whose gradient by some outputs is `arriving`.

    `activations` is what `forward` gave at the same moment; `arriving` has the names of
    layers. A layer that several others read takes the sum of what they pass back.
    """
    found = {name: np.zeros_like(value) for name, value in activations.items()}
    for name, value in arriving.items():
        found[name] += value
    by_parameter = dict[str, Array]()
    with np.errstate(all="ignore"):
        for place, node in reversed([*enumerate(network.nodes)]):
            trains = training and node.name not in fixed
            moment = Moment(trains, seed, step, place)
            inputs, own = _inputs(node, activations), own_parameters(node, parameters)
            by_inputs, by_own = RULES[type(node.layer)].backward(
                node.layer, inputs, own, moment, found[node.name]
            )
            for name, value in zip(node.inputs, by_inputs, strict=True):
                found[name] += value
            by_parameter |= {f"{node.name}.{n}": g for n, g in by_own.items()}
    ordered = {n: by_parameter[n] for n in network.parameters if n in by_parameter}
    return Gradients(ordered, found)


def loss_and_gradients(
    network: Network,
    loss: Loss,
    parameters: Mapping[str, Numbers],
    images: Numbers,
    labels: Labels,
    *,
    training: bool = True,
    seed: int = 0,
    step: int = 0,
    mixed: Mixed | None = None,
    fixed: Collection[str] = (),
) -> LossResult:
    """The mean loss of a batch, its gradients, and the activations on the way."""
    activations = forward(
        network,
        parameters,
        images,
        training=training,
        seed=seed,
        step=step,
        fixed=fixed,
    )
    name = scored(network, loss)
    with np.errstate(all="ignore"):
        value, by_output = loss_and_gradient(loss, activations[name], labels, mixed)
    found = backward(
        network,
        parameters,
        activations,
        {name: by_output},
        training=training,
        seed=seed,
        step=step,
        fixed=fixed,
    )
    gradients = {**found.parameters, INPUT: found.activations[INPUT]}
    return LossResult(value, gradients, activations, found.activations)


def statistics(
    network: Network,
    parameters: Mapping[str, Numbers],
    activations: Arrays,
    fixed: Collection[str] = (),
) -> dict[str, Array]:
    """The running statistics after a training batch with these activations.

    Those of the layers in `fixed` stay as they are and are not among them.
    """
    found = dict[str, Array]()
    with np.errstate(all="ignore"):
        for node in network.nodes:
            if node.name in fixed:
                continue
            inputs, own = _inputs(node, activations), own_parameters(node, parameters)
            values = RULES[type(node.layer)].statistics(node.layer, inputs, own)
            found |= {f"{node.name}.{name}": value for name, value in values.items()}
    return found


def first_not_finite(network: Network, activations: Arrays) -> str | None:
    """The first of the input and the layers whose output has NaN or infinity."""
    names = (INPUT, *(node.name for node in network.nodes))
    return next((n for n in names if not np.isfinite(activations[n]).all()), None)


def _inputs(node: Node, activations: Arrays) -> Inputs:
    return tuple(activations[name] for name in node.inputs)


def own_parameters(node: Node, parameters: Mapping[str, Numbers]) -> dict[str, Array]:
    """A layer's parameters by their short names, in float64."""
    prefix = node.name + "."
    return {
        name.removeprefix(prefix): np.asarray(value, np.float64)
        for name, value in parameters.items()
        if name.startswith(prefix)
    }
