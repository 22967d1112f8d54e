"""Extreme layers compute what others do, in whatever way their code is kept short."""

from pathlib import Path

import numpy as np
import pytest

from mirada.compiler.lowering import (
    convolution,
    phases,
    pooling_gradient,
    taps,
)
from mirada.compiler.plan import plan
from mirada.compiler.program import Phase
from mirada.compiler.target import host
from mirada.engines.native import NativeEngine
from mirada.engines.reference import ReferenceEngine
from mirada.network import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    Recipe,
    ReLU,
    Sigmoid,
    Softmax,
)
from tests.strategies import batch, lively_parameters

COUNT = 17


def of(shape: tuple[int, int, int], *layers: Layer) -> Network:
    return Network("extreme", shape, (*layers, GlobalAvgPool2d(), Flatten(), Linear(3)))


def engine(network: Network, threads: int = 1) -> NativeEngine:
    found = NativeEngine(network, Recipe(batch_size=COUNT), threads)
    found.load_parameters(lively_parameters(network, 1))
    return found


def gradients(network: Network, threads: int = 1) -> dict[str, bytes]:
    """Every gradient of a batch, as bytes."""
    images, labels = batch(network, COUNT, 2)
    _, found = engine(network, threads).gradients(images, labels)
    return {name: value.tobytes() for name, value in found.items()}


MERGED = {
    "lists": of((3, 9, 9), Conv2d(17, 1), Conv2d(20, 5), ReLU(), MaxPool2d(2)),
    "lists-dilated": of((3, 9, 9), Conv2d(5, 1), Conv2d(7, 3, dilation=2, padding=1)),
    "transposed": of((3, 5, 6), Conv2d(17, 1), ConvTranspose2d(5, (4, 5), (3, 2))),
    "grouped": of((4, 11, 12), Conv2d(8, 1), Conv2d(6, (4, 5), stride=3, groups=2)),
    "depthwise": of((4, 11, 9), Conv2d(17, 1), Conv2d(17, 3, stride=2, groups=17)),
    "mean": of((3, 9, 9), Conv2d(4, 1), AvgPool2d(3, 2, padding=1, ceil=True)),
    "mean-inside": of((3, 9, 9), AvgPool2d(3, 2, padding=1, count_padding=False)),
}


@pytest.mark.parametrize("name", MERGED)
def test_loops_compute_the_bits_of_what_is_written_out(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written = gradients(MERGED[name])
    for module, limit in (
        (taps, "_MOST"),
        (convolution, "_MOST_APPENDS"),
        (phases, "MOST"),
        (pooling_gradient, "_MOST_SHARES"),
    ):
        monkeypatch.setattr(module, limit, 0)
    monkeypatch.setenv("MIRADA_CACHE", str(tmp_path))
    assert gradients(MERGED[name]) == written
    assert any(tmp_path.rglob("*")), "nothing was compiled anew"


STRIDED = {
    "plain": of((3, 40, 40), Conv2d(5, 1), BatchNorm2d(), Conv2d(6, 7, stride=9)),
    "holes": of((3, 40, 40), BatchNorm2d(), Conv2d(6, 3, stride=8, dilation=6)),
    "transposed": of((3, 3, 4), BatchNorm2d(), ConvTranspose2d(5, 9, (7, 12))),
    "depthwise": of((6, 40, 40), BatchNorm2d(), Conv2d(6, 13, stride=11, groups=6)),
    # Tiles of several images, the last of which are missing.
    "images": of(
        (16, 4, 8), BatchNorm2d(), Sigmoid(), Conv2d(3, 5, padding=1), MaxPool2d(2)
    ),
    # A gradient whose border is wider than that of the value.
    "border": of((3, 9, 20), ConvTranspose2d(8, (7, 2), (1, 3), 3), Conv2d(2, 3)),
}


@pytest.mark.parametrize("name", STRIDED)
def test_windows_far_apart_are_the_reference(name: str) -> None:
    """Wrong taps are wrong by far: a crude bound tells them."""
    network = STRIDED[name]
    images, labels = batch(network, COUNT, 2)
    reference = ReferenceEngine(network, Recipe(batch_size=COUNT))
    reference.load_parameters(lively_parameters(network, 1))
    _, exact = reference.gradients(images, labels)
    _, found = engine(network).gradients(images, labels)
    most = max(float(np.abs(value).max()) for value in exact.values())
    for key, value in exact.items():
        scale = float(np.abs(value).max()) + 1e-3 * most
        assert np.abs(found[key] - value).max() <= 1e-3 * scale, key


def test_one_byte_beside_others_is_one_byte() -> None:
    """The choice of a 17th channel: LLVM wrote a word there, over another thread's."""
    network = of((17, 1, 7), Softmax(), MaxPool2d(10, padding=5), BatchNorm2d())
    alone = gradients(network)
    assert all(gradients(network, 3) == alone for _ in range(5))


def test_who_reads_a_border_waits_for_it() -> None:
    network = of(
        (33, 3, 4),
        *(ConvTranspose2d(33, (4, 3), 2, 1, groups=33), Conv2d(16, (3, 4), (3, 1))),
        *(BatchNorm2d(), ReLU()),
    )
    program = plan(network, Recipe(batch_size=20), "train", 20, host())
    steps = [step for step in program.work if isinstance(step, Phase)]
    names = [[call.name for call in step.calls] for step in steps]
    place = names.index(["convtranspose1.weight_gradient"])
    assert names[place - 1] == ["border.d.convtranspose1.value"]
    assert steps[place].meet


def test_a_block_has_memory_for_all_its_images() -> None:
    """Its last ones too, where the batch ends within it: they may be written."""
    network = of(
        (16, 4, 8),
        *(BatchNorm2d(), Sigmoid(), Conv2d(3, 5, padding=1), MaxPool2d(32, 61, 16)),
    )
    program = plan(network, Recipe(batch_size=17), "train", 17, host())
    block = program.block_images
    assert 17 % block
    places = [place for place in program.places.values() if place.arena == "values"]
    held = program.places["conv1.value"]
    behind = min(place.offset for place in places if place.offset > held.offset)
    assert behind - held.offset >= -(-17 // block) * block * held.image_bytes
