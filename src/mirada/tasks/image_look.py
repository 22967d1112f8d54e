"""One image seen by a trained network: the answer, every layer, and shifts."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.inspection.maps import LayerMaps, layer_maps
from mirada.inspection.shift import Shift, shift_effects
from mirada.network import Network
from mirada.tasks.subject import Picture, Subject
from mirada.training.scores import mean_outputs, mirror_images, probabilities

__all__ = ["ImageLook", "Moved", "look_at"]

Shares = NDArray[np.float64]


class Moved(NamedTuple):
    """One shift, and the probabilities after it."""

    shift: Shift
    shares: Shares

    @property
    def answer(self) -> int:
        """The number of the likeliest class."""
        return int(self.shares.argmax())

    @property
    def probability(self) -> float:
        """Its probability."""
        return float(self.shares.max())


@dataclass(frozen=True, eq=False)
class ImageLook:
    """All that was computed for one image; `layer` is the one that was asked for."""

    network: Network
    classes: tuple[str, ...]
    picture: Picture
    layer: str | None
    shares: Shares
    maps: list[LayerMaps]
    moved: list[Moved]

    @property
    def answers(self) -> list[tuple[str, float]]:
        """Every class with its probability, the likeliest first."""
        order = np.argsort(-self.shares, kind="stable")
        return [(self.classes[place], float(self.shares[place])) for place in order]


def look_at(subject: Subject, picture: Picture, layer: str | None) -> ImageLook:
    """Every layer's maps, the probabilities, and every shift with its own.

    Answers are those of `mirada predict`: the mean of an image's and its mirror image's
    where the run did so.
    """
    engine, network = subject.engine, subject.model.network
    outputs, shifts = shift_effects(engine, picture.values)
    values = engine.activations(picture.values, [*network.shapes])
    every = np.concatenate([outputs, *(shift.outputs for shift in shifts)])
    if subject.model.flips:
        turned, moved = shift_effects(engine, mirror_images(picture.values))
        by_move = {(s.pixels, _mirrored(s.direction)): s.outputs for s in moved}
        others = [by_move[s.pixels, s.direction] for s in shifts]
        every = mean_outputs(network, every, np.concatenate([turned, *others]))
    shares = probabilities(network, every)
    return ImageLook(
        network,
        subject.model.classes,
        picture,
        layer,
        shares[0],
        [m for m in layer_maps(network, values) if layer in (None, m.layer)],
        list(map(Moved, shifts, shares[1:])),
    )


def _mirrored(direction: str) -> str:
    return {"left": "right", "right": "left"}.get(direction, direction)
