"""From the words of a command line to a plan."""

from pathlib import Path

import pytest

from mirada.data import Augmentation
from mirada.errors import ConfigurationError, ShapeError
from mirada.network import Recipe
from mirada.tasks.prepare import AUTOMATIC, Order, going_on, prepare
from mirada.training import Wishes
from tests.cli.stage import photos
from tests.refusal import refuses
from tests.training.example import plan

NET = 'name = "net"\ninput = "1x6x5"\nlayers = ["flatten", "linear 10"]\n'


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that a test names are made in a folder of its own."""
    monkeypatch.chdir(tmp_path)


def test_a_network_that_fits_the_images() -> None:
    found = prepare(Order(AUTOMATIC, "digits")).configuration
    assert found.network.input == (1, 8, 8)
    assert found.origins["network"].kind == "automatic"
    assert prepare(Order(AUTOMATIC, "digits", 20)).data.size == (20, 20)


def test_a_known_network_gets_the_images_as_they_are_where_it_can() -> None:
    assert prepare(Order("digits", "digits")).configuration.network.input == (1, 8, 8)


def test_a_known_network_gets_images_of_its_own_size_where_it_must(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = prepare(Order("lenet5", "digits"))
    assert found.configuration.network.input == (1, 28, 28)
    assert found.data.size == (28, 28)
    words = "The images of 1x8x8 are read at 1x28x28, as lenet5 needs.\n"
    assert capsys.readouterr().err == words


def test_a_size_that_was_asked_for_is_not_changed() -> None:
    with refuses(ShapeError, "window-too-large", "'conv2'"):
        prepare(Order("lenet5", "digits", 8))


def test_a_description_says_the_size_of_the_images() -> None:
    Path("net.toml").write_text(NET)
    assert prepare(Order("net.toml", "digits")).data.size == (6, 5)
    assert prepare(Order("net.toml", "digits", 4)).data.size == (4, 4)


def test_a_description_of_something_else_than_images() -> None:
    Path("net.toml").write_text(NET.replace("1x6x5", "30"))
    with refuses(ConfigurationError, "input-not-images", "a vector of 30 numbers"):
        prepare(Order("net.toml", "digits"))


def test_what_is_asked_for_goes_before_the_description() -> None:
    Path("net.toml").write_text(f"{NET}\n[recipe]\nepochs = 9\nbatch_size = 8\n")
    order = Order("net.toml", "digits", wishes=Wishes(epochs=2))
    recipe = prepare(order).configuration.recipe
    assert (recipe.epochs, recipe.batch_size) == (2, 8)


def test_uneven_classes_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    photos(Path("photos"), {"common": 20, "rare": 4})
    prepare(Order(AUTOMATIC, "photos"))
    told = capsys.readouterr().err
    assert "The classes are uneven: 20 images of common, 4 of rare." in told
    photos(Path("even"), {"a": 8, "b": 4})
    prepare(Order(AUTOMATIC, "even"))
    assert "uneven" not in capsys.readouterr().err


def test_going_on_keeps_what_the_run_was_made_of() -> None:
    stored = plan(wishes=Wishes(epochs=3, seed=7, augment=False, patience=4))
    order = going_on(
        Order(AUTOMATIC, "", wishes=Wishes(threads=2)),
        stored.configuration,
        Path("run"),
    )
    assert (order.source, order.described) == ("few", stored.configuration.network)
    asked = order.wishes
    assert (asked.recipe, asked.augment, asked.patience, asked.threads) == (
        *(stored.configuration.recipe, Augmentation()),
        *(4, 2),
    )
    assert isinstance(asked.recipe, Recipe)
    renamed = going_on(Order("lenet5", "digits"), stored.configuration, Path("run"))
    assert (renamed.source, renamed.described) == ("digits", None)
