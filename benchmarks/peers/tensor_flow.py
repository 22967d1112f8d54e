"""TensorFlow: the network and its whole training step each a graph (tf.function)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf  # type: ignore[import, unused-ignore]

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
    """TensorFlow with oneDNN in float32, and with its rewriting to bfloat16."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return [TensorFlow("tensorflow", "fp32"), TensorFlow("tensorflow-bf16", "bf16")]


@dataclass(frozen=True)
class TensorFlow(Peer):
    """TensorFlow on the processor, channels last."""

    name: str
    precision: str

    def predict(self, network: Network, batch: int) -> Work:
        images = channels_last(sample(network, batch)[0])
        network, parameters = folded(network, initial_parameters(network, 0))
        own = _constants(weights(network, parameters))

        def forward(given: Any) -> Any:
            return _forward(network, own, given, False)

        run = self._graph(forward, tf.TensorSpec(images.shape, tf.float32))
        return lambda: run(tf.constant(images)).numpy()

    def train(self, network: Network, recipe: Recipe, batch: int) -> Work:
        images, labels = sample(network, batch)
        given, answers = tf.constant(channels_last(images)), tf.constant(labels)
        own = _variables(weights(network, initial_parameters(network, 0)))
        learned = _learned(own)
        speeds = [tf.Variable(tf.zeros_like(w)) for w in learned]
        rule = recipe.optimizer
        assert isinstance(rule, SGD)

        def step(given: Any, answers: Any) -> Any:
            with tf.GradientTape() as tape:
                scores = _forward(network, own, given, True)
                loss = tf.reduce_mean(
                    tf.nn.sparse_softmax_cross_entropy_with_logits(answers, scores)
                )
            slopes = tape.gradient(loss, learned)
            for weight, speed, slope in zip(learned, speeds, slopes, strict=True):
                tf.raw_ops.ResourceApplyMomentum(
                    var=weight.handle,
                    accum=speed.handle,
                    lr=rule.learning_rate,
                    grad=slope,
                    momentum=rule.momentum,
                )
            return loss

        run = self._graph(
            step, *(tf.TensorSpec(a.shape, a.dtype) for a in (given, answers))
        )
        return lambda: float(run(given, answers))

    def backward(self, network: Network, batch: int) -> Work:
        given = tf.constant(channels_last(sample(network, batch)[0]))
        own = _variables(weights(network, initial_parameters(network, 0)))
        ones = tf.ones(outputs_shape(network, batch))

        def back(given: Any, ones: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(given)
                outputs = _forward(network, own, given, True)
            return tape.gradient(outputs, [given, *_learned(own)], ones)

        spec = tf.TensorSpec(given.shape, tf.float32)
        run = self._graph(back, spec, tf.TensorSpec(ones.shape, tf.float32))
        return lambda: [value.numpy() for value in run(given, ones)]

    def _graph(self, function: Any, *specs: Any) -> Any:
        """The function traced and optimized, in this peer's precision."""
        narrow = self.precision == "bf16"
        option = {"auto_mixed_precision_onednn_bfloat16": narrow}
        tf.config.optimizer.set_experimental_options(option)
        return tf.function(function).get_concrete_function(*specs)


def _constants(own: Mapping[str, Own]) -> dict[str, Own]:
    return {n: {k: tf.constant(v) for k, v in part.items()} for n, part in own.items()}


def _variables(own: Mapping[str, Own]) -> dict[str, Own]:
    return {
        name: {
            key: tf.Variable(value, trainable=key not in _STATISTICS)
            for key, value in part.items()
        }
        for name, part in own.items()
    }


def _learned(own: Mapping[str, Own]) -> list[Any]:
    return [w for part in own.values() for w in part.values() if w.trainable]


def _forward(
    network: Network, own: Mapping[str, Own], images: Any, training: bool
) -> Any:
    values = {INPUT: images}
    for node in network.nodes:
        given = [values[name] for name in node.inputs]
        values[node.name] = _layer(network, node, given, own[node.name], training)
    return values[network.nodes[-1].name]


def _layer(
    network: Network, node: Node, given: list[Any], own: Own, training: bool
) -> Any:
    layer, x = node.layer, given[0]
    around = [
        (w.start, w.end) for w in layer.windows(network.input_shapes(node)[0]) or ()
    ]
    pads = [[0, 0], *map(list, around), [0, 0]]
    match layer:
        case Conv2d() if layer.groups > 1:
            return _depthwise(layer, x, own, pads)
        case Conv2d():
            x = tf.nn.conv2d(
                x, own["weight"], layer.stride, pads, "NHWC", layer.dilation
            )
            return tf.nn.bias_add(x, own["bias"]) if layer.bias else x
        case BatchNorm2d():
            return _normalized(layer, x, own, training)
        case MaxPool2d() if not layer.ceil:
            size, step = (1, *layer.kernel_size, 1), (1, *layer.step, 1)
            plain = all(p == (0, 0) for p in around)
            return tf.nn.max_pool2d(x, size, step, "VALID" if plain else pads)
        case Linear():
            x = tf.matmul(x, own["weight"])
            return tf.nn.bias_add(x, own["bias"]) if layer.bias else x
        case ReLU():
            return tf.nn.relu(x)
        case GlobalAvgPool2d():
            return tf.reduce_mean(x, (1, 2), keepdims=True)
        case Flatten():
            return tf.reshape(x, (x.shape[0], -1))
        case Add():
            return tf.add_n(given)
        case Dropout() if not training:
            return x
    raise NotOfferedError(f"{layer.kind} is not written for this peer")


def _depthwise(layer: Conv2d, x: Any, own: Own, pads: list[list[int]]) -> Any:
    if not layer.groups == layer.out_channels == x.shape[-1]:
        raise NotOfferedError("convolutions in groups are not written for this peer")
    weight = tf.transpose(own["weight"], (0, 1, 3, 2))
    step = (1, *layer.stride, 1)
    x = tf.nn.depthwise_conv2d(x, weight, step, pads, "NHWC", layer.dilation)
    return tf.nn.bias_add(x, own["bias"]) if layer.bias else x


def _normalized(layer: BatchNorm2d, x: Any, own: Own, training: bool) -> Any:
    found, mean, variance = tf.compat.v1.nn.fused_batch_norm(
        x,
        own["weight"],
        own["bias"],
        None if training else own["running_mean"],
        None if training else own["running_var"],
        epsilon=layer.epsilon,
        is_training=training,
    )
    if training:
        for name, value in zip(_STATISTICS, (mean, variance), strict=True):
            own[name].assign_sub(layer.momentum * (own[name] - value))
    return found
