"""All that is measured of one layer of a trained network."""

from dataclasses import dataclass
from math import prod
from typing import Any

from mirada.inspection.dead import Activity, relu_after
from mirada.inspection.filters import LayerFilters
from mirada.inspection.gabor_bank import Comparison
from mirada.inspection.patches import Patch
from mirada.network import INPUT, Network, ReLU
from mirada.tasks.look_words import rounded
from mirada.tasks.sample import Reactions, Sample, reactions, sample_of, telling
from mirada.tasks.subject import Subject
from mirada.tasks.units import Likings, compared, filters_of, likings

__all__ = ["SHOWN_UNITS", "LayerLook", "look_into", "watched_layer"]

SHOWN_UNITS = 16
"""How many units of a layer are liked for and shown with patches."""

_PATCHES = 6


@dataclass(frozen=True, eq=False)
class LayerLook:
    """What was measured: filters of convolutions, patches, units, probes.

    `activity` is that of the ReLU that takes what the layer gives, or of the layer
    itself where a ReLU has gone before; None where there is none.
    """

    network: Network
    layer: str
    sample: Sample
    filters: LayerFilters | None
    comparison: Comparison | None
    liked: Likings | None
    activity: Activity | None
    found: Reactions

    @property
    def patches(self) -> list[list[Patch]]:
        """For every unit its best patches; none of the input, which is all pixels."""
        return self.found.patches.get(self.layer, [])

    @property
    def parameters(self) -> int:
        """How many numbers the layer learns."""
        return sum(
            prod(item.shape)
            for name, item in self.network.parameters.items()
            if name.rpartition(".")[0] == self.layer and item.role != "statistic"
        )

    def plain(self) -> dict[str, Any]:
        """The numbers as JSON shows them."""
        node = self.network.by_name.get(self.layer)
        return {
            "layer": self.layer,
            "kind": INPUT if node is None else node.layer.kind,
            "shape": list(self.network.shapes[self.layer]),
            "parameters": self.parameters,
            "images": len(self.sample.places),
            "units": [self._unit(number) for number in range(len(self.patches))],
            "gabor": None
            if self.comparison is None
            else {
                "random_median": rounded(self.comparison.median),
                "random_high": rounded(self.comparison.high),
                "above": self.comparison.above,
            },
            "activity": None if self.activity is None else _activity(self.activity),
            "probes": [
                {
                    "layer": score.layer,
                    "features": score.features,
                    "accuracy": rounded(score.accuracy),
                    "low": rounded(score.interval[0]),
                    "high": rounded(score.interval[1]),
                }
                for score in self.found.probes
            ],
            "chance": rounded(self.sample.chance),
        }

    def _unit(self, number: int) -> dict[str, Any]:
        is_shown = number < SHOWN_UNITS
        patches = self.patches[number] if is_shown else []
        return {
            "unit": number,
            **self._filter(number),
            "patches": [self._patch(patch) for patch in patches],
            "liked": self._liked(number),
        }

    def _filter(self, number: int) -> dict[str, Any]:
        """How far the filter went, and its Gabor filter; nulls of what has none."""
        filters, comparison = self.filters, self.comparison
        match = None if comparison is None else comparison.matches[number]
        moved = None if filters is None else filters.moved
        cosine = None if filters is None else filters.cosine
        return {
            "moved": None if moved is None else rounded(float(moved[number])),
            "cosine": None if cosine is None else rounded(float(cosine[number])),
            "gabor": None
            if match is None
            else {
                "correlation": rounded(match.correlation),
                "share": rounded(match.share),
                **{n: rounded(value) for n, value in match.gabor._asdict().items()},
            },
        }

    def _patch(self, patch: Patch) -> dict[str, Any]:
        box = None if patch.box is None else patch.box.to_dict()
        return {
            "image": self.sample.name(patch.image),
            "label": self.sample.label(patch.image),
            "value": rounded(patch.value),
            "place": [patch.row, patch.column],
            "rows": box and box["rows"],
            "columns": box and box["columns"],
        }

    def _liked(self, number: int) -> dict[str, Any] | None:
        if self.liked is None or number >= len(self.liked.after):
            return None
        before, after = self.liked.before[number], self.liked.after[number]
        return {"before": rounded(before), "after": rounded(after)}


def look_into(subject: Subject, layer: str, source: str | None) -> LayerLook:
    """Everything of one layer; raises what `Subject.data` does."""
    network = subject.model.network
    sample = sample_of(subject, *subject.data(source))
    filters = filters_of(subject, layer)
    watched = watched_layer(network, layer)
    found = reactions(
        subject,
        sample,
        watched=() if watched is None else (watched,),
        excited=() if layer == INPUT else (layer,),
        probed=telling(network, layer),
        most=_PATCHES,
    )
    return LayerLook(
        network,
        layer,
        sample,
        filters,
        None if filters is None else compared(network, filters),
        likings(subject, layer, SHOWN_UNITS),
        None if watched is None else found.activities[watched],
        found,
    )


def watched_layer(network: Network, layer: str) -> str | None:
    """The layer whose units are said to be dead or not when `layer` is asked for."""
    if layer == INPUT:
        return None
    after = relu_after(network, layer)
    if after is not None:
        return after
    nodes = network.by_name
    name = layer
    while name != INPUT and not isinstance(nodes[name].layer, ReLU):
        node = nodes[name]
        if node.others or node.layer.parameters(*network.input_shapes(node)):
            return None
        name = node.source
    return None if name == INPUT else layer


def _activity(found: Activity) -> dict[str, Any]:
    return {
        "layer": found.layer,
        "units": len(found.awake),
        "dead": list(found.dead),
        "always_on": list(found.always_on),
    }
