"""Fully connected networks from their sizes."""

import pytest

from mirada.analysis import summarize
from mirada.errors import FieldError, UsageError
from mirada.models import perceptron
from tests.refusal import refuses


@pytest.mark.parametrize(
    ("sizes", "total"),
    [
        ([3, 4, 2], 26),
        ([3, 4, 4, 1], 41),
        ([784, 100, 10], 79_510),
        ([784, 300, 100, 10], 266_610),
        ([3072, 100], 307_300),
    ],
)
def test_the_networks_of_the_lecture(sizes: list[int], total: int) -> None:
    network = perceptron(sizes)
    assert summarize(network).totals.parameters == total
    assert network.input == (sizes[0],) and network.output == (sizes[-1],)
    kinds = [node.layer.kind for node in network.nodes]
    assert kinds == ["linear", *["relu", "linear"] * (len(sizes) - 2)]


def test_a_name_that_would_be_too_long() -> None:
    assert perceptron([100] * 40).name == "perceptron"


def test_sizes_that_make_no_network() -> None:
    with refuses(UsageError, "perceptron-sizes", "got 1 of them"):
        perceptron([3])
    with refuses(FieldError, "field-whole", "Linear.out_features", "got 0"):
        perceptron([3, 0, 2])
    with refuses(FieldError, "input-shape", "from 1 to 65536"):
        perceptron([100_000, 2])
