"""What every layer of a trained network makes of an image."""

from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mirada.inspection.maps import LayerMaps
from mirada.inspection.maps import feature_maps as maps_of
from mirada.language import translate
from mirada.network import INPUT
from mirada.notebook.shown import Shown
from mirada.notebook.still import drawn_maps
from mirada.tasks.look_words import layer_words
from mirada.tasks.networks import layer_named
from mirada.tasks.subject import pixels_for
from mirada.tasks.trained import trained
from mirada.training import Model
from mirada.views.svg import Element, element

__all__ = ["feature_maps"]

_FEW, _MANY = 16, 256
"""How many maps of each layer are shown of all layers, and of one."""


def feature_maps(
    run_or_model: str | Path | Model,
    image: str | Path | ArrayLike,
    layer: str | None = None,
) -> Shown:
    """Every layer's maps of an image, or those of one layer; each number can be read.

    The network is a run's folder, a file of weights or a `Model`; the image a file, or
    pixels (h, w, c) of the size that the network takes, from 0 to 255.

    Raises UsageError (`layer-unknown`), DataError for an image that cannot be used,
    and what `trained` does.
    """
    model = (
        run_or_model if isinstance(run_or_model, Model) else trained(str(run_or_model))
    )
    network = model.network
    if layer is not None:
        layer_named(network, layer, [INPUT])
    values = model.preprocessing.normalize(_pixels(model, image)[None])
    shown = [m for m in maps_of(model.engine(), values[0]) if layer in (None, m.layer)]
    most = _FEW if layer is None else _MANY
    words = layer_words(network)
    title = translate("Feature maps of {network}").format(network=network.name)
    still = element("div", *(_still(each, most, words[each.layer]) for each in shown))
    layers, numbers = _packed(shown, most, words)
    return Shown(
        "notebook_maps",
        title,
        still,
        {"layers": layers},
        numbers=numbers,
    )


def _pixels(model: Model, image: str | Path | ArrayLike) -> NDArray[np.uint8]:
    wanted = model.preprocessing
    if not isinstance(image, str | Path):
        pixels = np.asarray(image, np.uint8)
        return pixels[..., None] if pixels.ndim == 2 else pixels
    return pixels_for(wanted, str(image))


def _packed(
    shown: list[LayerMaps], most: int, words: dict[str, str]
) -> tuple[list[dict[str, Any]], bytes]:
    """The layers, and the values of all of them as float32, one after the other."""
    layers, pieces, start = [], [], 0
    for each in shown:
        count = min(most, len(each.values))
        layers.append(
            {
                "layer": each.layer,
                "text": words[each.layer],
                "shape": list(each.shape),
                "count": count,
                "start": start,
            }
        )
        pieces.append(np.ascontiguousarray(each.values[:count], "<f4").tobytes())
        start += count * prod(each.shape[1:])
    return layers, b"".join(pieces)


def _still(each: LayerMaps, most: int, words: str) -> Element:
    shape = "×".join(map(str, each.shape))
    caption = f"{each.layer} ({words}), {shape}"
    figure = element("figcaption", caption)
    return element("figure", figure, drawn_maps(each.values[:most], caption))
