"""What a command is given as a network."""

from pathlib import Path
from typing import Any

import pytest

from mirada.errors import DescriptionError, UsageError
from mirada.models import lenet5, perceptron, resnet18
from mirada.network import Recipe
from mirada.network.file import to_json, to_toml
from mirada.tasks.networks import described, layer_named
from tests.refusal import refuses


@pytest.mark.parametrize("suffix", ["toml", "json"])
def test_a_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"net.{suffix}"
    text = to_toml if suffix == "toml" else to_json
    path.write_text(text(lenet5(), Recipe(epochs=3)))
    found = described(str(path))
    assert found.network == lenet5()
    assert found.recipe == Recipe(epochs=3)


def test_a_known_network() -> None:
    assert described("lenet5").network == lenet5()
    assert described("resnet18", (3, 64, 64), 5).network == resnet18((3, 64, 64), 5)


def test_a_file_with_another_input(tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text(to_toml(lenet5()))
    assert described(str(path), (3, 28, 28)).network.shapes["conv1"] == (6, 28, 28)
    with refuses(DescriptionError, "window-too-large", "Layer 'conv2'"):
        described(str(path), (1, 8, 8))


def test_a_file_that_bears_the_name_of_a_known_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lenet5").write_text('name = "mine"\ninput = "1x4x4"\nlayers = ["relu"]\n')
    assert described("lenet5").network.name == "mine"


def test_classes_are_for_known_networks(tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text(to_toml(lenet5()))
    with refuses(UsageError, "classes-of-file", "Change its last layer"):
        described(str(path), classes=3)


def test_what_is_neither_is_refused() -> None:
    with refuses(UsageError, "network-unknown", "'lenet'", "Did you mean lenet5"):
        described("lenet")


def test_a_missing_file_is_a_missing_file() -> None:
    with refuses(DescriptionError, "description-missing", "'nowhere.toml'"):
        described("nowhere.toml")


def test_sizes_stand_for_a_fully_connected_network() -> None:
    assert described("784-100-10").network == perceptron([784, 100, 10])


@pytest.mark.parametrize("changed", [{"input": (3,)}, {"classes": 5}])
def test_sizes_say_all(changed: dict[str, Any]) -> None:
    with refuses(UsageError, "sizes-say-all", "'3-4-2' says itself", "Change those"):
        described("3-4-2", **changed)


def test_a_file_may_be_called_like_sizes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("3-4-2").write_text('name = "mine"\ninput = "1x4x4"\nlayers = ["relu"]\n')
    assert described("3-4-2").network.name == "mine"


@pytest.mark.parametrize("name", ["3-", "-3-4", "3--4", "3", "3-4-2.5", "3-4-x"])
def test_what_is_no_list_of_sizes(name: str) -> None:
    with refuses(UsageError, "network-unknown", repr(name)):
        described(name)


def test_a_layer_by_its_name() -> None:
    assert layer_named(lenet5(), "conv2") == "conv2"
    assert layer_named(lenet5(), "input", ["input"]) == "input"
    with refuses(UsageError, "layer-unknown", "'cnov2'", "Did you mean conv2"):
        layer_named(lenet5(), "cnov2")
