"""Small whole numbers come out exactly, on every remainder of every tile.

Images and weights are small whole numbers, and everything they are divided by is a
power of two, so that float32 rounds nothing: whatever the order of a sum, the native
engine must give the law's numbers to the bit. That no sum is too large for this is
checked too.
"""

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.engines.native import NativeEngine
from mirada.network import (
    SGD,
    AvgPool2d,
    Conv2d,
    Dropout,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    MeanSquaredError,
    Network,
    Recipe,
    ReLU,
)
from mirada.reference import RULES, Moment, backward, loss_and_gradient, scored
from mirada.reference import forward as law_forward
from tests.compiled import TARGETS

COUNT, CLASSES, RATE, SEED = 4, 4, 0.25, 7
LIMIT = 2**24 / 2**8
"""No sum of magnitudes reaches it; every number is a multiple of 2**-8."""
RECIPE = Recipe(MeanSquaredError(), SGD(momentum=0.0), batch_size=COUNT, seed=SEED)

Array = NDArray[np.float64]
Arrays = Mapping[str, Array]


def made(channels: int) -> Network:
    """Blocks of `channels` and 21 - `channels`; other windows for each number."""
    size, step = 1 + channels % 4, 1 + channels % 3
    pool = MaxPool2d(2) if channels % 2 else AvgPool2d(2)
    sides = (0, 1, 2, channels % 3)
    first = Conv2d(channels, (size, 3), padding=sides, dilation=(1, step))
    second = Conv2d(21 - channels, (2, size), (1, step), padding="same")
    last = (ReLU(),) if channels % 3 else (ReLU(), MaxPool2d((2, 1)), Dropout(0.5))
    middle = (ReLU(), pool) if channels % 5 else (pool, ReLU())
    width = channels if channels % 2 else 21 - channels
    layers: tuple[Layer, ...] = (
        *(first, *middle),
        *(second, *last, Flatten()),
        *(Linear(width), ReLU(), Linear(CLASSES, bias=channels % 2 == 0)),
    )
    return Network("whole", (1 + channels % 4, 9, 7 + channels % 8), layers)


def whole(network: Network, seed: int) -> dict[str, NDArray[np.float32]]:
    """Weights of -1, 0 and 1, fewer that are not 0 where many meet."""
    noise, found = np.random.default_rng(seed), {}
    for name, parameter in network.parameters.items():
        meet = np.prod(parameter.shape[1:]) if len(parameter.shape) > 1 else 2.0
        drawn = noise.integers(-1, 1, parameter.shape, endpoint=True)
        kept = noise.random(parameter.shape) < 12 / meet
        found[name] = np.asarray(drawn * kept, np.float32)
    return found


def own(values: Arrays, name: str) -> dict[str, Array]:
    return {n.split(".")[1]: v for n, v in values.items() if n.startswith(name + ".")}


def largest_sum(
    network: Network, values: Arrays, told: Arrays, slopes: Arrays
) -> float:
    """The largest sum of magnitudes that any number of a batch is made of."""
    most = [0.0]
    for place, node in enumerate(network.nodes):
        rule, moment = RULES[type(node.layer)], Moment(True, SEED, 0, place)
        parameters = {n: np.abs(v) for n, v in own(values, node.name).items()}
        x, g = (np.abs(told[node.source]),), np.abs(slopes[node.name])
        by_input, by_own = rule.backward(node.layer, x, parameters, moment, g)
        forward = rule.forward(node.layer, x, parameters, moment)
        most += [float(np.max(a)) for a in (forward, *by_input, *by_own.values())]
    return max(most)


@pytest.mark.parametrize("channels", range(1, 11))
def test_every_number_of_channels(channels: int) -> None:
    """Forward, both gradients and a step are the law's to the bit."""
    network, noise = made(channels), np.random.default_rng(channels)
    images = noise.integers(-2, 2, (COUNT, *network.input), endpoint=True)
    given, labels = images.astype(np.float32), np.arange(COUNT) % CLASSES
    values = whole(network, channels)
    exact = {name: value.astype(np.float64) for name, value in values.items()}
    target = [*TARGETS.values()][channels % len(TARGETS)]
    engine = NativeEngine(network, RECIPE, 2, target)
    engine.load_parameters(values)
    answers = law_forward(network, exact, given)[network.nodes[-1].name]
    np.testing.assert_array_equal(engine.predict(given), answers)
    gradients = by_law(network, exact, given, labels)
    _, found = engine.gradients(given, labels)
    for name, gradient in gradients.items():
        np.testing.assert_array_equal(found[name], gradient, err_msg=name)
    if channels % 3:
        return
    engine.train_step(given, labels, step=0, learning_rate=RATE)
    for name, value in engine.parameters().items():
        moved = exact[name] - RATE * gradients[name]
        np.testing.assert_array_equal(value, moved, err_msg=name)


def by_law(
    network: Network,
    values: Arrays,
    images: NDArray[np.float32],
    labels: NDArray[np.int64],
) -> dict[str, Array]:
    """The gradients by every parameter and by the input, all sums checked."""
    told = law_forward(network, values, images, training=True, seed=SEED)
    name = scored(network, RECIPE.loss)
    _, by_output = loss_and_gradient(RECIPE.loss, told[name], labels)
    found = backward(network, values, told, {name: by_output}, training=True, seed=SEED)
    assert any(np.any(gradient) for gradient in found.parameters.values())
    assert largest_sum(network, values, told, found.activations) < LIMIT
    return {**found.parameters, "input": found.activations["input"]}
