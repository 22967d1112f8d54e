"""The pictures and the page of a run: written, whole, in the language in use."""

import errno
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mirada.data import Augmentation, Dataset
from mirada.errors import Phrase, StorageError
from mirada.language import use_language
from mirada.network import Flatten, Linear, Network
from mirada.tasks.pictures import origin_text, settings, write_pictures
from mirada.training import Origin, Outcome, Plan, RunFolder, Wishes, resolve, train
from mirada.training.disk import Disk
from tests.refusal import refuses
from tests.training.example import engine, plan

Ended = tuple[Plan, Outcome]
NAMES = ("curves.svg", "confusion.svg", "report.html")


@pytest.fixture
def ended(tmp_path: Path) -> Iterator[Ended]:
    """A small training, done."""
    wishes = Wishes(epochs=2, batch_size=32, threads=1, engine="reference", seed=4)
    chosen = plan(wishes=wishes)
    with RunFolder.new(tmp_path / "the run") as folder:
        yield chosen, train(chosen, engine(chosen), folder)


def test_three_files_are_written(ended: Ended) -> None:
    chosen, outcome = ended
    report = write_pictures(chosen, outcome, 12.5)
    assert report == outcome.folder / "report.html"
    for name in NAMES[:2]:
        root = ET.fromstring((outcome.folder / name).read_text("utf-8"))
        assert root.tag.endswith("svg")
    page = report.read_text("utf-8")
    for words in ("the run", "12.5 s", "small", "few: 210 to train", "given", "<svg"):
        assert words in page
    assert not list(outcome.folder.glob("*.part"))


def test_the_page_is_spanish_where_spanish_is_spoken(ended: Ended) -> None:
    chosen, outcome = ended
    use_language("es")
    page = write_pictures(chosen, outcome, 80).read_text("utf-8")
    for words in ("exactitud de prueba", "1 min 20 s", "210 para entrenar", "indicado"):
        assert words in page
    assert "to train" not in page


def test_names_are_text_in_the_page(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, 4, 4, 1), np.uint8)
    classes = ("<script>alert(1)</script>", "b & c")
    data = Dataset.of(images, [n % 2 for n in range(40)], classes, name="<b>data</b>")
    network = Network("flat", (1, 4, 4), (Flatten(), Linear(2)))
    wishes = Wishes(epochs=1, threads=1, engine="reference")
    chosen = resolve(data, network, wishes)
    with RunFolder.new(tmp_path / "run") as folder:
        outcome = train(chosen, engine(chosen), folder)
    page = write_pictures(chosen, outcome, 1).read_text("utf-8")
    assert "<script>alert" not in page and "<b>data" not in page
    assert "&lt;script&gt;" in page
    ET.fromstring((tmp_path / "run" / "confusion.svg").read_text("utf-8"))


def test_without_a_held_out_part_there_is_no_confusion(tmp_path: Path) -> None:
    wishes = Wishes(epochs=1, threads=1, engine="reference", test=0.0, validation=0.0)
    chosen = plan(wishes=wishes)
    with RunFolder.new(tmp_path / "run") as folder:
        outcome = train(chosen, engine(chosen), folder)
    page = write_pictures(chosen, outcome, 1).read_text("utf-8")
    assert {path.name for path in (tmp_path / "run").glob("*.svg")} == {"curves.svg"}
    assert "training accuracy" in page and "validation accuracy" not in page


def test_a_disk_that_refuses(ended: Ended, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Disk, "write", refuse)
    with refuses(StorageError, "cannot-write", "curves.svg", "No space left"):
        write_pictures(*ended, 1)
    assert not (ended[1].folder / "curves.svg").exists()


def test_every_value_is_told_with_its_origin() -> None:
    rows = {row.name: row for row in settings(plan().configuration)}
    assert (rows["epochs"].value, rows["epochs"].origin) == ("3", "given")
    assert rows["augmentation"].value == "shift 1"
    assert rows["augmentation"].origin.startswith("automatic: Shift by up to 1 pix")
    assert (rows["learning rate"].value, rows["learning rate"].origin) == ("0.05", "")
    assert not {"longest gradient", "average of weights"} & set(rows)
    wishes = Wishes(gradient_clip=0.5, ema=0.99)
    rows = {row.name: row for row in settings(plan(wishes=wishes).configuration)}
    assert (rows["longest gradient"].value, rows["average of weights"].value) == (
        *("0.5", "0.99"),
    )
    wishes = Wishes(learning_rate=0.01, patience=0, augment=False)
    rows = {row.name: row for row in settings(plan(wishes=wishes).configuration)}
    assert (rows["learning rate"].value, rows["learning rate"].origin) == (
        *("0.01", "given"),
    )
    assert rows["early stopping"].value == rows["augmentation"].value == "none"
    crop = plan(augmentation=Augmentation(crop=2, flip=True)).configuration
    found = {row.name: row.value for row in settings(crop)}
    assert found["augmentation"] == "crop 2, flip"


def test_origins_in_words() -> None:
    assert origin_text(None) == ""
    assert origin_text(Origin("description")) == "from the description"
    reason = Phrase("There was {what}.", what="one")
    assert origin_text(Origin("automatic", reason)) == "automatic: There was one."
    assert origin_text(Origin("of a later version")) == "of a later version"
