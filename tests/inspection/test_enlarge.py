"""Maps at the image's size: PyTorch's bilinear, and the middles of fields."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from mirada.inspection.cam_layer import cam_layer
from mirada.inspection.enlarge import bilinear, enlarged
from mirada.models import lenet5
from mirada.network import Conv2d, Flatten, Linear, MaxPool2d, Network

SIZES = (((2, 3), (7, 5)), ((5, 5), (28, 28)), ((1, 4), (3, 9)), ((6, 6), (6, 6)))


@pytest.mark.parametrize(("own", "wanted"), SIZES)
def test_without_places_it_is_pytorchs_bilinear(
    own: tuple[int, int], wanted: tuple[int, int]
) -> None:
    values = np.random.default_rng(1).normal(size=own)
    exact = functional.interpolate(
        torch.from_numpy(values)[None, None], wanted, mode="bilinear"
    )
    np.testing.assert_allclose(enlarged(values, wanted), exact[0, 0], atol=1e-12)


def test_a_padded_network_lays_its_places_evenly() -> None:
    """Then the middle of the receptive fields says what everybody does anyway."""
    layers = (Conv2d(2, 3, padding=1), MaxPool2d(2), Conv2d(2, 3, padding=1))
    network = Network("padded", (1, 12, 16), (*layers, Flatten(), Linear(2)))
    found = cam_layer(network, "conv2")
    values = np.random.default_rng(2).normal(size=(6, 8))
    laid = enlarged(values, (12, 16), found.axes)
    np.testing.assert_allclose(laid, enlarged(values, (12, 16)), atol=1e-12)


def test_without_padding_a_place_lies_in_the_middle_of_what_it_sees() -> None:
    """The first place of LeNet-5's second convolution sees the pixels -2 to 11."""
    found = cam_layer(lenet5(), "relu2")
    assert found.axes == ((4.5, 2.0), (4.5, 2.0))
    values = np.zeros((10, 10))
    values[3, 7] = 1.0
    laid = enlarged(values, (28, 28), found.axes)
    rows, columns = np.nonzero(laid == laid.max())
    assert set(rows) == {10, 11} and set(columns) == {18, 19}
    assert laid.max() == 0.75**2


def test_every_pixel_takes_from_places_that_add_up_to_one() -> None:
    for axis in (None, (4.5, 2.0), (-3.0, 8.0)):
        matrix = bilinear(5, 28, axis)
        np.testing.assert_allclose(matrix.sum(axis=1), 1.0)
        assert (matrix >= 0).all()
