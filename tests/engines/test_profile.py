"""Where the time of a network goes."""

from dataclasses import replace

import numpy as np
import pytest

from mirada.compiler.target import host, target
from mirada.engines import profile as room
from mirada.engines.native import NativeEngine
from mirada.engines.profile import (
    counts_ticks,
    operations,
    profile,
    traffic,
)
from mirada.models import lenet5
from mirada.network import (
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    Recipe,
    ReLU,
)

SMALL = Network(
    "small",
    (1, 10, 10),
    (Conv2d(4, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(5)),
)


def test_operations_of_the_definitions() -> None:
    conv, linear = 2 * (8 * 8 * 4) * 9, 2 * 64 * 5
    found = operations(SMALL, "predict", 3)
    assert (found["conv1"], found["linear1"]) == (3 * conv, 3 * linear)
    assert found["relu1"] == found["maxpool1"] == 0
    # Nobody wants the gradient by the images.
    found = operations(SMALL, "train", 3)
    assert (found["conv1"], found["linear1"]) == (6 * conv, 9 * linear)


def test_bytes_that_have_to_move() -> None:
    weights = 4 * 9 + 4
    stage = ("conv1", "relu1", "maxpool1")
    assert traffic(SMALL, stage, "predict", 3) == 4 * (3 * (100 + 64) + weights)
    assert traffic(SMALL, stage, "train", 3) == 2 * 4 * (3 * (100 + 64) + weights)
    linear = 4 * (3 * (64 + 5) + 64 * 5 + 5)
    assert traffic(SMALL, ("flatten1", "linear1"), "predict", 3) == linear
    assert traffic(SMALL, ("flatten1", "linear1"), "train", 3) == 3 * linear


@pytest.mark.parametrize("mode", ["predict", "train"])
def test_a_profile_adds_up(mode: str) -> None:
    recipe = Recipe(batch_size=8)
    found = profile(lenet5(), recipe, mode, threads=1, repeat=3)
    assert (found.mode, found.batch, found.threads) == (mode, 8, 1)
    assert [layer.name for layer in found.layers][:5] == [
        *("maxpool1", "maxpool2", "relu3", "relu4", "linear3"),
    ]
    counted = sum(operations(lenet5(), mode, 8).values())
    assert found.operations == counted
    assert sum(layer.operations for layer in found.layers) == counted
    assert all(layer.ms > 0 for layer in found.layers[:5])
    assert found.layers[0].ms > found.layers[4].ms
    plain = found.to_dict()
    assert plain["images_per_second"] == pytest.approx(8000 / found.ms, rel=1e-3)
    for row, layer in zip(plain["layers"], found.layers, strict=True):
        share = layer.operations / layer.ms / 1e6 / found.one_thread_peak
        assert row["share_of_peak"] == pytest.approx(share, abs=1e-4)


def test_ticks_are_those_of_every_kernel_that_runs() -> None:
    engine = NativeEngine(SMALL, Recipe(batch_size=6), threads=1)
    program = engine.profiled("predict", 6)
    calls = [call.name for call in program.program.calls]
    images = np.ones((6, 1, 10, 10), np.float32)
    outputs = np.empty((6, 5), np.float32)
    program.profile[:] = 0
    program.predict(images, outputs)
    ran = {name for name, ticks in zip(calls, program.profile, strict=True) if ticks}
    assert {"enter", "conv1.forward", "linear1.forward", "leave"} <= ran
    assert not any(name.endswith(".pack") for name in ran)
    assert np.array_equal(outputs, engine.predict(images))


def test_measuring_changes_no_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[NativeEngine] = []

    class Kept(NativeEngine):
        def __init__(self, *given: object) -> None:
            super().__init__(*given)  # type: ignore[arg-type]
            made.append(self)

    monkeypatch.setattr(room, "NativeEngine", Kept)
    recipe = Recipe(batch_size=4)
    profile(SMALL, recipe, "train", threads=1, repeat=2)
    before = NativeEngine(SMALL, recipe, threads=1).parameters()
    after = made[0].parameters()
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_a_processor_without_a_clock_leaves_layers_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert counts_ticks(target("x86-64-v2"))
    assert not counts_ticks(target("aarch64"))
    monkeypatch.setattr(room, "counts_ticks", lambda target: False)
    found = profile(SMALL, Recipe(batch_size=4), "predict", threads=1, repeat=1)
    assert found.layers == () and found.ms > 0


def test_another_target_and_exact_convolutions() -> None:
    narrow = replace(host(), lanes=4, registers=16)
    found = profile(
        SMALL,
        Recipe(batch_size=2),
        "predict",
        threads=1,
        target=narrow,
        exact=True,
        repeat=1,
    )
    assert found.one_thread_peak == found.peak > 0
