"""What one layer has learned, or a whole network: filters, best patches, dead units."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirada.cli.look_learned_text import print_learned
from mirada.cli.look_sections import (
    dead_section,
    excited_section,
    filters_section,
    probe_section,
    shift_section,
)
from mirada.cli.output import show_json
from mirada.cli.output_folder import write_into
from mirada.data import Dataset
from mirada.data.naming import shown_path
from mirada.inspection.dead import rectified
from mirada.inspection.filters import convolutions
from mirada.tasks.layer_look import SHOWN_UNITS, LayerLook, look_into
from mirada.tasks.look_words import file_name, layer_words
from mirada.tasks.sample import reactions, sample_of, telling
from mirada.tasks.subject import Subject
from mirada.tasks.units import compared, filters_of, likings
from mirada.views import Section, page_html
from mirada.views.page import contents

__all__ = ["sections", "show"]

SCHEMA = 1

_MOST_FILTERS = 64
_RUN_FILTERS, _RUN_UNITS, _RUN_PATCHES = 32, 6, 4
_RUN_CONVOLUTIONS = 3


def show(
    subject: Subject, layer: str, source: str | None, folder: Path, *, as_json: bool
) -> None:
    """Prints what the layer learned; writes it as a page."""
    look = look_into(subject, layer, source)
    name = file_name("layer", layer, suffix=".html")
    (path,) = write_into(folder, {name: _page(look).encode()})
    if as_json:
        written = shown_path(path)
        show_json({"schema": SCHEMA, **look.plain(), "written": written})
    else:
        print_learned(look, path)


def _page(look: LayerLook) -> str:
    """The page of one layer, in the language in use."""
    what = layer_words(look.network)[look.layer]
    found = [*_layer_sections(look)]
    styles = (section.style for section in found)
    return page_html(f"{look.layer} ({what})", contents(found), styles)


def _layer_sections(look: LayerLook) -> Iterator[Section]:
    if look.filters is not None:
        yield filters_section(look.filters, look.comparison, _MOST_FILTERS)
    if look.patches:
        units = look.patches, look.liked, SHOWN_UNITS
        yield excited_section(look.layer, look.sample, *units)
    if look.activity is not None:
        yield dead_section([look.activity])
    if look.found.probes:
        yield probe_section(look.found.probes, look.sample.chance, look.layer)


def sections(
    subject: Subject, data: Dataset, samples: NDArray[np.int64]
) -> Iterator[Section]:
    """What the page of a run says of what was learned; samples were held out.

    The filters of the first convolution, what excites some units of the first, the
    middle and the last one, dead units, linear probes, and what shifts do.
    """
    network = subject.model.network
    sample = sample_of(subject, data, samples)
    excited = _spread(convolutions(network))
    probed = telling(network)
    found = reactions(
        subject,
        sample,
        watched=rectified(network),
        excited=excited,
        probed=probed,
        most=_RUN_PATCHES,
    )
    filters = filters_of(subject, excited[0]) if excited else None
    if filters is not None:
        yield filters_section(filters, compared(network, filters), _RUN_FILTERS)
    for layer in excited:
        liked = likings(subject, layer, _RUN_UNITS)
        yield excited_section(layer, sample, found.patches[layer], liked, _RUN_UNITS)
    if found.activities:
        yield dead_section(found.activities.values())
    if found.probes:
        yield probe_section(found.probes, sample.chance)
    yield shift_section(subject, sample, probed)


def _spread(names: tuple[str, ...]) -> tuple[str, ...]:
    """The first, the middle and the last of many."""
    places = np.linspace(0, len(names) - 1, min(len(names), _RUN_CONVOLUTIONS))
    return tuple(names[round(place)] for place in places)
