"""Class activation maps beside the same formulas on PyTorch's autograd."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from mirada.engines import ENGINES
from mirada.inspection.cam import grad_cam, grad_cam_plus_plus, layer_cam
from mirada.inspection.question import Question
from mirada.network import INPUT
from tests.inspection.looked_at import (
    NETWORKS,
    close,
    image_of,
    peer_values,
    question_of,
)

LAYERS = (
    ("lenet", "relu2"),
    ("lenet", "conv1"),
    ("normalized", "relu2"),
    ("normalized", "batchnorm1"),
    ("branched", "sum"),
    ("branched", "tanh1"),
    ("soft", "relu1"),
)


def peer_grad_cam(maps: torch.Tensor, slopes: torch.Tensor) -> torch.Tensor:
    weights = slopes.mean(dim=(1, 2))
    return torch.relu(torch.einsum("k,kyx->yx", weights, maps))


def peer_grad_cam_plus_plus(maps: torch.Tensor, slopes: torch.Tensor) -> torch.Tensor:
    below = 2 * slopes**2 + maps.sum(dim=(1, 2), keepdim=True) * slopes**3
    shares = torch.where(below != 0, slopes**2 / below, torch.zeros_like(below))
    weights = (shares * torch.relu(slopes)).sum(dim=(1, 2))
    return torch.relu(torch.einsum("k,kyx->yx", weights, maps))


def peer_layer_cam(maps: torch.Tensor, slopes: torch.Tensor) -> torch.Tensor:
    return torch.relu((torch.relu(slopes) * maps).sum(dim=0))


METHODS: dict[
    str,
    tuple[
        Callable[[Question, str], NDArray[np.float64]],
        Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    ],
] = {
    "grad-cam": (grad_cam, peer_grad_cam),
    "grad-cam++": (grad_cam_plus_plus, peer_grad_cam_plus_plus),
    "layer-cam": (layer_cam, peer_layer_cam),
}


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("name", "layer"), LAYERS)
def test_the_map_is_what_pytorch_computes(
    name: str, layer: str, method: str, kind: str
) -> None:
    network, (own, peer) = NETWORKS[name], METHODS[method]
    shown = 0
    for place in range(network.output[0]):
        maps, slopes = peer_values(network, image_of(network), place, layer)
        exact = peer(torch.from_numpy(maps[0]), torch.from_numpy(slopes[0])).numpy()
        found = own(question_of(network, kind, place, layer), layer)
        if exact.any():
            close(found, exact)
            shown += 1
        else:
            assert not found.any()
    assert shown


def test_asking_for_more_changes_nothing() -> None:
    network = NETWORKS["lenet"]
    alone = grad_cam(question_of(network, "native", 1, "relu2"), "relu2")
    among = grad_cam(question_of(network, "native", 1, "relu2", INPUT), "relu2")
    np.testing.assert_allclose(among, alone, rtol=1e-4, atol=1e-6)


def test_no_place_with_a_gradient_of_zero_gives_no_number_that_is_none() -> None:
    """The middle of a dead layer: 0 / 0 counts as 0."""
    network = NETWORKS["lenet"]
    question = question_of(network, "reference", 0, "relu2")
    dead = {n: np.zeros_like(x) for n, x in question.engine.parameters().items()}
    with question.holding(dead):
        for own, _ in METHODS.values():
            assert own(question, "relu2").tolist() == np.zeros((6, 6)).tolist()
