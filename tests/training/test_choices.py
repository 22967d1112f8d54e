"""Where each value of a run comes from: what is new beside `test_resolve`."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirada.data import Augmentation, Dataset, divide, write_split
from mirada.errors import ConfigurationError, DataError
from mirada.network import CrossEntropy, MeanSquaredError, Recipe
from mirada.training import Configuration, Wishes, resolve
from tests.refusal import refuses
from tests.training.example import few_digits, network


def resolved(data: Dataset | None = None, **wishes: Any) -> Configuration:
    return resolve(data or few_digits(), network(), Wishes(**wishes)).configuration


def loss(**wishes: Any) -> CrossEntropy:
    found = resolved(**wishes).recipe.loss
    assert isinstance(found, CrossEntropy)
    return found


def uneven(most: int = 60, least: int = 10) -> Dataset:
    """Digits with many of the first class and few of the others."""
    labels = np.repeat(np.arange(10), [most, *[least] * 9])
    images = np.zeros((len(labels), 8, 8, 1), np.uint8)
    images[np.arange(len(labels)), 0, 0, 0] = np.arange(len(labels)) % 256
    return Dataset.of(images, labels, [f"c{n}" for n in range(10)], name="uneven")


def test_smoothing_is_of_the_loss() -> None:
    found = resolved(smoothing=0.1)
    assert found.recipe.loss == CrossEntropy(0.1)
    assert found.origins["recipe.loss.label_smoothing"].kind == "given"
    described = resolved(recipe=Recipe(CrossEntropy(0.2)), smoothing=0.0)
    assert described.recipe.loss == CrossEntropy(0.0)


def test_even_classes_have_no_weights() -> None:
    found = resolved()
    assert found.recipe.loss == CrossEntropy()
    origin = found.origins["recipe.loss.class_weights"]
    assert origin.kind == "automatic" and "even enough" in str(origin.reason)


def test_uneven_classes_get_weights_and_the_reason_is_told() -> None:
    found = resolved(uneven())
    weights = found.recipe.loss.class_weights  # type: ignore[attr-defined]
    counts = np.array([42, *[7] * 9])
    assert weights == pytest.approx(counts.sum() / (10 * counts), abs=1e-6)
    reason = str(found.origins["recipe.loss.class_weights"].reason)
    assert "42 to 7 training images" in reason
    assert (
        not resolved(uneven(), class_weights="none")
        .recipe.loss.plain()
        .get("class_weights")
    )
    described = resolved(uneven(), recipe=Recipe(CrossEntropy()))
    assert described.recipe.loss == CrossEntropy()


def test_weights_that_are_asked_for() -> None:
    assert len(loss(class_weights="auto").class_weights) == 10
    given = tuple(map(float, range(1, 11)))
    assert loss(class_weights=given).class_weights == given
    with refuses(ConfigurationError, "class-weights-data", "2 class weights, but few"):
        loss(class_weights=(1.0, 2.0))


def test_another_loss_has_neither() -> None:
    recipe = Recipe(MeanSquaredError())
    with refuses(ConfigurationError, "loss-without", "has no smoothing"):
        resolved(recipe=recipe, smoothing=0.1)
    with refuses(ConfigurationError, "loss-without", "has no class_weights"):
        resolved(recipe=recipe, class_weights="auto")
    assert resolved(recipe=recipe).recipe.loss == MeanSquaredError()


def test_augmentation_in_words_and_as_a_value() -> None:
    assert resolved(augment="shift 2").augmentation == Augmentation(shift=2)
    value = Augmentation(crop=1)
    assert resolved(augment=value).augmentation == value
    assert resolved(augment="none").augmentation.is_nothing
    assert resolved(augment="auto").augmentation == resolved().augmentation
    with pytest.raises((ConfigurationError, DataError)):
        resolved(augment="no such change")


def test_flips_and_time_are_kept() -> None:
    found = resolved(flips=True, seconds=60.0, log=("csv",))
    assert (found.flips, found.seconds, found.log) == (True, 60.0, ("csv",))
    assert found.origins["flips"].kind == found.origins["seconds"].kind == "given"
    assert not resolved().flips and resolved().seconds is None


def test_a_split_from_a_file(tmp_path: Path) -> None:
    data = few_digits()
    split = divide(data, validation=0.3, test=0.3, seed=9)
    write_split(tmp_path / "split.json", split)
    found = resolve(data, network(), Wishes(split=tmp_path / "split.json"))
    assert found.split.train.tolist() == split.train.tolist()
    facts = found.configuration.data
    assert facts.counts == (len(split.train), len(split.validation), len(split.test))
    assert facts.split == split.digest
    assert found.configuration.origins["data.split"].kind == "given"


def test_folds_and_groups() -> None:
    folds = [resolve(few_digits(), network(), Wishes(folds=3, fold=n)) for n in (0, 1)]
    one, two = (set(found.split.test.tolist()) for found in folds)
    assert one and two and not one & two
    facts = folds[1].configuration.data
    assert (facts.folds, facts.fold) == (3, 1)
    names = tuple(f"{n // 3}/{n}.png" for n in range(300))
    data = replace(few_digits(), names=names)
    found = resolve(data, network(), Wishes(group_by="([0-9]+)/"))
    assert found.configuration.data.group_by == "([0-9]+)/"
    parts = [{n // 3 for n in part.tolist()} for part in _parts(found.split)]
    assert not parts[0] & parts[1] and not parts[0] & parts[2]


def test_the_sources_own_groups_are_kept_together_unasked() -> None:
    groups = tuple(f"person {n // 3}" for n in range(300))
    data = replace(few_digits(), groups=groups)
    found = resolve(data, network())
    assert found.configuration.data.group_by == "groups"
    origin = found.configuration.origins["data.group_by"]
    assert origin.kind == "automatic" and "belong together" in str(origin.reason)
    parts = [{n // 3 for n in part.tolist()} for part in _parts(found.split)]
    assert not parts[0] & parts[1] and not parts[0] & parts[2]
    apart = resolve(data, network(), Wishes(group_by="none"))
    assert apart.configuration.data.group_by == ""
    assert apart.split.digest == resolve(few_digits(), network()).split.digest


def _parts(split: Any) -> tuple[Any, Any, Any]:
    return split.train, split.validation, split.test


def test_another_split_is_another_configuration() -> None:
    one, two = resolved(seed=0), resolved(seed=1)
    assert one.data.split != two.data.split
    named = [name for name, _, _ in one.differences(two)]
    assert "data.split" in named
