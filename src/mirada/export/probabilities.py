"""Networks whose outputs are the probabilities of their classes."""

from mirada.network import Network, Softmax

__all__ = ["ending_in_softmax"]


def ending_in_softmax(network: Network) -> Network:
    """The network whose outputs are the probabilities of its classes.

    >>> from mirada.network import Linear
    >>> [node.name for node in ending_in_softmax(Network("t", (3,), [Linear(2)])).nodes]
    ['linear1', 'softmax1']
    """
    if isinstance(network.nodes[-1].layer, Softmax):
        return network
    return Network(network.name, network.input, (*network.nodes, Softmax()))
