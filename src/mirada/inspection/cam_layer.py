"""Which layer a class activation map is taken from, and why."""

from dataclasses import dataclass
from math import prod

from mirada.analysis import ReceptiveField, receptive_fields
from mirada.errors import Phrase, UsageError
from mirada.inspection.enlarge import Axis
from mirada.inspection.trunk import reached
from mirada.network import INPUT, Network
from mirada.network.layer import shape_text

__all__ = ["CamLayer", "cam_layer", "mapped_layers"]

_FINE = 7
"""Places along an axis that a chosen map should have, or half as many as the image."""
_COARSENING = {"maxpool", "avgpool", "globalavgpool", "upsample", "dropout"}
"""Kinds that only bring the maps before them to another size."""


@dataclass(frozen=True)
class CamLayer:
    """A layer whose maps are weighed: its name, its maps, what one place of them sees.

    `chosen` is whether mirada chose it, `least` the (height, width) it looked for.
    """

    name: str
    maps: int
    size: tuple[int, int]
    field: ReceptiveField | None
    chosen: bool
    least: tuple[int, int]

    @property
    def fine(self) -> bool:
        """Whether its maps have as many places as were looked for."""
        return _fits(self.size, self.least)

    @property
    def axes(self) -> tuple[Axis, Axis] | None:
        """Where its places lie along height and width: in the middle of what they see.

        None where that is not known, or not one step after the other.
        """
        if self.field is None:
            return None
        found = [
            (axis.start + (axis.size - 1) / 2, float(axis.jump))
            for axis in (self.field.height, self.field.width)
            if axis.jump and axis.size == axis.smallest
        ]
        return (found[0], found[1]) if len(found) == 2 else None

    @property
    def why(self) -> Phrase:
        """Why this layer, in one sentence."""
        size, least = (f"{h}x{w}" for h, w in (self.size, self.least))
        if not self.chosen:
            return Phrase(
                "Layer {name} was asked for: {maps} maps of {size}.",
                name=self.name,
                maps=self.maps,
                size=size,
            )
        if not self.fine:
            return Phrase(
                "Layer {name}: no layer has maps of {least} or more, and these are the "
                "finest there are ({maps} maps of {size}).",
                name=self.name,
                maps=self.maps,
                size=size,
                least=least,
            )
        return Phrase(
            "Layer {name}: the last one whose maps ({maps} of {size}) have {least} "
            "places or more, before pooling and flattening lose where things are.",
            name=self.name,
            maps=self.maps,
            size=size,
            least=least,
        )

    @property
    def sees(self) -> Phrase | None:
        """What one place of its maps sees, None where that is not known."""
        if self.field is None:
            return None
        return Phrase(
            "One place of a map sees {height}x{width} pixels of the image.",
            height=self.field.height.size,
            width=self.field.width.size,
        )


def cam_layer(network: Network, name: str | None = None) -> CamLayer:
    """The layer of that name, or the one that mirada chooses.

    It chooses the last layer that every path from the image to the answer goes through
    and whose maps have at least 7x7 places (half the image's side, where that is less);
    no pooling, which only coarsens the maps before it. Where none is as fine, the
    finest.

    Raises UsageError: `cam-layer` for a layer without maps, or that the answer does not
    depend on; `cam-no-layer` where no layer will do.

    >>> from mirada.models import lenet5
    >>> found = cam_layer(lenet5())
    >>> found.name, found.size
    ('relu2', (10, 10))
    """
    names = mapped_layers(network)
    if not names:
        raise UsageError(
            "cam-no-layer",
            "Network {network!r} has no layer with maps that a class activation map "
            "could be taken from. Ask another way: {others}.",
            network=network.name,
            others="saliency, integrated-gradients, occlusion, rise",
        )
    if name is not None and name not in (*names, INPUT):
        raise UsageError(
            "cam-layer",
            "Layer {name!r} gives {shape}: there is no map in it to be weighed, or the "
            "answer does not depend on it. Layers that will do: {known}.",
            name=name[:60],
            shape=shape_text(network.shapes[name]) if name in network.shapes else "-",
            known=", ".join(names),
        )
    least = _least(network)
    used = name or _chosen(network, names, least)
    maps, height, width = network.shapes[used]
    field = receptive_fields(network)[used] if used != INPUT else None
    return CamLayer(used, maps, (height, width), field, name is None, least)


def mapped_layers(network: Network) -> list[str]:
    """The layers whose outputs have places, and on which the answer depends.

    >>> from mirada.network import Conv2d, Flatten, Linear
    >>> mapped_layers(Network("n", (1, 4, 4), (Conv2d(2, 3), Flatten(), Linear(2))))
    ['conv1']
    """
    needed = reached(network, network.nodes[-1].name)
    return [
        node.name
        for node in network.nodes
        if node.name in needed and prod(network.shapes[node.name][1:]) > 1
    ]


def _least(network: Network) -> tuple[int, int]:
    height, width = (min(_FINE, -(-length // 2)) for length in network.input[1:])
    return height, width


def _chosen(network: Network, names: list[str], least: tuple[int, int]) -> str:
    nodes = network.by_name
    own = [n for n in names if nodes[n].layer.kind not in _COARSENING] or names
    whole = [name for name in own if _is_on_every_path(network, name)] or own
    sizes = {name: network.shapes[name][1:] for name in whole}
    fine = [name for name in whole if _fits(sizes[name], least)]
    if fine:
        return fine[-1]
    return max(reversed(whole), key=lambda name: prod(sizes[name]))


def _fits(size: tuple[int, ...], least: tuple[int, int]) -> bool:
    return all(own >= wanted for own, wanted in zip(size, least, strict=True))


def _is_on_every_path(network: Network, name: str) -> bool:
    last = network.nodes[-1].name
    return INPUT not in reached(network, last, without=name)
