"""The second labels of a batch, as data hands them to engines."""

import numpy as np

from mirada.mixing import Mixing


def test_it_is_labels_and_shares() -> None:
    labels, shares = Mixing(np.array([1, 0]), np.array([0.25, 0.5], np.float32))
    assert labels.tolist() == [1, 0] and shares.tolist() == [0.25, 0.5]
