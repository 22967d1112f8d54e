"""Values of a run that suit a network and its data when nobody says, and why."""

from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from mirada.data import Augmentation, Dataset, choose_augmentation
from mirada.errors import Phrase
from mirada.network import SGD, OneCycle, Optimizer, Rate, Schedule

__all__ = [
    "Choice",
    "augmentation",
    "batch_size",
    "class_weights",
    "epochs",
    "optimizer",
    "patience",
    "rates",
    "schedule",
    "threads",
]

_SMALL = 36
_SMALL_SEEN, _LARGE_SEEN = (800_000, 5, 40), (75_000, 10, 150)
"""How many images are seen in all, and the least and the most epochs for that."""
_FEW_IMAGES, _MANY_IMAGES = 5000, 20_000
_MOST_THREADS = 16
_TAKEN = 0.4
_UNEVEN, _MOST_WEIGHT = 5, 10.0

T = TypeVar("T")


class Choice(NamedTuple, Generic[T]):
    """A value that was chosen automatically, and the reason."""

    value: T
    reason: Phrase


def epochs(images: int, side: int = 0) -> Choice[int]:
    """How many epochs for so many training images, the larger side of which is `side`.

    About 800,000 small images are seen in all, of larger ones about 75,000, which
    take longer each and are seen differently every time.

    >>> epochs(54_000).value, epochs(1259).value, epochs(432, 64).value
    (15, 40, 150)
    """
    seen, least, most = _SMALL_SEEN if side <= _SMALL else _LARGE_SEEN
    count = min(max(round(seen / images), least), most)
    return Choice(
        count,
        Phrase(
            "{images} training images are seen {count} times each; from {least} to "
            "{most} times, about {seen} in all where that lies between",
            images=images,
            count=count,
            least=least,
            most=most,
            seen=seen,
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
        SGD(0.05, momentum=0.9, weight_decay=5e-4),
        Phrase(
            "with a one-cycle schedule small networks learn fast and do not diverge"
        ),
    )


def schedule() -> Choice[Schedule]:
    """How the learning rate goes."""
    return Choice(
        OneCycle(), Phrase("up and down once: fast, and settled at the last epoch")
    )


def class_weights(
    counts: NDArray[np.int64], *, asked: bool = False
) -> Choice[tuple[float, ...]]:
    """What a mistake costs in each class of so many training images: n / (k n_c).

    None where the largest class has less than 5 times the images of the smallest,
    unless they are `asked` for. A weight is 10 at most: a class of a few images
    would else drive every step that holds one.

    >>> class_weights(np.array([90, 10])).value
    (0.555556, 5.0)
    >>> class_weights(np.array([60, 40])).value
    ()
    """
    present = counts[counts > 0]
    most = int(present.max(initial=0))
    least = int(present.min(initial=most))
    values = {"most": most, "least": least}
    if not asked and most < _UNEVEN * least:
        why = Phrase("the classes are even enough: {most} to {least} images", **values)
        return Choice((), why)
    weights = counts.sum() / (len(counts) * np.maximum(counts, 1))
    found = tuple(round(float(weight), 6) for weight in weights.clip(max=_MOST_WEIGHT))
    return Choice(
        found,
        Phrase(
            "the classes have {most} to {least} training images; each gets the same "
            "say, n / (k n_c), 10 at most",
            **values,
        ),
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


def rates(drawn: tuple[str, ...]) -> Choice[tuple[Rate, ...]]:
    """What learns how fast where weights are taken from another run.

    Layers in `drawn` at the whole rate, all others at 0.4 of it, about 1 / 2.6: what
    was learned is to be adapted, not lost (discriminative rates, arXiv 1801.06146,
    section 3.2).

    >>> [rate.text() for rate in rates(("head",)).value]
    ['* 0.4', 'head 1.0']
    """
    found = (Rate("*", _TAKEN), *(Rate(layer, 1.0) for layer in drawn))
    why = Phrase(
        "what was learned before is adapted at {factor} of the rate of what is drawn "
        "anew; --rate '*=1' turns this off",
        factor=_TAKEN,
    )
    return Choice(found, why)


def threads() -> Choice[int]:
    """How many threads compute: as many as there are processors for this process."""
    # LLVM takes a while to load, and `mirada train --help` needs none.
    from mirada.compiler.target import cores

    count = min(cores(), _MOST_THREADS)
    return Choice(count, Phrase("the processors this process may use"))
