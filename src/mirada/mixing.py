"""What a batch of mixed images says of its second labels: data tells engines."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Mixing"]


class Mixing(NamedTuple):
    """The other label of every image of a batch, and how much of it is in there.

    The loss of image i is (1 - shares[i]) L(its label) + shares[i] L(labels[i]).

    >>> Mixing(np.array([2, 0]), np.array([0.25, 0.0], np.float32)).labels.tolist()
    [2, 0]
    """

    labels: NDArray[np.int64]
    """(n,), as those of the batch are."""
    shares: NDArray[np.float32]
    """(n,), each from 0 to 1."""
