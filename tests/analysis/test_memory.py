"""Memory by its definitions, worked by hand."""

from mirada.analysis import memory
from mirada.models import lenet5
from mirada.network import (
    Add,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    Network,
    ReLU,
    named,
)
from mirada.network.graph import join


def test_a_chain() -> None:
    """Floats: input 25, conv 18, relu 18; the last two gradients are alive at once."""
    found = memory(Network("tiny", (1, 5, 5), [Conv2d(2, 3), ReLU()]))
    assert found.inference == 4 * (25 + 18)
    assert found.kept == 4 * (25 + 18 + 18)
    assert found.gradients == 4 * (18 + 18)
    assert found.parameters == found.learned == 4 * 20


def test_flatten_and_dropout_only_look() -> None:
    layers = [Conv2d(1, 3), Flatten(), Dropout(0.5), Linear(4)]
    found = memory(Network("tiny", (1, 5, 5), layers))
    assert found.inference == 4 * (25 + 9)
    # In training dropout writes 9 of its own; flatten still writes nothing.
    assert found.kept == 4 * (25 + 9 + 9 + 4)
    assert found.gradients == 4 * (9 + 9)


def test_a_branch_stays_alive_until_it_is_joined() -> None:
    layers = [
        named(Conv2d(2, 1), "stem"),
        named(Conv2d(2, 1), "side"),
        join(Add(), "stem"),
    ]
    found = memory(Network("branch", (1, 2, 2), layers))
    # stem, side and their sum: 3 maps of 8.
    assert found.inference == 4 * 24
    assert found.gradients == 4 * 24


def test_statistics_are_parameters_nobody_learns() -> None:
    found = memory(Network("bn", (3, 2, 2), [BatchNorm2d()]))
    assert (found.parameters, found.learned) == (4 * 12, 4 * 6)


def test_a_batch_adds_images_gradients_and_slots() -> None:
    found = memory(lenet5())
    assert found.learned == 4 * 61_706
    assert found.predicting(1) == found.parameters + found.inference
    one, two = found.training(1), found.training(2)
    assert two - one == found.kept + found.gradients
    assert found.training(1, slots=2) - one == found.learned
    assert found.training(0, slots=0) == 2 * found.learned
