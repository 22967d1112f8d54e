"""What augmentation does to a source's own images, asked again at every change."""

import threading
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from mirada.data.augment import Augmentation
from mirada.data.augment_text import EXAMPLES, WORDS
from mirada.errors import MiradaError
from mirada.lab.asked import Answer, Asked
from mirada.lab.data_places import source_of
from mirada.lab.lab import Lab
from mirada.lab.tiles import sheet
from mirada.lab.training_order import order_of
from mirada.talk import heard_by
from mirada.tasks.prepare import Chosen, Order, choose
from mirada.tasks.preview import Preview
from mirada.training import Wishes

__all__ = ["Previews", "preview", "words"]

_MOST_TEXT = 1 << 20
_SIDE = 96


class Previews:
    """The images of the source that was previewed last, kept at their size."""

    def __init__(self, lab: Lab) -> None:
        self._lock = threading.Lock()
        self._known: tuple[Order, Chosen] | None = None

    def chosen(self, order: Order) -> Chosen:
        """The images of an order as its network gets them, read once."""
        order = replace(order, wishes=Wishes())
        with self._lock:
            if self._known is None or self._known[0] != order:
                self._known = None
                with heard_by(_nobody):  # the page shows the notes itself
                    found = choose(order)
                self._known = (order, found)
            return self._known[1]

    def forget(self, source: str) -> None:
        """Reads a source anew the next time: its images may be others."""
        with self._lock:
            if self._known is not None and self._known[0].source == source:
                self._known = None

    def close(self) -> None:
        """Lets the images go."""
        self._known = None


def _nobody(text: object) -> None:
    """Hears what is said of reading."""


def words(lab: Lab, asked: Asked) -> Answer:
    """Every augmentation there is, as it is written with numbers that suit."""
    return {"words": [EXAMPLES.get(word, word) for word in WORDS]}


def preview(lab: Lab, asked: Asked) -> Answer:
    """The first images of the first epoch, untouched and as five epochs bring them.

    The request is what training is ordered by, with `source` for the data. A network
    that these images do not fit, which training refuses, is left aside.
    """
    options = {"options": asked.value.get("options"), "data": source_of(lab, asked)}
    order = order_of(options)
    if order.wishes.augment is not None:  # refused before anything is read
        Augmentation.from_text(str(order.wishes.augment))
    if text := asked.text("network", "", most=_MOST_TEXT).strip():
        with suppress(MiradaError):
            own = order_of({**options, "network": text})
            return _shown(_planned(lab, own), is_own=True)
    return _shown(_planned(lab, order))


def _planned(lab: Lab, order: Order) -> Preview:
    chosen = lab.part(Previews).chosen(order)
    return Preview(chosen.plan(order.wishes, order.source))


def _shown(found: Preview, *, is_own: bool = False) -> dict[str, Any]:
    rows, configuration = found.rows(), found.plan.configuration
    origin = configuration.origins["augmentation"]
    images = [np.asarray(tile.image) for row in rows for tile in row.tiles]
    samples, data = found.samples.tolist(), found.plan.data
    return {
        **found.to_dict(),
        "is_own": is_own,
        "notes": [str(note) for note in data.notes],
        "origin": origin.kind,
        "reason": str(origin.reason),
        "rows": [
            {
                "label": data.classes[int(data.labels[sample])],
                "name": data.names[sample],
                "captions": [tile.caption for tile in row.tiles],
            }
            for sample, row in zip(samples, rows, strict=True)
        ],
        **sheet(images, _SIDE),
    }
