"""An image classifier for scikit-learn: in GridSearchCV, cross_val_score and Pipeline.

    from mirada.estimator import ImageClassifier

    cross_val_score(ImageClassifier(epochs=10), images, labels, cv=5)

Needs scikit-learn: pip install 'mirada[sklearn]'.
"""

from collections.abc import Mapping
from typing import Any, Self
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mirada import engines, models
from mirada.compiler.target import cores
from mirada.data import batches, epoch_order
from mirada.engines import Engine
from mirada.errors import DataError, UnsupportedError
from mirada.network import (
    SGD,
    CrossEntropy,
    Linear,
    Network,
    OneCycle,
    Optimizer,
    Recipe,
    ReLU,
    Schedule,
    Shape,
)
from mirada.training import automatic
from mirada.training.scores import probabilities

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.class_weight import compute_class_weight
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError:
    raise UnsupportedError(
        "sklearn-missing",
        "mirada.estimator needs scikit-learn, which is not installed. Install it "
        "with: pip install 'mirada[sklearn]'.",
    ) from None

__all__ = ["ImageClassifier"]

_CHUNK = 256
_HIDDEN = 64
_LEAST_STEPS = 400
"""Few samples are seen more often, so that the network takes about so many steps."""
_LEAST_STD = 1e-12
_FARTHEST = 1e4
"""Standardised numbers are cut here: float32 sums of them stay finite."""

_engines: "WeakKeyDictionary[ImageClassifier, Engine]" = WeakKeyDictionary()
"""The engine of each fitted classifier: machine code is not pickled with it."""


class ImageClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A network that mirada compiles and trains, behind scikit-learn's interface.

    Images are arrays (n, height, width) or (n, height, width, channels) of any numbers,
    or rows (n, features) with `image_shape` saying (height, width[, channels]). Rows
    without `image_shape` are a table of measurements, answered by a small network of
    linear layers. Numbers are standardised, by channel or by column, with the mean and
    the standard deviation of the training samples.

    `network` is "auto", a known network's name, or a `Network` whose input and output
    fit. What is None is chosen as `mirada train` chooses it. `class_weight` is None,
    "balanced" or a dict; `n_jobs` counts threads (None: all cores), which do not
    change the result.

    After `fit`: `classes_`, `network_`, `recipe_`, `weights_` (float32 arrays by name),
    `mean_`, `std_`, `loss_curve_` (the mean loss of each epoch), `n_features_in_` and
    `n_iter_` (epochs).

    >>> from sklearn.datasets import load_digits
    >>> images, labels = load_digits(return_X_y=True)
    >>> found = ImageClassifier(image_shape=(8, 8), epochs=3, random_state=0)
    >>> found = found.fit(images[:1500], labels[:1500])
    >>> found.score(images[1500:], labels[1500:]) > 0.8
    True
    """

    def __init__(
        self,
        network: Network | str = "auto",
        *,
        image_shape: tuple[int, ...] | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        optimizer: Optimizer | None = None,
        learning_rate: float | None = None,
        schedule: Schedule | None = None,
        label_smoothing: float = 0.0,
        class_weight: Mapping[Any, float] | str | None = None,
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.network = network
        self.image_shape = image_shape
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.label_smoothing = label_smoothing
        self.class_weight = class_weight
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Trains on samples and their labels, from the start.

        Raises DataError (`one-class-only`, `image-shape`), which is a ValueError, and
        ValueError of scikit-learn's own checks.
        """
        rows, targets = validate_data(
            self, X, y, dtype="numeric", allow_nd=True, y_numeric=False
        )
        check_classification_targets(targets)
        self.classes_, labels = np.unique(targets, return_inverse=True)
        if len(self.classes_) < 2:
            raise DataError(
                "one-class-only",
                "The labels hold only one class ({name}); a classifier needs at least "
                "2 classes to tell apart. Give samples of others too.",
                name=str(self.classes_[0]),
            )
        self._shape = rows.shape[1:]
        images = self._images(rows)
        axes = (0, *range(2, images.ndim))
        kept = [1, *images.shape[1:2], *[1] * (images.ndim - 2)]
        self.mean_ = images.mean(axis=axes).reshape(kept)
        spread = images.std(axis=axes).reshape(kept)
        self.std_ = np.where(spread > _LEAST_STD, spread, 1.0)
        self.network_ = self._network(images.shape[1:])
        self.recipe_ = self._recipe(len(images), labels)
        engine = engines.create("native", self.network_, self.recipe_, self._threads())
        self.loss_curve_ = self._train(engine, self._standardised(images), labels)
        self.n_iter_ = len(self.loss_curve_)
        self.weights_ = engine.parameters()
        _engines[self] = engine
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """The probability of each class, (n, classes), in the order of `classes_`."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype="numeric", allow_nd=True, reset=False)
        if rows.shape[1:] != self._shape:
            raise self._shape_error(rows.shape[1:], self._shape)
        images = self._standardised(self._images(rows))
        engine = self._engine()
        answers = [np.empty((0, len(self.classes_)))]
        for start in range(0, len(images), _CHUNK):
            outputs = engine.predict(images[start : start + _CHUNK])
            answers.append(probabilities(self.network_, outputs))
        return np.concatenate(answers)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The likeliest class of each sample."""
        shares = self.predict_proba(X)
        found: NDArray[Any] = self.classes_[shares.argmax(axis=1)]
        return found

    def _images(self, rows: NDArray[Any]) -> NDArray[np.float64]:
        """The samples as (n, channels, height, width), or (n, features) of a table."""
        shape = self.image_shape
        if shape is not None:
            if len(shape) not in (2, 3) or int(np.prod(shape)) * len(rows) != rows.size:
                raise self._shape_error(rows.shape[1:], tuple(shape))
            rows = rows.reshape(len(rows), *shape)
        if rows.ndim == 3:
            rows = rows[..., None]
        if rows.ndim not in (2, 4):
            raise self._shape_error(rows.shape[1:], ("height", "width", "channels"))
        return (
            np.moveaxis(rows, -1, 1).astype(np.float64)
            if rows.ndim == 4
            else (rows.astype(np.float64))
        )

    def _shape_error(
        self, came: tuple[object, ...], wanted: tuple[object, ...]
    ) -> DataError:
        return DataError(
            "image-shape",
            "A sample of shape ({came}) came to {name}; ({wanted}) was expected. Pass "
            "images as (n, height, width[, channels]), or say image_shape.",
            came=", ".join(map(str, came)),
            wanted=", ".join(map(str, wanted)),
            name=type(self).__name__,
        )

    def _standardised(self, images: NDArray[np.float64]) -> NDArray[np.float32]:
        found = np.clip((images - self.mean_) / self.std_, -_FARTHEST, _FARTHEST)
        return np.ascontiguousarray(found, np.float32)

    def _network(self, shape: Shape) -> Network:
        count = len(self.classes_)
        if isinstance(self.network, Network):
            return self.network
        if self.network != "auto":
            return models.build(self.network, shape, count)
        if len(shape) == 3:
            return models.automatic(shape, count)
        return Network("table", shape, [Linear(_HIDDEN), ReLU(), Linear(count)])

    def _recipe(self, count: int, labels: NDArray[np.integer]) -> Recipe:
        state = self.random_state
        if not isinstance(state, int | np.integer):
            state = check_random_state(state).randint(2**31)
        size = min(self.batch_size or automatic.batch_size(count).value, count)
        steps = -(-count // size)
        least = -(-_LEAST_STEPS // steps)
        epochs = self.epochs or max(automatic.epochs(count).value, least)
        optimizer = self.optimizer or self._optimizer()
        return Recipe(
            loss=CrossEntropy(self.label_smoothing, self._class_weights(labels)),
            optimizer=optimizer,
            schedule=self.schedule or OneCycle(),
            epochs=epochs,
            batch_size=size,
            seed=int(state),
        )

    def _optimizer(self) -> Optimizer:
        found = automatic.optimizer().value
        if self.learning_rate is None:
            return found
        assert isinstance(found, SGD)
        return SGD(self.learning_rate, found.momentum, found.nesterov)

    def _class_weights(self, labels: NDArray[np.integer]) -> tuple[float, ...]:
        if self.class_weight is None:
            return ()
        truth = self.classes_[labels]
        found = compute_class_weight(self.class_weight, classes=self.classes_, y=truth)
        return tuple(map(float, found))

    def _threads(self) -> int:
        return cores() if self.n_jobs is None or self.n_jobs < 1 else self.n_jobs

    def _train(
        self, engine: Engine, images: NDArray[np.float32], labels: NDArray[np.integer]
    ) -> list[float]:
        recipe, curve = self.recipe_, []
        numbers = np.arange(len(images))
        steps = recipe.epochs * -(-len(images) // recipe.batch_size)
        step = 0
        for epoch in range(recipe.epochs):
            total = 0.0
            order = epoch_order(numbers, recipe.seed, epoch)
            for chosen in batches(order, recipe.batch_size):
                rate = recipe.optimizer.learning_rate
                rate *= recipe.schedule.share(step, steps)
                result = engine.train_step(
                    images[chosen],
                    labels[chosen].astype(np.int64),
                    step=step,
                    learning_rate=rate,
                )
                total += result.loss * len(chosen)
                step += 1
            curve.append(total / len(images))
        return curve

    def _engine(self) -> Engine:
        """The engine that `fit` made, or one with its weights after unpickling."""
        engine = _engines.get(self)
        if engine is None:
            engine = engines.create(
                "native", self.network_, self.recipe_, self._threads(), trains=False
            )
            engine.load_parameters(self.weights_)
            _engines[self] = engine
        return engine
