"""One pass over images: the answers are those of the model, the counts follow."""

import numpy as np

from mirada.data import Preprocessing
from mirada.network import CrossEntropy
from mirada.training import answer, evaluate, evaluation_of
from mirada.training.answers import CHUNK
from tests.training.test_metrics import chance, engine

PLAIN = Preprocessing((2, 2), 1)


def test_answers_are_shares_in_the_order_of_the_samples() -> None:
    data, computing = chance(CHUNK + 9), engine()
    samples = np.arange(len(data))[::-1].copy()
    found = answer(computing, data, samples, PLAIN, CrossEntropy())
    assert found.probabilities.shape == (CHUNK + 9, 4)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)
    ahead = answer(computing, data, samples[::-1].copy(), PLAIN, CrossEntropy())
    np.testing.assert_allclose(found.probabilities, ahead.probabilities[::-1])
    assert evaluation_of(data, found) == evaluate(
        computing, data, samples, PLAIN, CrossEntropy()
    )


def test_no_images() -> None:
    data = chance(3)
    none = np.empty(0, np.int64)
    found = answer(engine(), data, none, PLAIN, CrossEntropy())
    assert (found.probabilities.shape, found.loss) == ((0, 4), 0.0)
    assert evaluation_of(data, found).count == 0
