"""What weights of eight bits cost, measured on images that a run did not see."""

import numpy as np
from numpy.typing import NDArray

from mirada.analysis import summarize
from mirada.data import Dataset
from mirada.export import Int8, rounded_to_int8
from mirada.language import count_text, translate
from mirada.network import Network
from mirada.tasks.quantities import percent_text
from mirada.training import Model

__all__ = ["WEIGHTS", "int8_of", "int8_text"]

WEIGHTS = ("float32", "int8")
"""How wide weights may be in what is exported."""
_MACS = 10**11
_LEAST = 100
"""Images that are asked at least, as many more as have so many MACs together."""


def int8_of(model: Model, found: tuple[Dataset, NDArray[np.int64]] | None) -> Int8:
    """The model with weights of eight bits, beside itself on images and their labels.

    All images are asked, or as many as take bearable time, evenly taken.
    """
    narrow = rounded_to_int8(model)
    if found is None:
        return Int8(narrow)
    data, samples = found
    count = min(len(samples), _bearable(model.network))
    places = np.linspace(0, len(samples) - 1, count).round().astype(int)
    chosen = samples[np.unique(places)]
    images, labels = data.images[chosen], data.labels[chosen]
    wide_answers, narrow_answers = (
        each.predict(images, flips=False).argmax(axis=1) for each in (model, narrow)
    )
    return Int8(
        narrow,
        len(chosen),
        float((narrow_answers == labels).mean()),
        float((wide_answers == labels).mean()),
        float((narrow_answers == wide_answers).mean()),
    )


def _bearable(network: Network) -> int:
    return max(_LEAST, _MACS // max(summarize(network).totals.macs, 1))


def int8_text(int8: Int8) -> str:
    """The measurement in one sentence."""
    name = translate("Weights of 8 bits")
    if not int8.images:
        return f"{name}: {translate('not measured on held-out images')}"
    text = translate(
        "{narrow} of {count} images are answered rightly; with weights of 32 bits "
        "{wide}. {same} of the answers are the same."
    )
    told = text.format(
        narrow=percent_text(int8.accuracy),
        wide=percent_text(int8.float32_accuracy),
        same=percent_text(int8.agreement),
        count=count_text(int8.images),
    )
    return f"{name}: {told}"
