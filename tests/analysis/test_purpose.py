"""What each kind of layer is, and why it learns or does not."""

import pytest

from mirada.analysis.purpose import DOES, WHY, does, why
from mirada.network import Conv2d, ConvTranspose2d, Linear, ReLU
from mirada.network.text import LAYERS


def test_every_kind_has_its_words() -> None:
    assert DOES.keys() == WHY.keys() == LAYERS.keys()
    assert str(does(ReLU())).startswith("activation")
    assert "nothing to choose" in str(why(ReLU()))


@pytest.mark.parametrize("kind", [Conv2d, ConvTranspose2d])
def test_a_bias_is_told_where_there_is_one(kind: type) -> None:
    assert "plus a bias" in str(does(kind(2, 3)))
    assert "bias" not in str(does(kind(2, 3, bias=False)))


def test_a_fully_connected_layer_without_bias() -> None:
    assert "plus a bias" in str(does(Linear(3)))
    assert "bias" not in str(does(Linear(3, bias=False)))
