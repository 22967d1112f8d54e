import json
from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_fscore_support

from mirada.data import Dataset, Preprocessing
from mirada.engines.reference import ReferenceEngine
from mirada.errors import DivergenceError
from mirada.network import (
    CrossEntropy,
    Flatten,
    Linear,
    Network,
    Recipe,
    Softmax,
)
from mirada.training.answers import CHUNK
from mirada.training.metrics import (
    MOST_MISTAKES,
    ClassMetrics,
    Evaluation,
    Mistake,
    evaluate,
)
from tests.refusal import refuses

TWO = Evaluation(0.5, ("cat", "dog", "owl"), ((3, 1, 0), (0, 4, 0), (0, 0, 0)))


def test_counts_by_hand() -> None:
    assert (TWO.count, TWO.accuracy) == (8, 7 / 8)
    cat, dog, owl = TWO.per_class
    assert cat == ClassMetrics("cat", 1.0, 0.75, 6 / 7, 4)
    assert dog == ClassMetrics("dog", 0.8, 1.0, 8 / 9, 4)
    assert owl == ClassMetrics("owl", None, None, None, 0)


def test_no_images() -> None:
    none = Evaluation(0.0, ("a", "b"), ((0, 0), (0, 0)))
    assert (none.count, none.accuracy) == (0, 0.0)


def test_it_turns_into_json_and_back() -> None:
    mistake = Mistake(7, "seven", "cat", "dog", 0.75)
    whole = Evaluation(0.5, TWO.classes, TWO.confusion, (mistake,))
    plain = json.loads(json.dumps(whole.to_dict()))
    assert Evaluation.from_dict(plain) == whole
    assert plain["schema"] == 1
    assert plain["per_class"][1]["precision"] == 0.8


def chance(count: int, classes: int = 4) -> Dataset:
    draw = np.random.default_rng(1)
    images = draw.integers(0, 256, (count, 2, 2, 1), dtype=np.uint8)
    labels = draw.integers(0, classes, count)
    return Dataset.of(images, labels, [f"c{n}" for n in range(classes)])


def engine(classes: int = 4) -> ReferenceEngine:
    layers = (Flatten(), Linear(classes))
    return ReferenceEngine(Network("n", (1, 2, 2), layers), Recipe(seed=4))


def test_an_evaluation_is_what_scikit_learn_counts() -> None:
    data, computing = chance(2 * CHUNK + 5), engine()
    samples = np.arange(3, len(data))
    look = Preprocessing((2, 2), 1)
    asked: list[int] = []
    found = evaluate(
        computing, data, samples, look, CrossEntropy(), lambda: asked.append(1)
    )
    outputs = computing.predict(look.normalize(data.images[samples]))
    true, taken = data.labels[samples], outputs.argmax(axis=1)
    assert found.count == len(samples)
    assert found.accuracy == pytest.approx(float((true == taken).mean()))
    wanted = precision_recall_fscore_support(true, taken, zero_division=np.nan)
    for place, item in enumerate(found.per_class):
        row = (item.precision, item.recall, item.f1, item.count)
        given = [np.nan if value is None else value for value in row]
        assert given == pytest.approx([column[place] for column in wanted], nan_ok=True)
    shares = np.exp(outputs.astype(float))
    shares /= shares.sum(axis=1, keepdims=True)
    rows = np.arange(len(true))
    assert found.loss == pytest.approx(float(-np.log(shares[rows, true]).mean()))
    assert len(asked) == 3


def test_the_surest_mistakes_come_first() -> None:
    data = chance(200)
    found = evaluate(
        engine(), data, np.arange(200), Preprocessing((2, 2), 1), CrossEntropy()
    )
    shares = [item.probability for item in found.mistakes]
    assert len(shares) == MOST_MISTAKES
    assert shares == sorted(shares, reverse=True)
    for item in found.mistakes:
        assert item.true == data.classes[data.labels[item.sample]] != item.predicted
        assert item.name == data.names[item.sample]


class Broken(ReferenceEngine):
    def predict(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.full((len(images), 4), np.inf, np.float32)

    def parameters(self) -> dict[str, NDArray[np.float32]]:
        found: Mapping[str, NDArray[np.float32]] = super().parameters()
        return dict(found)


def test_an_answer_that_is_not_finite_is_refused() -> None:
    broken = Broken(engine().network, Recipe())
    with refuses(DivergenceError, "answer-not-finite", "layer 'linear1'"):
        evaluate(
            broken,
            chance(3),
            np.arange(3),
            Preprocessing((2, 2), 1),
            CrossEntropy(),
        )


def test_flips_are_the_mean_of_two_answers() -> None:
    data, made = chance(40), engine()
    samples, same = np.arange(40), Preprocessing(data.size, data.channels)
    found = evaluate(made, data, samples, same, CrossEntropy(), flips=True)
    images = same.normalize(data.images)
    mirrored = np.ascontiguousarray(images[..., ::-1])
    rows = [made.predict(batch).astype(np.float64) for batch in (images, mirrored)]
    exps = [np.exp(row - row.max(axis=1, keepdims=True)) for row in rows]
    one, two = (exp / exp.sum(axis=1, keepdims=True) for exp in exps)
    shares = (one + two) / 2
    right = shares[samples, data.labels]
    assert found.loss == pytest.approx(-np.log(right).mean())
    assert found.accuracy == (shares.argmax(axis=1) == data.labels).mean()
    assert found.flips and Evaluation.from_dict(found.to_dict()).flips
    plain = evaluate(made, data, samples, same, CrossEntropy())
    assert not plain.flips and plain.loss != found.loss


def test_flips_of_a_network_that_ends_in_softmax() -> None:
    data = chance(20)
    samples, same = np.arange(20), Preprocessing(data.size, data.channels)
    layers = (Flatten(), Linear(4))
    losses = []
    for more in ((), (Softmax(),)):
        network = Network("n", (data.channels, *data.size), (*layers, *more))
        made = ReferenceEngine(network, Recipe(seed=3))
        found = evaluate(made, data, samples, same, CrossEntropy(), flips=True)
        losses.append(found.loss)
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


def test_an_evaluation_of_an_older_version_had_no_flips() -> None:
    plain = TWO.to_dict()
    del plain["flips"]
    assert not Evaluation.from_dict(plain).flips
