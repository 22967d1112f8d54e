"""mirada: the folder is loaded, its pixels are kept, batches are made by threads."""

import time
from collections.abc import Iterator

import numpy as np

from benchmarks.pipeline.work import AREA, ASPECT, BATCH, MEAN, STD, Asked, answer
from benchmarks.pipeline.work import epochs as timed
from mirada.data import (
    Augmentation,
    Preprocessing,
    assemble,
    batches,
    epoch_order,
    load,
)
from mirada.data.ahead import Ahead
from mirada.training.feed import resample


def main(asked: Asked) -> None:
    """Times the epochs; the first holds the scan and the decoding of the folder."""
    side = (asked.size, asked.size)
    preprocessing = Preprocessing(side, 3, mean=MEAN, std=STD)
    augmentation = Augmentation(resized_crop=(*AREA, *ASPECT), flip=True)
    began = time.perf_counter()
    data = load(asked.folder, size=asked.size, channels=3)
    samples = np.arange(len(data))

    def epoch(number: int) -> Iterator[object]:
        order = epoch_order(samples, 0, number)
        with Ahead(
            lambda some: assemble(
                data,
                some,
                preprocessing,
                augmentation,
                epoch=number,
                seed=0,
                resampler=resample,
            ),
            batches(order, BATCH),
            threads=asked.workers,
        ) as ready:
            yield from ready

    answer(*timed(began, asked, epoch))


if __name__ == "__main__":
    main(Asked.from_arguments())
