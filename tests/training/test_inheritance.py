"""Beginning with other weights: what is taken, what is drawn, what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirada.engines.reference import ReferenceEngine
from mirada.errors import ConfigurationError, FileError
from mirada.network import Flatten, Linear, Network, Rate, Recipe
from mirada.reference import initial_parameters
from mirada.training import Configuration, RunFolder, Wishes, load_model, train
from mirada.training.inheritance import (
    INITIAL,
    begin_with,
    digest_of,
    inherit,
    read_initial,
)
from mirada.training.resume import write_start
from tests.refusal import refuses
from tests.training.example import few_digits, made, plan, rich_network, source

DIGITS = few_digits().classes
OTHERS = ("linear1.weight", "linear1.bias")


def begun(**more: Any) -> Any:
    wishes = Wishes(epochs=2, weights=source(), weights_from="a/run", **more)
    return plan(wishes=wishes, of=rich_network())


def test_all_but_the_head_is_taken() -> None:
    model, network = source(), rich_network()
    told, found = inherit(network, 5, model, DIGITS, path="a/run")
    drawn = initial_parameters(network, 5)
    for name, value in found.items():
        whose = drawn if name in OTHERS else model.parameters
        assert value.tobytes() == whose[name].tobytes(), name
    assert (told.taken, told.drawn, told.drawn_layers) == (6, OTHERS, ("linear1",))
    assert told.digest == digest_of(model.parameters)
    assert told.initial == digest_of(found)
    words = "of a/run (rich): 6 of 8 parameters taken; drawn anew: linear1.weight, lin"
    assert words in str(told.text)


@pytest.mark.parametrize(
    ("classes", "keep", "drawn"),
    [
        (("cat", "dog", "hen"), False, ()),
        (("dog", "cat", "hen"), False, OTHERS),
        (("dog", "cat", "hen"), True, ()),
        (("0", "1", "2"), False, OTHERS),
        (("0", "1", "2"), True, ()),
    ],
)
def test_the_head_is_kept_for_the_same_names(
    classes: tuple[str, ...], keep: bool, drawn: tuple[str, ...]
) -> None:
    """Numbers are no names: a 3 of one data set is nothing of another's."""
    model = source(classes if not drawn and not keep else ("cat", "dog", "hen"))
    told, _ = inherit(rich_network(3), 0, model, classes, keep_head=keep)
    assert told.drawn == drawn


def test_weights_of_another_architecture() -> None:
    other = Network("flat", (1, 8, 8), (Flatten(), Linear(10)))
    words = (
        "The weights of 'rich' have nothing in common with network 'flat'",
        "begin with conv1.weight 4x1x3x3",
        "it needs linear1.weight 10x64",
    )
    with refuses(ConfigurationError, "weights-foreign", *words):
        inherit(other, 0, source(), DIGITS)


def test_a_head_that_cannot_be_kept() -> None:
    words = "'linear1' of network 'rich' cannot be kept", "3 classes (cat, dog, hen)"
    with refuses(ConfigurationError, "head-other", *words):
        inherit(rich_network(), 0, source(), DIGITS, keep_head=True)


def test_what_was_learned_is_adapted_more_slowly() -> None:
    found = begun().configuration
    assert found.recipe.rates == (Rate("*", 0.4), Rate("linear1", 1.0))
    assert found.origins["recipe.rates"].kind == "automatic"
    assert (found.preprocessing.mean, found.preprocessing.std) == ((0.25,), (0.5,))
    assert Configuration.from_dict(found.to_dict()).inherited == found.inherited


def test_frozen_layers_are_those_that_were_taken() -> None:
    found = begun(freeze=("*",), rates=(Rate("conv1", 0.5),)).configuration.recipe
    assert found.rates == (Rate("*", 0), Rate("linear1", 1), Rate("conv1", 0.5))
    with refuses(ConfigurationError, "nothing-learned"):
        plan(wishes=Wishes(freeze=("*",)))
    with refuses(ConfigurationError, "rate-pattern", "'cnov1'", "Did you mean conv1"):
        begun(freeze=("cnov1",))


def test_the_beginning_is_part_of_what_a_run_is() -> None:
    found = begun()
    other = source()
    other.parameters["conv1.weight"][0, 0, 0, 0] += 1
    wishes = Wishes(epochs=2, weights=other, weights_from="elsewhere")
    now = plan(wishes=wishes, of=rich_network()).configuration
    names = {item.name for item in found.configuration.differences(now)}
    assert names == {"inherited.digest", "inherited.initial"}
    assert now.fingerprint != found.configuration.fingerprint


def test_averages_begin_as_the_weights() -> None:
    _, found = inherit(rich_network(), 0, source(), DIGITS)
    engine = ReferenceEngine(rich_network(), Recipe(ema=0.9))
    begin_with(engine, found)
    averages = engine.averaged_parameters()
    assert all(averages[name].tobytes() == found[name].tobytes() for name in found)


def test_a_folder_keeps_what_its_run_began_with(tmp_path: Path) -> None:
    chosen = begun()
    with RunFolder.new(tmp_path) as held:
        write_start(held, chosen, chosen.configuration)
    told = chosen.configuration.inherited
    assert digest_of(read_initial(tmp_path, told)) == told.initial
    assert load_model(tmp_path / INITIAL).classes == DIGITS
    other = begun(seed=4)
    with RunFolder.existing(tmp_path) as held:
        write_start(held, other, other.configuration)
    words = "does not hold the weights that the run began with"
    with refuses(FileError, "initial-digest", INITIAL, words):
        read_initial(tmp_path, told)


def test_frozen_parameters_stay(tmp_path: Path) -> None:
    chosen = begun(engine="reference", freeze=("conv1", "batchnorm1"))
    with RunFolder.new(tmp_path) as held:
        train(chosen, made(chosen), held)
    last = load_model(tmp_path / "last.safetensors").parameters
    for name, value in chosen.initial.items():
        is_frozen = not name.startswith("linear1")
        assert np.array_equal(last[name], value) is is_frozen, name
