"""The race on CIFAR-10: both sides train one network, and the clock is honest."""

import argparse
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import cifar10_gpu
from benchmarks.cifar10 import clock as timing
from benchmarks.cifar10 import pytorch
from benchmarks.cifar10.clock import Clock
from benchmarks.cifar10_gpu import EAGER, OURS, measure, planned, read, table
from mirada.training.beginning import begin
from mirada.training.computing import engine_for
from tests.data.pictures import image_folder

GIVEN = argparse.Namespace(
    device="cpu", precision="float32", epochs=1, batch=6, seeds=1
)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("photos")
    for part in ("train", "test"):
        image_folder(place / part, {"a": 9, "b": 9}, size=(32, 32))
    return place


def test_both_sides_train_on_the_same(photos: Path) -> None:
    data = read(photos, 12)
    assert len(data) == 14 and data.counts().tolist() == [7, 7]
    found = measure(data, GIVEN)
    images = 12 - 6
    for name in (OURS, EAGER):
        (one,) = found[name]
        assert one["seconds"] > 0 and len(one["accuracies"]) == 1
        assert one["images_per_second"] == pytest.approx(images / one["seconds"])


def test_the_peer_is_the_same_network_with_the_same_start(photos: Path) -> None:
    plan = planned(read(photos, None), GIVEN, 0)
    engine = engine_for(plan.configuration)
    begin(engine, plan)
    parameters = engine.parameters()
    rng = np.random.default_rng(0)
    parameters["head.weight"] = rng.normal(size=(2, 256)).astype(np.float32)
    engine.load_parameters(parameters)
    peer = pytorch.made(plan.configuration, parameters).eval()
    images = rng.normal(size=(3, 3, 32, 32)).astype(np.float32)
    with torch.inference_mode():
        scores = peer(torch.from_numpy(images)).numpy()
    assert np.allclose(scores, engine.predict(images), atol=1e-4)
    optimizer = pytorch.optimizer_of(plan.configuration, peer)
    factors = sorted(group["factor"] for group in optimizer.param_groups)
    assert factors == [1 / 81, 1.0, 64.0]


def test_images_are_moved_and_mirrored_but_never_changed() -> None:
    images = torch.arange(2 * 3 * 36.0).reshape(2, 3, 6, 6)
    torch.manual_seed(1)
    moved = pytorch.moved(images, torch.tensor([True, False]))
    assert moved.shape == images.shape
    rows = [set(part.flatten().tolist()) for part in moved]
    assert all(
        r <= set(p.flatten().tolist()) for r, p in zip(rows, images, strict=True)
    )
    row = moved[0, 0, 3]
    assert (row[1:] - row[:-1]).tolist().count(-1.0) >= 3


def test_the_clock_leaves_out_the_first_step_and_the_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times = iter([10.0, 10.0, 11.0, 20.0, 22.0, 30.0])
    monkeypatch.setattr(timing, "perf_counter", lambda: next(times))
    clock = Clock("cpu")
    for accuracy in (0.9, 0.95):
        clock.step(None, 0.0)
        if not clock.times:
            clock.step(None, 0.0)
        clock.trained()
        clock.answered(accuracy)
    said = clock.said(30, 0.93)
    assert said["seconds"] == 3.0 and said["seconds_to_goal"] == 3.0
    assert said["images_per_second"] == 10.0


def test_the_table_has_medians_and_says_what_was_not_reached() -> None:
    run = {"seconds": 2.0, "images_per_second": 1000.0, "accuracies": [0.5, 0.9]}
    found = {
        OURS: [{**run, "seconds_to_goal": seconds} for seconds in (1.0, 3.0, 1.5)],
        EAGER: [{**run, "seconds_to_goal": None}],
    }
    lines = table(found)
    assert f"| {OURS} | 1.50 | 2.00 | 1,000 | 90.00 % |" in lines
    assert f"| {EAGER} | not reached | 2.00 | 1,000 | 90.00 % |" in lines


def test_no_gpu_is_told(monkeypatch: pytest.MonkeyPatch, photos: Path) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    words = ["cifar10_gpu", "--data", str(photos), "--device", "cuda"]
    monkeypatch.setattr("sys.argv", words)
    assert cifar10_gpu.main() == 2
