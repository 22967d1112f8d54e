"""The preview of augmentation: what training will do to the first images."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirada.data import load
from mirada.data.augment_text import WORDS
from mirada.errors import ConfigurationError, DataError, MiradaError
from mirada.lab.lab import Lab
from mirada.tasks.prepare import AUTOMATIC, Order, prepare
from mirada.tasks.preview import Preview
from mirada.training import Wishes
from tests.cli.stage import photos
from tests.lab.asking import ask
from tests.lab.test_data import tiles


def seen(lab: Lab, source: str = "digits", **values: Any) -> Any:
    """What the page is shown."""
    network = values.pop("network", "")
    options = {name: value for name, value in values.items() if value != "auto"}
    asked = {"source": source, "network": network, "options": options}
    return ask(lab, "POST", "/api/data/preview", **asked)


@pytest.mark.parametrize("augment", ["auto", "none", "flip, rotate 10", "mixup 0.4"])
def test_the_page_shows_what_the_command_draws(tmp_path: Path, augment: str) -> None:
    found = seen(Lab(tmp_path), augment=augment)
    wished = None if augment == "auto" else augment
    wanted = Preview(prepare(Order(AUTOMATIC, "digits", None, Wishes(augment=wished))))
    assert {name: found[name] for name in wanted.to_dict()} == wanted.to_dict()
    rows = wanted.rows()
    assert [row["captions"] for row in found["rows"]] == [
        [tile.caption for tile in row.tiles] for row in rows
    ]
    shown = tiles(found)
    images = [tile.image for row in rows for tile in row.tiles]
    assert len(images) == 8 * 6
    for image, tile in zip(images, shown, strict=True):
        larger = image.repeat(12, axis=0).repeat(12, axis=1)
        assert np.array_equal(tile[..., :3], larger.repeat(3, axis=2))


def test_what_is_automatic_says_why(tmp_path: Path) -> None:
    found = seen(Lab(tmp_path), augment="auto")
    assert (found["augmentation"], found["origin"]) == ("shift 1", "automatic")
    assert "small grey images" in found["reason"]
    assert seen(Lab(tmp_path), augment="shift 1")["origin"] == "given"


def test_mixed_images_say_with_what(tmp_path: Path) -> None:
    found = seen(Lab(tmp_path), augment="mixup 1")
    captions = [caption for row in found["rows"] for caption in row["captions"]]
    assert any(caption.startswith("+") for caption in captions)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("flop", "augmentation-word"),
        ("crop", "augmentation-numbers"),
        ("flip, flip", "augmentation-twice"),
        ("crop 9999", "augmentation-field"),
        (",", "augmentation-word"),
    ],
)
def test_a_wrong_text_is_refused_before_anything_is_read(
    tmp_path: Path, text: str, code: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        seen(Lab(tmp_path), source="no such folder", augment=text)
    assert refused.value.code == code


def test_what_does_not_fit_the_images_is_refused(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    with pytest.raises(MiradaError):
        seen(lab, augment="crop 60")
    assert seen(lab, augment="crop 1")["augmentation"] == "crop 1"


def test_size_seed_and_division_are_taken(tmp_path: Path) -> None:
    photos(tmp_path / "photos", {"dark": 10, "light": 10})
    lab = Lab(tmp_path)
    found = seen(lab, "photos", size=24)
    assert found["input"] == [3, 24, 24]
    assert any("24" in note for note in found["notes"]) or found["notes"]
    assert seen(lab, "photos", size=24, seed=5)["samples"] != found["samples"]
    whole = load(tmp_path / "photos", cache=False)
    assert set(seen(lab, "photos", test=0.5)["samples"]) < set(whole.names)


def test_images_are_read_once_and_again_when_they_changed(tmp_path: Path) -> None:
    photos(tmp_path / "photos", {"dark": 10, "light": 10})
    lab = Lab(tmp_path)
    before = seen(lab, "photos", augment="none")
    shutil.rmtree(tmp_path / "photos")
    assert seen(lab, "photos", augment="none") == before
    with pytest.raises(DataError):
        list(ask(lab, "POST", "/api/data/scan", source="photos", anew=True).source)
    with pytest.raises(DataError, match="does not exist"):
        seen(lab, "photos", augment="none")
    lab.close()


def test_every_word_is_offered_with_numbers_that_suit(tmp_path: Path) -> None:
    words = ask(Lab(tmp_path), "GET", "/api/data/augmentations")["words"]
    assert [piece.split()[0] for piece in words] == list(WORDS)
    for piece in words:
        seen(Lab(tmp_path), augment=piece, size=32)


def test_a_network_that_is_given_says_the_size(tmp_path: Path) -> None:
    photos(tmp_path / "photos", {"dark": 10, "light": 10})
    lab = Lab(tmp_path)
    network = 'name = "own"\ninput = [1, 20, 20]\nlayers = ["flatten", "linear 2"]\n'
    found = seen(lab, "photos", network=network, size=24)
    assert (found["is_own"], found["network"]) == (True, "own")
    assert found["input"] == [1, 20, 20]
    # One that training refuses: for other classes, or no network at all.
    for other in (network.replace("linear 2", "linear 7"), "layers = nothing"):
        found = seen(lab, "photos", network=other, size=24)
        assert (found["is_own"], found["input"]) == (False, [3, 24, 24])
