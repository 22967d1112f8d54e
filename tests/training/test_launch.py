"""A run that is gone on with by the launch that began it, and by no other."""

import os
from pathlib import Path

import pytest

from mirada.training.folder import RunFolder
from mirada.training.launch import Launch


def marked(path: Path, launch: Launch) -> None:
    with RunFolder.new(path) as folder:
        launch.mark(folder)


def test_a_launch_finds_its_run_after_a_restart(tmp_path: Path) -> None:
    marked(tmp_path / "other", Launch("6", 0))
    marked(tmp_path / "ours", Launch("7", 0))
    assert Launch("7", 1).begun(None, tmp_path) == tmp_path / "ours"
    assert Launch("7", 1).begun(tmp_path / "ours", tmp_path) == tmp_path / "ours"


def test_it_goes_on_with_nothing_else(tmp_path: Path) -> None:
    marked(tmp_path / "run", Launch("7", 0))
    assert Launch("7", 0).begun(None, tmp_path) is None, "it has only begun"
    assert Launch("8", 1).begun(tmp_path / "run", tmp_path) is None
    assert Launch("8", 1).begun(None, tmp_path) is None
    assert Launch("7", 1).begun(tmp_path / "elsewhere", tmp_path) is None


def test_a_folder_with_a_mark_alone_can_begin(tmp_path: Path) -> None:
    marked(tmp_path, Launch("7", 0))
    RunFolder.existing(tmp_path).close()


def test_a_launch_without_a_name_is_named_for_the_launcher(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "2")
    for name in ("", "none"):
        monkeypatch.setenv("TORCHELASTIC_RUN_ID", name)
        found = Launch.of_environment()
        assert found.name.endswith(f":{os.getppid()}")
        assert found.restarts == 2
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "job 7")
    assert Launch.of_environment().name == "job 7"
