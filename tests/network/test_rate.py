"""Rates of their own: which names a pattern means, and what is refused."""

import pytest

from mirada.errors import ConfigurationError, FieldError, TextError
from mirada.models import lenet5
from mirada.network import (
    BatchNorm2d,
    Conv2d,
    Flatten,
    Linear,
    Network,
    Rate,
    Recipe,
)
from mirada.network.file import from_toml, recipe_from_plain, to_toml
from mirada.network.rate import frozen_layers, learned_names, rate_factors
from tests.refusal import refuses

NORMAL = Network(
    "n", (1, 4, 4), (Conv2d(2, 3, bias=False), BatchNorm2d(), Flatten(), Linear(2))
)


def test_the_last_rate_that_names_a_parameter_holds() -> None:
    rates = (Rate("*", 0), Rate("conv?", 0.5), Rate("*.bias", 2), Rate("linear3", 1))
    assert rate_factors(lenet5(), rates) == {
        **{"conv1.weight": 0.5, "conv1.bias": 2, "conv2.weight": 0.5, "conv2.bias": 2},
        **{"linear1.weight": 0, "linear1.bias": 2},
        **{"linear2.weight": 0, "linear2.bias": 2},
        **{"linear3.weight": 1, "linear3.bias": 1},
    }


def test_a_layer_is_frozen_when_all_of_it_is() -> None:
    rates = (Rate("conv*", 0), Rate("batchnorm1.weight", 0))
    assert frozen_layers(NORMAL, rates) == {"conv1"}
    assert frozen_layers(NORMAL, (*rates, Rate("*norm1", 0))) == {"conv1", "batchnorm1"}
    assert learned_names(NORMAL, (Rate("[cb]*", 0),)) == {
        "linear1.weight",
        "linear1.bias",
    }


def test_a_pattern_that_names_nothing() -> None:
    near = "Did you mean batchnorm1"
    layers = "Layers that have some: conv1, batchnorm1, linear1"
    with refuses(ConfigurationError, "rate-pattern", "'bachnorm*'", near, layers):
        rate_factors(NORMAL, (Rate("bachnorm*", 0),))
    text = to_toml(lenet5(), Recipe(rates=("head 10",)))
    with refuses(ConfigurationError, "rate-pattern", "'lenet5'", "'head'"):
        from_toml(text)


def test_statistics_have_no_rate() -> None:
    with refuses(ConfigurationError, "rate-pattern", "'*.running_mean'"):
        rate_factors(NORMAL, (Rate("*.running_mean", 0),))


def test_everything_frozen() -> None:
    words = "Every parameter of network 'n' is frozen (* 0.0)"
    with refuses(ConfigurationError, "nothing-learned", words, "nothing would be"):
        rate_factors(NORMAL, (Rate("*", 0),))


def test_texts_that_are_no_rate() -> None:
    with refuses(TextError, "rate-text", "a pattern and a factor", "'conv*'"):
        Recipe(rates=("conv*",))
    with refuses(FieldError, "field-real", "Rate.factor", "0 to 1000; got -1"):
        recipe_from_plain({"rates": ["conv* -1"]})
    with refuses(FieldError, "field-rates", "Recipe.rates", "got 'conv* 0'"):
        recipe_from_plain({"rates": "conv* 0"})
    with refuses(FieldError, "field-pattern", "Rate.pattern", "one word", "'a b'"):
        Rate("a b", 1)


@pytest.mark.parametrize("rates", [(), ("conv* 0", "linear3 2.5")])
def test_a_recipe_without_rates_is_written_as_before(rates: tuple[str, ...]) -> None:
    recipe = Recipe(rates=rates)
    assert ("rates" in recipe.plain()) == bool(rates)
    assert from_toml(to_toml(lenet5(), recipe)).recipe == recipe
