"""What a preview of augmentation shows: the images of a plan, and their changes."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.data.batches import epoch_order
from mirada.data.preview import preview_png, preview_rows
from mirada.data.sheet import Row
from mirada.network.layer import shape_text
from mirada.training import Plan

__all__ = ["Preview"]

_IMAGES = 8


class Preview(NamedTuple):
    """The first images of a plan's first epoch, as `mirada train` would give them."""

    plan: Plan

    @property
    def samples(self) -> NDArray[np.int64]:
        """The numbers of the images in the data."""
        seed = self.plan.configuration.recipe.seed
        return epoch_order(self.plan.split.train, seed, 0)[:_IMAGES]

    def png(self) -> bytes:
        """The picture, a row an image."""
        configuration = self.plan.configuration
        augmentation = configuration.augmentation
        shape = shape_text(configuration.network.input)
        title = f"{self.plan.data.name}: {shape}, {augmentation.text()}"
        return preview_png(
            title,
            self.plan.data,
            self.samples,
            configuration.preprocessing,
            augmentation,
            seed=configuration.recipe.seed,
        )

    def rows(self) -> list[Row]:
        """The same as images."""
        configuration = self.plan.configuration
        return preview_rows(
            self.plan.data,
            self.samples,
            configuration.preprocessing,
            configuration.augmentation,
            seed=configuration.recipe.seed,
        )

    def to_dict(self) -> dict[str, Any]:
        """What it shows as JSON holds it."""
        configuration = self.plan.configuration
        return {
            "source": self.plan.data.name,
            "network": configuration.network.name,
            "input": list(configuration.network.input),
            "augmentation": configuration.augmentation.text(),
            "samples": [self.plan.data.names[place] for place in self.samples],
        }
