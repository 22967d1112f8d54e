"""The images that a run is looked into with, and what they tell of its layers."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.analysis import summarize
from mirada.data import Dataset
from mirada.inspection.dead import Activity, ActivityReader
from mirada.inspection.patches import Patch, PatchReader
from mirada.inspection.probe import FeatureReader, Probe, chance, probe
from mirada.inspection.reading import read_through
from mirada.inspection.trunk import trunk
from mirada.language import translate
from mirada.network import INPUT, BatchNorm2d, Dropout, Flatten, Network
from mirada.talk import say
from mirada.tasks.subject import Subject

__all__ = ["Reactions", "Sample", "reactions", "sample_of", "telling"]

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]

_MOST_IMAGES, _LEAST_IMAGES = 1000, 64
_MOST_BYTES = 2**27
_MOST_MACS = 5 * 10**10
_MOST_PROBES = 24
_COPIES = (BatchNorm2d, Dropout, Flatten)
"""Layers after which classes lie apart by planes just as before."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Some images of a data set: `places` are their numbers in it, `of` how many of.

    `values` is what the network takes of them, (n, c, h, w).
    """

    data: Dataset
    places: Labels
    of: int
    values: Floats

    @cached_property
    def labels(self) -> Labels:
        """The label of each."""
        return self.data.labels[self.places]

    @property
    def chance(self) -> float:
        """The share that always naming the commonest class answers right."""
        return chance(self.labels)

    @property
    def can_probe(self) -> bool:
        """Whether two classes have two images each."""
        return int((np.bincount(self.labels) >= 2).sum()) >= 2

    def image(self, number: int) -> NDArray[np.uint8]:
        """The pixels (h, w, c) of one."""
        found: NDArray[np.uint8] = self.data.images[self.places[number]]
        return found

    def label(self, number: int) -> str:
        """The name of the class of one."""
        return self.data.classes[int(self.labels[number])]

    def name(self, number: int) -> str:
        """What the data set calls one."""
        return self.data.names[int(self.places[number])]


def sample_of(subject: Subject, data: Dataset, samples: Labels) -> Sample:
    """At most 1,000 of the samples, evenly spread; fewer of large images and networks.

    Of all images where none were held out, which is told.
    """
    if not len(samples):
        say(translate("No images were held out: those of training are looked at."))
        samples = np.arange(len(data))
    network = subject.model.network
    most = min(
        _MOST_IMAGES,
        _MOST_BYTES // (4 * prod(network.input)),
        max(_LEAST_IMAGES, _MOST_MACS // max(summarize(network).totals.macs, 1)),
    )
    count = min(len(samples), max(most, 1))
    spread = np.arange(count) * len(samples) // max(count, 1)
    places = samples[spread]
    values = subject.model.preprocessing.normalize(data.images[places])
    return Sample(data, places, len(samples), values)


def telling(network: Network, last: str | None = None) -> tuple[str, ...]:
    """The input and the layers that are worth a probe, at most 24; up to `last`.

    Layers that only reorder or scale what they take are left out.
    """
    nodes = network.nodes
    if last is not None:
        nodes = () if last == INPUT else trunk(network, last).nodes
    names = [
        node.name
        for node in nodes
        if not isinstance(node.layer, _COPIES) or node.name == last
    ]
    if len(names) >= _MOST_PROBES:
        kept = np.linspace(0, len(names) - 1, _MOST_PROBES - 1).astype(int)
        names = [names[place] for place in kept]
    return (INPUT, *names)


class Reactions(NamedTuple):
    """How layers answer to images: units above zero, patches by layer, probes."""

    activities: dict[str, Activity]
    patches: dict[str, list[list[Patch]]]
    probes: list[Probe]


def reactions(
    subject: Subject,
    sample: Sample,
    *,
    watched: Collection[str],
    excited: Collection[str],
    probed: Collection[str],
    most: int,
) -> Reactions:
    """How layers answer to a sample, every image computed once.

    Of `watched` layers how often units are above zero, of `excited` ones the `most`
    best patches, of `probed` ones the accuracy of a linear probe.
    """
    network = subject.model.network
    activity = ActivityReader(network, watched)
    patches = PatchReader(network, excited, most)
    features = FeatureReader(network, probed if sample.can_probe else ())
    read_through(subject.engine, sample.values, (activity, patches, features))
    count = len(sample.labels)
    probes = [
        Probe(name, rows.shape[1], int(probe(rows, sample.labels).sum()), count)
        for name, rows in features.found().items()
    ]
    return Reactions(
        {found.layer: found for found in activity.found()}, patches.found(), probes
    )
