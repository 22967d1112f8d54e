"""mirada on the network of either example: AdamW on a one-cycle schedule."""

import os
import sys

import numpy as np

from benchmarks.to_99.networks import NETWORKS
from benchmarks.to_99.watch import Clock, read
from mirada import engines
from mirada.data import Dataset, Preprocessing, assemble, batches, epoch_order
from mirada.network import AdamW, OneCycle, Recipe

EPOCHS, BATCH, RATE = 3, 32, 0.003
"""The schedule falls to its end within these epochs."""


def main(folder: str, seed: int, name: str) -> None:
    """Trains until the goal is reached, or the schedule is over."""
    found = read(folder)
    clock = Clock()
    kinds = tuple("0123456789")
    data, test = (
        Dataset.of(images[..., None], labels, kinds)
        for images, labels in (
            (found.train, found.train_labels),
            (found.test, found.test_labels),
        )
    )
    recipe = Recipe(
        optimizer=AdamW(RATE, weight_decay=0.0),
        epochs=EPOCHS,
        batch_size=BATCH,
        seed=seed,
    )
    threads = len(os.sched_getaffinity(0))
    engine = engines.create("native", NETWORKS[name], recipe, threads)
    preprocessing = Preprocessing.measured(data.images)
    numbers = np.arange(len(data))
    step, steps = 0, EPOCHS * -(-len(data) // BATCH)
    for epoch in range(EPOCHS):
        for samples in batches(epoch_order(numbers, seed, epoch), BATCH):
            images, labels = assemble(data, samples, preprocessing)[:2]
            rate = RATE * OneCycle().share(step, steps)
            engine.train_step(images, labels, step=step, learning_rate=rate)
            step += 1
        answers = engine.predict(preprocessing.normalize(test.images)).reshape(-1, 10)
        if clock.is_there((answers.argmax(1) == test.labels).mean()):
            break
    clock.tell()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
