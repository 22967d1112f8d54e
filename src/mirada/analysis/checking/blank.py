"""The empty table of a network: the rows that a person is asked for."""

from mirada.analysis.checking.layer_names import ELEMENTWISE, TOTAL
from mirada.network import Network

__all__ = ["asked_rows"]


def asked_rows(network: Network) -> list[str]:
    """The layers in order and the total; those that change nothing are left out.

    >>> from mirada.network import Conv2d, ReLU
    >>> asked_rows(Network("one", (3, 8, 8), [Conv2d(2, 3), ReLU()]))
    ['conv1', 'total']
    """
    names = [n.name for n in network.nodes if n.layer.kind not in ELEMENTWISE]
    return [*names, TOTAL]
