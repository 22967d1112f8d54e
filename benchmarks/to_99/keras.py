"""Keras's example: Adam at 0.001, batches of 128, at most 15 epochs.

Source: keras.io, "Simple MNIST convnet": its network and its recipe; it holds a tenth
of the training images out, here all are trained on, which suits it better.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

from benchmarks.to_99.watch import Clock, read

EPOCHS, BATCH = 15, 128


def network() -> keras.Model:
    """The example's network."""
    return keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def main(folder: str, seed: int) -> None:
    """Trains until the goal is reached, or the example's epochs are over."""
    keras.utils.set_random_seed(seed)
    found = read(folder)
    clock = Clock()
    images, test = (
        part[..., None].astype(np.float32) / 255 for part in (found.train, found.test)
    )
    labels, truth = (
        keras.utils.to_categorical(part, 10)
        for part in (found.train_labels, found.test_labels)
    )
    model = network()
    model.compile(
        loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"]
    )
    for _ in range(EPOCHS):
        model.fit(images, labels, batch_size=BATCH, epochs=1, verbose=0)
        _, accuracy = model.evaluate(test, truth, verbose=0, batch_size=1000)
        if clock.is_there(accuracy):
            break
    clock.tell()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
