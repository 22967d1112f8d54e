"""The classifier is one of scikit-learn's, by scikit-learn's own checks."""

import importlib
import pickle
import sys
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator

from mirada.errors import DataError, UnsupportedError
from mirada.estimator import ImageClassifier
from mirada.network import CrossEntropy, Flatten, Linear, Network, Softmax
from tests.refusal import refuses


def digits(count: int = 300) -> tuple[Any, Any]:
    """The first digits of scikit-learn's, (n, 8, 8), with their labels."""
    images, labels = load_digits(return_X_y=True)
    return images[:count].reshape(-1, 8, 8), labels[:count]


def quick(**settings: Any) -> ImageClassifier:
    """A classifier of one small layer, soon trained."""
    network = Network("one", (1, 8, 8), [Flatten(), Linear(10)])
    given = {"epochs": 10, "random_state": 3, "n_jobs": 1, **settings}
    return ImageClassifier(network, **given)


def test_the_checks_of_scikit_learn() -> None:
    """All of them: there is no list of checks that are expected to fail."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = check_estimator(ImageClassifier(n_jobs=1), on_fail=None, on_skip=None)
    failed = [c for c in found if c["status"] not in ("passed", "skipped")]
    assert not failed, [f"{c['check_name']}: {c['exception']}" for c in failed]
    assert sum(check["status"] == "passed" for check in found) > 40


def test_images_are_answered_in_cross_validation() -> None:
    images, labels = digits()
    scores = cross_val_score(quick(), images, labels, cv=3)
    assert scores.shape == (3,) and scores.min() > 0.8


def test_a_grid_is_searched() -> None:
    images, labels = digits(200)
    search = GridSearchCV(quick(), {"learning_rate": [1e-6, 0.03]}, cv=2)
    search.fit(images, labels)
    assert search.best_params_ == {"learning_rate": 0.03}
    assert search.best_estimator_.score(images, labels) > 0.9


def test_it_ends_a_pipeline() -> None:
    images, labels = digits(200)
    halved = FunctionTransformer(lambda rows: rows / 2)
    found = make_pipeline(halved, quick(image_shape=(8, 8)))
    rows = images.reshape(len(images), -1)
    assert found.fit(rows, labels).score(rows, labels) > 0.9


def test_the_same_state_gives_the_same_weights() -> None:
    images, labels = digits(100)
    one = quick().fit(images, labels)
    two = clone(one).set_params(n_jobs=2).fit(images, labels)
    three = quick(random_state=4).fit(images, labels)
    assert all(np.array_equal(one.weights_[n], two.weights_[n]) for n in one.weights_)
    name = "linear1.weight"
    assert not np.array_equal(one.weights_[name], three.weights_[name])


def test_a_classifier_is_pickled_with_its_weights_alone() -> None:
    images, labels = digits(100)
    found = quick().fit(images, labels)
    again = pickle.loads(pickle.dumps(found))
    assert np.array_equal(found.predict_proba(images), again.predict_proba(images))


def test_names_and_weights_of_classes() -> None:
    images, numbers = digits(200)
    labels = np.array(["even", "odd"])[numbers % 2]
    network = Network("two", (1, 8, 8), [Flatten(), Linear(2), Softmax()])
    found = ImageClassifier(network, class_weight="balanced", epochs=5, n_jobs=1)
    found.fit(images, labels)
    assert set(found.predict(images)) == {"even", "odd"}
    loss = found.recipe_.loss
    assert isinstance(loss, CrossEntropy) and len(loss.class_weights) == 2
    assert np.allclose(found.predict_proba(images).sum(axis=1), 1)


def test_colour_and_known_networks() -> None:
    images, labels = digits(60)
    coloured = np.repeat(images.astype(np.uint8)[..., None], 3, axis=-1)
    found = ImageClassifier("digits", epochs=1, n_jobs=1).fit(coloured, labels)
    assert found.network_.input == (3, 8, 8) and found.mean_.shape == (1, 3, 1, 1)
    assert len(found.loss_curve_) == found.n_iter_ == 1


def test_images_of_another_shape_are_refused() -> None:
    images, labels = digits(60)
    found = quick().fit(images, labels)
    with refuses(DataError, "image-shape", "(8, 7)", "(8, 8)"):
        found.predict(images[:, :, 1:])
    with refuses(DataError, "image-shape", "image_shape"):
        quick(image_shape=(9, 9)).fit(images, labels)


def test_one_class_is_refused() -> None:
    images, labels = digits(20)
    with refuses(DataError, "one-class-only", "(7)"):
        quick().fit(images, np.full_like(labels, 7))


def test_scikit_learn_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    monkeypatch.delitem(sys.modules, "mirada.estimator")
    with refuses(UnsupportedError, "sklearn-missing", "mirada[sklearn]"):
        importlib.import_module("mirada.estimator")
