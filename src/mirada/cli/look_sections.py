"""What was learned, as parts of a page: of one layer, or of a whole run."""

from collections.abc import Iterable, Sequence
from math import prod

import numpy as np

from mirada.inspection.dead import Activity
from mirada.inspection.filters import LayerFilters
from mirada.inspection.gabor_bank import Comparison
from mirada.inspection.patches import Patch
from mirada.inspection.probe import Probe
from mirada.inspection.shift import Shift, shift_effects
from mirada.language import translate
from mirada.tasks.sample import Sample
from mirada.tasks.subject import Subject
from mirada.tasks.units import Likings, shown_filters, shown_units
from mirada.training.scores import probabilities
from mirada.views import Section
from mirada.views.dead import DeadLayer, dead_parts
from mirada.views.excited import EXCITED_STYLE, excited_parts
from mirada.views.filters import filter_parts
from mirada.views.maps import WALL_STYLE
from mirada.views.probe import probe_parts
from mirada.views.shifts import ShiftedSet, shift_parts

__all__ = [
    "dead_section",
    "excited_section",
    "filters_section",
    "probe_section",
    "shift_section",
]

_SHIFTED_IMAGES, _LEAST_SHIFTED = 100, 8
_MOST_SHIFTED_VALUES = 2**24


def filters_section(
    filters: LayerFilters, comparison: Comparison | None, most: int
) -> Section:
    """The filters of one convolution, before and after, beside Gabor filters."""
    text = translate("What the filters of {layer} have become")
    limits = None if comparison is None else (comparison.median, comparison.high)
    shown = shown_filters(filters, comparison, most)
    parts = filter_parts(shown, len(filters.after), limits)
    return Section(text.format(layer=filters.layer), tuple(parts), WALL_STYLE)


def excited_section(
    layer: str,
    sample: Sample,
    patches: Sequence[Sequence[Patch]],
    liked: Likings | None,
    most: int,
) -> Section:
    """What excites the first units of a layer, and how it was sought."""
    text = translate("What excites {layer}")
    units = shown_units(sample, patches, liked, most)
    what = translate(
        "For each unit, the images whose patch excites it most. The box is what the "
        "unit sees (its receptive field); the patch is shown beside the image. Beneath "
        "are the class of the image and how much it excites the unit."
    )
    notes = [what] if liked is None else [what, liked.words]
    parts = excited_parts(units, len(patches), notes)
    return Section(text.format(layer=layer), tuple(parts), EXCITED_STYLE)


def dead_section(activities: Iterable[Activity]) -> Section:
    """Which units say nothing."""
    known = [*activities]
    rows = [DeadLayer(a.layer, len(a.awake), a.dead, a.always_on) for a in known]
    parts = dead_parts(rows, known[0].images)
    return Section(translate("Dead units"), tuple(parts))


def probe_section(
    probes: Sequence[Probe], chance: float, chosen: str | None = None
) -> Section:
    """How much of the answer lies open in each layer."""
    return Section(translate("Linear probes"), probe_parts(probes, chance, chosen))


def shift_section(subject: Subject, sample: Sample, names: Sequence[str]) -> Section:
    """What moving images does to the layers called so and to the answer."""
    network = subject.model.network
    values = sum(map(prod, network.shapes.values()))
    most = max(_LEAST_SHIFTED, min(_SHIFTED_IMAGES, _MOST_SHIFTED_VALUES // values))
    count = min(most, len(sample.places))
    spread = np.arange(count) * len(sample.places) // count
    outputs, shifts = shift_effects(subject.engine, sample.values[spread], names=names)
    answers = probabilities(network, outputs).argmax(axis=1)
    sets = []
    for pixels in dict.fromkeys(shift.pixels for shift in shifts):
        here = [shift for shift in shifts if shift.pixels == pixels]
        same = [
            (probabilities(network, s.outputs).argmax(axis=1) == answers).mean()
            for s in here
        ]
        sets.append(ShiftedSet(pixels, float(np.mean(same)), *_means(here)))
    parts = shift_parts(names, sets, count)
    return Section(translate("What a shift does"), tuple(parts))


def _means(
    shifts: Sequence[Shift],
) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    """The mean change and error of every layer over the directions."""
    layers = [*zip(*(shift.layers for shift in shifts), strict=True)]
    changes = tuple(_mean([found.change for found in row]) for row in layers)
    return changes, tuple(_mean([found.error for found in row]) for row in layers)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None
