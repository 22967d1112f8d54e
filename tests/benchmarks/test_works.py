"""What is raced: the names, and the operations that are counted."""

import pytest

from benchmarks.works import (
    CIFAR,
    LAYERS,
    LENET,
    RESNET,
    Bout,
    flops,
    network,
    recipe,
    sample,
)


@pytest.mark.parametrize("bout", [*LENET, *CIFAR, *RESNET, *LAYERS], ids=str)
def test_every_bout_names_a_network_that_computes(bout: Bout) -> None:
    assert flops(bout) > 0
    assert network(bout.work) == network(bout.work)


def test_a_single_layer_is_one_layer() -> None:
    made = network("conv3x3s2-64-128-56")
    assert len(made.layers) == 1
    assert (made.input, made.output) == ((64, 56, 56), (128, 28, 28))


def test_depthwise_operations_count_one_channel_a_filter() -> None:
    expected = 2 * 16 * 128 * 28 * 28 * 9
    assert flops(Bout("depthwise3x3-128-28", "predict", 16)) == expected


def test_training_counts_three_passes() -> None:
    train, predict = (flops(Bout("cifar", mode, 8)) for mode in ("train", "predict"))
    assert train == 3 * predict


def test_every_peer_gets_the_same_images() -> None:
    first, again = (sample(network("lenet5"), 3) for _ in range(2))
    assert (first[0] == again[0]).all() and (first[1] == again[1]).all()
    assert first[0].shape == (3, 1, 28, 28) and first[1].shape == (3,)
    assert recipe(3).batch_size == 3
