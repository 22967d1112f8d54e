"""How much memory a network takes, in bytes of float32.

Definitions. Every layer writes an output of its own, nothing in place; flatten only
looks at its input, and so does dropout outside training.

- parameters: weights, biases and statistics.
- inference: the most bytes of activations alive at one time. A layer needs its inputs
  and its output; an output lives until its last reader is done.
- training, an image: the input and every output are kept until the backward pass
  (kept), and the most bytes of gradients alive at one time on the way back
  (gradients).
- training, a batch: that for each image, the parameters, a gradient for each learned
  parameter, and the arrays the optimizer keeps (`slots`: momentum 1, AdamW 2).

An engine that fuses layers or keeps masks instead of values takes less or more; its own
plan says so.
"""

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from mirada.network import INPUT, Dropout, Flatten, Network

__all__ = ["Memory", "memory"]

_BYTES = 4


class Memory(NamedTuple):
    """The bytes a network takes; activations are for one image."""

    parameters: int
    learned: int
    inference: int
    kept: int
    gradients: int

    def predicting(self, batch: int = 1) -> int:
        """The bytes that predicting a batch takes."""
        return self.parameters + batch * self.inference

    def training(self, batch: int = 1, slots: int = 1) -> int:
        """The bytes that a training step on a batch takes."""
        activations = batch * (self.kept + self.gradients)
        return self.parameters + (1 + slots) * self.learned + activations


def memory(network: Network) -> Memory:
    """The memory of a network, by the definitions above.

    >>> from mirada.network import Conv2d, ReLU
    >>> found = memory(Network("tiny", (1, 5, 5), [Conv2d(2, 3), ReLU()]))
    >>> found.inference, found.kept, found.parameters
    (172, 244, 80)
    """
    arrays = network.parameters.values()
    sizes = [(p.role, _BYTES * prod(p.shape)) for p in arrays]
    bytes_of = {name: _BYTES * prod(shape) for name, shape in network.shapes.items()}
    return Memory(
        parameters=sum(size for _, size in sizes),
        learned=sum(size for role, size in sizes if role != "statistic"),
        inference=max(_alive(network, bytes_of)),
        kept=_kept(network, bytes_of),
        gradients=max(_alive_backward(network, bytes_of)),
    )


def _buffers(network: Network, *, training: bool) -> dict[str, str]:
    """The layer in whose memory each output is: its own, or of what it looks at."""
    found = {INPUT: INPUT}
    for node in network.nodes:
        looks = isinstance(node.layer, Flatten)
        looks = looks or (isinstance(node.layer, Dropout) and not training)
        found[node.name] = found[node.source] if looks else node.name
    return found


def _alive(network: Network, bytes_of: dict[str, int]) -> Iterator[int]:
    """The bytes alive while each layer computes."""
    buffers = _buffers(network, training=False)
    last = {buffers[network.nodes[-1].name]: len(network.nodes)}
    for place, node in enumerate(network.nodes):
        for name in (*node.inputs, node.name):
            last[buffers[name]] = max(last.get(buffers[name], 0), place)
    alive = {INPUT}
    for place, node in enumerate(network.nodes):
        alive.add(buffers[node.name])
        yield sum(bytes_of[name] for name in alive)
        alive -= {name for name in alive if last[name] <= place}


def _kept(network: Network, bytes_of: dict[str, int]) -> int:
    buffers = _buffers(network, training=True)
    return sum(bytes_of[name] for name in set(buffers.values()))


def _alive_backward(network: Network, bytes_of: dict[str, int]) -> Iterator[int]:
    """The bytes of gradients alive while each layer is gone back through."""
    buffers = _buffers(network, training=True)
    alive = {buffers[network.nodes[-1].name]}
    for node in reversed(network.nodes):
        own = buffers[node.name]
        # Nobody asks for the gradient of the network's own input.
        alive |= {buffers[name] for name in node.inputs} - {INPUT}
        yield sum(bytes_of[name] for name in alive | {own} - {INPUT})
        alive -= {own} if own == node.name else set()
