"""What single units of a trained network have become: filters, likings, patches."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.analysis import receptive_fields
from mirada.errors import Phrase
from mirada.inspection.filters import LayerFilters, convolutions, layer_filters
from mirada.inspection.gabor_bank import Comparison, compare_with_bank
from mirada.inspection.input_box import InputBox, InputBoxes
from mirada.inspection.maximise import Ascent, ascent_for, maximise, middle
from mirada.inspection.patches import Patch
from mirada.inspection.terms import Place
from mirada.inspection.trunk import trunk_engine
from mirada.language import translate
from mirada.network import INPUT, Network, ReLU
from mirada.tasks.sample import Sample
from mirada.tasks.subject import Subject
from mirada.views.excited import ExcitedUnit, ShownPatch
from mirada.views.filters import ShownFilter
from mirada.views.numbers import digits_text

__all__ = [
    "Likings",
    "compared",
    "filters_of",
    "likings",
    "shown_filters",
    "shown_units",
]

Pixels = NDArray[np.uint8]
Edges = tuple[int, int, int, int]


def filters_of(subject: Subject, layer: str) -> LayerFilters | None:
    """The filters of a convolution, also before training if a run says the seed."""
    model, configuration = subject.model, subject.configuration
    if layer not in convolutions(model.network):
        return None
    seed = None if configuration is None else configuration.recipe.seed
    every = layer_filters(model.network, model.parameters, seed)
    return next(found for found in every if found.layer == layer)


def compared(network: Network, filters: LayerFilters) -> Comparison | None:
    """The filters beside a Gabor bank; None of a layer that does not see pixels."""
    node = network.by_name[filters.layer]
    return compare_with_bank(filters.after) if node.source == INPUT else None


def shown_filters(
    filters: LayerFilters, comparison: Comparison | None, most: int
) -> list[ShownFilter]:
    """The first filters as a page draws them."""
    moved, cosine = filters.moved, filters.cosine
    shown = []
    for number in range(min(most, len(filters.after))):
        match = None if comparison is None else comparison.matches[number]
        shown.append(
            ShownFilter(
                number,
                filters.after[number],
                None if filters.before is None else filters.before[number],
                None if moved is None else float(moved[number]),
                None if cosine is None else float(cosine[number]),
                None if match is None else match.image,
                None if match is None else match.correlation,
                None if match is None else match.gabor.angle,
            )
        )
    return shown


class Likings(NamedTuple):
    """What the first units of a layer like: pixels, values before and after, how."""

    images: list[Pixels]
    before: list[float]
    after: list[float]
    ascent: Ascent

    @property
    def words(self) -> str:
        """How the images were sought."""
        text = translate(
            "What a unit likes is sought by climbing its gradient from noise around "
            "the mean image: {steps} steps, an L2 decay of {decay} a step{moves}. It "
            "is no image of the data."
        )
        moves = Phrase(
            ", the image moved about by up to {jitter} px, the gradient smoothed",
            jitter=self.ascent.jitter,
        )
        return text.format(
            steps=self.ascent.steps,
            decay=digits_text(self.ascent.decay),
            moves=moves if self.ascent.jitter else "",
        )


def likings(subject: Subject, layer: str, most: int) -> Likings | None:
    """What the first units of a layer like, cut to what they see.

    A ReLU likes what the layer before it does: where it is off it has no gradient. None
    for the input.
    """
    if layer == INPUT:
        return None
    model = subject.model
    network, wanted = model.network, model.preprocessing
    nodes = network.by_name
    asked = layer
    while isinstance(nodes[asked].layer, ReLU) and nodes[asked].source != INPUT:
        asked = nodes[asked].source
    shape = network.shapes[asked]
    places = [middle(shape, unit) for unit in range(min(most, shape[0]))]
    field = receptive_fields(network)[asked]
    sides = network.input[1:]
    ascent = ascent_for(min(min(sides), field.size if field else min(sides)))
    scale, offset = wanted.coefficients()
    engine = trunk_engine(subject.engine, asked)
    black, white = offset, offset + 255 * scale
    found = maximise(engine, places, black=black, white=white, ascent=ascent)
    top, left, bottom, right = _seen(network, asked, places)
    cut = found.images[:, :, top:bottom, left:right]
    levels = (cut - offset[:, None, None]) / scale[:, None, None]
    pixels = np.rint(np.clip(levels, 0, 255)).astype(np.uint8).transpose(0, 2, 3, 1)
    return Likings([*pixels], found.before.tolist(), found.after.tolist(), ascent)


def _seen(network: Network, layer: str, places: Sequence[Place]) -> Edges:
    """The pixels that outputs at these places see together."""
    boxes = InputBoxes(network)
    known = [boxes.of(layer, place) for place in places]
    edges = np.array([_edges(box, network.input[1:]) for box in known])
    top, left = edges[:, :2].min(axis=0).tolist()
    bottom, right = edges[:, 2:].max(axis=0).tolist()
    return top, left, bottom, right


def _edges(box: InputBox | None, size: Sequence[int]) -> Edges:
    """The edges of a box; those of the whole image where it is not known."""
    return (0, 0, size[0], size[1]) if box is None else box.edges


def shown_units(
    sample: Sample, patches: Sequence[Sequence[Patch]], liked: Likings | None, most: int
) -> list[ExcitedUnit]:
    """The first units as a page draws them."""
    return [
        ExcitedUnit(
            number,
            tuple(_shown_patch(sample, patch) for patch in found),
            liked.images[number] if liked and number < len(liked.images) else None,
            liked.after[number] if liked and number < len(liked.after) else None,
        )
        for number, found in enumerate(patches[:most])
    ]


def _shown_patch(sample: Sample, patch: Patch) -> ShownPatch:
    number = patch.image
    image = sample.image(number)
    box = _edges(patch.box, image.shape[:2])
    return ShownPatch(image, box, sample.label(number), patch.value)
