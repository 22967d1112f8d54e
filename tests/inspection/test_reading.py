"""Values of layers for many images: in pieces, each image once, all of it told."""

from typing import Any

import numpy as np
import pytest

from mirada.errors import UsageError
from mirada.inspection.reading import (
    Values,
    read_through,
    require_images,
    values_of,
)
from mirada.network import Conv2d, Linear, Network, ReLU
from tests.inspection.hand_made import held, noise
from tests.refusal import refuses


class Kept:
    """A reader that keeps all it is shown."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.pieces: list[tuple[int, Values]] = []

    def add(self, start: int, values: Values) -> None:
        self.pieces.append((start, {name: values[name] for name in self.names}))


def test_pieces_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mirada.inspection.reading._PIECE_BYTES", 4 * 2 * 36 * 16)
    engine, images = held((1, 6, 6), Conv2d(2, 1)), noise(40, 1, 6, 6)
    pieces = [*values_of(engine, images, ["conv1"])]
    assert [start for start, _ in pieces] == [0, 16, 32]
    joined = np.concatenate([values["conv1"] for _, values in pieces])
    np.testing.assert_array_equal(
        joined, engine.activations(images, ["conv1"])["conv1"]
    )


def test_readers_share_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, images = held((1, 2, 2), Conv2d(1, 1), ReLU()), noise(5, 1, 2, 2)
    asked: list[set[str]] = []
    activations = engine.activations

    def counted(given: Any, names: Any) -> Any:
        asked.append(set(names))
        return activations(given, names)

    monkeypatch.setattr(engine, "activations", counted)
    first, second = Kept("conv1", "relu1"), Kept("relu1")
    read_through(engine, images, [first, second])
    assert asked == [{"conv1", "relu1"}]
    assert first.pieces[0][1]["relu1"] is second.pieces[0][1]["relu1"]


def test_no_images_are_no_pieces() -> None:
    engine = held((1, 2, 2), ReLU())
    assert [*values_of(engine, noise(0, 1, 2, 2), ["relu1"])] == []


def test_a_vector_has_no_pixels() -> None:
    with refuses(UsageError, "inspect-pixels", "'vector'", "a vector of 3 numbers"):
        require_images(Network("vector", (3,), (Linear(2),)))
