"""RISE beside the formula written out, and the masks it draws."""

import numpy as np
import pytest

from mirada.engines import ENGINES
from mirada.inspection.question import ask
from mirada.inspection.rise import random_masks, rise
from tests.inspection.looked_at import NETWORKS, close, engine_of, image_of


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("name", ["lenet", "soft"])
def test_the_map_is_the_mean_probability_where_a_pixel_shows(
    name: str, kind: str
) -> None:
    network, count = NETWORKS[name], 150
    image, nothing = image_of(network), image_of(network, 4)
    engine = engine_of(network, kind)
    question = ask(engine, image, 2, baseline=nothing)
    masks = random_masks(question.size, 0, count, seed=9)
    total, shown = np.zeros(question.size), np.zeros(question.size)
    for mask in masks:
        seen = (mask * image + (1 - mask) * nothing).astype(np.float32)
        outputs = engine.predict(seen)[0].astype(np.float64)
        shares = outputs if name == "soft" else np.exp(outputs) / np.exp(outputs).sum()
        total += shares[2] * mask
        shown += mask
    close(rise(question, count, seed=9), total / shown)


def test_a_mask_depends_on_its_number_only() -> None:
    together = random_masks((9, 20), 0, 12)
    assert (random_masks((9, 20), 5, 3) == together[5:8]).all()
    assert (random_masks((9, 20), 0, 12, seed=1) != together).any()


@pytest.mark.parametrize("size", [(1, 1), (2, 9), (8, 8), (28, 28), (33, 17)])
def test_masks_show_every_pixel_half_of_the_time(size: tuple[int, int]) -> None:
    masks = random_masks(size, 0, 2000)
    assert masks.shape == (2000, *size)
    assert masks.min() >= 0 and masks.max() <= 1
    np.testing.assert_allclose(masks.mean(axis=0), 0.5, atol=0.05)


def test_how_often_a_pixel_happened_to_show_leaves_no_trace() -> None:
    """A network that answers the same whatever it sees gives a flat map."""
    network = NETWORKS["lenet"]
    engine = engine_of(network)
    engine.load_parameters(
        {name: np.zeros_like(value) for name, value in engine.parameters().items()}
    )
    found = rise(ask(engine, image_of(network), 0), 100)
    np.testing.assert_allclose(found, 0.25, rtol=1e-12)
