"""Where runs lie when nobody says."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from mirada.errors import ConfigurationError
from mirada.tasks.folders import run_name, unfinished_run
from mirada.training import Configuration, RunFolder
from tests.refusal import refuses
from tests.training.example import plan


def named(network: str, source: str) -> Configuration:
    found = plan().configuration
    layers = found.network.layers
    return replace(
        found,
        network=type(found.network)(network, found.network.input, layers),
        data=replace(found.data, source=source),
    )


@pytest.mark.parametrize(
    ("network", "source", "name"),
    [
        ("lenet5", "digits", "lenet5-digits"),
        ("mine", "/data/Fotos de Ñandú (2)/", "mine-fotos-de-nandu-2"),
        ("mine", "..", "mine"),
        ("x", "a" * 100, "x-" + "a" * 40),
    ],
)
def test_names_are_plain(network: str, source: str, name: str) -> None:
    assert run_name(named(network, source)) == name


def begun(path: Path, source: str, order: int) -> Path:
    path.mkdir(parents=True)
    with RunFolder.new(path) as folder:
        folder.write_configuration(named("small", source))
    os.utime(path / "configuration.json", (order, order))
    return path


def test_the_run_that_was_begun_last_is_gone_on_with(tmp_path: Path) -> None:
    begun(tmp_path / "b", "digits", 1)
    late = begun(tmp_path / "a", "digits", 3)
    other = begun(tmp_path / "c", "photos", 2)
    assert unfinished_run("", tmp_path) == unfinished_run("digits", tmp_path) == late
    assert unfinished_run("photos", tmp_path) == other
    with RunFolder.existing(late):
        assert unfinished_run("", tmp_path) == other


def test_none_is_refused(tmp_path: Path) -> None:
    for parent in (tmp_path, tmp_path / "nowhere"):
        with refuses(ConfigurationError, "nothing-to-resume", "there is no run"):
            unfinished_run("", parent)
