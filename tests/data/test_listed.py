"""A folder of images makes a dataset; what cannot be used is listed."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mirada.data.limits import Limits
from mirada.data.sources import load
from mirada.errors import DataError, MemoryLimitError
from tests.data.pictures import image_folder, picture
from tests.refusal import refuses
from tests.shared import shared_data


def test_images_labels_and_names(tmp_path: Path) -> None:
    data = load(image_folder(tmp_path, {"dog": 3, "cat": 2}))
    assert data.classes == ("cat", "dog") and data.labels.tolist() == [0, 0, 1, 1, 1]
    assert data.names[1] == "cat/001.png" and data.given is None
    assert np.array_equal(data.images[1], np.asarray(picture(1)))
    assert [str(note) for note in data.notes] == [
        "Image size 10x12: all images have it.",
        "Colour (3 channels): there are images stored in colour.",
    ]


def test_broken_files_are_listed_and_the_rest_is_used(tmp_path: Path) -> None:
    image_folder(tmp_path, {"cat": 3, "dog": 2})
    content = (tmp_path / "cat" / "001.png").read_bytes()
    (tmp_path / "cat" / "001.png").write_bytes(content[:200])
    (tmp_path / "dog" / "notes.txt").write_text("no image")
    (tmp_path / "stray.png").touch()
    (tmp_path / "dog" / "nothing.png").touch()
    data = load(tmp_path)
    assert data.names == ("cat/000.png", "cat/002.png", "dog/000.png", "dog/001.png")
    assert np.array_equal(data.images[1], np.asarray(picture(2)))
    assert [(skip.name, skip.reason.code) for skip in data.skipped] == [
        ("cat/001.png", "image-broken"),
        ("dog/notes.txt", "image-unknown-format"),
        ("dog/nothing.png", "file-empty"),
        ("stray.png", "file-without-class"),
    ]


def test_any_number_of_threads_gives_the_same(tmp_path: Path) -> None:
    image_folder(tmp_path, {"cat": 40, "dog": 40})
    (tmp_path / "cat" / "007.png").write_bytes(b"broken")
    prints = {load(tmp_path, threads=n).fingerprint for n in (1, 2, 7, None)}
    assert len(prints) == 1


def test_parts_of_the_folder_are_kept(tmp_path: Path) -> None:
    image_folder(tmp_path / "train", {"cat": 3, "dog": 2})
    image_folder(tmp_path / "val", {"cat": 1, "dog": 1})
    image_folder(tmp_path / "test", {"cat": 1})
    data = load(tmp_path)
    assert data.given is not None
    assert data.given.tolist() == [2, 0, 0, 0, 0, 0, 1, 1]  # test, train, val by name
    assert data.labels.tolist() == [0, 0, 0, 0, 1, 1, 0, 1]


def test_a_training_part_alone_is_divided_as_if_there_were_none(tmp_path: Path) -> None:
    image_folder(tmp_path / "train", {"cat": 1, "dog": 1})
    data = load(tmp_path)
    assert data.given is None and data.classes == ("cat", "dog")


def test_images_of_many_sizes_become_one(tmp_path: Path) -> None:
    for number, size in enumerate([(300, 200), (70, 80), (66, 500)]):
        for label in ("cat", "dog"):
            (tmp_path / label).mkdir(exist_ok=True)
            picture(number, size).convert("L").save(tmp_path / label / f"{number}.png")
    data = load(tmp_path)
    assert data.images.shape == (6, 64, 64, 1)
    assert "64x64: the largest of 32, 64 not above 70" in str(data.notes[0])
    assert str(data.notes[1]) == "Grey (1 channel): no image is stored in colour."
    assert load(tmp_path, size=20, channels=3).images.shape == (6, 20, 20, 3)


def test_a_folder_without_images_says_what_it_holds(tmp_path: Path) -> None:
    with refuses(
        DataError, "no-images", "holds no images", "left out: 0", "It is empty."
    ):
        load(tmp_path)
    (tmp_path / "cat").mkdir()
    with refuses(DataError, "no-images", "'cat' holds no files"):
        load(tmp_path)
    (tmp_path / "cat" / "notes.txt").write_text("no image")
    with refuses(DataError, "no-images", "left out: 1", "notes.txt' is not an image"):
        load(tmp_path)


def test_images_without_class_folders_are_told_how_to_lie(tmp_path: Path) -> None:
    picture(1).save(tmp_path / "a.png")
    picture(2).save(tmp_path / "b.png")
    words = ("holds 2 files but no class folders", "one subfolder a class")
    with refuses(DataError, "no-class-folders", *words):
        load(tmp_path)


def test_a_class_of_broken_files_alone_is_refused(tmp_path: Path) -> None:
    image_folder(tmp_path, {"cat": 2, "dog": 2})
    for path in (tmp_path / "dog").iterdir():
        path.write_bytes(b"broken")
    words = ("None of the 2 files of class 'dog'", "000.png' is not an image")
    with refuses(DataError, "class-without-images", *words):
        load(tmp_path)


def test_memory_is_asked_for_before_anything_is_decoded(tmp_path: Path) -> None:
    image_folder(tmp_path, {"cat": 2, "dog": 2})
    with refuses(MemoryLimitError, "dataset-memory", "4 images of 1000x1000", "12 MB"):
        load(tmp_path, size=1000, limits=Limits(dataset_bytes=10**7))


def test_a_bomb_among_images_costs_one_image(tmp_path: Path) -> None:
    image_folder(tmp_path, {"cat": 2, "dog": 2})
    Image.new("1", (9000, 9000)).save(tmp_path / "cat" / "bomb.png")
    data = load(tmp_path)
    assert len(data) == 4 and data.size == (10, 12)
    assert [skip.reason.code for skip in data.skipped] == ["image-unusable"]


def test_names_of_any_bytes_are_used_and_shown(tmp_path: Path) -> None:
    image_folder(tmp_path, {"cat": 1, "<script>": 1})
    for name in (
        b"\xff\xfe.png",
        b"a\nb.png",
        b"\xe2\x80\xae.png",
        b"y" * 251 + b".png",
    ):
        picture(3).save(tmp_path / "cat" / os.fsdecode(name), "PNG")
    data = load(tmp_path)
    assert data.classes == ("<script>", "cat") and not data.skipped
    assert all(name.isprintable() for name in data.names)
    assert "cat/\\xff\\xfe.png" in data.names and len(set(data.names)) == 6


@pytest.mark.parametrize("threads", [1, 3])
def test_every_tricky_file_is_used_or_listed(threads: int, tmp_path: Path) -> None:
    source = shared_data("tricky-images")
    for label in ("pillow", "pngsuite", "derived"):
        (tmp_path / label).mkdir()
        for path in (source / label).iterdir():
            (tmp_path / label / path.name).write_bytes(path.read_bytes())
    found = sum(len(files) for _, _, files in os.walk(tmp_path))
    data = load(tmp_path, threads=threads)
    assert len(data) + len(data.skipped) == found
    assert data.size == (32, 32) and len(data.skipped) > 30


def test_flowers_are_read_whole() -> None:
    data = load(shared_data("flowers"), size=32)
    assert data.counts().tolist() == [120] * 5 and not data.skipped
    assert data.classes == ("daisy", "dandelion", "roses", "sunflowers", "tulips")
