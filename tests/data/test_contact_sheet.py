"""Some images of each class on one sheet, whatever the source is."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mirada.data import contact_sheet as sheets
from mirada.data.contact_sheet import contact_sheet
from mirada.data.report import report_on
from tests.data.copied import saved
from tests.data.pictures import idx_set


def pixels(content: bytes) -> np.ndarray:
    """A PNG as colours."""
    return np.asarray(Image.open(BytesIO(content)).convert("RGB"))


def flags(root: Path, counts: dict[str, int]) -> dict[str, tuple[int, int, int]]:
    """Images of one colour a class."""
    colours = {}
    for place, (label, count) in enumerate(counts.items()):
        colours[label] = (200 - 30 * place, 40 * place + 10, 77)
        for number in range(count):
            image = Image.new("RGB", (30 + number, 30 + number), colours[label])
            saved(image, root / label / f"{number:02}.png")
    return colours


def areas(seen: np.ndarray, colours: dict[str, tuple[int, int, int]]) -> dict[str, int]:
    """How many tiles of 96x96 each colour fills."""
    counted = {n: int((seen == c).all(axis=2).sum()) for n, c in colours.items()}
    return {name: count // 96**2 for name, count in counted.items()}


def test_up_to_eight_of_each_class(tmp_path: Path) -> None:
    colours = flags(tmp_path, {"<b>x": 3, "ñandú": 12, "猫": 8})
    seen = pixels(contact_sheet(report_on(tmp_path)))
    assert areas(seen, colours) == {"<b>x": 3, "ñandú": 8, "猫": 8}


def test_of_many_classes_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    colours = flags(tmp_path, {"a": 2, "b": 2, "c": 2})
    monkeypatch.setattr(sheets, "MOST_CLASSES", 2)
    seen = pixels(contact_sheet(report_on(tmp_path)))
    assert areas(seen, colours) == {"a": 2, "b": 2, "c": 0}


def test_a_file_that_has_gone_meanwhile_is_left_out(tmp_path: Path) -> None:
    colours = flags(tmp_path, {"a": 4, "b": 4})
    report = report_on(tmp_path)
    (tmp_path / "a" / "01.png").unlink()
    assert areas(pixels(contact_sheet(report)), colours) == {"a": 3, "b": 4}


def test_arrays_are_shown_as_they_are(tmp_path: Path) -> None:
    seen = pixels(contact_sheet(report_on(idx_set(tmp_path / "idx"))))
    assert seen.shape[0] > 2 * 96


def test_a_source_without_images(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.png").write_bytes(b"none")
    assert pixels(contact_sheet(report_on(tmp_path))).size
