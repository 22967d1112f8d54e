"""A run ends in the same bytes whether its batches are made ahead or not."""

import threading
from pathlib import Path

import numpy as np
import pytest

from mirada.engines.reference import ReferenceEngine
from mirada.training import RunFolder, Watch, Wishes, feed, train
from mirada.training.interrupt import Interrupt, RunInterruptedError
from mirada.training.place import Place
from mirada.training.plan import Plan
from tests.training.example import plan

TEXT = "rotate 10, noise 0.05, mixup 0.4, cutmix 1"
WISHES = Wishes(epochs=2, batch_size=32, threads=2, engine="reference", augment=TEXT)


class Stopping(Watch):
    """Lets a signal be heard after so many steps."""

    def __init__(self, interrupt: Interrupt, step: int) -> None:
        self.interrupt, self.at = interrupt, step

    def step(self, place: Place, loss: float) -> None:
        if place.step == self.at:
            self.interrupt.number = 2


def left(chosen: Plan, folder: Path, stop: int = 0) -> dict[str, bytes]:
    """What a run leaves, interrupted and gone on with where `stop` says so."""
    made = chosen.configuration.network, chosen.configuration.recipe
    if stop:
        heard = Interrupt()
        with RunFolder.new(folder) as held, pytest.raises(RunInterruptedError):
            train(chosen, ReferenceEngine(*made), held, Stopping(heard, stop), heard)
        with RunFolder.existing(folder) as held:
            train(chosen, ReferenceEngine(*made), held)
    else:
        with RunFolder.new(folder) as held:
            train(chosen, ReferenceEngine(*made), held)
    assert not [t for t in threading.enumerate() if "ahead" in t.name]
    names = ("last.safetensors", "best.safetensors", "metrics.jsonl")
    return {name: (folder / name).read_bytes() for name in names}


def test_the_bytes_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = plan(wishes=WISHES)
    assert chosen.configuration.augmentation.text() == TEXT
    found = {}
    for threads in (0, 1, 3):
        monkeypatch.setattr(feed, "threads_ahead", lambda *a, n=threads, **k: n)
        found[threads] = left(chosen, tmp_path / str(threads))
        again = left(chosen, tmp_path / f"{threads}-stopped", stop=10)
        assert again == found[threads]
    assert found[0] == found[1] == found[3]


def test_mixed_batches_reach_the_engine(tmp_path: Path) -> None:
    chosen, seen = plan(wishes=WISHES), []

    class Telling(ReferenceEngine):
        """Remembers what it was given."""

        def train_step(self, *given, mixing=None, **more):  # type: ignore[no-untyped-def]
            seen.append(mixing)
            return super().train_step(*given, mixing=mixing, **more)

    made = Telling(chosen.configuration.network, chosen.configuration.recipe)
    with RunFolder.new(tmp_path) as held:
        train(chosen, made, held)
    assert seen and all(one is not None for one in seen)
    assert np.ptp(np.concatenate([one.shares for one in seen])) > 0.8
