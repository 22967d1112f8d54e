"""A described network as a PyTorch module, written as PyTorch's users write them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchmarks.peers.folding import folded
from benchmarks.peers.peer import NotOfferedError
from mirada.network import (
    GELU,
    INPUT,
    Add,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    MaxPool2d,
    Network,
    Node,
    ReLU,
)
from mirada.reference import initial_parameters

__all__ = ["module"]

_OVERWRITTEN = (Conv2d, BatchNorm2d, Linear, Add)
"""Layers whose output ReLU may write over: none needs it for its own gradient."""


def module(network: Network, training: bool) -> nn.Module:
    """The network with its first parameters; normalization folded for inference."""
    parameters: Mapping[str, NDArray[np.float32]] = initial_parameters(network, 0)
    if not training:
        network, parameters = folded(network, parameters)
    made = [_layer(network, node) for node in network.nodes]
    for node, part in zip(network.nodes, made, strict=True):
        prefix = f"{node.name}."
        state = {
            name.removeprefix(prefix): torch.from_numpy(value.copy())
            for name, value in parameters.items()
            if name.startswith(prefix)
        }
        part.load_state_dict(state, strict=False)
    chain = all(not node.others for node in network.nodes) and all(
        len(readers) <= 1 for readers in network.readers.values()
    )
    whole = nn.Sequential(*made) if chain else _Graph(network, made)
    return whole.train(training)


class _Graph(nn.Module):
    """Layers with branches; a value is let go of after its last reader."""

    def __init__(self, network: Network, made: list[nn.Module]) -> None:
        super().__init__()
        self.made = nn.ModuleList(made)
        places = {INPUT: 0}
        places.update({node.name: i for i, node in enumerate(network.nodes, 1)})
        self.sources = [[places[n] for n in node.inputs] for node in network.nodes]
        last = {place: i for i, given in enumerate(self.sources) for place in given}
        self.done = [
            [place for place, turn in last.items() if turn == i]
            for i in range(len(made))
        ]

    def forward(self, images: Any) -> Any:
        values = [images]
        for part, given, done in zip(self.made, self.sources, self.done, strict=True):
            values.append(part(*[values[place] for place in given]))
            for place in done:
                values[place] = None
        return values[-1]


class _Sum(nn.Module):
    def forward(self, first: Any, second: Any) -> Any:
        return first + second


def _layer(network: Network, node: Node) -> nn.Module:
    layer, (shape, *_) = node.layer, network.input_shapes(node)
    match layer:
        case Conv2d():
            rest = layer.stride, _pads(layer, shape), layer.dilation, layer.groups
            out, kernel = layer.out_channels, layer.kernel_size
            return nn.Conv2d(shape[0], out, kernel, *rest, bias=layer.bias)
        case BatchNorm2d():
            return nn.BatchNorm2d(shape[0], layer.epsilon, layer.momentum)
        case Linear():
            return nn.Linear(shape[0], layer.out_features, layer.bias)
        case MaxPool2d():
            around = layer.step, _pads(layer, shape), layer.dilation
            return nn.MaxPool2d(layer.kernel_size, *around, ceil_mode=layer.ceil)
        case AvgPool2d():
            how = _pads(layer, shape), layer.ceil, layer.count_padding
            return nn.AvgPool2d(layer.kernel_size, layer.step, *how)
        case GELU():
            return nn.GELU(layer.approximate)
        case ReLU():
            return nn.ReLU(inplace=_overwrites(network, node))
    simple: Mapping[type, Any] = {
        GlobalAvgPool2d: lambda: nn.AdaptiveAvgPool2d(1),
        Flatten: nn.Flatten,
        Dropout: lambda: nn.Dropout(getattr(layer, "p", 0.0)),
        Add: _Sum,
    }
    if type(layer) not in simple:
        raise NotOfferedError(f"{layer.kind} is not written for this peer")
    return simple[type(layer)]()


def _pads(layer: Any, shape: tuple[int, ...]) -> tuple[int, int]:
    rows, columns = layer.windows(shape)
    if rows.start != rows.end or columns.start != columns.end:
        raise NotOfferedError("PyTorch's layers pad both sides alike")
    return rows.start, columns.start


def _overwrites(network: Network, node: Node) -> bool:
    """Whether the layer may write over its input, as torchvision's ReLU does."""
    source = next((n for n in network.nodes if n.name == node.source), None)
    if source is None or len(network.readers[source.name]) > 1:
        return False
    return isinstance(source.layer, _OVERWRITTEN)
