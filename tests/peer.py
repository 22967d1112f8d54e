"""The same networks in PyTorch: another's word on what a layer computes.

Only what PyTorch cannot be asked for is written out here: padding of four different
sides, and dropout, whose mask is ours.
"""

import warnings
from collections.abc import Callable, Collection, Mapping
from math import prod
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from torch.nn import functional

from mirada.network import (
    GELU,
    INPUT,
    SGD,
    Add,
    AvgPool2d,
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    CrossEntropy,
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
    Optimizer,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    Upsample,
)
from mirada.reference import Moment, scored
from mirada.reference.dropout import kept

__all__ = [
    "PeerResult",
    "peer_forward",
    "peer_knows",
    "peer_layer",
    "peer_loss",
    "peer_optimizer",
    "peer_step",
    "tensors",
]

Tensor = Any
Array = NDArray[np.float64]


class PeerResult(NamedTuple):
    """What PyTorch says of one training batch."""

    loss: float
    gradients: dict[str, Array]
    activations: dict[str, Array]


def peer_knows(network: Network, images: int) -> bool:
    """Whether PyTorch can compute the network on a batch of so many images.

    Its pooling pads both sides alike (or, without ceil mode, an input padded before);
    its batch normalization trains on more than one pixel a channel.
    """
    for node in network.nodes:
        layer, (shape, *_) = node.layer, network.input_shapes(node)
        if isinstance(layer, AvgPool2d) and not _symmetric(layer):
            return False
        if isinstance(layer, MaxPool2d) and layer.ceil and not _symmetric(layer):
            return False
        if isinstance(layer, BatchNorm2d) and images * shape[1] * shape[2] == 1:
            return False
    return True


def _sides(layer: Any, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Left, right, top, bottom, in the order of `pad`."""
    rows, columns = layer.windows(shape)
    return columns.start, columns.end, rows.start, rows.end


def _symmetric(layer: Any) -> bool:
    top, bottom, left, right = layer.padding
    return bool(top == bottom and left == right)


def _conv(layer: Conv2d, x: Tensor, own: Mapping[str, Tensor]) -> Tensor:
    sides: Any = "same"
    if layer.padding != "same-torch":
        x, sides = functional.pad(x, _sides(layer, tuple(x.shape[1:]))), 0
    rest = layer.stride, sides, layer.dilation, layer.groups
    with warnings.catch_warnings():
        # PyTorch warns that "same" with even kernels copies the image.
        warnings.simplefilter("ignore", UserWarning)
        return functional.conv2d(x, own["weight"], own.get("bias"), *rest)


def _conv_transpose(
    layer: ConvTranspose2d, x: Tensor, own: Mapping[str, Tensor]
) -> Tensor:
    whole = functional.conv_transpose2d(
        x,
        own["weight"],
        own.get("bias"),
        layer.stride,
        0,
        layer.output_padding,
        layer.groups,
        layer.dilation,
    )
    top, bottom, left, right = layer.sides
    height, width = whole.shape[2:]
    return whole[:, :, top : height - bottom, left : width - right]


def _max_pool(layer: MaxPool2d, x: Tensor, own: Mapping[str, Tensor]) -> Tensor:
    rest = layer.dilation, layer.ceil
    if _symmetric(layer):
        sides: Any = layer.padding[::2]
        return functional.max_pool2d(x, layer.kernel_size, layer.step, sides, *rest)
    padded = functional.pad(x, _sides(layer, tuple(x.shape[1:])), value=-np.inf)
    return functional.max_pool2d(padded, layer.kernel_size, layer.step, 0, *rest)


def _avg_pool(layer: AvgPool2d, x: Tensor, own: Mapping[str, Tensor]) -> Tensor:
    sides: Any = layer.padding[::2]
    return functional.avg_pool2d(
        x,
        layer.kernel_size,
        layer.step,
        sides,
        layer.ceil,
        layer.count_padding,
    )


def _upsample(layer: Upsample, x: Tensor, own: Mapping[str, Tensor]) -> Tensor:
    scale = tuple(map(float, layer.scale))
    if layer.mode == "nearest":
        return functional.interpolate(x, scale_factor=scale, mode="nearest")
    return functional.interpolate(
        x, scale_factor=scale, mode="bilinear", align_corners=False
    )


def _softmax(layer: Softmax, x: Tensor, own: Mapping[str, Tensor]) -> Tensor:
    return functional.softmax(x, dim=1)


def _linear(layer: Linear, x: Tensor, own: Mapping[str, Tensor]) -> Tensor:
    return functional.linear(x, own["weight"], own.get("bias"))


_ONE: Mapping[type[Layer], Callable[[Any, Tensor, Mapping[str, Tensor]], Tensor]] = {
    Conv2d: _conv,
    ConvTranspose2d: _conv_transpose,
    MaxPool2d: _max_pool,
    AvgPool2d: _avg_pool,
    GlobalAvgPool2d: lambda layer, x, own: functional.adaptive_avg_pool2d(x, 1),
    ReLU: lambda layer, x, own: functional.relu(x),
    LeakyReLU: lambda layer, x, own: functional.leaky_relu(x, layer.slope),
    Sigmoid: lambda layer, x, own: torch.sigmoid(x),
    Tanh: lambda layer, x, own: torch.tanh(x),
    GELU: lambda layer, x, own: functional.gelu(x, approximate=layer.approximate),
    ReLU6: lambda layer, x, own: functional.relu6(x),
    # Its own hardsigmoid takes 1 / 6 in float32, whatever x is.
    Hardsigmoid: lambda layer, x, own: functional.relu6(x + 3) / 6,
    Hardswish: lambda layer, x, own: functional.hardswish(x),
    SiLU: lambda layer, x, own: functional.silu(x),
    Softmax: _softmax,
    Flatten: lambda layer, x, own: torch.flatten(x, 1),
    Linear: _linear,
    Upsample: _upsample,
}


def peer_layer(
    layer: Layer,
    inputs: tuple[Tensor, ...],
    own: Mapping[str, Tensor],
    moment: Moment,
) -> Tensor:
    """The layer's output as PyTorch computes it; moves running statistics in `own`."""
    if isinstance(layer, Add):
        return sum(inputs)
    if isinstance(layer, Multiply):
        return prod(inputs)
    if isinstance(layer, Concat):
        return _concat(inputs)
    (x,) = inputs
    if isinstance(layer, Dropout):
        if not moment.training:
            return x
        mask = torch.from_numpy(kept(layer, tuple(x.shape), moment))
        return x * mask / (1.0 - layer.p)
    if isinstance(layer, BatchNorm2d):
        return functional.batch_norm(
            x,
            own["running_mean"],
            own["running_var"],
            own["weight"],
            own["bias"],
            moment.training,
            layer.momentum,
            layer.epsilon,
        )
    return _ONE[type(layer)](layer, x, own)


def _concat(inputs: tuple[Tensor, ...]) -> Tensor:
    sizes = [min(x.shape[axis] for x in inputs) for axis in range(2, inputs[0].ndim)]
    for axis, size in enumerate(sizes, start=2):
        inputs = tuple(
            x.narrow(axis, (x.shape[axis] - size) // 2, size) for x in inputs
        )
    return torch.cat(inputs, dim=1)


def tensors(
    network: Network,
    parameters: Mapping[str, NDArray[np.floating]],
    dtype: DTypeLike = np.float64,
) -> dict[str, Tensor]:
    """Copies of the parameters as tensors, the learned ones with gradients."""
    found = {n: torch.from_numpy(v.astype(dtype)) for n, v in parameters.items()}
    for name, parameter in network.parameters.items():
        found[name].requires_grad_(parameter.role != "statistic")
    return found


def peer_forward(
    network: Network,
    parameters: Mapping[str, Tensor],
    images: Tensor,
    *,
    training: bool = False,
    seed: int = 0,
    step: int = 0,
    fixed: Collection[str] = (),
) -> dict[str, Tensor]:
    """The input and the output of every layer, by name."""
    found = {INPUT: images}
    for place, node in enumerate(network.nodes):
        prefix = node.name + "."
        own = {
            name.removeprefix(prefix): value
            for name, value in parameters.items()
            if name.startswith(prefix)
        }
        inputs = tuple(found[name] for name in node.inputs)
        moment = Moment(training and node.name not in fixed, seed, step, place)
        found[node.name] = peer_layer(node.layer, inputs, own, moment)
    return found


def peer_step(
    network: Network,
    loss: Loss,
    parameters: Mapping[str, Tensor],
    images: NDArray[np.floating],
    labels: NDArray[np.int64],
    *,
    seed: int = 0,
    step: int = 0,
    dtype: DTypeLike = np.float64,
    fixed: Collection[str] = (),
) -> PeerResult:
    """Loss, gradients and activations of a training batch, by PyTorch's autograd.

    The gradients are also left in the parameters, for an optimizer of PyTorch's.
    """
    x = torch.from_numpy(images.astype(dtype)).requires_grad_()
    about: Any = {"training": True, "seed": seed, "step": step, "fixed": fixed}
    found = peer_forward(network, parameters, x, **about)
    outputs = found[scored(network, loss)].flatten(1)
    value = peer_loss(loss, outputs, torch.from_numpy(labels))
    value.backward()
    leaves = {name: p for name, p in parameters.items() if p.requires_grad} | {INPUT: x}
    gradients = {
        name: torch.zeros_like(leaf) if leaf.grad is None else leaf.grad
        for name, leaf in leaves.items()
    }
    return PeerResult(
        float(value.detach()),
        {name: gradient.numpy().copy() for name, gradient in gradients.items()},
        {name: value.detach().numpy() for name, value in found.items()},
    )


def peer_loss(loss: Loss, outputs: Tensor, labels: Tensor) -> Tensor:
    """The mean loss as PyTorch computes it."""
    if isinstance(loss, CrossEntropy):
        weights = torch.tensor(loss.class_weights, dtype=outputs.dtype)
        return functional.cross_entropy(
            outputs,
            labels,
            weight=weights if len(weights) else None,
            label_smoothing=loss.label_smoothing,
        )
    one_hot = functional.one_hot(labels, outputs.shape[1]).to(outputs.dtype)
    return functional.mse_loss(outputs, one_hot)


def peer_optimizer(optimizer: Optimizer, parameters: list[Any]) -> Any:
    """PyTorch's optimizer of the same name and options, for tensors or groups."""
    if isinstance(optimizer, SGD):
        return torch.optim.SGD(
            parameters,
            lr=optimizer.learning_rate,
            momentum=optimizer.momentum,
            nesterov=optimizer.nesterov,
            weight_decay=optimizer.weight_decay,
        )
    options: Any = optimizer
    return torch.optim.AdamW(
        parameters,
        lr=options.learning_rate,
        betas=(options.beta1, options.beta2),
        eps=options.epsilon,
        weight_decay=options.weight_decay,
    )
