"""What a layer has learned: its filters, what excites its units, and what they like."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.inspection.patches import Patch
from mirada.lab.asked import Answer, Asked, Event, Events
from mirada.lab.lab import Lab
from mirada.lab.look_runs import Opened, listened, opened
from mirada.network import INPUT
from mirada.tasks.layer_look import watched_layer
from mirada.tasks.look_words import rounded
from mirada.tasks.sample import Sample, reactions, telling
from mirada.tasks.units import compared, filters_of, likings
from mirada.views.maps import shrunk
from mirada.views.png import data_uri

__all__ = ["learned", "thumbnail"]

_MOST_FILTERS, _MOST_SLICES = 32, 8
_MOST_UNITS, _PATCHES = 16, 6
_THUMBNAIL = 96


def learned(lab: Lab, asked: Asked) -> Answer:
    """Events "filters", "units", "liked": each as soon as it is there."""
    run = opened(lab, asked)
    return Events(_parts(run, run.subject.layer(asked.text("layer"))))


def _parts(run: Opened, layer: str) -> Iterator[Event]:
    filters = _filters(run, layer)
    if filters is not None:
        yield "filters", filters
    yield from listened("units", lambda: _units(run, layer))
    liked = likings(run.subject, layer, _MOST_UNITS)
    if liked is not None:
        yield (
            "liked",
            {
                "words": liked.words,
                "images": [thumbnail(image) for image in liked.images],
                "before": liked.before,
                "after": liked.after,
            },
        )
    yield "done", {}


def _filters(run: Opened, layer: str) -> dict[str, Any] | None:
    """The first filters now and before training, their strongest slices each."""
    found = filters_of(run.subject, layer)
    if found is None:
        return None
    after, before = found.after[:_MOST_FILTERS], found.before
    comparison = compared(run.model.network, found)
    slices = min(after.shape[1], _MOST_SLICES)
    sizes = np.abs(found.after).sum(axis=(0, 2, 3))
    kept = sorted(np.argsort(-sizes, kind="stable")[:slices].tolist())
    moved, cosine = found.moved, found.cosine
    return {
        "filters": len(found.after),
        "channels": found.after.shape[1],
        "kept": kept,
        "shape": [len(after), slices, *after.shape[2:]],
        "after": _numbers(after[:, kept]),
        "before": None if before is None else _numbers(before[: len(after), kept]),
        "moved": None if moved is None else list(map(rounded, moved.tolist())),
        "cosine": None if cosine is None else list(map(rounded, cosine.tolist())),
        "gabor": None
        if comparison is None
        else {
            "median": comparison.median,
            "high": comparison.high,
            "above": comparison.above,
            "count": len(found.after),
        },
    }


def _numbers(values: NDArray[np.float32]) -> list[float]:
    return [float(f"{value:.6g}") for value in values.ravel().tolist()]


def _units(run: Opened, layer: str) -> dict[str, Any]:
    made, sample = run.model.network, run.sample()
    watched = watched_layer(made, layer)
    found = reactions(
        run.subject,
        sample,
        watched=() if watched is None else (watched,),
        excited=() if layer == INPUT else (layer,),
        probed=telling(made, layer),
        most=_PATCHES,
    )
    units = found.patches.get(layer, [])
    activity = None if watched is None else found.activities[watched]
    return {
        "images": len(sample.places),
        "of": sample.of,
        "units": len(units),
        "patches": [
            [_patch(sample, patch) for patch in unit] for unit in units[:_MOST_UNITS]
        ],
        "activity": None
        if activity is None
        else {
            "layer": activity.layer,
            "units": len(activity.awake),
            "dead": list(activity.dead),
            "always_on": list(activity.always_on),
        },
        "probes": [
            {"layer": p.layer, "accuracy": p.accuracy, "interval": list(p.interval)}
            for p in found.probes
        ],
        "chance": sample.chance,
    }


def _patch(sample: Sample, patch: Patch) -> dict[str, Any]:
    pixels = sample.image(patch.image)
    box = patch.box.edges if patch.box else (0, 0, *pixels.shape[:2])
    top, left, bottom, right = box
    return {
        "sample": int(sample.places[patch.image]),
        "label": sample.label(patch.image),
        "value": rounded(patch.value),
        "place": [patch.row, patch.column],
        "size": list(pixels.shape[:2]),
        "box": list(box),
        "image": thumbnail(pixels),
        "patch": thumbnail(pixels[top:bottom, left:right]),
    }


def thumbnail(pixels: NDArray[np.uint8], most: int = _THUMBNAIL) -> str:
    """An image (h, w, c) of at most `most` a side, as an address that holds it."""
    small = np.rint(shrunk(pixels, most)).astype(np.uint8)
    return data_uri(np.ascontiguousarray(small))
