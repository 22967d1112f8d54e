"""What pixels mean to a network, as a table that goes into an export."""

import numpy as np

from mirada.training import Model

__all__ = ["levels_of"]


def levels_of(model: Model) -> tuple[tuple[float, ...], ...]:
    """What every pixel from 0 to 255 means to the network, channel by channel.

    A table, so that it is the same number to the last bit that training saw.
    """
    scale, offset = model.preprocessing.coefficients()
    every = np.arange(256, dtype=np.float32) * scale[:, None]
    every += offset[:, None]
    return tuple(tuple(map(float, row)) for row in every)
