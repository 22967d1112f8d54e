"""Recipes: parts of the right kind, and both forms."""

import json

from hypothesis import given

from mirada.errors import FieldError, TextError
from mirada.network import SGD, AdamW, Constant, CrossEntropy, Recipe
from mirada.network.file import recipe_from_plain
from tests.refusal import refuses
from tests.strategies import recipes


@given(recipes())
def test_the_plain_form_converts_back(recipe: Recipe) -> None:
    assert recipe_from_plain(json.loads(json.dumps(recipe.plain()))) == recipe


def test_parts_may_be_words_or_tables() -> None:
    found = recipe_from_plain(
        {
            "loss": "crossentropy smoothing 0.1",
            "optimizer": {"kind": "adamw", "weight_decay": 0.5},
            "schedule": "constant",
            "epochs": 3,
        }
    )
    assert found == Recipe(
        CrossEntropy(0.1), AdamW(weight_decay=0.5), Constant(), epochs=3
    )


def test_parts_of_another_kind() -> None:
    with refuses(FieldError, "recipe-part", "Recipe.loss must be a Loss; got SGD("):
        Recipe(loss=SGD())  # type: ignore[arg-type]
    with refuses(
        FieldError, "recipe-part", "Recipe.schedule must be a Schedule; got 3"
    ):
        recipe_from_plain({"schedule": 3})


def test_tables_that_are_no_recipe() -> None:
    with refuses(TextError, "recipe-table", "with loss, optimizer,", "got {'rate': 1}"):
        recipe_from_plain({"rate": 1})
    with refuses(TextError, "recipe-table", "got ['sgd']"):
        recipe_from_plain(["sgd"])


def test_numbers_keep_their_limits() -> None:
    with refuses(FieldError, "field-whole", "Recipe.epochs must be", "got 0"):
        Recipe(epochs=0)
    with refuses(FieldError, "field-whole", "Recipe.seed must be", "got 4294967296"):
        Recipe(seed=2**32)


def test_clipping_and_averaging_are_off_unless_wanted() -> None:
    """So is a recipe of before there was either."""
    found = recipe_from_plain({"epochs": 3})
    assert (found.gradient_clip, found.ema) == (0, 0)
    found = recipe_from_plain({"gradient_clip": 1, "ema": 0.999})
    assert found == Recipe(gradient_clip=1.0, ema=0.999)
    with refuses(FieldError, "field-real", "Recipe.ema must be", "below 1; got 1"):
        Recipe(ema=1)
    with refuses(FieldError, "field-real", "Recipe.gradient_clip must be", "got -1"):
        Recipe(gradient_clip=-1)
