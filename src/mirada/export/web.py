"""A trained network compiled for the browser, with what a page has to know of it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from mirada.analysis import summarize
from mirada.compiler.wasm import Standalone, standalone
from mirada.engines.slots import write_slots
from mirada.errors import UnsupportedError
from mirada.export.levels import levels_of
from mirada.export.probabilities import ending_in_softmax
from mirada.network import AvgPool2d, Conv2d, ConvTranspose2d, MaxPool2d, Network
from mirada.training import Model
from mirada.version import __version__

__all__ = ["WebNetwork", "web"]

_SHOWN = (Conv2d, ConvTranspose2d, MaxPool2d, AvgPool2d)
_MOST_LAYERS = 8
_MOST_BYTES = 256 << 20
_ARENAS = {"parameters": "parameters", "pixels": "images", "probabilities": "outputs"}


class WebNetwork(NamedTuple):
    """What a page is made of: what is to be known, the code and the weights."""

    about: Mapping[str, Any]
    code: bytes
    weights: bytes


def web(model: Model) -> WebNetwork:
    """A model compiled for the browser.

    Raises UnsupportedError (`web-too-large`).
    """
    network = ending_in_softmax(model.network)
    _require_size(network, 4 * summarize(network).totals.parameters)
    made = standalone(network, _shown_layers(network), levels_of(model))
    _require_size(network, made.memory_bytes)
    return WebNetwork(_about(model, network, made), made.code, _weights(made, model))


def _about(model: Model, network: Network, made: Standalone) -> Mapping[str, Any]:
    """What `compiled.js` and the page are told, as JSON holds it."""
    seen, summary = model.preprocessing, summarize(network)
    texts = {row.name: row.text for row in summary.layers}
    height, width = seen.size
    return {
        "name": network.name,
        "classes": list(model.classes),
        "input": {
            "height": height,
            "width": width,
            "channels": seen.channels,
            "resize": seen.resize,
        },
        "places": {name: made.arenas[arena][0] for name, arena in _ARENAS.items()},
        "layers": [
            {"layer": name, "text": texts[name], "shape": shape, "at": at}
            for name in _shown_layers(network)
            for at, shape in [made.maps[name]]
        ],
        "parameters": summary.totals.parameters,
        "bytes": made.memory_bytes,
        "made": f"mirada {__version__}",
    }


def _shown_layers(network: Network) -> list[str]:
    """The convolutions and poolings whose maps are shown: all, or some of very many."""
    names = [
        node.name
        for node in network.nodes
        if isinstance(node.layer, _SHOWN) and len(network.shapes[node.name]) == 3
    ]
    if len(names) <= _MOST_LAYERS:
        return names
    places = np.linspace(0, len(names) - 1, _MOST_LAYERS).round().astype(int)
    return [names[place] for place in places]


def _require_size(network: Network, needed: int) -> None:
    if needed > _MOST_BYTES:
        raise UnsupportedError(
            "web-too-large",
            "The network {name!r} needs {needed} MB in a page; browsers get along with "
            "{most} MB. Export it with --to onnx or --to torch, or train a smaller "
            "network.",
            name=network.name,
            needed=-(-needed // 10**6),
            most=_MOST_BYTES // 10**6,
        )


def _weights(made: Standalone, model: Model) -> bytes:
    """The parameters as they lie in the memory of the code, little-endian."""
    _, size = made.arenas["parameters"]
    flat = np.zeros(size // 4, "<f4")
    write_slots(made.slots, flat, model.parameters)
    return flat.tobytes()
