"""Deletion, insertion and random weights: by hand, and planted useless maps."""

import numpy as np
import pytest
import torch

from mirada.inspection.question import Question, ask
from mirada.inspection.reliability import (
    ALIKE,
    ELSEWHERE,
    NETWORKS,
    PORTIONS,
    Curve,
    Randomisation,
    deletion,
    insertion,
    random_networks,
    rank_correlation,
    untrained,
)
from tests.inspection import looked_at
from tests.inspection.looked_at import corner_engine, corner_image, engine_of, image_of

LENET = looked_at.NETWORKS["lenet"]


def corner() -> Question:
    return ask(corner_engine(), corner_image(), 1)


def corner_map(row: int = 0, column: int = 0) -> np.ndarray:
    """4x4 pixels called important, the upper left of them the most."""
    values = np.zeros((12, 12))
    values[row : row + 4, column : column + 4] = np.arange(16, 0, -1).reshape(4, 4)
    return values


def test_the_areas_are_those_of_images_changed_by_hand() -> None:
    question = ask(engine_of(LENET), image_of(LENET), 2)
    values = np.random.default_rng(1).permutation(256.0 * np.ones(256).cumsum())
    order = np.argsort(-values)
    rows = []
    for portion in range(PORTIONS + 1):
        image = image_of(LENET)
        image.reshape(-1)[order[: round(256 * portion / PORTIONS)]] = 0.0
        outputs = torch.from_numpy(question.engine.predict(image)[0])
        rows.append(float(torch.softmax(outputs, 0)[2]))
    removed = deletion(question, values.reshape(16, 16))
    np.testing.assert_allclose(removed.probabilities, rows, rtol=1e-4)
    assert removed.area == pytest.approx(np.trapezoid(rows) / PORTIONS, rel=1e-4)
    assert len(removed.elsewhere) == ELSEWHERE
    added = insertion(question, -values.reshape(16, 16))
    np.testing.assert_allclose(added.probabilities, rows[::-1], rtol=1e-4)


def test_what_is_laid_elsewhere_is_the_same_map_moved() -> None:
    question = ask(engine_of(LENET), image_of(LENET), 2)
    values = np.random.default_rng(1).normal(size=(16, 16))
    areas = {
        round(deletion(question, np.roll(values, move, (0, 1))).area, 7)
        for move in np.ndindex(16, 16)
        if any(move)
    }
    found = [round(area, 7) for area in deletion(question, values).elsewhere]
    assert set(found) <= areas
    assert len(set(found)) > 1


def test_a_map_of_the_corner_that_matters_is_told_from_one_of_another() -> None:
    question = corner()
    falls, rises = (kind(question, corner_map()) for kind in (deletion, insertion))
    assert falls.area < min(falls.elsewhere) and rises.area > max(rises.elsewhere)
    assert falls.area < rises.area
    wrong = corner_map(8, 8)
    falls, rises = (kind(question, wrong) for kind in (deletion, insertion))
    assert falls.area > falls.by_chance and rises.area < rises.by_chance


def test_equal_numbers_come_in_an_order_drawn_by_chance() -> None:
    """A flat map takes pixels from all over, not row by row."""
    question, flat = corner(), np.zeros((12, 12))
    found = deletion(question, flat)
    assert found.elsewhere == (found.area,) * ELSEWHERE
    by_rows = deletion(question, -np.arange(144.0).reshape(12, 12))
    assert found.area > by_rows.area
    assert deletion(question, flat) == found
    assert deletion(question, flat, seed=1).area != found.area


def test_the_area_of_a_straight_line() -> None:
    assert Curve(tuple(np.linspace(1, 0, 21).tolist()), (0.5,)).area == 0.5
    assert Curve((1.0,) * 21, (0.25, 0.75)).by_chance == 0.5


def test_rank_correlation_is_pearsons_of_the_ranks() -> None:
    noise = np.random.default_rng(0)
    one = noise.normal(size=(5, 8))
    other = one + noise.normal(size=(5, 8))
    left, right = (values.ravel().argsort().argsort() for values in (one, other))
    exact = np.corrcoef(left, right)[0, 1]
    assert rank_correlation(one, other) == pytest.approx(exact)
    assert rank_correlation(one, np.exp(one)) == pytest.approx(1)
    assert rank_correlation(one, -one) == pytest.approx(-1)
    assert rank_correlation(one, np.zeros((5, 8))) == 0


def test_equal_numbers_share_their_ranks() -> None:
    """Worked by hand: ranks 1.5, 1.5, 3 and 1, 2.5, 2.5."""
    found = rank_correlation(np.array([4.0, 4.0, 7.0]), np.array([0.0, 1.0, 1.0]))
    assert found == pytest.approx(0.5)


@pytest.mark.parametrize(("similarity", "passes"), [(0.49, True), (0.5, False)])
def test_from_half_on_a_map_is_the_same(similarity: float, passes: bool) -> None:
    assert ALIKE == 0.5
    found = Randomisation((similarity - 0.2, similarity + 0.2))
    assert found.similarity == pytest.approx(similarity)
    assert Randomisation((similarity,)).passes is passes


def test_networks_that_never_trained_differ_and_leave_nothing_behind() -> None:
    engine = engine_of(LENET)
    question = ask(engine, image_of(LENET), 0)
    own = engine.parameters()
    found = random_networks(
        question, lambda asked: {"scores": asked.scores(image_of(LENET))}
    )
    assert len(found) == NETWORKS
    scores = [other["scores"].tobytes() for other in found]
    assert len(set(scores)) == NETWORKS
    assert question.scores(image_of(LENET)).tobytes() not in scores
    kept = engine.parameters()
    assert all(kept[name].tobytes() == own[name].tobytes() for name in own)
    drawn = untrained(question, 0)
    assert drawn.keys() == own.keys()
    assert all((drawn[name] != own[name]).any() for name in own)


def test_a_map_of_the_image_alone_does_not_pass() -> None:
    """Edges of the image: a map that no weight has anything to do with."""
    question = ask(engine_of(LENET), image_of(LENET), 0)

    def edges(asked: Question) -> dict[str, np.ndarray]:
        return {"edges": np.abs(np.diff(asked.image[0, 0], axis=0)).astype(np.float64)}

    others = random_networks(question, edges)
    own = edges(question)["edges"]
    found = Randomisation(tuple(rank_correlation(own, x["edges"]) for x in others))
    assert found.similarity == pytest.approx(1) and not found.passes
