"""A first layer that makes the patches of the training images white."""

from pathlib import Path

import numpy as np
import pytest

from mirada.errors import DescriptionError
from mirada.network import GELU, Conv2d, Flatten, Layer, Linear, Network, Recipe
from mirada.reference import initial_parameters
from mirada.reference.network import forward
from mirada.training import Plan, RunFolder, Wishes, resolve, train
from mirada.training.beginning import begin
from mirada.training.checkpoint import latest_checkpoint
from mirada.training.finder import find_rate
from tests.refusal import refuses
from tests.training.example import engine, few_digits

FIRST = Conv2d(7, 2, init="whitening")


def planned(*layers: Layer, **more: object) -> Plan:
    network = Network("white", (1, 8, 8), (*layers, GELU(), Flatten(), Linear(10)))
    wishes = {"engine": "reference", "threads": 1, "epochs": 1, "batch_size": 32}
    return resolve(few_digits(), network, Wishes(**{**wishes, **more}))  # type: ignore[arg-type]


def test_what_it_gives_is_white_and_comes_with_both_signs() -> None:
    chosen = planned(FIRST)
    made = engine(chosen)
    before = made.parameters()
    begin(made, chosen)
    after = made.parameters()
    assert {n for n in after if not np.array_equal(after[n], before[n])} == {
        "conv1.weight"
    }
    pixels = chosen.data.images[chosen.split.train]
    images = chosen.configuration.preprocessing.normalize(pixels)
    rest = {**after, "conv1.bias": np.zeros(7, np.float32)}
    given = forward(chosen.configuration.network, rest, images)["conv1"]
    rows = given.transpose(1, 0, 2, 3).reshape(7, -1)
    assert np.allclose(rows[4:], -rows[:3])
    moments = rows[:4] @ rows[:4].T / rows.shape[1]
    assert np.allclose(moments, np.eye(4), atol=0.01)


def test_it_follows_from_the_images_alone_and_averages_begin_with_it(
    tmp_path: Path,
) -> None:
    found = []
    for seed in (1, 2):
        # Who is trained on is drawn by the seed, unless all of them are.
        chosen = planned(FIRST, seed=seed, validation=0.0, test=0.0, ema=0.5)
        made = engine(chosen)
        begin(made, chosen)
        average = made.optimizer_state()["average.conv1.weight"]
        found.append(made.parameters()["conv1.weight"])
        assert np.array_equal(average, found[-1])
    assert np.array_equal(found[0], found[1])


def test_a_run_and_a_search_begin_with_it(tmp_path: Path) -> None:
    chosen = planned(FIRST, recipe=Recipe(rates=("conv1.weight 0",)))
    made = engine(chosen)
    begin(made, chosen)
    white = made.parameters()["conv1.weight"]
    with RunFolder.new(tmp_path) as folder:
        train(chosen, engine(chosen), folder)
    kept = latest_checkpoint(tmp_path).checkpoint
    assert kept is not None and np.array_equal(kept.parameters["conv1.weight"], white)
    searched = engine(chosen)
    find_rate(chosen, searched, steps=2)
    assert np.array_equal(searched.parameters()["conv1.weight"], white)


def test_before_a_training_it_begins_as_others_do() -> None:
    usual = Network("usual", (1, 8, 8), (Conv2d(7, 2),))
    white = Network("white", (1, 8, 8), (FIRST,))
    weights = [initial_parameters(n, 3)["conv1.weight"] for n in (usual, white)]
    assert np.array_equal(weights[0], weights[1])


@pytest.mark.parametrize(
    "layers",
    [
        (Conv2d(9, 2, init="whitening"),),
        (Conv2d(4, 2, dilation=2, init="whitening"),),
        (Conv2d(4, 2), Conv2d(4, 2, init="whitening")),
        (Flatten(), Linear(4, init="whitening")),
    ],
    ids=lambda layers: layers[-1].text(),
)
def test_other_layers_cannot(layers: tuple[Layer, ...]) -> None:
    chosen = planned(*layers)
    with refuses(DescriptionError, "whitening-layer", "at most two filters"):
        begin(engine(chosen), chosen)
