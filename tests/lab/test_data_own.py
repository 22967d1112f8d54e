"""Requests about images of one's own: what is kept was decoded, the rest is refused."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mirada.data import load
from mirada.errors import DataError, MiradaError
from mirada.lab.lab import Lab
from tests.data.hostile_images import attacks, wild
from tests.lab.asking import ask, heard
from tests.lab.test_data import tiles
from tests.refusal import refuses
from tests.shared import shared_data

FORMATS = {"PNG": ".png", "JPEG": ".jpg", "GIF": ".gif", "BMP": ".bmp", "WEBP": ".webp"}


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    found = Lab(tmp_path)
    ask(found, "POST", "/api/data/own", name="mine")
    for label in ("cat", "dog"):
        ask(found, "POST", "/api/data/own", set="mine", name=label)
    yield found
    found.close()


def encoded(form: str = "PNG", side: int = 20, seed: int = 0) -> bytes:
    """An image file of noise."""
    pixels = np.random.default_rng(seed).integers(0, 255, (side, side, 3), np.uint8)
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, form)
    return stream.getvalue()


def put(lab: Lab, content: bytes, label: str = "cat", name: str = "x.png") -> Any:
    """What the lab answers to an image."""
    place = {"set": "mine", "class": label, "name": name}
    return ask(lab, "PUT", "/api/data/own/image", content=content, **place)


def own(lab: Lab) -> Any:
    """The collection as the page is told of it."""
    return ask(lab, "GET", "/api/data/own", set="mine")


def test_images_go_into_a_class_and_nowhere_else(lab: Lab, tmp_path: Path) -> None:
    with refuses(DataError, "own-class-unsaid"):
        put(lab, encoded(), label="")
    with refuses(DataError, "own-class-unsaid"):
        ask(lab, "POST", "/api/data/own/tiles", set="mine", names=["000.png"])
    assert sorted(p.name for p in (tmp_path / "images/mine").iterdir()) == [
        "cat",
        "dog",
    ]


def test_two_tabs_that_change_one_collection(lab: Lab) -> None:
    """Whatever the order, each is answered or refused, and what is left is whole."""

    def change(number: int) -> None:
        place = {"set": "mine", "class": "cat"}
        with suppress(DataError):
            if number % 3:
                put(lab, encoded())
            else:
                undo = ask(lab, "POST", "/api/data/own/remove", **place)["undo"]
                ask(lab, "GET", "/api/data")
                ask(lab, "POST", "/api/data/own/undo", undo=undo)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(change, range(48)))
    (cat, _) = own(lab)["classes"]
    assert cat["name"] == "cat" and 0 < len(cat["images"]) <= 32


@pytest.mark.parametrize("form", FORMATS)
def test_an_image_is_kept_as_it_came(lab: Lab, tmp_path: Path, form: str) -> None:
    content = encoded(form)
    found = put(lab, content, name="photo.exe")
    assert found == {"image": "000" + FORMATS[form], "height": 20, "width": 20}
    kept = tmp_path / "images/mine/cat" / found["image"]
    assert kept.read_bytes() == content
    assert own(lab)["classes"][0]["images"] == [found["image"]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7 hello", "image-unknown-format"),
        (b"", "file-empty"),
        (b"\x89PNG\r\n\x1a\nhello", "image-broken"),
        (encoded("JPEG")[:200], "image-broken"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image-unknown-format"),
    ],
)
def test_what_is_no_image_is_refused_by_its_name_and_not_kept(
    lab: Lab, tmp_path: Path, content: bytes, code: str
) -> None:
    with pytest.raises(DataError) as refused:
        put(lab, content, name="<b>page</b>.pdf")
    assert refused.value.code == code
    assert "'<b>page</b>.pdf'" in str(refused.value)
    assert not list((tmp_path / "images/mine/cat").iterdir())


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "GIF"])
def test_hostile_images_are_kept_whole_or_refused(
    lab: Lab, tmp_path: Path, form: str
) -> None:
    kept = 0
    some = chain(list(attacks(form))[::9], wild(form))
    for _, content in islice(some, 16):
        try:
            put(lab, content)
            kept += 1
        except DataError:
            continue
    assert len(list((tmp_path / "images/mine/cat").iterdir())) == kept


def test_tricky_images_come_in_as_a_scan_would_take_them(lab: Lab) -> None:
    folder = shared_data("tricky-images")
    kept, refused = 0, 0
    for path in sorted(folder.glob("p*/*"))[::6]:
        try:
            put(lab, path.read_bytes(), name=path.name)
            kept += 1
        except DataError as error:
            assert path.name in str(error)
            refused += 1
    assert kept > 20 and refused
    ask(lab, "POST", "/api/data/own/remove", set="mine", **{"class": "dog"})
    source = str(lab.workplace.images / "mine")
    assert heard(lab, "/api/data/scan", source=source)[-1][1]["used"] == kept


def test_images_of_classes_that_are_gone_are_refused(lab: Lab) -> None:
    with pytest.raises(DataError) as refused:
        put(lab, encoded(), label="../dog")
    assert refused.value.code == "own-class-missing"


def test_the_small_images_are_those_of_the_class(lab: Lab) -> None:
    names = [put(lab, encoded(side=64, seed=n))["image"] for n in range(3)]
    wanted = [names[2], "nothing", "../dog/x", names[0]]
    place = {"set": "mine", "class": "cat", "names": wanted, "side": 64}
    answer = ask(lab, "POST", "/api/data/own/tiles", **place)
    assert answer["missing"] == [1, 2]
    for shown, seed in zip((0, 3), (2, 0), strict=True):
        pixels = np.asarray(Image.open(BytesIO(encoded(side=64, seed=seed))))
        assert np.array_equal(tiles(answer)[shown][..., :3], pixels)


def test_the_collection_is_a_source_like_any_other(lab: Lab, tmp_path: Path) -> None:
    for number in range(12):
        put(lab, encoded(seed=number), label="cat")
        put(lab, encoded(seed=100 + number), label="dog")
    path = own(lab)["path"]
    assert path == str(tmp_path / "images/mine")
    data = load(path, cache=False)
    assert data.classes == ("cat", "dog") and data.counts().tolist() == [12, 12]
    assert heard(lab, "/api/data/scan", source=path)[-1][1]["used"] == 24
    (listed,) = ask(lab, "GET", "/api/data")["sets"]
    assert listed == {"name": "mine", "path": path, "classes": 2, "images": 24}


def test_advice_is_given_while_there_are_few_images(lab: Lab) -> None:
    assert "Fewer than 10 images: 'cat', 'dog'." in own(lab)["advice"][0]
    for number in range(12):
        put(lab, encoded(seed=number))
    put(lab, encoded(), label="dog")
    few, uneven = own(lab)["advice"]
    assert "Fewer than 10 images: 'dog'." in few
    assert "one has 12 images, another 1" in uneven
    for number in range(11):
        put(lab, encoded(seed=number), label="dog")
    assert own(lab)["advice"] == []
    ask(lab, "POST", "/api/data/own/remove", set="mine", **{"class": "dog"})
    assert own(lab)["advice"] == ["To tell apart, at least two classes are needed."]


def test_what_is_removed_is_undone(lab: Lab) -> None:
    put(lab, encoded())
    before = own(lab)
    for place in ({"class": "cat", "image": "000.png"}, {"class": "cat"}, {}):
        removed = ask(lab, "POST", "/api/data/own/remove", set="mine", **place)
        assert ask(lab, "POST", "/api/data/own/undo", **removed) == before
    removed = ask(lab, "POST", "/api/data/own/remove", set="mine", **{"class": "cat"})
    assert ask(lab, "POST", "/api/data/own/empty-trash") == {"deleted": 1}
    with pytest.raises(DataError):
        ask(lab, "POST", "/api/data/own/undo", **removed)


def test_names_are_told_as_they_became(lab: Lab) -> None:
    added = ask(lab, "POST", "/api/data/own", set="mine", name="../<b>")
    assert added["added"] == "-<b>"
    place = {"set": "mine", "class": "-<b>", "to": "a/b"}
    assert ask(lab, "POST", "/api/data/own/rename", **place)["named"] == "a-b"
    renamed = ask(lab, "POST", "/api/data/own/rename", set="mine", to="ours")
    assert renamed["named"] == renamed["name"] == "ours"


@pytest.mark.parametrize("value", [None, 3, ["a"], {"a": 1}, "x" * 5000])
def test_names_must_be_texts(lab: Lab, value: object) -> None:
    for path in ("/api/data/own", "/api/data/own/rename", "/api/data/own/remove"):
        with pytest.raises(MiradaError):
            ask(lab, "POST", path, set=value, name=value, to=value)
