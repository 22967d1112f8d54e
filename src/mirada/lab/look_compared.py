"""Two runs beside each other: how they learned, what differs, who was right."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from mirada.lab.asked import Answer, Asked, Event, Events
from mirada.lab.lab import Lab
from mirada.lab.look_learned import thumbnail
from mirada.lab.look_runs import Opened, listened, opened
from mirada.language import translate
from mirada.tasks.differences import changed_cells
from mirada.tasks.findings import Findings
from mirada.training import Configuration, read_run
from mirada.training.comparison import configuration_changes

__all__ = ["compared"]

_MOST_IMAGES = 24


def compared(lab: Lab, asked: Asked) -> Answer:
    """Events "curves", "differences" and "answers" of the runs `run` and `other`."""
    both = opened(lab, asked), opened(lab, asked, "other")
    return Events(_parts(*both))


def _parts(run: Opened, other: Opened) -> Iterator[Event]:
    yield "curves", {"runs": [_rows(each) for each in (run, other)]}
    own = [each.subject.configuration for each in (run, other)]
    known = [each for each in own if each is not None]
    rows = _differences(known) if len(known) == 2 else None
    yield "differences", {"rows": rows}
    yield from listened("answers", lambda: _answers(run, other))


def _rows(run: Opened) -> list[dict[str, Any]]:
    """The epochs of a run; none of weights without their run."""
    folder = Path(run.subject.run)
    if not folder.is_dir() or run.subject.configuration is None:
        return []
    return [asdict(row) for row in read_run(folder).rows]


def _differences(runs: list[Configuration]) -> list[list[str]]:
    return [changed_cells(change) for change in configuration_changes(runs)]


def _answers(run: Opened, other: Opened) -> dict[str, Any]:
    """The images that one run answers right and the other wrong."""
    if run.model.classes != other.model.classes:
        why = translate("They tell different classes apart: no answers to compare.")
        return {"why": why, "images": 0}
    mine, theirs = run.images(), other.images()
    if not len(mine.judges.samples) or not len(theirs.judges.samples):
        why = translate("One of them held out no image: no answers to compare.")
        return {"why": why, "images": 0}
    places = {name: at for at, name in enumerate(_names(other.findings()))}
    pairs = [
        (at, places[name])
        for at, name in enumerate(_names(run.findings()))
        if name in places
    ]
    if not pairs:
        why = translate("No image was held out by both: no answers to compare.")
        return {"why": why, "images": 0}
    return _told(run.findings(), other.findings(), pairs)


def _names(found: Findings) -> list[str]:
    return [found.data.names[sample] for sample in found.answers.samples]


def _told(
    mine: Findings, theirs: Findings, pairs: list[tuple[int, int]]
) -> dict[str, Any]:
    here, there = (np.array(places) for places in zip(*pairs, strict=True))
    samples = mine.answers.samples[here]
    labels = mine.data.labels[samples]
    shares = mine.answers.probabilities[here], theirs.answers.probabilities[there]
    right = [each.argmax(axis=1) == labels for each in shares]
    lists = []
    for one, two in ((right[0], right[1]), (right[1], right[0])):
        lists.append(np.flatnonzero(one & ~two))
    return {
        "why": "",
        "images": len(pairs),
        "right": [int(each.sum()) for each in right],
        "both": int((right[0] & right[1]).sum()),
        "neither": int((~right[0] & ~right[1]).sum()),
        "only": [len(each) for each in lists],
        "shown": [
            [
                {
                    "sample": int(samples[row]),
                    "name": mine.data.names[samples[row]],
                    "label": mine.data.classes[int(labels[row])],
                    "answers": [
                        mine.data.classes[int(each[row].argmax())] for each in shares
                    ],
                    "image": thumbnail(mine.data.images[samples[row]]),
                }
                for row in each[:_MOST_IMAGES]
            ]
            for each in lists
        ],
    }
