"""The race of input pipelines: both sides do the same work, and the sums are right."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks import input_pipeline
from benchmarks.input_pipeline import (
    AGAIN,
    OURS,
    copy_photos,
    make_photos,
    run,
    table,
)
from benchmarks.pipeline.work import AREA, ASPECT, MEAN, STD, Asked, epochs
from tests.data.pictures import image_folder


def one(*seconds: float) -> dict[str, Any]:
    return {"seconds": list(seconds), "images": 100}


def test_the_ratios_are_against_the_best_number_of_workers() -> None:
    found = {
        OURS: [one(1.0, 0.1, 0.1), one(2.0, 0.1, 0.2)],
        AGAIN: [one(0.25, 0.1), one(0.25, 0.1)],
        "pytorch, 0 workers": [one(4.0, 4.0, 4.0), one(4.0, 4.0, 4.0)],
        "pytorch, 2 workers": [one(2.5, 2.0, 2.0), one(2.5, 2.0, 2.0)],
    }
    figures = table(found)
    assert figures["images"] == 100 and figures["again"] == 400.0
    assert figures["cold"][OURS] == 75.0 and figures["cached"][OURS] == 1000.0
    assert figures["cold_ratio"] == 75 / 40 and figures["cached_ratio"] == 1000 / 50


def test_the_first_epoch_counts_from_the_beginning() -> None:
    asked = Asked("", 2, 2, 0)
    batch = np.zeros((3, 3, 2, 2), np.float32), np.zeros(3)
    seconds, images = epochs(0.0, asked, lambda number: [batch, batch])
    assert images == 6 and seconds[0] > seconds[1] >= 0
    with pytest.raises(AssertionError):
        epochs(0.0, asked, lambda number: [(batch[0][..., :1], batch[1])])


def test_our_side_runs_and_finds_its_cache_again(tmp_path: Path) -> None:
    folder = str(image_folder(tmp_path / "photos", {"a": 40, "b": 30}))
    said = run("ours", folder, 16, 2, str(tmp_path / "cache"))
    assert said["images"] == 70 and len(said["seconds"]) == 3


def test_pytorchs_side_does_what_torchvision_does(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytorch = pytest.importorskip("benchmarks.pipeline.pytorch")
    folder = image_folder(tmp_path, {"a": 1, "b": 2}, size=(40, 30))
    photos = pytorch.Photos(str(folder), 8)
    assert len(photos) == 3
    torch.manual_seed(0)
    pixels, label = photos[2]
    assert label == 1 and pixels.shape == (3, 8, 8) and pixels.dtype == torch.float32
    low, high = (-max(m / s for m, s in zip(MEAN, STD, strict=True)), 3.0)
    assert low - 0.1 <= pixels.min() <= pixels.max() <= high
    random.seed(0)
    for _ in range(200):
        left, top, right, bottom = pytorch._box(40, 30)
        assert 0 <= left < right <= 40 and 0 <= top < bottom <= 30
        share = (right - left) * (bottom - top) / 1200
        assert AREA[0] - 0.05 <= share <= 1
        aspect = (right - left) / (bottom - top)
        assert ASPECT[0] * 0.8 <= aspect <= ASPECT[1] * 1.25


def test_made_photos_are_photos_in_two_classes(tmp_path: Path) -> None:
    make_photos(tmp_path, 3)
    found = sorted(
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.jpg")
    )
    assert found == ["even/00000.jpg", "even/00002.jpg", "odd/00001.jpg"]
    with Image.open(tmp_path / found[0]) as image:
        assert image.size == (1600, 1200) and image.format == "JPEG"
        assert np.asarray(image).std() > 20


def test_copies_are_files_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(input_pipeline, "SETTLED_SECONDS", 0.0)
    source = image_folder(tmp_path / "photos", {"a": 2, "b": 1})
    copy_photos(source, tmp_path / "many", 3)
    found = sorted((tmp_path / "many").glob("*/*"))
    assert len(found) == 9 and len({file.parent.name for file in found}) == 2
    for file in source.glob("*/*"):
        copies = sorted((tmp_path / "many" / file.parent.name).glob(f"*-{file.name}"))
        assert [copy.read_bytes() for copy in copies] == [file.read_bytes()] * 3
