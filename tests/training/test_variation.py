"""Every field that can be named is changed, and nothing else is."""

import pytest

from mirada import models
from mirada.errors import ConfigurationError, MiradaError, ShapeError, UsageError
from mirada.network import SGD, AdamW, Network
from mirada.training import Wishes
from mirada.training.search import Given, read_searched
from mirada.training.variation import Base, deepened, require_known, varied
from tests.refusal import refuses
from tests.training.example import few_digits, network, plan

WISHES = Wishes(epochs=2, batch_size=32, threads=1, engine="reference")


def base(*, is_automatic: bool = False) -> Base:
    return Base(plan(data=few_digits(), wishes=WISHES), WISHES, is_automatic)


@pytest.mark.parametrize(
    ("values", "field", "wanted"),
    [
        ({"lr": 0.5}, "learning_rate", 0.5),
        ({"batch": 16}, "batch_size", 16),
        ({"epochs": 3}, "epochs", 3),
        ({"ema": 0.9}, "ema", 0.9),
        ({"clip": 1}, "gradient_clip", 1.0),
        ({"smoothing": 0.1}, "smoothing", 0.1),
        ({"augment": "none"}, "augment", "none"),
        ({"optimizer": "adamw 0.01"}, "optimizer", AdamW(0.01)),
        ({"momentum": 0.5}, "optimizer", SGD(0.05, momentum=0.5)),
        ({"optimizer.weight_decay": 0.1}, "optimizer", SGD(0.05)),
        ({"optimizer": "adamw", "momentum": 0.5}, "optimizer", AdamW()),
    ],
)
def test_the_recipe(values: dict[str, Given], field: str, wanted: object) -> None:
    found = varied(base(), values)
    if field == "optimizer" and isinstance(wanted, SGD):
        assert isinstance(found.wishes.optimizer, SGD)
        assert found.wishes.optimizer.learning_rate == 0.05
        name = next(iter(values)).removeprefix("optimizer.")
        assert getattr(found.wishes.optimizer, name) == next(iter(values.values()))
    else:
        assert getattr(found.wishes, field) == wanted
    assert found.network == network() and not found.is_own


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("conv1.out_channels", 7, "conv 7 3x3"),
        ("conv1.kernel_size", 5, "conv 4 5x5"),
        ("conv1.kernel_size", "1x3", "conv 4 1x3"),
        ("conv1.stride", 2, "conv 4 3x3 stride 2"),
        ("conv1.padding", 1, "conv 4 3x3 pad 1"),
        ("conv1.padding", "same", "conv 4 3x3 same"),
    ],
)
def test_a_layer(name: str, value: Given, text: str) -> None:
    found = varied(base(), {name: value})
    assert found.network.nodes[0].layer.text() == text
    assert found.network.nodes[1:] == network().nodes[1:]
    assert found.is_own


def test_a_value_it_has_already_leaves_the_network_its_own() -> None:
    assert not varied(base(), {"conv1.out_channels": 4}).is_own


def test_an_impossible_network_says_why() -> None:
    with pytest.raises(ShapeError, match="needs an input of at least 12x12"):
        varied(base(), {"conv1.kernel_size": 12})
    with pytest.raises(MiradaError, match="stride"):
        varied(base(), {"conv1.stride": 0})


def deep() -> Base:
    """A base whose network was chosen automatically: one block of two convolutions."""
    chosen = plan(data=few_digits(), wishes=WISHES, of=models.automatic((1, 8, 8), 10))
    return Base(chosen, WISHES, is_automatic=True)


def test_depth() -> None:
    found = varied(deep(), {"depth": 2, "conv3.out_channels": 9})
    kinds = [node.layer.kind for node in found.network.nodes]
    assert kinds.count("maxpool") == 2 and found.network.output == (10,)
    assert found.network.shapes["conv3"][0] == 9 and found.is_own
    assert found.network.nodes[-1].layer == deep().network.nodes[-1].layer
    inactive = varied(deep(), {"depth": 1, "conv3.out_channels": 9})
    assert inactive.network == deepened(deep().network, 1)
    assert inactive.network.nodes == deep().network.nodes
    with pytest.raises(ShapeError):
        varied(deep(), {"depth": 5})


def test_what_is_no_row_of_blocks_has_no_depth() -> None:
    unet = models.build("unet", None, None)
    words = ("'unet' cannot be given depth 2", "blocks that follow each other")
    with refuses(ConfigurationError, "depth-of-network", *words):
        deepened(unet, 2)
    with refuses(ConfigurationError, "depth-of-network", "depth -1"):
        varied(deep(), {"depth": -1})


def test_known_networks() -> None:
    found = varied(base(), {"network": "digits"})
    assert found.model == "digits" and not found.is_own
    assert found.network == models.build("digits", (1, 8, 8), 10)
    with pytest.raises(UsageError, match="no known network"):
        varied(base(), {"network": "lenet6"})


@pytest.mark.parametrize(
    "text",
    [
        *("lr=0.1|0.2", "momentum=0|0.9", "optimizer.beta1=0.8..0.9", "network=a|b"),
        "conv1.stride=1|2",
    ],
)
def test_names_that_are_known(text: str) -> None:
    require_known([read_searched(text)], base())


def test_names_that_are_not() -> None:
    words = ("does not know 'conv2.stride'", "Did you mean conv1.stride")
    with refuses(ConfigurationError, "search-unknown", *words):
        require_known([read_searched("conv2.stride=1|2")], base())
    with refuses(ConfigurationError, "search-unknown", "'learning'"):
        require_known([read_searched("learning=1|2")], base())
    with refuses(ConfigurationError, "search-unknown", "'optimizer.speed'"):
        require_known([read_searched("optimizer.speed=1|2")], base())
    with refuses(ConfigurationError, "search-depth", "'small' was given"):
        require_known([read_searched("depth=1|2")], base())
    deep = [read_searched("depth=1..4"), read_searched("conv4.stride=1|2")]
    require_known(deep, base(is_automatic=True))
    with refuses(ConfigurationError, "search-twice", "'lr' twice"):
        require_known([read_searched("lr=1|2"), read_searched("lr=3|4")], base())


def test_a_value_of_another_kind_is_refused() -> None:
    for values in ({"batch": 1.5}, {"lr": "fast"}, {"epochs": "few"}):
        with refuses(ConfigurationError, "search-value", "is of another kind"):
            varied(base(), values)
    with pytest.raises(MiradaError, match="There is no 'adam'"):
        varied(base(), {"optimizer": "adam"})


def test_it_is_a_value() -> None:
    assert varied(base(), {"lr": 0.1}) == varied(base(), {"lr": 0.1})
    assert isinstance(varied(base(), {}).network, Network)
