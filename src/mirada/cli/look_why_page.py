"""Why some held-out images were answered as they were: a part of a run's page."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from mirada.analysis import summarize
from mirada.cli.look_why_figures import title_text, why_figure
from mirada.data import Dataset
from mirada.inspection import Reason, fitting_methods, reasons
from mirada.inspection.methods import ABOUT
from mirada.language import translate
from mirada.network import Network
from mirada.tasks.subject import Subject
from mirada.views import Element, Section
from mirada.views.page import note, side_by_side, wide
from mirada.views.svg import element

__all__ = ["sections"]

_METHODS = ("grad-cam", "integrated-gradients", "saliency")
"""What is shown: the first two of them that work on the network."""
_RIGHT, _WRONG = 3, 3
"""Images that were answered right and wrong."""
_MOST_ANSWERED = 1024
"""Held-out images among which they are looked for."""
_MOST_MACS = 4e11
"""Multiplications that a page is worth: a few seconds. More decide how many images."""
_RUNS = 1500
"""Times that the network computes an image, or as much work, for one image's maps."""


def sections(
    subject: Subject, data: Dataset, samples: NDArray[np.int64]
) -> Iterator[Section]:
    """Why some held-out images were answered as they were, right and wrong."""
    if not len(samples):
        return
    some = samples[:: -(-len(samples) // _MOST_ANSWERED)]
    shares = subject.model.predict(data.images[some], subject.engine, flips=False)
    labels = np.asarray(data.labels)[some]
    rows = _chosen(shares, labels)[: _affordable(subject.model.network)]
    fitting = fitting_methods(subject.model.network)
    first = [method for method in _METHODS if method in fitting][:2]
    methods = [method for method in fitting if method in first]
    figures, passed, count = [], 0, 0
    for row in rows:
        pixels = np.asarray(data.images[some[row]])
        values = subject.model.preprocessing.normalize(pixels[None])
        found = reasons(subject.engine, values, methods)
        passed += sum(reason.trusted for reason in found)
        count += len(found)
        true = subject.model.classes[labels[row]]
        figures.append(_page_figure(subject, row, true, pixels, found))
    if figures:
        words = _page_note(methods, passed, count)
        title = translate("Why these answers")
        yield Section(title, (*words, side_by_side(*figures)))


def _affordable(network: Network) -> int:
    """How many images the page shows: 1 at least."""
    macs = summarize(network).totals.macs
    return max(1, int(_MOST_MACS / (_RUNS * max(macs, 1))))


def _chosen(shares: NDArray[np.float64], labels: NDArray[np.int64]) -> list[int]:
    """Right answers and mistakes in turn, so that the first few have both."""
    pairs = zip_longest(_right(shares, labels), _wrong(shares, labels))
    return [row for pair in pairs for row in pair if row is not None]


def _right(shares: NDArray[np.float64], labels: NDArray[np.int64]) -> list[int]:
    """The first right answer of some classes."""
    right = np.flatnonzero(shares.argmax(axis=1) == labels)
    _, first = np.unique(labels[right], return_index=True)
    return [int(row) for row in right[np.sort(first)][:_RIGHT]]


def _wrong(shares: NDArray[np.float64], labels: NDArray[np.int64]) -> list[int]:
    """The surest mistakes."""
    wrong = np.flatnonzero(shares.argmax(axis=1) != labels)
    order = np.argsort(-shares.max(axis=1)[wrong], kind="stable")
    return [int(row) for row in wrong[order][:_WRONG]]


def _page_figure(
    subject: Subject,
    row: int,
    true: str,
    pixels: NDArray[np.uint8],
    found: Sequence[Reason],
) -> Element:
    answer = found[0].answer
    name = subject.model.classes[answer.place]
    words = translate("answered right")
    if name != true:
        words = translate("answered wrong: truly {name}").format(name=true)
    key = f"reasons-{row}"
    drawn = why_figure(name, words, pixels, found, key, narrow=True)
    title = title_text(name, answer.probability)
    return wide(title, drawn)


def _page_note(methods: Sequence[str], passed: int, count: int) -> Iterator[Element]:
    for method in methods:
        yield element("p", element("b", method), f": {ABOUT[method]}", class_="note")
    text = translate(
        "A map is worth what its checks say. Deletion: the mean probability of the "
        "class while the strongest pixels are removed first; insertion: while they are "
        "put in first; both beside the same map laid elsewhere. With random weights: "
        "how like the map is to that of a network that never learned. {passed} of "
        "{count} maps pass all three."
    )
    yield note(text.format(passed=passed, count=count))
