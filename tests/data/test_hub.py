"""Data sets of Hugging Face's `datasets` are loaded as they are in memory."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirada.data.hub import is_hub_dataset
from mirada.data.sources import load
from mirada.errors import DataError
from tests.data.packing import png
from tests.data.pictures import picture
from tests.refusal import refuses


@pytest.fixture(scope="module")
def hub() -> Any:
    """The package, told to stay off the network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
        reason = "datasets (mirada[datasets]) is not installed"
        yield pytest.importorskip("datasets", reason=reason, exc_type=ImportError)


def dataset(hub: Any, count: int, **columns: list[Any]) -> Any:
    """A data set of drawn images with labels 0, 1, 0..."""
    features = {
        "image": hub.Image(),
        "label": hub.ClassLabel(names=["dog", "cat"]),
        **{name: hub.Value("string") for name in columns},
    }
    rows = {
        "image": [{"bytes": png(n), "path": None} for n in range(count)],
        "label": [n % 2 for n in range(count)],
        **columns,
    }
    return hub.Dataset.from_dict(rows, features=hub.Features(features))


def test_a_dataset_gives_its_images_and_names(hub: Any) -> None:
    data = load(dataset(hub, 4))
    assert data.classes == ("cat", "dog") and data.labels.tolist() == [1, 0, 1, 0]
    assert np.array_equal(data.images[3], np.asarray(picture(3)))
    assert data.given is None and data.groups is None


def test_splits_are_kept(hub: Any) -> None:
    parts = {
        "test": dataset(hub, 1),
        "train": dataset(hub, 3),
        "validation": dataset(hub, 2),
    }
    data = load(hub.DatasetDict(parts))
    assert data.given is not None and data.given.tolist() == [0, 0, 0, 1, 1, 2]
    assert data.names[3] == "validation/0"


def test_columns_say_part_and_group(hub: Any) -> None:
    columns = {"split": ["train", "test", "x"], "group": ["ann", "bob", "ann"]}
    data = load(dataset(hub, 3, **columns))
    assert data.groups == ("ann", "bob")
    assert data.given is not None and data.given.tolist() == [0, 2]
    assert [skip.reason.code for skip in data.skipped] == ["row-unusable"]


def test_images_may_be_files(hub: Any, tmp_path: Path) -> None:
    picture(7).save(tmp_path / "7.png")
    rows = {"image": [str(tmp_path / "7.png")], "label": ["seven"]}
    table = hub.Dataset.from_dict(rows).cast_column("image", hub.Image())
    data = load(table)
    assert np.array_equal(data.images[0], np.asarray(picture(7)))
    assert data.classes == ("seven",)


def test_rows_without_a_label_are_left_out(hub: Any) -> None:
    table = dataset(hub, 2)
    features = table.features
    rows = {"image": table.data.column("image").to_pylist(), "label": [None, 1]}
    data = load(hub.Dataset.from_dict(rows, features=features))
    assert len(data) == 1 and "has no label" in str(data.skipped[0].reason)


def _streamed(table: Any) -> Any:
    return table.to_iterable_dataset()


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (_streamed, "hub-kind", "without streaming=True"),
        (
            lambda table: table.remove_columns("label"),
            "columns-missing",
            "label|labels",
        ),
    ],
)
def test_what_cannot_be_loaded_is_refused(
    hub: Any, change: Callable[[Any], Any], code: str, words: str
) -> None:
    with refuses(DataError, code, words):
        load(change(dataset(hub, 2)))


def test_other_splits_are_refused(hub: Any) -> None:
    parts = {"train": dataset(hub, 1), "extra": dataset(hub, 1)}
    with refuses(
        DataError, "hub-split", "splits 'train', 'extra'", "leave out 'extra'"
    ):
        load(hub.DatasetDict(parts))


def test_other_objects_are_not_hub_datasets() -> None:
    assert not is_hub_dataset("digits") and not is_hub_dataset(Path("a"))
