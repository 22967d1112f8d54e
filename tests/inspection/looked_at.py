"""Networks that tests look into: several kinds, and one that looks at one corner."""

import numpy as np
import torch
from numpy.typing import NDArray

from mirada import engines
from mirada.engines import Engine
from mirada.inspection.question import Question, ask
from mirada.network import (
    INPUT,
    Add,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    MaxPool2d,
    Network,
    Recipe,
    ReLU,
    Softmax,
    Tanh,
    join,
    named,
)
from tests.peer import peer_forward, tensors
from tests.strategies import lively_parameters

__all__ = [
    "CORNER",
    "NETWORKS",
    "close",
    "corner_engine",
    "corner_image",
    "engine_of",
    "image_of",
    "peer_values",
    "question_of",
]

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]

LENET = Network(
    "lenet",
    (1, 16, 16),
    (
        *(Conv2d(4, 5, padding=2), ReLU(), MaxPool2d(2), Conv2d(6, 3), ReLU()),
        *(MaxPool2d(2), Flatten(), Linear(9), ReLU(), Linear(4)),
    ),
)
NORMALIZED = Network(
    "normalized",
    (3, 12, 12),
    (
        *(Conv2d(6, 3, padding=1, bias=False), BatchNorm2d(), ReLU(), AvgPool2d(2)),
        *(Conv2d(8, 3, padding=1), BatchNorm2d(), ReLU(), Dropout(0.5)),
        *(GlobalAvgPool2d(), Flatten(), Linear(5)),
    ),
)
BRANCHED = Network(
    "branched",
    (2, 10, 12),
    (
        named(Conv2d(5, 3, padding=1), "stem"),
        *(Tanh(), Conv2d(5, 3, padding=1)),
        join(Add(), "stem", name="sum"),
        *(ReLU(), AvgPool2d(2), Flatten(), Linear(3)),
    ),
)
SOFT = Network(
    "soft",
    (1, 8, 8),
    (Conv2d(3, 3), ReLU(), Flatten(), Linear(4), Softmax()),
)
NETWORKS = {network.name: network for network in (LENET, NORMALIZED, BRANCHED, SOFT)}

CORNER = Network("corner", (1, 12, 12), (Conv2d(2, 3, padding=1), Flatten(), Linear(2)))
"""Made by hand, it looks at one corner only (`corner_engine`)."""


def engine_of(network: Network, kind: str = "native", seed: int = 3) -> Engine:
    """An engine with parameters of which none is 0 or 1."""
    engine = engines.create(kind, network, Recipe(batch_size=4, seed=seed), 2)
    engine.load_parameters(lively_parameters(network, seed))
    return engine


def image_of(network: Network, seed: int = 0) -> Floats:
    """One image of noise, (1, c, h, w)."""
    noise = np.random.default_rng(seed)
    return noise.normal(size=(1, *network.input)).astype(np.float32)


def question_of(network: Network, kind: str, place: int, *names: str) -> Question:
    """The question about one class of a lively network."""
    engine = engine_of(network, kind)
    return ask(engine, image_of(network), place, names=names or (INPUT,))


def peer_values(
    network: Network, images: NDArray[np.floating], place: int, layer: str
) -> tuple[Doubles, Doubles]:
    """PyTorch's word on a layer's values and the gradients of the scores by them.

    The score is what goes into a softmax that ends the network, else the output.
    """
    parameters = tensors(network, lively_parameters(network, 3))
    given = torch.from_numpy(images.astype(np.float64)).requires_grad_()
    found = peer_forward(network, parameters, given)
    last = network.nodes[-1]
    scored = last.source if isinstance(last.layer, Softmax) else last.name
    total = found[scored].flatten(1)[:, place].sum()
    (slopes,) = torch.autograd.grad(total, found[layer])
    return found[layer].detach().numpy(), slopes.numpy()


def corner_engine(kind: str = "native") -> Engine:
    """Class 1 is what is bright in the top left 4x4 pixels, and nothing else."""
    engine = engines.create(kind, CORNER, Recipe(), 2)
    values = {name: np.zeros_like(x) for name, x in engine.parameters().items()}
    values["conv1.weight"][0, 0, 1, 1] = 1.0
    looked = np.zeros((2, 12, 12), np.float32)
    looked[0, :4, :4] = 1.0
    values["linear1.weight"][1] = looked.ravel()
    engine.load_parameters(values)
    return engine


def corner_image() -> Floats:
    """Bright in the top left corner, and brighter elsewhere."""
    image = np.full((1, 1, 12, 12), 0.1, np.float32)
    image[..., :4, :4] = 0.5
    image[..., 8:, 8:] = 3.0
    return image


def close(found: NDArray[np.floating], exact: NDArray[np.floating]) -> None:
    """Passes when both agree to 1e-4 of the largest number."""
    assert found.shape == exact.shape
    largest = float(np.abs(exact).max())
    assert largest > 0
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-4 * largest)
