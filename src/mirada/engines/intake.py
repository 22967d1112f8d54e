"""What comes into an engine, checked once for all: batches, labels, weights."""

from collections.abc import Collection, Iterator, Mapping
from math import prod

import numpy as np
from numpy.typing import NDArray

from mirada.errors import (
    ConfigurationError,
    DataError,
    DivergenceError,
    FileError,
    Phrase,
    UsageError,
)
from mirada.mixing import Mixing
from mirada.network import INPUT, CrossEntropy, Network, Recipe, Shape
from mirada.network.rate import learned_names

__all__ = [
    "MOST_THREADS",
    "checked_arrays",
    "checked_arriving",
    "checked_images",
    "checked_labels",
    "checked_mixing",
    "checked_names",
    "checked_threads",
    "chunks",
    "classes",
    "diverged",
    "dominant",
    "learned",
]

Floats = NDArray[np.float32]
MOST_THREADS = 256


def learned(network: Network, recipe: Recipe) -> dict[str, Shape]:
    """The shapes of the parameters that training moves, by full name."""
    moved = learned_names(network, recipe.rates)
    return {n: p.shape for n, p in network.parameters.items() if n in moved}


def classes(network: Network, recipe: Recipe) -> int:
    """How many classes the network tells apart, or `ConfigurationError`."""
    count = prod(network.output)
    if network.output not in ((count,), (count, 1, 1)):
        raise ConfigurationError(
            "output-not-classes",
            "Network {network!r} gives {shape} for an image, and training on labels "
            "needs one number a class. End it with a flatten and a linear layer.",
            network=network.name,
            shape="x".join(map(str, network.output)),
        )
    loss = recipe.loss
    if isinstance(loss, CrossEntropy) and len(loss.class_weights) not in (0, count):
        raise ConfigurationError(
            "class-weights-count",
            "The loss has {given} class weights, but network {network!r} tells "
            "{count} classes apart. Give one weight a class, or none.",
            given=len(loss.class_weights),
            network=network.name,
            count=count,
        )
    return count


def checked_images(
    network: Network, images: NDArray[np.floating], most: int | None = None
) -> Floats:
    """The batch as contiguous float32 (n, *network.input), or `UsageError`.

    A training batch holds from 1 to `most` images; without `most` any number will do.
    """
    if images.ndim == 0 or images.shape[1:] != network.input:
        raise UsageError(
            "batch-images",
            "Network {network!r} takes a batch of shape (n, {needed}); got an array "
            "of shape {given}. Resize the images first.",
            network=network.name,
            needed=", ".join(map(str, network.input)),
            given=images.shape,
        )
    if most is not None and not 1 <= len(images) <= most:
        raise UsageError(
            "batch-size",
            "A training batch holds 1 to {most} images; got {count}. The recipe's "
            "batch_size is the largest.",
            most=most,
            count=len(images),
        )
    return np.ascontiguousarray(images, np.float32)


def checked_labels(
    labels: NDArray[np.integer], count: int, classes: int
) -> NDArray[np.int64]:
    """The labels as int64 (count,), each below `classes`, or an error."""
    if labels.shape != (count,) or labels.dtype.kind not in "iu":
        raise UsageError(
            "batch-labels",
            "A batch of {count} images needs {count} whole-number labels; got an array "
            "of {kind} of shape {given}.",
            count=count,
            kind=labels.dtype.name,
            given=labels.shape,
        )
    outside = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(outside):
        raise DataError(
            "label-range",
            "Image {place} of the batch has label {label}, but the network tells "
            "{classes} classes apart, 0 to {last}. Give it one output a class.",
            place=int(outside[0]),
            label=int(labels[outside[0]]),
            classes=classes,
            last=classes - 1,
        )
    return labels.astype(np.int64)


def checked_mixing(mixing: Mixing | None, count: int, classes: int) -> Mixing | None:
    """The second labels as int64 (count,), their shares as float32, or an error."""
    if mixing is None:
        return None
    labels, shares = checked_labels(mixing.labels, count, classes), mixing.shares
    fits = shares.shape == (count,) and shares.dtype.kind == "f"
    if not fits or not ((shares >= 0.0) & (shares <= 1.0)).all():
        raise UsageError(
            "mixing-shares",
            "A mixed batch of {count} images needs {count} shares from 0 to 1; got "
            "{given}. The share is that of the second label.",
            count=count,
            given=np.array2string(shares, threshold=8),
        )
    return Mixing(labels, np.ascontiguousarray(shares, np.float32))


def dominant(labels: NDArray[np.int64], mixing: Mixing | None) -> NDArray[np.int64]:
    """The label with the larger share of each image, its own where both are a half."""
    if mixing is None:
        return labels
    return np.where(mixing.shares > 0.5, mixing.labels, labels)


def checked_arrays(
    values: Mapping[str, NDArray[np.floating]], shapes: Mapping[str, Shape]
) -> dict[str, Floats]:
    """A float32 copy of every array that `shapes` names, or `FileError`."""
    for name in (*shapes, *values):
        if name not in values or name not in shapes:
            raise FileError(
                "weights-names",
                "The weights {difference}. They belong to another network; use those "
                "of this one.",
                difference=Phrase("lack {name!r}", name=name)
                if name in shapes
                else Phrase("hold {name!r}, which this network has not", name=name),
            )
        if values[name].shape != shapes[name]:
            raise FileError(
                "weights-shape",
                "The weights hold {name!r} of shape {given}; this network needs "
                "{needed}. They belong to another network; use those of this one.",
                name=name,
                given=values[name].shape,
                needed=shapes[name],
            )
    return {name: values[name].astype(np.float32) for name in shapes}


def checked_names(network: Network, names: Collection[str]) -> frozenset[str]:
    """The names of layers, "input" among them, or `UsageError`."""
    for name in names:
        if name not in network.shapes:
            raise UsageError(
                "layer-name",
                "Network {network!r} has no layer {name!r}. Its layers: {known}.",
                network=network.name,
                name=name,
                known=", ".join(network.shapes),
            )
    return frozenset(names)


def checked_arriving(
    network: Network, arriving: NDArray[np.floating], count: int
) -> Floats:
    """The gradient by the outputs as float32 (n, *network.output), or `UsageError`."""
    needed = (count, *network.output)
    if arriving.shape != needed:
        raise UsageError(
            "arriving-shape",
            "The gradient by the outputs of {count} images has shape {needed}; got "
            "{given}.",
            count=count,
            needed=needed,
            given=arriving.shape,
        )
    return np.ascontiguousarray(arriving, np.float32)


def checked_threads(threads: int) -> int:
    """The number of threads, or `UsageError`."""
    if not 1 <= threads <= MOST_THREADS:
        raise UsageError(
            "thread-count",
            "The number of threads must be from 1 to {most}; got {threads}. Leave it "
            "out to use every core.",
            most=MOST_THREADS,
            threads=threads,
        )
    return threads


def chunks(count: int, size: int) -> Iterator[slice]:
    """`count` images in pieces of at most `size`, in order.

    >>> [(piece.start, piece.stop) for piece in chunks(5, 2)]
    [(0, 2), (2, 4), (4, 5)]
    """
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def diverged(step: int, loss: float, layer: str | None) -> DivergenceError:
    """The refusal of a loss that is not finite, at a step that counts from 0.

    The message counts from 1, as `metrics.jsonl` does.
    `layer` is the first one whose output is not finite, `INPUT` for the images
    themselves, None when only the loss is not.
    """
    where = Phrase("the loss itself")
    if layer is not None:
        where = Phrase("layer {layer!r}", layer=layer)
    if layer == INPUT:
        where = Phrase("the batch of images")
    return DivergenceError(
        "loss-not-finite",
        "Step {step}: the loss is {loss}, and {where} is the first to hold a value "
        "that is not finite. Lower the learning rate, or look at the images and the "
        "weights training began with.",
        step=step + 1,
        loss=loss,
        where=where,
    )
