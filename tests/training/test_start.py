"""Training from Python in one call."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirada.errors import ConfigurationError, MemoryLimitError
from mirada.network import AdamW
from mirada.training import EpochRow, RunFolder, Watch, load_model
from mirada.training.start import start
from tests.refusal import refuses
from tests.training.example import few_digits, network

FAST: dict[str, Any] = {"engine": "reference", "threads": 1}


class Listening(Watch):
    def __init__(self) -> None:
        self.rows: list[EpochRow] = []

    def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
        self.rows.append(row)


def test_it_trains_into_a_new_folder(tmp_path: Path) -> None:
    watch, data = Listening(), few_digits()
    folder = tmp_path / "runs" / "first"
    outcome = start(network(), data, folder, watch=watch, epochs=2, **FAST)
    assert outcome.folder == folder
    assert [row.epoch for row in watch.rows] == [1, 2]
    assert outcome.rows == tuple(watch.rows)
    assert outcome.test is not None
    model = load_model(outcome.weights)
    answers = model.predict(data.images[:5], model.engine("reference"))
    assert answers.shape == (5, 10)
    np.testing.assert_allclose(answers.sum(axis=1), 1)


def test_a_path_may_be_text(tmp_path: Path) -> None:
    outcome = start(network(), few_digits(), f"{tmp_path}/run", epochs=1, **FAST)
    assert (tmp_path / "run" / "best.safetensors").is_file()
    assert outcome.weights == tmp_path / "run" / "best.safetensors"


def test_wishes_are_heard(tmp_path: Path) -> None:
    rule = AdamW(0.002)
    start(network(), few_digits(), tmp_path, epochs=1, optimizer=rule, seed=3, **FAST)
    with RunFolder.existing(tmp_path) as folder:
        recipe = folder.configuration().recipe
    assert (recipe.optimizer, recipe.seed, recipe.epochs) == (rule, 3, 1)


def test_an_unknown_wish_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="epoch_count"):
        start(network(), few_digits(), tmp_path / "run", epoch_count=3)
    assert not (tmp_path / "run").exists()


def test_a_folder_with_a_run_is_left_alone(tmp_path: Path) -> None:
    outcome = start(network(), few_digits(), tmp_path, epochs=1, **FAST)
    before = outcome.weights.read_bytes()
    with refuses(ConfigurationError, "folder-taken", "already holds a run"):
        start(network(), few_digits(), tmp_path, epochs=1, seed=2, **FAST)
    assert outcome.weights.read_bytes() == before


def test_what_does_not_fit_is_refused_before_a_folder_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirada.engines.memory.available_bytes", lambda: 20 * 10**6)
    wishes = {**FAST, "batch_size": 4096}
    with refuses(MemoryLimitError, "memory-batch", "fits: --batch"):
        start(network(), few_digits(), tmp_path / "run", **wishes)
    assert not (tmp_path / "run").exists()


def test_a_network_for_other_images_is_refused(tmp_path: Path) -> None:
    with refuses(ConfigurationError, "network-classes", "has 10 classes"):
        start(network(7), few_digits(), tmp_path / "run", **FAST)
