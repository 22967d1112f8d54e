"""What augmentation does to a source's own images, asked again at every change."""

import threading
from typing import Any

import numpy as np

from mirada.data.augment import Augmentation
from mirada.data.augment_text import EXAMPLES, WORDS
from mirada.lab.asked import Answer, Asked
from mirada.lab.data_places import source_of
from mirada.lab.lab import Lab
from mirada.lab.tiles import sheet
from mirada.talk import heard_by
from mirada.tasks.prepare import AUTOMATIC, Chosen, Order, choose
from mirada.tasks.preview import Preview
from mirada.training import Wishes

__all__ = ["Previews", "preview", "words"]

_LARGEST_SIDE = 1024
_SIDE = 96


class Previews:
    """The images of the source that was previewed last, kept at their size."""

    def __init__(self, lab: Lab) -> None:
        self._lock = threading.Lock()
        self._known: tuple[tuple[str, int], Chosen] | None = None

    def chosen(self, source: str, size: int) -> Chosen:
        """The images of a source at a size (0: the automatic one), read once."""
        with self._lock:
            if self._known is None or self._known[0] != (source, size):
                self._known = None
                with heard_by(_nobody):  # the page shows the notes itself
                    found = choose(Order(AUTOMATIC, source, size or None))
                self._known = ((source, size), found)
            return self._known[1]

    def forget(self, source: str) -> None:
        """Reads a source anew the next time: its images may be others."""
        with self._lock:
            if self._known is not None and self._known[0][0] == source:
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

    `augment` is a text, or "auto" for what training chooses when nothing is said.
    """
    text = asked.text("augment", "auto").strip() or AUTOMATIC
    if text != AUTOMATIC:
        text = Augmentation.from_text(text).text()  # refused before anything is read
    source = source_of(lab, asked)
    chosen = lab.part(Previews).chosen(source, asked.whole("size", 0, _LARGEST_SIDE, 0))
    wished = None if text == AUTOMATIC else text
    wishes = Wishes(
        augment=wished,
        seed=asked.whole("seed", 0, 2**31 - 1, 0),
        validation=asked.number("validation", 0, 0.9, 0.1),
        test=asked.number("test", 0, 0.9, 0.2),
        group_by=asked.text("by", "", most=80) or None,
    )
    return _shown(Preview(chosen.plan(wishes, source)))


def _shown(found: Preview) -> dict[str, Any]:
    rows, configuration = found.rows(), found.plan.configuration
    origin = configuration.origins["augmentation"]
    images = [np.asarray(tile.image) for row in rows for tile in row.tiles]
    samples, data = found.samples.tolist(), found.plan.data
    return {
        **found.to_dict(),
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
