"""The parts of images that excite each filter most, with what the filter sees of them.

For every unit (a channel of maps, a number of a vector) the images with the largest
value are kept, each image once, at the place of its largest value. The box is the
receptive field of that place, cut at the edges of the image: see `input_box`.

Source: Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV
2014, section 4.
"""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.engines import Engine
from mirada.inspection.input_box import InputBox, InputBoxes
from mirada.inspection.reading import Values, read_through, require_images
from mirada.network import Network

__all__ = ["Patch", "PatchReader", "best_patches"]

Floats = NDArray[np.float32]


class Patch(NamedTuple):
    """One image that excites a unit: its number, the value, where, and the box.

    `box` is None where it is not known what the place sees.
    """

    image: int
    value: float
    row: int
    column: int
    box: InputBox | None


class PatchReader:
    """Keeps the `most` best patches of every unit while images are read through."""

    def __init__(self, network: Network, names: Collection[str], most: int) -> None:
        require_images(network)
        self.names = tuple(names)
        self._network, self._most = network, most
        units = {name: network.shapes[name][0] for name in self.names}
        self._values = {
            n: np.empty((0, count), np.float32) for n, count in units.items()
        }
        self._places = {n: np.empty((0, count), np.int64) for n, count in units.items()}
        self._images = {n: np.empty((0, count), np.int64) for n, count in units.items()}

    def add(self, start: int, values: Values) -> None:
        """Takes the values of the images from number `start` on."""
        for name in self.names:
            found = values[name]
            count, units = found.shape[:2]
            flat = found.reshape(count, units, -1)
            places = flat.argmax(axis=2)
            best = np.take_along_axis(flat, places[..., None], axis=2)[..., 0]
            numbers = np.repeat(np.arange(start, start + count)[:, None], units, axis=1)
            self._keep(name, best, places, numbers)

    def _keep(
        self,
        name: str,
        best: Floats,
        places: NDArray[np.int64],
        numbers: NDArray[np.int64],
    ) -> None:
        """The largest of the old and the new; of equal ones the earlier image."""
        all_values = np.concatenate([self._values[name], best])
        order = np.argsort(-all_values, axis=0, kind="stable")[: self._most]
        self._values[name] = np.take_along_axis(all_values, order, axis=0)
        for kept, new in ((self._places, places), (self._images, numbers)):
            joined = np.concatenate([kept[name], new])
            kept[name] = np.take_along_axis(joined, order, axis=0)

    def found(self) -> dict[str, list[list[Patch]]]:
        """By layer, for every unit its patches, the largest value first."""
        boxes = InputBoxes(self._network)
        return {name: self._patches(name, boxes) for name in self.names}

    def _patches(self, name: str, boxes: InputBoxes) -> list[list[Patch]]:
        shape = self._network.shapes[name]
        width = shape[2] if len(shape) == 3 else 1
        units = []
        for unit in range(shape[0]):
            columns = (
                kept[name][:, unit]
                for kept in (self._images, self._values, self._places)
            )
            units.append(
                [
                    Patch(
                        int(image),
                        float(value),
                        row,
                        column,
                        boxes.of(name, (unit, row, column)[: len(shape)]),
                    )
                    for image, value, place in zip(*columns, strict=True)
                    for row, column in [divmod(int(place), width)]
                ]
            )
        return units


def best_patches(
    engine: Engine, images: Floats, names: Collection[str], most: int = 9
) -> dict[str, list[list[Patch]]]:
    """By layer, for every unit the `most` images that excite it most.

    >>> from mirada import engines
    >>> from mirada.network import Recipe, ReLU
    >>> tiny = Network("tiny", (1, 2, 2), (ReLU(),))
    >>> engine = engines.create("reference", tiny, Recipe())
    >>> images = np.zeros((3, 1, 2, 2), np.float32)
    >>> images[1, 0, 1, 0] = 5
    >>> best_patches(engine, images, ["relu1"], most=1)["relu1"][0][0][:4]
    (1, 5.0, 1, 0)
    """
    reader = PatchReader(engine.network, names, most)
    read_through(engine, images, [reader])
    return reader.found()
