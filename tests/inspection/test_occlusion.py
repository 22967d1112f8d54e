"""Occlusion beside every patch covered by hand."""

import numpy as np
import pytest

from mirada.engines import ENGINES
from mirada.inspection.occlusion import occlusion, patch_side, patches
from mirada.inspection.question import ask
from tests.inspection.looked_at import (
    NETWORKS,
    close,
    corner_engine,
    corner_image,
    engine_of,
    image_of,
)


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("name", ["lenet", "branched"])
def test_each_pixel_has_the_mean_loss_of_the_patches_over_it(
    name: str, kind: str
) -> None:
    network = NETWORKS[name]
    engine, image, nothing = engine_of(network, kind), image_of(network), 0.25
    question = ask(engine, image, 1, baseline=np.full_like(image, nothing))
    height, width = network.input[1:]
    losses: dict[tuple[int, int], list[float]] = {}
    for rows, columns in patches(height, width):
        covered = image.copy()
        covered[0, :, rows, columns] = nothing
        loss = engine.predict(image)[0, 1] - engine.predict(covered)[0, 1]
        for row in range(rows.start, rows.stop):
            for column in range(columns.start, columns.stop):
                losses.setdefault((row, column), []).append(float(loss))
    exact = np.array(
        [[np.mean(losses[y, x]) for x in range(width)] for y in range(height)]
    )
    close(occlusion(question), exact)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 3), (13, 8), (28, 28), (5, 224)])
def test_patches_cover_every_pixel_and_stay_inside(size: tuple[int, int]) -> None:
    covers = np.zeros(size, int)
    for rows, columns in patches(*size):
        assert 0 <= rows.start < rows.stop <= size[0]
        assert 0 <= columns.start < columns.stop <= size[1]
        assert rows.stop - rows.start == patch_side(size[0])
        covers[rows, columns] += 1
    assert (covers > 0).all()


def test_a_sum_of_pixels_is_found_exactly() -> None:
    """Where the score is a sum, what a patch takes away is the sum beneath it."""
    question = ask(corner_engine(), corner_image(), 1)
    found = occlusion(question)
    assert found[0, 0] == pytest.approx(4 * 0.5, rel=1e-6)
    assert not found[6:, 6:].any()
    assert (found >= 0).all()
    np.testing.assert_allclose(occlusion(ask(corner_engine(), corner_image(), 0)), 0)
