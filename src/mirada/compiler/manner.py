"""In which manner a network is computed: in a stream, or one layer after another.

All follows from the network and the batch alone, never from the number of threads.
"""

from math import prod

from mirada.compiler.stages import Form, cut
from mirada.network import BatchNorm2d, Conv2d, Layer, Linear, Network, Node, Shape

__all__ = [
    "chunk_count",
    "half_suits",
    "layered",
    "multiplications",
    "unpooled",
    "winograd_suits",
]

_MOST_GRADIENT_BYTES = 2**29
_MOST_STREAMED_PARAMETERS = 2**21
_MOST_ALONE = 3_000_000
_LEAST_CHANNELS = 32
_LEAST_HALVED = 16
_MULTIPLICATIONS_A_NUMBER = 16


def chunk_count(batch: int, parameters: int) -> int:
    """In how many chunks a streamed batch is trained."""
    chunks = min(batch, max(2, min(8, batch // 16)))
    while chunks > 1 and chunks * parameters * 4 > _MOST_GRADIENT_BYTES:
        chunks //= 2
    return chunks


def layered(network: Network, form: Form, batch: int, half: bool = False) -> bool:
    """Whether one layer is computed for all of the batch before the next.

    Statistics of the batch ask for it; large layers are faster so, and so is one
    large image, whose rows threads can share. With `half`, convolutions are computed
    of rounded numbers where that is faster, and so more of them are large.
    """
    least = _LEAST_HALVED if half else _LEAST_CHANNELS
    nodes = network.nodes
    if form.training and any(isinstance(node.layer, BatchNorm2d) for node in nodes):
        return True
    if form.backward and not form.training:
        return True
    counts = {node.name: multiplications(network, node) for node in nodes}
    total = sum(counts.values())
    # What is pooled at once has few gradients, and is better left to their lists.
    pooled = {one.node.name for one in cut(network, form).stages if one.pool}
    apart = [node for node in nodes if not form.backward or node.name not in pooled]
    large = sum(counts[node.name] for node in apart if _large(network, node, least))
    parameters = sum(prod(p.shape) for p in network.parameters.values())
    if form.backward:
        return parameters > _MOST_STREAMED_PARAMETERS or 2 * large > total
    if batch == 1:
        return total > _MOST_ALONE
    return 2 * large > total or parameters > _MOST_STREAMED_PARAMETERS


def multiplications(network: Network, node: Node) -> int:
    """Multiplications of a layer's definition for one image."""
    output = network.shapes[node.name]
    if not isinstance(node.layer, Conv2d | Linear):
        return 0
    weight = network.parameters[f"{node.name}.weight"].shape
    return prod(weight[1:]) * prod(output)


def _large(network: Network, node: Node, least: int) -> bool:
    layer = node.layer
    if not isinstance(layer, Conv2d) or layer.groups > 1:
        return False
    inputs = network.input_shapes(node)[0][0]
    return min(inputs, layer.out_channels) >= least


def half_suits(layer: Layer, given: Shape) -> bool:
    """Whether the layer is a convolution that rounded numbers make faster."""
    if not isinstance(layer, Conv2d) or layer.groups > 1:
        return False
    return min(given[0], layer.out_channels) >= _LEAST_HALVED


def winograd_suits(layer: Layer, given: Shape, batch: int) -> bool:
    """Whether the layer is a convolution that Winograd's algorithm makes faster.

    It multiplies less, but its filters are four times as large: for few tiles, reading
    them takes longer than what is saved.
    """
    if not isinstance(layer, Conv2d) or layer.groups > 1 or layer.dilation != (1, 1):
        return False
    good = layer.kernel_size == (3, 3) and layer.stride == (1, 1)
    down, across = layer.windows(given)
    sides = (down.start, down.end, across.start, across.end)
    wide = min(given[0], layer.out_channels) >= _LEAST_CHANNELS
    if not good or not wide or max(sides) > 2:
        return False
    outputs, height, width = layer.output(given)
    filters = given[0] * outputs
    tiles = batch * -(-height // 4) * -(-width // 4)
    return _time(36 * filters, tiles) < _time(9 * filters, batch * height * width)


def _time(weights: int, uses: int) -> float:
    """What reading weights and multiplying with each so often takes, on two cores.

    In multiplications: while four bytes come from memory, so many can be done.
    """
    return weights * (uses + _MULTIPLICATIONS_A_NUMBER)


def _suits(network: Network, node: Node, batch: int, half: bool) -> bool:
    given = network.input_shapes(node)[0]
    if half and half_suits(node.layer, given):
        return True
    return winograd_suits(node.layer, given, batch)


def unpooled(
    network: Network, form: Form, batch: int, half: bool = False
) -> frozenset[str]:
    """Convolutions whose pooling is computed apart."""
    if form.backward:
        return frozenset()
    return frozenset(n.name for n in network.nodes if _suits(network, n, batch, half))
