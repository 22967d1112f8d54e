"""What a folder is taken up with; what may differ is in test_force.py."""

from pathlib import Path
from typing import Any

import pytest

from mirada.errors import ConfigurationError
from mirada.training import RunFolder, Watch, train
from mirada.training.checkpoint import checkpoint_paths
from mirada.training.resume import TakenUp, take_up, write_start
from tests.refusal import refuses
from tests.training.example import engine, plan


def taken_up(folder: Path, *, force: bool = False, **changes: Any) -> TakenUp:
    chosen = plan(**changes)
    with RunFolder.existing(folder) as held:
        return take_up(chosen, engine(chosen), held, Watch(), force=force)


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """A run that has begun and taken no step."""
    chosen = plan()
    with RunFolder.new(tmp_path) as held:
        write_start(held, chosen, chosen.configuration)
    return tmp_path


def test_a_run_without_a_checkpoint_is_taken_up_at_its_start(begun: Path) -> None:
    found = taken_up(begun)
    assert found.checkpoint is None and not found.changed
    assert found.configuration.fingerprint == found.stored.fingerprint
    assert {path.name for path in begun.iterdir()} == {
        *("configuration.json", "split.json", ".lock"),
    }


def test_the_latest_checkpoint_is_taken(begun: Path) -> None:
    chosen = plan()
    with RunFolder.existing(begun) as held:
        train(chosen, engine(chosen), held)
    found = taken_up(begun)
    assert found.checkpoint is not None
    assert found.checkpoint.place.step == 21
    assert found.checkpoint.place.ended == "epochs"
    assert not found.changed


def test_what_changes_no_byte_may_differ(begun: Path) -> None:
    found = taken_up(begun, threads=7, checkpoint_seconds=1.0)
    assert found.configuration.threads == 7
    assert found.stored.threads == 1
    assert not found.configuration.forced


def test_what_is_forced_is_stored_at_once(begun: Path) -> None:
    with refuses(ConfigurationError, "resume-differs", "patience: "):
        taken_up(begun, patience=5)
    found = taken_up(begun, patience=5, force=True)
    assert found.configuration.forced[0].step == 0
    again = taken_up(begun, patience=5).configuration
    assert again.fingerprint == found.configuration.fingerprint
    assert again.forced == found.configuration.forced
    assert not checkpoint_paths(begun)
