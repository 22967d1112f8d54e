from typing import Any

import numpy as np
import pytest

from mirada.data import Dataset, load
from mirada.errors import ConfigurationError, DataError, FieldError
from mirada.models import digits
from mirada.network import (
    AdamW,
    Constant,
    CrossEntropy,
    Flatten,
    Linear,
    Network,
    OneCycle,
    Recipe,
)
from mirada.training import Configuration, Wishes, resolve
from tests.refusal import refuses
from tests.training.example import few_digits, network


def resolved(recipe: Recipe | None = None, **wishes: Any) -> Configuration:
    return resolve(few_digits(), network(), Wishes(recipe, **wishes)).configuration


def kinds(configuration: Configuration) -> dict[str, str]:
    return {name: origin.kind for name, origin in configuration.origins.items()}


def test_what_is_not_said_is_chosen() -> None:
    found = resolved()
    assert found.recipe == Recipe(
        loss=CrossEntropy(),
        optimizer=found.recipe.optimizer,
        schedule=OneCycle(),
        epochs=40,
        batch_size=32,
        seed=0,
    )
    assert found.augmentation.shift == 1 and found.patience is None
    assert kinds(found) == {
        "network": "given",
        "recipe.seed": "default",
        "recipe.gradient_clip": "default",
        "recipe.ema": "default",
        "recipe.rates": "default",
        "data.validation": "default",
        "data.test": "default",
        "recipe.loss": "default",
        "recipe.loss.class_weights": "automatic",
        "recipe.optimizer": "automatic",
        "recipe.schedule": "automatic",
        "recipe.epochs": "automatic",
        "recipe.batch_size": "automatic",
        "augmentation": "automatic",
        "patience": "automatic",
        "engine": "default",
        "threads": "automatic",
    }


def test_a_description_goes_before_what_is_chosen() -> None:
    recipe = Recipe(CrossEntropy(0.1), AdamW(), Constant(), 7, 16, 9)
    found = resolved(recipe)
    assert found.recipe == recipe
    assert found.patience == 10  # a constant schedule does not fall at the end
    assert {kinds(found)[f"recipe.{name}"] for name in vars(recipe)} == {"description"}


def test_what_is_given_goes_before_a_description() -> None:
    recipe = Recipe(optimizer=AdamW(), epochs=7, batch_size=16, seed=9)
    found = resolved(recipe, epochs=3, learning_rate=0.2, seed=1, patience=4, threads=3)
    assert (found.recipe.epochs, found.recipe.batch_size) == (3, 16)
    assert found.recipe.optimizer == AdamW(0.2)
    assert (found.recipe.seed, found.patience, found.threads) == (1, 4, 3)
    other = resolved(Recipe(gradient_clip=2.0, ema=0.9), ema=0.5).recipe
    assert (other.gradient_clip, other.ema) == (2.0, 0.5)
    origins = kinds(found)
    assert origins["recipe.optimizer"] == "description"
    assert origins["recipe.optimizer.learning_rate"] == "given"
    assert origins["recipe.batch_size"] == "description"
    assert {origins[n] for n in ("recipe.epochs", "patience", "threads")} == {"given"}


def test_patience_zero_asks_for_no_early_end() -> None:
    found = resolved(schedule=Constant(), patience=0)
    assert found.patience is None and kinds(found)["patience"] == "given"


def test_augmentation_can_be_asked_for_and_left_out() -> None:
    none, wanted = resolved(augment=False), resolved(augment=True)
    assert none.augmentation.is_nothing and kinds(none)["augmentation"] == "given"
    assert wanted.augmentation.shift == 1


def test_the_preprocessing_is_measured_on_the_training_part() -> None:
    plan = resolve(few_digits(), network())
    pixels = few_digits().images[plan.split.train] / 255
    found = plan.configuration.preprocessing
    assert found.mean[0] == pytest.approx(float(pixels.mean()))
    assert found.std[0] == pytest.approx(float(pixels.std()))


def test_the_seed_decides_the_split() -> None:
    one, two = (resolve(few_digits(), network(), Wishes(seed=n)) for n in (0, 1))
    again = resolve(few_digits(), network(), Wishes(seed=0))
    assert one.split.train.tolist() == again.split.train.tolist()
    assert one.split.train.tolist() != two.split.train.tolist()


def test_fractions_and_sources_are_kept() -> None:
    plan = resolve(
        load("digits"), digits(), Wishes(validation=0.0, test=0.5), source="digits"
    )
    data = plan.configuration.data
    assert (data.source, data.validation, data.test) == ("digits", 0.0, 0.5)
    assert data.counts[1] == 0 and sum(data.counts) == 1797


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        (
            Network("n", (1, 8, 8), (Flatten(), Linear(7))),
            "network-classes",
            "few has 10 classes. End the network with a linear layer of 10.",
        ),
        (Network("n", (1, 8, 8), (Flatten(),)), "network-classes", "answers with 64"),
        (
            Network("n", (3, 8, 8), (Flatten(), Linear(10))),
            "network-images",
            "takes images of 3x8x8, but those of few are 1x8x8",
        ),
    ],
)
def test_a_network_for_something_else(wrong: Network, code: str, words: str) -> None:
    with refuses(ConfigurationError, code, words):
        resolve(few_digits(), wrong)


def test_values_outside_their_limits_are_refused() -> None:
    with refuses(FieldError, "field-whole", "Recipe.epochs must be"):
        resolved(epochs=0)
    with refuses(FieldError, "field-real", "learning_rate must be"):
        resolved(learning_rate=-1.0)
    with refuses(DataError, "split-fractions", "0.9"):
        resolved(validation=0.5, test=0.5)


def test_data_of_one_class_is_refused() -> None:
    images = np.zeros((4, 8, 8, 1), np.uint8)
    data = Dataset.of(images, [0] * 4, ["only"])
    with refuses(DataError, "one-class", "'only'"):
        resolve(data, network(1))
