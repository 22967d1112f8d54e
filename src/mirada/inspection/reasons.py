"""Why this answer: a map for every method asked for, never without its scores."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.engines import Engine
from mirada.errors import UsageError
from mirada.inspection.cam import grad_cam, grad_cam_plus_plus, layer_cam
from mirada.inspection.cam_layer import CamLayer, cam_layer, mapped_layers
from mirada.inspection.enlarge import enlarged
from mirada.inspection.gradients import integrated_gradients, saliency
from mirada.inspection.methods import CAMS, METHODS
from mirada.inspection.occlusion import occlusion
from mirada.inspection.question import BLOCK, Question, ask
from mirada.inspection.reason import Answer, Reason
from mirada.inspection.reliability import (
    Randomisation,
    deletion,
    insertion,
    random_networks,
    rank_correlation,
)
from mirada.inspection.rise import rise
from mirada.network import INPUT, Network
from mirada.reference.activation import softmax

__all__ = ["fitting_methods", "reasons"]

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]
Method = Callable[[Question], Doubles]

_CAMS = {
    "grad-cam": grad_cam,
    "grad-cam++": grad_cam_plus_plus,
    "layer-cam": layer_cam,
}
"""Each gives a map on the layer's own places."""

_BY_PIXELS = ("saliency", "integrated-gradients")
"""Those that ask for gradients by the image itself."""


def reasons(
    engine: Engine,
    image: Floats,
    methods: Collection[str],
    *,
    place: int | None = None,
    layer: str | None = None,
    baseline: Floats | None = None,
    seed: int = 0,
) -> tuple[Reason, ...]:
    """The reasons by each method, in the order of `METHODS`.

    `image` (1, c, h, w) is what the network takes; `place` the number of the class,
    else the one answered; `layer` that of class activation maps, else the one that
    `cam_layer` chooses; `baseline` what removed pixels turn into, else zeros, the mean
    of images that were normalized. The same arguments give the same numbers.

    While it works the engine at times holds other weights: nobody else may use it. It
    takes 378 predictions a method, and each map four times: with "rise" 8192 more.

    Raises UsageError: `explained-method`, and those of `ask` and `cam_layer`.

    >>> from mirada import engines
    >>> from mirada.network import Conv2d, Flatten, Linear, Network, Recipe
    >>> tiny = Network("tiny", (1, 4, 4), (Conv2d(2, 3), Flatten(), Linear(2)))
    >>> engine = engines.create("reference", tiny, Recipe())
    >>> (found,) = reasons(engine, np.ones((1, 1, 4, 4), np.float32), ["grad-cam"])
    >>> found.layer.name, found.values.shape
    ('conv1', (4, 4))
    """
    wanted = _in_order(methods)
    weighed = any(method in CAMS for method in wanted)
    used = cam_layer(engine.network, layer) if weighed else None
    names = {INPUT} if set(wanted) & {*_BY_PIXELS} else set()
    names |= {used.name} if used else set()
    block = BLOCK if "integrated-gradients" in wanted else 1
    question = ask(engine, image, place, baseline=baseline, names=names, block=block)
    asking = _Asking(wanted, used, seed)
    answer, grids = _answer(question), asking.grids(question)
    own = asking.maps(question, grids)
    others = random_networks(question, asking.maps)
    return tuple(
        Reason(
            method,
            values,
            answer,
            used if method in CAMS else None,
            grids.get(method),
            deletion(question, values, seed),
            insertion(question, values, seed),
            _randomisation(values, [other[method] for other in others]),
        )
        for method, values in own.items()
    )


def fitting_methods(network: Network) -> tuple[str, ...]:
    """The methods that work on a network: without any maps, no class activation maps.

    >>> from mirada.network import Flatten, Linear
    >>> plain = Network("plain", (1, 4, 4), (Flatten(), Linear(2)))
    >>> fitting_methods(plain)
    ('saliency', 'integrated-gradients', 'occlusion', 'rise')
    """
    maps = bool(mapped_layers(network))
    return tuple(method for method in METHODS if maps or method not in CAMS)


class _Asking(NamedTuple):
    """What is asked of the trained network and of random ones alike."""

    methods: Sequence[str]
    layer: CamLayer | None
    seed: int

    def grids(self, question: Question) -> dict[str, Doubles]:
        """The class activation maps on the layer's own places."""
        if self.layer is None:
            return {}
        name = self.layer.name
        return {m: _CAMS[m](question, name) for m in self.methods if m in _CAMS}

    def maps(
        self, question: Question, grids: Mapping[str, Doubles] | None = None
    ) -> dict[str, Doubles]:
        """A map of the image by each method; `grids` are those of before, if known."""
        known = self.grids(question) if grids is None else grids
        by_pixels = _pixel_methods(self.seed)
        return {
            method: enlarged(known[method], question.size, self.layer.axes)
            if self.layer and method in known
            else by_pixels[method](question)
            for method in self.methods
        }


def _in_order(methods: Collection[str]) -> list[str]:
    unknown = [method for method in methods if method not in METHODS]
    if unknown:
        raise UsageError(
            "explained-method",
            "There is no method {method!r}; there are {known}.",
            method=str(unknown[0])[:60],
            known=", ".join(METHODS),
        )
    return [method for method in METHODS if method in methods]


def _pixel_methods(seed: int) -> dict[str, Method]:
    return {
        "saliency": saliency,
        "integrated-gradients": integrated_gradients,
        "occlusion": occlusion,
        "rise": partial(rise, seed=seed),
    }


def _answer(question: Question) -> Answer:
    scores = question.scores(np.concatenate([question.image, question.baseline]))
    shares, place = softmax(scores)[0], question.place
    first = int(shares.argmax())
    return Answer(
        place,
        score=float(scores[0, place]),
        nothing=float(scores[1, place]),
        probability=float(shares[place]),
        first=first,
        share=float(shares[first]),
    )


def _randomisation(values: Doubles, others: list[Doubles]) -> Randomisation:
    return Randomisation(tuple(rank_correlation(values, other) for other in others))
