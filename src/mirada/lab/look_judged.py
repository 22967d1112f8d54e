"""What the images that a run did not learn say of it: right, wrong, and doubted."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.lab.asked import Answer, Asked, Event, Events
from mirada.lab.lab import Lab
from mirada.lab.look_learned import thumbnail
from mirada.lab.look_runs import Opened, listened, opened
from mirada.talk import heard_by
from mirada.tasks.findings import summary
from mirada.tasks.findings_plain import plain_findings
from mirada.views.reliability import reliability_figure
from mirada.views.svg import write

__all__ = ["judged", "samples"]

_MOST_ANSWERED = 512
_MOST_SAMPLES = 24
_MOST_DOUBTS = 24


def samples(lab: Lab, asked: Asked) -> Answer:
    """Some of the images that the run is judged by, right answers and mistakes mixed.

    They are looked for among a few hundred, so that large data answers at once too.
    """
    run = opened(lab, asked)
    with heard_by(lambda text: None):  # told where the figures are
        data, found = run.images()
    if not len(found.samples):
        return {"samples": [], "total": 0}
    some = found.samples[:: -(-len(found.samples) // _MOST_ANSWERED)]
    shares = run.model.predict(data.images[some], run.engine)
    rows = _mixed(shares, data.labels[some])[:_MOST_SAMPLES]
    taken = shares.argmax(axis=1)
    return {
        "samples": [
            {
                "sample": int(some[row]),
                "name": data.names[some[row]],
                "label": data.classes[int(data.labels[some[row]])],
                "answer": data.classes[int(taken[row])],
                "probability": float(shares[row].max()),
                "image": thumbnail(data.images[some[row]]),
            }
            for row in rows
        ],
        "total": len(found.samples),
    }


def _mixed(shares: NDArray[np.float64], labels: NDArray[np.int64]) -> list[int]:
    """One right answer of each class and the surest mistakes in turn, then the rest."""
    is_right = shares.argmax(axis=1) == labels
    right = np.flatnonzero(is_right)
    _, first = np.unique(labels[right], return_index=True)
    leaders = right[np.sort(first)]
    wrong = np.flatnonzero(~is_right)
    worst = wrong[np.argsort(-shares.max(axis=1)[wrong], kind="stable")]
    pairs = zip_longest(leaders.tolist(), worst.tolist())
    mixed = [row for pair in pairs for row in pair if row is not None]
    rest = np.setdiff1d(right, leaders).tolist()
    return [*mixed, *rest]


def judged(lab: Lab, asked: Asked) -> Answer:
    """Events "told" and "found": figures, mistakes and doubts."""
    return Events(_judged(opened(lab, asked)))


def _judged(run: Opened) -> Iterator[Event]:
    yield from listened("found", lambda: _found(run))


def _found(run: Opened) -> dict[str, Any]:
    data, judges = run.images()
    reasons = [str(reason) for reason in judges.reasons]
    if not len(judges.samples):
        return {"images": 0, "reasons": reasons}
    found = run.findings()
    doubts = found.labels.suggestions[:_MOST_DOUBTS]
    plain = plain_findings(found)
    return {
        **plain,
        "reasons": reasons,
        "summary": summary(found, labels=""),
        "reliability": write(reliability_figure(found.calibration.bins)),
        "classes": list(found.evaluation.classes),
        "confusion": [list(row) for row in found.evaluation.confusion],
        "mistakes": [
            {**item, "image": thumbnail(data.images[item["sample"]])}
            for item in plain["mistakes"]
        ],
        "wrong_labels": [
            {
                **item,
                "sample": found.sample(doubt),
                "image": thumbnail(data.images[found.sample(doubt)]),
            }
            for item, doubt in zip(plain["wrong_labels"], doubts, strict=False)
        ],
        "doubts": len(found.labels.suggestions),
    }
