"""A whole network as a module: its layers one after another."""

from collections.abc import Collection, Mapping

import torch
from torch import nn
from torch.nn import functional

from mirada.engines.engine import Arrays
from mirada.engines.torch import (
    activation,
    convolution,
    dropout,
    join,
    linear,
    normalization,
    pooling,
    resize,
)
from mirada.engines.torch.layer import Build, Moment
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
    MaxPool2d,
    Multiply,
    Network,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    Upsample,
)

__all__ = ["LAYERS", "NetworkModule"]

LAYERS: Mapping[type[Layer], Build] = {
    Conv2d: convolution.conv,
    ConvTranspose2d: convolution.conv_transpose,
    MaxPool2d: pooling.max_pool,
    AvgPool2d: pooling.avg_pool,
    GlobalAvgPool2d: pooling.global_avg_pool,
    ReLU: activation.elementwise(torch.relu),
    ReLU6: activation.elementwise(functional.relu6),
    LeakyReLU: activation.leaky_relu,
    Sigmoid: activation.elementwise(torch.sigmoid),
    Tanh: activation.elementwise(torch.tanh),
    Hardsigmoid: activation.elementwise(functional.hardsigmoid),
    Hardswish: activation.elementwise(functional.hardswish),
    GELU: activation.gelu,
    SiLU: activation.elementwise(functional.silu),
    Softmax: activation.softmax,
    BatchNorm2d: normalization.batch_norm,
    Dropout: dropout.dropout,
    Flatten: linear.flatten,
    Linear: linear.linear,
    Upsample: resize.upsample,
    Add: join.add,
    Multiply: join.multiply,
    Concat: join.concat,
}
"""How each kind of layer is computed."""


class NetworkModule(nn.Module):
    """The layers of a network and its parameters, learned ones and statistics.

    `values` are the first parameters, by their full names. A module cannot call its
    parameters by names that hold a dot; `tensors` does. The layers in `fixed` are
    computed in inference form while the others train.
    """

    def __init__(
        self, network: Network, values: Arrays, fixed: Collection[str] = ()
    ) -> None:
        super().__init__()
        self.network, self.fixed = network, fixed
        self.tensors: dict[str, torch.Tensor] = {}
        self.learned = nn.ParameterList()
        for number, (name, parameter) in enumerate(network.parameters.items()):
            tensor = torch.from_numpy(values[name].copy())
            if parameter.role == "statistic":
                self.register_buffer(f"statistic{number}", tensor)
                self.tensors[name] = tensor
            else:
                self.learned.append(nn.Parameter(tensor))
                self.tensors[name] = self.learned[-1]
        self.computes = [
            LAYERS[type(node.layer)](node.layer, network.input_shapes(node))
            for node in network.nodes
        ]
        self.constants = nn.ModuleList(
            compute for compute in self.computes if isinstance(compute, nn.Module)
        )
        self.last_reads = _last_reads(network)
        self._collect()

    def to(self, *args: object, **options: object) -> "NetworkModule":
        """On another device or in another memory format, in place."""
        super().to(*args, **options)
        self._collect()
        return self

    def _collect(self) -> None:
        """Finds every parameter where it now lies, by its names."""
        learned = iter(self.learned)
        for number, (name, parameter) in enumerate(self.network.parameters.items()):
            is_statistic = parameter.role == "statistic"
            self.tensors[name] = (
                getattr(self, f"statistic{number}") if is_statistic else next(learned)
            )
        self.own = [
            {
                parameter.name: self.tensors[f"{node.name}.{parameter.name}"]
                for parameter in node.layer.parameters(*self.network.input_shapes(node))
            }
            for node in self.network.nodes
        ]

    def forward(
        self, images: torch.Tensor, moment: Moment, names: Collection[str]
    ) -> dict[str, torch.Tensor]:
        """The outputs of the layers called so ("input" too), and nothing after them."""
        found, wanted = {INPUT: images}, set(names) - {INPUT}
        for place, node in enumerate(self.network.nodes):
            if not wanted:
                break
            inputs = tuple(found[name] for name in node.inputs)
            trains = moment.training and node.name not in self.fixed
            at = moment._replace(place=place, training=trains)
            found[node.name] = self.computes[place](inputs, self.own[place], at)
            wanted.discard(node.name)
            for name in self.last_reads[place]:
                if name not in names:
                    del found[name]
        return {name: found[name] for name in names}


def _last_reads(network: Network) -> list[list[str]]:
    """What nobody reads any more after each layer."""
    last = {INPUT: -1}
    for place, node in enumerate(network.nodes):
        last |= dict.fromkeys((*node.inputs, node.name), place)
    reads: list[list[str]] = [[] for _ in network.nodes]
    for name, place in last.items():
        reads[max(place, 0)].append(name)
    return reads
