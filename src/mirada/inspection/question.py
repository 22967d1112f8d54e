"""The question that every method answers: why this score, for this class, here.

The score is the class's number before softmax: a probability can rise because other
classes fall, a score cannot. Of a network that ends in softmax it is what goes into
the softmax; of any other the output itself.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mirada.engines import Arrays, Engine
from mirada.engines.intake import classes
from mirada.errors import UsageError
from mirada.inspection.trunk import trunk_engine
from mirada.network import INPUT, Recipe
from mirada.reference.activation import softmax

__all__ = ["BLOCK", "Question", "ask", "scoring"]

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

BLOCK = 16
"""Images that are asked about together: as many as a compiled program takes at once."""


@dataclass(frozen=True, eq=False)
class Question:
    """An engine, an image (1, c, h, w), the class that is explained, and what is asked.

    `engine` gives scores (see `ask`). `baseline` (1, c, h, w) is an image that says
    nothing: what a removed pixel turns into. `names` are the values by which every
    gradient is taken; asking for all at once, `block` images at a time, keeps the
    number of compiled programs small.
    """

    engine: Engine
    image: Floats
    place: int
    baseline: Floats
    names: frozenset[str] = frozenset({INPUT})
    block: int = BLOCK

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the image, and so of every map."""
        return self.image.shape[2], self.image.shape[3]

    def scores(self, images: Floats) -> Doubles:
        """The score of every class, (n, classes), before softmax."""
        given = np.repeat(images, 2, axis=0) if len(images) == 1 else images
        outputs = self.engine.predict(given)[: len(images)]
        return outputs.reshape(len(images), -1).astype(np.float64)

    def score(self, images: Floats) -> Doubles:
        """The score of the class that is explained, (n,)."""
        return self.scores(images)[:, self.place]

    def probability(self, images: Floats) -> Doubles:
        """The probability of the class that is explained, (n,)."""
        return softmax(self.scores(images))[:, self.place]

    def maps(self, name: str) -> Doubles:
        """What the layer of that name gives for the image, (c, h, w)."""
        found = self.engine.activations(self.image, [name])[name]
        return np.asarray(found[0], np.float64)

    def gradients(self, images: Floats) -> Arrays:
        """The gradients of the score of each image by everything in `names`."""
        pieces = [
            self._gradients(images[start : start + self.block])
            for start in range(0, len(images), self.block)
        ]
        return {n: np.concatenate([piece[n] for piece in pieces]) for n in self.names}

    def _gradients(self, images: Floats) -> Arrays:
        # One alone would be computed by a program of its own.
        alone = len(images) == 1 < self.block
        given = np.repeat(images, 2, axis=0) if alone else images
        shape = (len(given), *self.engine.network.output)
        arriving = np.zeros((len(given), int(np.prod(shape[1:]))), np.float32)
        arriving[:, self.place] = 1.0
        found = self.engine.output_gradients(given, arriving.reshape(shape), self.names)
        return {name: value[: len(images)] for name, value in found.items()}

    @contextmanager
    def holding(self, parameters: Mapping[str, Floats]) -> Iterator[None]:
        """Inside, the engine holds other parameters; after it its own again."""
        own = self.engine.parameters()
        self.engine.load_parameters(parameters)
        try:
            yield
        finally:
            self.engine.load_parameters(own)


def ask(
    engine: Engine,
    image: Floats,
    place: int | None = None,
    *,
    baseline: Floats | None = None,
    names: Collection[str] = (INPUT,),
    block: int = BLOCK,
) -> Question:
    """The question about the class of that number; else about the one answered.

    `image` (1, c, h, w) is what the network takes. Without `baseline` it is all zeros:
    of images that were normalized, the mean of those trained on. Raises UsageError
    (`explained-image`, `explained-class`), ConfigurationError (`output-not-classes`).

    >>> from mirada import engines
    >>> from mirada.network import Flatten, Linear, Network
    >>> tiny = Network("tiny", (1, 2, 2), (Flatten(), Linear(3)))
    >>> engine = engines.create("reference", tiny, Recipe())
    >>> ask(engine, np.ones((1, 1, 2, 2), np.float32), 2).size
    (2, 2)
    """
    network = engine.network
    if len(network.input) != 3 or image.shape != (1, *network.input):
        raise UsageError(
            "explained-image",
            "Network {network!r} takes images of shape {needed}, and one image is "
            "explained at a time: an array of shape (1, channels, height, width) is "
            "needed; got {given}.",
            network=network.name,
            needed="x".join(map(str, network.input)),
            given=image.shape,
        )
    count = classes(network, Recipe())
    if place is not None and not 0 <= place < count:
        raise UsageError(
            "explained-class",
            "The class to explain must be a number from 0 to {last}; got {place}.",
            last=count - 1,
            place=place,
        )
    given = np.ascontiguousarray(image, np.float32)
    nothing = np.zeros_like(given)
    if baseline is not None:
        nothing += baseline
    used = scoring(engine)
    found = Question(used, given, place or 0, nothing, frozenset(names), block)
    if place is None:
        answered = int(found.scores(given)[0].argmax())
        found = replace(found, place=answered)
    return found


def scoring(engine: Engine) -> Engine:
    """An engine that gives scores: itself, or its like without the last softmax.

    >>> from mirada import engines
    >>> from mirada.network import Linear, Network, Softmax
    >>> soft = Network("soft", (3,), (Linear(2), Softmax()))
    >>> made = scoring(engines.create("reference", soft, Recipe()))
    >>> [node.name for node in made.network.nodes]
    ['linear1']
    """
    last = engine.network.nodes[-1]
    if last.layer.kind != "softmax" or last.source == INPUT:
        return engine
    return trunk_engine(engine, last.source)
