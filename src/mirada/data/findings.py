"""What a survey of a data set gives reason to warn of, other than copies."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from mirada.data.copies import (
    Samples,
    copy_warnings,
    group_warnings,
    named,
    near_warnings,
    part_name,
)
from mirada.data.dataset import Part
from mirada.data.survey import Survey
from mirada.data.warning import DataWarning
from mirada.errors import Phrase

__all__ = ["FEWEST", "TINY", "UNEVEN", "findings"]

UNEVEN = 5
"""The largest class has this many times the images of the smallest."""
FEWEST = 10
"""Fewer images of a class cannot be divided into parts that say anything."""
TINY = 16
"""Pixels on the shorter side of an image that shows little."""


def findings(survey: Survey) -> tuple[DataWarning, ...]:
    """All warnings, the serious ones first."""
    samples = Samples(survey.names, survey.labels, survey.classes, survey.parts)
    found = [
        *_of_classes(survey),
        *copy_warnings(samples, survey.same_pixels, survey.same_bytes),
        *(group_warnings(samples, survey.groups) if survey.groups else ()),
        *near_warnings(samples, survey.near),
        *_of_images(survey),
    ]
    return tuple(sorted(found, key=lambda warning: not warning.is_serious))


def _of_classes(survey: Survey) -> Iterator[DataWarning]:
    counts, classes = survey.counts(), survey.classes
    if not len(survey):
        text = Phrase("No image can be used. See why each file was left out.")
        yield DataWarning("no-images", text)
        return
    for name, count in zip(classes, counts.tolist(), strict=True):
        facts = {"classes": [name], "counts": [count]}
        if not count:
            text = Phrase(
                "No image of class '{name}' can be used. Repair them, or remove the "
                "class.",
                name=name,
            )
            yield DataWarning("class-without-images", text, (), facts)
        elif count < FEWEST:
            text = Phrase(
                "Images of class '{name}': {count}. Below {fewest}, parts to validate "
                "and to test say little. Add images.",
                name=name,
                count=count,
                fewest=FEWEST,
            )
            files = _files(survey, survey.labels == classes.index(name))
            yield DataWarning("class-too-small", text, files, facts)
    if len(classes) == 1:
        text = Phrase("There is only one class, '{name}'.", name=classes[0])
        yield DataWarning("one-class", text, (), {"classes": list(classes)})
    yield from _of_parts(survey)
    yield from _imbalance(survey)


def _of_parts(survey: Survey) -> Iterator[DataWarning]:
    for part, counts in survey.part_counts().items():
        lost = [
            name
            for name, count, all_parts in zip(
                survey.classes, counts.tolist(), survey.counts().tolist(), strict=True
            )
            if all_parts and not count
        ]
        if lost:
            text = Phrase(
                "Part '{part}' has no image of {classes}.",
                part=part_name(part),
                classes=named(lost),
            )
            facts = {"classes": lost, "parts": [part_name(part)]}
            yield DataWarning("class-missing-in-part", text, (), facts)


def _imbalance(survey: Survey) -> Iterator[DataWarning]:
    counts = survey.counts()
    if survey.parts is not None:
        counts = survey.part_counts().get(Part.TRAIN, counts)
    known = np.flatnonzero(counts)
    if not len(known):
        return
    most = int(counts.argmax())
    least = int(known[counts[known].argmin()])
    if counts[most] < UNEVEN * counts[least]:
        return
    text = Phrase(
        "The classes are uneven: '{most}' has {most_count} images, '{least}' has "
        "{least_count}. Look at the recall of each class, or train with "
        "--class-weights auto.",
        most=survey.classes[most],
        most_count=int(counts[most]),
        least=survey.classes[least],
        least_count=int(counts[least]),
    )
    facts = {
        "classes": [survey.classes[most], survey.classes[least]],
        "counts": [int(counts[most]), int(counts[least])],
    }
    yield DataWarning("class-imbalance", text, (), facts)


def _of_images(survey: Survey) -> Iterator[DataWarning]:
    records = survey.records
    height, width = records["height"], records["width"]
    across = width > height
    upright = height > width
    some = (across, upright)
    fewer = min(some, key=lambda mask: int(mask.sum()))
    if all(mask.any() for mask in some):
        text = Phrase(
            "Images that lie across: {across}; that stand upright: {upright}. Cut to a "
            "square, they lose other sides.",
            across=int(across.sum()),
            upright=int(upright.sum()),
        )
        yield DataWarning("mixed-orientation", text, _files(survey, fewer))
    texts: tuple[tuple[str, NDArray[np.bool_], Callable[[int], Phrase]], ...] = (
        ("exif-rotated", records["turned"], _turned),
        ("constant-images", records["constant"], _constant),
        ("tiny-images", np.minimum(height, width) < TINY, _tiny),
        ("grey-among-colour", _lone_grey(survey), _grey),
    )
    for code, mask, text_of in texts:
        if mask.any():
            yield DataWarning(code, text_of(int(mask.sum())), _files(survey, mask))


def _turned(count: int) -> Phrase:
    return Phrase(
        "Images turned as their EXIF says: {count}. A program that ignores it shows "
        "them lying.",
        count=count,
    )


def _constant(count: int) -> Phrase:
    return Phrase("Images of one colour throughout: {count}.", count=count)


def _tiny(count: int) -> Phrase:
    return Phrase(
        "Images with fewer than {side} pixels on a side: {count}.",
        count=count,
        side=TINY,
    )


def _grey(count: int) -> Phrase:
    return Phrase(
        "Grey images among others in colour: {count}. If that goes with the class, the "
        "network will learn it.",
        count=count,
    )


def _lone_grey(survey: Survey) -> NDArray[np.bool_]:
    """Grey images where others have colour; one colour throughout is told apart."""
    coloured = survey.records["coloured"]
    if not coloured.any():
        return np.zeros(len(survey), dtype=np.bool_)
    grey: NDArray[np.bool_] = ~coloured & ~survey.records["constant"]
    return grey


def _files(survey: Survey, mask: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(survey.names[place] for place in np.flatnonzero(mask))
