"""A batch as the network sees it: each image untouched, and as it comes in epochs."""

import numpy as np
from numpy.typing import NDArray

from mirada.data.augment import Augmentation
from mirada.data.batches import Batch, assemble
from mirada.data.dataset import Dataset
from mirada.data.preprocessing import Preprocessing
from mirada.data.sheet import Row, Tile, sheet_png
from mirada.language import translate

__all__ = ["preview_png", "preview_rows", "seen_pixels"]

_SIDE = 132  # of a tile at most; small images are enlarged by whole pixels
_LEAST_SHARE = 0.005


def preview_png(
    title: str,
    data: Dataset,
    samples: NDArray[np.int64],
    preprocessing: Preprocessing,
    augmentation: Augmentation,
    *,
    seed: int = 0,
    epochs: int = 5,
) -> bytes:
    """A PNG with the rows of `preview_rows` under a title."""
    rows = preview_rows(
        data, samples, preprocessing, augmentation, seed=seed, epochs=epochs
    )
    longest = max(data.size)
    side = longest * max(1, _SIDE // longest)
    return sheet_png(title, rows, min(side, 2 * _SIDE))


def preview_rows(
    data: Dataset,
    samples: NDArray[np.int64],
    preprocessing: Preprocessing,
    augmentation: Augmentation,
    *,
    seed: int = 0,
    epochs: int = 5,
) -> list[Row]:
    """A row for each sample: untouched, then as each epoch brings it.

    The samples are one batch, so images are mixed with each other as in training.
    """
    plain = seen_pixels(preprocessing, assemble(data, samples, preprocessing))
    drawn = [
        assemble(data, samples, preprocessing, augmentation, epoch=epoch, seed=seed)
        for epoch in range(epochs)
    ]
    seen = [seen_pixels(preprocessing, batch) for batch in drawn]
    rows = []
    for place, sample in enumerate(samples.tolist()):
        tiles = [Tile(plain[place], translate("untouched"))]
        for epoch, (batch, images) in enumerate(zip(drawn, seen, strict=True)):
            name = translate("epoch {number}").format(number=epoch + 1)
            tiles.append(Tile(images[place], _mixed(data, batch, place) or name))
        label = data.classes[int(data.labels[sample])]
        rows.append(Row(f"{label}   {data.names[sample]}", tuple(tiles)))
    return rows


def seen_pixels(preprocessing: Preprocessing, batch: Batch) -> NDArray[np.uint8]:
    """What a batch shows: its numbers as grey levels (n, h, w, c) again.

    >>> data = Dataset.of(np.full((1, 2, 2, 1), 40, np.uint8), [0], ["a"])
    >>> grey = Preprocessing((2, 2), 1, mean=(0.5,), std=(0.25,))
    >>> seen_pixels(grey, assemble(data, np.array([0]), grey)).tolist()
    [[[[40], [40]], [[40], [40]]]]
    """
    scale, offset = preprocessing.coefficients()
    pixels = (batch.images - offset[:, None, None]) / scale[:, None, None]
    levels = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(levels.transpose(0, 2, 3, 1))


def _mixed(data: Dataset, batch: Batch, place: int) -> str:
    """What share of another class an image has; empty where it has none."""
    if batch.mixing is None:
        return ""
    share = float(batch.mixing.shares[place])
    own, other = int(batch.labels[place]), int(batch.mixing.labels[place])
    if share < _LEAST_SHARE or own == other:
        return ""
    return f"+{100 * share:.0f}% {data.classes[other]}"
