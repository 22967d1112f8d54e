"""JAX: the network and its whole training step each compiled by XLA."""

import os
from collections.abc import Mapping
from functools import partial
from typing import Any

# Read when JAX starts; the process may use no more cores than it has threads anyway.
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax  # type: ignore[import, unused-ignore]
import jax.numpy as jnp  # type: ignore[import, unused-ignore]
import numpy as np

from benchmarks.peers.channels_last import channels_last, outputs_shape, weights
from benchmarks.peers.folding import folded
from benchmarks.peers.peer import NotOfferedError, Peer, Work
from benchmarks.works import sample
from mirada.network import (
    INPUT,
    SGD,
    Add,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    MaxPool2d,
    Network,
    Node,
    Recipe,
    ReLU,
)
from mirada.reference import initial_parameters

__all__ = ["peers"]

Own = Mapping[str, Any]
_STATISTICS = ("running_mean", "running_var")


def peers(threads: int) -> list[Peer]:
    """JAX, whose threads follow the cores that the process may use."""
    return [Jax()]


class Jax(Peer):
    """JAX on the processor, float32, channels last."""

    name = "jax"

    def predict(self, network: Network, batch: int) -> Work:
        images = channels_last(sample(network, batch)[0])
        network, parameters = folded(network, initial_parameters(network, 0))
        own = weights(network, parameters)
        run = jax.jit(lambda given: _forward(network, own, given, False)[0])
        return lambda: np.asarray(run(images))

    def train(self, network: Network, recipe: Recipe, batch: int) -> Work:
        images, labels = sample(network, batch)
        given, answers = jnp.asarray(channels_last(images)), jnp.asarray(labels)
        own = jax.tree.map(
            jnp.asarray, weights(network, initial_parameters(network, 0))
        )
        state = [own, jax.tree.map(jnp.zeros_like, own)]
        step = jax.jit(partial(_step, network, recipe), donate_argnums=(0, 1))

        def run() -> float:
            loss, *state[:] = step(*state, given, answers)
            return float(loss)

        return run

    def backward(self, network: Network, batch: int) -> Work:
        given = jnp.asarray(channels_last(sample(network, batch)[0]))
        own = jax.tree.map(
            jnp.asarray, weights(network, initial_parameters(network, 0))
        )
        ones = jnp.ones(outputs_shape(network, batch), jnp.float32)

        @jax.jit
        def back(own: Any, given: Any, ones: Any) -> Any:
            def forward(own: Any, given: Any) -> Any:
                return _forward(network, own, given, True)[0]

            return jax.vjp(forward, own, given)[1](ones)

        return lambda: jax.block_until_ready(back(own, given, ones))


def _step(
    network: Network, recipe: Recipe, own: Any, speed: Any, images: Any, labels: Any
) -> tuple[Any, Any, Any]:
    def loss(own: Any) -> tuple[Any, Any]:
        scores, moved = _forward(network, own, images, True)
        chosen = jnp.take_along_axis(scores, labels[:, None], 1)[:, 0]
        return jnp.mean(jax.nn.logsumexp(scores, axis=1) - chosen), moved

    rule = recipe.optimizer
    assert isinstance(rule, SGD)
    (value, moved), slope = jax.value_and_grad(loss, has_aux=True)(own)
    speed = jax.tree.map(lambda v, g: rule.momentum * v + g, speed, slope)
    own = jax.tree.map(lambda w, v: w - rule.learning_rate * v, own, speed)
    for name, statistics in moved.items():
        own[name] = {**own[name], **statistics}
    return value, own, speed


def _forward(
    network: Network, own: Mapping[str, Own], images: Any, training: bool
) -> tuple[Any, dict[str, Own]]:
    """The outputs, and the statistics that moved."""
    values, moved = {INPUT: images}, dict[str, Own]()
    for node in network.nodes:
        given = [values[name] for name in node.inputs]
        if training and isinstance(node.layer, BatchNorm2d):
            found, moved[node.name] = _normalized(node.layer, given[0], own[node.name])
        else:
            found = _layer(network, node, given, own[node.name])
        values[node.name] = found
    return values[network.nodes[-1].name], moved


def _layer(network: Network, node: Node, given: list[Any], own: Own) -> Any:
    layer, x = node.layer, given[0]
    pads = [
        (w.start, w.end) for w in layer.windows(network.input_shapes(node)[0]) or ()
    ]
    match layer:
        case Conv2d():
            x = jax.lax.conv_general_dilated(
                x,
                own["weight"],
                layer.stride,
                pads,
                rhs_dilation=layer.dilation,
                dimension_numbers=("NHWC", "HWIO", "NHWC"),
                feature_group_count=layer.groups,
            )
            return x + own["bias"] if layer.bias else x
        case BatchNorm2d():
            scale = own["weight"] / jnp.sqrt(own["running_var"] + layer.epsilon)
            return (x - own["running_mean"]) * scale + own["bias"]
        case MaxPool2d() if not layer.ceil:
            size, step = (1, *layer.kernel_size, 1), (1, *layer.step, 1)
            around = ((0, 0), *pads, (0, 0))
            return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, size, step, around)
        case Linear():
            x = x @ own["weight"]
            return x + own["bias"] if layer.bias else x
        case ReLU():
            return jax.nn.relu(x)
        case GlobalAvgPool2d():
            return x.mean((1, 2), keepdims=True)
        case Flatten():
            return x.reshape(len(x), -1)
        case Add():
            return sum(given[1:], x)
        case Dropout():
            return x
    raise NotOfferedError(f"{layer.kind} is not written for this peer")


def _normalized(layer: BatchNorm2d, x: Any, own: Own) -> tuple[Any, Own]:
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    scale = own["weight"] / jnp.sqrt(variance + layer.epsilon)
    count = x.size // x.shape[-1]
    spread = variance * count / max(count - 1, 1)
    share = layer.momentum
    moved = {
        name: jax.lax.stop_gradient((1 - share) * own[name] + share * value)
        for name, value in zip(_STATISTICS, (mean, spread), strict=True)
    }
    return (x - mean) * scale + own["bias"], moved
