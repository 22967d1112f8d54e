"""Values of a run that suit a network and its data when nobody says, and why."""

import os
from typing import Generic, NamedTuple, TypeVar

from mirada.data import Augmentation, Dataset, choose_augmentation
from mirada.errors import Phrase
from mirada.network import SGD, OneCycle, Optimizer, Schedule

__all__ = [
    "Choice",
    "augmentation",
    "batch_size",
    "epochs",
    "optimizer",
    "patience",
    "schedule",
    "threads",
]

_IMAGES_SEEN = 250_000
_LEAST_EPOCHS, _MOST_EPOCHS = 5, 40
_FEW_IMAGES, _MANY_IMAGES = 5000, 20_000
_MOST_THREADS = 16

T = TypeVar("T")


class Choice(NamedTuple, Generic[T]):
    """A value that was chosen automatically, and the reason."""

    value: T
    reason: Phrase


def epochs(images: int) -> Choice[int]:
    """How many epochs for so many training images: about 250,000 are seen in all.

    >>> epochs(54_000).value, epochs(1259).value
    (5, 40)
    """
    count = min(max(round(_IMAGES_SEEN / images), _LEAST_EPOCHS), _MOST_EPOCHS)
    return Choice(
        count,
        Phrase(
            "{images} training images are seen {count} times each; from {least} to "
            "{most} times, about {seen} in all where that lies between",
            images=images,
            count=count,
            least=_LEAST_EPOCHS,
            most=_MOST_EPOCHS,
            seen=_IMAGES_SEEN,
        ),
    )


def batch_size(images: int) -> Choice[int]:
    """How many images a step takes."""
    if images < _FEW_IMAGES:
        return Choice(
            32, Phrase("with {images} images more steps an epoch help", images=images)
        )
    return Choice(64, Phrase("a good trade of speed against the number of steps"))


def optimizer() -> Choice[Optimizer]:
    """The optimizer with its peak learning rate."""
    return Choice(
        SGD(0.03, momentum=0.9),
        Phrase(
            "with a one-cycle schedule small networks learn fast and do not diverge"
        ),
    )


def schedule() -> Choice[Schedule]:
    """How the learning rate goes."""
    return Choice(
        OneCycle(), Phrase("up and down once: fast, and settled at the last epoch")
    )


def patience(plan: Schedule) -> Choice[int | None]:
    """After how many epochs without a better one to stop."""
    if plan.kind in ("onecycle", "cosine"):
        why = Phrase("no early end: most is gained while the learning rate falls")
        return Choice(None, why)
    return Choice(10, Phrase("ten epochs without a better one seldom precede one"))


def augmentation(data: Dataset, images: int) -> Choice[Augmentation]:
    """What may happen to training images."""
    if images >= _MANY_IMAGES:
        why = Phrase("{images} images are enough without changing them", images=images)
        return Choice(Augmentation(), why)
    found, reasons = choose_augmentation(data)
    joined: Phrase | str = ""
    for reason in reasons:
        joined = Phrase("{one} {two}", one=joined, two=reason) if joined else reason
    return Choice(found, Phrase("{reason}", reason=joined))


def threads() -> Choice[int]:
    """How many threads compute: as many as there are processors for this process."""
    count = min(_available_processors(), _MOST_THREADS)
    return Choice(count, Phrase("the processors this process may use"))


def _available_processors() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
