"""How batches come to an engine: made on the processor, or by it itself."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.errors import Phrase

if TYPE_CHECKING:
    from mirada.data import Batch

__all__ = ["Feeder", "MakeBatch"]

MakeBatch = Callable[[NDArray[np.int64], int], "Batch"]
"""From the samples of a whole batch and the epoch to the batch."""


class Feeder(NamedTuple):
    """What makes batches, why in this way, and whether threads should do it ahead."""

    batch: MakeBatch
    why: Phrase | None = None
    is_ahead: bool = True
