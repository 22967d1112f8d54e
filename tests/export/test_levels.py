"""The table of levels is what training saw, bit for bit."""

import numpy as np
import pytest

from mirada.data.preprocessing import Preprocessing
from mirada.export.levels import levels_of
from mirada.network import Flatten, Linear, Network
from mirada.training import Model
from tests.strategies import lively_parameters


@pytest.mark.parametrize("channels", (1, 3))
def test_every_pixel_of_every_channel(channels: int) -> None:
    network = Network("levels", (channels, 16, 16), (Flatten(), Linear(2)))
    mean, std = (0.41, 0.5, 0.1)[:channels], (0.293, 0.25, 0.7)[:channels]
    seen = Preprocessing((16, 16), channels, mean=mean, std=std)
    model = Model(network, lively_parameters(network, 0), ("a", "b"), seen)
    every = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    values = seen.normalize(np.repeat(every, channels, axis=3))
    table = np.array(levels_of(model), np.float32)
    np.testing.assert_array_equal(table, values.reshape(channels, 256))
