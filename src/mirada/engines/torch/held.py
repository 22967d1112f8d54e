"""A data set that lies on the device as bytes, and batches that are made of it there.

Who goes where is drawn on the processor, so that images are those of
`data.Augmentation`, byte for byte; the device copies pixels and normalizes them.
"""

from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from mirada.data import Augmentation, Batch, Dataset, Preprocessing
from mirada.engines.feeder import Feeder, MakeBatch
from mirada.engines.group import ALONE, Group
from mirada.engines.torch.device import free_bytes
from mirada.errors import Phrase

__all__ = ["HeldImages", "feeder_for"]

_SHARE = 0.5
"""Of the free memory of a device, how much images may take."""


class HeldImages:
    """The images of a data set on a device, uint8 (n, h, w, c)."""

    def __init__(
        self,
        device: torch.device,
        data: Dataset,
        preprocessing: Preprocessing,
        augmentation: Augmentation,
        seed: int,
        group: Group = ALONE,
    ) -> None:
        self.images = torch.tensor(np.asarray(data.images), device=device)
        self.labels, self.group = data.labels, group
        self._size, self._augmentation = preprocessing.size, augmentation
        self._seed, self._fill = seed, augmentation.fill
        self._scale, self._offset = (
            torch.from_numpy(values).to(device)
            for values in preprocessing.coefficients()
        )

    def batch(self, samples: NDArray[np.int64], epoch: int) -> Batch:
        """This rank's share of a batch of these samples, and the labels of all."""
        own = samples[self.group.share(len(samples))]
        found = self.changed(own, epoch) * self._scale + self._offset
        # Engines pass such images on as they are.
        images = cast(NDArray[np.float32], found.permute(0, 3, 1, 2))
        return Batch(images, self.labels[samples])

    def changed(self, samples: NDArray[np.int64], epoch: int) -> torch.Tensor:
        """The images of samples, augmented, uint8 (n, h, w, c)."""
        device = self.images.device
        sources = self._augmentation.sources(self._size, samples, epoch, self._seed)
        assert sources is not None
        rows, columns = (torch.from_numpy(each).to(device) for each in sources)
        places = torch.from_numpy(samples).to(device)[:, None, None]
        rows, columns = rows[:, :, None], columns[:, None, :]
        found = self.images[places, rows.clamp(min=0), columns.clamp(min=0)]
        outside = (rows < 0) | (columns < 0)
        return found.masked_fill(outside[..., None], self._fill)


def feeder_for(
    device: torch.device,
    data: Dataset,
    preprocessing: Preprocessing,
    augmentation: Augmentation,
    seed: int,
    make: MakeBatch,
    group: Group = ALONE,
) -> Feeder:
    """Batches from images that the device holds, where it can; else made by `make`."""
    free, needed = free_bytes(device), data.images.nbytes
    if free is None:
        return Feeder(make)
    about: dict[str, Any] = {"size": round(needed / 2**20), "free": free // 2**20}
    if not augmentation.copies:
        why = Phrase(
            "images are made by the processor and sent to the device: it does not know "
            "this augmentation"
        )
        return Feeder(make, why)
    if needed > _SHARE * free:
        why = Phrase(
            "images are made by the processor and sent to the device: all are {size} "
            "MiB, and of its memory {free} MiB are free",
            **about,
        )
        return Feeder(make, why)
    given = device, data, preprocessing, augmentation, seed, group
    why = Phrase(
        "all images lie on the device ({size} MiB of {free} MiB that are free) and are "
        "augmented there",
        **about,
    )
    return Feeder(HeldImages(*given).batch, why, is_ahead=False)
